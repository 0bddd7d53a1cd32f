"""Whole sessions in simulated time: a person of sticks, the real coach, the director."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from builders import STANDING
from formcoach.angles import Angle
from formcoach.coach.session.checklist import make_steps
from formcoach.coach.session.director import NOBODY_S
from formcoach.coach.session.interruptions import CLOSING_S
from formcoach.coach.session.lines import COUNT, Line
from formcoach.coach.session.types import (
    Request,
    Stage,
    SymptomPlace,
    SymptomTrigger,
)
from formcoach.pose.landmarks import Side
from formcoach.stretch import load_profile
from session_play import GOOD_STRETCH, Person, Play, begun, ended, holding, holds

REMINDER = load_profile().flag("hip_medial_rotation").reminder
HOLD_COURSE = [Stage.RAISE_LEG, Stage.CHECKLIST, Stage.COUNTDOWN, Stage.HOLD, Stage.COME_UP, Stage.QUESTION]


@pytest.fixture(scope="module")
def whole() -> Play:
    return Play(Person(hand_at=0), sets=2, hold_s=10.0).to_the_end()


def test_the_course_of_a_session(whole):
    first = [Stage.FRAMING, Stage.BASELINE, *HOLD_COURSE]
    other = [Stage.TURN_ROUND, Stage.BASELINE, *HOLD_COURSE]
    again = [Stage.TURN_ROUND, *HOLD_COURSE]
    assert whole.stages == [*first, *other, *again, *again, Stage.DONE]
    assert holds(whole) == [(Side.LEFT, 1), (Side.RIGHT, 1), (Side.LEFT, 2), (Side.RIGHT, 2)]
    assert ended(whole) == ["finished"]
    assert whole.said[-1] == Line.ALL_DONE


def test_what_is_said_in_a_session(whole):
    start = [Line.I_SEE_YOU, Line.RAISE_LEG, REMINDER, Line.THREE, Line.TWO, Line.ONE, Line.HOLD, Line.HALF_WAY]
    assert [text for text in whole.said[:9] if text != Line.STAND_TALL][:8] == start
    assert whole.said.count(Line.I_SEE_YOU) == 1
    assert whole.said.count(Line.TURN_ROUND) == 3
    assert whole.said.count(Line.RAISE_A_HAND) == 1
    assert whole.said.count(Line.RIGHT_PLACE) == 4


@pytest.mark.parametrize("turns", [None, False, True], ids=["no check", "left out", "looked at"])
def test_what_no_camera_judges_is_said_before_the_first_hold_and_not_before_each(turns):
    person = Person(hand_at=0, turns_to_front=bool(turns))
    play = Play(person, sets=2, hold_s=3.0, leg=Side.LEFT, front_check=turns is not None).to_the_end()
    said = [one for one in play.directions if REMINDER in [utterance.text for utterance in one.say]]
    assert len(said) == 1
    (first, _) = [one.time_s for one in play.events if one.detail == Stage.HOLD]
    assert said[0].time_s < first
    assert said[0].stage is (Stage.FRONT_CHECK if turns else Stage.CHECKLIST)


def test_the_coach_counts_only_where_a_hold_is_allowed(whole):
    for before, direction, step in zip(whole.directions, whole.directions[1:], whole.steps[1:], strict=False):
        if step.assessment.phase.is_judged:
            assert before.guidance.hold_allowed
            assert before.stage is Stage.HOLD
        assert not direction.guidance.hold_allowed or direction.stage is Stage.HOLD
    counted = [hold.counted_s for hold in whole.coach.assessor.holds]
    assert counted == pytest.approx([10.0] * 4, abs=0.3)


def test_the_leg_to_be_stretched_is_the_nearer_one(whole):
    for direction, step in zip(whole.directions, whole.steps, strict=True):
        if direction.stage is Stage.HOLD:
            assert (direction.leg is Side.LEFT) == (step.azimuth_deg > 0.0)
            assert direction.guidance.leg is direction.leg


def test_the_answers_are_recorded_with_the_moment_they_are_about(whole):
    assert [one.place for one in whole.symptoms] == [SymptomPlace.BACK_OF_THIGH] * 4
    ends = [one.time_s for one in whole.events if one.detail == Stage.COME_UP]
    assert [one.time_s for one in whole.symptoms] == pytest.approx(ends, abs=0.2)
    assert {one.trigger for one in whole.symptoms} == {SymptomTrigger.AFTER_HOLD}
    for symptom in whole.symptoms:
        assert symptom.readings.reading(Angle.TRUNK_LEAN).value_deg > 10.0


def test_the_tone_sounds_in_good_form_and_at_no_other_time(whole):
    tones = {one.stage for one in whole.directions if one.tone}
    assert tones == {Stage.HOLD}
    during = [one for one in whole.directions if one.stage is Stage.HOLD]
    assert sum(one.tone for one in during) > 0.7 * len(during)


def test_the_same_session_again_gives_the_same():
    one, other = (Play(Person(hand_at=2), hold_s=6.0, leg=Side.LEFT).to_the_end() for _ in range(2))
    assert one.said_at == other.said_at
    assert [(e.time_s, e.kind, e.detail) for e in one.events] == [(e.time_s, e.kind, e.detail) for e in other.events]


def test_one_leg_alone_rests_between_its_sets():
    play = Play(Person(near=Side.RIGHT, hand_at=0), leg=Side.RIGHT, sets=3, hold_s=6.0).to_the_end()
    assert holds(play) == [(Side.RIGHT, 1), (Side.RIGHT, 2), (Side.RIGHT, 3)]
    assert Stage.TURN_ROUND not in play.stages
    assert play.said.count(Line.SHORT_REST) == 2
    asked = [time_s for time_s, text in play.said_at if text == Line.RAISE_LEG]
    rested = [time_s for time_s, text in play.said_at if text == Line.SHORT_REST]
    assert len(asked) == 3
    assert asked[1] - rested[0] > 5.0


def test_the_side_to_turn_is_said_where_the_leg_is_given():
    play = Play(Person(near=Side.LEFT), leg=Side.RIGHT)
    play.person.wanted = lambda direction: STANDING
    play.run(4.0)
    assert play.last.stage is Stage.FRAMING
    assert play.said == [Line.RIGHT_SIDE]


def test_the_last_five_seconds_are_counted():
    play = Play(hold_s=20.0).until(Stage.COME_UP)
    counted = [(one.counted_s, say.text) for one in play.directions if one.stage is Stage.HOLD for say in one.say]
    assert [text for _, text in counted] == [
        Line.HOLD,
        Line.HALF_WAY,
        Line.FIVE,
        Line.FOUR,
        Line.THREE,
        Line.TWO,
        Line.ONE,
    ]
    assert [seconds for seconds, _ in counted[1:]] == pytest.approx([10, 15, 16, 17, 18, 19], abs=0.2)


def test_a_fault_pauses_the_clock_is_said_and_praised_when_it_is_corrected():
    play = holding(25.0)
    play.run(4.0)
    play.person.stretch = replace(GOOD_STRETCH, ankle=25.0)
    play.run(6.0)
    paused_s = play.last.counted_s
    assert play.last.caption == "Paused: Point your toes softly"
    assert not play.last.tone
    assert "Point your toes softly" in play.said
    assert Line.CLOCK_WAITS in play.said
    play.run(2.0)
    assert play.last.counted_s == paused_s
    play.person.stretch = GOOD_STRETCH
    play.run(6.0)
    assert "Toes are soft, good" in play.said
    assert play.last.counted_s > paused_s
    assert play.last.caption == Line.HOLD


@pytest.mark.parametrize("from_s", [6.3, 7.3])
def test_a_warning_in_the_last_seconds_is_said_and_the_count_waits_for_it(from_s):
    play, cue = holding(12.0), "Point your toes softly"
    while play.last.counted_s < from_s:
        play.frame()
    play.person.stretch = replace(GOOD_STRETCH, ankle=9.0)  # a warning: the clock goes on
    play.until(Stage.COME_UP, 8.0)
    assert cue in play.said
    heard_s = next(time_s for time_s, text in play.said_at if text == cue)
    # And no number cuts it off.
    assert not any(text in COUNT.values() and time_s > heard_s for time_s, text in play.said_at[-4:])


def test_a_fault_that_the_checklist_spoke_of_is_said_again_in_time_and_three_times_before_easing_off():
    cue = "Point your toes softly"
    play = Play(Person(stretch=replace(GOOD_STRETCH, ankle=8.0)), fps=15.0, hold_s=60.0).until(Stage.CHECKLIST)
    play.run(1.5)
    play.press(Request.SKIP)
    play.until(Stage.HOLD).run(45.0)
    heard = [(time_s, text) for time_s, text in play.said_at if text in (cue, play.profile.stacking_cue)]
    assert [text for _, text in heard[:5]] == [cue] * 4 + [play.profile.stacking_cue]  # the first one by the checklist
    assert np.diff([time_s for time_s, _ in heard]) == pytest.approx(7.0, abs=1.5)


def test_a_slip_of_the_foot_does_not_cost_the_hold():
    play = holding(20.0).run(0.5)
    play.person.wanted = lambda direction: replace(STANDING, azimuth=90.0)
    play.until(Stage.RAISE_LEG, 5.0)
    slipped_s = play.time_s
    play.run(1.0)
    assert Line.RAISE_LEG in play.saying_since(slipped_s - 0.5)
    counted_s = play.last.counted_s
    assert 1.0 < counted_s < 3.0
    del play.person.wanted
    play.until(Stage.HOLD).until(Stage.COME_UP, 40.0)
    assert play.last.counted_s == pytest.approx(20.0, abs=0.3)
    assert sum(hold.counted_s for hold in play.coach.assessor.holds) == pytest.approx(20.0, abs=0.5)


def test_who_puts_the_leg_down_again_and_again_is_asked():
    play = holding(20.0)
    play.person.wanted = lambda direction: replace(STANDING, azimuth=90.0)
    play.until(Stage.RAISE_LEG, 8.0)
    assert Line.COME_UP not in play.said
    del play.person.wanted
    play.until(Stage.HOLD)
    play.person.wanted = lambda direction: replace(STANDING, azimuth=90.0)
    play.until(Stage.QUESTION, 8.0)


def test_a_leg_that_stays_up_is_asked_to_come_up_again():
    play = holding(6.0).until(Stage.COME_UP)
    play.person.wanted = lambda direction: replace(GOOD_STRETCH, azimuth=90.0)
    play.run(10.0)
    assert play.said.count(Line.COME_UP) == 2


@pytest.mark.parametrize("request_", [Request.END, None], ids=["key", "nobody"])
def test_a_hold_that_the_end_cuts_off_is_one(request_):
    play = holding(30.0).run(9.0)
    if request_ is None:
        play.person.absent = True
        play.run(NOBODY_S + 10.0)
    else:
        play.press(request_)
    play.to_the_end(20.0)
    assert play.last.caption.startswith("1 hold, ")


def test_what_waits_is_not_driven_out_by_the_countdown():
    play = begun(Stage.COUNTDOWN)
    play.director._course.chatter.say(play.time_s, Line.ONE_PERSON)
    play.run(6.0)
    assert Line.ONE_PERSON in play.said


def test_an_unfinished_countdown_begins_anew():
    play = begun(Stage.COUNTDOWN)
    play.person.stretch = STANDING
    play.until(Stage.RAISE_LEG)
    assert not any(one.guidance.hold_allowed for one in play.directions)
    assert play.last.countdown is None
    play.person.stretch = GOOD_STRETCH
    play.until(Stage.HOLD)


def test_a_leg_that_comes_down_ends_the_hold_and_asks():
    play = holding(30.0).run(8.0)
    play.person.stretch = STANDING
    play.until(Stage.QUESTION, 10.0)
    assert Line.COME_UP in play.said
    assert 7.0 < play.coach.assessor.holds[0].counted_s < 10.0


@pytest.mark.parametrize("stage", [Stage.FRAMING, Stage.BASELINE, Stage.HOLD, Stage.QUESTION])
def test_the_end_is_where_the_person_wants_it(stage):
    play = begun(stage, 6.0)
    play.press(Request.END)
    play.frame()
    assert play.last.stage is Stage.DONE
    assert [one.text for one in play.last.say] == [Line.ENDED]
    assert not play.director.done
    play.to_the_end(5.0)
    assert ended(play) == ["ended by request"]
    assert len(play.symptoms) == (stage is Stage.QUESTION)


def test_the_checklist_can_be_skipped():
    play = Play(Person(stretch=replace(GOOD_STRETCH, ankle=25.0))).until(Stage.CHECKLIST).run(2.0)
    assert play.last.stage is Stage.CHECKLIST
    play.press(Request.SKIP)
    play.frame()
    assert play.last.stage is Stage.COUNTDOWN


@pytest.mark.parametrize("stage", [Stage.RAISE_LEG, Stage.TURN_ROUND])
def test_a_hold_can_be_left_out(stage):
    play = Play(Person(hand_at=0), hold_s=3.0, sets=2).until(stage)
    wanted = play.last.leg
    play.person.wanted = lambda direction: replace(STANDING, azimuth=90.0)
    play.press(Request.SKIP)
    play.run(1.5)
    assert play.last.leg is wanted  # a key that was meant for the stage before
    play.press(Request.SKIP)
    play.frame()
    assert play.last.leg is wanted.other
    del play.person.wanted
    play.to_the_end()
    assert Line.SKIPPED in play.said
    assert play.last.caption.startswith("Well done: 3 holds")


def test_who_leaves_out_everything_is_not_praised_for_it():
    play = Play(sets=2).until(Stage.RAISE_LEG)
    play.person.wanted = lambda direction: STANDING
    while not play.director.done:
        play.press(Request.SKIP)
        play.frame()
    assert play.last.caption == "No hold was counted."
    assert play.said[-1] == Line.ENDED
    assert Line.ALL_DONE not in play.said


def test_a_rest_can_be_left_out():
    play = Play(Person(hand_at=0), leg=Side.LEFT, sets=2, hold_s=3.0).until(Stage.QUESTION).until(Stage.RAISE_LEG)
    play.run(1.5)
    assert play.last.caption.startswith("Rest")
    play.press(Request.SKIP)
    play.frame()
    assert not play.last.caption.startswith("Rest")
    play.to_the_end()
    assert play.last.caption.startswith("Well done: 2 holds")


def test_the_leg_of_the_other_side_does_nothing():
    play = begun(Stage.RAISE_LEG)
    wrong = replace(GOOD_STRETCH, raised=Side.RIGHT, azimuth=90.0)
    play.person.wanted = lambda direction: wrong
    play.run(14.0)
    assert play.last.stage is Stage.RAISE_LEG
    assert Line.NEARER_LEG in play.said


def test_every_stage_shows_what_to_do(whole):
    for before, one in pairwise(whole.directions):
        assert one.caption or before.stage is not one.stage or one.stage in (Stage.FRAMING, Stage.CHECKLIST)
    assert whole.last.caption == "Well done: 4 holds, 40 s counted."


def test_the_closing_line_can_be_read(whole):
    done_s = next(one.time_s for one in whole.directions if one.stage is Stage.DONE)
    assert whole.last.time_s - done_s >= CLOSING_S


def test_who_has_read_the_closing_line_ends_it_by_key():
    play = Play(Person(hand_at=0), hold_s=3.0).until(Stage.DONE)
    play.run(3.5)
    assert not play.director.done
    play.press(Request.END)
    play.run(2.8)
    assert play.director.done


def test_the_person_is_told_that_they_are_seen(whole):
    assert np.mean([one.sees_person for one in whole.directions]) > 0.99


def test_a_foot_that_is_up_with_the_knee_bent_is_told_what_is_missing():
    play = begun(Stage.RAISE_LEG)
    play.person.stretch = replace(play.person.stretch, knee=80.0)
    play.run(20.0)
    assert play.last.stage is Stage.RAISE_LEG
    assert "Straighten the knee slowly" in play.said


def test_after_a_feeling_elsewhere_nothing_asks_for_a_straighter_knee():
    eased, usual = ([one.rules for one in make_steps(load_profile(), ask_for_lean=ask)] for ask in (False, True))
    cues = [{rule.cue for rules in steps for rule in rules} for steps in (eased, usual)]
    assert cues[1] - cues[0] == {"Straighten the knee slowly"}
