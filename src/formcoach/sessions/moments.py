"""Keeps the pose of the worst moment of each flag period, in bounded memory."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.pose import FIELD_SHAPES, Pose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.angles import Angle, Readings
    from formcoach.coach import CoachStep
    from formcoach.pose.landmarks import Side
    from formcoach.stretch.profile import FlagRule, Profile
    from formcoach.stretch.types import FlagState, Severity

# A flag is raised after its dwell time, and its worst moment may lie in that: so far back frames are remembered [D].
HISTORY_S = 4.0
# Of each flag and leg, the worst periods' moments are kept [D]; a report shows fewer.
KEPT_EACH = 3


@dataclass(frozen=True, slots=True, eq=False)
class WorstMoment:
    """The worst frame of a flag period.

    Attributes
    ----------
    flag : str
        Name in the profile.
    severity : Severity
        The worst of the period.
    time_s : float
        When, seconds.
    leg : Side or None
        The raised leg.
    facing : float
        +1 towards the right edge of the picture, -1 towards the left one; NaN unknown.
    angle : Angle
        What the flag rests on.
    value_deg, sigma_deg : float
        The angle, and one standard deviation of its error, degrees.
    pose : Pose
        Of one frame.
    """

    flag: str
    severity: Severity
    time_s: float
    leg: Side | None
    facing: float
    angle: Angle
    value_deg: float
    sigma_deg: float
    pose: Pose


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A frame that may turn out to be the worst."""

    time_s: float
    leg: Side | None
    facing: float
    readings: Readings
    pose: Pose


class MomentKeeper:
    """Follows all flags and keeps, of each flag and leg, the `KEPT_EACH` worst periods' worst frames."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._recent: deque[_Seen] = deque()
        self._open: dict[str, WorstMoment] = {}
        self._kept: dict[tuple[str, Side | None], list[WorstMoment]] = {}

    def add(self, step: CoachStep) -> None:
        """Take one frame."""
        if not step.assessment.phase.is_judged:
            self._close_all()
            self._recent.clear()
            return
        seen = _Seen(step.time_s, step.leg.leg, step.facing, step.readings, step.pose)
        self._recent.append(seen)
        while self._recent[0].time_s < step.time_s - HISTORY_S:
            self._recent.popleft()
        for state in step.assessment.flags:
            self._follow(state, seen)

    def moments(self) -> tuple[WorstMoment, ...]:
        """Return everything kept so far, in order of time."""
        found = [one for kept in self._kept.values() for one in kept]
        return tuple(sorted([*found, *self._open.values()], key=lambda one: one.time_s))

    def _follow(self, state: FlagState, seen: _Seen) -> None:
        if not state.severity.is_raised:
            self._close(state.name)
            return
        rule = self._profile.flag(state.name)
        worst = self._open.get(state.name)
        if worst is None:
            since_s = state.since_s if np.isfinite(state.since_s) else seen.time_s
            candidates: Iterator[_Seen] = (one for one in self._recent if one.time_s >= since_s)
        else:
            candidates = iter((seen,))
        for candidate in candidates:
            worst = _worse(worst, candidate, rule, state.severity)
        if worst is not None:
            self._open[state.name] = worst

    def _close_all(self) -> None:
        for name in list(self._open):
            self._close(name)

    def _close(self, name: str) -> None:
        worst = self._open.pop(name, None)
        if worst is None:
            return
        kept = self._kept.setdefault((name, worst.leg), [])
        kept.append(worst)
        sign = self._profile.flag(name).sign
        kept.sort(key=lambda one: (-int(one.severity), -sign * one.value_deg))
        del kept[KEPT_EACH:]


def _worse(worst: WorstMoment | None, seen: _Seen, rule: FlagRule, severity: Severity) -> WorstMoment | None:
    """Return the worse of what is kept and a frame; the severity only ever rises within a period."""
    reading = seen.readings.reading(rule.angle)
    beyond = reading.is_known and (worst is None or rule.sign * reading.value_deg > rule.sign * worst.value_deg)
    if worst is not None and not beyond:
        if severity > worst.severity:
            return replace(worst, severity=severity)
        return worst
    if not reading.is_known or not bool(seen.pose.found):
        return worst
    return WorstMoment(
        flag=rule.name,
        severity=severity if worst is None else max(severity, worst.severity),
        time_s=seen.time_s,
        leg=seen.leg,
        facing=seen.facing,
        angle=rule.angle,
        value_deg=reading.value_deg,
        sigma_deg=reading.sigma_deg,
        pose=_copied(seen.pose),
    )


def _copied(pose: Pose) -> Pose:
    """Return a pose of its own: one that is part of a chunk of frames would keep all of them in memory."""
    return Pose(*(np.array(getattr(pose, name)) for name in FIELD_SHAPES))
