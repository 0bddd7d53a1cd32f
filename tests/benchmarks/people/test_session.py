from __future__ import annotations

from dataclasses import astuple, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.angles import Side
from people.arms import TARGETS, Arms
from people.movement import FAULTS
from people.posing import all_angles, joint_centres, pose_body
from people.session import (
    FRONT,
    LEFT_RIGHT,
    LEFT_SIDE,
    ON_BENCH,
    POSTURES,
    RIGHT_SIDE,
    SCRIPTS,
    STAND,
    Moment,
    Part,
    Performance,
    Script,
    turn_pose,
    turned,
)
from stick_body import stick_body

BODY = stick_body()
SEED, FPS = 5, 15.0
SCRIPT = st.sampled_from(SCRIPTS)


def perform(script=LEFT_RIGHT):
    return Performance(script, BODY, 0.01, SEED)


def where(figure):
    pose = turn_pose(pose_body(BODY, figure.angles, figure.raised, figure.arms), figure.azimuth)
    return joint_centres(pose, pose.skin())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_whole(script):
    for part in script.parts:
        assert all(later.time_s > earlier.time_s for earlier, later in pairwise(part.moments))
        assert {moment.posture for moment in part.moments} <= {STAND, *POSTURES}
        assert {moment.hands for moment in part.moments} | {moment.near_hand for moment in part.moments} <= {
            "",
            *TARGETS,
        }
        assert part.moments[0].posture == part.moments[-1].posture == STAND
        assert any(moment.posture in ON_BENCH for moment in part.moments)
    for before, after in pairwise(script.parts):
        assert replace(before.moments[-1]) == after.moments[0]
    assert script.parts[0].moments[0].time_s == 0.0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_leg_is_raised_with_its_side_to_the_camera(script):
    for part in script.parts:
        side = {Side.LEFT: LEFT_SIDE, Side.RIGHT: RIGHT_SIDE}[part.raised]
        assert {moment.azimuth for moment in part.moments if moment.posture != STAND} == {side}


def test_good_form_has_none_of_the_faults_and_the_others_have_theirs():
    for angle, low, high in FAULTS.values():
        for posture in ("good", "heel_up"):
            if posture == "heel_up" and angle == "pelvic_tilt":
                continue
            assert not low <= POSTURES[posture].get(angle, 0.0) <= high, (posture, angle)
    assert POSTURES["toes_up"]["ankle_dorsiflexion"] > FAULTS["ankle"][1]
    assert FAULTS["lumbar"][1] < POSTURES["rounded"]["lumbar_flexion"] < FAULTS["lumbar"][2]


@pytest.mark.parametrize(
    ("azimuth", "near"), [(LEFT_SIDE, "left"), (RIGHT_SIDE, "right")], ids=["left side", "right side"]
)
def test_turning_brings_the_side_to_the_camera(azimuth, near):
    # The camera is at -y.
    points = where(replace(perform().at(0.0), azimuth=azimuth))
    far = {"left": "right", "right": "left"}[near]
    assert points[f"{near}_shoulder"][1] < points[f"{far}_shoulder"][1] - 0.2
    front = where(replace(perform().at(0.0), azimuth=FRONT))
    assert front["nose"][1] < front["left_ear"][1]


@given(time_s=st.floats(0.0, 90.0), azimuth=st.floats(-180.0, 180.0))
@settings(max_examples=10)
def test_turning_keeps_every_angle(time_s, azimuth):
    figure = perform().at(time_s)
    pose = pose_body(BODY, figure.angles, figure.raised, figure.arms)
    angles, same = all_angles(pose), all_angles(turn_pose(pose, azimuth))
    assert same == pytest.approx(angles, abs=1e-6)


def test_the_person_does_not_jump_where_the_other_leg_s_part_begins():
    performance = perform()
    end_s = LEFT_RIGHT.parts[0].moments[-1].time_s
    before, after = (where(performance.at(end_s + shift)) for shift in (0.0, 0.01))
    assert performance.at(end_s).raised is not performance.at(end_s + 0.01).raised
    for name, point in before.items():
        assert after[name] == pytest.approx(point, abs=0.02), name


