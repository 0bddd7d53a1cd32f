"""Faces, hair and caps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from people.angles import Side
from people.mesh import Material, Mesh, ellipsoid, grid_faces, incidence, painted, vertex_normals
from people.rotations import carry
from people.shell import Shell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from people.body import Body
    from people.posing import Pose
    from people.rotations import Array

    Colour = tuple[float, float, float]

# Thickness of the hair on the scalp, metres, by style.
HAIR_OFFSETS_M = {"short": 0.010, "bun": 0.014, "ponytail": 0.012, "half_long": 0.016, "long": 0.016}
# A cap sits on the thickest hair.
CAP_OFFSET_M = 0.026
# How far hanging hair reaches below the neck's foot, metres.
CURTAIN_LENGTHS_M = {"half_long": 0.02, "long": 0.15}
CURTAIN_ROWS, CURTAIN_COLUMNS = 14, 19
# The model's head is this wide for an average person, metres.
AVERAGE_HEAD_WIDTH_M = 0.170


class Piece(Protocol):
    """Anything that is worn and is no shell."""

    def mesh(self, pose: Pose) -> Mesh:
        """Return it on a posed body."""


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """A mesh that moves with one bone, given at rest."""

    at_rest: Mesh
    bone: str

    def mesh(self, pose: Pose) -> Mesh:
        """Return it on a posed body."""
        return self.at_rest.moved(pose.bones[self.bone])


@dataclass(frozen=True, slots=True, eq=False)
class Curtain:
    """Hair that hangs from the back of the head over neck and upper back: it follows the head above, the back below."""

    at_rest: Mesh
    head_share: Array

    def mesh(self, pose: Pose) -> Mesh:
        """Return it on a posed body."""
        with_head, with_back = (carry(pose.bones[bone], self.at_rest.vertices) for bone in ("head", "spine01"))
        points = self.head_share * with_head + (1.0 - self.head_share) * with_back
        normals = vertex_normals(points, self.at_rest.faces, incidence(self.at_rest.faces, len(points)))
        return replace(self.at_rest, vertices=points, normals=normals)


@dataclass(frozen=True, slots=True, eq=False)
class HeadPlan:
    """Where things are on the head at rest, metres; ``scale`` is 1 for an average head."""

    ear: Array
    eye: Array
    nose: Array
    scale: float
    is_head: NDArray[np.bool_]

    @classmethod
    def of(cls, body: Body) -> HeadPlan:
        """Measure a body."""
        points = body.surface(body.vertices)
        ear, eye = ((points[f"left_{name}"] + points[f"right_{name}"]) / 2.0 for name in ("ear", "eye"))
        width = np.ptp(body.vertices[body.weight_of("head") > 0.9][:, 0])
        is_head = body.weight_of("head", "neck") > 0.5
        return cls(ear, eye, points["nose"], float(width) / AVERAGE_HEAD_WIDTH_M, is_head)


def paint_face(body: Body, plan: HeadPlan, skin: Colour, hair: Colour, colours: Array, materials: Array) -> None:
    """Paint lips, brows and eyes into the colours and materials of the skin."""
    x, y, z = body.vertices.T
    scale = plan.scale
    face = plan.is_head & (y < plan.ear[1] - 0.06 * scale)
    lip_height = 0.010 * scale * (1.0 - (x / (0.032 * scale)) ** 2)
    lips = face & (np.abs(z - plan.nose[2] + 0.040 * scale) < lip_height) & (np.abs(x) < 0.025 * scale)
    colours[lips] = np.multiply(skin, [0.80, 0.55, 0.55])
    arch = (0.021 - 0.10 * np.abs(np.abs(x) - 0.03 * scale)) * scale
    brows = face & (np.abs(z - plan.eye[2] - arch) < 0.0045 * scale)
    brows &= (np.abs(x) > 0.012 * scale) & (np.abs(x) < 0.052 * scale)
    colours[brows] = 0.8 * np.asarray(hair) + 0.2 * np.asarray(skin)
    for side in Side:
        eye = body.limb_weight(side, "eye") > 0.5
        pupil = body.vertices[eye][y[eye].argmin()]
        distance = np.hypot(x - pupil[0], z - pupil[2])
        front = eye & (y < y[eye].mean())
        colours[eye] = [0.92, 0.90, 0.88]
        colours[front & (distance < 0.0075 * scale)] = [0.22, 0.14, 0.09]
        colours[front & (distance < 0.0028 * scale)] = [0.03, 0.03, 0.03]
        materials[eye] = Material.EYE


def scalp(body: Body, plan: HeadPlan) -> NDArray[np.bool_]:
    """Return the vertices that hair grows on, (n_vertices,)."""
    _, y, z = body.vertices.T
    scale = plan.scale
    above = z > plan.eye[2] + 0.058 * scale
    behind_brow = (y > plan.ear[1] - 0.035 * scale) & (z > plan.eye[2] + 0.024 * scale)
    nape = (y > plan.ear[1] + 0.024 * scale) & (z > plan.nose[2] - 0.02 * scale)
    return plan.is_head & (body.weight_of("eye") < 0.1) & (above | behind_brow | nape)


def make_hair(body: Body, plan: HeadPlan, style: str, colour: Colour) -> tuple[list[Shell], list[Piece]]:
    """Return hair of a style (``HAIR_OFFSETS_M``, or ``bald``) as shells and other pieces."""
    if style == "bald":
        return [], []
    shells = [Shell(body, scalp(body, plan), colour, Material.HAIR, HAIR_OFFSETS_M[style], 3, 3)]
    scale, pieces = plan.scale, []
    if style == "bun":
        centre = plan.ear + np.array([0.0, 0.105, 0.055]) * scale
        knot = ellipsoid(centre, np.array([0.038, 0.036, 0.036]) * scale, colour, Material.HAIR)
        pieces.append(Attached(knot, "head"))
    elif style == "ponytail":
        centre = plan.ear + np.array([0.0, 0.125, -0.02]) * scale
        tail = ellipsoid(centre, np.array([0.035, 0.028, 0.12]) * scale, colour, Material.HAIR)
        pieces.append(Attached(tail, "head"))
    elif style in CURTAIN_LENGTHS_M:
        pieces.append(_make_curtain(body, plan, CURTAIN_LENGTHS_M[style], colour))
    return shells, pieces


def make_cap(body: Body, plan: HeadPlan, colour: Colour) -> tuple[Shell, Piece]:
    """Return a baseball cap: its crown and its peak."""
    _, y, z = body.vertices.T
    scale = plan.scale
    slope = plan.eye[2] + 0.045 * scale - 0.25 * (y - plan.ear[1])
    crown = Shell(body, plan.is_head & (z > slope), colour, Material.CLOTH, CAP_OFFSET_M, 6, 3)
    front = y[plan.is_head & (np.abs(z - plan.eye[2] - 0.05 * scale) < 0.015)].min()
    centre = np.array([0.0, front - 0.005, plan.eye[2] + 0.058 * scale])
    peak = ellipsoid(centre, np.array([0.068, 0.085, 0.008]) * scale, colour, Material.CLOTH)
    return crown, Attached(peak, "head")


def _make_curtain(body: Body, plan: HeadPlan, length_m: float, colour: Colour) -> Curtain:
    neck_foot, skull_foot = body.joints["neck01"][2], body.joints["head"][2]
    scale, top = plan.scale, plan.eye[2] + 0.03 * plan.scale
    heights = np.linspace(top, neck_foot - length_m, CURTAIN_ROWS)
    downwards = np.linspace(0.0, 1.0, CURTAIN_ROWS)
    head_back = body.vertices[plan.is_head & (body.vertices[:, 2] > plan.nose[2])][:, 1].max() + 0.014
    end_back = body.trunk_section(heights[-1]).back + 0.022
    back = head_back + (end_back - head_back) * downwards
    on_trunk = [body.trunk_section(height).back + 0.018 if height < neck_foot else -1.0 for height in heights]
    depth = np.maximum(back, on_trunk) - plan.ear[1]
    half_width = (0.090 + 0.030 * downwards) * scale
    around = np.radians(np.linspace(-98.0, 98.0, CURTAIN_COLUMNS))
    # Hair hangs behind the shoulders: further down it covers less of the sides.
    narrowing = (1.0 - 0.35 * downwards)[:, None]
    x = half_width[:, None] * np.sin(narrowing * around)
    y = plan.ear[1] + depth[:, None] * np.cos(narrowing * around)
    points = np.stack([x, y, np.broadcast_to(heights[:, None], x.shape)], axis=-1).reshape(-1, 3)
    share = np.clip((points[:, 2:] - neck_foot + 0.04) / (skull_foot - neck_foot + 0.04), 0.0, 1.0)
    faces = grid_faces(CURTAIN_ROWS, CURTAIN_COLUMNS)
    mesh = Mesh(points, np.zeros_like(points), faces, painted(colour, len(points)), points, Material.HAIR)
    return Curtain(mesh, share * share * (3.0 - 2.0 * share))
