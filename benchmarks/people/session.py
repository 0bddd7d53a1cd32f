"""A whole live session as data: what somebody does when in front of the camera, and where they are at any time.

They turn side-on, stand, stretch one leg, answer with a raised hand, turn round and stretch the other leg. The person
is posed as in all clips, facing -y; then the whole body is turned on the spot, and the camera stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.arms import Arms
from people.movement import on_top
from people.rotations import rotation
from people.standing import stand
from people.timeline import Keyframe, Timeline

if TYPE_CHECKING:
    from people.body import Body
    from people.posing import Pose
    from people.rotations import Array

# From where the camera sees somebody, degrees: 0 their front, + their left.
FRONT, LEFT_SIDE, RIGHT_SIDE = 0.0, 88.0, -88.0
# Movements on top of the own standing, degrees. Of those in ``ON_BENCH`` the hip only says how high the bench is.
_GOOD = {
    "hip_flexion": 70.0,
    "knee_flexion": 11.0,
    "ankle_dorsiflexion": -25.0,
    "pelvic_tilt": 20.0,
    "stance_knee_flexion": 3.0,
    "stance_ankle_dorsiflexion": 1.5,
}
POSTURES: dict[str, dict[str, float]] = {
    "lift": {"hip_flexion": 72.0, "knee_flexion": 80.0, "ankle_dorsiflexion": -10.0},
    "heel_up": {"hip_flexion": 62.0, "knee_flexion": 11.0, "ankle_dorsiflexion": -25.0},
    "toes_up": {"hip_flexion": 62.0, "knee_flexion": 11.0, "ankle_dorsiflexion": 15.0},
    "good": _GOOD,
    "rounded": _GOOD | {"lumbar_flexion": 38.0},
}
STAND = "stand"
ON_BENCH = ("heel_up", "toes_up", "good", "rounded")
# How far the head is forward; everything else about the person's standing is average.
HEAD_FORWARD = 4.0
SWAY_DEG = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """What somebody does at a time; from one moment to the next they move smoothly.

    Attributes
    ----------
    time_s : float
    posture : str
        ``STAND`` or one of ``POSTURES``.
    azimuth : float
        From where the camera sees them, degrees.
    hands : str
        See ``people.arms.TARGETS``.
    near_hand : str
        What the hand on the side of the leg does instead; empty for the same.
    """

    time_s: float
    posture: str
    azimuth: float
    hands: str = "hang"
    near_hand: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One leg's part; the next part begins at the moment at which this one ends, in the same standing."""

    raised: Side
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A session's name and parts."""

    name: str
    parts: tuple[Part, ...]


