"""A rectangle of the picture in which one person is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels: from `left`, `top` up to but without `right`, `bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Middle, in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @classmethod
    def around(cls, points: NDArray[np.floating]) -> Self:
        """Return the smallest region that holds points of shape (n, 2); NaN points are passed over."""
        low, high = np.fmin.reduce(points, axis=0), np.fmax.reduce(points, axis=0)
        return cls(int(np.floor(low[0])), int(np.floor(low[1])), int(np.ceil(high[0])) + 1, int(np.ceil(high[1])) + 1)

    def union(self, other: Region) -> Region:
        """Return the smallest region that holds both."""
        return Region(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, share: float) -> Region:
        """Return the region with each side moved out by a share of the longer side."""
        margin = round(share * max(self.width, self.height))
        return Region(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def clipped(self, width: int, height: int) -> Region:
        """Return the part of the region that lies in a picture of that size; empty where none of it does."""
        left, right = (min(max(x, 0), width) for x in (self.left, self.right))
        top, bottom = (min(max(y, 0), height) for y in (self.top, self.bottom))
        return Region(left, top, right, bottom)

    @property
    def area(self) -> int:
        """Area in square pixels."""
        return self.width * self.height

    def overlap(self, other: Region) -> float:
        """Return the area that both share over the area that either covers, 0 to 1."""
        shared = self._shared_area(other)
        return shared / (self.area + other.area - shared)

    def most_overlap(self, others: Iterable[Region]) -> float:
        """Return the largest overlap with any of several regions; 0 without any."""
        return max((self.overlap(one) for one in others), default=0.0)

    def inside_share(self, other: Region) -> float:
        """Return the area that both share over that of the smaller one, 0 to 1."""
        return self._shared_area(other) / min(self.area, other.area)

    def _shared_area(self, other: Region) -> int:
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(width, 0) * max(height, 0)
