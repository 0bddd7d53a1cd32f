"""The outline of the trunk, read from the person mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.pose.facing import compute_middle
from formcoach.pose.landmarks import ELBOW, HIP, SHOULDER, WRIST
from formcoach.pose.pose import N_OUTLINE, OUTLINE_POSITIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

# How far from the trunk axis the edge is looked for, in trunk lengths: beyond the deepest chest or belly.
REACH = 0.9
_STEP_PX = 0.5
_MAXIMUM_SAMPLES = 600
_MINIMUM_TRUNK_PX = 8.0
_INSIDE = 0.5
# Half widths of upper arm and forearm, in trunk lengths: where the outline runs along an arm it is not the back.
_UPPER_ARM_RADIUS = 0.10
_FOREARM_RADIUS = 0.075
# The upper arm starts at the shoulder, which belongs to the back's own outline: the first third is left in.
_UPPER_ARM_FROM = 0.35
# A line drawn along a sleeve would look like the back: more is left out than the measurement leaves out.
_DRAWN_ARM_MARGIN = 2.0

# Of 24 pictures cut behind the back at seven places these two let none through whose lower back was misread by 8° or
# more for it, and of whole figures they refuse 0.3 % at most (trials; tests/accuracy keeps a part of it).
_USUAL_DEPTH = 0.35
_EDGE_SHARE = 0.02
_BETWEEN = (OUTLINE_POSITIONS >= 0.0) & (OUTLINE_POSITIONS <= 1.0)
_POSITIONS_BETWEEN = OUTLINE_POSITIONS[_BETWEEN]
_TO_THE_LEFT = np.array([[1.0], [-1.0]])


def measure_outline(mask: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Measure how far the body's edge lies from the trunk axis, to both sides.

    From `OUTLINE_POSITIONS` along the axis rays go out perpendicular to it; the edge is where the mask first falls
    below one half, between two samples by linear interpolation.

    Parameters
    ----------
    mask
        Shape (height, width): 0 to 1, how likely a pixel belongs to the person.
    points
        Shape (33, 2): landmarks in pixels of the mask.

    Returns
    -------
    ndarray of float32, shape (2, 41)
        Distances in trunk lengths, NaN where a ray starts outside the body, leaves the picture or finds no edge.
    """
    outline = np.full((2, N_OUTLINE), np.nan, dtype=np.float32)
    hips, shoulders = compute_middle(points, HIP), compute_middle(points, SHOULDER)
    trunk = shoulders - hips
    length = float(np.linalg.norm(trunk))
    if not np.isfinite(length) or length < _MINIMUM_TRUNK_PX:
        return outline
    count = min(int(REACH * length / _STEP_PX), _MAXIMUM_SAMPLES)
    distances = np.linspace(0.0, REACH * length, count)
    starts = hips + OUTLINE_POSITIONS[:, None] * trunk
    left = np.array([trunk[1], -trunk[0]]) / length
    for row, direction in enumerate((left, -left)):
        outline[row] = _first_edges(mask, starts, direction, distances) / length
    return outline


