"""Pictures of a camera as JPEG files, in the order in which they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

QUALITY = 90


class Reel:
    """Pictures at a constant rate, encoded ahead so that showing them costs nothing.

    Parameters
    ----------
    pictures
        Each (height, width, 3), blue first, all of one size.
    fps
        So many a second.
    """

    def __init__(self, pictures: Iterable[np.ndarray], fps: float) -> None:
        self.fps = fps
        self._files: list[bytes] = []
        self.size = (0, 0)
        for picture in pictures:
            self.size = (picture.shape[1], picture.shape[0])
            self._files.append(encode(picture))
        self._resized: dict[tuple[int, tuple[int, int]], bytes] = {}

    @classmethod
    def of_clip(cls, path: Path, start_s: float = 0.0, end_s: float = float("inf")) -> Self:
        """Read a clip of constant frame rate, or the part of it from one time to another."""
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            frames = (frame for frame in container.decode(stream) if start_s <= frame.time <= end_s)
            return cls((frame.to_ndarray(format="bgr24") for frame in frames), float(stream.average_rate))

    @property
    def duration_s(self) -> float:
        """Time of the last picture, the first being at 0."""
        return (len(self._files) - 1) / self.fps

    def index(self, position_s: float) -> int:
        """Return which picture is shown at a position."""
        return int(np.clip(round(position_s * self.fps), 0, len(self._files) - 1))

    def file(self, index: int, size: tuple[int, int] | None = None) -> bytes:
        """Return a picture as a JPEG file, in its own size or another."""
        if size is None or size == self.size:
            return self._files[index]
        if (index, size) not in self._resized:
            picture = cv2.imdecode(np.frombuffer(self._files[index], np.uint8), cv2.IMREAD_COLOR)
            self._resized[index, size] = encode(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        return self._resized[index, size]


def encode(picture: np.ndarray) -> bytes:
    """Return a picture as a JPEG file."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
