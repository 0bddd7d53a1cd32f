"""One person in one room before one camera: pictures, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from people.body import Body
from people.camera import Camera, CameraPlan
from people.clothes import Dressed, dress
from people.posing import Pose, all_angles, joint_centres, pose_body
from people.room import BenchPlan, RoomPlan, build_bench, build_room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from people.angles import Angles, Side
    from people.appearance import Person
    from people.arms import Arms
    from people.mesh import Mesh
    from people.render import Light, Picture, Renderer
    from people.rotations import Array

# Fewer passes are faster, more make softer shadows and smoother edges.
PASSES = 4
# Every how manieth vertex is asked whether it is in the picture.
SPARSE = 23


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is known about one picture.

    Attributes
    ----------
    angles : dict of str to float
        Degrees, derived ones included.
    world, camera, pixel : dict of str to ndarray
        Joint centres and landmarks in metres, metres and pixels.
    body_box : ndarray, shape (2, 2)
        Smallest and largest pixel of the skin.
    """

    angles: dict[str, float]
    world: dict[str, Array]
    camera: dict[str, Array]
    pixel: dict[str, Array]
    body_box: Array

    def is_cut_off(self, size: tuple[int, int]) -> bool:
        """Return whether a part of the body is outside a picture of this size."""
        return bool((self.body_box[0] < 0.0).any() or (self.body_box[1] > size).any())


class Actor:
    """A dressed body."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.body = Body(person.shape)
        self.dressed: Dressed = dress(self.body, person.look)

    def pose(self, angles: Angles, raised: Side, arms: Arms) -> Pose:
        """Return the body in a posture."""
        return pose_body(self.body, angles, raised, arms)

    def outline(self, angles: Angles, raised: Side, arms: Arms) -> Array:
        """Return some of the skin's points in a posture, (n, 3)."""
        return self.pose(angles, raised, arms).skin(SPARSE)


class Stage:
    """An actor in a room before a camera; of the stages that share a renderer only the last one can take pictures.

    Parameters
    ----------
    actor : Actor
    renderer : Renderer
    raised : Side
    camera : CameraPlan
    room : RoomPlan
    bench : BenchPlan
    light : Light
    """

    def __init__(
        self,
        actor: Actor,
        renderer: Renderer,
        raised: Side,
        camera: CameraPlan,
        room: RoomPlan,
        bench: BenchPlan,
        light: Light,
    ) -> None:
        self.actor, self.raised, self.light, self.bench = actor, raised, light, bench
        self.camera = Camera.of(camera, raised)
        self._renderer = renderer
        renderer.set_room(self.camera, build_room(room, self.camera.world_azimuth))

    def picture(
        self,
        poses: Sequence[Pose],
        contact: Array | None,
        others: Sequence[Mesh] = (),
        passes: int = PASSES,
    ) -> Picture:
        """Return the picture of the person, 0 to 1.

        Parameters
        ----------
        poses : sequence of Pose
            At one or more moments of the exposure.
        contact : ndarray, shape (3,), or None
            Where the foot touches the bench, if there is one.
        others : sequence of Mesh, optional
            What else is there, people for example.
        passes : int, optional
        """
        still = [*others, *(build_bench(self.bench, contact) if contact is not None else [])]
        moments = [[*self.actor.dressed.meshes(pose, pose.skin()), *still] for pose in poses]
        return self._renderer.render(moments, self.light, passes)

    def truth(self, pose: Pose) -> Truth:
        """Return what is known about a picture of the pose."""
        skin = pose.skin()
        world = joint_centres(pose, skin)
        on_skin = self.camera.project(skin)
        return Truth(
            angles=all_angles(pose),
            world=world,
            camera={name: self.camera.see(point) for name, point in world.items()},
            pixel={name: self.camera.project(point) for name, point in world.items()},
            body_box=np.stack([on_skin.min(axis=0), on_skin.max(axis=0)]),
        )
