from __future__ import annotations

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.pose.landmarks import LOWER_LEG_LANDMARKS, Side, limb_bones
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.pose.region import Region


def test_nobody_has_the_shapes_of_somebody():
    for name, shape in FIELD_SHAPES.items():
        assert getattr(Pose.missing((4,)), name).shape == (4, *shape)
        assert getattr(make_pose(STANDING), name).shape == shape
    assert not Pose.missing().found
    assert make_pose(STANDING).found


def test_stacking_and_indexing_give_the_same_pose_back():
    first, second = make_pose(STANDING), make_pose(STRETCHING)
    both = Pose.stack([first, second, Pose.missing()])
    assert both.leading_shape == (3,)
    assert both.found.tolist() == [True, True, False]
    for name in FIELD_SHAPES:
        np.testing.assert_array_equal(getattr(both[1], name), getattr(second, name))
    assert both[1:].leading_shape == (2,)


def test_moving_moves_only_the_picture():
    pose = make_pose(STANDING)
    moved = pose.moved(10, -5)
    assert moved.points - pose.points == pytest.approx(np.tile([10, -5], (33, 1)), abs=1e-3)
    assert moved.world is pose.world


def test_bones_and_legs_stay_on_their_side():
    for side in Side:
        wrong = side.other.name
        assert all(wrong not in mark.name for bone in limb_bones(side) for mark in bone)
        assert all(wrong not in mark.name for mark in LOWER_LEG_LANDMARKS[side])
    assert Side.LEFT.other is Side.RIGHT
    assert (Side.LEFT.row, Side.RIGHT.row) == (0, 1)


def test_regions():
    one, other = Region(0, 0, 10, 20), Region(5, 10, 25, 30)
    assert one.union(other) == Region(0, 0, 25, 30)
    assert one.overlap(other) == pytest.approx(50 / (200 + 400 - 50))
    assert one.inside_share(other) == pytest.approx(0.25)
    assert one.overlap(Region(50, 50, 60, 60)) == 0.0
    assert one.grown(0.1) == Region(-2, -2, 12, 22)
    assert one.grown(0.5).clipped(12, 15) == Region(0, 0, 12, 15)
    assert Region.around(np.array([[1.2, 3.0], [np.nan, np.nan], [4.0, 8.5]])) == Region(1, 3, 5, 10)
