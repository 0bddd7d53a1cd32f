"""Whole sessions in simulated time: a person of sticks, the real coach, the director."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from builders import STANDING
from formcoach.angles import Angle
from formcoach.coach.session.director import NOBODY_S
from formcoach.coach.session.lines import CHOICES, COUNT, Line
from formcoach.coach.session.types import (
    EventKind,
    Request,
    Stage,
    SymptomPlace,
    SymptomTrigger,
    Urgency,
)
from formcoach.pose.landmarks import Side
from formcoach.video.health import PictureFault
from session_play import GOOD_STRETCH, Person, Play

LOST = (Line.CAMERA_LOST, Line.ONLY_BLACK, Line.PICTURE_FROZEN)
HOLD_COURSE = [Stage.RAISE_LEG, Stage.CHECKLIST, Stage.COUNTDOWN, Stage.HOLD, Stage.COME_UP, Stage.QUESTION]


def holds(play: Play) -> list[tuple[Side | None, int]]:
    """Return leg and set of each hold that came up for its question."""
    return [(one.leg, one.set_number) for one in play.events if one.detail == Stage.QUESTION]


def ended(play: Play) -> list[str]:
    return [event.detail for event in play.events if event.kind is EventKind.ENDED]


@cache
def _begun(stage: Stage, hold_s: float) -> Play:
    return Play(hold_s=hold_s).until(stage)


def begun(stage: Stage, hold_s: float = 12.0) -> Play:
    """Return a play at the first moment of a stage; each caller gets one of their own."""
    return deepcopy(_begun(stage, hold_s))


def holding(hold_s: float = 15.0) -> Play:
    return begun(Stage.HOLD, hold_s)


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
    start = [Line.I_SEE_YOU, Line.RAISE_LEG, Line.THREE, Line.TWO, Line.ONE, Line.HOLD, Line.HALF_WAY]
    assert [text for text in whole.said[:8] if text != Line.STAND_TALL][:7] == start
    assert whole.said.count(Line.I_SEE_YOU) == 1
    assert whole.said.count(Line.TURN_ROUND) == 3
    assert whole.said.count(Line.RAISE_A_HAND) == 1
    assert whole.said.count(Line.RIGHT_PLACE) == 4


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
    play.until(Stage.COME_UP, 5.0)
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
    play.until(Stage.COME_UP, 3.0)
    play.person.hand = None
    play.until(Stage.QUESTION).until(Stage.RAISE_LEG)
    del play.person.wanted
    play.until(Stage.HOLD)
    assert (play.last.leg, play.last.set_number) == (Side.LEFT, 1)


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
    assert play.said[-1] == Line.STOP_TODAY
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


def test_away_and_back_in_the_middle_of_a_hold():
    play = holding().run(6.0)
    play.person.absent = True
    play.until(Stage.AWAY, 3.0)
    counted_s = play.last.counted_s
    assert not play.last.sees_person
    play.run(20.0)
    assert play.said.count(Line.CANNOT_SEE) == 1
    assert play.last.counted_s == counted_s
    play.person.absent = False
    play.until(Stage.HOLD, 2.0)
    play.until(Stage.COME_UP, 30.0)
    assert Line.SEE_AGAIN in play.said
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)
    assert len(play.coach.assessor.holds) == 1


def test_who_comes_back_with_the_leg_down_goes_on_with_the_rest_of_the_hold():
    play = holding().run(8.0)
    play.person.absent = True
    play.until(Stage.AWAY, 3.0)
    counted_s = play.last.counted_s
    play.person.stretch = STANDING
    play.person._target = play.person.figure = replace(STANDING, azimuth=90.0)
    play.run(3.0)
    play.person.absent = False
    play.until(Stage.RAISE_LEG, 3.0)
    assert play.last.counted_s == counted_s
    play.run(2.0)
    assert play.last.counted_s == counted_s
    play.person.stretch = GOOD_STRETCH
    play.until(Stage.COME_UP)
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)
    assert sum(hold.counted_s for hold in play.coach.assessor.holds) == pytest.approx(15.0, abs=0.2)


def test_who_is_not_seen_is_told_so_again_and_in_the_end_the_session_is_over():
    play = holding().run(6.0)
    play.person.absent = True
    play.run(100.0)
    assert play.last.stage is Stage.AWAY
    times = [time_s for time_s, text in play.said_at if text == Line.CANNOT_SEE]
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([25.0] * 3, abs=2.0)
    play.to_the_end(250.0)
    assert play.time_s - times[0] < NOBODY_S + 15.0
    assert ended(play) == ["nobody was there"]
    assert play.said[-1] == Line.ENDED


def test_a_camera_that_stays_lost_ends_the_session_too():
    play = begun(Stage.RAISE_LEG)
    play.surroundings = replace(play.surroundings, camera_lost=True)
    for _ in range(round((NOBODY_S - 5.0) * play.fps)):
        play.tick()
    assert play.last.stage is Stage.AWAY
    assert 10 <= play.said.count(Line.CAMERA_LOST) <= 13
    for _ in range(round(10.0 * play.fps)):
        play.tick()
    assert ended(play) == ["nobody was there"]


def test_each_reason_for_seeing_nothing_is_said_and_the_camera_was_lost_once():
    play = begun(Stage.RAISE_LEG)
    good = play.surroundings
    for fault in (PictureFault.BLACK, None, PictureFault.FROZEN):
        play.surroundings = replace(good, camera_lost=True, picture_fault=fault)
        for _ in range(round(4.0 * play.fps)):
            play.tick()
    assert [text for text in play.said if text in LOST] == [Line.ONLY_BLACK, Line.CAMERA_LOST, Line.PICTURE_FROZEN]
    play.surroundings = good
    play.run(2.0)
    kinds = [event.kind for event in play.events]
    assert kinds.count(EventKind.CAMERA_LOST) == kinds.count(EventKind.CAMERA_BACK) == 1


def test_a_session_nobody_comes_to_ends_and_a_pause_does_not():
    play = Play()
    play.person.absent = True
    play.run(NOBODY_S - 5.0)
    assert play.last.stage is Stage.FRAMING
    play.press(Request.PAUSE)
    play.run(NOBODY_S + 20.0)
    assert play.last.stage is Stage.PAUSED
    play.press(Request.PAUSE)
    play.run(NOBODY_S - 5.0)
    assert play.last.stage is Stage.FRAMING
    play.to_the_end(15.0)
    assert ended(play) == ["nobody was there"]


def test_the_tone_stops_when_no_pictures_come():
    play = holding().run(6.0)
    assert play.last.tone
    for _ in range(round(1.5 * play.fps)):
        play.tick()
    assert play.last.stage is Stage.HOLD
    assert not play.last.tone
    assert all(not one.tone for one in play.directions if one.time_s > play.time_s - 0.8)


def test_the_camera_is_lost_in_mid_hold():
    play = holding().run(6.0)
    counted_s = play.last.counted_s
    good = play.surroundings
    play.surroundings = replace(good, camera_lost=True)
    for _ in range(100):
        play.tick()
    assert play.last.stage is Stage.AWAY
    assert play.last.caption == Line.CAMERA_LOST
    assert play.said.count(Line.CAMERA_LOST) == 1
    assert play.last.counted_s == counted_s
    play.surroundings = good
    play.until(Stage.HOLD, 3.0)
    kinds = [event.kind for event in play.events]
    assert kinds.count(EventKind.CAMERA_LOST) == kinds.count(EventKind.CAMERA_BACK) == 1
    play.until(Stage.COME_UP, 30.0)
    assert Line.SEE_AGAIN in play.said
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)


def test_after_sleep_and_wake_the_clock_has_not_counted():
    play = holding().run(6.0)
    counted_s = play.last.counted_s
    play.time_s += 3600.0
    play.frame()
    assert play.last.stage is Stage.AWAY
    play.until(Stage.HOLD, 2.0)
    assert play.last.counted_s < counted_s + 1.5
    assert Line.CANNOT_SEE not in play.said
    play.run(4.0)
    assert Line.SEE_AGAIN in play.said


def test_pause_and_go_on():
    play = holding().run(6.0)
    play.press(Request.PAUSE)
    play.frame()
    assert play.last.stage is Stage.PAUSED
    assert not play.last.guidance.hold_allowed
    counted_s = play.run(10.0).last.counted_s
    assert 5.0 < counted_s < 6.5
    play.press(Request.PAUSE)
    play.frame()
    assert play.last.stage is Stage.HOLD
    play.until(Stage.COME_UP, 30.0)
    assert [text for text in play.said if text in (Line.PAUSED, Line.GOING_ON)] == [Line.PAUSED, Line.GOING_ON]
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)
    assert sum(hold.counted_s for hold in play.coach.assessor.holds) == pytest.approx(15.0, abs=0.3)


def test_too_few_pictures_a_second_are_said_once_and_hold_nothing():
    play = Play(fps=3.0)
    play.run(6.0)
    assert play.last.stage is Stage.FRAMING
    assert play.said == [Line.TOO_SLOW]
    assert not play.last.guidance.hold_allowed


def test_a_rate_that_is_known_only_after_framing_is_said_before_a_baseline_is_taken():
    play = Play()
    good = play.surroundings
    play.until(Stage.BASELINE, 10.0)
    play.surroundings = replace(good, frame_rate_fps=2.0)
    play.run(6.0)
    assert play.last.stage is Stage.FRAMING
    assert play.said[-1] == Line.TOO_SLOW
    play.surroundings = good
    play.until(Stage.RAISE_LEG, 20.0)


def test_a_camera_that_gets_slow_in_mid_hold_stops_the_clock():
    play = holding().run(6.0)
    good = play.surroundings
    play.surroundings = replace(good, frame_rate_fps=3.0)
    play.run(1.0)
    counted_s = play.last.counted_s
    play.run(5.0)
    assert play.last.stage is Stage.HOLD
    assert play.last.counted_s == counted_s
    assert play.last.caption == Line.TOO_SLOW
    assert not play.last.guidance.hold_allowed
    play.surroundings = good
    play.until(Stage.COME_UP, 30.0)
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)


def test_two_people_are_asked_to_be_one_and_a_mirror_is_accepted_in_the_end():
    play = Play()
    play.surroundings = replace(play.surroundings, people=2)
    play.run(15.0)
    assert play.stages == [Stage.FRAMING]
    assert set(play.said) == {Line.ONE_PERSON}
    assert len(play.said) in (2, 3)
    play.until(Stage.BASELINE, 20.0)
    said = len(play.said)
    play.until(Stage.HOLD)
    assert Line.ONE_PERSON not in play.said[said:]


def test_the_baseline_is_taken_again_when_it_is_asked_for():
    play = begun(Stage.RAISE_LEG)
    first = play.coach.baselines[0]
    play.person.stretch = STANDING
    play.press(Request.BASELINE)
    play.until(Stage.BASELINE, 1.0).until(Stage.RAISE_LEG, 15.0)
    assert [event.detail for event in play.events if event.kind is EventKind.BASELINE_RETAKEN] == ["asked for"]
    assert play.coach.baselines[0].start_s > first.end_s
    assert Line.ONCE_MORE in play.said


def test_another_coach_measures_both_legs_anew():
    play = Play(Person(hand_at=0), sets=2, hold_s=3.0)
    play.surroundings = replace(play.surroundings, coach_number=1)
    while [one.detail for one in play.events].count(Stage.QUESTION) < 3:
        play.frame()
    assert play.stages.count(Stage.BASELINE) == 2  # one a leg, and none before the second set
    play.renew_coach()
    play.to_the_end()
    assert play.stages.count(Stage.BASELINE) == 3
    retaken = [event.detail for event in play.events if event.kind is EventKind.BASELINE_RETAKEN]
    assert retaken == ["another model or picture size"]


def test_another_coach_in_mid_hold_begins_with_a_baseline_and_looks_from_the_front_again():
    play = Play(Person(hand_at=0), hold_s=12.0, front_check=True)
    play.surroundings = replace(play.surroundings, coach_number=1)
    play.until(Stage.HOLD).run(4.0)
    play.renew_coach()
    play.until(Stage.BASELINE, 1.0).until(Stage.FRONT_CHECK, 15.0).until(Stage.COME_UP)
    assert play.last.counted_s == pytest.approx(12.0, abs=0.3)


def test_another_coach_while_nobody_is_seen_begins_with_a_baseline_too():
    play = holding().run(4.0)
    play.surroundings = replace(play.surroundings, coach_number=1)
    play.frame()
    play.person.absent = True
    play.until(Stage.AWAY, 3.0)
    play.renew_coach()
    play.run(3.0)
    play.person.absent = False
    play.until(Stage.BASELINE, 3.0).until(Stage.HOLD)


def test_the_first_coach_is_no_other_coach():
    play = Play()
    for _ in range(5):
        play.tick()
    play.surroundings = replace(play.surroundings, coach_number=1)
    play.until(Stage.RAISE_LEG)
    assert [event for event in play.events if event.kind is EventKind.BASELINE_RETAKEN] == []


def test_the_baseline_is_of_somebody_who_has_heard_to_stand_tall():
    play = begun(Stage.RAISE_LEG)
    told_s = next(time_s for time_s, text in play.said_at if text == Line.I_SEE_YOU)
    assert play.coach.baselines[0].start_s >= told_s + 1.0


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


def test_the_baseline_can_be_left_out():
    play = begun(Stage.BASELINE)
    play.press(Request.SKIP)
    play.until(Stage.RAISE_LEG, 0.5)
    assert Line.NO_BASELINE in play.run(4.0).said


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


def test_a_wrong_baseline_is_noticed_and_taken_again():
    slouched = replace(STANDING, lean=18.0, lumbar=18.0, neck=15.0, head=10.0)
    play = Play()
    play.person.wanted = lambda direction: slouched
    play.until(Stage.RAISE_LEG)
    play.person.wanted = lambda direction: STANDING
    play.until(Stage.BASELINE, 8.0)
    assert "did not fit" in next(event.detail for event in play.events if event.kind is EventKind.BASELINE_RETAKEN)
    play.until(Stage.RAISE_LEG, 15.0).run(6.0)
    assert play.last.stage is Stage.RAISE_LEG
    lumbar = play.steps[-1].readings.reading(Angle.LUMBAR_FLEXION).value_deg
    assert abs(lumbar) < 4.0


def test_every_stage_shows_what_to_do(whole):
    for before, one in pairwise(whole.directions):
        assert one.caption or before.stage is not one.stage or one.stage in (Stage.FRAMING, Stage.CHECKLIST)
    assert whole.last.caption == "Well done: 4 holds, 40 s counted."


def test_the_person_is_told_that_they_are_seen(whole):
    assert np.mean([one.sees_person for one in whole.directions]) > 0.99
