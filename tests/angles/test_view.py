from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, make_pose
from formcoach.angles import View
from formcoach.angles.view import classify_view, is_far_leg, mean_azimuth_deg
from formcoach.pose.facing import compute_azimuth_deg, compute_facing
from formcoach.pose.landmarks import Side


@pytest.mark.parametrize("azimuth", [-170.0, -90.0, -30.0, 0.0, 45.0, 90.0, 130.0])
def test_azimuth_of_constructed_people(azimuth):
    assert compute_azimuth_deg(make_pose(replace(STANDING, azimuth=azimuth)).world) == pytest.approx(azimuth, abs=0.01)


@pytest.mark.parametrize(
    ("azimuth", "view"),
    [
        (90.0, View.SIDE),
        (-70.0, View.SIDE),
        (111.0, View.SIDE),
        (60.0, View.OBLIQUE),
        (-30.0, View.OBLIQUE),
        (20.0, View.FRONT),
        (-5.0, View.FRONT),
        (150.0, View.BACK),
        (-180.0, View.BACK),
        (float("nan"), View.UNKNOWN),
    ],
)
def test_views_by_their_limits(azimuth, view):
    assert classify_view(azimuth) is view


def test_facing_by_nose_and_feet():
    assert compute_facing(make_pose(replace(STANDING, azimuth=-90.0)).points) > 0.3
    assert compute_facing(make_pose(replace(STANDING, azimuth=90.0)).points) < -0.3
    assert abs(compute_facing(make_pose(replace(STANDING, azimuth=0.0)).points)) < 0.01


def test_facing_does_not_change_when_the_model_confuses_left_and_right():
    pose = make_pose(STANDING)
    swapped = pose.points.copy()
    swapped[[29, 30, 31, 32]] = swapped[[30, 29, 32, 31]]
    assert compute_facing(swapped) == pytest.approx(compute_facing(pose.points))


def test_mean_azimuth_goes_round_the_circle_and_passes_nan_over():
    assert mean_azimuth_deg(np.array([170.0, -170.0, np.nan])) == pytest.approx(180.0) or mean_azimuth_deg(
        np.array([170.0, -170.0, np.nan])
    ) == pytest.approx(-180.0)
    assert np.isnan(mean_azimuth_deg(np.array([np.nan])))


def test_nobody_has_no_azimuth():
    assert np.isnan(compute_azimuth_deg(np.full((33, 3), np.nan)))
    assert np.isnan(compute_facing(np.full((33, 2), np.nan)))


def test_the_far_leg_is_on_the_side_that_is_not_seen():
    azimuth = np.array([80.0, -80.0, np.nan])
    assert is_far_leg(Side.LEFT, azimuth).tolist() == [False, True, False]
    assert is_far_leg(Side.RIGHT, azimuth).tolist() == [True, False, False]
