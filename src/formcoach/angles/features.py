"""What the angle estimators look at: plain geometry of one pose, before calibration, baseline and gates.

All arrays may have any leading axes; NaN landmarks give NaN features.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

import numpy as np

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
from formcoach.angles.view import compute_azimuth_deg, compute_facing
from formcoach.pose.landmarks import (
    ANKLE,
    EAR,
    ELBOW,
    EYE,
    FOOT_INDEX,
    HEEL,
    HIP,
    KNEE,
    MOUTH,
    SHOULDER,
    WRIST,
    Landmark,
)
from formcoach.pose.pose import OUTLINE_POSITIONS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from formcoach.pose.pose import Pose

# Where back and front enter the estimators: from below the hips (0) to the shoulders (1).
PROFILE_POSITIONS: NDArray[np.float64] = np.linspace(-0.2, 1.0, 13)
# Half widths of upper arm and forearm, in trunk lengths: where the outline runs along an arm it is not the back.
_UPPER_ARM_RADIUS = 0.10
_FOREARM_RADIUS = 0.075
# The upper arm starts at the shoulder, which belongs to the back's own outline: the first third is left in.
_UPPER_ARM_FROM = 0.35
# Gaps in the profile longer than this share of the positions are not bridged.
MAXIMUM_GAP_SHARE = 0.6


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
    back, front : ndarray, shape (..., 13)
        Distance of the back's and of the belly's edge from the trunk axis at `PROFILE_POSITIONS`, in percent of the
        trunk length.
    leg : ndarray, shape (..., 2, 6)
        `LEG_FEATURES` in degrees, left then right, in the picture plane.
    leg_world : ndarray, shape (..., 2, 6)
        The same from world landmarks.
    lateral : ndarray, shape (..., 2, 5)
        `LATERAL_FEATURES` in degrees, left then right.
    elevation : ndarray, shape (..., 2)
        How much higher each ankle is than the other one, in leg lengths.
    reach : ndarray, shape (..., 2)
        How far each ankle is in front of its hip, in leg lengths, from world landmarks.
    stature : ndarray, shape (..., 2)
        How far each hip is above its ankle, in leg lengths: 1 standing on a straight leg, about 0.5 sitting, 0 lying.
    proportion : ndarray, shape (...)
        Length of the trunk over that of the longer leg, in the picture: about 0.6 side-on.
    """

    azimuth_deg: NDArray[np.float64]
    facing: NDArray[np.float64]
    trunk: NDArray[np.float64]
    trunk_world: NDArray[np.float64]
    back: NDArray[np.float64]
    front: NDArray[np.float64]
    leg: NDArray[np.float64]
    leg_world: NDArray[np.float64]
    lateral: NDArray[np.float64]
    elevation: NDArray[np.float64]
    reach: NDArray[np.float64]
    stature: NDArray[np.float64]
    proportion: NDArray[np.float64]

    @classmethod
    def stack(cls, features: list[Self]) -> Self:
        """Join the features of single poses along a new first axis."""
        return cls(*(np.stack([getattr(one, field.name) for one in features]) for field in fields(cls)))

    def __getitem__(self, index: int | slice | NDArray[np.generic]) -> Features:
        return Features(*(getattr(self, field.name)[index] for field in fields(self)))

    def median(self) -> Features:
        """Return the median over the first axis, NaN passed over."""
        return Features(*(_nanmedian(getattr(self, field.name)) for field in fields(self)))


TRUNK_FEATURES = ("lean", "mouth_pitch", "face_tilt", "nose_pitch", "neck_tilt", "near_neck_tilt")
LEG_FEATURES = ("knee_flexion", "ankle_dorsiflexion", "thigh", "shank", "foot_pitch", "hip_trunk_flexion")
LATERAL_FEATURES = ("thigh_offset", "leg_offset", "leg_world", "thigh_world", "foot_world")


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
    azimuth = compute_azimuth_deg(pose.world)
    flat = sagittal_from_pixels(points, facing)
    world = sagittal_from_world(pose.world, azimuth)
    elevation, reach, stature, proportion = _leg_positions(points, world)
    back, front = _profiles(pose, points, facing)
    return Features(
        azimuth_deg=azimuth,
        facing=facing,
        trunk=_trunk_features(flat, azimuth),
        trunk_world=_trunk_features(world, azimuth),
        back=back,
        front=front,
        leg=_leg_features(flat),
        leg_world=_leg_features(world),
        lateral=_lateral_features(points, pose.world, azimuth),
        elevation=elevation,
        reach=reach,
        stature=stature,
        proportion=proportion,
    )


