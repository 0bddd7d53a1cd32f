"""A camera by its number."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.errors import SourceError
from formcoach.video.frame import Frame, IncreasingClock, SourceBase, SourceInfo, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# So many reads in a row may fail, or so long nothing may come, before the camera counts as gone: one read of a dead
# camera can take ten seconds.
MAXIMUM_FAILED_READS = 30
MAXIMUM_SILENCE_S = 5.0
# What a camera is asked for; it answers with what it has. Over USB 2 most give 30 pictures of this size a second only
# as JPEG. With a buffer of a single picture V4L2 has nowhere to put the next one while this one is read, and the rate
# halves; with its four, pictures grow old [D].
WANTED_FORMAT = "MJPG"
WANTED_SIZE = (1280, 720)
WANTED_FPS = 30.0
WANTED_BUFFERS = 2


class CameraSource(SourceBase):
    """A camera, stamped by the monotonic clock at the moment each frame was handed over.

    Parameters
    ----------
    number
        The camera's number, 0 for the first one.
    capture
        An opened capture device to use instead (for tests and unusual cameras).
    clock
        Returns seconds; monotonic.

    Raises
    ------
    SourceError
        When there is no such camera or another program uses it.
    """

    def __init__(
        self, number: int, capture: cv2.VideoCapture | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if number < 0:
            raise SourceError(f"There is no camera {number}: the first one is 0.")  # OpenCV crashes at a negative one
        self._capture = _open_camera(number) if capture is None else capture
        self._clock = clock
        if not self._capture.isOpened():
            raise SourceError(
                f"Camera {number} cannot be opened: check that it is plugged in, that no other program uses it and"
                " that you may use it, or try another number."
            )
        width = int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        fps = float(self._capture.get(cv2.CAP_PROP_FPS)) or None
        super().__init__(SourceInfo(f"camera {number}", SourceKind.CAMERA, width, height, fps=fps))

    def __iter__(self) -> Iterator[Frame]:
        stamps = IncreasingClock(1.0 / (self.info.fps or 30.0))
        index = failed = 0
        waiting_since_s = time.monotonic()
        while failed < MAXIMUM_FAILED_READS:
            read, image = self._capture.read()
            if read:
                self._skipped_frames += failed
                failed = 0
                yield Frame(index, stamps.stamp(self._clock()), image.astype(np.uint8, copy=False))
                index += 1
                waiting_since_s = time.monotonic()
                continue
            failed += 1
            if time.monotonic() - waiting_since_s > MAXIMUM_SILENCE_S:
                return

    def close(self) -> None:
        """Release the device; may be called twice."""
        self._capture.release()


def _open_camera(number: int) -> cv2.VideoCapture:
    # OpenCV writes its own complaint to the terminal when a number has no camera; ours is the one to read.
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        capture = cv2.VideoCapture(number)
        if capture.isOpened():
            negotiate(capture)
            if not capture.isOpened():  # some drivers let go of a camera that was asked for too much
                capture = cv2.VideoCapture(number)
        return capture
    finally:
        cv2.utils.logging.setLogLevel(level)


def negotiate(capture: cv2.VideoCapture) -> None:
    """Ask an opened camera for what a coach needs; what it cannot do it answers with what it has.

    Parameters
    ----------
    capture
        It may be closed afterwards, when its driver did not bear the question.
    """
    # The format first: the sizes and rates that there are depend on it.
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*WANTED_FORMAT))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, WANTED_SIZE[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, WANTED_SIZE[1])
    capture.set(cv2.CAP_PROP_FPS, WANTED_FPS)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, WANTED_BUFFERS)
