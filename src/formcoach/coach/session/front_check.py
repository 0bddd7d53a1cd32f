"""Three seconds from the front: leg in line with the hip, kneecap up; only a look, and it can be left out."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from formcoach.angles import Angle, View
from formcoach.coach.session.checklist import RecentReadings
from formcoach.coach.session.course import HandMeans, Lasting, Part
from formcoach.coach.session.framing import RIGHT_FOR_S, find_turn
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import EventKind, Request, Stage
from formcoach.stretch import Severity
from formcoach.stretch.flags import judge_once

if TYPE_CHECKING:
    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.course import Course, Now

# evidence.md §3.4: a 3 s front check [D].
LOOK_S = 3.0
# Who does not turn within 8 s, or whose leg does not come up within 10 s, has no room for it there [D].
TURN_WITHIN_S = 8.0
RAISE_WITHIN_S = 10.0
# Quiet standing takes 1.2 to 3 s; without it the leg is looked at against an average person.
STAND_WITHIN_S = 6.0
# Back to the side; then the framing help takes over.
BACK_WITHIN_S = 8.0
_ANGLES = (Angle.HIP_ADDUCTION, Angle.HIP_MEDIAL_ROTATION)


class _At(Enum):
    TURN = auto()
    STAND = auto()
    RAISE = auto()
    LOOK = auto()
    BACK = auto()


class FrontCheck(Part):
    """Looks at the leg from the front, where there is room."""

    stage = Stage.FRONT_CHECK

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._at = _At.TURN
        self._since_s = 0.0
        self._turned, self._side_on, self._down = Lasting(), Lasting(), Lasting()
        self._readings = RecentReadings(LOOK_S)
        self._baseline_s = 0.0

    def begin(self, now: Now) -> None:
        """Begin with the turn; it is done once a leg."""
        super().begin(now)
        if self.course.leg is not None:
            self.course.front_checked.add(self.course.leg)
        self._go(now, _At.TURN)

    def step(self, now: Now) -> Stage | None:
        """Take a moment of the check."""
        if now.step is None:
            return None
        if self._at is _At.BACK:
            return self._come_back(now, now.step)
        if now.asks(Request.SKIP):
            return self._leave_out(now, "skipped")
        return {
            _At.TURN: self._turn,
            _At.STAND: self._stand,
            _At.RAISE: self._raise,
            _At.LOOK: self._look,
        }[self._at](now, now.step)

    def _go(self, now: Now, at: _At) -> None:
        self._at, self._since_s = at, now.time_s
        # From here on the leg is up or about to be, and a hand means what it means in a stretch.
        before_leg = at in (_At.TURN, _At.STAND)
        self.hand_means = HandMeans.SKIP if before_leg else HandMeans.STOP

    def _for_s(self, now: Now) -> float:
        return now.time_s - self._since_s

    def _turn(self, now: Now, step: CoachStep) -> Stage | None:
        if self._turned.step(now.time_s, now.seen and step.view is View.FRONT) >= RIGHT_FOR_S:
            self.course.retake_baseline = True
            self._baseline_s = now.time_s
            self._go(now, _At.STAND)
        elif self._for_s(now) >= TURN_WITHIN_S:
            return self._leave_out(now, "did not turn")
        else:
            self.instruct(now, Line.FACE_ME)
        return None

    def _stand(self, now: Now, step: CoachStep) -> Stage | None:
        taken = step.baseline is not None and step.baseline.end_s >= self._baseline_s and not step.taking_baseline
        if taken or step.leg.raised or self._for_s(now) >= STAND_WITHIN_S:
            self._go(now, _At.RAISE)
        else:
            self.instruct(now, Line.STAND_TALL)
        return None

    def _raise(self, now: Now, step: CoachStep) -> Stage | None:
        if step.leg.raised and step.leg.leg is self.course.leg:
            self._go(now, _At.LOOK)
        elif self._for_s(now) >= RAISE_WITHIN_S:
            return self._leave_out(now, "no leg came up")
        else:
            self.instruct(now, Line.LEG_TOWARDS_ME)
        return None

    def _look(self, now: Now, step: CoachStep) -> Stage | None:
        self.instruct(now, Line.KEEP_IT_THERE)
        if self._down.step(now.time_s, not step.leg.raised) >= 0.0:
            self._go(now, _At.RAISE)
            self._readings = RecentReadings(LOOK_S)
            return None
        self._readings.step(now.time_s, step.readings)
        if self._for_s(now) >= LOOK_S:
            self._tell(now)
            self._go(now, _At.BACK)
        return None

    def _tell(self, now: Now) -> None:
        """Say the worst fault, or what is good, and remind of what no camera judges."""
        found = []
        median = self._readings.median()
        for rule in self.course.profile.flags:
            if rule.angle in _ANGLES:
                found.append((rule, judge_once(rule, median)[0]))
        words = [f"{rule.name}: {severity.label}" for rule, severity in found]
        self.course.note(now.time_s, EventKind.FRONT_CHECK, ", ".join(words) or "nothing to check")
        said: list[str] = []
        worst = max(found, key=lambda one: one[1], default=None)
        if worst is not None and worst[1].is_raised:
            said.append(worst[0].cue)
        elif worst is not None and worst[1] is Severity.GOOD:
            said.append(worst[0].praise)
        said += [rule.reminder for rule, severity in found if severity is Severity.NOT_CHECKED and rule.reminder]
        self.course.reminded |= {rule.reminder for rule, _ in found if rule.reminder}
        for text in dict.fromkeys(said):
            self.course.chatter.say(now.time_s, text, again_s=0.0)

    def _come_back(self, now: Now, step: CoachStep) -> Stage | None:
        right = now.seen and find_turn(step, self.course.leg) is None and not step.leg.raised
        if self._side_on.step(now.time_s, right) >= RIGHT_FOR_S or self._for_s(now) >= BACK_WITHIN_S:
            return Stage.FRAMING
        self.instruct(now, Line.LEG_DOWN_SIDE_ON)
        return None

    def _leave_out(self, now: Now, why: str) -> Stage:
        self.course.note(now.time_s, EventKind.FRONT_CHECK, f"left out: {why}")
        # Whoever does not want it, or has no room, is not asked again for the other leg.
        self.course.wants_front_check = False
        self.course.chatter.forget()
        self.course.chatter.say(now.time_s, Line.SKIPPED)
        return Stage.FRAMING
