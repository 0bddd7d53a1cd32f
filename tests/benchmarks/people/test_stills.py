from __future__ import annotations

import functools
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import people.stills
from people.angles import Angles, Side
from people.camera import Camera, CameraPlan
from people.sets import near
from people.stills import (
    CUT_OFF_SHARE,
    LEAST_TALL_PX,
    SIZES,
    SMALL_SIZES,
    Series,
    StillPlan,
    draw_camera,
    make_stills,
    place_camera,
)
from stick_body import GreyRenderer, StickActor, stick_body

PLAN = StillPlan((near(90, 15.0), near(0, 15.0), near(45, 5.0)), stretches=2, standing=True, sizes=SMALL_SIZES)
SEEDS = st.integers(0, 2**32)
STANDING = stick_body().vertices[::9]

pytestmark = pytest.mark.usefixtures("all_sticks")


def make_now(seed=3, index=0):
    return list(make_stills(PLAN, seed, index, GreyRenderer()))


# Stills that no test changes.
make = functools.cache(make_now)


def same(first, second):
    return (
        (first.image == second.image).all()
        and first.camera == second.camera
        and first.truth.angles == second.truth.angles
        and first.tags == second.tags
        and first.quality == second.quality
        and all((place == second.truth.pixel[name]).all() for name, place in first.truth.pixel.items())
    )


def test_every_camera_takes_neutral_standing_then_another_moment_then_stretches():
    stills = make()
    assert [(still.camera_index, still.picture_index) for still in stills] == [
        (c, p) for c in range(3) for p in range(4)
    ]
    for still in stills:
        assert still.shot.neutral == (still.picture_index == 0)
        assert ("standing" in still.tags) == (still.picture_index == 1)
        assert (still.shot.contact is None) == (still.picture_index < 2)
        assert abs(still.camera.azimuth - still.view) <= 15.0
    assert [still.view for still in stills[::4]] == [90, 0, 45]


def test_the_raised_leg_changes_from_camera_to_camera():
    for index in range(2):
        first, second, third = (still.raised for still in make(index=index)[::4])
        assert first is second.other is third


def test_a_person_is_the_same_whoever_was_rendered_before():
    renderer = GreyRenderer()
    after_another = [list(make_stills(PLAN, 3, index, renderer)) for index in (1, 0)][-1]
    assert all(same(*pair) for pair in zip(after_another, make_now(index=0), strict=True))


def test_other_seeds_and_indices_are_other_people():
    neutrals = [make(seed, index)[0].neutral_angles for seed, index in ((3, 0), (3, 1), (4, 0))]
    assert len({neutral["lumbar_flexion"] for neutral in neutrals}) == 3


def test_one_person_has_one_spine_from_all_cameras():
    spine = ("pelvic_tilt", "lumbar_flexion", "thoracic_flexion", "cervical_flexion", "head_forward")
    stills = make()
    assert len({tuple(still.neutral_angles[name] for name in spine) for still in stills}) == 1
    for still in stills[::4]:
        assert still.truth.angles == still.neutral_angles


def test_the_truth_is_that_of_the_picture():
    for still in make():
        camera = Camera.of(still.camera, still.raised)
        assert still.image.shape == (still.camera.size[1], still.camera.size[0], 3)
        posed = asdict(still.shot.angles)
        assert {name: still.truth.angles[name] for name in posed} == posed
        for name, place in still.truth.world.items():
            assert still.truth.pixel[name] == pytest.approx(camera.project(place))
        assert ("cut_off" in still.tags) == still.truth.is_cut_off(still.camera.size)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_somebody_else_is_there_when_a_tag_says_so(monkeypatch, share):
    monkeypatch.setattr(people.stills, "BYSTANDER_SHARE", share)
    monkeypatch.setattr(GreyRenderer, "render", lambda self, moments, light, passes: count(moments, self))
    meshes = []

    def count(moments, renderer):
        meshes.append(len(moments[0]))
        return np.zeros((*renderer.cameras[-1].size[::-1], 3), dtype=np.float32)

    stills = make_now()
    assert {"second_person" in still.tags for still in stills} == {share == 1.0}
    # One mesh a person; those of the bench come on top.
    assert [meshes[0], meshes[1]] == ([2, 2] if share else [1, 1])


def test_clean_pictures_have_nothing_that_makes_them_hard(monkeypatch):
    monkeypatch.setattr(people.stills, "BYSTANDER_SHARE", 1.0)
    still = make()[0]
    actor = StickActor(people.stills.draw_person(np.random.default_rng(0)))
    series = Series(actor, GreyRenderer(), 3, 0, clean=True)
    rng = np.random.default_rng(0)
    taken = list(series.take(rng, 0, 90, still.camera, Side.LEFT, Angles(), [still.shot] * 8))
    for one in taken:
        assert not {"second_person", "blur", "low_light"} & {*one.tags}
    assert {one.quality for one in taken} == {90}


@given(seed=SEEDS, sizes=st.sampled_from([SIZES, SMALL_SIZES]))
def test_cameras_are_in_range_and_not_too_far_to_see_anybody(seed, sizes):
    camera = draw_camera(np.random.default_rng(seed), StillPlan((), sizes=sizes), 77.0)
    assert camera.azimuth == 77.0
    assert 1.8 <= camera.distance <= 5.0
    assert camera.distance <= max(1.8, 1.7 * camera.focal_px / LEAST_TALL_PX)
    assert 0.4 <= camera.height <= 1.8
    assert abs(camera.roll) <= 6.0
    assert camera.size in [size for size, _ in sizes]


@pytest.mark.parametrize("sizes", [SIZES, SMALL_SIZES])
def test_sizes_are_as_frequent_as_said(sizes):
    assert sum(share for _, share in sizes) == pytest.approx(1.0)
    rng = np.random.default_rng(0)
    drawn = [draw_camera(rng, StillPlan((), sizes=sizes), 0.0).size for _ in range(2000)]
    for size, share in sizes:
        assert drawn.count(size) / len(drawn) == pytest.approx(share, abs=0.04)


def test_the_person_is_in_the_picture_but_for_the_cameras_that_stand_too_close():
    rng = np.random.default_rng(0)
    outside = []
    for _ in range(120):
        plan = CameraPlan(float(rng.uniform(-20.0, 110.0)), 1.8, float(rng.uniform(0.4, 1.8)), 52.0, 0.0, (480, 360))
        placed = place_camera(rng, plan, Side.LEFT, STANDING)
        pixels = Camera.of(placed, Side.LEFT).project(STANDING)
        outside.append((pixels < 0.0).any() or (pixels > plan.size).any())
    assert 0.4 * CUT_OFF_SHARE < np.mean(outside) < 1.5 * CUT_OFF_SHARE
