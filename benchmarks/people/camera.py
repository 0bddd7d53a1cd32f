"""Pinhole cameras that look at the person, and how they are set up so that the person is in the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from people.rotations import rotation, unit

if TYPE_CHECKING:
    from people.angles import Side
    from people.rotations import Array

# Free border around the person, as a share of the picture's shorter side.
BORDER = 0.025
CENTRING_STEPS = 4
FARTHER_STEP = 1.04
FARTHEST_M = 6.5


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """Where a camera stands and what it has.

    Attributes
    ----------
    azimuth : float
        Degrees from the person's front; +90 sees the side of the raised leg.
    distance : float
        Along the floor from the point looked at, metres.
    height : float
        Above the floor, metres.
    field_of_view : float
        Along the picture's longer side, degrees.
    roll : float
        About the optical axis, degrees; positive turns the picture's content anticlockwise.
    size : tuple of int
        Width and height in pixels.
    look_at : tuple of float
        World point on the optical axis, metres.
    """

    azimuth: float
    distance: float
    height: float
    field_of_view: float
    roll: float
    size: tuple[int, int]
    look_at: tuple[float, float, float] = (0.0, -0.25, 0.9)

    @property
    def focal_px(self) -> float:
        """Focal length, pixels."""
        return 0.5 * max(self.size) / float(np.tan(np.radians(self.field_of_view) / 2.0))


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A camera in the world.

    Attributes
    ----------
    rotation : ndarray, shape (3, 3)
        From the world to the camera (x right, y down, z forward).
    position : ndarray, shape (3,)
        In the world, metres.
    intrinsics : ndarray, shape (3, 3)
        Pixels.
    size : tuple of int
        Width and height in pixels.
    world_azimuth : float
        Degrees from the person's front, + towards the person's left.
    """

    rotation: Array
    position: Array
    intrinsics: Array
    size: tuple[int, int]
    world_azimuth: float

    @classmethod
    def of(cls, plan: CameraPlan, raised: Side) -> Camera:
        """Set the camera up."""
        width, height = plan.size
        azimuth = raised.sign * plan.azimuth
        target = np.array(plan.look_at)
        towards = np.array([np.sin(np.radians(azimuth)), -np.cos(np.radians(azimuth))])
        position = np.array([*(target[:2] + plan.distance * towards), plan.height])
        forward = unit(target - position)
        right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
        upright = np.stack([right, np.cross(forward, right), forward])
        focal = plan.focal_px
        intrinsics = np.array([[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]])
        return cls(rotation("z", -plan.roll) @ upright, position, intrinsics, plan.size, azimuth)

    @property
    def translation(self) -> Array:
        """The world's origin in camera coordinates, metres."""
        return -self.rotation @ self.position

    def see(self, points: Array) -> Array:
        """Return world points in camera coordinates, metres, (..., 3)."""
        return np.asarray(points) @ self.rotation.T + self.translation

    def project(self, points: Array) -> Array:
        """Return world points in pixels, (..., 2)."""
        seen = self.see(points) @ self.intrinsics.T
        return seen[..., :2] / seen[..., 2:]


def frame_person(plan: CameraPlan, raised: Side, points: Array, aside: tuple[float, float] = (0.0, 0.0)) -> CameraPlan:
    """Return the plan pointed at the person, and moved back until all points are in the picture or it is too far away.

    Parameters
    ----------
    plan : CameraPlan
    raised : Side
    points : ndarray, shape (n, 3)
        Everything that should be seen, world; well in front of the camera already.
    aside : tuple of float, optional
        Where the person's middle goes, from -1 (as far left, up as there is room for) to 1.
    """
    while True:
        plan, box = _centre(plan, raised, points, (0.0, 0.0))
        room = np.array(plan.size) - 2.0 * BORDER * min(plan.size) - (box[1] - box[0])
        if (room >= 0.0).all() or plan.distance > FARTHEST_M:
            break
        plan = replace(plan, distance=plan.distance * FARTHER_STEP)
    offset = np.maximum(room, 0.0) / 2.0 * np.array(aside)
    return _centre(plan, raised, points, (float(offset[0]), float(offset[1])))[0]


def _centre(plan: CameraPlan, raised: Side, points: Array, offset_px: tuple[float, float]) -> tuple[CameraPlan, Array]:
    """Turn the camera until the box around the points is in the middle plus an offset; return the box too, (2, 2)."""
    box = np.zeros((2, 2))
    for _ in range(CENTRING_STEPS):
        camera = Camera.of(plan, raised)
        pixels = camera.project(points)
        box = np.stack([pixels.min(axis=0), pixels.max(axis=0)])
        miss = box.mean(axis=0) - np.array(plan.size) / 2.0 - offset_px
        depth = camera.see(np.array(plan.look_at))[2]
        shift = camera.rotation.T @ np.array([*(miss * depth / plan.focal_px), 0.0])
        plan = replace(plan, look_at=tuple(float(value) for value in np.array(plan.look_at) + shift))
    return plan, box
