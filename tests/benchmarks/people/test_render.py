from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.angles import Side
from people.camera import Camera, CameraPlan
from people.mesh import Material, box, ellipsoid
from people.render import FAR_M, LIGHTS_PER_PASS, NEAR_M, Light, _clip, _lights, _sun
from people.rotations import carry, unit

SIZE = (160, 120)
LIGHT = Light((0.6, -0.5, 0.7), 1.0)
FLOOR = box((-5.0, -5.0, -0.1), (5.0, 5.0, 0.0), (0.4, 0.4, 0.4))
WALL = box((-5.0, 3.0, 0.0), (5.0, 3.1, 6.0), (0.2, 0.2, 0.2))
BALL_AT = (0.35, -0.2, 1.15)
PLANS = st.builds(
    CameraPlan,
    azimuth=st.floats(-180.0, 180.0),
    distance=st.floats(1.8, 5.5),
    height=st.floats(0.4, 1.8),
    field_of_view=st.floats(50.0, 78.0),
    roll=st.floats(-6.0, 6.0),
    size=st.sampled_from([(640, 480), (360, 640)]),
)
DIRECTIONS = (
    st.tuples(*[st.floats(-1.0, 1.0)] * 3).map(np.array).filter(lambda vector: np.linalg.norm(vector) > 0.1).map(unit)
)


def front(roll=0.0):
    return Camera.of(CameraPlan(0.0, 3.0, 1.2, 60.0, roll, SIZE, (0.0, 0.0, 0.9)), Side.LEFT)


def ball(place=BALL_AT, radius=0.12, colour=(1.0, 0.2, 0.1)):
    return ellipsoid(place, [radius] * 3, colour, Material.EYE, rings=24)


@given(plan=PLANS, jitter=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), seed=st.integers(0, 1000))
def test_the_graphics_library_sees_what_the_camera_sees(plan, jitter, seed):
    camera = Camera.of(plan, Side.LEFT)
    points = np.random.default_rng(seed).uniform([-0.6, -0.6, 0.0], [0.6, 0.6, 1.8], (20, 3))
    clip = np.column_stack([points, np.ones(20)]) @ _clip(camera, jitter).T
    seen = clip[:, :3] / clip[:, 3:]
    width, height = camera.size
    pixels = np.column_stack([(seen[:, 0] + 1.0) / 2.0 * width, (1.0 - seen[:, 1]) / 2.0 * height])
    # The picture's content moves right and up by the jitter.
    assert pixels == pytest.approx(camera.project(points) + np.array(jitter) * [1.0, -1.0], abs=1e-6)
    order = camera.see(points)[:, 2].argsort()
    assert (np.diff(seen[order, 2]) >= 0.0).all()
    assert np.abs(seen[:, 2]).max() < 1.0


@pytest.mark.parametrize(("depth", "expected"), [(NEAR_M, -1.0), (FAR_M, 1.0)])
def test_what_is_nearer_or_farther_than_can_be_drawn(depth, expected):
    camera = front()
    point = camera.position + depth * camera.rotation[2]
    clip = _clip(camera, (0.0, 0.0)) @ [*point, 1.0]
    assert clip[2] / clip[3] == pytest.approx(expected)


@given(power=st.floats(0.1, 2.0), sky=st.floats(0.1, 2.0), passes=st.integers(2, 12), towards=DIRECTIONS)
def test_the_lights_add_up_to_the_window_and_the_sky(power, sky, passes, towards):
    light = Light(tuple(towards), power, sky, tint=(1.0, 0.9, 0.8), sky_tint=(0.7, 0.8, 0.9))
    lights = _lights(light, passes * LIGHTS_PER_PASS)
    assert len(lights) == passes * LIGHTS_PER_PASS
    total = sum(strength for _, strength in lights) / passes
    assert total == pytest.approx(power * np.array(light.tint) + sky * np.array(light.sky_tint))
    assert [np.linalg.norm(direction) for direction, _ in lights] == pytest.approx([1.0] * len(lights))


def test_the_window_is_where_it_should_be_and_the_sky_above():
    light = Light((1.0, 0.0, 0.2), 1.0, size=0.05)
    lights = _lights(light, 40)
    key = int(40 * light.key_share)
    assert min(direction @ unit(light.direction) for direction, _ in lights[:key]) > 0.95
    assert min(direction[2] for direction, _ in lights[key:]) > 0.0
    assert [one[1].tolist() for one in _lights(light, 40)] == [one[1].tolist() for one in lights]


