"""All angles of a session over time, and what can be said of them in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Readings
from formcoach.sessions.record import AngleSummary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.sessions.moments import WorstMoment


UNKNOWN = np.iinfo(np.int32).min
_LARGEST = np.iinfo(np.int32).max
_PARTS = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class AngleSeries:
    """Readings of all frames.

    Attributes
    ----------
    time_s : ndarray, shape (n,)
        Seconds.
    readings : Readings, shape (n, 13)
        All angles.
    judged : ndarray of bool, shape (n,)
        Whether the frame belongs to a hold.
    moments : tuple of WorstMoment
        The worst moments of flags, in order of time, with their poses.
    """

    time_s: NDArray[np.float64]
    readings: Readings
    judged: NDArray[np.bool_]
    moments: tuple[WorstMoment, ...] = ()

    def summaries(self) -> tuple[AngleSummary, ...]:
        """Return every angle over the held frames; over all frames when nothing was held."""
        rows = self.judged if self.judged.any() else np.ones(len(self.judged), dtype=np.bool_)
        return tuple(_summary(angle, self.readings, rows) for angle in Angle)


def to_thousandths(degrees: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return angles in thousandths of a degree, as exact as ``angles.csv``; NaN becomes `UNKNOWN`."""
    known = np.isfinite(degrees)
    thousandths = np.clip(np.rint(np.where(known, degrees, 0.0) * _PARTS), -_LARGEST, _LARGEST)
    return np.where(known, thousandths, UNKNOWN).astype(np.int32)


def from_thousandths(thousandths: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return what `to_thousandths` was given, as exact as that is."""
    return np.where(thousandths == UNKNOWN, np.nan, thousandths / _PARTS)


def _summary(angle: Angle, readings: Readings, rows: NDArray[np.bool_]) -> AngleSummary:
    values = readings.value_deg[rows, angle.column]
    known = values[np.isfinite(values)]
    if known.size == 0:
        nan = float("nan")
        return AngleSummary(angle, 0.0, nan, nan, nan, nan)
    low, middle, high = (float(one) for one in np.percentile(known, [5, 50, 95]))
    sigma = float(np.nanmedian(readings.sigma_deg[rows, angle.column]))
    return AngleSummary(angle, known.size / values.size, middle, low, high, sigma)
