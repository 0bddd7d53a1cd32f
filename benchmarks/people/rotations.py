"""Rotations and rigid maps as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

PLANES = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}


def rotation(axis: str, angle_deg: float) -> Array:
    """Return the right-handed rotation about a coordinate axis, (3, 3)."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    first, second = PLANES[axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


def unit(vector: ArrayLike) -> Array:
    """Return the vector with length 1; a zero vector stays zero."""
    vector = np.asarray(vector, dtype=np.float64)
    return vector / (np.linalg.norm(vector) + 1e-12)


def turn(start: ArrayLike, end: ArrayLike) -> Array:
    """Return the smallest rotation that takes one direction to another, (3, 3); opposite ones have none."""
    start, end = unit(start), unit(end)
    axis, cosine = np.cross(start, end), start @ end
    skew = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.eye(3) + skew + skew @ skew / (1.0 + cosine + 1e-9)


def rigid(matrix: Array, rest_point: Array, world_point: Array) -> Array:
    """Return the rigid map (4, 4) that rotates and carries ``rest_point`` to ``world_point``."""
    result = np.eye(4)
    result[:3, :3] = matrix
    result[:3, 3] = world_point - matrix @ rest_point
    return result


def carry(transform: Array, points: ArrayLike) -> Array:
    """Apply a rigid map (4, 4) to one point or many, (..., 3)."""
    return np.asarray(points) @ transform[:3, :3].T + transform[:3, 3]


def angle_between_deg(first: Array, second: Array) -> float:
    """Return the unsigned angle between two vectors, degrees."""
    return float(np.degrees(np.arccos(np.clip(unit(first) @ unit(second), -1.0, 1.0))))
