"""Sessions in simulated time: 'stop, I feel it', the question and its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import STANDING
from formcoach.angles import Angle
from formcoach.coach.session.lines import CHOICES, Line
from formcoach.coach.session.types import (
    Request,
    Stage,
    SymptomPlace,
    SymptomTrigger,
    Urgency,
)
from formcoach.pose.landmarks import Side
from session_play import Person, Play, begun, ended, holding, holds


@pytest.mark.parametrize("key", [False, True], ids=["hand", "key"])
def test_stop_i_feel_it(key):
    play = holding().run(4.0)
    play.person.hand_at = 1
    began_s = play.time_s
    lean_deg = play.steps[-1].readings.reading(Angle.TRUNK_LEAN).value_deg
    if key:
        play.press(Request.FELT_IT)
    else:
        play.person.hand = Side.LEFT
    play.until(Stage.COME_UP, 3.0)
    assert play.time_s - began_s == pytest.approx(0.1 if key else 1.1, abs=0.2)
    assert play.last.say[0].text == Line.OKAY_COME_UP
    assert play.last.say[0].urgency is Urgency.NOW
    assert not play.last.guidance.hold_allowed
    play.until(Stage.QUESTION)
    play.person.hand = None
    play.until(Stage.TURN_ROUND)
    (symptom,) = play.symptoms
    assert symptom.trigger is SymptomTrigger.FELT_IT
    assert symptom.place is SymptomPlace.BEHIND_KNEE
    assert symptom.time_s == pytest.approx(began_s, abs=0.13)
    assert symptom.readings.reading(Angle.TRUNK_LEAN).value_deg == pytest.approx(lean_deg, abs=1.0)
    assert symptom.leg is Side.LEFT


def test_a_hand_that_stays_up_after_stop_answers_nothing():
    play = holding().run(2.0)
    play.person.hand = Side.LEFT
    play.until(Stage.QUESTION).run(45.0)
    assert play.symptoms[0].place is None


def test_holding_on_to_something_high_stops_nothing():
    play = Play(Person(hand=Side.RIGHT), hold_s=12.0)
    play.until(Stage.COME_UP)
    assert play.last.say[0].text == Line.COME_UP
    assert play.last.counted_s == pytest.approx(12.0, abs=0.2)


def test_a_hand_before_the_leg_is_up_asks_and_goes_back():
    play = Play(Person(hand_at=0)).until(Stage.BASELINE).run(1.0)
    play.person.hand = Side.LEFT
    play.until(Stage.QUESTION, 5.0)
    assert Line.OKAY_COME_UP not in play.said  # nobody is down
    play.person.hand = None
    play.until(Stage.BASELINE).until(Stage.HOLD)
    assert play.symptoms[0].trigger is SymptomTrigger.FELT_IT
    assert (play.last.leg, play.last.set_number) == (Side.LEFT, 1)


@pytest.mark.parametrize("key", [False, True], ids=["hand", "key"])
def test_who_stops_before_the_leg_has_come_up_still_has_its_hold(key):
    play = begun(Stage.RAISE_LEG)
    play.person.wanted = lambda direction: STANDING
    play.person.hand = None if key else Side.LEFT
    play.press(*([Request.FELT_IT] if key else []))
    play.until(Stage.QUESTION, 3.0)
    play.person.hand = None
    play.until(Stage.RAISE_LEG)
    del play.person.wanted
    play.until(Stage.HOLD)
    assert (play.last.leg, play.last.set_number) == (Side.LEFT, 1)


def test_what_is_felt_while_turning_round_is_of_the_leg_that_was_stretched():
    play = begun(Stage.TURN_ROUND)
    play.person.hand_at = 1
    play.person.wanted = lambda direction: replace(STANDING, azimuth=90.0)
    play.press(Request.FELT_IT)
    play.until(Stage.QUESTION).until(Stage.TURN_ROUND)
    symptom = play.symptoms[-1]
    assert (symptom.trigger, symptom.place) == (SymptomTrigger.FELT_IT, SymptomPlace.BEHIND_KNEE)
    assert (symptom.leg, symptom.set_number) == (Side.LEFT, 1)
    of_legs = [angle for angle, reading in symptom.readings.items() if angle.is_of_leg and reading.is_known]
    assert of_legs == []
    assert play.last.leg is Side.RIGHT


def test_what_is_felt_while_resting_is_of_the_set_that_is_over():
    play = Play(Person(hand_at=0), leg=Side.LEFT, sets=2, hold_s=3.0).until(Stage.QUESTION).until(Stage.RAISE_LEG)
    play.run(1.5)
    assert play.last.caption.startswith("Rest")
    play.press(Request.FELT_IT)
    play.to_the_end()
    felt = [(one.trigger, one.leg, one.set_number) for one in play.symptoms]
    assert felt == [
        (SymptomTrigger.AFTER_HOLD, Side.LEFT, 1),
        (SymptomTrigger.FELT_IT, Side.LEFT, 1),
        (SymptomTrigger.AFTER_HOLD, Side.LEFT, 2),
    ]


@pytest.mark.parametrize("key", [False, True], ids=["hand", "key"])
def test_who_says_it_twice_is_asked_about_the_first_time(key):
    play = holding().run(4.0)
    began_s = play.time_s

    def say_it():
        if key:
            play.press(Request.FELT_IT)
            play.frame()
        else:
            play.person.hand = Side.LEFT
            play.run(1.25)
            play.person.hand = None

    say_it()
    play.run(0.75)
    assert play.last.stage is Stage.COME_UP
    say_it()
    play.person.hand_at = 1
    play.until(Stage.QUESTION).until(Stage.TURN_ROUND)
    (symptom,) = play.symptoms
    assert symptom.time_s == pytest.approx(began_s, abs=0.2)
    assert symptom.readings.reading(Angle.TRUNK_LEAN).value_deg > 15.0


def test_a_hand_in_a_pause_of_the_question_goes_on_with_the_question():
    play = holding(6.0).until(Stage.QUESTION).run(1.0)
    asked_about_s = next(one.time_s for one in play.events if one.detail == Stage.COME_UP)
    play.press(Request.PAUSE)
    play.run(1.0)
    assert play.last.stage is Stage.PAUSED
    play.person.hand = Side.LEFT
    play.until(Stage.QUESTION, 3.0)
    play.person.hand, play.person.hand_at = None, 0
    play.until(Stage.TURN_ROUND, 40.0)
    (symptom,) = play.symptoms
    assert (symptom.trigger, symptom.place) == (SymptomTrigger.AFTER_HOLD, SymptomPlace.BACK_OF_THIGH)
    assert symptom.time_s == pytest.approx(asked_about_s, abs=0.3)


def test_a_leg_that_is_put_down_early_is_asked_about_as_it_was_held():
    play = holding(30.0).run(10.0)
    left_s = play.time_s
    lean_deg = play.steps[-1].readings.reading(Angle.TRUNK_LEAN).value_deg
    play.person.stretch = STANDING
    play.person.hand_at = 1
    play.until(Stage.QUESTION, 15.0).until(Stage.TURN_ROUND)
    (symptom,) = play.symptoms
    assert symptom.trigger is SymptomTrigger.AFTER_HOLD
    assert left_s - 1.5 <= symptom.time_s <= left_s + 0.2
    assert symptom.readings.reading(Angle.TRUNK_LEAN).value_deg == pytest.approx(lean_deg, abs=2.0)


def test_what_is_felt_before_the_leg_is_up_in_the_look_from_the_front_is_of_the_hold_before():
    play = Play(Person(hand_at=0), front_check=True, hold_s=6.0).until(Stage.TURN_ROUND).until(Stage.FRONT_CHECK)
    play.run(1.0)
    assert not play.steps[-1].leg.raised
    play.press(Request.FELT_IT)
    play.until(Stage.QUESTION, 5.0)
    assert Line.OKAY_COME_UP not in play.said[-3:]
    play.until(Stage.FRAMING)
    symptom = play.symptoms[-1]
    assert (symptom.trigger, symptom.leg) == (SymptomTrigger.FELT_IT, Side.LEFT)


def test_a_hand_that_goes_up_for_the_last_choice_is_waited_for():
    play = holding(6.0).until(Stage.QUESTION)
    last = len(CHOICES) - 1
    while sum(text == CHOICES[SymptomPlace.NOWHERE] for text in play.said) < 2:
        play.frame()
    play.run(2.1)
    assert play.last.question.current == last
    play.person.hand = Side.LEFT
    play.until(Stage.TURN_ROUND, 5.0)
    assert play.symptoms[0].place is SymptomPlace.NOWHERE


def test_a_hold_that_is_stopped_and_gone_on_with_is_one_hold():
    play = holding().run(8.0)
    play.person.absent = True
    play.until(Stage.AWAY, 3.0)
    play.person.wanted = lambda direction: replace(STANDING, azimuth=0.0)
    play.run(2.0)
    play.person.absent = False  # back with the leg down, and turned away
    play.until(Stage.FRAMING, 20.0)
    play.press(Request.FELT_IT)
    play.until(Stage.QUESTION, 20.0)
    del play.person.wanted
    play.person.hand_at = 0
    play.to_the_end()
    holds_s = [hold.counted_s for hold in play.coach.assessor.holds]
    assert holds(play) == [(Side.LEFT, 1), (Side.LEFT, 1), (Side.RIGHT, 1)]
    assert play.last.caption.startswith("Well done: 2 holds")
    assert sum(holds_s) == pytest.approx(30.0, abs=0.5)


def test_numb_or_tingling_ends_the_session_kindly():
    play = Play(Person(hand_at=4), sets=3, hold_s=6.0).to_the_end()
    assert len(holds(play)) == 1
    assert play.symptoms[0].place is SymptomPlace.NUMB_OR_TINGLING
    assert play.said[-3:] == [Line.STOP_TODAY, Line.IF_IT_LASTS, Line.SEE_CLINICIAN]
    assert ended(play) == ["numb_or_tingling"]
    assert "clinician" in play.last.caption


def test_felt_elsewhere_twice_the_lying_version_is_suggested():
    play = Play(Person(hand_at=1), sets=1, hold_s=6.0).to_the_end()
    assert play.said.count(Line.EASE_NEXT) == 1
    assert play.said.count(Line.LESS_LEAN) == 1
    assert play.said.count(Line.TOES_AND_LOOK) == 1
    assert play.said[-3:] == [Line.TRY_LYING, Line.OR_STOP, Line.ALL_DONE]


def test_nobody_answers():
    play = Play(leg=Side.LEFT, hold_s=6.0).to_the_end()
    assert play.symptoms[0].place is None
    for text in CHOICES.values():
        assert play.said.count(text) == 2
    assert Line.NO_ANSWER in play.said


def test_a_place_whose_key_is_pressed_while_the_leg_comes_down_is_the_answer():
    play = holding().run(4.0)
    play.press(Request.FELT_IT)
    play.run(0.5)
    play.press(Request.CHOICE_3)
    play.until(Stage.QUESTION)
    asked = len(play.said)
    play.run(1.0)
    assert [one.place for one in play.symptoms] == [SymptomPlace.CALF_OR_FOOT]
    assert not set(play.said[asked:]) & {Line.WHERE, *CHOICES.values()}
    play.until(Stage.HOLD).until(Stage.QUESTION).run(1.0)
    assert play.last.stage is Stage.QUESTION
    assert len(play.symptoms) == 1
