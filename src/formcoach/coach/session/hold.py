"""Countdown, hold, and the way up again."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from formcoach.coach.session.checklist import DOWN_S
from formcoach.coach.session.course import Lasting, Part
from formcoach.coach.session.framing import RateWatch, find_lost_view, find_slow_cause
from formcoach.coach.session.lines import COUNT, Line
from formcoach.coach.session.question import answer_by_key
from formcoach.coach.session.standing import is_leg_up
from formcoach.coach.session.types import Stage, SymptomTrigger, Urgency
from formcoach.stretch import Phase, Severity
from formcoach.stretch.cues import CueKind

if TYPE_CHECKING:
    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.chatter import Chatter
    from formcoach.coach.session.course import Course, Felt, Now
    from formcoach.stretch import FlagState
    from formcoach.stretch.cues import Cue

# "3-2-1", a second each.
COUNTDOWN_S = 3
# The last five seconds are counted aloud (`COUNT`); a hold shorter than twice that has no half-way either [D].
SHORTEST_COUNTED_S = 10.0
# A pause of the clock is followed by its cue at once; that the clock waits is said when the cue has not helped by then,
# and not again for a while [D].
WAITING_S = 3.0
WAITING_AGAIN_S = 15.0
# Nothing can be checked for so long: somebody turned away or covered themselves, and the clock stands still [D].
UNCHECKED_S = 3.0
# One picture that took a second or two leaves the rate of the last two seconds low for up to 1.3 s; a machine that is
# too slow for longer [D].
SLOW_FOR_S = 1.5
# Standing up takes about a second, and the tracker of the leg is as late [D]: what was felt, was felt before.
DESCENT_S = 1.5
# A leg that comes down within so long slipped, or had not found its place: once in a hold it may go up again [D].
SLIP_S = 3.0
# Coming up takes two seconds and more; the question comes when the leg has been down for one, or without that when
# somebody stays as they are [D].
COMING_UP_S = 2.0
DOWN_FOR_S = 1.0
STAYS_UP_S = 12.0
# Whoever is still up then did not hear it [D].
COME_UP_AGAIN_S = 6.0


class Countdown(Part):
    """Three, two, one."""

    stage = Stage.COUNTDOWN

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._down, self._rate = Lasting(), RateWatch(SLOW_FOR_S)

    def step(self, now: Now) -> Stage | None:
        """Count, as long as the leg stays up and pictures come fast enough."""
        if now.step is None:
            return None
        if self._down.step(now.time_s, not is_leg_up(now.step, self.course)) >= DOWN_S:
            return Stage.RAISE_LEG
        if self._rate.step(now.time_s, now.surroundings.frame_rate_fps):
            self.begun_s, self.countdown = now.time_s, None
            self.instruct(now, find_slow_cause(now.surroundings))
            return None
        left = COUNTDOWN_S - int(self.lasted_s(now))
        if left <= 0:
            return Stage.HOLD
        if left != self.countdown:
            self.countdown, self.caption = left, str(left)
            say_count(self.course.chatter, now.time_s, left, interrupts=left == COUNTDOWN_S)
        return None


class Holding(Part):
    """The hold, as long as it lasts."""

    stage = Stage.HOLD
    hold_allowed = True

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._down, self._rate = Lasting(), RateWatch(SLOW_FOR_S)
        self._unchecked, self._waiting = Lasting(), Lasting()
        self._counted: int | None = None
        self._target_s = course.options.hold_s
        self._half_said = course.counted_s >= self._target_s / 2.0
        self._waited_s = float("-inf")
        self._recent: deque[Felt] = deque()

    def begin(self, now: Now) -> None:
        """Say that the clock runs."""
        super().begin(now)
        self.caption = Line.HOLD
        chatter = self.course.chatter
        if chatter.is_quiet(now.time_s) or (chatter.last_text == Line.ONE and not chatter.waits):
            chatter.say(now.time_s, Line.HOLD, Urgency.NOW, again_s=0.0)

    def step(self, now: Now) -> Stage | None:
        """Follow the clock and the cues until the time is up or the leg comes down."""
        step, course = now.step, self.course
        if step is None:
            return None
        too_slow = self._rate.step(now.time_s, now.surroundings.frame_rate_fps)
        self.hold_allowed = not too_slow
        up = is_leg_up(step, course)
        if up and now.seen:
            self._remember(now, step)
        if course.counted_s >= self._target_s:
            return Stage.COME_UP
        if self._down.step(now.time_s, now.seen and not up) >= DOWN_S:
            return self._put_down()
        self.tone = step.assessment.phase is Phase.HOLD and step.assessment.good_form and now.seen
        if too_slow:
            self.tone = False
            self.instruct(now, find_slow_cause(now.surroundings))
        else:
            self._speak(now, step)
            self._caption(step)
            self._look(now, step)
            self._count(now)
        return None

    def _remember(self, now: Now, step: CoachStep) -> None:
        self.course.held = self.course.feel(now.time_s, SymptomTrigger.AFTER_HOLD, step.readings)
        self._recent.append(self.course.held)
        while now.time_s - self._recent[0].time_s > DESCENT_S:
            self._recent.popleft()

    def _put_down(self) -> Stage:
        course = self.course
        if self._recent:
            course.held = self._recent[0]
        if course.counted_s >= SLIP_S or course.slipped:
            return Stage.COME_UP
        course.slipped, course.held = True, None
        course.chatter.forget()
        return Stage.RAISE_LEG

    def _speak(self, now: Now, step: CoachStep) -> None:
        course, chatter = self.course, self.course.chatter
        flags, stacked = step.assessment.flags, step.assessment.stacked
        cue = course.cues.step(now.time_s, flags, stacked=stacked, can_say=lambda cue: self._can_say(now.time_s, cue))
        if cue is not None:
            chatter.say(now.time_s, cue.text, _URGENCY[cue.kind], wait_s=WAITING_S)
        waits = self._waiting.step(now.time_s, step.assessment.phase is Phase.PAUSED) >= WAITING_S
        due = waits and now.time_s - self._waited_s >= WAITING_AGAIN_S
        if due and chatter.say(now.time_s, Line.CLOCK_WAITS, wait_s=WAITING_S):
            self._waited_s = now.time_s

    def _can_say(self, time_s: float, cue: Cue) -> bool:
        """Tell whether a cue would be heard before long: behind something else it might be dropped."""
        if self.course.ease_next and cue.severity is Severity.TIP:
            return False
        chatter, urgency = self.course.chatter, _URGENCY[cue.kind]
        behind = chatter.waits and urgency is not Urgency.NOW
        return not behind and chatter.would_say(time_s, cue.text, urgency)

    def _caption(self, step: CoachStep) -> None:
        first = first_raised(step.assessment.flags)
        if first is None or (self.course.ease_next and first.severity is Severity.TIP):
            self.caption = Line.HOLD
            return
        cue = self.course.profile.stacking_cue if step.assessment.stacked else self.course.profile.flag(first.name).cue
        self.caption = f"Paused: {cue}" if step.assessment.phase is Phase.PAUSED else cue

    def _look(self, now: Now, step: CoachStep) -> None:
        """Say what keeps everything, or the raised leg, from being checked: the clock waits for it."""
        blind = step.assessment.phase is Phase.HOLD and not step.assessment.is_seen
        if self._unchecked.step(now.time_s, blind) >= UNCHECKED_S:
            self.instruct(now, find_lost_view(step, self.course) or Line.CANNOT_CHECK)

    def _count(self, now: Now) -> None:
        chatter, counted_s = self.course.chatter, self.course.counted_s
        if self._target_s < SHORTEST_COUNTED_S:
            return
        if not self._half_said and counted_s >= self._target_s / 2.0:
            self._half_said = True
            chatter.say(now.time_s, Line.HALF_WAY, wait_s=WAITING_S)
        left = math.ceil(self._target_s - counted_s)
        if left not in COUNT or left == self._counted:
            return
        self._counted = left
        say_count(chatter, now.time_s, left)


def say_count(chatter: Chatter, time_s: float, left: int, *, interrupts: bool = False) -> None:
    """Say how many seconds are left, where nothing that is worth more is being said or waits.

    Parameters
    ----------
    chatter
        What is said.
    time_s
        Seconds.
    left
        The number, of `COUNT`.
    interrupts
        Whether it interrupts anything that is being said; otherwise only a number interrupts, and only a number.
    """
    # What is urgent drives out what waits: a cue that waits for the last number to be over would never be said.
    between = interrupts or chatter.last_text in COUNT.values()
    if chatter.is_quiet(time_s) or (between and not chatter.waits):
        chatter.say(time_s, COUNT[left], Urgency.NOW, again_s=0.0)


_URGENCY = {
    CueKind.EASE_OFF: Urgency.NOW,
    CueKind.CORRECT: Urgency.IN_TURN,
    CueKind.PRAISE: Urgency.IF_QUIET,
}


def first_raised(flags: tuple[FlagState, ...]) -> FlagState | None:
    """Return the flag to be changed first, as cues are chosen: the most urgent, then the profile's order."""
    raised = [state for state in flags if state.severity.is_raised]
    return max(raised, key=lambda state: state.severity, default=None)


