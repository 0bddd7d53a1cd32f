"""Sessions in simulated time: the baseline, and other coaches that need one of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import STANDING
from formcoach.angles import Angle
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import (
    EventKind,
    Request,
    Stage,
)
from session_play import Person, Play, begun, holding


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


def test_the_baseline_can_be_left_out():
    play = begun(Stage.BASELINE)
    play.press(Request.SKIP)
    play.until(Stage.RAISE_LEG, 0.5)
    assert Line.NO_BASELINE in play.run(4.0).said
