"""Left against right: time in good form and the angles of the holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.landmarks import Side
from formcoach.sessions.report.holds import total_legs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles import Angle
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.report.holds import LegTotal
    from formcoach.sessions.series import AngleSeries

# A difference of angles counts as one beyond this many standard deviations of it: 95 % [D].
SIGMAS = 2.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One angle in the holds of both legs.

    Attributes
    ----------
    angle : Angle
        Which.
    left_deg, right_deg : float
        Medians, degrees; NaN when never known.
    left_sigma_deg, right_sigma_deg : float
        One standard deviation of the error, degrees.
    """

    angle: Angle
    left_deg: float
    right_deg: float
    left_sigma_deg: float
    right_sigma_deg: float

    @property
    def difference_deg(self) -> float:
        """Left minus right, degrees; NaN unless both are known."""
        return self.left_deg - self.right_deg

    @property
    def shown_deg(self) -> float:
        """How far apart the two are as they stand there, in whole degrees: no sum that does not add up."""
        known = math.isfinite(self.difference_deg)
        return float(abs(round(self.left_deg) - round(self.right_deg))) if known else math.nan

    @property
    def is_certain(self) -> bool:
        """Whether the difference is larger than what the measurement could make up."""
        return bool(abs(self.difference_deg) > SIGMAS * math.hypot(self.left_sigma_deg, self.right_sigma_deg))


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """The section on left and right.

    Attributes
    ----------
    left, right : LegTotal
        Sums of the holds.
    angles : tuple of Compared
        Those that a flag rests on and that were known on one side at least.
    """

    left: LegTotal
    right: LegTotal
    angles: tuple[Compared, ...]


def view_comparison(record: SessionRecord, series: AngleSeries) -> ComparisonView | None:
    """Return the comparison; None where not both legs were held."""
    totals = {total.leg: total for total in total_legs(record)}
    if Side.LEFT not in totals or Side.RIGHT not in totals:
        return None
    rows = {leg: _held_rows(record, series, leg) for leg in Side}
    compared = [
        Compared(
            angle,
            _median(series.readings.value_deg, rows[Side.LEFT], angle),
            _median(series.readings.value_deg, rows[Side.RIGHT], angle),
            _median(series.readings.sigma_deg, rows[Side.LEFT], angle),
            _median(series.readings.sigma_deg, rows[Side.RIGHT], angle),
        )
        for angle in dict.fromkeys(rule.angle for rule in record.profile.flags)
    ]
    known = tuple(one for one in compared if not (math.isnan(one.left_deg) and math.isnan(one.right_deg)))
    return ComparisonView(totals[Side.LEFT], totals[Side.RIGHT], known)


def _held_rows(record: SessionRecord, series: AngleSeries, leg: Side) -> NDArray[np.bool_]:
    held = np.zeros(len(series.time_s), dtype=np.bool_)
    for hold in record.holds:
        if hold.leg is leg:
            held |= (series.time_s >= hold.start_s) & (series.time_s <= hold.end_s)
    return held


def _median(values: NDArray[np.float64], rows: NDArray[np.bool_], angle: Angle) -> float:
    own = values[rows, angle.column]
    known = own[np.isfinite(own)]
    return float(np.median(known)) if known.size else math.nan