def _trunk_features(points: NDArray[np.float64], azimuth_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = {name: points[..., pair, :].mean(axis=-2) for name, pair in _PAIRS.items()}
    near = np.where(azimuth_deg >= 0.0, 0, 1)[..., None, None]
    near_ear = np.take_along_axis(points[..., EAR, :], near, axis=-2)[..., 0, :]
    near_shoulder = np.take_along_axis(points[..., SHOULDER, :], near, axis=-2)[..., 0, :]
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
    shoulders = points[..., SHOULDER, :].mean(axis=-2, keepdims=True)
    hips = points[..., HIP, :].mean(axis=-2, keepdims=True)
    return np.stack(
        [
            compute_knee_flexion_deg(hip, knee, ankle),
            compute_ankle_dorsiflexion_deg(knee, ankle, heel, toe),
            forward_from_down_deg(knee - hip),
            forward_from_down_deg(ankle - knee),
            pitch_deg(toe - heel),
            compute_hip_trunk_flexion_deg(shoulders - hips + hip, hip, knee),
        ],
        axis=-1,
    )


def _lateral_features(
    points: NDArray[np.float64], world: NDArray[np.floating], azimuth_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute sideways angles of each leg, positive across the midline (adduction) or toes inwards."""
    inwards = np.array([-1.0, 1.0])  # towards the person's right for the left leg, left for the right leg
    hip, knee, ankle = (points[..., pair, :] for pair in (HIP, KNEE, ANKLE))
    # In a front view the person's left is the picture's right; seen from behind it is the other way round.
    leftward = np.where(np.abs(azimuth_deg) <= 90.0, 1.0, -1.0)[..., None]
    standing_leg = length(ankle - hip)[..., ::-1]
    across = inwards * leftward
    world = np.asarray(world, dtype=np.float64)
    left = leftward_from_world(world, azimuth_deg)
    metres = {name: world[..., pair, :] for name, pair in _LEG_PAIRS.items()}
    offset = {name: left[..., pair] for name, pair in _LEG_PAIRS.items()}

    def world_angle(start: str, end: str) -> NDArray[np.float64]:
        return inwards * compute_lateral_angle_deg(offset[end] - offset[start], length(metres[end] - metres[start]))

    return np.stack(
        [
            across * compute_lateral_angle_deg(knee[..., 0] - hip[..., 0], standing_leg / 2.0),
            across * compute_lateral_angle_deg(ankle[..., 0] - hip[..., 0], standing_leg),
            world_angle("hip", "ankle"),
            world_angle("hip", "knee"),
            world_angle("heel", "toe"),
        ],
        axis=-1,
    )


_LEG_PAIRS = {"hip": HIP, "knee": KNEE, "ankle": ANKLE, "heel": HEEL, "toe": FOOT_INDEX}


def _leg_positions(
    points: NDArray[np.float64], world: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    def leg_length(points: NDArray[np.float64]) -> NDArray[np.float64]:
        hip, knee, ankle = (points[..., pair, :] for pair in (HIP, KNEE, ANKLE))
        both = length(knee - hip) + length(ankle - knee)
        return np.asarray(both.max(axis=-1, keepdims=True))

    ankle_height, hip_height = -points[..., ANKLE, 1], -points[..., HIP, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        elevation = (ankle_height - ankle_height[..., ::-1]) / leg_length(points)
        stature = (hip_height - ankle_height) / leg_length(points)
        reach = (world[..., ANKLE, 0] - world[..., HIP, 0]) / leg_length(world)
        trunk = length(points[..., SHOULDER, :].mean(axis=-2) - points[..., HIP, :].mean(axis=-2))
        proportion = trunk / leg_length(points)[..., 0]
    return elevation, reach, stature, proportion


def _profiles(
    pose: Pose, points: NDArray[np.float64], facing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take the outline on the back's and on the belly's side at `PROFILE_POSITIONS`, the back without arms."""
    outline = pose.outline.astype(np.float64)
    # Facing right, the back lies to the left of a walker from hips to shoulders: row 0.
    faces_right = (facing >= 0.0)[..., None]
    back = np.where(faces_right, outline[..., 0, :], outline[..., 1, :])
    front = np.where(faces_right, outline[..., 1, :], outline[..., 0, :])
    back = np.where(covered_by_arm(points, back, facing), np.nan, back)
    return _resampled(back), _resampled(front)


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
    size = length(trunk)[..., None]
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


def _distance_to_segment(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the distance of points (..., n, 2) to the segments from start to end (..., 2)."""
    along = (end - start)[..., None, :]
    squared = np.maximum(np.square(along).sum(axis=-1), 1e-9)
    share = np.clip(((points - start[..., None, :]) * along).sum(axis=-1) / squared, 0.0, 1.0)
    return length(points - (start[..., None, :] + share[..., None] * along))


def _resampled(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read outlines (..., 41) off at `PROFILE_POSITIONS` in percent, gaps bridged; NaN where too much is missing."""
    flat = outline.reshape(-1, outline.shape[-1])
    low, high = PROFILE_POSITIONS[[0, -1]]
    inside = (low <= OUTLINE_POSITIONS) & (high >= OUTLINE_POSITIONS)
    known = np.isfinite(flat)
    enough = known[:, inside].mean(axis=1) >= 1.0 - MAXIMUM_GAP_SHARE
    profile = np.full((len(flat), len(PROFILE_POSITIONS)), np.nan)
    for row in np.flatnonzero(enough):
        profile[row] = np.interp(PROFILE_POSITIONS, OUTLINE_POSITIONS[known[row]], flat[row, known[row]])
    return 100.0 * profile.reshape(*outline.shape[:-1], len(PROFILE_POSITIONS))


def _nanmedian(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values).any(axis=0)
    return np.where(known, np.nanmedian(np.where(known, values, 0.0), axis=0), np.nan)
