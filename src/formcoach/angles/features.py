"""What the angle estimators look at: plain geometry of one pose, before calibration, baseline and gates.

All arrays may have any leading axes; NaN landmarks give NaN features.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

from formcoach.angles.filters import compute_known_median
from formcoach.angles.geometry import (
    compute_ankle_dorsiflexion_deg,
    compute_hip_trunk_flexion_deg,
    compute_knee_flexion_deg,
    compute_lateral_angle_deg,
    forward_from_down_deg,
    forward_from_up_deg,
    leftward_from_world,
    length,
    pitch_deg,
    sagittal_from_pixels,
    sagittal_from_world,
)
from formcoach.pose.facing import compute_azimuth_deg, compute_facing, compute_middle
from formcoach.pose.landmarks import (
    ANKLE,
    EAR,
    EYE,
    FOOT_INDEX,
    HEEL,
    HIP,
    KNEE,
    MOUTH,
    SHOULDER,
    Landmark,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from formcoach.pose.pose import Pose


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Plain geometry of poses.

    Attributes
    ----------
    azimuth_deg : ndarray, shape (...)
        See `compute_azimuth_deg`.
    facing : ndarray, shape (...)
        +1 the person faces the right edge, -1 the left.
    trunk : ndarray, shape (..., 6)
        `TRUNK_FEATURES` in degrees, in the picture plane.
    trunk_world : ndarray, shape (..., 6)
        The same from world landmarks turned by the azimuth.
    leg : ndarray, shape (..., 2, 4)
        `LEG_FEATURES` in degrees, left then right, in the picture plane.
    leg_world : ndarray, shape (..., 2, 4)
        The same from world landmarks.
    lateral : ndarray, shape (..., 2, 11)
        `LATERAL_FEATURES` in degrees, left then right: how far thigh and leg go across from their own hip, from the
        middle of the hips and from the other foot; and how far the trunk is bent or turned, which adds to that.
    elevation : ndarray, shape (..., 2)
        How much higher each ankle is than the other one, in leg lengths.
    reach : ndarray, shape (..., 2)
        How far each ankle is in front of its hip, in leg lengths, from world landmarks.
    stature : ndarray, shape (..., 2)
        How far each hip is above its ankle, in leg lengths: 1 standing on a straight leg, about 0.5 sitting, 0 lying.
    proportion : ndarray, shape (...)
        Length of the trunk over that of the longer leg, in the picture: about 0.6 side-on.
    pixels, pixels_sigma : ndarray, shape (..., 6)
        `TRUNK_ESTIMATES` of the trunk network and their standard deviations, degrees; NaN where it refused the picture
        or took the person for facing the other way.
    leg_pixels, leg_pixels_sigma : ndarray, shape (..., 2, 4)
        `LEG_ESTIMATES` of the leg network and their standard deviations, left then right.
    """

    azimuth_deg: NDArray[np.float64]
    facing: NDArray[np.float64]
    trunk: NDArray[np.float64]
    trunk_world: NDArray[np.float64]
    leg: NDArray[np.float64]
    leg_world: NDArray[np.float64]
    lateral: NDArray[np.float64]
    elevation: NDArray[np.float64]
    reach: NDArray[np.float64]
    stature: NDArray[np.float64]
    proportion: NDArray[np.float64]
    pixels: NDArray[np.float64]
    pixels_sigma: NDArray[np.float64]
    leg_pixels: NDArray[np.float64]
    leg_pixels_sigma: NDArray[np.float64]

    @classmethod
    def stack(cls, features: list[Self]) -> Self:
        """Join the features of single poses along a new first axis."""
        return cls(*(np.stack([getattr(one, field.name) for one in features]) for field in fields(cls)))

    def __getitem__(self, index: int | slice | NDArray[np.generic]) -> Features:
        return Features(*(getattr(self, field.name)[index] for field in fields(self)))

    def median(self) -> Features:
        """Return the median over the first axis, NaN passed over."""
        return Features(*(compute_known_median(getattr(self, field.name)) for field in fields(self)))


