"""H.264 video that plays in a browser."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Self

import av
import av.error
import numpy as np
from av.video.frame import PictureType

from formcoach.errors import OutputError
from formcoach.video.remux import make_seekable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

# Fine enough for any camera, and the tick that MPEG containers use.
TICKS_PER_SECOND = 90_000
# Constant rate factor of x264: 18 looks lossless, 23 is its default; text stays crisp at 20.
CONSTANT_RATE_FACTOR = 20
# So much of a crash-safe video is lost when its writer is killed [D].
FRAGMENT_S = 1.0
_WHOLE = {"movflags": "+faststart"}
# Each fragment begins with a picture of its own and describes itself; it is on the disk when the next one begins.
_FRAGMENTS = {"movflags": "+frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class VideoWriter:
    """Writes frames with their own time stamps into an MP4 file (H.264, 4:2:0).

    Parameters
    ----------
    path
        The file to write.
    size
        Width and height in pixels of the images to come; an odd side is extended by one row or column,
        because 4:2:0 needs even sides.
    fps
        Nominal frames per second; only players that ignore time stamps use it.
    crash_safe
        Whether all but the last second can be played when the program is killed. It costs some space, because the
        encoder cannot look ahead, and a copy of the file at the end.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: float, *, crash_safe: bool = False) -> None:
        width, height = size
        self._path = path
        self._odd = (height % 2, width % 2)
        self._last_tick = -1
        self._crash_safe = crash_safe
        self._fragment_tick = 0
        try:
            path.touch()  # PyAV opens the file with the first frame; a folder that is not there is to be told now
            self._container = av.open(str(path), "w", options=_FRAGMENTS if crash_safe else _WHOLE)
        except (av.error.FFmpegError, OSError) as error:
            raise OutputError(f"'{path.name}' cannot be written: {error.strerror}.") from error
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self._stream.width, self._stream.height = width + width % 2, height + height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(CONSTANT_RATE_FACTOR), "preset": "veryfast"}
        if crash_safe:
            self._stream.options |= {"tune": "zerolatency"}
        self._stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append a frame.

        Parameters
        ----------
        image
            Shape (height, width, 3), blue, green, red.
        time_s
            Seconds; a stamp that does not lie after the one before is moved by one tick. The first picture stands from
            0 on: players differ in what they make of a video that begins later.
        """
        if any(self._odd):
            image = np.pad(image, ((0, self._odd[0]), (0, self._odd[1]), (0, 0)), mode="edge")
        tick = max(round(time_s * TICKS_PER_SECOND), self._last_tick + 1)
        if self._last_tick < 0 < tick:
            self._encode(image, 0)
        self._encode(image, tick)
        self._last_tick = tick

    def _encode(self, image: NDArray[np.uint8], tick: int) -> None:
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = tick
        frame.time_base = Fraction(1, TICKS_PER_SECOND)
        if self._crash_safe and tick - self._fragment_tick >= FRAGMENT_S * TICKS_PER_SECOND:
            frame.pict_type = PictureType.I
            self._fragment_tick = tick
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what is left and close the file."""
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        if self._crash_safe:
            make_seekable(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
