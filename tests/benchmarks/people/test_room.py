from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from people.angles import Side
from people.camera import FARTHEST_M, Camera, CameraPlan
from people.mesh import Material
from people.room import (
    LOW_BENCH_M,
    MOST_CLUTTER,
    BenchPlan,
    build_bench,
    build_room,
    draw_bench,
    draw_light,
    draw_room,
    room_frame,
)

SEEDS = st.integers(0, 2**32)
AZIMUTHS = st.floats(-130.0, 130.0)


def camera(azimuth):
    return Camera.of(CameraPlan(azimuth, 3.0, 0.9, 60.0, 0.0, (640, 480), (0.0, 0.0, 0.9)), Side.LEFT)


def points(meshes):
    return np.vstack([mesh.vertices for mesh in meshes])


@given(seed=SEEDS)
def test_the_same_stream_draws_the_same_room_bench_and_light(seed):
    def draw():
        rng = np.random.default_rng(seed)
        return draw_room(rng), draw_bench(rng, 1.0, front=False), draw_light(rng, 90.0)

    assert draw() == draw()


@given(seed=SEEDS, azimuth=AZIMUTHS)
def test_a_plan_is_always_built_the_same_way(seed, azimuth):
    plan = draw_room(np.random.default_rng(seed))
    first, again = (points(build_room(plan, azimuth)) for _ in range(2))
    assert (first == again).all()


def test_rooms_are_in_range_and_differ():
    drawn = [draw_room(np.random.default_rng(seed)) for seed in range(300)]
    assert {room.clutter for room in drawn} == set(range(MOST_CLUTTER + 1))
    for room in drawn:
        assert 1.5 <= room.depth <= 3.2
        assert all(0.0 <= value <= 1.0 for colour in (room.wall, room.floor, room.mat or ()) for value in colour)
    assert np.mean([room.mat is not None for room in drawn]) == pytest.approx(0.45, abs=0.09)
    assert len({room.seed for room in drawn}) == len(drawn)


@given(azimuth=AZIMUTHS)
def test_a_rooms_axes_are_those_of_the_camera(azimuth):
    frame = room_frame(azimuth)
    right, _, forward = camera(azimuth).rotation
    assert frame[:3, 0] == pytest.approx(right, abs=1e-9)
    assert frame[:3, 1] == pytest.approx(forward, abs=1e-9)
    assert frame[:3, 2] == pytest.approx([0.0, 0.0, 1.0])


@given(seed=SEEDS, azimuth=AZIMUTHS)
def test_all_furniture_is_behind_the_person_and_before_the_wall(seed, azimuth):
    plan = replace(draw_room(np.random.default_rng(seed)), mat=None, clutter=MOST_CLUTTER)
    room = build_room(plan, azimuth)
    bare = build_room(replace(plan, clutter=0), azimuth)
    assert len(room) > len(bare)
    seen = camera(azimuth).see(points(room[len(bare) :]))
    # The camera is 3 m from the person; the room may be turned by 0.2, which brings its ends 0.5 m nearer or farther.
    assert seen[:, 2].min() > 3.0 + 0.2
    assert seen[:, 2].max() < 3.0 + plan.depth / np.cos(0.2) + 0.7


@given(seed=SEEDS, azimuth=AZIMUTHS)
def test_nothing_is_between_the_person_and_the_farthest_camera(seed, azimuth):
    plan = replace(draw_room(np.random.default_rng(seed)), mat=None)
    away = camera(azimuth).position[:2] / 3.0
    line_of_sight = np.linspace(0.0, FARTHEST_M, 50)[:, None] * away
    for mesh in build_room(plan, azimuth)[1:]:
        hull = ConvexHull(mesh.vertices[:, :2]).equations
        outside = (line_of_sight @ hull[:, :2].T + hull[:, 2]).max(axis=1)
        assert outside.min() > 0.3


@given(seed=SEEDS, azimuth=AZIMUTHS)
def test_light_comes_from_the_cameras_side(seed, azimuth):
    light = draw_light(np.random.default_rng(seed), azimuth)
    direction = np.array(light.direction)
    assert np.linalg.norm(direction) == pytest.approx(1.0)
    assert np.sin(np.radians(25.0)) <= direction[2] <= np.sin(np.radians(65.0))
    towards_camera = -room_frame(azimuth)[:2, 1]
    assert direction[:2] @ towards_camera / np.linalg.norm(direction[:2]) >= np.cos(np.radians(70.0)) - 1e-9


@pytest.mark.parametrize("height", [0.15, LOW_BENCH_M + 0.01, 0.8])
def test_the_foot_touches_the_top_of_the_bench_and_lies_on_it(height):
    contact = np.array([0.1, -0.6, height])
    meshes = build_bench(BenchPlan((0.5, 0.5, 0.5), 0.6, -0.15), contact)
    corners = points(meshes)
    assert corners[:, 2].min() == 0.0
    assert corners[:, 2].max() == pytest.approx(height)
    assert (corners[:, 0].min(), corners[:, 0].max()) == pytest.approx((-0.35, 0.25))
    assert corners[:, 1].min() < contact[1] < corners[:, 1].max()
    assert len(meshes) == (1 if height < LOW_BENCH_M else 5)
    assert {mesh.material for mesh in meshes} == {Material.WOOD}
    assert contact == pytest.approx([0.1, -0.6, height])


@given(seed=SEEDS, side=st.sampled_from(Side))
def test_benches_reach_inwards_but_not_from_the_front(seed, side):
    plan = draw_bench(np.random.default_rng(seed), -side.sign, front=False)
    assert plan.shift * side.sign < 0.0
    assert abs(plan.shift) < plan.width / 2.0
    narrow = draw_bench(np.random.default_rng(seed), -side.sign, front=True)
    assert narrow.shift == 0.0
    assert 0.4 <= narrow.width <= 0.7