TRUNK_FEATURES = ("lean", "mouth_pitch", "face_tilt", "nose_pitch", "neck_tilt", "near_neck_tilt")
LEG_FEATURES = ("knee_flexion", "ankle_dorsiflexion", "thigh", "hip_trunk_flexion")
LATERAL_FEATURES = (
    "thigh_offset",
    "leg_offset",
    "leg_world",
    "thigh_world",
    "thigh_from_midline",
    "leg_from_midline",
    "feet_apart",
    "trunk_bend",
    "shoulder_width",
    "shoulder_azimuth",
    "nose_from_midline",
)


# Fields that hold a row for each leg and that angles are estimated from.
PER_LEG = ("leg", "leg_world", "lateral", "leg_pixels", "leg_pixels_sigma")


def compute_features(pose: Pose, facing: ArrayLike | None = None) -> Features:
    """Compute the features of poses.

    Parameters
    ----------
    pose
        Poses of any leading shape.
    facing
        +1 right edge, -1 left edge, shape (...); by default from the pose itself (`compute_facing`).

    Returns
    -------
    Features
        NaN where the pose is NaN.
    """
    points = pose.points.astype(np.float64)
    if facing is None:
        evidence = compute_facing(points)
        facing = np.where(np.isnan(evidence), np.nan, np.where(evidence >= 0.0, 1.0, -1.0))
    facing = np.broadcast_to(np.asarray(facing, dtype=np.float64), pose.leading_shape)
    with np.errstate(invalid="ignore"):
        as_cut = (compute_facing(points) >= 0.0) == (facing >= 0.0)
    trunk_estimate = np.where(as_cut[..., None, None], pose.trunk_estimate, np.nan).astype(np.float64)
    azimuth = compute_azimuth_deg(pose.world)
    flat = sagittal_from_pixels(points, facing)
    world = sagittal_from_world(pose.world, azimuth)
    elevation, reach, stature, proportion = _leg_positions(points, world)
    both = np.stack([flat, world])  # one call for the picture and the world: what counts in one frame is calls
    trunk, leg = _trunk_features(both, azimuth), _leg_features(both)
    return Features(
        azimuth_deg=azimuth,
        facing=facing,
        trunk=trunk[0],
        trunk_world=trunk[1],
        leg=leg[0],
        leg_world=leg[1],
        lateral=_lateral_features(points, pose.world, azimuth),
        elevation=elevation,
        reach=reach,
        stature=stature,
        proportion=proportion,
        pixels=trunk_estimate[..., 0, :],
        pixels_sigma=trunk_estimate[..., 1, :],
        leg_pixels=pose.leg_estimate[..., 0, :].astype(np.float64),
        leg_pixels_sigma=pose.leg_estimate[..., 1, :].astype(np.float64),
    )


