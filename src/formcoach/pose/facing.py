"""From which side a pose is seen, and which way it faces: plain geometry of the landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from formcoach.pose.landmarks import EAR, FOOT_INDEX, HEEL, HIP, SHOULDER, Landmark

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Float = TypeVar("_Float", bound=np.floating)


def compute_middle(points: NDArray[_Float], pair: tuple[Landmark, Landmark]) -> NDArray[_Float]:
    """Return the point half-way between the left and the right one of a pair of landmarks.

    The same numbers as the mean over both, in a fifth of the time: a live session asks for dozens a frame.

    Parameters
    ----------
    points
        Landmarks, shape (..., 33, k).
    pair
        Left and right.

    Returns
    -------
    ndarray, shape (..., k)
        NaN where either is.
    """
    left, right = pair
    middle: NDArray[Any] = (points[..., left, :] + points[..., right, :]) / 2.0  # of the same type
    return middle


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
    total_x = total_z = np.zeros(world.shape[:-2])
    for left, right in (SHOULDER, HIP):
        across = world[..., left, :] - world[..., right, :]
        x, z = across[..., 0], across[..., 2]
        size = np.sqrt(x * x + z * z)
        size = np.where(size > 0.0, size, np.nan)
        total_x, total_z = total_x + x / size, total_z + z / size
    return np.asarray(np.degrees(np.arctan2(-total_z, total_x)))


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
    along = compute_middle(points, SHOULDER) - compute_middle(points, HIP)
    trunk = np.sqrt(np.square(along).sum(axis=-1))
    nose = x[..., Landmark.NOSE] - compute_middle(points, EAR)[..., 0]
    left, right = (x[..., toe] - x[..., heel] for toe, heel in zip(FOOT_INDEX, HEEL, strict=True))
    feet = (left + right) / 2.0
    return np.asarray((nose + feet) / np.where(trunk > 0.0, trunk, np.nan))
