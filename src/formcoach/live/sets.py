"""Which holds belong to which set of which leg. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from formcoach.coach.session.types import Stage
from formcoach.sessions.record import SetRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.coach.session.types import Direction
    from formcoach.stretch.phases import Hold

# The coach sees a hold end a moment before or after the director does [D].
_TOLERANCE_S = 1.0


class SetLog:
    """Follows the director from set to set."""

    def __init__(self) -> None:
        self._sets: list[SetRecord] = []

    def step(self, time_s: float, direction: Direction) -> None:
        """Take one moment."""
        if direction.stage is not Stage.HOLD:
            return
        last = self._sets[-1] if self._sets else None
        if last is None or (last.leg, last.number) != (direction.leg, direction.set_number):
            self._sets.append(SetRecord(direction.leg, direction.set_number, time_s, time_s, 0.0, 0.0))
        else:
            self._sets[-1] = replace(last, end_s=time_s)

    def records(self, holds: Sequence[Hold]) -> tuple[SetRecord, ...]:
        """Return every set with what the clock counted in it."""
        return tuple(_with_holds(one, [hold for hold in holds if _belongs(hold, one)]) for one in self._sets)


def _belongs(hold: Hold, one: SetRecord) -> bool:
    near = hold.start_s <= one.end_s + _TOLERANCE_S and hold.end_s >= one.start_s - _TOLERANCE_S
    return near and hold.leg in (one.leg, None)


def _with_holds(one: SetRecord, holds: list[Hold]) -> SetRecord:
    return replace(
        one, counted_s=sum(hold.counted_s for hold in holds), good_s=sum(hold.good_s for hold in holds)
    )
