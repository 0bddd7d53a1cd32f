"""All angles of a session over time, and what can be said of them in numbers."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Readings
from formcoach.angles.types import N_ANGLES
from formcoach.sessions.moments import MomentKeeper
from formcoach.sessions.record import AngleSummary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.sessions.moments import WorstMoment
    from formcoach.stretch import Profile


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


class SeriesCollector:
    """Collects the readings of a session frame by frame, in compact arrays, and the poses of its worst moments.

    Parameters
    ----------
    profile
        The exercise.
    """

    def __init__(self, profile: Profile) -> None:
        self._moments = MomentKeeper(profile)
        # Numbers without an object for each: a live session lasts as long as it likes.
        self._time_s = array("d")
        self._value, self._sigma = array("f"), array("f")
        self._status, self._judged = array("b"), array("b")

    def add(self, step: CoachStep) -> None:
        """Take one frame."""
        self._time_s.append(step.time_s)
        self._value.frombytes(step.readings.value_deg.astype(np.float32).tobytes())
        self._sigma.frombytes(step.readings.sigma_deg.astype(np.float32).tobytes())
        self._status.frombytes(step.readings.status.tobytes())
        phase = step.assessment.phase
        self._judged.append(phase.is_judged)
        self._moments.add(step)

    def series(self) -> AngleSeries:
        """Return everything collected so far."""
        if not self._time_s:
            return AngleSeries(np.empty(0), Readings.unknown((0,)), np.empty(0, dtype=np.bool_))
        value, sigma, status = (np.array(one).reshape(-1, N_ANGLES) for one in (self._value, self._sigma, self._status))
        readings = Readings(value.astype(np.float64), sigma.astype(np.float64), status)
        judged = np.array(self._judged, dtype=np.bool_)
        return AngleSeries(np.array(self._time_s), readings, judged, self._moments.moments())


def _summary(angle: Angle, readings: Readings, rows: NDArray[np.bool_]) -> AngleSummary:
    values = readings.value_deg[rows, angle.column]
    known = values[np.isfinite(values)]
    if known.size == 0:
        nan = float("nan")
        return AngleSummary(angle, 0.0, nan, nan, nan, nan)
    low, middle, high = (float(one) for one in np.percentile(known, [5, 50, 95]))
    sigma = float(np.nanmedian(readings.sigma_deg[rows, angle.column]))
    return AngleSummary(angle, known.size / values.size, middle, low, high, sigma)