# When what is done follows what ``formcoach live --hold 6 --sets 1 --no-front-check`` says until then.
LEFT_RIGHT = Script(
    "left_right",
    (
        Part(
            Side.LEFT,
            (
                Moment(0.0, STAND, FRONT),
                Moment(2.0, STAND, FRONT),
                Moment(3.5, STAND, LEFT_SIDE),
                Moment(8.0, STAND, LEFT_SIDE),
                Moment(9.0, "lift", LEFT_SIDE),
                Moment(10.0, "toes_up", LEFT_SIDE, "hips"),
                Moment(15.0, "toes_up", LEFT_SIDE, "hips"),
                Moment(17.0, "good", LEFT_SIDE, "hips"),
                Moment(23.5, "good", LEFT_SIDE, "hips"),
                Moment(24.5, "rounded", LEFT_SIDE, "hips"),
                Moment(28.5, "rounded", LEFT_SIDE, "hips"),
                Moment(29.5, "good", LEFT_SIDE, "hips"),
                Moment(36.0, "good", LEFT_SIDE, "hips"),
                Moment(37.0, "lift", LEFT_SIDE),
                Moment(38.0, STAND, LEFT_SIDE),
                Moment(45.9, STAND, LEFT_SIDE),
                Moment(46.2, STAND, LEFT_SIDE, near_hand="forward"),
                Moment(46.5, STAND, LEFT_SIDE, near_hand="overhead"),
                Moment(50.0, STAND, LEFT_SIDE, near_hand="overhead"),
                Moment(50.4, STAND, LEFT_SIDE, near_hand="forward"),
                Moment(50.8, STAND, LEFT_SIDE),
                Moment(54.0, STAND, LEFT_SIDE),
                Moment(55.0, STAND, FRONT),
            ),
        ),
        Part(
            Side.RIGHT,
            (
                Moment(55.0, STAND, FRONT),
                Moment(56.0, STAND, RIGHT_SIDE),
                Moment(62.0, STAND, RIGHT_SIDE),
                Moment(63.0, "lift", RIGHT_SIDE),
                Moment(64.0, "heel_up", RIGHT_SIDE, "hips"),
                Moment(65.5, "good", RIGHT_SIDE, "hips"),
                Moment(72.4, "good", RIGHT_SIDE, "hips"),
                Moment(72.7, "good", RIGHT_SIDE, "hips", "forward"),
                Moment(73.0, "good", RIGHT_SIDE, "hips", "overhead"),
                Moment(76.0, "good", RIGHT_SIDE, "hips", "overhead"),
                Moment(76.4, "heel_up", RIGHT_SIDE, "hips", "forward"),
                Moment(77.0, "lift", RIGHT_SIDE),
                Moment(78.0, STAND, RIGHT_SIDE),
                Moment(83.0, STAND, RIGHT_SIDE),
                Moment(83.3, STAND, RIGHT_SIDE, near_hand="forward"),
                Moment(83.6, STAND, RIGHT_SIDE, near_hand="overhead"),
                Moment(85.5, STAND, RIGHT_SIDE, near_hand="overhead"),
                Moment(85.9, STAND, RIGHT_SIDE, near_hand="forward"),
                Moment(86.3, STAND, RIGHT_SIDE),
                Moment(90.0, STAND, RIGHT_SIDE),
            ),
        ),
    ),
)
SCRIPTS = (LEFT_RIGHT,)


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A posture, the leg that it calls raised, and from where the camera sees it."""

    angles: Angles
    arms: Arms
    raised: Side
    azimuth: float


class Performance:
    """One person going through a script."""

    def __init__(self, script: Script, body: Body, clearance_m: float, seed: int) -> None:
        self._parts = script.parts
        self._timelines = []
        for part in script.parts:
            neutral = stand(body, Angles(head_forward=HEAD_FORWARD), part.raised)
            keyframes = [_keyframe(moment, part.raised, neutral, clearance_m) for moment in part.moments]
            self._timelines.append(Timeline(body, part.raised, keyframes, SWAY_DEG, seed))

    @property
    def duration_s(self) -> float:
        """Time of the last moment."""
        return self._timelines[-1].duration_s

    @property
    def benches(self) -> list[tuple[Array, float]]:
        """Where each foot touches its bench, (3,), for somebody who faces -y, and from where the camera sees them."""
        places = []
        for part, timeline in zip(self._parts, self._timelines, strict=True):
            azimuth = next(moment.azimuth for moment in part.moments if moment.posture in ON_BENCH)
            places.append((timeline.contact, azimuth))
        return places

    def at(self, time_s: float) -> Figure:
        """Return the person at a time."""
        number = next(
            (number for number, timeline in enumerate(self._timelines) if time_s <= timeline.duration_s),
            len(self._timelines) - 1,
        )
        part = self._parts[number]
        angles, arms = self._timelines[number].at(time_s)
        return Figure(angles, arms, part.raised, _azimuth(part.moments, time_s))


def turned(azimuth: float) -> Array:
    """Return the map (4, 4) that turns somebody who faces -y, where the camera is, until it sees them from there."""
    transform = np.eye(4)
    transform[:3, :3] = rotation("z", -azimuth)
    return transform


def turn_pose(pose: Pose, azimuth: float) -> Pose:
    """Return the pose turned as a whole; its angles stay."""
    transform = turned(azimuth)
    return replace(pose, bones={bone: transform @ placed for bone, placed in pose.bones.items()})


def _keyframe(moment: Moment, raised: Side, neutral: Angles, clearance_m: float) -> Keyframe:
    angles = neutral if moment.posture == STAND else on_top(neutral, **POSTURES[moment.posture])
    near, far = {moment.near_hand or moment.hands: 1.0}, {moment.hands: 1.0}
    left, right = (near, far) if raised is Side.LEFT else (far, near)
    return Keyframe(moment.time_s, angles, Arms(left, right, clearance_m), moment.posture in ON_BENCH)


def _azimuth(moments: tuple[Moment, ...], time_s: float) -> float:
    for start, end in pairwise(moments):
        if time_s <= end.time_s:
            share = float(np.clip((time_s - start.time_s) / (end.time_s - start.time_s), 0.0, 1.0))
            share = share * share * (3.0 - 2.0 * share)
            return start.azimuth + share * (end.azimuth - start.azimuth)
    return moments[-1].azimuth
