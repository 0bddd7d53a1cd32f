"""The stages in which the person stands: the baseline is taken, and the leg is waited for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Status, View
from formcoach.coach.session.course import AGAIN_S, Lasting, Part
from formcoach.coach.session.framing import RateWatch, find_lost_view
from formcoach.coach.session.lines import Line
from formcoach.coach.session.question import after_hold
from formcoach.coach.session.types import EventKind, Request, Stage
from formcoach.stretch.profile import Direction

if TYPE_CHECKING:
    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.course import Course, Now
    from formcoach.stretch.profile import FlagRule

# Somebody who knows what is wanted stands still within seconds; then a hint helps [D].
HINT_AFTER_S = 12.0
# Whoever cannot stand still for a second goes on without: nothing that needs a baseline is warned of then [D].
WITHOUT_AFTER_S = 45.0
# Two seconds of a lost view are no error of the pose model and no step aside any more [D].
LOST_VIEW_S = 2.0
# A leg that has not come up after two calls may be the wrong one: then which one is meant [D].
WHICH_AFTER_S = 10.0
# On its way up a knee is bent for a second or two; for longer the foot stands on the support [D].
BENT_S = 3.0
# Between two holds of the same leg, when the other one has none: published protocols rest for 10 to 30 s [M].
REST_S = 10.0
# A second that is quiet within this many degrees (the sway of `is_quiet`) and off by more than 2 sigma [D].
SUSPICIOUS_S = 1.0
QUIET_DEG = 3.0
SIGMAS = 2.0


class TakeBaseline(Part):
    """Stand tall and still; the coach takes the baseline by itself."""

    stage = Stage.BASELINE

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._lost, self._rate = Lasting(), RateWatch()
        self._again = False
        self._greets = False
        self._from_s = float("inf")

    def begin(self, now: Now) -> None:
        """Begin with the instruction."""
        super().begin(now)
        self._again = self.course.leg in self.course.has_baseline
        self.course.wants_baseline = False

    def step(self, now: Now) -> Stage | None:
        """Wait for the baseline."""
        course = self.course
        if now.step is None:
            return None
        if now.asks(Request.SKIP):
            return self._go_on_without(now)
        too_slow = self._rate.step(now.time_s, now.surroundings.frame_rate_fps)
        if self._is_taken(now.step) and not too_slow:
            if course.leg is not None:
                course.has_baseline.add(course.leg)
            return after_baseline(course)
        lost = too_slow or (now.seen and find_lost_view(now.step, course) is not None)
        if self._lost.step(now.time_s, lost) >= LOST_VIEW_S:
            return Stage.FRAMING
        if self.lasted_s(now) >= WITHOUT_AFTER_S:
            return self._go_on_without(now)
        self._ask(now, now.step)
        return None

    def _go_on_without(self, now: Now) -> Stage:
        course = self.course
        course.chatter.say(now.time_s, Line.NO_BASELINE)
        if course.leg is not None:
            course.without_baseline.add(course.leg)
        return after_baseline(course)

    def _ask(self, now: Now, step: CoachStep) -> None:
        """Give the instruction; what was taken before it was heard may be of somebody half turned, or who reads."""
        line = self._line(now, step)
        self.instruct(now, line)
        heard = self.begun_s < self.course.chatter.heard_s(line) <= now.time_s
        if heard and self._from_s > now.time_s:
            self.course.retake_baseline = True
            self._from_s = now.time_s

    def _is_taken(self, step: CoachStep) -> bool:
        fresh = step.baseline is not None and step.baseline.start_s >= self._from_s
        return fresh and not step.taking_baseline

    def _line(self, now: Now, step: CoachStep) -> Line:
        if self.lasted_s(now) < HINT_AFTER_S:
            if not self.course.greeted or (self.lasted_s(now) < AGAIN_S and self._greets):
                self.course.greeted = self._greets = True
                return Line.I_SEE_YOU
            return Line.ONCE_MORE if self._again else Line.STAND_TALL
        return Line.KEEP_STILL if step.upright else Line.BOTH_FEET


def after_baseline(course: Course) -> Stage:
    """Return what comes when the person stands in their place with a baseline."""
    if course.wants_front_check and course.leg not in course.front_checked:
        return Stage.FRONT_CHECK
    return Stage.RAISE_LEG


class BaselineDoubt:
    """Whether somebody who stands quietly reads as anything but neutral: then the baseline was not neutral.

    Only what has no innocent reason counts: who looks down for a bench or slouches reads as that and is right; a head
    or a back that is *straighter* than in the baseline, or a pelvis tilted otherwise, was not neutral then.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[float, CoachStep]] = deque()

    def step(self, step: CoachStep) -> bool:
        """Take a moment and return whether the baseline looks wrong."""
        if not (step.upright and step.view is View.SIDE and step.baseline is not None and not step.leg.raised):
            self._recent.clear()
            return False
        self._recent.append((step.time_s, step))
        while step.time_s - self._recent[0][0] > SUSPICIOUS_S + 0.5:
            self._recent.popleft()
        if step.time_s - self._recent[0][0] < SUSPICIOUS_S:
            return False
        return any(self._is_off(angle, both_ways=both_ways) for angle, both_ways in _NEUTRAL)

    def _is_off(self, angle: Angle, *, both_ways: bool) -> bool:
        readings = [step.readings.reading(angle) for _, step in self._recent]
        if any(reading.status is not Status.OK for reading in readings):
            return False
        values = np.array([reading.value_deg for reading in readings])
        sizes = np.abs(values) if both_ways else -values
        off = all(size > SIGMAS * reading.sigma_deg for size, reading in zip(sizes, readings, strict=True))
        return off and float(np.ptp(values)) <= QUIET_DEG


