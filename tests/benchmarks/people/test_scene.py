from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from people.angles import Angles, Side
from people.appearance import Person
from people.arms import Arms
from people.camera import CameraPlan, frame_person
from people.mesh import Material, box
from people.posing import raised_foot_place
from people.render import Light
from people.room import BenchPlan, RoomPlan
from people.scene import SPARSE, Actor, Stage, Truth
from stick_body import GreyRenderer, StickActor

SIZE = (160, 120)
STRETCH = Angles(pelvic_tilt=20.0, hip_flexion=70.0, knee_flexion=10.0, ankle_dorsiflexion=-20.0, lumbar_flexion=20.0)
ROOM = RoomPlan((0.5, 0.5, 0.5), (0.4, 0.4, 0.4), Material.PLASTER, Material.PLAIN, None, 0, 2.0, 1)
BENCH = BenchPlan((0.3, 0.5, 0.3), 0.5, 0.0)
LIGHT = Light((0.6, -0.5, 0.7), 1.0)
HANG = Arms.both("hang")
# Out of sight below the floor: a room without anybody.
NOBODY = [[box((-0.1, -0.1, -3.0), (0.1, 0.1, -2.9), (0.5, 0.5, 0.5))]]


def make_stage(actor, renderer, side=Side.LEFT, azimuth=80.0):
    plan = CameraPlan(azimuth, 2.6, 1.0, 60.0, 2.0, SIZE)
    camera = frame_person(plan, side, actor.outline(STRETCH, side, HANG))
    return Stage(actor, renderer, side, camera, ROOM, BENCH, LIGHT)


def test_what_is_known_about_a_picture_fits_together(person):
    stage = make_stage(StickActor(person), GreyRenderer())
    pose = stage.actor.pose(STRETCH, Side.LEFT, HANG)
    truth = stage.truth(pose)
    assert truth.world.keys() == truth.camera.keys() == truth.pixel.keys()
    for name, place in truth.world.items():
        assert truth.camera[name] == pytest.approx(stage.camera.see(place))
        assert truth.pixel[name] == pytest.approx(stage.camera.project(place))
    skin = stage.camera.project(pose.skin())
    assert truth.body_box == pytest.approx(np.array([skin.min(axis=0), skin.max(axis=0)]))
    assert truth.angles["lumbar_flexion"] == STRETCH.lumbar_flexion
    assert not truth.is_cut_off(SIZE)


@pytest.mark.parametrize(
    ("box_px", "cut_off"),
    [
        (((0.0, 0.0), (160.0, 120.0)), False),
        (((-0.1, 5.0), (90.0, 90.0)), True),
        (((5.0, -0.1), (90.0, 90.0)), True),
        (((5.0, 5.0), (160.1, 90.0)), True),
        (((5.0, 5.0), (90.0, 120.1)), True),
    ],
)
def test_a_body_outside_the_picture_is_cut_off(box_px, cut_off):
    assert Truth({}, {}, {}, {}, np.array(box_px)).is_cut_off(SIZE) is cut_off


def test_an_outline_is_a_part_of_the_skin(person):
    actor = StickActor(person)
    outline = actor.outline(STRETCH, Side.LEFT, HANG)
    assert outline == pytest.approx(actor.pose(STRETCH, Side.LEFT, HANG).skin()[::SPARSE])


def test_the_bench_is_there_when_the_foot_is_on_it(person, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        GreyRenderer, "render", lambda self, moments, light, passes: drawn.append([len(one) for one in moments])
    )
    stage = make_stage(StickActor(person), GreyRenderer())
    pose = stage.actor.pose(STRETCH, Side.LEFT, HANG)
    stage.picture([pose], None)
    stage.picture([pose, pose], np.array([0.1, -0.7, 0.6]))
    stage.picture([pose], None, NOBODY[0])
    assert drawn == [[1], [6, 6], [2]]


