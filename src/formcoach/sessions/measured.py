"""Everything that was measured in a session, frame by frame: what is kept of it for its report and for exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.landmarks import Side
from formcoach.sessions.series import AngleSeries, SeriesCollector
from formcoach.stretch.types import Phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.stretch import Profile

PHASES = tuple(Phase)
SIDES = tuple(Side)
NO_LEG = -1


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Frames in order, with what was measured in each.

    Attributes
    ----------
    index : ndarray of int64, shape (n,)
        Of each frame in the source.
    phase : ndarray of int8, shape (n,)
        Positions in `PHASES`.
    leg : ndarray of int8, shape (n,)
        Positions in `SIDES`; `NO_LEG` before the leg is known.
    series : AngleSeries
        Times, angles, and the worst moments.
    """

    index: NDArray[np.int64]
    phase: NDArray[np.int8]
    leg: NDArray[np.int8]
    series: AngleSeries

    def __len__(self) -> int:
        return len(self.index)

    def phase_of(self, row: int) -> Phase:
        """Return where in the exercise a frame is."""
        return PHASES[int(self.phase[row])]

    def leg_of(self, row: int) -> Side | None:
        """Return the leg of a frame; None before it is known."""
        code = int(self.leg[row])
        return None if code == NO_LEG else SIDES[code]


class MeasuredCollector:
    """Collects a session frame by frame, in compact arrays.

    Parameters
    ----------
    profile
        The exercise.
    """

    def __init__(self, profile: Profile) -> None:
        self._series = SeriesCollector(profile)
        self._index: list[int] = []
        self._phase: list[int] = []
        self._leg: list[int] = []

    def add(self, index: int, step: CoachStep) -> None:
        """Take one frame; `index` is its number in the source."""
        self._index.append(index)
        self._phase.append(PHASES.index(step.assessment.phase))
        self._leg.append(NO_LEG if step.leg.leg is None else SIDES.index(step.leg.leg))
        self._series.add(step)

    def measured(self) -> Measured:
        """Return everything collected so far."""
        return Measured(
            np.array(self._index, dtype=np.int64),
            np.array(self._phase, dtype=np.int8),
            np.array(self._leg, dtype=np.int8),
            self._series.series(),
        )