def _trunk_features(points: NDArray[np.float64], azimuth_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = {name: compute_middle(points, pair) for name, pair in _PAIRS.items()}
    left_is_near = (azimuth_deg >= 0.0)[..., None]
    near_ear, near_shoulder = (
        np.where(left_is_near, points[..., left, :], points[..., right, :]) for left, right in (EAR, SHOULDER)
    )
    return np.stack(
        [
            forward_from_up_deg(middle["shoulder"] - middle["hip"]),
            -pitch_deg(middle["mouth"] - middle["ear"]),
            -forward_from_down_deg(middle["mouth"] - middle["eye"]),
            -pitch_deg(points[..., Landmark.NOSE, :] - middle["ear"]),
            forward_from_up_deg(middle["ear"] - middle["shoulder"]),
            forward_from_up_deg(near_ear - near_shoulder),
        ],
        axis=-1,
    )


_PAIRS = {"shoulder": SHOULDER, "hip": HIP, "mouth": MOUTH, "ear": EAR, "eye": EYE}


def _leg_features(points: NDArray[np.float64]) -> NDArray[np.float64]:
    hip, knee, ankle, heel, toe = (points[..., pair, :] for pair in (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX))
    shoulders, hips = (compute_middle(points, pair)[..., None, :] for pair in (SHOULDER, HIP))
    return np.stack(
        [
            compute_knee_flexion_deg(hip, knee, ankle),
            compute_ankle_dorsiflexion_deg(knee, ankle, heel, toe),
            forward_from_down_deg(knee - hip),
            compute_hip_trunk_flexion_deg(shoulders - hips + hip, hip, knee),
        ],
        axis=-1,
    )


def _lateral_features(
    points: NDArray[np.float64], world: NDArray[np.floating], azimuth_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute sideways angles of each leg, positive across the midline (adduction)."""
    hip, knee, ankle = (points[..., pair, :] for pair in (HIP, KNEE, ANKLE))
    hip_x, knee_x, ankle_x = hip[..., 0], knee[..., 0], ankle[..., 0]
    # In a front view the person's left is the picture's right; seen from behind it is the other way round.
    leftward = np.where(np.abs(azimuth_deg) <= 90.0, 1.0, -1.0)[..., None]
    across = _INWARDS * leftward
    standing_leg = length(ankle - hip)[..., ::-1]
    standing_thigh = standing_leg / 2.0
    hips, shoulders = (compute_middle(points, pair)[..., :1] for pair in (HIP, SHOULDER))
    width = (points[..., SHOULDER[0], 0] - points[..., SHOULDER[1], 0])[..., None]
    nose = points[..., Landmark.NOSE, 0][..., None]
    metres = np.asarray(world, dtype=np.float64)
    left = leftward_from_world(metres, azimuth_deg)
    # Of each feature: offset, extent, and the sign of the offset's direction.
    parts = {
        "thigh_offset": (knee_x - hip_x, standing_thigh, across),
        "leg_offset": (ankle_x - hip_x, standing_leg, across),
        "leg_world": (left[..., ANKLE] - left[..., HIP], _world_length(metres, ANKLE), _INWARDS),
        "thigh_world": (left[..., KNEE] - left[..., HIP], _world_length(metres, KNEE), _INWARDS),
        "thigh_from_midline": (knee_x - hips, standing_thigh, across),
        "leg_from_midline": (ankle_x - hips, standing_leg, across),
        "feet_apart": (ankle_x - ankle_x[..., ::-1], standing_leg, across),
        "trunk_bend": (shoulders - hips, standing_leg, across),
        "shoulder_width": (width, standing_leg, leftward),
        "nose_from_midline": (nose - shoulders, standing_leg, across),
    }
    offset, extent, sign = np.full((3, *azimuth_deg.shape, 2, len(LATERAL_FEATURES)), np.nan)
    for name, part in parts.items():
        place = LATERAL_FEATURES.index(name)
        offset[..., place], extent[..., place], sign[..., place] = part
    lateral: NDArray[np.float64] = sign * compute_lateral_angle_deg(offset, extent)
    lateral[..., LATERAL_FEATURES.index("shoulder_azimuth")] = _shoulder_azimuth_deg(world)
    return lateral


def _world_length(world: NDArray[np.float64], end: tuple[Landmark, Landmark]) -> NDArray[np.float64]:
    """Return how far a joint of each leg is from its hip, metres, shape (..., 2)."""
    return length(world[..., end, :] - world[..., HIP, :])


def _shoulder_azimuth_deg(world: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute from which side the shoulders alone are seen, +90 the leg's own side, shape (..., 2)."""
    line = np.asarray(world[..., SHOULDER[0], :] - world[..., SHOULDER[1], :], dtype=np.float64)
    azimuth = np.degrees(np.arctan2(-line[..., 2], line[..., 0]))
    return -_INWARDS * azimuth[..., None]


# Towards the midline, as a sign of the person's leftward direction: for the left leg and for the right one.
_INWARDS = np.array([-1.0, 1.0])


def _leg_positions(
    points: NDArray[np.float64], world: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    def leg_length(points: NDArray[np.float64]) -> NDArray[np.float64]:
        hip, knee, ankle = (points[..., pair, :] for pair in (HIP, KNEE, ANKLE))
        both = length(knee - hip) + length(ankle - knee)
        return np.asarray(both.max(axis=-1, keepdims=True))

    ankle_height, hip_height = -points[..., ANKLE, 1], -points[..., HIP, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        leg = leg_length(points)
        elevation = (ankle_height - ankle_height[..., ::-1]) / leg
        stature = (hip_height - ankle_height) / leg
        reach = (world[..., ANKLE, 0] - world[..., HIP, 0]) / leg_length(world)
        trunk = length(compute_middle(points, SHOULDER) - compute_middle(points, HIP))
        proportion = trunk / leg[..., 0]
    return elevation, reach, stature, proportion
