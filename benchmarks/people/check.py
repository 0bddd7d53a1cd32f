"""Checks the kinematics: angles are recomputed from joint centres and bones, and compared with what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.posing import joint_centres, pose_body
from people.rotations import angle_between_deg, rotation
from people.standing import draw_neutral

if TYPE_CHECKING:
    from people.body import Body
    from people.posing import Pose
    from people.rotations import Array

RANGES = {
    "pelvic_tilt": (-10.0, 40.0),
    "lumbar_flexion": (-12.0, 60.0),
    "thoracic_flexion": (-5.0, 40.0),
    "cervical_flexion": (-25.0, 50.0),
    "hip_flexion": (40.0, 100.0),
    "hip_adduction": (-20.0, 25.0),
    "hip_rotation": (-30.0, 40.0),
    "knee_flexion": (-8.0, 60.0),
    "ankle_dorsiflexion": (-45.0, 25.0),
    "stance_knee_flexion": (-6.0, 12.0),
    "stance_ankle_dorsiflexion": (-6.0, 8.0),
    "head_forward": (0.0, 15.0),
}


def measured_angles(pose: Pose) -> dict[str, float]:
    """Return the angles as they follow from the skeleton alone, degrees."""
    points = joint_centres(pose, pose.skin())
    raised, stance, bones = pose.raised, pose.raised.other, pose.bones
    thigh, shank = _leg(points, raised)
    stance_thigh, stance_shank = _leg(points, stance)
    pelvis, foot = bones["root"][:3, :3], bones[f"foot.{raised.letter}"][:3, :3]
    along = pelvis.T @ thigh / np.linalg.norm(thigh)
    hip = {
        "hip_flexion": float(np.degrees(np.arctan2(-along[1], -along[2]))),
        "hip_adduction": float(np.degrees(np.arcsin(-raised.sign * along[0]))),
    }
    unrotated = pelvis @ rotation("x", -hip["hip_flexion"]) @ rotation("y", raised.sign * hip["hip_adduction"])
    # Without inversion of the foot its axis from side to side is that of the knee.
    sideways = unrotated.T @ foot @ np.array([1.0, 0.0, 0.0])
    return hip | {
        "hip_rotation": float(-raised.sign * np.degrees(np.arctan2(sideways[1], sideways[0]))),
        # Bent and over-straight differ by the side to which the shank leaves the thigh's line.
        "knee_flexion": _bend_deg(thigh, shank, foot @ np.array([1.0, 0.0, 0.0])),
        "ankle_dorsiflexion": angle_between_deg(foot @ np.array([0.0, -1.0, 0.0]), shank) - 90.0,
        "stance_knee_flexion": _bend_deg(stance_thigh, stance_shank, np.array([1.0, 0.0, 0.0])),
        "pelvic_tilt": _sagittal_deg(np.eye(3), pelvis),
        "lumbar_flexion": _sagittal_deg(pelvis, bones["spine02"][:3, :3]),
        "thoracic_flexion": _sagittal_deg(bones["spine02"][:3, :3], bones["spine01"][:3, :3]),
        "cervical_flexion": _sagittal_deg(bones["spine01"][:3, :3], bones["head"][:3, :3]),
    }


def largest_errors(body: Body, poses: int, seed: int = 0) -> dict[str, float]:
    """Return by how much random postures miss what was asked for, by angle, degrees.

    Parameters
    ----------
    body : Body
    poses : int
        Number of random stretches, left and right in turn.
    seed : int, optional
    """
    rng = np.random.default_rng(seed)
    errors: dict[str, float] = {}
    for number in range(poses):
        angles = Angles(**{name: float(rng.uniform(*limits)) for name, limits in RANGES.items()})
        pose = pose_body(body, angles, list(Side)[number % 2])
        for name, value in measured_angles(pose).items():
            errors[name] = max(errors.get(name, 0.0), abs(value - getattr(angles, name)))
    return errors


def largest_float(body: Body, people: int, seed: int = 0) -> float:
    """Return how far a foot of randomly standing people is above or below the floor at most, metres."""
    rng = np.random.default_rng(seed)
    worst = 0.0
    for number in range(people):
        raised = list(Side)[number % 2]
        skin = pose_body(body, draw_neutral(rng, body, raised), raised).skin()
        worst = max(worst, *(abs(float(skin[body.foot[side]][:, 2].min())) for side in Side))
    return worst


def _leg(points: dict[str, Array], side: Side) -> tuple[Array, Array]:
    hip, knee, ankle = (points[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    return knee - hip, ankle - knee


def _bend_deg(thigh: Array, shank: Array, axis: Array) -> float:
    """Return the knee's flexion, negative when over-straight; the axis points to the person's left."""
    size = angle_between_deg(thigh, shank)
    return size if np.cross(thigh, shank) @ axis >= 0.0 else -size


def _sagittal_deg(below: Array, above: Array) -> float:
    """Return the rotation about the axis from right to left between two segments, degrees."""
    relative = below.T @ above
    return float(np.degrees(np.arctan2(relative[2, 1], relative[2, 2])))
