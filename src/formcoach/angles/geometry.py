"""Signed angles in the person's sagittal plane, for arrays of any leading shape. NaN in, NaN out.

Everything here works on *sagittal* coordinates: the first axis points forward (where the person faces), the second up.
`sagittal_from_pixels` and `sagittal_from_world` bring landmarks there, so that one sign convention serves a person
who faces left and one who faces right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def wrap_deg(angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring angles into the range -180 (included) to 180 degrees."""
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0)


def sagittal_from_pixels(points: ArrayLike, facing: ArrayLike) -> NDArray[np.float64]:
    """Turn picture coordinates into sagittal ones: exact when the person stands side-on.

    Parameters
    ----------
    points
        Pixels, shape (..., n, 2): x to the right, y down.
    facing
        +1 where the person faces the right edge of the picture, -1 the left, NaN unknown; shape (...).

    Returns
    -------
    ndarray, shape (..., n, 2)
        Forward and up, in pixels.
    """
    points = np.asarray(points, dtype=np.float64)
    forward = points[..., 0] * np.asarray(facing, dtype=np.float64)[..., None]
    return np.stack([forward, -points[..., 1]], axis=-1)


def sagittal_from_world(points: ArrayLike, azimuth_deg: ArrayLike) -> NDArray[np.float64]:
    """Turn world coordinates into sagittal ones by the direction that the person faces.

    Parameters
    ----------
    points
        Metres, shape (..., n, 3): x to the right of the picture, y down, z away from the camera.
    azimuth_deg
        Which side of the person the camera sees, shape (...): 0 front, +90 left side, -90 right side, 180 back.

    Returns
    -------
    ndarray, shape (..., n, 2)
        Forward and up, in metres.
    """
    points = np.asarray(points, dtype=np.float64)
    azimuth = np.radians(np.asarray(azimuth_deg, dtype=np.float64))[..., None]
    forward = -np.sin(azimuth) * points[..., 0] - np.cos(azimuth) * points[..., 2]
    return np.stack([forward, -points[..., 1]], axis=-1)


def leftward_from_world(points: ArrayLike, azimuth_deg: ArrayLike) -> NDArray[np.float64]:
    """Return how far world points lie to the person's own left; parameters as in `sagittal_from_world`.

    Returns
    -------
    ndarray, shape (..., n)
        Metres.
    """
    points = np.asarray(points, dtype=np.float64)
    azimuth = np.radians(np.asarray(azimuth_deg, dtype=np.float64))[..., None]
    return np.asarray(np.cos(azimuth) * points[..., 0] - np.sin(azimuth) * points[..., 2])


def pitch_deg(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far sagittal vectors, shape (..., 2), point above straight ahead: -180 to 180 degrees."""
    vectors = _nonzero(vectors)
    return np.asarray(np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0])))


def forward_from_up_deg(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far sagittal vectors are tilted forward from upright: 0 up, 90 ahead, -90 behind."""
    vectors = _nonzero(vectors)
    return np.asarray(np.degrees(np.arctan2(vectors[..., 0], vectors[..., 1])))


def forward_from_down_deg(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far sagittal vectors are swung forward from hanging: 0 down, 90 ahead, -90 behind."""
    vectors = _nonzero(vectors)
    return np.asarray(np.degrees(np.arctan2(vectors[..., 0], -vectors[..., 1])))


def length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of vectors, shape (..., k) to (...)."""
    return np.asarray(np.sqrt(np.sum(np.square(vectors), axis=-1)))


def compute_knee_flexion_deg(
    hip: NDArray[np.float64], knee: NDArray[np.float64], ankle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute knee flexion: 0 straight, positive bent, negative over-straight.

    Parameters
    ----------
    hip, knee, ankle
        Sagittal points, shape (..., 2).

    Returns
    -------
    ndarray, shape (...)
        Degrees, -180 to 180; NaN for NaN or where two points coincide.
    """
    return wrap_deg(forward_from_down_deg(knee - hip) - forward_from_down_deg(ankle - knee))


def compute_ankle_dorsiflexion_deg(
    knee: NDArray[np.float64], ankle: NDArray[np.float64], heel: NDArray[np.float64], toe: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute ankle dorsiflexion: 0 foot square to the shank, positive toes towards the shin.

    Four points, as in Sports2D: the shank from knee to ankle, the foot from heel to toe.

    Parameters
    ----------
    knee, ankle, heel, toe
        Sagittal points, shape (..., 2).

    Returns
    -------
    ndarray, shape (...)
        Degrees, -180 to 180; NaN for NaN or where two points coincide.
    """
    return wrap_deg(pitch_deg(toe - heel) - forward_from_down_deg(ankle - knee))


def compute_hip_trunk_flexion_deg(
    shoulder: NDArray[np.float64], hip: NDArray[np.float64], knee: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute the angle of the thigh to the hip-shoulder line: 0 in line, positive thigh towards the belly.

    Parameters
    ----------
    shoulder, hip, knee
        Sagittal points, shape (..., 2).

    Returns
    -------
    ndarray, shape (...)
        Degrees, -180 to 180; NaN for NaN or where two points coincide.
    """
    return wrap_deg(forward_from_down_deg(knee - hip) + forward_from_up_deg(shoulder - hip))


def compute_lateral_angle_deg(offset: NDArray[np.float64], extent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the angle whose sine is a sideways offset over the length of the limb.

    Parameters
    ----------
    offset
        Sideways distance between the limb's ends, shape (...).
    extent
        Length of the limb in the same unit, shape (...).

    Returns
    -------
    ndarray, shape (...)
        Degrees, -90 to 90; an offset beyond the length gives ±90; NaN for NaN or zero length.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(extent > 0.0, offset / extent, np.nan)
    return np.asarray(np.degrees(np.arcsin(np.clip(ratio, -1.0, 1.0))))


def _nonzero(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the vectors with NaN in place of zero length, which has no direction."""
    zero = (vectors == 0.0).all(axis=-1, keepdims=True)
    return np.where(zero, np.nan, vectors)
