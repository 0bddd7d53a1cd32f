"""H.264 video that plays in a browser."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Self

import av
import av.error
import numpy as np

from formcoach.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

# Fine enough for any camera, and the tick that MPEG containers use.
TICKS_PER_SECOND = 90_000
# Constant rate factor of x264: 18 looks lossless, 23 is its default; text stays crisp at 20.
CONSTANT_RATE_FACTOR = 20


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

    Raises
    ------
    OutputError
        When the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        width, height = size
        self._path = path
        self._odd = (height % 2, width % 2)
        self._last_tick = -1
        try:
            path.touch()  # PyAV opens the file with the first frame; a folder that is not there is to be told now
            self._container = av.open(str(path), "w", options={"movflags": "+faststart"})
        except (av.error.FFmpegError, OSError) as error:
            raise OutputError(f"'{path.name}' cannot be written: {error.strerror}.") from error
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self._stream.width, self._stream.height = width + width % 2, height + height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(CONSTANT_RATE_FACTOR), "preset": "veryfast"}
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
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what is left and close the file."""
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
