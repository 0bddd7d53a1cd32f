from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, Figure, make_pose
from formcoach.angles import View
from formcoach.angles.features import compute_features
from formcoach.angles.tracking import FacingLock, LegTracker, ViewTracker, is_raised
from formcoach.coach.coach import with_legs_swapped
from formcoach.pose.landmarks import Side

NAN = float("nan")


def feed(lock, *parts):
    """Feed (value, seconds) parts at 15 frames/s and return what the lock says at the end of each."""
    said, time_s = [], 0.0
    for value, seconds in parts:
        for _ in range(round(seconds * 15)):
            last = lock.step(time_s, value)
            time_s += 1 / 15
        said.append(last)
    return said


def test_facing_is_known_at_once_and_survives_a_short_contradiction():
    assert feed(FacingLock(), (0.5, 0.1), (-0.5, 0.6), (0.5, 1.0)) == [1.0, 1.0, 1.0]


def test_facing_turns_when_the_person_does():
    assert feed(FacingLock(), (0.5, 1.0), (-0.5, 3.0)) == [1.0, -1.0]


def test_a_front_view_tells_no_direction_and_takes_none_away():
    first, second = feed(FacingLock(), (0.05, 1.0), (0.6, 1.0))
    assert np.isnan(first)
    assert second == 1.0
    assert feed(FacingLock(), (-0.6, 1.0), (0.05, 3.0)) == [-1.0, -1.0]


def test_facing_waits_out_a_gap():
    assert feed(FacingLock(), (0.6, 1.0), (NAN, 2.0)) == [1.0, 1.0]


def test_view_is_averaged_and_has_hysteresis():
    said = feed(ViewTracker(), (80.0, 1.5), (65.0, 1.5), (55.0, 2.0), (66.0, 2.0))
    assert said == [View.SIDE, View.SIDE, View.OBLIQUE, View.OBLIQUE]
    assert feed(ViewTracker(), (60.0, 1.0), (75.0, 2.0)) == [View.OBLIQUE, View.SIDE]


def test_view_is_unknown_before_anybody_was_seen():
    assert feed(ViewTracker(), (NAN, 1.0)) == [View.UNKNOWN]


def states(figures, *, only=None, view=View.SIDE, fps=15.0, poses=None):
    tracker = LegTracker(only)
    poses = poses or [make_pose(figure) for figure in figures]
    return [tracker.step(index / fps, compute_features(pose), view, np.zeros(2)) for index, pose in enumerate(poses)]


@pytest.mark.parametrize("side", list(Side))
def test_the_raised_leg_is_found_after_a_short_while_and_let_go_when_it_is_down(side):
    azimuth = 90.0 if side is Side.LEFT else -90.0
    up, down = (replace(one, raised=side, azimuth=azimuth) for one in (STRETCHING, STANDING))
    said = states([down] * 10 + [up] * 30 + [down] * 20)
    assert said[9].leg is None
    assert not said[10].raised
    assert said[20].raised
    assert said[20].leg is side
    assert said[42].raised  # a moment down is not down
    assert not said[-1].raised
    assert said[-1].leg is side


def test_left_and_right_cannot_swap_while_a_leg_is_up():
    up = make_pose(STRETCHING)
    said = states([], poses=[up] * 20 + [with_legs_swapped(up)] * 40 + [up] * 5)
    assert {one.leg for one in said[10:]} == {Side.LEFT}
    assert all(one.raised for one in said[10:])
    assert [one.swapped for one in said[20:60]] == [True] * 40
    assert not said[-1].swapped


def test_a_leg_that_only_seemed_to_be_raised_gives_way_to_the_one_that_is():
    """The pose model imagines the covered leg up behind somebody who stands."""
    imagined, raised = replace(STRETCHING, azimuth=-90.0), replace(STRETCHING, azimuth=-90.0, raised=Side.RIGHT)
    said = states([imagined] * 15 + [raised] * 75)
    assert {one.leg for one in said[10:55]} == {Side.LEFT}
    assert all(one.swapped for one in said[20:55])
    assert {one.leg for one in said[65:]} == {Side.RIGHT}
    assert not any(one.swapped for one in said[65:])
    # After most frames have shown one leg a later contradiction, however long, is a swap.
    said = states([raised] * 90 + [imagined] * 80)
    assert {one.leg for one in said[10:]} == {Side.RIGHT}
    # The leg that was asked for stays.
    said = states([imagined] * 15 + [raised] * 75, only=Side.LEFT)
    assert {one.leg for one in said[10:]} == {Side.LEFT}


def test_the_other_leg_can_follow_after_both_feet_were_down():
    left, right = STRETCHING, replace(STRETCHING, raised=Side.RIGHT)
    said = states([left] * 20 + [STANDING] * 20 + [right] * 20)
    assert said[19].leg is Side.LEFT
    assert said[-1].leg is Side.RIGHT
    assert not said[-1].swapped


def test_only_the_leg_that_was_asked_for_counts():
    said = states([STRETCHING] * 30, only=Side.RIGHT)
    assert all(one.leg is None and not one.raised for one in said)


NOT_THE_STRETCH = {
    "standing": STANDING,
    "rear foot on a bench": Figure(thigh=-10.0, knee=90.0),
    "sitting with a leg out": Figure(thigh=85.0, stance_thigh=90.0, stance_knee=90.0),
    "lunge": Figure(thigh=70.0, knee=80.0, stance_thigh=-50.0, stance_knee=20.0),
}


@pytest.mark.parametrize("name", NOT_THE_STRETCH)
def test_other_poses_are_not_taken_for_the_stretch(name):
    features = compute_features(make_pose(NOT_THE_STRETCH[name]))
    assert not any(is_raised(features, features.elevation, side, View.SIDE) for side in Side)


def test_nobody_changes_nothing():
    tracker = LegTracker()
    for index in range(20):
        tracker.step(index / 15, compute_features(make_pose(STRETCHING)), View.SIDE, np.zeros(2))
    from formcoach.pose.pose import Pose

    after = tracker.step(2.0, compute_features(Pose.missing()), View.SIDE, np.zeros(2))
    assert after.leg is Side.LEFT
    assert after.raised


@pytest.mark.parametrize(("away_s", "figure", "raised"), [(5.0, STANDING, False), (5.0, STRETCHING, True),
                                                          (0.5, STANDING, True)])  # fmt: skip
def test_after_an_absence_the_first_look_decides(away_s, figure, raised):
    tracker = LegTracker()
    for index in range(20):
        tracker.step(index / 15, compute_features(make_pose(STRETCHING)), View.SIDE, np.zeros(2))
    back = tracker.step(19 / 15 + away_s, compute_features(make_pose(figure)), View.SIDE, np.zeros(2))
    assert back.raised is raised
