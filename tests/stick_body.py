"""A body of sticks with the bones that ``people`` poses, an actor who has it, and a renderer that draws nothing.

With them everything but the pictures can be tested without the body model and the graphics library. Joints, skin and
landmarks are made up; they lie about where a person of 1.75 m has them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

from people.angles import Side
from people.body import Body
from people.mesh import Material, Mesh, incidence, painted, vertex_normals
from people.scene import Actor

if TYPE_CHECKING:
    from people.appearance import Person
    from people.camera import Camera
    from people.posing import Pose

STATURE_M = 1.75
# Bone: parent and head at rest, metres; those with a dot stand for both sides and are given on the left.
BONES: dict[str, tuple[str | None, tuple[float, float, float]]] = {
    "root": (None, (0.0, 0.0, 0.90)),
    "pelvis.": ("root", (0.0, 0.0, 0.90)),
    "upperleg01.": ("pelvis.", (0.11, 0.00, 0.90)),
    "upperleg02.": ("upperleg01.", (0.12, -0.02, 0.81)),
    "lowerleg01.": ("upperleg02.", (0.15, -0.03, 0.51)),
    "lowerleg02.": ("lowerleg01.", (0.17, -0.02, 0.29)),
    "foot.": ("lowerleg02.", (0.19, -0.01, 0.08)),
    "toe1-1.": ("foot.", (0.17, -0.16, 0.03)),
    "toe2-1.": ("foot.", (0.19, -0.16, 0.03)),
    "toe3-1.": ("foot.", (0.21, -0.16, 0.03)),
    "toe2-3.": ("toe2-1.", (0.19, -0.20, 0.02)),
    "spine05": ("root", (0.0, 0.0, 0.90)),
    "spine04": ("spine05", (0.0, 0.020, 0.99)),
    "spine03": ("spine04", (0.0, 0.015, 1.06)),
    "spine02": ("spine03", (0.0, 0.030, 1.13)),
    "spine01": ("spine02", (0.0, 0.050, 1.25)),
    "clavicle.": ("spine01", (0.02, -0.02, 1.38)),
    "shoulder01.": ("clavicle.", (0.11, -0.03, 1.40)),
    "upperarm01.": ("shoulder01.", (0.19, -0.02, 1.36)),
    "upperarm02.": ("upperarm01.", (0.23, -0.02, 1.30)),
    "lowerarm01.": ("upperarm02.", (0.36, -0.02, 1.16)),
    "lowerarm02.": ("lowerarm01.", (0.42, -0.11, 1.10)),
    "wrist.": ("lowerarm02.", (0.49, -0.20, 1.04)),
    "neck01": ("spine01", (0.0, -0.015, 1.46)),
    "neck02": ("neck01", (0.0, -0.020, 1.48)),
    "neck03": ("neck02", (0.0, -0.030, 1.52)),
    "head": ("neck03", (0.0, -0.045, 1.55)),
}
# Landmark: bone that it is fixed to, and place at rest; sides as above.
LANDMARKS = {
    "nose": ("head", (0.0, -0.15, 1.58)),
    "left_eye": ("head", (0.03, -0.13, 1.62)),
    "left_ear": ("head", (0.08, -0.05, 1.60)),
    "left_shoulder": ("spine01", (0.18, -0.01, 1.38)),
    "left_elbow": ("lowerarm01.", (0.36, -0.01, 1.16)),
    "left_wrist": ("wrist.", (0.49, -0.19, 1.04)),
    "left_hip": ("root", (0.13, -0.02, 0.90)),
    "left_knee": ("lowerleg01.", (0.15, -0.05, 0.51)),
    "left_ankle": ("foot.", (0.22, -0.01, 0.08)),
    "left_heel": ("foot.", (0.19, 0.05, 0.02)),
    "left_big_toe": ("foot.", (0.16, -0.22, 0.02)),
    "left_small_toe": ("foot.", (0.23, -0.18, 0.02)),
}
SOLE = ((0.19, 0.05, 0.0), (0.16, -0.16, 0.0), (0.23, -0.16, 0.0), (0.19, -0.22, 0.0))
CROWN = (0.0, 0.0, STATURE_M)
BEAD_M = 0.02
BEAD = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=float)
BEAD_FACES = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4], [1, 0, 5], [2, 1, 5], [3, 2, 5], [0, 3, 5]])
TRUNK_BONES = ("root", "spine04", "spine03", "spine02", "spine01")
TRUNK_M = (0.15, 0.11)
SKIN = (0.8, 0.6, 0.5)


class StickBody(Body):
    """Beads at the joints, a tube for the trunk, and flat soles; every vertex follows one bone."""

    def __init__(self) -> None:
        heads: dict[str, np.ndarray] = {}
        self.parent = {}
        for bone, (parent, head) in BONES.items():
            for letter, sign in _sides(bone):
                heads[bone + letter] = np.array(head) * [sign, 1.0, 1.0]
                if parent:
                    self.parent[bone + letter] = parent + letter if parent.endswith(".") else parent
        self.bones = list(heads)
        self.joints = dict(heads)
        points = [(bone, head + BEAD_M * bead) for bone, head in heads.items() for bead in BEAD]
        points += [(f"foot.{side.letter}", np.array(place) * [side.sign, 1.0, 1.0]) for side in Side for place in SOLE]
        points += [("head", np.array(CROWN)), *_tube(heads)]
        self._landmarks = {}
        for name, (bone, place) in LANDMARKS.items():
            for side in Side if name.startswith("left") else [Side.LEFT]:
                self._landmarks[name.replace("left", side)] = len(points)
                own = bone + side.letter if bone.endswith(".") else bone
                points.append((own, np.array(place) * [side.sign, 1.0, 1.0]))
        self.vertices = np.array([point for _, point in points])
        self.weights = np.array([[float(own == bone) for bone in self.bones] for own, _ in points])
        self.sparse_weights = scipy.sparse.csr_matrix(self.weights)
        self.faces = np.vstack([BEAD_FACES + 6 * number for number in range(len(heads))]).astype(np.int32)
        self.stature = float(np.ptp(self.vertices[:, 2]))
        self.foot = {side: np.flatnonzero(self.limb_weight(side, "foot", "toe") > 0.9) for side in Side}
        for side in Side:
            self._name_leg(side.letter)
        self._trunk = self.weight_of("spine", "root", "pelvis") > 0.6

    def surface(self, vertices: np.ndarray) -> dict[str, np.ndarray]:
        return {name: vertices[index] for name, index in self._landmarks.items()}

    def sole(self, vertices: np.ndarray, side: Side) -> np.ndarray:
        """Return the sole's points among posed vertices, (4, 3)."""
        start = 6 * len(self.bones) + 4 * list(Side).index(side)
        return vertices[start : start + 4]


