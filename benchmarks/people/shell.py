"""Garments and hair as shells: a part of the body's skin, smoothed and pushed outwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from people.mesh import Mesh, incidence, painted, vertex_normals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from people.body import Body
    from people.mesh import Faces, Material
    from people.rotations import Array

HEM_STEPS = 20
# Each smoothing step goes half of the way to the mean of the neighbours.
STEP = 0.5


class Shell:
    """One garment over one body.

    Attributes
    ----------
    hidden : ndarray of bool, shape (n_vertices,)
        Skin so far under the garment that it need not be drawn: skin that pokes through looks worse.
    colours : ndarray, shape (n_shell, 3)
    rest : ndarray, shape (n_shell, 3)
        The skin that the shell covers, at rest.
    """

    def __init__(
        self,
        body: Body,
        region: NDArray[np.bool_],
        colour: ArrayLike,
        material: Material,
        offset_m: float,
        smoothing: int,
        inset: int = 2,
    ) -> None:
        faces = body.faces[region[body.faces].all(axis=1)]
        self._skin_ids, renumbered = np.unique(faces, return_inverse=True)
        self._faces = renumbered.reshape(-1, 3).astype(np.int32)
        count = len(self._skin_ids)
        self._incidence = incidence(self._faces, count)
        self._neighbour_mean, self._rim_mean, rim = _averages(self._faces, count)
        self._offset_m, self._smoothing, self._material = offset_m, smoothing, material
        self.colours = painted(colour, count)
        self.rest = body.vertices[self._skin_ids]
        self.hidden = _well_inside(body, self._skin_ids[~rim], inset)

    def mesh(self, skin: Array) -> Mesh:
        """Return the garment on posed skin: hems straightened, surface smoothed, pushed out."""
        points = skin[self._skin_ids]
        for _ in range(HEM_STEPS):
            points = points + STEP * (self._rim_mean @ points - points)
        for _ in range(self._smoothing):
            points = points + STEP * (self._neighbour_mean @ points - points)
        normals = vertex_normals(points, self._faces, self._incidence)
        points = points + self._offset_m * normals
        return Mesh(points, normals, self._faces, self.colours, self.rest, self._material)


def _averages(faces: Faces, count: int) -> tuple[scipy.sparse.csr_matrix, scipy.sparse.csr_matrix, NDArray[np.bool_]]:
    """Return who is averaged with whom, everywhere and along the rim, and which vertices are on the rim.

    A rim vertex only looks along the rim, or smoothing would pull the hem inwards.
    """
    edges = np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    used = scipy.sparse.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count)).tocsr()
    used = used + used.T
    rim_edges = (used.multiply(used == 1) > 0).astype(float)
    rim = np.asarray(rim_edges.sum(axis=1)).ravel() > 0
    inner = scipy.sparse.diags((~rim).astype(float))
    neighbours = inner @ (used > 0).astype(float) + rim_edges
    return _row_means(neighbours), _row_means(rim_edges) + inner, rim


def _row_means(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return scipy.sparse.diags(1.0 / np.maximum(sums, 1.0)) @ matrix


def _well_inside(body: Body, covered: NDArray[np.int64], inset: int) -> NDArray[np.bool_]:
    """Return the covered vertices that are at least ``inset`` faces away from the rim, (n_vertices,)."""
    inside = np.zeros(len(body.vertices), dtype=bool)
    inside[covered] = True
    for _ in range(inset):
        at_edge = ~inside[body.faces].all(axis=1)
        inside[body.faces[at_edge].ravel()] = False
    return inside