def _first_edges(
    mask: NDArray[np.float32],
    starts: NDArray[np.float64],
    direction: NDArray[np.float64],
    distances: NDArray[np.float64],
) -> NDArray[np.float64]:
    rays_x, rays_y = ((starts[:, axis, None] + distances * direction[axis]).astype(np.float32) for axis in range(2))
    height, width = mask.shape
    values = cv2.remap(mask, rays_x, rays_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ray = np.arange(len(starts))
    first = (values < _INSIDE).argmax(axis=1)  # 0 where none is
    before = np.maximum(first - 1, 0)
    inner, outer = values[ray, before], values[ray, first]
    x, y = rays_x[ray, first], rays_y[ray, first]
    found = (first > 0) & (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    share = np.where(found, (inner - _INSIDE) / np.where(found, inner - outer, 1.0), np.nan)
    return np.where(found, distances[before] + share * (distances[1] - distances[0]), np.nan)


def is_trunk_cut_off(
    points: NDArray[np.floating], outline: NDArray[np.floating], frame_size: tuple[float, float]
) -> NDArray[np.bool_]:
    """Tell whether the back or the belly lies outside the picture, or at its edge, though shoulders and hips are in it.

    Where no edge of the body was found (a ray that leaves the picture finds none) the body is taken to be as thick as
    usual.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (..., 33, 2).
    outline
        As of `measure_outline`, shape (..., 2, 41).
    frame_size
        Width and height of the picture in pixels.

    Returns
    -------
    ndarray of bool, shape (...)
        False for NaN.
    """
    points = points.astype(np.float64)
    hips = compute_middle(points, HIP)
    trunk = compute_middle(points, SHOULDER) - hips
    depth = outline[..., _BETWEEN]
    # Row 0 lies to the left of the way from the hips to the shoulders, row 1 to the right.
    left = np.where(np.isfinite(depth), depth, _USUAL_DEPTH) * _TO_THE_LEFT
    along_x, along_y = trunk[..., 0, None, None], trunk[..., 1, None, None]
    x = hips[..., 0, None, None] + _POSITIONS_BETWEEN * along_x + left * along_y
    y = hips[..., 1, None, None] + _POSITIONS_BETWEEN * along_y - left * along_x
    margin = _EDGE_SHARE * min(frame_size)
    right, bottom = frame_size[0] - margin, frame_size[1] - margin
    with np.errstate(invalid="ignore"):
        outside = (x < margin) | (x > right) | (y < margin) | (y > bottom)
    return np.asarray(outside.any(axis=(-2, -1)))


def covered_by_arm(
    points: NDArray[np.float64], back: NDArray[np.float64], facing: NDArray[np.float64], margin: float = 1.0
) -> NDArray[np.bool_]:
    """Tell where the back's outline runs along an arm rather than the back.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (..., 33, 2).
    back
        The outline on the back's side, in trunk lengths, shape (..., 41).
    facing
        +1 right edge, -1 left edge, shape (...).
    margin
        Factor on the width of the arm.

    Returns
    -------
    ndarray of bool, shape (..., 41)
        False where the outline is NaN.
    """
    hips, shoulders = points[..., HIP, :].mean(axis=-2), points[..., SHOULDER, :].mean(axis=-2)
    trunk = shoulders - hips
    size = np.linalg.norm(trunk, axis=-1)[..., None]
    left = np.stack([trunk[..., 1], -trunk[..., 0]], axis=-1) * np.where(facing >= 0.0, 1.0, -1.0)[..., None]
    edge = (
        hips[..., None, :]
        + OUTLINE_POSITIONS[:, None] * trunk[..., None, :]
        + back[..., None] * left[..., None, :]
    )  # fmt: skip
    covered = np.zeros(back.shape, dtype=np.bool_)
    for row in range(2):
        shoulder, elbow, wrist = (points[..., pair[row], :] for pair in (SHOULDER, ELBOW, WRIST))
        upper_arm = shoulder + _UPPER_ARM_FROM * (elbow - shoulder)
        covered |= _distance_to_segment(edge, upper_arm, elbow) < margin * _UPPER_ARM_RADIUS * size
        covered |= _distance_to_segment(edge, elbow, wrist) < margin * _FOREARM_RADIUS * size
    return covered


def back_line(pose: Pose, *, faces_right: bool) -> NDArray[np.float64]:
    """Return the back's edge between hips and shoulders in pixels, shape (n, 2); NaN where it was not found.

    Parameters
    ----------
    pose
        Of one frame.
    faces_right
        Whether the person faces the right edge of the picture.
    """
    points = pose.points.astype(np.float64)
    hips, shoulders = points[list(HIP)].mean(axis=0), points[list(SHOULDER)].mean(axis=0)
    trunk = shoulders - hips
    left = np.array([trunk[1], -trunk[0]])
    inside = (OUTLINE_POSITIONS >= 0.0) & (OUTLINE_POSITIONS <= 1.0)
    back = pose.outline[0 if faces_right else 1].astype(np.float64)
    facing = np.array(1.0 if faces_right else -1.0)
    back[covered_by_arm(points, back, facing, margin=_DRAWN_ARM_MARGIN)] = np.nan
    away = left if faces_right else -left
    return np.asarray(hips + OUTLINE_POSITIONS[inside, None] * trunk + back[inside, None] * away)


def _distance_to_segment(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distance of points (..., n, 2) to the segments from start to end (..., 2)."""
    along = (end - start)[..., None, :]
    squared = np.maximum(np.square(along).sum(axis=-1), 1e-9)
    share = np.clip(((points - start[..., None, :]) * along).sum(axis=-1) / squared, 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - (start[..., None, :] + share[..., None] * along), axis=-1))
