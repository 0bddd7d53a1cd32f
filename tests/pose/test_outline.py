from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.pose.landmarks import ELBOW, HIP, SHOULDER, WRIST
from formcoach.pose.outline import REACH, covered_by_arm, is_trunk_cut_off, measure_outline
from formcoach.pose.pose import N_OUTLINE, OUTLINE_POSITIONS


def landmarks(hips, shoulders):
    points = np.full((33, 2), np.nan)
    points[list(HIP)], points[list(SHOULDER)] = hips, shoulders
    return points


def box(left, right, top=20, bottom=280, size=(300, 300), soft=True):
    """A mask of a box whose edges lie between pixels, as a network's soft mask has them."""
    x = np.arange(size[0], dtype=np.float64)
    y = np.arange(size[1], dtype=np.float64)

    def inside(value, low, high):
        return np.clip(value - low + 0.5, 0, 1) * np.clip(high - value + 0.5, 0, 1)

    mask = inside(y, top, bottom)[:, None] * inside(x, left, right)[None, :]
    return (mask if soft else np.round(mask)).astype(np.float32)


UPRIGHT = landmarks((150.0, 220.0), (150.0, 120.0))


@given(st.floats(100, 145), st.floats(155, 200))
def test_distances_to_a_box_are_found_to_a_fraction_of_a_pixel(left, right):
    outline = measure_outline(box(left, right), UPRIGHT)
    # From hips to shoulders the walk goes up the picture: row 0 is the picture's left.
    assert outline[0] == pytest.approx((150 - left) / 100, abs=0.003)
    assert outline[1] == pytest.approx((right - 150) / 100, abs=0.003)


def test_a_leaning_trunk_is_measured_across_its_own_axis():
    angle = np.radians(40)
    along, across = np.array([np.sin(angle), -np.cos(angle)]), np.array([-np.cos(angle), -np.sin(angle)])
    hips = np.array([150.0, 200.0])
    corners = [hips + a * along + b * across for a, b in ((-90, 30), (180, 30), (180, -20), (-90, -20))]
    mask = np.zeros((400, 400), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(corners) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    outline = measure_outline((mask / 255).astype(np.float32), landmarks(hips, hips + 100 * along))
    middle = (OUTLINE_POSITIONS > -0.2) & (OUTLINE_POSITIONS < 1.1)
    assert outline[0, middle] == pytest.approx(0.30, abs=0.02)
    assert outline[1, middle] == pytest.approx(0.20, abs=0.02)


@given(st.floats(0.3, 1.0))
def test_the_unit_is_the_trunk_so_scale_does_not_matter(factor):
    mask = box(120, 185)
    small = cv2.resize(mask, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    # OpenCV's resize keeps the picture's corners; pixel centres move by half a pixel.
    points = (UPRIGHT + 0.5) * factor - 0.5
    assert measure_outline(small, points)[0] == pytest.approx(measure_outline(mask, UPRIGHT)[0], abs=0.03)


def test_an_edge_outside_the_picture_is_unknown():
    outline = measure_outline(box(-50, 185), landmarks((60.0, 220.0), (60.0, 120.0)))
    assert np.isnan(outline[0]).all()


def test_a_body_wider_than_the_reach_has_no_edge():
    outline = measure_outline(np.ones((300, 300), np.float32), UPRIGHT)
    assert np.isnan(outline).all()
    assert REACH * 100 < 150


def test_an_axis_outside_the_mask_is_unknown():
    outline = measure_outline(box(200, 280), UPRIGHT)
    assert np.isnan(outline).all()


@pytest.mark.parametrize(
    "points", [landmarks((150.0, 220.0), (150.0, 219.0)), np.full((33, 2), np.nan)], ids=["no trunk", "nobody"]
)
def test_without_a_trunk_nothing_is_measured(points):
    outline = measure_outline(box(120, 185), points)
    assert outline.shape == (2, N_OUTLINE)
    assert np.isnan(outline).all()


@pytest.mark.parametrize("facing", [1.0, -1.0])
def test_an_elbow_behind_the_back_is_not_taken_for_the_back(facing):
    points = landmarks((150.0, 220.0), (150.0, 120.0))
    points[list(ELBOW)], points[list(WRIST)] = (150.0 - facing * 50.0, 160.0), (150.0 - facing * 30.0, 200.0)
    back = np.full(N_OUTLINE, 0.2)
    beside_the_elbow = np.abs(OUTLINE_POSITIONS - 0.6) < 0.05
    back[beside_the_elbow] = 0.5
    covered = covered_by_arm(points, back, np.array(facing))
    assert covered[beside_the_elbow].all()
    assert not covered[(OUTLINE_POSITIONS < 0.1) | (OUTLINE_POSITIONS > 0.95)].any()
    assert not covered_by_arm(points, np.full(N_OUTLINE, np.nan), np.array(facing)).any()


def cut_off(points, outline, size=(300, 300)):
    return bool(is_trunk_cut_off(points, np.broadcast_to(outline, (2, N_OUTLINE)), size))


@pytest.mark.parametrize(("x", "expected"), [(20.0, True), (25.0, True), (30.0, False), (150.0, False), (280.0, True)])
def test_a_trunk_whose_edge_lies_at_the_edge_of_the_picture_is_cut_off(x, expected):
    points = landmarks((x, 220.0), (x, 120.0))
    assert cut_off(points, 0.2) is expected
    assert cut_off(points[:, ::-1], 0.2) is expected


def test_where_no_edge_was_found_the_body_is_taken_to_be_as_thick_as_usual():
    beside = landmarks((30.0, 220.0), (30.0, 120.0))
    assert cut_off(beside, np.nan)
    assert not cut_off(beside, 0.2)
    assert not cut_off(UPRIGHT, np.nan)


def test_one_place_at_the_edge_is_enough_and_only_between_hips_and_shoulders():
    outline = np.full((2, N_OUTLINE), 0.2)
    for position, expected in ((0.5, True), (-0.2, False), (1.2, False)):
        bulging = outline.copy()
        bulging[1, np.abs(OUTLINE_POSITIONS - position).argmin()] = 1.6
        assert cut_off(UPRIGHT, bulging) is expected


@given(st.floats(0, 300), st.floats(0.5, 3.0), st.floats(0.05, 0.6))
def test_what_is_cut_off_is_so_at_any_scale_and_mirrored(x, factor, depth):
    points = landmarks((x, 220.0), (x + 20.0, 120.0))
    outline = np.stack([np.full(N_OUTLINE, depth), np.full(N_OUTLINE, 0.2)])
    expected = cut_off(points, outline)
    # Not where rounding decides.
    if expected == cut_off(points + 1e-3, outline) == cut_off(points - 1e-3, outline):
        assert cut_off(factor * points, outline, (300 * factor, 300 * factor)) is expected
        assert cut_off([300.0, 0.0] + points * [-1.0, 1.0], outline[::-1]) is expected


def test_nobody_is_not_cut_off():
    assert not cut_off(np.full((33, 2), np.nan), np.nan)
    poses = np.stack([UPRIGHT, landmarks((5.0, 220.0), (5.0, 120.0))])
    assert is_trunk_cut_off(poses, np.full((2, 2, N_OUTLINE), 0.2), (300, 300)).tolist() == [False, True]