@given(direction=DIRECTIONS, centre=DIRECTIONS, radius=st.floats(0.5, 2.0), seed=st.integers(0, 1000))
def test_a_shadow_map_holds_everybody_and_orders_them_by_their_distance_to_the_light(direction, centre, radius, seed):
    sun = _sun(direction, centre, radius)
    rng = np.random.default_rng(seed)
    inside = centre + radius * np.array(
        [unit(one) * size for one, size in zip(rng.normal(size=(30, 3)), rng.random(30), strict=True)]
    )
    seen = carry(sun, inside)
    assert np.abs(seen).max() <= 1.0 + 1e-9
    order = (-inside @ direction).argsort()
    assert (np.diff(seen[order, 2]) >= -1e-12).all()
    behind = carry(sun, inside + 0.3 * direction)
    assert behind[:, :2] == pytest.approx(seen[:, :2], abs=1e-9)


@pytest.fixture
def draw(renderer):
    """Draws balls in an empty room."""

    def drawn(*moments, camera=None, light=LIGHT, passes=4):
        renderer.set_room(camera or front(), [FLOOR, WALL])
        return renderer.render([list(moment) for moment in moments], light, passes)

    return drawn


def test_without_a_room_there_is_no_picture(renderer, monkeypatch):
    monkeypatch.setattr(renderer, "_room", None)
    with pytest.raises(RuntimeError, match="choose a room"):
        renderer.render([[ball()]], LIGHT, 2)


@pytest.mark.parametrize("roll", [0.0, 5.0])
@pytest.mark.parametrize("place", [BALL_AT, (-0.5, 0.1, 0.4), (0.0, -0.5, 1.5)])
def test_a_ball_is_drawn_where_the_camera_projects_it(draw, place, roll):
    camera = front(roll)
    pictures = [draw([ball(place, colour=colour)], camera=camera, passes=8) for colour in ((1, 1, 1), (0, 0, 0))]
    difference = np.abs(pictures[0] - pictures[1]).max(axis=-1)
    rows, columns = np.nonzero(difference > 0.03)
    # Pixel centres are at .5.
    middle = [(columns.min() + columns.max() + 1) / 2.0, (rows.min() + rows.max() + 1) / 2.0]
    assert middle == pytest.approx(camera.project(np.array(place)), abs=0.7)
    expected = 0.24 * camera.intrinsics[0, 0] / camera.see(np.array(place))[2]
    assert np.ptp(columns) + 1 == pytest.approx(expected, abs=2.0)


def test_what_is_in_front_hides_what_is_behind(draw):
    red, green = ball((0.0, -0.5, 1.0), 0.1, (1.0, 0.0, 0.0)), ball((0.0, 0.5, 1.0), 0.1, (0.0, 1.0, 0.0))
    column, row = np.floor(front().project(np.array([0.0, -0.5, 1.0]))).astype(int)
    for meshes in ([red, green], [green, red]):
        colour = draw(meshes)[row, column]
        assert colour[0] > 2.0 * colour[1]


def test_a_picture_is_in_range_and_repeatable(draw):
    first, again = (draw([ball()]) for _ in range(2))
    assert (first.shape, first.dtype) == ((SIZE[1], SIZE[0], 3), np.float32)
    assert 0.0 <= first.min() < first.max() <= 1.0
    assert (first == again).all()


def test_more_light_is_brighter(draw):
    levels = [draw([ball()], light=Light(LIGHT.direction, power, sky=0.3)).mean() for power in (0.2, 0.8, 2.0)]
    assert levels[0] < levels[1] < levels[2]


def test_things_cast_shadows_on_the_floor(draw):
    light = Light((0.0, 0.0, 1.0), 2.0, sky=0.1, ambient=0.1, size=0.01, key_share=0.9)
    shaded, lit = (draw([ball(place, 0.25)], light=light, passes=8) for place in ((0.0, 0.0, 0.6), (0.0, 0.0, -3.0)))
    column, row = np.floor(front().project(np.zeros(3))).astype(int)
    assert shaded[row, column].mean() < 0.7 * lit[row, column].mean()


def test_the_mean_of_two_moments_is_in_between(draw):
    left, right = ([ball((x, 0.0, 1.2))] for x in (-0.3, 0.3))
    alone, both = draw(left), draw(left, right)
    column, row = np.floor(front().project(np.array([-0.3, 0.0, 1.2]))).astype(int)
    nothing = draw(right)[row, column]
    assert min(alone[row, column, 0], nothing[0]) < both[row, column, 0] < max(alone[row, column, 0], nothing[0])
    assert np.abs(both - both[:, ::-1]).mean() < 0.02


def test_one_renderer_serves_all_sizes(draw):
    for size in ((80, 60), (60, 80), (80, 60)):
        camera = Camera.of(CameraPlan(0.0, 3.0, 1.2, 60.0, 0.0, size, (0.0, 0.0, 0.9)), Side.LEFT)
        assert draw([ball()], camera=camera).shape == (size[1], size[0], 3)