@functools.cache
def stick_body() -> StickBody:
    """Return the body that all tests share; nothing changes it."""
    return StickBody()


class StickActor(Actor):
    """Anybody, with a body of sticks and nothing to wear."""

    def __init__(self, person: Person) -> None:
        self.person, self.body, self.dressed = person, stick_body(), _Bare()


@dataclass
class GreyRenderer:
    """Returns grey pictures of the right size, and remembers what it was asked for."""

    cameras: list[Camera] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)

    def set_room(self, camera: Camera, meshes: list[Any]) -> None:
        assert meshes
        self.cameras.append(camera)

    def render(self, moments: list[Any], light: Any, passes: int) -> np.ndarray:
        self.moments.append(len(moments))
        assert len(moments) <= passes
        assert np.linalg.norm(light.direction) > 0.0
        width, height = self.cameras[-1].size
        return np.full((height, width, 3), 0.5, dtype=np.float32)


class _Bare:
    def meshes(self, pose: Pose, skin: np.ndarray) -> list[Mesh]:
        faces = pose.body.faces
        normals = vertex_normals(skin, faces, incidence(faces, len(skin)))
        return [Mesh(skin, normals, faces, painted(SKIN, len(skin)), pose.body.vertices, Material.SKIN)]


def _sides(bone: str) -> list[tuple[str, float]]:
    return [("L", 1.0), ("R", -1.0)] if bone.endswith(".") else [("", 1.0)]


def _tube(heads: dict[str, np.ndarray]) -> list[tuple[str, np.ndarray]]:
    around = np.linspace(0.0, 2.0 * np.pi, 9)[:-1]
    points = []
    for height in np.arange(0.80, 1.48, 0.02):
        bone = [name for name in TRUNK_BONES if heads[name][2] <= max(height, heads["root"][2])][-1]
        points += [(bone, np.array([TRUNK_M[0] * np.cos(turn), TRUNK_M[1] * np.sin(turn), height])) for turn in around]
    return points