@given(script=SCRIPT)
@settings(max_examples=2)
def test_nothing_moves_faster_than_somebody_can(script):
    performance = perform(script)
    times = np.arange(0.0, performance.duration_s, 1.0 / FPS)
    points = [where(performance.at(float(time))) for time in times]
    for name in ("nose", "left_shoulder", "right_ankle", "left_wrist", "right_wrist"):
        track = np.array([one[name] for one in points])
        assert np.linalg.norm(np.diff(track, axis=0), axis=1).max() * FPS < 5.0, name


@pytest.mark.parametrize("number", [0, 1])
def test_the_foot_lies_on_its_bench(number):
    performance = perform()
    contact, azimuth = performance.benches[number]
    place = turned(azimuth)[:3, :3] @ contact
    part = LEFT_RIGHT.parts[number]
    for moment in part.moments:
        if moment.posture in ON_BENCH:
            figure = performance.at(moment.time_s - 0.01)
            pose = turn_pose(pose_body(BODY, figure.angles, figure.raised, figure.arms), figure.azimuth)
            assert pose.lowest_of_raised_foot() == pytest.approx(place, abs=0.25)
            assert pose.lowest_of_raised_foot()[2] == pytest.approx(place[2], abs=0.05)


def test_there_is_a_bench_on_either_side_of_the_person():
    (left, left_azimuth), (right, right_azimuth) = perform().benches
    places = [turned(azimuth)[:3, :3] @ contact for contact, azimuth in ((left, left_azimuth), (right, right_azimuth))]
    assert places[0][0] < -0.5
    assert places[1][0] > 0.5
    assert places[0][2] == pytest.approx(places[1][2], abs=0.03)


@pytest.mark.parametrize(("time_s", "hand"), [(48.0, "left"), (74.5, "right"), (84.5, "right")])
def test_the_near_hand_is_raised_clearly_above_the_head(time_s, hand):
    points = where(perform().at(time_s))
    assert points[f"{hand}_wrist"][2] > points["nose"][2] + 0.25
    other = {"left": "right", "right": "left"}[hand]
    assert points[f"{other}_wrist"][2] < points[f"{other}_shoulder"][2] - 0.2


def test_hands_stay_down_at_all_other_times():
    performance = perform()
    for time_s in np.arange(0.0, performance.duration_s, 0.5):
        if not (45.5 < time_s < 51.0 or 72.0 < time_s < 77.0 or 82.5 < time_s < 86.5):
            points = where(performance.at(float(time_s)))
            for side in Side:
                assert points[f"{side}_wrist"][2] < points[f"{side}_shoulder"][2], time_s


def test_other_times_can_be_asked_for():
    performance = perform()
    assert performance.at(-0.1).azimuth == FRONT
    assert performance.at(performance.duration_s + 1.0).azimuth == RIGHT_SIDE


def test_moments_say_what_each_hand_does():
    moments = (
        Moment(0.0, STAND, RIGHT_SIDE, "hips", "overhead"),
        Moment(1.0, "good", RIGHT_SIDE),
        Moment(2.0, STAND, RIGHT_SIDE),
    )
    figure = Performance(Script("one", (Part(Side.RIGHT, moments),)), BODY, 0.02, SEED).at(0.0)
    assert isinstance(figure.arms, Arms)
    assert (dict(figure.arms.left)["hips"], dict(figure.arms.right)["overhead"]) == (1.0, 1.0)
    assert figure.arms.clearance_m == 0.02


def test_the_same_seed_moves_the_same():
    one, again = perform().at(20.3), perform().at(20.3)
    other = Performance(LEFT_RIGHT, BODY, 0.01, SEED + 1).at(20.3)
    assert astuple(one.angles) == astuple(again.angles)
    assert astuple(one.angles) != astuple(other.angles)