_NEUTRAL = ((Angle.LUMBAR_FLEXION, False), (Angle.CERVICAL_FLEXION, False), (Angle.PELVIC_TILT, True))


class RaiseLeg(Part):
    """The leg goes up."""

    stage = Stage.RAISE_LEG

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._lost, self._up, self._missing = Lasting(), Lasting(), Lasting()
        self._bent = Lasting()
        self._doubt = BaselineDoubt()
        self._rest_until_s = 0.0

    def begin(self, now: Now) -> None:
        """Start with a rest where the same leg has just been held."""
        super().begin(now)
        self._rest_until_s = now.time_s + (REST_S if self.course.rests else 0.0)
        self.course.rests = False

    def step(self, now: Now) -> Stage | None:
        """Wait until the leg is up and has settled; look after the place and the baseline meanwhile."""
        course, step = self.course, now.step
        if self.is_left_out(now):
            if now.time_s >= self._rest_until_s:
                return after_hold(course, left_out=True)
            self._rest_until_s = now.time_s  # it is the rest that is left out
        if step is None:
            return None
        if self._up.step(now.time_s, is_leg_up(step, course)) >= course.profile.hold.settle_s.value:
            return Stage.CHECKLIST
        if step.leg.raised:
            self._straighten(now, step)
            return None
        if self._lost.step(now.time_s, now.seen and find_lost_view(step, course) is not None) >= LOST_VIEW_S:
            return Stage.FRAMING
        elsewhere = self._needs_baseline(now, step)
        if elsewhere is not None:
            return elsewhere
        self._instruct(now)
        return None

    def _straighten(self, now: Now, step: CoachStep) -> None:
        """Say what is missing where the foot is up and the knee stays bent, as on the way up."""
        course = self.course
        knee_deg = step.readings.reading(Angle.KNEE_FLEXION).value_deg
        bent = step.leg.leg is course.leg and knee_deg > course.profile.hold.bent_knee_limit.value
        cue = next((one.cue for one in course.profile.flags if _is_of_bent_knee(one)), None)
        if self._bent.step(now.time_s, bent) >= BENT_S and cue is not None:
            self.instruct(now, cue)

    def _needs_baseline(self, now: Now, step: CoachStep) -> Stage | None:
        course, leg = self.course, self.course.leg
        if leg is None:
            return None
        if course.wants_baseline:
            return Stage.BASELINE
        gone = step.baseline is None and step.upright and leg not in course.without_baseline
        if self._missing.step(now.time_s, gone) >= LOST_VIEW_S:
            return Stage.BASELINE
        if self._doubt.step(step) and leg not in course.suspected_baseline:
            course.suspected_baseline.add(leg)
            course.note(now.time_s, EventKind.BASELINE_RETAKEN, "it did not fit quiet standing")
            return Stage.BASELINE
        return None

    def _instruct(self, now: Now) -> None:
        if now.time_s < self._rest_until_s:
            self.instruct(now, Line.SHORT_REST, caption=f"Rest: {self._rest_until_s - now.time_s:.0f} s")
            return
        line = Line.RAISE_LEG
        if now.time_s - max(self.begun_s, self._rest_until_s) >= WHICH_AFTER_S:
            line = Line.NEARER_LEG
        self.instruct(now, line)


def _is_of_bent_knee(rule: FlagRule) -> bool:
    return rule.angle is Angle.KNEE_FLEXION and rule.direction is Direction.ABOVE


def is_leg_up(step: CoachStep, course: Course) -> bool:
    """Tell whether the leg in question is up and no longer bent as on its way."""
    if not step.leg.raised or step.leg.leg is not course.leg:
        return False
    knee = step.readings.reading(Angle.KNEE_FLEXION).value_deg
    return not knee > course.profile.hold.bent_knee_limit.value
