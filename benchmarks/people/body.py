"""Bodies at rest: the parametric ``anny`` model's skin, joints and skin weights for one person."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

from people.angles import Side

if TYPE_CHECKING:
    from people.rotations import Array

# Halvings of the model's height parameter: below a tenth of a millimetre.
STATURE_STEPS = 14


@dataclass(frozen=True, slots=True)
class BodyShape:
    """What the body model is asked for.

    Attributes
    ----------
    stature : float
        Metres.
    gender : float
        0 male, 1 female.
    age : float
        0.67 is a young adult, 1 old.
    muscle, weight, cupsize : float
        0.5 is average; weights above 1 are extrapolated.
    proportions : float
        0.5 is average; it moves the leg's share of the stature.
    african, asian, caucasian : float
        Shares that make up 1.
    """

    stature: float
    gender: float = 0.0
    age: float = 0.7
    muscle: float = 0.5
    weight: float = 0.5
    cupsize: float = 0.5
    proportions: float = 0.5
    african: float = 0.0
    asian: float = 0.0
    caucasian: float = 1.0


@dataclass(frozen=True, slots=True)
class TrunkSection:
    """A horizontal cut through the trunk at rest, metres: how far it reaches to each side, forward (y) and back (y)."""

    half_width: float
    front: float
    back: float


@functools.cache
def _model() -> Any:
    """Return the body model, built once a process: the first time on a machine takes a minute."""
    import anny
    import torch

    torch.set_num_threads(1)
    model = anny.Anny(rig="anny", topology="anny", phenotypes="all", skinning_method="lbs", extrapolate_phenotypes=True)
    return model.to(dtype=torch.float32)


@functools.cache
def _surface_points() -> dict[str, scipy.sparse.csr_matrix]:
    """Return the model's COCO-style landmarks as weights over the vertices, (1, n_vertices) each."""
    import anny
    import torch

    path = Path(anny.__file__).parent / "data/keypoints/coco.pth"
    indices = _model().base_mesh_vertex_indices
    stored = torch.load(path, weights_only=True)
    return {name: scipy.sparse.csr_matrix(weights[indices].double().numpy()) for name, weights in stored.items()}


@functools.cache
def _skin_weights() -> Array:
    """Return how much every vertex follows every bone, (n_vertices, n_bones)."""
    model = _model()
    count, per_vertex = model.vertex_bone_weights.shape
    rows = np.repeat(np.arange(count), per_vertex)
    entries = (
        model.vertex_bone_weights.numpy().ravel().astype(float),
        (rows, model.vertex_bone_indices.numpy().ravel()),
    )
    return scipy.sparse.coo_matrix(entries, (count, len(model.bone_labels))).toarray()


@functools.cache
def _sparse_skin_weights() -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix(_skin_weights())


def _rest_shape(shape: BodyShape) -> tuple[Array, Array]:
    """Return vertices and bone heads of the body that has the wanted stature, standing on the floor."""
    model = _model()
    phenotype = {name: 0.5 for name in model.phenotype_labels}
    phenotype |= {name: value for name, value in asdict(shape).items() if name in phenotype}

    def evaluate(height: float) -> tuple[Array, Array]:
        output = model(phenotype_kwargs=phenotype | {"height": height})
        return (output[name][0].numpy().astype(float) for name in ("rest_vertices", "rest_bone_heads"))

    low, high = 0.0, 1.0
    for _ in range(STATURE_STEPS):
        middle = (low + high) / 2.0
        vertices, _ = evaluate(middle)
        low, high = (middle, high) if np.ptp(vertices[:, 2]) < shape.stature else (low, middle)
    vertices, heads = evaluate((low + high) / 2.0)
    floor = np.array([0.0, 0.0, vertices[:, 2].min()])
    return vertices - floor, heads - floor


class Body:
    """One person at rest.

    Attributes
    ----------
    vertices : ndarray, shape (n, 3)
        Skin, metres.
    faces : ndarray of int, shape (m, 3)
    weights : ndarray, shape (n, n_bones)
        How much every vertex follows every bone.
    sparse_weights : sparse array, shape (n, n_bones)
        The same: most are zero.
    bones : list of str
        Parents come before their children.
    parent : dict of str
        The root has none.
    joints : dict of ndarray, shape (3,)
        Heads of the bones by the bones' names, and ``hip``, ``knee``, ``ankle`` and ``toe`` with ``L`` or ``R``.
    foot : dict of ndarray of int
        Vertices of each foot, by side.
    stature : float
        Metres.
    """

    def __init__(self, shape: BodyShape) -> None:
        model = _model()
        self.vertices, heads = _rest_shape(shape)
        self.faces = model.faces.numpy().astype(np.int32)
        self.weights = _skin_weights()
        self.sparse_weights = _sparse_skin_weights()
        self.bones = list(model.bone_labels)
        self.parent = {
            bone: self.bones[parent] for bone, parent in zip(self.bones, model.bone_parents, strict=True) if parent >= 0
        }
        self.stature = float(np.ptp(self.vertices[:, 2]))
        self.joints = dict(zip(self.bones, heads, strict=True))
        self.foot = {side: np.flatnonzero(self.limb_weight(side, "foot", "toe") > 0.9) for side in Side}
        for side in Side:
            self._name_leg(side.letter)
        self._trunk = self.weight_of("spine", "root", "pelvis", "breast", "upperleg") > 0.6

    def _name_leg(self, letter: str) -> None:
        for name, bone in (("hip", "upperleg01"), ("knee", "lowerleg01"), ("ankle", "foot")):
            self.joints[name + letter] = self.joints[f"{bone}.{letter}"]
        second_toe = self.vertices[self.weight_of(f"toe2-3.{letter}") > 0.5]
        self.joints["toe" + letter] = second_toe[second_toe[:, 1].argmin()]

    def weight_of(self, *prefixes: str) -> Array:
        """Return how much every vertex follows the bones whose names start so, (n,)."""
        return self.weights[:, [bone.startswith(prefixes) for bone in self.bones]].sum(axis=1)

    def limb_weight(self, side: Side, *prefixes: str) -> Array:
        """As ``weight_of``, for one side's bones."""
        chosen = [bone.startswith(prefixes) and bone.endswith("." + side.letter) for bone in self.bones]
        return self.weights[:, chosen].sum(axis=1)

    def surface(self, vertices: Array) -> dict[str, Array]:
        """Return the landmarks that follow the skin: eyes, ears, nose and toes on it, heels and joints inside."""
        return {name: np.asarray(weights @ vertices)[0] for name, weights in _surface_points().items()}

    def trunk_section(self, height_m: float) -> TrunkSection:
        """Return the cut through the trunk nearest to a height at rest."""
        near = self._trunk & (np.abs(self.vertices[:, 2] - height_m) < 0.02)
        points = self.vertices[near]
        return TrunkSection(float(points[:, 0].max()), float(points[:, 1].min()), float(points[:, 1].max()))
