"""How the person stands to the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.types import View
from formcoach.pose.landmarks import Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

# evidence.md §3.4: ankle and back fail on the unsafe side beyond about 20° from pure side.
SIDE_WITHIN_DEG = 22.0
# Below this a leg across is seen as such; beyond it a leg that is only turned reads as one that crosses. The fits of
# the front view saw people within 15°, and the azimuth is read to about 5° there (benchmarks/accuracy.py).
FRONT_WITHIN_DEG = 20.0


def classify_view(azimuth_deg: float) -> View:
    """Name the view for an azimuth in degrees; ``View.UNKNOWN`` for NaN."""
    if not np.isfinite(azimuth_deg):
        return View.UNKNOWN
    turned = abs(azimuth_deg)
    if abs(turned - 90.0) <= SIDE_WITHIN_DEG:
        return View.SIDE
    if turned <= FRONT_WITHIN_DEG:
        return View.FRONT
    return View.OBLIQUE if turned < 90.0 else View.BACK


def is_far_leg(leg: Side, azimuth_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell whether a leg is the one farther from the camera, for azimuths of shape (...); False for NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray((azimuth_deg < 0.0) if leg is Side.LEFT else (azimuth_deg > 0.0))


def mean_azimuth_deg(azimuth_deg: NDArray[np.float64]) -> float:
    """Return the circular mean of azimuths, shape (n,), without NaN; NaN when there is none."""
    finite = np.radians(azimuth_deg[np.isfinite(azimuth_deg)])
    if finite.size == 0:
        return float("nan")
    return float(np.degrees(np.arctan2(np.sin(finite).mean(), np.cos(finite).mean())))
