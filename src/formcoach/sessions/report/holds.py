"""What the report says of the holds: each one by leg and set, and the sum of each leg."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.pose.landmarks import Side
from formcoach.sessions.record import count_holds
from formcoach.sessions.wording import mostly_checked

if TYPE_CHECKING:
    from formcoach.sessions.record import SessionRecord, SetRecord
    from formcoach.stretch.phases import Hold


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold.

    Attributes
    ----------
    leg : Side or None
        The raised leg.
    set_number : int or None
        Which set of the leg; None outside of sets.
    start_s, end_s : float
        From when to when, seconds.
    counted_s, good_s : float
        Seconds that the clock ran; of these, in good form.
    """

    leg: Side | None
    set_number: int | None
    start_s: float
    end_s: float
    counted_s: float
    good_s: float

    @property
    def other_s(self) -> float:
        """Seconds that counted, but not in good form: with a warning, in doubt, or not all of it seen."""
        return max(self.counted_s - self.good_s, 0.0)

    @property
    def paused_s(self) -> float:
        """Seconds in which the clock stood still."""
        return max(self.end_s - self.start_s - self.counted_s, 0.0)


@dataclass(frozen=True, slots=True)
class LegTotal:
    """The sum of a leg's holds.

    Attributes
    ----------
    leg : Side or None
        Which leg.
    holds : int
        How many; a pause does not end one.
    counted_s, good_s : float
        Seconds.
    good_share : float
        Part of the counted time that was in good form, 0 to 1; NaN when nothing counted.
    """

    leg: Side | None
    holds: int
    counted_s: float
    good_s: float
    good_share: float


@dataclass(frozen=True, slots=True)
class HoldsView:
    """The section on holds.

    Attributes
    ----------
    rows : tuple of HoldRow
        In order of time.
    totals : tuple of LegTotal
        Left, right, unknown; without those that held nothing.
    target_s : float
        How long a hold is meant to be.
    scale_s : float
        The longest of target and holds: the whole width of a bar.
    has_sets : bool
        Whether any hold belongs to a set.
    form_known : bool
        Whether enough was checked to speak of good form.
    """

    rows: tuple[HoldRow, ...]
    totals: tuple[LegTotal, ...]
    target_s: float
    scale_s: float
    has_sets: bool
    form_known: bool


def view_holds(record: SessionRecord) -> HoldsView:
    """Return all holds, and sets in which nothing was held."""
    rows = [_row(hold, next((one for one in record.sets if one.includes(hold)), None)) for hold in record.holds]
    held = {(row.leg, row.set_number) for row in rows}
    rows += [
        HoldRow(one.leg, one.number, one.start_s, one.end_s, one.counted_s, one.good_s)
        for one in record.sets
        if (one.leg, one.number) not in held
    ]
    rows.sort(key=lambda row: row.start_s)
    target_s = record.profile.hold.target_s.value
    return HoldsView(
        rows=tuple(rows),
        totals=total_legs(record),
        target_s=target_s,
        scale_s=max([target_s, *(row.end_s - row.start_s for row in rows)]),
        has_sets=bool(record.sets),
        form_known=mostly_checked(record),
    )


def total_legs(record: SessionRecord) -> tuple[LegTotal, ...]:
    """Return the sum of each leg that held anything: left, right, unknown."""
    totals = []
    for leg in (*Side, None):
        own = [hold for hold in record.holds if hold.leg is leg]
        counted_s, good_s = sum(hold.counted_s for hold in own), sum(hold.good_s for hold in own)
        if own:
            share = good_s / counted_s if counted_s > 0.0 else math.nan
            totals.append(LegTotal(leg, count_holds(own, record.sets), counted_s, good_s, share))
    return tuple(totals)


def _row(hold: Hold, one: SetRecord | None) -> HoldRow:
    number = None if one is None else one.number
    return HoldRow(hold.leg, number, hold.start_s, hold.end_s, hold.counted_s, hold.good_s)
