"""What the report says of each flag: how long, how much, when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.sessions.wording import peak_deg, worst_flags
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import FlagPeriod
    from formcoach.stretch.profile import FlagRule

# More periods than this are folded away [D].
SHOWN_PERIODS = 6


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag that was raised.

    Attributes
    ----------
    rule : FlagRule
        From the profile.
    worst : Severity
        The most urgent one.
    seconds : tuple of (Severity, float)
        How long at each severity, the most urgent first.
    peak_deg : float
        The worst angle, degrees.
    periods : tuple of FlagPeriod
        In order of time.
    """

    rule: FlagRule
    worst: Severity
    seconds: tuple[tuple[Severity, float], ...]
    peak_deg: float
    periods: tuple[FlagPeriod, ...]

    @property
    def total_s(self) -> float:
        """Seconds at any severity."""
        return sum(seconds for _, seconds in self.seconds)

    @property
    def shown(self) -> tuple[FlagPeriod, ...]:
        """The periods that are shown at once."""
        return self.periods[:SHOWN_PERIODS]

    @property
    def folded(self) -> tuple[FlagPeriod, ...]:
        """The rest of them."""
        return self.periods[SHOWN_PERIODS:]


def view_flags(record: SessionRecord) -> tuple[FlagRow, ...]:
    """Return every flag that was raised, the worst first."""
    return tuple(_row(record, name) for name in worst_flags(record))


def _row(record: SessionRecord, name: str) -> FlagRow:
    periods = tuple(sorted((one for one in record.flags if one.flag == name), key=lambda one: one.start_s))
    lasting = {
        severity: sum(one.end_s - one.start_s for one in periods if one.severity is severity)
        for severity in sorted(Severity, reverse=True)
        if any(one.severity is severity for one in periods)
    }
    return FlagRow(record.profile.flag(name), max(lasting), tuple(lasting.items()), peak_deg(record, name), periods)
