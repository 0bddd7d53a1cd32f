"""From angles to bones, skin and joint centres: the project's own kinematics of the body model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.arms import Arms, reach
from people.rotations import carry, rigid, rotation, turn

if TYPE_CHECKING:
    from people.body import Body
    from people.rotations import Array

# Share of an angle at each joint, from below: L5/S1, L3/4, T12/L1; T7/8; C7/T1 to C1.
LUMBAR = {"spine04": 0.35, "spine03": 0.40, "spine02": 0.25}
THORACIC = {"spine01": 1.0}
CERVICAL = {"neck01": 0.25, "neck02": 0.25, "neck03": 0.20, "head": 0.30}
HEAD_FORWARD = {"neck01": 0.7, "neck02": 0.3, "neck03": -0.2, "head": -0.8}
SPINE_JOINTS = {
    "L5S1": "spine04",
    "L3L4": "spine03",
    "T12L1": "spine02",
    "T7": "spine01",
    "C7T1": "neck01",
    "C1": "head",
}
# The skin at the groin takes half of the thigh's twist.
GROIN_TWIST = 0.5
# Halvings of 120 degrees of hip flexion.
CONTACT_STEPS = 18


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A body whose bones are placed.

    Attributes
    ----------
    body : Body
    angles : Angles
    raised : Side
        The leg that ``angles`` calls raised, also when both feet are down.
    bones : dict of ndarray, shape (4, 4)
        Rigid maps from rest to the world, by bone.
    """

    body: Body
    angles: Angles
    raised: Side
    bones: dict[str, Array]

    def point(self, bone: str, rest_point: Array) -> Array:
        """Return where a point fixed to a bone lies in the world."""
        return carry(self.bones[bone], rest_point)

    def skin(self, every: int = 1) -> Array:
        """Return all vertices in the world, or every so manieth, (n, 3)."""
        # Column by column: blended rotations and translation are then sums of contiguous blocks.
        maps = np.stack([self.bones[bone][:3].T for bone in self.body.bones]).reshape(-1, 12)
        blended = self.body.sparse_weights[::every] @ maps
        x, y, z = self.body.vertices[::every].T[:, :, None]
        return blended[:, 0:3] * x + blended[:, 3:6] * y + blended[:, 6:9] * z + blended[:, 9:12]

    def lowest_of_raised_foot(self) -> Array:
        """Return the lowest point of the raised foot, where it touches the bench, (3,)."""
        points = carry(self.bones[f"foot.{self.raised.letter}"], self.body.vertices[self.body.foot[self.raised]])
        return points[points[:, 2].argmin()]

    def leg_joint(self, name: str, side: Side) -> Array:
        """Return a hip, knee or ankle centre in the world."""
        bone = {"hip": "root", "knee": f"upperleg02.{side.letter}", "ankle": f"foot.{side.letter}"}[name]
        return self.point(bone, self.body.joints[name + side.letter])


def pose_body(body: Body, angles: Angles, raised: Side, arms: Arms | None = None) -> Pose:
    """Place all bones: the standing leg from the floor up, the pelvis on it, then raised leg, spine and arms."""
    pose = Pose(body, angles, raised, {})
    _place_pelvis_and_legs(pose)
    _place_spine(pose)
    for side in Side:
        reach(pose, side, arms or Arms.both("hang"))
    for bone in body.bones:
        if bone not in pose.bones:
            pose.bones[bone] = pose.bones[body.parent[bone]]
    return pose


def neutral_legs(body: Body, side: Side) -> tuple[Array, Array]:
    """Return the rotations of thigh and shank from the model's rest to zero, where both are vertical."""
    joints, letter, down = body.joints, side.letter, np.array([0.0, 0.0, -1.0])
    hip, knee, ankle = (joints[name + letter] for name in ("hip", "knee", "ankle"))
    return turn(knee - hip, down), turn(ankle - knee, down)


def raised_thigh(angles: Angles, raised: Side, twist: float = 1.0) -> Array:
    """Return the raised thigh's rotation in the world, (3, 3): flexion, adduction, then rotation (ISB's order)."""
    return (
        rotation("x", angles.pelvic_tilt - angles.hip_flexion)
        @ rotation("y", raised.sign * angles.hip_adduction)
        @ rotation("z", -twist * raised.sign * angles.hip_rotation)
    )


def _place_pelvis_and_legs(pose: Pose) -> None:
    body, angles, joints = pose.body, pose.angles, pose.body.joints
    raised, stance = pose.raised, pose.raised.other
    foot = rotation("z", -stance.sign * angles.stance_rotation)
    shank = foot @ rotation("x", angles.stance_ankle_dorsiflexion)
    thigh = shank @ rotation("x", -angles.stance_knee_flexion)
    to_thigh, to_shank = neutral_legs(body, stance)
    hip, knee, ankle = (joints[name + stance.letter] for name in ("hip", "knee", "ankle"))
    # The standing ankle stays below the hip's rest place.
    ankle_at = np.array([hip[0], ankle[1], ankle[2]])
    hip_at = ankle_at - shank @ to_shank @ (ankle - knee) - thigh @ to_thigh @ (knee - hip)
    pelvis = rigid(rotation("x", angles.pelvic_tilt), hip, hip_at)
    for bone in ("root", "pelvis.L", "pelvis.R", "spine05"):
        pose.bones[bone] = pelvis
    _place_leg(pose, stance, thigh, thigh, shank, foot)
    thigh = raised_thigh(angles, raised)
    shank = thigh @ rotation("x", angles.knee_flexion)
    foot = shank @ rotation("x", -angles.ankle_dorsiflexion) @ rotation("y", raised.sign * angles.foot_inversion)
    _place_leg(pose, raised, raised_thigh(angles, raised, GROIN_TWIST), thigh, shank, foot)