@pytest.fixture(scope="module")
def seen(request, renderer, person):
    """A stretching person before both cameras: stage, truth, picture and silhouette, by side.

    The silhouette is where the picture changes when the same person wears other colours: shadows do not.
    """
    request.getfixturevalue("actor")
    look = person.look
    dark = replace(look, skin=(0.0, 0.0, 0.0), hair=(0.0, 0.0, 0.0), shoes=(0.0, 0.0, 0.0), cap=None)
    dark = replace(dark, top=replace(look.top, colour=(0, 0, 0)), bottom=replace(look.bottom, colour=(0, 0, 0)))
    bright = replace(dark, skin=(1.0, 1.0, 1.0), hair=(1.0, 1.0, 1.0), shoes=(1.0, 1.0, 1.0))
    bright = replace(bright, top=replace(look.top, colour=(1, 1, 1)), bottom=replace(look.bottom, colour=(1, 1, 1)))
    results = {}
    for side in Side:
        pictures = []
        for worn in (dark, bright):
            stage = make_stage(Actor(Person(person.shape, worn)), renderer, side)
            pose = stage.actor.pose(STRETCH, side, HANG)
            pictures.append(stage.picture([pose], None))
        silhouette = np.abs(pictures[0] - pictures[1]).max(axis=-1) > 0.03
        results[side] = stage, stage.truth(pose), pictures[1], silhouette
    return results


@pytest.mark.parametrize("side", Side)
def test_a_tiny_picture_has_the_person_in_it(seen, renderer, side):
    stage, _, picture, silhouette = seen[side]
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert 0.0 <= picture.min() < picture.max() <= 1.0
    make_stage(stage.actor, renderer, side)
    empty = renderer.render(NOBODY, LIGHT, 4)
    changed = np.abs(picture - empty).max(axis=-1) > 0.05
    assert changed[silhouette].mean() > 0.8
    assert 0.03 < silhouette.mean() < 0.5


def inside(silhouette, points):
    """Return the share of the points that lie in the silhouette."""
    columns, rows = np.floor(np.array(points)).astype(int).T
    return float(silhouette[rows, columns].mean())


@pytest.mark.parametrize("side", Side)
def test_the_truths_pixels_lie_inside_the_drawn_person(seen, side):
    _, truth, _, silhouette = seen[side]
    # Landmarks on the skin may lie on the edge.
    generous = binary_dilation(silhouette, iterations=1)
    pixels = np.array(list(truth.pixel.values()))
    assert len(pixels) > 30
    assert inside(generous, pixels) == 1.0
    # What is not drawn at the right place would show: a few pixels off and many are outside.
    for shift in ((6.0, 0.0), (-6.0, 0.0), (0.0, 8.0), (0.0, -8.0)):
        assert inside(generous, pixels + shift) < 0.9
    assert inside(generous, pixels * [-1.0, 1.0] + [SIZE[0], 0.0]) < 0.9


@pytest.mark.parametrize("side", Side)
def test_the_truths_box_is_the_drawn_persons(seen, side):
    _, truth, _, silhouette = seen[side]
    rows, columns = np.nonzero(silhouette)
    drawn = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    # Hair, shoes and clothes come on top of the skin.
    assert truth.body_box.ravel() == pytest.approx(drawn, abs=2.5)


def test_the_foot_is_on_the_drawn_bench(actor, renderer):
    stage = make_stage(actor, renderer)
    contact = raised_foot_place(actor.body, STRETCH, Side.LEFT)
    pose = stage.actor.pose(STRETCH, Side.LEFT, HANG)
    changed = np.abs(stage.picture([pose], contact) - stage.picture([pose], None)).max(axis=-1) > 0.05
    rows, columns = np.nonzero(changed)
    column, row = stage.camera.project(contact)
    assert columns.min() < column < columns.max()
    assert rows.max() > row
    # The bench begins where the foot touches it; its shadow lies lower, on the floor.
    assert abs(rows[np.abs(columns - column) < 3].min() - row) < 5


def test_a_moving_person_is_blurred(actor, renderer):
    stage = make_stage(actor, renderer)
    ends = [actor.pose(STRETCH.plus(hip_flexion=angle), Side.LEFT, HANG) for angle in (-8.0, 8.0)]
    first, last, moving = (stage.picture(poses, None) for poses in ([ends[0]], [ends[1]], ends))
    still = np.abs(first - last).max(axis=-1) < 0.01
    assert np.abs(moving - first)[still].max() < 0.1
    between = ((moving - first) * (moving - last)).sum(axis=-1)[~still]
    assert (between <= 0.01).mean() > 0.9
    assert np.abs(moving - first).max() > 0.1
    assert np.abs(moving - last).max() > 0.1
