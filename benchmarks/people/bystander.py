"""A second person in the background: someone else, standing or walking, behind the first and to the side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.appearance import draw_person
from people.arms import Arms
from people.room import room_frame
from people.rotations import rotation
from people.scene import Actor
from people.standing import draw_neutral

if TYPE_CHECKING:
    from people.mesh import Mesh

# To the side of the first person and behind, metres.
ASIDE_M = (0.7, 1.7)
BEHIND_M = (0.5, 1.3)
# Free space to the back wall, metres.
WALL_GAP_M = 0.25
WALKING_SHARE = 0.5


class Bystander:
    """Another random person; the same one appears in all pictures of a series."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._actor = Actor(draw_person(rng))
        self._neutral = draw_neutral(rng, self._actor.body, Side.LEFT)

    def meshes(self, rng: np.random.Generator, world_azimuth: float, depth_m: float) -> list[Mesh]:
        """Return the person somewhere in the background, turned any way.

        Parameters
        ----------
        rng : Generator
        world_azimuth : float
            Of the camera, degrees.
        depth_m : float
            From the first person to the back wall.
        """
        walking = rng.random() < WALKING_SHARE
        arms = Arms.both("hang" if walking else str(rng.choice(["hang", "hips", "crossed"])))
        pose = self._actor.pose(_walk(rng) if walking else self._neutral, Side.LEFT, arms)
        behind = rng.uniform(BEHIND_M[0], max(BEHIND_M[0], min(BEHIND_M[1], depth_m - WALL_GAP_M)))
        place = room_frame(world_azimuth)
        aside = float(rng.choice([-1.0, 1.0])) * rng.uniform(*ASIDE_M)
        place[:3, 3] = place[:3, :3] @ np.array([aside, behind, 0.0])
        place[:3, :3] = rotation("z", float(rng.uniform(0.0, 360.0)))
        return [mesh.moved(place) for mesh in self._actor.dressed.meshes(pose, pose.skin())]


def _walk(rng: np.random.Generator) -> Angles:
    """Return a step: the left leg swings."""
    return Angles(
        pelvic_tilt=5.0,
        hip_flexion=float(rng.uniform(15.0, 35.0)),
        knee_flexion=float(rng.uniform(10.0, 50.0)),
        stance_knee_flexion=float(rng.uniform(2.0, 10.0)),
        stance_ankle_dorsiflexion=float(rng.uniform(3.0, 10.0)),
        cervical_flexion=float(rng.normal(5.0, 8.0)),
    )
