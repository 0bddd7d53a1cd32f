from __future__ import annotations

from dataclasses import asdict, replace
from itertools import islice

import pytest

import people.stills
import people.sweep
from people.angles import Side
from people.sweep import (
    AZIMUTHS,
    BENCH_M,
    DISTANCE_M,
    HEIGHT_M,
    HEIGHTS_M,
    OTHER_DISTANCES_M,
    POSES,
    make_sweep,
    sweep_cameras,
)
from stick_body import GreyRenderer

pytestmark = pytest.mark.usefixtures("all_sticks")
SHOTS = 1 + len(POSES)


@pytest.fixture
def stills():
    """The stills of the first two cameras."""
    return list(islice(make_sweep(3, 1, GreyRenderer()), 2 * SHOTS))


def test_cameras_differ_in_one_thing_from_the_side_view():
    cameras = sweep_cameras()
    assert len({(one.azimuth, one.height, one.distance) for one in cameras}) == len(cameras)
    assert len(cameras) == len(AZIMUTHS) * len(HEIGHTS_M) + len(OTHER_DISTANCES_M)
    side = next(one for one in cameras if (one.azimuth, one.height, one.distance) == (90.0, HEIGHT_M, DISTANCE_M))
    for camera in cameras:
        assert replace(camera, azimuth=90.0, height=HEIGHT_M, distance=DISTANCE_M) == side
        if camera.distance != DISTANCE_M:
            assert (camera.azimuth, camera.height) == (90.0, HEIGHT_M)


def test_all_cameras_see_the_same_postures(stills):
    first, second = stills[:SHOTS], stills[SHOTS:]
    assert [one.camera for one in (first[0], second[0])] == sweep_cameras()[:2]
    for one, other in zip(first, second, strict=True):
        assert one.truth.angles == other.truth.angles
        assert one.camera_index != other.camera_index
        assert one.raised is Side.RIGHT


def test_a_pose_differs_from_good_form_by_its_fault_and_the_hip_that_lands_the_heel(stills):
    neutral, good, *others = stills[:SHOTS]
    assert neutral.shot.neutral
    for name, still in zip(list(POSES)[1:], others, strict=True):
        assert f"pose_{name}" in still.tags
        assert still.shot.contact[2] == pytest.approx(BENCH_M, abs=1e-3)
        change = {
            angle: value - getattr(good.shot.angles, angle)
            for angle, value in asdict(still.shot.angles).items()
            if angle != "hip_flexion"
        }
        expected = {angle: size - people.sweep.GOOD.get(angle, 0.0) for angle, size in POSES[name].items()}
        assert {angle: size for angle, size in change.items() if abs(size) > 1e-9} == pytest.approx(expected)


def test_pictures_are_clean(stills, monkeypatch):
    monkeypatch.setattr(people.stills, "BYSTANDER_SHARE", 1.0)
    for still in [*stills, *islice(make_sweep(4, 0, GreyRenderer()), SHOTS)]:
        assert not {"second_person", "blur", "low_light"} & {*still.tags}
