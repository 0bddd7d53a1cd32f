"""Where was it felt? The choices are read aloud, a raised hand or a key takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.coach.session.chatter import measure_speech_s
from formcoach.coach.session.course import HandMeans, Part
from formcoach.coach.session.hand import HandWatch
from formcoach.coach.session.lines import CHOICES, Line
from formcoach.coach.session.types import Question, Request, Stage, Symptom, SymptomPlace, Urgency

if TYPE_CHECKING:
    from formcoach.coach.session.course import Course, Now

# Each choice is read and then waited for: a word or two, then the arm has to come up [D].
CHOICE_S = 2.5
ROUNDS = 2
# After the last one nothing is read that tells that it is over: so much longer it is waited for [D].
LAST_CHOICE_S = 1.0
# So long a hand must be up to answer: it is asked for, so less than to stop [D].
ANSWER_S = 0.4
# Nobody hears a choice and has the wrist above the head in less: a hand that is up earlier meant the one before.
# Reaction to speech 0.25 s [M] and at least as long for the arm [D].
TOO_EARLY_S = 0.5

FINISHED = "finished"
_PLACES = tuple(CHOICES)
_KEYS = dict(
    zip(
        (
            Request.CHOICE_1,
            Request.CHOICE_2,
            Request.CHOICE_3,
            Request.CHOICE_4,
            Request.CHOICE_5,
            Request.CHOICE_6,
        ),
        _PLACES,
        strict=True,
    )
)
# evidence.md §5: pull or burn there asks to ease off.
_ELSEWHERE = (SymptomPlace.BEHIND_KNEE, SymptomPlace.CALF_OR_FOOT, SymptomPlace.LOWER_BACK)
# "Twice: suggest supine or stop" (evidence.md §5).
ELSEWHERE_LIMIT = 2


class Asking(Part):
    """Asks where it was felt.

    Parameters
    ----------
    course
        Of the session.
    at_once
        Whether the question interrupts what is being said: somebody has just said that they feel it.
    """

    stage = Stage.QUESTION
    hand_means = HandMeans.NOTHING

    def __init__(self, course: Course, *, at_once: bool = False) -> None:
        super().__init__(course)
        self._at_once = at_once
        self._hands = HandWatch(ANSWER_S)
        self._read: list[tuple[float, int | None]] = []
        self._script: list[tuple[str, int | None]] = [(Line.WHERE, None)]
        if course.asked == 0:
            self._script.append((Line.RAISE_A_HAND, None))
        self._script += [(CHOICES[place], index) for index, place in enumerate(_PLACES)] * ROUNDS
        self._next_s = float("-inf")
        self._early: SymptomPlace | None = None

    def begin(self, now: Now) -> None:
        """Begin with the question."""
        super().begin(now)
        self._early, self.course.early_answer = self.course.early_answer, None
        self.caption = Line.WHERE
        self._show(None)

    def step(self, now: Now) -> Stage | None:
        """Read on, and take an answer."""
        place = self._answer(now)
        if place is not None:
            return self._finish(now, place)
        if now.asks(Request.SKIP):
            return self._finish(now, None)
        chatter = self.course.chatter
        urgency = Urgency.NOW if self._at_once else Urgency.IN_TURN
        if now.time_s < self._next_s or not (self._at_once or chatter.is_quiet(now.time_s)):
            return None
        if not self._script:
            return self._finish(now, None) if self._is_late(now) else None
        text, index = self._script.pop(0)
        chatter.say(now.time_s, text, urgency, again_s=0.0)
        self._at_once = False
        self._read.append((now.time_s, index))
        self._next_s = now.time_s + max(CHOICE_S if index is not None else 0.0, measure_speech_s(text))
        self._show(index)
        return None

    def _is_late(self, now: Now) -> bool:
        """Tell whether nobody is about to answer any more: to the last choice, too, an arm needs its time."""
        (read_s, _), up_s = self._read[-1], self._hands.went_up_s()
        is_up = up_s is not None and up_s >= read_s + TOO_EARLY_S
        return not is_up and now.time_s >= self._next_s + LAST_CHOICE_S

    def _show(self, index: int | None) -> None:
        self.question = Question(Line.WHERE, tuple(CHOICES.values()), index)

    def _answer(self, now: Now) -> SymptomPlace | None:
        place = self._early or answer_by_key(now)
        if place is not None:
            return place
        hand = self._hands.step(now.time_s, now.step.pose) if now.step is not None else None
        if hand is None:
            return None
        meant = [index for read_s, index in self._read if read_s <= hand.since_s - TOO_EARLY_S]
        return _PLACES[meant[-1]] if meant and meant[-1] is not None else None

    def _finish(self, now: Now, place: SymptomPlace | None) -> Stage:
        course = self.course
        record_symptom(course, place)
        course.asked += 1
        course.ease_next = place in _ELSEWHERE
        course.elsewhere += place in _ELSEWHERE
        # What is still being read is answered, so the first word of the reply does not wait for it.
        for number, line in enumerate(self._reply(place)):
            course.chatter.say(now.time_s, line, Urgency.IN_TURN if number else Urgency.NOW, again_s=0.0)
        if place is SymptomPlace.NUMB_OR_TINGLING:
            course.end_reason = place.value
            return Stage.DONE
        return after_question(course)

    def _reply(self, place: SymptomPlace | None) -> tuple[Line, ...]:
        if place in _ELSEWHERE:
            twice = self.course.elsewhere % ELSEWHERE_LIMIT == 0
            return (Line.TRY_LYING, Line.OR_STOP) if twice else (Line.EASE_NEXT,)
        return _REPLIES[place]


def answer_by_key(now: Now) -> SymptomPlace | None:
    """Return the place whose key was pressed."""
    return next((place for request, place in _KEYS.items() if now.asks(request)), None)


_REPLIES: dict[SymptomPlace | None, tuple[Line, ...]] = {
    SymptomPlace.BACK_OF_THIGH: (Line.RIGHT_PLACE,),
    SymptomPlace.NOWHERE: (Line.NOWHERE_FINE,),
    SymptomPlace.NUMB_OR_TINGLING: (Line.STOP_TODAY, Line.IF_IT_LASTS, Line.SEE_CLINICIAN),
    None: (Line.NO_ANSWER,),
}


def record_symptom(course: Course, place: SymptomPlace | None) -> None:
    """Record what was answered about the moment that was asked about, if there is one."""
    felt = course.felt
    if felt is not None:
        course.symptoms.append(Symptom(felt.time_s, felt.leg, felt.set_number, place, felt.trigger, felt.readings))
        course.felt = None


def after_question(course: Course) -> Stage:
    """Return what comes next: the hold that had not begun yet, the next one of the plan, or the end."""
    if course.resume_at is not None:
        stage, course.resume_at = course.resume_at, None
        return stage
    return after_hold(course)


def after_hold(course: Course, *, left_out: bool = False) -> Stage:
    """Return what comes after a hold that was done or left out: the next one of the plan, or the end."""
    leg = course.leg
    if not course.next_hold():
        course.end_reason = FINISHED
        return Stage.DONE
    course.rests = course.leg is leg and not left_out
    return Stage.RAISE_LEG if course.leg is leg else Stage.TURN_ROUND
