"""A photo as a source of one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.errors import SourceError, printable
from formcoach.video.frame import Frame, SourceBase, SourceInfo, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MINIMUM_SIDE_PX = 64


class PhotoSource(SourceBase):
    """A photo file (JPEG, PNG, WebP, BMP, TIFF); the camera's orientation mark is applied.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SourceError
        When it cannot be decoded or is too small to show a person.
    """

    def __init__(self, path: Path) -> None:
        try:
            image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
        except (cv2.error, OSError, MemoryError) as error:
            raise SourceError(f"'{path}' cannot be read as a photo: save it again as JPEG or PNG.") from error
        if image is None:
            raise SourceError(f"'{path}' cannot be read as a photo: it is damaged; save it again as JPEG or PNG.")
        height, width = image.shape[:2]
        name = printable(path.name)
        check_size(name, width, height)
        super().__init__(SourceInfo(name, SourceKind.PHOTO, width, height, frame_count=1))
        self._image = image.astype(np.uint8, copy=False)

    def __iter__(self) -> Iterator[Frame]:
        yield Frame(0, 0.0, self._image)


def check_size(name: str, width: int, height: int) -> None:
    """Refuse a picture in which no person can be made out.

    Raises
    ------
    SourceError
        When a side is shorter than `MINIMUM_SIDE_PX`.
    """
    if min(width, height) < MINIMUM_SIDE_PX:
        raise SourceError(
            f"'{name}' is only {width}×{height} pixels: use a picture of at least 480×480, so that a person can be"
            " made out."
        )
