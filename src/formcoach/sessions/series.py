"""All angles of a session over time, and what can be said of them in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Readings
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
        self._time_s: list[float] = []
        self._value: list[NDArray[np.float32]] = []
        self._sigma: list[NDArray[np.float32]] = []
        self._status: list[NDArray[np.int8]] = []
        self._judged: list[bool] = []

    def add(self, step: CoachStep) -> None:
        """Take one frame."""
        self._time_s.append(step.time_s)
        self._value.append(step.readings.value_deg.astype(np.float32))
        self._sigma.append(step.readings.sigma_deg.astype(np.float32))
        self._status.append(step.readings.status)
        phase = step.assessment.phase
        self._judged.append(phase.is_judged)
        self._moments.add(step)

    def series(self) -> AngleSeries:
        """Return everything collected so far."""
        if not self._time_s:
            return AngleSeries(np.empty(0), Readings.unknown((0,)), np.empty(0, dtype=np.bool_))
        readings = Readings(
            np.stack(self._value).astype(np.float64), np.stack(self._sigma).astype(np.float64), np.stack(self._status)
        )
        return AngleSeries(np.array(self._time_s), readings, np.array(self._judged), self._moments.moments())


def _summary(angle: Angle, readings: Readings, rows: NDArray[np.bool_]) -> AngleSummary:
    values = readings.value_deg[rows, angle.column]
    known = values[np.isfinite(values)]
    if known.size == 0:
        nan = float("nan")
        return AngleSummary(angle, 0.0, nan, nan, nan, nan)
    low, middle, high = (float(one) for one in np.percentile(known, [5, 50, 95]))
    sigma = float(np.nanmedian(readings.sigma_deg[rows, angle.column]))
    return AngleSummary(angle, known.size / values.size, middle, low, high, sigma)
