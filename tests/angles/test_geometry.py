from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.angles import geometry

DEGREES = st.floats(-170.0, 170.0)


def on_circle(degrees_from_down: float, size: float = 1.0) -> np.ndarray:
    angle = np.radians(degrees_from_down)
    return size * np.array([np.sin(angle), -np.cos(angle)])


@given(thigh=DEGREES, knee=st.floats(-179.0, 179.0), size=st.floats(0.1, 1000.0))
def test_knee_flexion_is_the_turn_from_thigh_to_shank(thigh, knee, size):
    hip = np.array([3.0, -7.0])
    at_knee = hip + on_circle(thigh, size)
    ankle = at_knee + on_circle(thigh - knee, 2 * size)
    assert geometry.compute_knee_flexion_deg(hip, at_knee, ankle) == pytest.approx(knee, abs=1e-6)


def test_knee_signs():
    hip, knee = np.array([0.0, 2.0]), np.array([0.0, 1.0])
    assert geometry.compute_knee_flexion_deg(hip, knee, np.array([-1.0, 1.0])) == pytest.approx(90.0)  # heel to bottom
    assert geometry.compute_knee_flexion_deg(hip, knee, np.array([0.1, 0.0])) < 0  # over-straight


@pytest.mark.parametrize(
    ("toe", "expected"),
    [((0.2, 0.0), 0.0), ((0.2, 0.2), 45.0), ((0.2, -0.2), -45.0), ((0.0, -0.2), -90.0)],
)
def test_ankle_of_a_standing_leg(toe, expected):
    knee, ankle, heel = np.array([0.0, 1.0]), np.array([0.0, 0.1]), np.array([0.0, 0.0])
    found = geometry.compute_ankle_dorsiflexion_deg(knee, ankle, heel, np.array(toe))
    assert found == pytest.approx(expected)


@given(shank=DEGREES, dorsiflexion=st.floats(-80.0, 40.0))
def test_ankle_does_not_depend_on_how_the_leg_points(shank, dorsiflexion):
    knee = np.zeros(2)
    ankle = knee + on_circle(shank)
    sole = np.radians(shank + dorsiflexion)
    toe = ankle + 0.2 * np.array([np.cos(sole), np.sin(sole)])
    found = geometry.compute_ankle_dorsiflexion_deg(knee, ankle, ankle, toe)
    assert found == pytest.approx(dorsiflexion, abs=1e-6)


def test_hip_trunk_flexion_counts_thigh_and_lean():
    hip = np.zeros(2)
    lean, thigh = 30.0, 60.0
    shoulder = np.array([np.sin(np.radians(lean)), np.cos(np.radians(lean))])
    assert geometry.compute_hip_trunk_flexion_deg(shoulder, hip, on_circle(thigh)) == pytest.approx(90.0)


def test_lateral_angle_and_its_limits():
    angles = geometry.compute_lateral_angle_deg(np.array([0.5, -0.5, 3.0, 1.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    assert angles[:3] == pytest.approx([30.0, -30.0, 90.0])
    assert np.isnan(angles[3])


@pytest.mark.parametrize("bad", [np.array([np.nan, 0.0]), np.array([0.0, 0.0])], ids=["nan", "no length"])
def test_what_has_no_direction_is_nan(bad):
    assert np.isnan(geometry.forward_from_down_deg(bad))
    assert np.isnan(geometry.forward_from_up_deg(bad))
    assert np.isnan(geometry.pitch_deg(bad))


@given(st.floats(-1e6, 1e6))
def test_wrap_keeps_the_direction_and_the_range(angle):
    wrapped = float(geometry.wrap_deg(np.array(angle)))
    assert -180.0 <= wrapped < 180.0
    assert np.cos(np.radians(wrapped)) == pytest.approx(np.cos(np.radians(angle)), abs=1e-6)
    assert np.sin(np.radians(wrapped)) == pytest.approx(np.sin(np.radians(angle)), abs=1e-6)


def test_leading_axes_are_kept():
    rng = np.random.default_rng(0)
    hip, knee, ankle = rng.normal(size=(3, 4, 5, 2))
    together = geometry.compute_knee_flexion_deg(hip, knee, ankle)
    assert together.shape == (4, 5)
    assert together[2, 3] == geometry.compute_knee_flexion_deg(hip[2, 3], knee[2, 3], ankle[2, 3])


def test_sagittal_pixels_point_forward_whichever_way_the_person_faces():
    points = np.array([[[10.0, 20.0], [0.0, -5.0]]])
    right = geometry.sagittal_from_pixels(points, np.array([1.0]))
    left = geometry.sagittal_from_pixels(points, np.array([-1.0]))
    assert right.tolist() == [[[10.0, -20.0], [0.0, 5.0]]]
    assert left.tolist() == [[[-10.0, -20.0], [-0.0, 5.0]]]


@pytest.mark.parametrize(
    ("azimuth", "ahead", "leftward"),
    [(0.0, (0, 0, -1), (1, 0, 0)), (90.0, (-1, 0, 0), (0, 0, -1)), (-90.0, (1, 0, 0), (0, 0, 1))],
)
def test_world_axes_of_the_three_views(azimuth, ahead, leftward):
    assert geometry.sagittal_from_world(np.array([ahead], float), azimuth)[0] == pytest.approx([1.0, 0.0])
    assert geometry.leftward_from_world(np.array([leftward], float), azimuth)[0] == pytest.approx(1.0)
