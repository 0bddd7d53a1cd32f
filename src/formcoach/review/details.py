"""What the page of one session shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.coach.session.types import SymptomPlace
from formcoach.sessions.store.trends import is_form_checked
from formcoach.sessions.wording import PLACES
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from formcoach.pose.landmarks import Side
    from formcoach.sessions.store.outline import SessionOutline
    from formcoach.stretch.profile import FlagRule

CHOICES = tuple((place.value, PLACES[place].capitalize()) for place in SymptomPlace)
"""Where something can have been felt: value and words."""


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold; `good_share` is NaN where form was not checked."""

    leg: Side | None
    set_number: int
    start_s: float
    end_s: float
    counted_s: float
    good_s: float
    good_share: float


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag in a session.

    Attributes
    ----------
    label : str
        As the profile calls it.
    worst : Severity
        The worst that it got.
    times : int
        How often it was raised; periods that follow each other are one.
    total_s : float
        Seconds, all together.
    cue : str
        What to do about it.
    """

    label: str
    worst: Severity
    times: int
    total_s: float
    cue: str


@dataclass(frozen=True, slots=True)
class DetailsView:
    """A session in short.

    Attributes
    ----------
    holds, flags : tuples
        In order of time; the longest of the worst first.
    unchecked : tuple of (str, str)
        Flag, and why it was not checked for half of the stretch or more.
    form_checked : bool
        Whether enough was checked to speak of good form.
    remarks : tuple of str
        Sentences of the record.
    """

    holds: tuple[HoldLine, ...]
    flags: tuple[FlagLine, ...]
    unchecked: tuple[tuple[str, str], ...]
    form_checked: bool
    remarks: tuple[str, ...]


def view_details(session: SessionOutline) -> DetailsView:
    """Make the view of a session."""
    record = session.session.record or {}
    checked = is_form_checked(record.get("not_checked"), record.get("exercise", {}).get("flags"))
    return DetailsView(
        holds=tuple(
            HoldLine(
                one.hold.leg,
                one.set_number,
                one.hold.start_s,
                one.hold.end_s,
                one.hold.counted_s,
                one.hold.good_s if checked else math.nan,
                one.hold.good_s / one.hold.counted_s if checked and one.hold.counted_s > 0.0 else math.nan,
            )
            for one in session.session.holds
        ),
        flags=view_flag_lines(session),
        unchecked=session.unchecked,
        form_checked=checked,
        remarks=tuple(str(one) for one in record.get("notes", ())),
    )


def view_flag_lines(session: SessionOutline) -> tuple[FlagLine, ...]:
    """Return a line for each flag that was raised, the worst first, then the longest."""
    rules = {rule.name: rule for rule in session.profile.flags}
    lines = [_flag(session, name, rules.get(name)) for name in dict.fromkeys(one.flag for one in session.session.flags)]
    return tuple(sorted(lines, key=lambda one: (-int(one.worst), -one.total_s)))


def _flag(session: SessionOutline, name: str, rule: FlagRule | None) -> FlagLine:
    own = sorted((one for one in session.session.flags if one.flag == name), key=lambda one: one.start_s)
    times, until_s = 0, -math.inf
    for one in own:
        times += one.start_s > until_s
        until_s = max(until_s, one.end_s)
    return FlagLine(
        label=name if rule is None else rule.label,
        worst=max((one.severity for one in own), default=Severity.WARN),
        times=times,
        total_s=math.fsum(one.end_s - one.start_s for one in own),
        cue="" if rule is None else rule.cue,
    )