def _place_leg(pose: Pose, side: Side, groin: Array, thigh: Array, shank: Array, foot: Array) -> None:
    joints, bones, letter = pose.body.joints, pose.bones, side.letter
    to_thigh, to_shank = neutral_legs(pose.body, side)
    hip = pose.point("root", joints["hip" + letter])
    bones[f"upperleg01.{letter}"] = rigid(groin @ to_thigh, joints["hip" + letter], hip)
    bones[f"upperleg02.{letter}"] = rigid(thigh @ to_thigh, joints["hip" + letter], hip)
    knee = pose.point(f"upperleg02.{letter}", joints["knee" + letter])
    for bone in ("lowerleg01", "lowerleg02"):
        bones[f"{bone}.{letter}"] = rigid(shank @ to_shank, joints["knee" + letter], knee)
    ankle = pose.point(f"lowerleg01.{letter}", joints["ankle" + letter])
    bones[f"foot.{letter}"] = rigid(foot, joints["ankle" + letter], ankle)


def _place_spine(pose: Pose) -> None:
    angles, shares = pose.angles, {}
    for parts, angle in (
        (LUMBAR, angles.lumbar_flexion),
        (THORACIC, angles.thoracic_flexion),
        (CERVICAL, angles.cervical_flexion),
        (HEAD_FORWARD, angles.head_forward),
    ):
        for bone, part in parts.items():
            shares[bone] = shares.get(bone, 0.0) + part * angle
    for bone in (*LUMBAR, *THORACIC, *CERVICAL):
        below = pose.bones[pose.body.parent[bone]]
        joint = pose.body.joints[bone]
        pose.bones[bone] = rigid(below[:3, :3] @ rotation("x", shares[bone]), joint, carry(below, joint))


def solve_contact(body: Body, angles: Angles, raised: Side, height_m: float) -> Angles:
    """Return the angles with the hip flexed so that the raised foot's lowest point is at a height."""
    low, high = angles.pelvic_tilt - 5.0, angles.pelvic_tilt + 115.0
    pose = Pose(body, angles, raised, {})
    for _ in range(CONTACT_STEPS):
        middle = replace(angles, hip_flexion=(low + high) / 2.0)
        pose = Pose(body, middle, raised, {})
        _place_pelvis_and_legs(pose)
        below = pose.lowest_of_raised_foot()[2] < height_m
        low, high = (middle.hip_flexion, high) if below else (low, middle.hip_flexion)
    return pose.angles


def raised_foot_place(body: Body, angles: Angles, raised: Side) -> Array:
    """Return the raised foot's lowest point without posing the rest of the body, (3,)."""
    pose = Pose(body, angles, raised, {})
    _place_pelvis_and_legs(pose)
    return pose.lowest_of_raised_foot()


def joint_centres(pose: Pose, vertices: Array) -> dict[str, Array]:
    """Return joint centres of the skeleton and landmarks that follow the posed skin, in the world."""
    joints, points = pose.body.joints, {}
    on_skin = pose.body.surface(vertices)
    for side in Side:
        for name in ("hip", "knee", "ankle"):
            points[f"{side}_{name}"] = pose.leg_joint(name, side)
        foot = f"foot.{side.letter}"
        points[f"{side}_toe"] = pose.point(foot, joints["toe" + side.letter])
        ball = np.mean([joints[f"toe{toe}-1.{side.letter}"] for toe in (1, 2, 3)], axis=0)
        points[f"{side}_mtp"] = pose.point(foot, ball)
        for name, bone in (("shoulder", "upperarm01"), ("elbow", "lowerarm01"), ("wrist", "wrist")):
            points[f"{side}_{name}"] = pose.point(f"{bone}.{side.letter}", joints[f"{bone}.{side.letter}"])
        for name in ("eye", "ear", "heel", "big_toe", "small_toe"):
            points[f"{side}_{name}"] = on_skin[f"{side}_{name}"]
        for name in ("shoulder", "hip", "knee", "ankle"):
            points[f"{side}_{name}_coco"] = on_skin[f"{side}_{name}"]
    points["nose"] = on_skin["nose"]
    for name, bone in SPINE_JOINTS.items():
        points[name] = pose.point(bone, joints[bone])
    return points


def all_angles(pose: Pose) -> dict[str, float]:
    """Return the posed angles, and those that follow from them: the standing hip and the lean of the trunk."""
    stance, angles = pose.raised.other, pose.angles
    to_thigh, _ = neutral_legs(pose.body, stance)
    thigh = pose.bones[f"upperleg02.{stance.letter}"][:3, :3]
    relative = pose.bones["root"][:3, :3].T @ thigh @ to_thigh.T
    return asdict(angles) | {
        "stance_hip_flexion": float(np.degrees(np.arctan2(relative[1, 2], relative[2, 2]))),
        "stance_hip_adduction": float(stance.sign * np.degrees(np.arcsin(relative[0, 2]))),
        "stance_hip_rotation": float(-stance.sign * np.degrees(np.arctan2(-relative[0, 1], relative[0, 0]))),
        "trunk_lean": angles.pelvic_tilt + angles.lumbar_flexion + angles.thoracic_flexion,
    }
