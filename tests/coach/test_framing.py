from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING, STRETCHING, make_pose
from formcoach.angles import View
from formcoach.coach.framing import (
    FramingFault,
    find_framing_fault,
    is_cut_off,
    measure_body_px,
    measure_figure_px,
)
from formcoach.pose.landmarks import Landmark


@pytest.mark.parametrize("scale", [60.0, 180.0])
def test_a_figure_is_measured_from_nose_to_ankle(scale):
    points = make_pose(replace(STANDING, scale=scale)).points
    expected = points[Landmark.LEFT_ANKLE, 1] - points[Landmark.NOSE, 1]
    assert measure_figure_px(points) == pytest.approx(expected)
    assert measure_figure_px(points) == pytest.approx(scale / 180.0 * measure_figure_px(make_pose().points))


@pytest.mark.parametrize("lean", [0.0, 30.0, 70.0])
@pytest.mark.parametrize("figure", [STANDING, STRETCHING, replace(STRETCHING, stance_thigh=90.0, stance_knee=90.0)])
def test_whoever_leans_raises_a_leg_or_sits_is_as_long_along_the_body_as_when_standing(figure, lean):
    standing = measure_figure_px(make_pose().points)
    assert measure_body_px(make_pose(replace(figure, lean=lean)).points) == pytest.approx(standing, rel=0.04)


def test_a_figure_that_was_not_found_has_no_size():
    assert np.isnan(measure_figure_px(np.full((33, 2), np.nan)))
    assert np.isnan(measure_body_px(np.full((33, 2), np.nan)))


@pytest.mark.parametrize(
    ("centre", "cut_off"),
    [((320.0, 240.0), False), ((320.0, 20.0), True), ((320.0, 460.0), True), ((5.0, 240.0), True)],
)
def test_head_and_feet_must_be_in_the_picture(centre, cut_off):
    pose = make_pose(replace(STANDING, centre=centre, scale=150.0))
    assert is_cut_off(pose, FRAME_SIZE) is cut_off


@pytest.mark.parametrize(("above_the_nose_px", "cut_off"), [(15.0, True), (40.0, False)])
def test_the_top_of_the_head_must_be_in_the_picture_too(above_the_nose_px, cut_off):
    pose = make_pose()
    points = pose.points - np.array([0.0, pose.points[Landmark.NOSE, 1] - above_the_nose_px], dtype=np.float32)
    assert (points[:, 1] > 0.0).all()
    assert is_cut_off(replace(pose, points=points), (640, 2000)) is cut_off


def test_back_and_belly_must_be_in_the_picture():
    pose = make_pose(replace(STANDING, centre=(320.0, 240.0)))
    right = int(pose.points[:, 0].max()) + 10
    assert (pose.points[:, 0] < right).all()
    assert not is_cut_off(pose, FRAME_SIZE)
    assert is_cut_off(replace(pose, outline=pose.outline + np.float32(1.0)), (right, 480))


def test_a_landmark_that_the_model_only_imagines_is_outside():
    pose = make_pose()
    presence = pose.presence.copy()
    presence[Landmark.LEFT_ANKLE] = 0.2
    assert is_cut_off(replace(pose, presence=presence), FRAME_SIZE)


@pytest.mark.parametrize(
    ("view", "figure_px", "cut_off", "fault"),
    [
        (View.SIDE, 250.0, False, None),
        (View.SIDE, float("nan"), False, None),
        (View.UNKNOWN, 250.0, False, None),
        (View.SIDE, 120.0, False, FramingFault.TOO_FAR),
        (View.FRONT, 250.0, False, FramingFault.FROM_THE_FRONT),
        (View.OBLIQUE, 250.0, False, FramingFault.AT_A_SLANT),
        (View.BACK, 250.0, False, FramingFault.FROM_THE_BACK),
        (View.FRONT, 120.0, True, FramingFault.CUT_OFF),  # one instruction at a time, the most useful first
        (View.FRONT, 120.0, False, FramingFault.TOO_FAR),
    ],
)
def test_one_fault_is_named(view, figure_px, cut_off, fault):
    assert find_framing_fault(view, figure_px, cut_off=cut_off) is fault


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (View.SIDE, FramingFault.FAR_LEG),
        (View.OBLIQUE, FramingFault.FAR_LEG),
        (View.FRONT, FramingFault.FROM_THE_FRONT),
        (View.BACK, FramingFault.FROM_THE_BACK),
    ],
)
def test_the_far_leg_matters_where_one_leg_is_nearer(view, fault):
    assert find_framing_fault(view, 250.0, cut_off=False, far_leg=True) is fault
    assert find_framing_fault(view, 250.0, cut_off=True, far_leg=True) is FramingFault.CUT_OFF


def test_every_fault_says_what_to_do():
    for fault in FramingFault:
        assert any(word in fault.advice for word in ("step back", "come closer", "stand side-on"))
        assert fault.advice.endswith(".")
