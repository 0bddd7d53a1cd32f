import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import STRETCHING, make_pose
from formcoach.pose.crops import (
    N_LEG_CUES,
    N_TRUNK_CUES,
    Picture,
    compute_leg_cues,
    compute_trunk_cues,
    cut_crops,
    cut_leg,
    cut_trunk,
    lean_deg,
    place_leg,
    place_trunk,
    tilt_deg,
)
from formcoach.pose.landmarks import ANKLE, HIP, KNEE, SHOULDER, Landmark

MIRRORED = [
    Landmark[mark.name.replace("LEFT", "?").replace("RIGHT", "LEFT").replace("?", "RIGHT")] for mark in Landmark
]
SIZE = (640, 480)


def picture(points: np.ndarray, width: int = SIZE[0], height: int = SIZE[1]) -> tuple[np.ndarray, np.ndarray]:
    """A smooth picture in which every landmark is a soft spot of its own colour, and a mask around them all."""
    image = np.full((height, width, 3), 90, np.uint8)
    mask = np.zeros((height, width), np.float32)
    trunk = np.hypot(*(points[list(SHOULDER)].mean(axis=0) - points[list(HIP)].mean(axis=0)))
    for index in (*HIP, *SHOULDER, *KNEE, *ANKLE, Landmark.NOSE):
        centre = tuple(round(float(value) * 16) for value in points[index])
        colour = (40, 60 + 90 * (index % 2), 10 + 7 * int(index))
        cv2.circle(image, centre, round(trunk * 16 * 0.12), colour, -1, cv2.LINE_AA, 4)
        cv2.circle(mask, centre, round(trunk * 16 * 0.2), 1.0, -1, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(image, (0, 0), trunk * 0.03), mask


def crops_of(points: np.ndarray, world: np.ndarray, size: tuple[int, int] = SIZE):
    image, mask = picture(points, *size)
    return cut_crops(image, mask, points, world)


POSE = make_pose(STRETCHING)
POINTS = POSE.points.astype(np.float64)


def test_the_trunk_stands_upright_in_its_crop_and_leans_as_the_figure_does():
    frame = place_trunk(POINTS)
    assert frame is not None
    assert lean_deg(frame) == pytest.approx(STRETCHING.lean, abs=0.1)
    middle = frame.matrix @ [*POINTS[list(SHOULDER)].mean(axis=0), 1.0]
    assert middle == pytest.approx([0.0, 1.0], abs=1e-6)
    assert tilt_deg(frame.ahead, frame) == pytest.approx(90.0)


def test_a_left_leg_seen_from_its_side_points_ahead():
    frame = place_leg(POINTS, 0)
    toe = frame.matrix @ [*POINTS[Landmark.LEFT_FOOT_INDEX], 1.0]
    assert toe[0] > 0.2
    assert frame.matrix @ [*POINTS[Landmark.LEFT_KNEE], 1.0] == pytest.approx([0.0, 1.0], abs=1e-6)


def test_crops_have_colours_mask_and_as_many_cues_as_the_networks_take():
    crops = crops_of(POINTS, POSE.world)
    assert crops.trunk.image.shape == (112, 112, 4)
    assert crops.trunk.image[..., 3].max() == 255
    assert crops.trunk.cues.shape == (N_TRUNK_CUES,)
    assert [leg.cues.shape for leg in crops.legs] == [(N_LEG_CUES,)] * 2
    assert crops.lean_deg == pytest.approx(STRETCHING.lean, abs=0.1)


def test_a_mirror_changes_no_trunk_crop_and_exchanges_the_legs():
    flip = np.array([-1.0, 1.0])
    mirrored = POINTS[MIRRORED] * flip + [SIZE[0] - 1.0, 0.0]
    world = POSE.world[MIRRORED] * np.array([-1.0, 1.0, 1.0])
    image, mask = picture(POINTS)
    here = cut_crops(image, mask, POINTS, POSE.world)
    there = cut_crops(np.ascontiguousarray(image[:, ::-1]), np.ascontiguousarray(mask[:, ::-1]), mirrored, world)
    for one, other in ((here.trunk, there.trunk), (here.legs[0], there.legs[1]), (here.legs[1], there.legs[0])):
        assert np.abs(one.image.astype(int) - other.image).max() <= 2
        assert other.cues == pytest.approx(one.cues, abs=1e-3)


@given(st.floats(-60.0, 60.0), st.floats(-40.0, 40.0), st.floats(0.8, 1.6))
def test_place_and_size_in_the_picture_change_no_cue(dx, dy, factor):
    moved = (POINTS - POINTS.mean(axis=0)) * factor + POINTS.mean(axis=0) + [dx, dy]
    frame, before = place_trunk(moved), place_trunk(POINTS)
    assert frame.scale == pytest.approx(before.scale * factor)
    cues = compute_trunk_cues(frame, moved, POSE.world)
    assert cues == pytest.approx(compute_trunk_cues(before, POINTS, POSE.world), abs=1e-5)
    for row in range(2):
        leg_cues = compute_leg_cues(place_leg(moved, row), moved, POSE.world, row)
        assert leg_cues == pytest.approx(compute_leg_cues(place_leg(POINTS, row), POINTS, POSE.world, row), abs=1e-5)


@pytest.mark.parametrize("factor", [2, 4])
def test_a_larger_picture_of_the_same_gives_the_same_crops(factor):
    small, large = crops_of(POINTS, POSE.world), crops_of(POINTS * factor, POSE.world, (640 * factor, 480 * factor))
    difference = np.abs(small.trunk.image.astype(int) - large.trunk.image)
    assert np.median(difference) <= 2
    assert difference.mean() < 4
    assert large.trunk.cues == pytest.approx(small.trunk.cues, abs=1e-4)


@pytest.mark.parametrize("factor", [1, 2, 3.3, 4])
def test_a_picture_is_shrunk_once_for_all_crops_that_need_it_and_they_stay_the_same(monkeypatch, factor):
    points, shrink, shares = POINTS * factor, cv2.resize, []
    image, mask = picture(points, round(640 * factor), round(480 * factor))

    def alone(cut, *arguments):
        return cut(Picture(image, mask), *arguments)

    expected = [
        alone(cut_trunk, place_trunk(points), points, POSE.world),
        *(alone(cut_leg, place_leg(points, row), points, POSE.world, row) for row in range(2)),
    ]
    monkeypatch.setattr(cv2, "resize", lambda *given, **how: shares.append(how["fx"]) or shrink(*given, **how))
    crops = cut_crops(image, mask, points, POSE.world)
    for one, other in zip((crops.trunk, *crops.legs), expected, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.cues, other.cues)
    assert len(shares) == len(set(shares)) == {1: 0, 2: 1, 3.3: 2, 4: 2}[factor]


def test_unknown_landmarks_give_no_crops():
    nothing = cut_crops(*picture(POINTS), np.full((33, 2), np.nan), np.full((33, 3), np.nan))
    assert nothing.trunk is None
    assert nothing.legs == (None, None)
    assert np.isnan(nothing.lean_deg)


def test_landmarks_in_one_place_give_no_crops():
    assert cut_crops(*picture(POINTS), np.full((33, 2), 50.0), POSE.world).trunk is None


def test_a_trunk_seen_end_on_is_not_blown_up():
    points = POINTS.copy()
    points[list(SHOULDER)] = points[list(HIP)] + [3.0, -12.0]
    leg = np.hypot(*(POINTS[KNEE[1]] - POINTS[HIP[1]])) + np.hypot(*(POINTS[ANKLE[1]] - POINTS[KNEE[1]]))
    assert place_trunk(points).scale >= 0.45 * leg
