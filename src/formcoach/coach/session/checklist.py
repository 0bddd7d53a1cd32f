"""The steps of the exercise before the hold: each is looked at, spoken of once where it is not right, and passed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Readings
from formcoach.coach.session.course import Lasting, Part
from formcoach.coach.session.lines import Line
from formcoach.coach.session.standing import is_leg_up
from formcoach.coach.session.types import ChecklistItem, Request, Stage
from formcoach.stretch import Severity
from formcoach.stretch.flags import judge_once

if TYPE_CHECKING:
    from formcoach.coach.session.course import Course, Now
    from formcoach.stretch import FlagRule, Profile

# An item must look the same for so long: shorter than a warning's dwell (0.8 s), for nothing is alarmed here [D].
DWELL_S = 0.5
# After so long, two calls and time to follow them, the list goes on: the hold tells again what is not right [D].
PATIENCE_S = 12.0
# First all items are looked at for so long: then the first one that is not right is spoken of first [D].
SHORTEST_S = 1.0
# Without a profile's own number: below so much lean there is nothing to tip the pelvis with (profile, pelvis) [D].
LEAST_LEAN_DEG = 15.0
# So much longer than the exercise asks for the leg may be down before the stage ends: the pose model errs [D].
DOWN_S = 0.3

# The exercise's own order (design.md §1): toes, knee, pelvis, spine and lean.
_STEPS = (
    ("Toes pointed", Angle.ANKLE_DORSIFLEXION),
    ("Soft knee", Angle.KNEE_FLEXION),
    ("Pelvis forward", Angle.PELVIC_TILT),
    ("Lean from the hips", Angle.LUMBAR_FLEXION),
)


@dataclass(frozen=True, slots=True)
class _Step:
    label: str
    rules: tuple[FlagRule, ...]
    least_lean_deg: float | None = None

    def judge(self, readings: Readings) -> tuple[Severity, str]:
        """Return how it stands and what to say where it is not right."""
        found = [(judge_once(rule, readings)[0], rule.cue) for rule in self.rules]
        severity, cue = max(found, key=lambda one: one[0])
        if not severity.is_raised:  # it is good only if every rule says so
            severity = min(one for one, _ in found)
        if self.least_lean_deg is None or severity >= Severity.WARN:
            return severity, cue
        lean = readings.reading(Angle.TRUNK_LEAN)
        if not lean.is_known:
            return Severity.NOT_CHECKED, ""
        if lean.value_deg + lean.sigma_deg < self.least_lean_deg:
            return Severity.TIP, Line.LEAN
        return severity, cue


def is_more_than_tip(rule: FlagRule) -> bool:
    """Tell whether a rule warns of strain, and does not only give a tip."""
    return any(severity > Severity.TIP for severity in rule.thresholds)


def make_steps(profile: Profile, *, ask_for_lean: bool) -> tuple[_Step, ...]:
    """Return the steps that a profile has rules for, in the exercise's order.

    Parameters
    ----------
    profile
        The exercise.
    ask_for_lean
        Whether too little lean, or a knee that could be straighter, is spoken of; beyond that more is never asked
        for: how deep is led by what is felt.
    """
    leans = [rule.only_when.at_least for rule in profile.flags if rule.only_when is not None]
    steps = []
    for label, angle in _STEPS:
        rules = tuple(rule for rule in profile.flags if rule.angle is angle)
        if not ask_for_lean:  # straightening the knee deepens the stretch as leaning does
            rules = tuple(rule for rule in rules if angle is not Angle.KNEE_FLEXION or is_more_than_tip(rule))
        if not rules:
            continue
        least = None
        if angle is Angle.LUMBAR_FLEXION and ask_for_lean:
            least = min(leans, default=LEAST_LEAN_DEG)
        steps.append(_Step(label, rules, least))
    return tuple(steps)


class RecentReadings:
    """The median of the last half second of readings, for judgements without memory."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._recent: deque[tuple[float, Readings]] = deque()

    def step(self, time_s: float, readings: Readings) -> None:
        """Take the readings of one frame."""
        self._recent.append((time_s, readings))
        while time_s - self._recent[0][0] > self._window_s:
            self._recent.popleft()

    def median(self) -> Readings:
        """Return the medians of what is known; an angle that is unknown in most frames stays unknown."""
        stacked = Readings.stack([readings for _, readings in self._recent])
        known = np.isfinite(stacked.value_deg)
        mostly = known.sum(axis=0) * 2 > len(stacked)
        last = self._recent[-1][1]

        def middle(values: np.ndarray) -> np.ndarray:
            filled = np.where(known, values, np.nan)[:, mostly]
            result = np.full(values.shape[1:], np.nan)
            result[mostly] = np.nanmedian(filled, axis=0)
            return result

        # The status of the last frame that agrees with whether there is a value.
        status = last.status.copy()
        for column in np.flatnonzero(known[-1] != mostly):
            agreeing = np.flatnonzero(known[:, column] == mostly[column])
            status[column] = stacked.status[agreeing[-1], column]
        return Readings(middle(stacked.value_deg), middle(stacked.sigma_deg), status)


