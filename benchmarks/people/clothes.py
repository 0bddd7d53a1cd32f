"""Dressing a body: tops, trousers, shoes, and what is worn on the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from people.angles import Side
from people.head import Attached, HeadPlan, Piece, make_cap, make_hair, paint_face
from people.mesh import Material, Mesh, ellipsoid, incidence, vertex_normals
from people.shell import Shell

if TYPE_CHECKING:
    import scipy.sparse
    from numpy.typing import NDArray

    from people.body import Body
    from people.mesh import Faces
    from people.posing import Pose
    from people.rotations import Array

    Colour = tuple[float, float, float]

# Where sleeves end, in upper arm lengths from the shoulder; where trouser legs end: 1 the knee, 2 the ankle.
SLEEVE_ENDS = {"tank": -0.2, "tshirt": 0.62, "long": 1.85}
LEG_ENDS = {"short_shorts": 0.45, "shorts": 0.70, "capri": 1.45, "leggings": 1.88, "trousers": 1.90}
# The hem of a top below the last lumbar joint, metres.
HEM_M, LONG_HEM_M = 0.11, 0.20
SHOE_SMOOTHING = 25


@dataclass(frozen=True, slots=True)
class Garment:
    """A top or trousers.

    Attributes
    ----------
    kind : str
        See ``SLEEVE_ENDS`` and ``LEG_ENDS``.
    colour : tuple of float
    offset_m : float
        How far it stands off the skin.
    smoothing : int
        The more, the less it follows the skin.
    material : Material
    long_hem, hood : bool
        Tops only.
    """

    kind: str
    colour: Colour
    offset_m: float
    smoothing: int
    material: Material = Material.CLOTH
    long_hem: bool = False
    hood: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Skin, hair and clothes of one person; ``shoes`` and ``cap`` are colours, or None."""

    skin: Colour
    hair: Colour
    hair_style: str
    top: Garment
    bottom: Garment
    shoes: Colour | None = None
    cap: Colour | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """A body's visible skin and everything worn on it."""

    body: Body
    shells: list[Shell]
    pieces: list[Piece]
    skin_faces: Faces
    skin_incidence: scipy.sparse.csr_matrix
    colours: Array
    materials: NDArray[np.int64]

    def meshes(self, pose: Pose, skin: Array) -> list[Mesh]:
        """Return all that is to be drawn of a posed person, the skin first."""
        normals = vertex_normals(skin, self.body.faces, self.skin_incidence)
        bare = Mesh(skin, normals, self.skin_faces, self.colours, self.body.vertices, self.materials)
        return [bare, *(shell.mesh(skin) for shell in self.shells), *(piece.mesh(pose) for piece in self.pieces)]


def dress(body: Body, look: Look) -> Dressed:
    """Put the clothes on."""
    plan = HeadPlan.of(body)
    count = len(body.vertices)
    colours = np.tile(np.asarray(look.skin, dtype=float), (count, 1))
    materials = np.full(count, int(Material.SKIN))
    paint_face(body, plan, look.skin, look.hair, colours, materials)
    shells, pieces = make_hair(body, plan, look.hair_style, look.hair)
    if look.cap:
        crown, peak = make_cap(body, plan, look.cap)
        shells, pieces = [*shells, crown], [*pieces, peak]
    shells += [_wear(body, look.top, _top_region(body, look.top))]
    shells += [_wear(body, look.bottom, _trouser_region(body, look.bottom))]
    if look.top.hood:
        pieces.append(_make_hood(body, look.top))
    if look.shoes:
        shells += [_make_shoe(body, side, look.shoes) for side in Side]
    hidden = np.any([shell.hidden for shell in shells], axis=0)
    visible = body.faces[~hidden[body.faces].any(axis=1)]
    return Dressed(body, shells, pieces, visible, incidence(body.faces, count), colours, materials)


def _wear(body: Body, garment: Garment, region: NDArray[np.bool_]) -> Shell:
    return Shell(body, region, garment.colour, garment.material, garment.offset_m, garment.smoothing)


def _arm_weight(body: Body) -> Array:
    return body.weight_of("upperarm", "lowerarm", "wrist", "finger", "metacarpal")


def _top_region(body: Body, top: Garment) -> NDArray[np.bool_]:
    joints, (x, y, z) = body.joints, body.vertices.T
    neck = joints["neck01"]
    hem = joints["spine04"][2] - (LONG_HEM_M if top.long_hem else HEM_M)
    torso = body.weight_of("spine", "clavicle", "shoulder", "breast", "root", "pelvis", "upperleg", "neck") > 0.4
    region = torso & (_arm_weight(body) < 0.5) & (z > hem) & (z < neck[2] + 0.03)
    # The collar: a hole around the neck, deeper in front.
    region &= ~((z > neck[2] - 0.055) & (np.hypot(x, y - neck[1]) < 0.075))
    region &= ~((z > neck[2] - 0.03) & (y < neck[1] - 0.03) & (np.abs(x) < 0.10))
    sleeve_end = SLEEVE_ENDS[top.kind]
    for side in Side:
        shoulder, elbow = (joints[f"{bone}.{side.letter}"] for bone in ("upperarm01", "lowerarm01"))
        upper_arm = elbow - shoulder
        along = (body.vertices - shoulder) @ upper_arm / (upper_arm @ upper_arm)
        arm = body.limb_weight(side, "upperarm", "lowerarm", "shoulder") > 0.5
        region |= arm & (along < sleeve_end)
        if sleeve_end < 0.0:
            region &= ~(arm & (along > sleeve_end))
    return region


def _trouser_region(body: Body, bottom: Garment) -> NDArray[np.bool_]:
    hip, knee, ankle = (body.joints[name + "L"][2] for name in ("hip", "knee", "ankle"))
    z = body.vertices[:, 2]
    down_the_leg = np.where(z > knee, (hip - z) / (hip - knee), 1.0 + (knee - z) / (knee - ankle))
    region = body.weight_of("spine", "root", "pelvis", "upperleg", "lowerleg", "foot") > 0.5
    region &= (z < body.joints["spine04"][2] + 0.045) & (down_the_leg < LEG_ENDS[bottom.kind])
    return region & (_arm_weight(body) < 0.5)


def _make_hood(body: Body, top: Garment) -> Attached:
    """Return the hood that lies on the upper back."""
    neck = body.joints["neck01"]
    back = body.trunk_section(neck[2] - 0.05).back
    centre = np.array([0.0, back + top.offset_m - 0.005, neck[2] - 0.03])
    return Attached(ellipsoid(centre, [0.115, 0.045, 0.075], top.colour, top.material), "spine01")


def _make_shoe(body: Body, side: Side, colour: Colour) -> Shell:
    z = body.vertices[:, 2]
    region = (body.limb_weight(side, "foot", "toe") > 0.5) & (z < body.joints["ankleL"][2] + 0.02)
    shoe = Shell(body, region, colour, Material.CLOTH, 0.006, SHOE_SMOOTHING, 1)
    sole = shoe.rest[:, 2] < 0.018
    shoe.colours[sole] = [0.90, 0.90, 0.88] if np.mean(colour) < 0.6 else [0.30, 0.30, 0.30]
    return shoe
