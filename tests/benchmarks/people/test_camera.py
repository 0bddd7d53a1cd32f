from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.angles import Side
from people.camera import BORDER, FARTHEST_M, Camera, CameraPlan, frame_person

# Level with what it looks at, 2 m away: 0.5 m are a quarter of the focal length.
LEVEL = CameraPlan(90.0, 2.0, 0.9, 60.0, 0.0, (640, 480), look_at=(0.0, 0.0, 0.9))
CENTRE = np.array([320.0, 240.0])
QUARTER = 320.0 / np.tan(np.radians(30.0)) / 4.0

PLANS = st.builds(
    CameraPlan,
    azimuth=st.floats(-180.0, 180.0),
    distance=st.floats(1.8, 5.5),
    height=st.floats(0.4, 1.8),
    field_of_view=st.floats(50.0, 78.0),
    roll=st.floats(-10.0, 10.0),
    size=st.sampled_from([(640, 480), (360, 640), (321, 241)]),
)
SIDES = st.sampled_from(Side)
# Points of somebody who stands about the origin.
PEOPLE = st.integers(0, 1000).map(
    lambda seed: np.random.default_rng(seed).uniform([-0.4, -0.9, 0.0], [0.4, 0.4, 1.8], (30, 3))
)


def pixel(plan, point, side=Side.LEFT):
    return Camera.of(plan, side).project(np.array(point))


@pytest.mark.parametrize(
    ("point", "moved"),
    [
        ((0.0, 0.0, 0.9), (0.0, 0.0)),
        ((0.0, 0.0, 1.4), (0.0, -1.0)),
        ((0.0, 0.0, 0.4), (0.0, 1.0)),
        ((0.0, -0.5, 0.9), (-1.0, 0.0)),
        ((0.0, 0.5, 0.9), (1.0, 0.0)),
        ((1.0, 0.0, 1.4), (0.0, -2.0)),
    ],
    ids=["middle", "above", "below", "ahead of the person", "behind the person", "nearer"],
)
def test_from_the_left_known_points_have_known_pixels(point, moved):
    assert pixel(LEVEL, point) == pytest.approx(CENTRE + QUARTER * np.array(moved))


def test_from_the_front_the_persons_left_is_on_the_right():
    front = replace(LEVEL, azimuth=0.0)
    assert pixel(front, (0.5, 0.0, 0.9)) == pytest.approx(CENTRE + QUARTER * np.array([1.0, 0.0]))
    assert Camera.of(front, Side.RIGHT).position == pytest.approx([0.0, -2.0, 0.9])


def test_azimuths_count_towards_the_raised_leg():
    left, right = (Camera.of(LEVEL, side) for side in Side)
    assert left.position == pytest.approx([2.0, 0.0, 0.9])
    assert right.position == pytest.approx([-2.0, 0.0, 0.9])
    assert (left.world_azimuth, right.world_azimuth) == (90.0, -90.0)


def test_roll_turns_the_content_anticlockwise():
    above, ahead = (0.0, 0.0, 1.4), (0.0, -0.5, 0.9)
    assert pixel(LEVEL, above)[1] < CENTRE[1]
    quarter = replace(LEVEL, roll=90.0)
    assert pixel(quarter, above) == pytest.approx(CENTRE - QUARTER * np.array([1.0, 0.0]))
    assert pixel(quarter, ahead) == pytest.approx(CENTRE + QUARTER * np.array([0.0, 1.0]))


def test_the_field_of_view_is_that_of_the_longer_side():
    edge = (0.0, 2.0 * np.tan(np.radians(30.0)), 0.9)
    assert pixel(LEVEL, edge)[0] == pytest.approx(640.0)
    assert pixel(replace(LEVEL, size=(480, 640)), edge)[0] == pytest.approx(240.0 + 320.0)


@given(plan=PLANS, side=SIDES, points=PEOPLE)
def test_a_camera_is_rigid_and_looks_where_it_should(plan, side, points):
    camera = Camera.of(plan, side)
    seen = camera.see(points)
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.linalg.norm(points - camera.position, axis=1))
    assert camera.project(np.array(plan.look_at)) == pytest.approx(np.array(plan.size) / 2.0, abs=1e-6)
    along = camera.position[:2] - np.array(plan.look_at[:2])
    assert np.linalg.norm(along) == pytest.approx(plan.distance)
    assert camera.position[2] == plan.height


@given(plan=PLANS, side=SIDES, point=st.sampled_from([(0.3, 0.1, 0.5), (-0.2, -0.4, 1.6)]), share=st.floats(0.3, 0.9))
def test_points_on_one_ray_share_a_pixel(plan, side, point, share):
    camera = Camera.of(plan, side)
    nearer = camera.position + share * (np.array(point) - camera.position)
    if camera.see(nearer)[2] > 0.05:
        assert camera.project(nearer) == pytest.approx(camera.project(np.array(point)), abs=1e-6)


@given(plan=PLANS, side=SIDES, points=PEOPLE)
def test_the_person_is_moved_into_the_picture(plan, side, points):
    framed = frame_person(plan, side, points)
    pixels = Camera.of(framed, side).project(points)
    border = BORDER * min(plan.size)
    assert framed.distance >= plan.distance
    assert framed.distance < FARTHEST_M
    assert (pixels >= border - 1.5).all()
    assert (pixels <= np.array(plan.size) - border + 1.5).all()
    assert framed == replace(plan, distance=framed.distance, look_at=framed.look_at)


def test_a_person_who_is_in_the_picture_is_not_moved_away():
    points = np.random.default_rng(0).uniform([-0.2, -0.2, 0.5], [0.2, 0.2, 1.3], (30, 3))
    assert frame_person(LEVEL, Side.LEFT, points).distance == LEVEL.distance


@pytest.mark.parametrize("aside", [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (0.6, -0.4)])
def test_the_person_can_stand_aside(aside):
    points = np.random.default_rng(0).uniform([-0.2, -0.2, 0.5], [0.2, 0.2, 1.3], (30, 3))
    pixels = Camera.of(frame_person(LEVEL, Side.LEFT, points, aside), Side.LEFT).project(points)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    room = np.array(LEVEL.size) - 2.0 * BORDER * min(LEVEL.size) - (high - low)
    # Seen from a little aside a person is a little wider.
    assert (low + high) / 2.0 - CENTRE == pytest.approx(np.array(aside) * room / 2.0, abs=20.0)


def test_what_can_never_be_in_the_picture_ends_the_search():
    points = np.array([[0.0, -9.0, 0.0], [0.0, 9.0, 0.0]])
    assert FARTHEST_M < frame_person(LEVEL, Side.LEFT, points).distance < 1.1 * FARTHEST_M
