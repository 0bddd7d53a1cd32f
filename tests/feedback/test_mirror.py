from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import STRETCHING, make_clip, make_pose
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.feedback.overlay.annotators import back_line
from formcoach.feedback.overlay.mirror import mirror_step, scale_step
from formcoach.pose.landmarks import Landmark
from formcoach.pose.pose import Pose
from formcoach.stretch import load_profile

WIDTH = 640


@pytest.fixture(scope="module")
def step():
    times, poses = make_clip((STRETCHING, 0.5))
    coach = Coach(load_profile(), load_calibration("heavy"), (WIDTH, 480))
    return [coach.step(float(time_s), poses[index]) for index, time_s in enumerate(times)][-1]


@given(
    x=st.floats(-200.0, 2000.0),
    azimuth=st.floats(-180.0, 180.0),
    back=st.floats(0.05, 0.6),
    width=st.integers(100, 4000),
)
def test_mirrored_twice_is_as_before(step, x, azimuth, back, width):
    pose = make_pose(replace(STRETCHING, azimuth=azimuth, centre=(x, 200.0)), back=back)
    before = replace(step, pose=pose, facing=float(np.sign(x)) or 1.0)
    after = mirror_step(mirror_step(before, width), width)
    assert after.pose.points == pytest.approx(pose.points, abs=1e-2)
    assert (after.pose.outline == pose.outline).all()
    assert after.facing == before.facing


def test_it_is_what_the_mirrored_picture_shows(step):
    mirrored = mirror_step(step, WIDTH)
    assert mirrored.pose.points[:, 0] == pytest.approx(WIDTH - step.pose.points[:, 0])
    assert (mirrored.pose.points[:, 1] == step.pose.points[:, 1]).all()
    assert (step.facing, mirrored.facing) == (-1.0, 1.0)


def test_the_line_of_the_back_lies_on_the_mirrored_back(step):
    pose = make_pose(STRETCHING, back=0.2, front=0.4)
    mirrored = mirror_step(replace(step, pose=pose), WIDTH)
    line = back_line(pose, faces_right=False)
    line[:, 0] = WIDTH - line[:, 0]
    assert back_line(mirrored.pose, faces_right=True) == pytest.approx(line, abs=0.01, nan_ok=True)
    assert np.isfinite(line).any()


def test_sides_and_angles_stay(step):
    mirrored = mirror_step(step, WIDTH)
    assert mirrored.leg == step.leg
    assert mirrored.readings is step.readings
    assert mirrored.assessment is step.assessment
    assert mirrored.pose.world is step.pose.world
    left = Landmark.LEFT_KNEE
    assert mirrored.pose.points[left, 0] == pytest.approx(WIDTH - step.pose.points[left, 0])


def test_the_step_itself_is_left_alone(step):
    points, outline = step.pose.points.copy(), step.pose.outline.copy()
    mirror_step(step, WIDTH)
    scale_step(step, (2.0, 2.0))
    assert (step.pose.points == points).all()
    assert (step.pose.outline == outline).all()


def test_nobody_and_an_unknown_facing_stay_unknown(step):
    mirrored = mirror_step(replace(step, pose=Pose.missing(), facing=float("nan")), WIDTH)
    assert not mirrored.pose.found
    assert np.isnan(mirrored.facing)


def test_scaled_points_lie_in_the_scaled_picture(step):
    scaled = scale_step(step, (2.0, 3.0))
    assert scaled.pose.points == pytest.approx(step.pose.points * [2.0, 3.0])
