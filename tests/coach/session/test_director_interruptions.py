"""Sessions in simulated time: out of sight, without a camera, paused, too slow, not alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from builders import STANDING
from formcoach.coach.session.director import NOBODY_S
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import (
    EventKind,
    Request,
    Stage,
)
from formcoach.live.rates import FrameRate
from formcoach.video.health import PictureFault
from session_play import GOOD_STRETCH, Play, begun, ended, holding

LOST = (Line.CAMERA_LOST, Line.ONLY_BLACK, Line.PICTURE_FROZEN)


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
    play.run(2.0)
    counted_s = play.last.counted_s
    play.run(5.0)
    assert play.last.stage is Stage.HOLD
    assert play.last.counted_s == counted_s
    assert play.last.caption == Line.TOO_SLOW
    assert not play.last.guidance.hold_allowed
    play.surroundings = good
    play.until(Stage.COME_UP, 30.0)
    assert play.last.counted_s == pytest.approx(15.0, abs=0.2)


def play_with_camera(camera_fps, seconds=40.0):
    """Play to a camera of so many pictures a second, which waver a little."""
    play, rate, noise = Play(fps=camera_fps), FrameRate(), np.random.default_rng(1)
    for _ in range(round(seconds * camera_fps)):
        rate.note(play.time_s + noise.uniform(-0.01, 0.01))
        play.surroundings = replace(play.surroundings, frame_rate_fps=rate.fps(), camera_fps=camera_fps)
        play.frame()
    return play


def test_a_camera_of_five_pictures_a_second_is_enough_and_a_slower_one_wants_light():
    assert Stage.HOLD in play_with_camera(5.0).stages
    slow = play_with_camera(4.0)
    assert slow.last.stage is Stage.FRAMING
    assert Line.MORE_LIGHT in slow.said
    assert Line.TOO_SLOW not in slow.said


@pytest.mark.parametrize("stage", [Stage.COUNTDOWN, Stage.HOLD])
@pytest.mark.parametrize("fps", [8.0, 15.0])
@pytest.mark.parametrize("stall_s", [0.8, 1.2, 1.5, 1.8])
def test_one_picture_that_takes_long_blames_no_other_programs(stage, fps, stall_s):
    play, rate = Play(fps=fps), FrameRate()
    play.until(stage)
    for _ in range(3):
        rate.note(play.time_s)
    for frame in range(round(8.0 * fps)):
        if frame == round(2.5 * fps):
            play.time_s += stall_s
        rate.note(play.time_s)
        play.surroundings = replace(play.surroundings, frame_rate_fps=rate.fps())
        play.frame()
    assert Line.TOO_SLOW not in play.said
    assert sum(one.detail == stage for one in play.events) == 1


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
