"""The director of a session: takes the coach's steps and says what to say and do. Pure and deterministic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.angles import Readings
from formcoach.coach.session.checklist import Checklist
from formcoach.coach.session.course import Course, HandMeans, Now, SessionOptions
from formcoach.coach.session.framing import Framing, RateWatch, TurnRound
from formcoach.coach.session.front_check import FrontCheck
from formcoach.coach.session.hand import HandWatch
from formcoach.coach.session.hold import ComeUp, Countdown, Holding
from formcoach.coach.session.interruptions import ENDED, NOBODY, Away, Done, Paused, is_camera_lost
from formcoach.coach.session.lines import Line
from formcoach.coach.session.question import Asking
from formcoach.coach.session.standing import RaiseLeg, TakeBaseline
from formcoach.coach.session.types import (
    LEG_STAGES,
    Direction,
    EventKind,
    Guidance,
    Request,
    Stage,
    Surroundings,
    SymptomTrigger,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.course import Felt, Part
    from formcoach.stretch import Profile

# Less is a hand on its way to the hair or the support; for longer nobody who feels something should have to wait [D].
STOP_HAND_S = 1.0
# Out of sight for two seconds is away: less is a frame or two that the pose model lost [D].
AWAY_S = 2.0
# With a camera of less than 5 pictures a second, that long without one is nothing unusual [D].
AWAY_SLOW_S = 10.0
# "I see you" goes out when the person was not seen for so long [D].
SEEN_S = 0.5
# Somebody else in the picture for so long is said, in the middle of the exercise only now and then [D].
PEOPLE_S = 2.0
PEOPLE_AGAIN_S = 20.0
# Nobody comes back after so long, and a session that waits keeps camera and computer busy. A pause waits for ever, and
# time that jumps (the computer slept) does not count: at most so much of it at once [D].
NOBODY_S = 300.0
NOBODY_STEP_S = 1.0

_PARTS: dict[Stage, type[Part]] = {
    Stage.FRAMING: Framing,
    Stage.BASELINE: TakeBaseline,
    Stage.FRONT_CHECK: FrontCheck,
    Stage.RAISE_LEG: RaiseLeg,
    Stage.CHECKLIST: Checklist,
    Stage.COUNTDOWN: Countdown,
    Stage.HOLD: Holding,
    Stage.COME_UP: ComeUp,
    Stage.QUESTION: Asking,
    Stage.TURN_ROUND: TurnRound,
    Stage.DONE: Done,
}
# In these nobody is missed: they look for somebody themselves, or nobody is needed.
_NEVER_AWAY = (Stage.FRAMING, Stage.AWAY, Stage.PAUSED, Stage.DONE)
# What comes before the leg goes up is gone on with after a question; a hold that was stopped is not.
_BEFORE_LEG = (Stage.FRAMING, Stage.BASELINE, Stage.TURN_ROUND)


class Director:
    """Leads one person through a session.

    Parameters
    ----------
    profile
        The exercise.
    options
        What was asked for.
    """

    def __init__(self, profile: Profile, options: SessionOptions | None = None) -> None:
        self._course = Course(profile, options or SessionOptions())
        self._part: Part = Framing(self._course)
        self._hands = HandWatch(STOP_HAND_S)
        self._raised: tuple[float, Readings] | None = None
        self._rate = RateWatch()
        self._time_s = float("-inf")
        self._seen_s: float | None = None
        self._alone_s = 0.0
        self._leg_raised = False
        self._coach_number = 0
        self._readings = Readings.unknown()
        self._people_since: float | None = None

    @property
    def done(self) -> bool:
        """Whether the session is over, the last word has been said and the closing line could be read."""
        part = self._part
        return isinstance(part, Done) and self._time_s >= part.until_s and self._course.chatter.is_quiet(self._time_s)

    @property
    def stage(self) -> Stage:
        """Where it is."""
        return self._part.stage

    def step(
        self, step: CoachStep, surroundings: Surroundings | None = None, requests: Sequence[Request] = ()
    ) -> Direction:
        """Take one frame.

        Parameters
        ----------
        step
            Of the coach, who was given the guidance of the direction before.
        surroundings
            What is known beside the pose.
        requests
            Keys since the last call, in their order.
        """
        self._course.retake_baseline = False  # this step has done it
        self._course.follow_clock(step.assessment.counted_s)
        return self._advance(Now(step.time_s, step, surroundings or Surroundings(), tuple(requests)))

    def tick(
        self, time_s: float, surroundings: Surroundings | None = None, requests: Sequence[Request] = ()
    ) -> Direction:
        """Let time pass without a frame; otherwise as `step`."""
        return self._advance(Now(time_s, None, surroundings or Surroundings(), tuple(requests)))

    def _advance(self, now: Now) -> Direction:
        if now.time_s < self._time_s:  # a clock that was set back
            now = Now(self._time_s, now.step, now.surroundings, now.requests)
        away_s = AWAY_SLOW_S if self._rate.step(now.time_s, now.surroundings.frame_rate_fps) else AWAY_S
        jumped = now.time_s - self._time_s > away_s and self._time_s > float("-inf")
        if self._time_s == float("-inf"):
            self._part.begin(now)
            self._course.note(now.time_s, EventKind.STAGE, self._part.stage)
        here = now.seen or self._part.stage is Stage.PAUSED
        self._alone_s = 0.0 if here else self._alone_s + min(max(now.time_s - self._time_s, 0.0), NOBODY_STEP_S)
        self._time_s = now.time_s
        if now.seen and now.step is not None:
            self._seen_s, self._readings = now.time_s, now.step.readings
            self._leg_raised = now.step.leg.raised
        hand = self._watch_hand(now)
        if hand is not None and self._part.hand_means is HandMeans.SKIP:
            hand, now = None, Now(now.time_s, now.step, now.surroundings, (*now.requests, Request.SKIP))
        if not (self._obey(now, hand) or self._interrupt(now, jumped=jumped, away_s=away_s)):
            self._watch_people(now)
            following = None if self._part.stage is Stage.DONE else self._part.step(now)
            if following is not None:
                self._go(now, _PARTS[following](self._course))
        return self._direct(now)

    def _obey(self, now: Now, hand: Felt | None) -> bool:
        """Do what was asked for, by key or by hand; tell whether the stage has changed by it."""
        stage = self._part.stage
        if isinstance(self._part, Done):
            self._part.until_s = now.time_s if now.asks(Request.END) else self._part.until_s
            return False
        if now.asks(Request.END) or self._alone_s >= NOBODY_S:
            self._course.end_reason = ENDED if now.asks(Request.END) else NOBODY
            self._go(now, Done(self._course))
            return True
        if now.asks(Request.FELT_IT) and stage is not Stage.QUESTION:
            self._stop(now, self._feel(now.time_s, self._readings))
            return True
        if hand is not None:
            self._stop(now, hand)
            return True
        if now.asks(Request.PAUSE) and stage is not Stage.PAUSED:
            self._go(now, Paused(self._course, self._interrupted()))
            return True
        if self._has_new_coach(now):
            self._course.forget_baselines()
            return self._retake(now, "another model or picture size")
        return now.asks(Request.BASELINE) and self._retake(now, "asked for")

    def _watch_hand(self, now: Now) -> Felt | None:
        course, stage = self._course, self._part.stage
        unheard = self._part.hand_means is HandMeans.NOTHING
        # Before the person has found their place there is nothing to stop, and people wave at cameras.
        if unheard or not (course.has_baseline or course.without_baseline or stage is not Stage.FRAMING):
            self._hands.reset()
            return None
        if now.step is None:
            return None
        hand = self._hands.step(now.time_s, now.step.pose)
        if self._hands.went_up_s() == now.time_s:
            self._raised = now.time_s, now.step.readings
        if hand is None:
            return None
        readings = self._raised[1] if self._raised and self._raised[0] == hand.since_s else now.step.readings
        return self._feel(hand.since_s, readings)

    def _feel(self, time_s: float, readings: Readings) -> Felt:
        return self._course.feel(time_s, SymptomTrigger.FELT_IT, readings, between_holds=self._is_before_leg())

    def _is_before_leg(self) -> bool:
        """Tell whether the leg of a hold that has not begun is still to come up."""
        part = self._interrupted()
        if part.stage is Stage.RAISE_LEG:
            return self._course.counted_s == 0.0 and not self._leg_raised
        return part.stage in _BEFORE_LEG or part.hand_means is HandMeans.SKIP

    def _stop(self, now: Now, felt: Felt) -> None:
        course, stage = self._course, self._interrupted().stage
        if stage is Stage.QUESTION:  # a pause in the middle of it: it is asked again, of the same moment
            self._go(now, Asking(course))
            return
        if course.felt is None or course.felt.trigger is not SymptomTrigger.FELT_IT:  # the first of several counts
            course.felt = felt
        if self._part.stage is Stage.COME_UP:
            return
        if self._is_before_leg() or stage is Stage.FRONT_CHECK:
            course.resume_at = Stage.FRAMING if stage is Stage.FRONT_CHECK else stage
        if self._is_before_leg() or stage is Stage.COME_UP:  # there is nothing to come up from
            course.chatter.forget()
            self._go(now, Asking(course, at_once=True))
        else:
            self._go(now, ComeUp(course))

    def _has_new_coach(self, now: Now) -> bool:
        before, number = self._coach_number, now.surroundings.coach_number
        self._coach_number = number
        return 0 not in (before, number) and before != number

    def _retake(self, now: Now, why: str) -> bool:
        self._course.note(now.time_s, EventKind.BASELINE_RETAKEN, why)
        if self._part.stage in (*LEG_STAGES, Stage.BASELINE):
            self._go(now, TakeBaseline(self._course))
            return True
        self._course.wants_baseline = True
        return False

    def _interrupt(self, now: Now, *, jumped: bool, away_s: float) -> bool:
        """Go away when nobody or nothing is seen; tell whether the stage has changed by it."""
        stage = self._part.stage
        lost = is_camera_lost(now.surroundings) and stage not in (Stage.AWAY, Stage.DONE)
        missed = stage not in _NEVER_AWAY and (
            jumped or (self._seen_s is not None and now.time_s - self._seen_s >= away_s)
        )
        if lost and stage is Stage.PAUSED:
            return False
        if lost or missed:
            self._go(now, Away(self._course, self._part))
        return lost or missed

    def _interrupted(self) -> Part:
        """Return the stage to come back to."""
        return self._part.before if isinstance(self._part, Away | Paused) else self._part

    def _watch_people(self, now: Now) -> None:
        busy = self._part.stage in (*LEG_STAGES, Stage.BASELINE) and Line.ONE_PERSON not in self._course.accepted
        if now.surroundings.people <= 1 or not busy:
            self._people_since = None
            return
        if self._people_since is None:
            self._people_since = now.time_s
        if now.time_s - self._people_since >= PEOPLE_S:
            self._course.chatter.say(now.time_s, Line.ONE_PERSON, again_s=PEOPLE_AGAIN_S)

    def _go(self, now: Now, part: Part) -> None:
        self._course.chatter.end_stage()
        self._part = part
        self._course.note(now.time_s, EventKind.STAGE, part.stage)
        part.begin(now)

    def _direct(self, now: Now) -> Direction:
        course, part = self._course, self._part
        events, course.events = tuple(course.events), []
        symptoms, course.symptoms = tuple(course.symptoms), []
        seen = self._seen_s is not None and now.time_s - self._seen_s <= SEEN_S
        return Direction(
            time_s=now.time_s,
            stage=part.stage,
            leg=course.leg,
            set_number=course.set_number,
            sets=course.options.sets,
            caption=str(part.caption),
            say=course.chatter.take(now.time_s),
            tone=part.tone and seen,
            sees_person=seen and not is_camera_lost(now.surroundings),
            checklist=part.checklist,
            countdown=part.countdown,
            question=part.question,
            guidance=Guidance(part.hold_allowed, course.leg, course.retake_baseline),
            events=events,
            symptoms=symptoms,
            counted_s=course.counted_s,
            target_s=course.options.hold_s,
        )
