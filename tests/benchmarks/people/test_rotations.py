from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.rotations import angle_between_deg, carry, rigid, rotation, turn, unit

X, Y, Z = np.eye(3)
DEGREES = st.floats(-360.0, 360.0)
DIRECTIONS = (
    st.tuples(*[st.floats(-1.0, 1.0)] * 3).map(np.array).filter(lambda vector: np.linalg.norm(vector) > 0.1).map(unit)
)


def is_rotation(matrix):
    return np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6) and np.linalg.det(matrix) > 0.0


@pytest.mark.parametrize(("axis", "start", "end"), [("x", Y, Z), ("y", Z, X), ("z", X, Y)])
def test_a_quarter_turn_is_right_handed(axis, start, end):
    assert rotation(axis, 90.0) @ start == pytest.approx(end)


@given(axis=st.sampled_from("xyz"), first=DEGREES, second=DEGREES)
def test_turns_about_one_axis_add_up(axis, first, second):
    both = rotation(axis, first) @ rotation(axis, second)
    assert is_rotation(both)
    assert both == pytest.approx(rotation(axis, first + second), abs=1e-9)


@given(start=DIRECTIONS, end=DIRECTIONS)
def test_turning_takes_one_direction_to_another_and_nothing_about_their_axis(start, end):
    if start @ end < -0.98:
        return
    matrix = turn(3.0 * start, 0.5 * end)
    assert is_rotation(matrix)
    assert matrix @ start == pytest.approx(end, abs=1e-6)
    axis = np.cross(start, end)
    assert matrix @ axis == pytest.approx(axis, abs=1e-6)


@given(start=DIRECTIONS, size=st.floats(0.1, 10.0))
def test_a_direction_that_is_right_already_is_not_turned(start, size):
    assert turn(start, size * start) == pytest.approx(np.eye(3), abs=1e-9)


@given(angle=DEGREES, axis=st.sampled_from("xyz"), rest=DIRECTIONS, world=DIRECTIONS, arm=DIRECTIONS)
def test_a_rigid_map_carries_its_point_and_turns_the_rest_around_it(angle, axis, rest, world, arm):
    matrix = rotation(axis, angle)
    carried = carry(rigid(matrix, rest, world), np.stack([rest, rest + arm]))
    assert carried[0] == pytest.approx(world, abs=1e-9)
    assert carried[1] - carried[0] == pytest.approx(matrix @ arm, abs=1e-9)


def test_many_points_are_carried_like_each_of_them():
    transform = rigid(rotation("y", 30.0), X, Y)
    points = np.arange(24.0).reshape(2, 4, 3)
    carried = carry(transform, points)
    assert carried.shape == points.shape
    assert carried[1, 2] == pytest.approx(carry(transform, points[1, 2]))


@given(angle=st.floats(0.0, 180.0), axis=DIRECTIONS, sizes=st.tuples(st.floats(0.1, 9.0), st.floats(0.1, 9.0)))
def test_the_angle_between_two_vectors(angle, axis, sizes):
    first = unit(np.cross(axis, X if abs(axis[0]) < 0.8 else Y))
    second = np.cos(np.radians(angle)) * first + np.sin(np.radians(angle)) * np.cross(axis, first)
    assert angle_between_deg(sizes[0] * first, sizes[1] * second) == pytest.approx(angle, abs=1e-3)


def test_a_vector_without_length_has_no_direction():
    assert np.linalg.norm(unit([0.0, 3.0, 4.0])) == pytest.approx(1.0)
    assert unit(np.zeros(3)) == pytest.approx(np.zeros(3))