class ComeUp(Part):
    """Up again, slowly."""

    stage = Stage.COME_UP

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._down = Lasting()

    def begin(self, now: Now) -> None:
        """Say it at once."""
        super().begin(now)
        course = self.course
        course.felt, course.held = course.felt or course.held, None
        asked_to_stop = course.felt is not None and course.felt.trigger is SymptomTrigger.FELT_IT
        line = Line.OKAY_COME_UP if asked_to_stop else Line.COME_UP
        self.caption = line
        course.note_hold()
        self.course.chatter.forget()
        self.course.chatter.say(now.time_s, line, Urgency.NOW, again_s=0.0)

    def step(self, now: Now) -> Stage | None:
        """Wait until the leg is down; who presses the key of a place meanwhile has answered."""
        self.course.early_answer = answer_by_key(now) or self.course.early_answer
        down = now.step is not None and not now.step.leg.raised
        lasted = self._down.step(now.time_s, down)
        if not down and self.lasted_s(now) >= COME_UP_AGAIN_S:
            self.course.chatter.say(now.time_s, Line.COME_UP, again_s=COME_UP_AGAIN_S)
        if self.lasted_s(now) >= COMING_UP_S and (lasted >= DOWN_FOR_S or self.lasted_s(now) >= STAYS_UP_S):
            return Stage.QUESTION
        return None
