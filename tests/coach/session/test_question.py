from __future__ import annotations

from itertools import pairwise

import pytest

from formcoach.coach.session.course import Course, Now, SessionOptions
from formcoach.coach.session.lines import CHOICES, Line
from formcoach.coach.session.question import Asking
from formcoach.coach.session.types import Request, Stage, SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from session_play import PROFILE, HandMade

PLACES = tuple(SymptomPlace)
KEYS = [Request[f"CHOICE_{number}"] for number in range(1, 7)]


class Asked:
    def __init__(self, sets=2):
        self.coach = HandMade(PROFILE)
        self.course = Course(PROFILE, SessionOptions(leg=Side.LEFT, sets=sets))
        self.said = []
        self.again()

    def again(self):
        self.part = Asking(self.course)
        self.course.felt = self.course.feel(1.0, SymptomTrigger.AFTER_HOLD, self.coach.step().readings)
        self.begun = False
        self.following = None

    def frame(self, *, hand=None, requests=()):
        step = self.coach.step(hand=hand)
        now = Now(step.time_s, step, requests=requests)
        if not self.begun:
            self.begun = True
            self.part.begin(now)
        self.following = self.part.step(now)
        self.said += [(step.time_s, one.text) for one in self.course.chatter.take(step.time_s)]
        return self.following

    def until_read(self, index, rounds=1):
        """Go on until a choice begins to be read."""
        self.frame()
        for _ in range(rounds):
            while self.part.question.current == index:
                self.frame()
            while self.part.question.current != index:
                assert self.frame() is None
        return self

    def raise_hand(self, after_s, for_s=0.6):
        for _ in range(round(after_s * self.coach.fps)):
            self.frame()
        for _ in range(round(for_s * self.coach.fps)):
            if self.frame(hand=Side.RIGHT) is not None:
                return self
        return self

    @property
    def place(self):
        (symptom,) = self.course.symptoms
        return symptom.place


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize("after_s", [0.8, 2.0])
def test_a_raised_hand_takes_the_choice_that_was_just_read(index, after_s):
    asked = Asked().until_read(index).raise_hand(after_s)
    assert asked.following is not None
    assert asked.place is PLACES[index]


def test_a_hand_that_is_up_before_a_choice_could_be_heard_meant_the_one_before():
    assert Asked().until_read(2).raise_hand(0.2).place is PLACES[1]


def test_a_hand_that_counts_after_the_next_choice_has_begun_still_means_its_own():
    # It goes up 0.25 s before the end and counts when the next one is being read.
    asked = Asked().until_read(1)
    asked.raise_hand(2.375, for_s=0.6)
    assert asked.place is PLACES[1]


def test_the_second_round_takes_answers_too():
    assert Asked().until_read(3, rounds=2).raise_hand(1.0).place is PLACES[3]


def test_a_hand_that_is_up_from_the_start_takes_nothing():
    asked = Asked()
    while asked.frame(hand=Side.RIGHT) is None:
        pass
    assert asked.place is None


@pytest.mark.parametrize(("key", "place"), [*zip(KEYS, PLACES, strict=True)])
def test_keys_take_a_choice_at_any_time(key, place):
    asked = Asked()
    asked.frame()
    asked.frame(requests=(key,))
    assert asked.place is place


def test_every_choice_is_read_twice_with_time_to_answer():
    asked = Asked()
    while asked.frame() is None:
        pass
    choices = [(time_s, text) for time_s, text in asked.said if text in CHOICES.values()]
    assert [text for _, text in choices] == [*CHOICES.values()] * 2
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(choices)]
    assert all(2.45 <= gap <= 3.0 for gap in gaps)
    assert asked.said[-1][1] == Line.NO_ANSWER
    assert asked.place is None


def test_how_to_answer_is_said_the_first_time_only():
    asked = Asked()
    asked.frame(requests=())
    asked.frame(requests=(Request.SKIP,))
    asked.again()
    while asked.frame() is None:
        pass
    assert Line.RAISE_A_HAND not in [text for _, text in asked.said]


def test_skipping_is_no_answer():
    asked = Asked()
    assert asked.frame(requests=(Request.SKIP,)) is Stage.RAISE_LEG
    assert asked.place is None


@pytest.mark.parametrize(
    ("place", "reply", "following", "ease"),
    [
        (SymptomPlace.BACK_OF_THIGH, [Line.RIGHT_PLACE], Stage.RAISE_LEG, False),
        (SymptomPlace.BEHIND_KNEE, [Line.EASE_NEXT], Stage.RAISE_LEG, True),
        (SymptomPlace.CALF_OR_FOOT, [Line.EASE_NEXT], Stage.RAISE_LEG, True),
        (SymptomPlace.LOWER_BACK, [Line.EASE_NEXT], Stage.RAISE_LEG, True),
        (SymptomPlace.NUMB_OR_TINGLING, [Line.STOP_TODAY], Stage.DONE, False),
        (SymptomPlace.NOWHERE, [Line.NOWHERE_FINE], Stage.RAISE_LEG, False),
    ],
)
def test_what_follows_from_an_answer(place, reply, following, ease):
    asked = Asked()
    assert asked.frame(requests=(KEYS[PLACES.index(place)],)) is following
    assert [text for _, text in asked.said] == reply
    assert asked.course.ease_next is ease
    assert asked.course.rests is (following is Stage.RAISE_LEG)
