"""Triangle meshes with colours, and the simple ones: boxes, ellipsoids, discs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from people.rotations import carry

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from people.rotations import Array

    Faces = NDArray[np.int32]


class Material(IntEnum):
    """What the shaders paint over a mesh's colour; the numbers are theirs (``people.shaders``)."""

    PLAIN = 0
    SKIN = 1
    CLOTH = 2
    PLANKS = 3
    PLASTER = 4
    HAIR = 5
    PAINTING = 6
    EYE = 7
    STRIPED_CLOTH = 8
    WOOD = 9
    TILES = 10
    CARPET = 11
    WALLPAPER = 12
    CHECKS = 13
    BRICKS = 14
    LEAVES = 15
    BRIGHT = 16
    BOOKS = 17
    PRINTED_CLOTH = 18


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles to draw.

    Attributes
    ----------
    vertices, normals : ndarray, shape (n, 3)
        In the world, metres.
    faces : ndarray of int, shape (m, 3)
    colours : ndarray, shape (n, 3)
        0 to 1, as seen on a screen.
    pattern : ndarray, shape (n, 3)
        Where the material's pattern is looked up: the rest position, so that it moves with the body.
    material : Material or ndarray of int, shape (n,)
    """

    vertices: Array
    normals: Array
    faces: Faces
    colours: Array
    pattern: Array
    material: Material | NDArray[np.int64]

    def moved(self, transform: Array) -> Mesh:
        """Return the mesh carried by a rigid map (4, 4); its pattern goes with it."""
        return replace(self, vertices=carry(transform, self.vertices), normals=self.normals @ transform[:3, :3].T)


def incidence(faces: Faces, count: int) -> scipy.sparse.csr_matrix:
    """Return which vertex belongs to which face, (count, n_faces)."""
    entries = (np.ones(faces.size), (faces.ravel(), np.repeat(np.arange(len(faces)), 3)))
    return scipy.sparse.csr_matrix(entries, (count, len(faces)))


def vertex_normals(vertices: Array, faces: Faces, belongs: scipy.sparse.csr_matrix) -> Array:
    """Return unit normals, the mean of the faces around every vertex by their size, (n, 3)."""
    first, second, third = (vertices[faces[:, corner]] for corner in range(3))
    normals = belongs @ np.cross(second - first, third - first)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def painted(colour: ArrayLike, count: int) -> Array:
    """Return one colour for every vertex, (count, 3)."""
    return np.tile(np.asarray(colour, dtype=float), (count, 1))


def grid_faces(rows: int, columns: int) -> Faces:
    """Return the triangles between neighbouring points of a grid in row order, (2 (rows-1) (columns-1), 3)."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1, 1)
    triangles = corner + np.array([[0, columns, 1, 1, columns, columns + 1]])
    return triangles.reshape(-1, 3).astype(np.int32)


def ellipsoid(centre: ArrayLike, radii: ArrayLike, colour: ArrayLike, material: Material, rings: int = 14) -> Mesh:
    """Return an ellipsoid along the axes."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, 2 * rings), indexing="ij")
    outward = np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], axis=-1)
    outward = outward.reshape(-1, 3)
    vertices = np.asarray(centre) + outward * radii
    normals = outward / radii
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    faces = grid_faces(rings, 2 * rings)
    return Mesh(vertices, normals, faces, painted(colour, len(vertices)), vertices, material)


def box(low: ArrayLike, high: ArrayLike, colour: ArrayLike, material: Material = Material.PLAIN) -> Mesh:
    """Return a box along the axes between two corners."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    corners, normals, faces = [], [], []
    for axis in range(3):
        for end in (0, 1):
            side = np.zeros((4, 3))
            side[:, axis] = end
            side[:, [(axis + 1) % 3, (axis + 2) % 3]] = square
            normal = np.zeros(3)
            normal[axis] = 2 * end - 1
            faces.append(np.array([[0, 1, 2], [0, 2, 3]]) + 4 * len(corners))
            corners.append(low + side * (high - low))
            normals.append(np.tile(normal, (4, 1)))
    vertices = np.vstack(corners)
    triangles = np.vstack(faces).astype(np.int32)
    return Mesh(vertices, np.vstack(normals), triangles, painted(colour, len(vertices)), vertices, material)
