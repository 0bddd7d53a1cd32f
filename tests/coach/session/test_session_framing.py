"""Each thing that keeps the camera from seeing is said as one instruction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, make_pose
from formcoach.coach.session.course import SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.framing import RateWatch
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Request, Stage, Surroundings
from formcoach.pose.landmarks import Side
from formcoach.video.health import PictureFault
from session_play import PROFILE, HandMade

GOOD = Surroundings(frame_rate_fps=15.0, people=1)
SMALL = make_pose(replace(STANDING, scale=60.0))
LOW, HIGH = make_pose(replace(STANDING, centre=(320.0, 380.0))), make_pose(replace(STANDING, centre=(320.0, 90.0)))
# All landmarks lie in the picture, the top of the head does not.
TOP_CUT_OFF = make_pose(replace(STANDING, centre=(320.0, 141.0)))
# All landmarks lie in the picture, the back does not.
BACK_CUT_OFF = make_pose(replace(STANDING, azimuth=90.0, centre=(620.0, 240.0)))
LARGE = make_pose(replace(STANDING, scale=400.0))


def direct(seconds, surroundings=GOOD, leg=None, requests=(), **seen):
    """Let somebody stand like that for so long; return the director and everything it said."""
    coach, director, said = HandMade(PROFILE), Director(PROFILE, SessionOptions(leg=leg, front_check=False)), []
    for _ in range(round(seconds * coach.fps)):
        direction = director.step(coach.step(**seen), surroundings, requests)
        coach.guidance = direction.guidance
        said += [(direction.time_s, one.text) for one in direction.say]
    return direction, said


@pytest.mark.parametrize(
    ("line", "surroundings", "seen"),
    [
        (Line.NOBODY, GOOD, {"seen": False}),
        (Line.ONE_PERSON, replace(GOOD, people=2), {}),
        (Line.MORE_LIGHT, replace(GOOD, picture_fault=PictureFault.TOO_DARK), {}),
        (Line.MORE_LIGHT, replace(GOOD, picture_fault=PictureFault.TOO_DARK), {"seen": False}),
        (Line.LESS_LIGHT, replace(GOOD, picture_fault=PictureFault.TOO_BRIGHT), {}),
        (Line.TOO_SLOW, replace(GOOD, frame_rate_fps=4.0), {}),
        (Line.FEET_TOO, GOOD, {"pose": LOW}),
        (Line.HEAD_TOO, GOOD, {"pose": HIGH}),
        (Line.HEAD_TOO, GOOD, {"pose": TOP_CUT_OFF}),
        (Line.STEP_BACK, GOOD, {"pose": LARGE}),
        (Line.STEP_BACK, GOOD, {"pose": BACK_CUT_OFF}),
        (Line.COME_CLOSER, GOOD, {"pose": SMALL}),
        (Line.SIDE_ON, GOOD, {"azimuth": 0.0}),
        (Line.SIDE_ON, GOOD, {"azimuth": 55.0}),
        (Line.SIDE_ON, GOOD, {"azimuth": 125.0}),
        (Line.SIDE_ON, GOOD, {"azimuth": np.nan}),
    ],
)
def test_one_instruction_for_what_is_in_the_way(line, surroundings, seen):
    direction, said = direct(6.0, surroundings, **seen)
    assert [text for _, text in said] == [line]
    assert direction.stage is Stage.FRAMING
    assert direction.caption == line
    assert not direction.guidance.hold_allowed


@pytest.mark.parametrize(
    ("fault", "line"), [(PictureFault.BLACK, Line.ONLY_BLACK), (PictureFault.FROZEN, Line.PICTURE_FROZEN)]
)
@pytest.mark.parametrize("lost", [False, True])
def test_a_black_or_frozen_picture_is_a_lost_camera_with_its_reason(fault, line, lost):
    direction, said = direct(10.0, replace(GOOD, picture_fault=fault, camera_lost=lost))
    assert [text for _, text in said] == [line]
    assert direction.caption == line
    assert direction.stage is Stage.AWAY
    assert not direction.sees_person


@pytest.mark.parametrize(
    ("leg", "azimuth", "line"), [(Side.LEFT, -80.0, Line.LEFT_SIDE), (Side.RIGHT, 80.0, Line.RIGHT_SIDE)]
)
def test_the_leg_that_was_asked_for_has_to_be_the_nearer_one(leg, azimuth, line):
    assert [text for _, text in direct(5.0, leg=leg, azimuth=azimuth)[1]] == [line]
    assert direct(1.5, leg=leg, azimuth=-azimuth)[0].stage is Stage.BASELINE


@pytest.mark.parametrize("azimuth", [62.0, 80.0, 98.0, -62.0, -98.0])
def test_side_on_within_twenty_degrees_is_good(azimuth):
    direction, said = direct(1.5, azimuth=azimuth)
    assert direction.stage is Stage.BASELINE
    assert direction.leg is (Side.LEFT if azimuth > 0 else Side.RIGHT)
    assert [text for _, text in said] == [Line.I_SEE_YOU]


def test_an_instruction_is_repeated_after_seven_seconds_and_later_more_seldom():
    times = [time_s for time_s, _ in direct(60.0, seen=False)[1]]
    gaps = np.diff(times)
    assert gaps[:2] == pytest.approx([7.0, 7.0], abs=0.2)
    assert (gaps[2:] >= 14.9).all()
    assert len(gaps) >= 4


def test_a_moment_is_no_reason_to_speak():
    coach, director = HandMade(PROFILE), Director(PROFILE)
    said = []
    for frame in range(80):
        bad = frame % 8 < 3  # 0.4 s of nobody, 0.6 s of somebody
        said += director.step(coach.step(seen=not bad), GOOD).say
    assert said == []


def test_a_room_that_is_too_small_does_not_keep_the_session_from_going_on():
    coach, director, stages = HandMade(PROFILE), Director(PROFILE, SessionOptions(front_check=False)), []
    for _ in range(round(65.0 * coach.fps)):
        direction = director.step(coach.step(pose=LOW), GOOD)
        coach.guidance = direction.guidance
        stages.append(direction.stage)
    assert set(stages[: round(44.0 * coach.fps)]) == {Stage.FRAMING}
    assert set(stages[-round(10.0 * coach.fps) :]) == {Stage.RAISE_LEG}


def test_skip_accepts_the_room_but_not_the_wrong_side():
    assert direct(1.2, pose=LOW, requests=(Request.SKIP,))[0].stage is not Stage.FRAMING
    assert direct(9.0, azimuth=0.0, requests=(Request.SKIP,))[0].stage is Stage.FRAMING


DARK = replace(GOOD, picture_fault=PictureFault.TOO_DARK)


@pytest.mark.parametrize("fault", [PictureFault.TOO_DARK, PictureFault.TOO_BRIGHT])
def test_a_dark_or_bright_room_in_which_somebody_is_found_does_not_keep_the_session_from_going_on(fault):
    light = replace(GOOD, picture_fault=fault)
    assert direct(44.0, light)[0].stage is Stage.FRAMING
    assert direct(50.0, light)[0].stage in (Stage.BASELINE, Stage.RAISE_LEG)
    assert direct(1.2, light, requests=(Request.SKIP,))[0].stage is not Stage.FRAMING


def test_a_dark_room_in_which_nobody_is_found_needs_light():
    direction, said = direct(100.0, DARK, seen=False)
    assert direction.stage is Stage.FRAMING
    assert {text for _, text in said} == {Line.MORE_LIGHT}


def test_a_dark_room_does_not_hide_what_else_is_in_the_way():
    assert direct(50.0, DARK, azimuth=0.0)[1][-1][1] == Line.SIDE_ON


def test_the_rate_does_not_flicker_at_its_limit():
    watch = RateWatch()
    assert [watch.step(float(time_s), rate) for time_s, rate in enumerate((np.nan, 15, 4.4, 4.7, 4.4, 4.8, 4.6))] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
    ]


def test_who_turns_away_while_the_leg_is_awaited_is_asked_to_turn_back():
    coach, director = HandMade(PROFILE), Director(PROFILE, SessionOptions(front_check=False))
    stages, said = [], []
    for frame in range(240):
        turned = 120 <= frame < 200
        direction = director.step(coach.step(azimuth=0.0 if turned else 80.0), GOOD)
        coach.guidance = direction.guidance
        stages.append(direction.stage)
        said += [one.text for one in direction.say if turned]
    assert stages[119] is Stage.RAISE_LEG
    assert stages[160] is Stage.FRAMING
    assert Line.LEFT_SIDE in said
    assert stages[-1] is Stage.RAISE_LEG
