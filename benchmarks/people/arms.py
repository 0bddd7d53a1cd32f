"""Where the hands are, and how the arms reach there.

No angle of the stretch depends on it, but whether the outline of the back is seen does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from people.rotations import rigid, turn, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from people.angles import Side
    from people.posing import Pose
    from people.rotations import Array

# Where the elbow points: (outwards, backwards, upwards), relative to the thorax.
ELBOW_HINTS = {
    "hang": (0.6, 0.8, -0.1),
    "hips": (0.8, 0.6, -0.1),
    "hips_back": (0.25, 1.0, 0.0),
    "lower_back": (0.7, 0.8, 0.0),
    "crossed": (0.6, -0.2, -0.8),
    "thigh": (0.6, 0.8, -0.1),
    "shin": (0.6, 0.8, -0.1),
    "foot": (0.6, 0.5, -0.1),
    "forward": (0.6, 0.0, -0.8),
    "overhead": (0.9, -0.4, 0.0),
}
TARGETS = tuple(ELBOW_HINTS)
# A wrist cannot come nearer to the shoulder, nor be further away, as a share of the arm's length.
REACH = (0.35, 0.985)


@dataclass(frozen=True, slots=True)
class Arms:
    """What each hand does, as shares of one or more targets that make up 1, and the thickness of the clothes.

    Attributes
    ----------
    left, right : mapping of str to float
        See ``TARGETS``.
    clearance_m : float
        How far the clothes keep the hands from the skin.
    """

    left: Mapping[str, float]
    right: Mapping[str, float]
    clearance_m: float = 0.0

    @classmethod
    def both(cls, target: str, clearance_m: float = 0.0) -> Arms:
        """Both hands at the same target."""
        return cls({target: 1.0}, {target: 1.0}, clearance_m)

    def of(self, side: Side) -> Mapping[str, float]:
        """Return what one hand does."""
        return self.left if side.sign > 0 else self.right

    def mixed(self, other: Arms, share: float) -> Arms:
        """Return the arms on the way to others."""
        return Arms(_mix(self.left, other.left, share), _mix(self.right, other.right, share), self.clearance_m)

    @property
    def label(self) -> str:
        """The main target, or left and right joined by ``+``."""
        left, right = (max(hand, key=lambda name, hand=hand: hand[name]) for hand in (self.left, self.right))
        return left if left == right else f"{left}+{right}"


def _mix(start: Mapping[str, float], end: Mapping[str, float], share: float) -> dict[str, float]:
    names = dict.fromkeys([*start, *end])
    return {name: (1.0 - share) * start.get(name, 0.0) + share * end.get(name, 0.0) for name in names}


def reach(pose: Pose, side: Side, arms: Arms) -> None:
    """Add the bones of one arm to a pose whose trunk and legs are placed."""
    joints, letter = pose.body.joints, side.letter
    chest = pose.bones["spine01"]
    pose.bones[f"clavicle.{letter}"] = pose.bones[f"shoulder01.{letter}"] = chest
    shoulder = pose.point("spine01", joints[f"upperarm01.{letter}"])
    upper = joints[f"lowerarm01.{letter}"] - joints[f"upperarm01.{letter}"]
    lower = joints[f"wrist.{letter}"] - joints[f"lowerarm01.{letter}"]
    lengths = float(np.linalg.norm(upper)), float(np.linalg.norm(lower))
    shares = arms.of(side)
    target = sum(
        share * _target(name, pose, side, shoulder, sum(lengths), arms.clearance_m) for name, share in shares.items()
    )
    hint = sum(share * np.array(ELBOW_HINTS[name]) for name, share in shares.items()) * [side.sign, 1.0, 1.0]
    elbow, wrist = _elbow_and_wrist(shoulder, target, chest[:3, :3] @ hint, lengths)
    upper_turn = turn(chest[:3, :3] @ upper, elbow - shoulder) @ chest[:3, :3]
    lower_turn = turn(upper_turn @ lower, wrist - elbow) @ upper_turn
    for bone in ("upperarm01", "upperarm02"):
        pose.bones[f"{bone}.{letter}"] = rigid(upper_turn, joints[f"upperarm01.{letter}"], shoulder)
    for bone in ("lowerarm01", "lowerarm02", "wrist"):
        pose.bones[f"{bone}.{letter}"] = rigid(lower_turn, joints[f"lowerarm01.{letter}"], elbow)


def _elbow_and_wrist(shoulder: Array, target: Array, hint: Array, lengths: tuple[float, float]) -> tuple[Array, Array]:
    """Bend the elbow towards the hint so that the wrist comes to the target, or as near as it can."""
    upper, lower = lengths
    distance = np.clip(np.linalg.norm(target - shoulder), REACH[0] * (upper + lower), REACH[1] * (upper + lower))
    along = unit(target - shoulder)
    across = unit(hint - (hint @ along) * along)
    cosine = (upper**2 + distance**2 - lower**2) / (2.0 * upper * distance)
    sine = np.sqrt(max(0.0, 1.0 - cosine**2))
    return shoulder + upper * (cosine * along + sine * across), shoulder + distance * along


def _target(name: str, pose: Pose, side: Side, shoulder: Array, length: float, clearance: float) -> Array:
    """Return where the wrist should be in the world."""
    if name == "hang":
        return shoulder + 0.97 * length * unit([0.12 * side.sign, -0.06, -1.0])
    # A hand goes up in front of the shoulder: on the straight line from hanging to overhead it would pass through it.
    if name == "forward":
        return shoulder + 0.60 * length * unit([0.10 * side.sign, -1.0, -0.1])
    if name == "overhead":
        return shoulder + 0.96 * length * unit([0.10 * side.sign, -0.15, 1.0])
    if name in ("thigh", "shin", "foot"):
        return _target_on_leg(name, pose, side, clearance)
    return _target_on_trunk(name, pose, side, clearance)


def _target_on_leg(name: str, pose: Pose, side: Side, clearance: float) -> Array:
    joints, raised = pose.body.joints, pose.raised
    thigh, foot = f"upperleg02.{raised.letter}", f"foot.{raised.letter}"
    hip, knee = (pose.point(thigh, joints[joint + raised.letter]) for joint in ("hip", "knee"))
    ankle = pose.point(foot, joints["ankle" + raised.letter])
    near = side is raised
    lift = (0.04 * pose.body.stature + clearance) * pose.bones[thigh][:3, :3] @ np.array([0.0, -1.0, 0.0])
    spread = np.array([0.07 * side.sign, 0.0, 0.0])
    if name == "thigh":
        return hip + (0.66 if near else 0.50) * (knee - hip) + 1.2 * lift + spread
    if name == "shin":
        return knee + (0.45 if near else 0.28) * (ankle - knee) + 1.1 * lift + spread
    return ankle + lift + spread


def _target_on_trunk(name: str, pose: Pose, side: Side, clearance: float) -> Array:
    body, sign = pose.body, side.sign
    crest = body.joints["hip" + side.letter][2] + 0.11
    if name == "crossed":
        height = body.joints["upperarm01.L"][2] - 0.17 + 0.02 * sign
        section = body.trunk_section(height)
        # One forearm lies on the other.
        front = section.front - 0.045 - clearance - (0.04 if sign > 0 else 0.0)
        return pose.point("spine01", np.array([-0.06 * sign, front, height]))
    section = body.trunk_section(crest)
    if name == "lower_back":
        point = np.array([0.09 * sign, section.back + 0.04 + clearance, crest + 0.04])
        return pose.point("spine04", point)
    side_way = sign * (section.half_width + 0.015 + clearance)
    back_way = 0.4 * section.back if name == "hips" else 0.8 * section.back
    return pose.point("spine05", np.array([side_way, back_way, crest]))
