"""What the look from the front before a leg's first hold found, as the events of a session tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from formcoach.coach.session.types import EventKind
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from formcoach.coach.session.types import SessionEvent
    from formcoach.pose.landmarks import Side
    from formcoach.stretch import Profile

_SEVERITIES = {severity.label: severity for severity in Severity}


class Told(Protocol):
    """A session that tells what happened in it: its record, or its outline."""

    @property
    def events(self) -> tuple[SessionEvent, ...]:
        """What happened, in order of time."""

    @property
    def profile(self) -> Profile:
        """The exercise."""


@dataclass(frozen=True, slots=True)
class FrontLook:
    """One look from the front.

    Attributes
    ----------
    time_s : float
        When it was over, seconds.
    leg : Side or None
        Which leg was looked at.
    found : tuple of (str, Severity)
        The flags that it is about and how they stood; empty where it was left out.
    left_out : str
        Why it was left out; empty where it was not.
    """

    time_s: float
    leg: Side | None
    found: tuple[tuple[str, Severity], ...]
    left_out: str = ""


def find_front_looks(session: Told) -> tuple[FrontLook, ...]:
    """Return every look from the front, in order of time, with those that were left out."""
    looks = (_read(session, event) for event in session.events if event.kind is EventKind.FRONT_CHECK)
    return tuple(look for look in looks if look.found or look.left_out)


def _read(session: Told, event: SessionEvent) -> FrontLook:
    what, _, why = event.detail.partition(": ")
    if what == "left out":
        return FrontLook(event.time_s, event.leg, (), why)
    known = {rule.name for rule in session.profile.flags}
    parts = (part.partition(": ") for part in event.detail.split(", "))
    found = tuple((name, _SEVERITIES[word]) for name, _, word in parts if name in known and word in _SEVERITIES)
    return FrontLook(event.time_s, event.leg, found)


def find_front_results(session: Told) -> dict[str, tuple[tuple[Side | None, Severity], ...]]:
    """Return for each flag that was judged from the front how the last look at each leg found it."""
    results: dict[str, dict[Side | None, Severity]] = {}
    for look in find_front_looks(session):
        for name, severity in look.found:
            results.setdefault(name, {})[look.leg] = severity
    judged = {
        name: tuple((leg, severity) for leg, severity in legs.items() if severity is not Severity.NOT_CHECKED)
        for name, legs in results.items()
    }
    return {name: legs for name, legs in judged.items() if legs}


def find_front_warnings(session: Told) -> list[str]:
    """Return the flags that the last look at a leg warned of, most urgent first, then in the order of the profile."""
    worst = {name: max(severity for _, severity in legs) for name, legs in find_front_results(session).items()}
    names = [rule.name for rule in session.profile.flags if worst.get(rule.name, Severity.NOT_CHECKED) >= Severity.WARN]
    return sorted(names, key=lambda name: -int(worst[name]))


def describe_front(session: Told, flag: str) -> str | None:
    """Say how a flag was found from the front: "Seen from the front: left leg good"; None where it was not judged."""
    legs = find_front_results(session).get(flag)
    if legs is None:
        return None
    words = (f"{'leg' if leg is None else f'{leg.value} leg'} {severity.label}" for leg, severity in legs)
    return f"Seen from the front before a hold: {', '.join(words)}"
