"""From which side a pose is seen, and which way it faces: plain geometry of the landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.landmarks import EAR, FOOT_INDEX, HEEL, HIP, SHOULDER, Landmark

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compute_azimuth_deg(world: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute which side of the person the camera sees, from the lines through both shoulders and both hips.

    Parameters
    ----------
    world
        Landmarks in metres, shape (..., 33, 3).

    Returns
    -------
    ndarray, shape (...)
        Degrees: 0 front, +90 the person's left side (they face the left edge), -90 the right side, ±180 the back.
        NaN for NaN.
    """
    world = np.asarray(world, dtype=np.float64)
    total = np.zeros((*world.shape[:-2], 2))
    for left, right in (SHOULDER, HIP):
        across = world[..., left, :][..., [0, 2]] - world[..., right, :][..., [0, 2]]
        size = np.sqrt(np.square(across).sum(axis=-1, keepdims=True))
        total = total + across / np.where(size > 0.0, size, np.nan)
    return np.asarray(np.degrees(np.arctan2(-total[..., 1], total[..., 0])))


def compute_facing(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute which edge of the picture the person faces, from nose and feet, whatever left and right are called.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (..., 33, 2).

    Returns
    -------
    ndarray, shape (...)
        Positive for the right edge, negative for the left; the size is the evidence, in trunk lengths: near 0 in a
        front view. NaN for NaN.
    """
    points = np.asarray(points, dtype=np.float64)
    x = points[..., 0]
    shoulders, hips = points[..., SHOULDER, :].mean(axis=-2), points[..., HIP, :].mean(axis=-2)
    trunk = np.sqrt(np.square(shoulders - hips).sum(axis=-1))
    nose = x[..., Landmark.NOSE] - x[..., EAR].mean(axis=-1)
    feet = (x[..., FOOT_INDEX] - x[..., HEEL]).mean(axis=-1)
    return np.asarray((nose + feet) / np.where(trunk > 0.0, trunk, np.nan))