class _Progress:
    """One step while the list is gone through."""

    def __init__(self, step: _Step) -> None:
        self.step = step
        self.severity, self.cue = Severity.NOT_CHECKED, ""
        self.given_up = False
        self._new = (Severity.NOT_CHECKED, "")
        self._since_s = float("nan")
        self.current_s: float | None = None

    def see(self, time_s: float, readings: Readings) -> None:
        found = self.step.judge(readings)
        if found != self._new or np.isnan(self._since_s):
            self._new, self._since_s = found, time_s
        if time_s - self._since_s >= DWELL_S or found[0] is Severity.NOT_CHECKED:
            self.severity, self.cue = found  # nothing stays green that is not seen

    @property
    def waits(self) -> bool:
        return self.severity.is_raised and not self.given_up


class Checklist(Part):
    """Goes through the steps with the leg up."""

    stage = Stage.CHECKLIST

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._items = [_Progress(one) for one in make_steps(course.profile, ask_for_lean=not course.ease_next)]
        self._readings = RecentReadings(course.profile.timing.median_s.value)
        self._down = Lasting()
        self._reminder = ""

    def begin(self, now: Now) -> None:
        """Begin with what the last answer asked for."""
        super().begin(now)
        if self.course.ease_next:
            self.course.chatter.say(now.time_s, Line.LESS_LEAN)
            self.course.chatter.say(now.time_s, Line.TOES_AND_LOOK)

    def step(self, now: Now) -> Stage | None:
        """Speak of the first step that is not right; when none is left, of what nobody sees, and go on."""
        if now.asks(Request.SKIP):
            return Stage.COUNTDOWN
        if now.step is None:
            return None
        if self._down.step(now.time_s, not is_leg_up(now.step, self.course)) >= DOWN_S:
            return Stage.RAISE_LEG
        self._readings.step(now.time_s, now.step.readings)
        median = self._readings.median()
        for item in self._items:
            item.see(now.time_s, median)
        looked = self.lasted_s(now) >= SHORTEST_S
        current = next((item for item in self._items if item.waits), None) if looked else None
        self._show(current)
        if current is not None:
            self._speak(now, current)
        elif looked and self.course.chatter.is_quiet(now.time_s) and not self._remind(now, median):
            return Stage.COUNTDOWN
        return None

    def _speak(self, now: Now, item: _Progress) -> None:
        if item.current_s is None:
            item.current_s = now.time_s
        self.instruct(now, item.cue)
        if now.time_s - item.current_s >= PATIENCE_S:
            item.given_up = True

    def _remind(self, now: Now, readings: Readings) -> bool:
        """Say, once a session, what to watch without the camera; tell whether there was something to say."""
        course = self.course
        rules = (rule for rule in course.profile.flags if judge_once(rule, readings)[0] is Severity.NOT_CHECKED)
        text = next((rule.reminder for rule in rules if rule.reminder and rule.reminder not in course.reminded), None)
        if text is None:
            return False
        self._reminder = text
        course.reminded.add(text)
        course.chatter.say(now.time_s, text, again_s=0.0)
        return True

    def _show(self, current: _Progress | None) -> None:
        if current is None:
            self.caption = self._reminder
        self.checklist = tuple(
            ChecklistItem(item.step.label, item.severity, current=item is current) for item in self._items
        )
