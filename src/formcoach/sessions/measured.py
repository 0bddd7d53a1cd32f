"""Everything that was measured in a session, frame by frame: what is kept of it for its report and for exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from formcoach.angles import Readings
from formcoach.angles.types import N_ANGLES
from formcoach.pose.landmarks import Side
from formcoach.sessions.moments import MomentKeeper
from formcoach.sessions.series import AngleSeries, from_thousandths, to_thousandths
from formcoach.sessions.spool import RowSpool
from formcoach.stretch.types import Phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.stretch import Profile

PHASES = tuple(Phase)
SIDES = tuple(Side)
NO_LEG = -1
_IS_JUDGED = np.array([phase.is_judged for phase in PHASES])
_ROW = np.dtype(
    [
        ("index", np.int64),
        ("time_s", np.float64),
        ("phase", np.int8),
        ("leg", np.int8),
        ("value", np.int32, (N_ANGLES,)),
        ("sigma", np.int32, (N_ANGLES,)),
        ("status", np.int8, (N_ANGLES,)),
    ]
)


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

    @classmethod
    def nothing(cls) -> Self:
        """Return what is known where no frame is."""
        series = AngleSeries(np.empty(0), Readings.unknown((0,)), np.empty(0, dtype=np.bool_))
        return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8), np.empty(0, dtype=np.int8), series)

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
    """Collects a session frame by frame, outside memory: a live one lasts as long as it likes.

    Angles are kept in thousandths of a degree, as ``angles.csv`` writes them: what is made of them anew is the same.

    Parameters
    ----------
    profile
        The exercise.
    """

    def __init__(self, profile: Profile) -> None:
        self._spool = RowSpool(_ROW)
        self._moments = MomentKeeper(profile)

    def add(self, index: int, step: CoachStep) -> None:
        """Take one frame; `index` is its number in the source.

        Raises
        ------
        OSError
            When the system's folder for temporary files is full.
        """
        self._spool.append(
            index=index,
            time_s=step.time_s,
            phase=PHASES.index(step.assessment.phase),
            leg=NO_LEG if step.leg.leg is None else SIDES.index(step.leg.leg),
            value=to_thousandths(step.readings.value_deg),
            sigma=to_thousandths(step.readings.sigma_deg),
            status=step.readings.status,
        )
        self._moments.add(step)

    def measured(self) -> Measured:
        """Return everything collected so far; also after `close`."""
        rows = self._spool.rows()
        readings = Readings(from_thousandths(rows["value"]), from_thousandths(rows["sigma"]), rows["status"].copy())
        phase = rows["phase"].copy()
        series = AngleSeries(rows["time_s"].copy(), readings, _IS_JUDGED[phase], self._moments.moments())
        return Measured(rows["index"].copy(), phase, rows["leg"].copy(), series)

    def close(self) -> None:
        """Release what is open; may be called twice."""
        self._spool.close()
