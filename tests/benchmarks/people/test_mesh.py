from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.mesh import Material, box, ellipsoid, grid_faces, incidence, vertex_normals
from people.rotations import rigid, rotation

LOW, HIGH = np.array([-1.0, 0.5, 2.0]), np.array([0.0, 1.5, 4.0])
BOX = box(LOW, HIGH, (0.1, 0.2, 0.3))
RADII = np.array([0.3, 0.2, 0.5])
BALL = ellipsoid((1.0, 2.0, 3.0), RADII, (0.1, 0.2, 0.3), Material.LEAVES, rings=20)


def face_normals(mesh):
    first, second, third = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return np.cross(second - first, third - first)


def test_a_box_has_the_corners_and_the_surface_it_should():
    assert BOX.vertices.min(axis=0) == pytest.approx(LOW)
    assert BOX.vertices.max(axis=0) == pytest.approx(HIGH)
    assert len(np.unique(BOX.vertices, axis=0)) == 8
    # Faces of 1 x 1, 1 x 2 and 1 x 2 metres, two of each.
    assert np.linalg.norm(face_normals(BOX), axis=1).sum() / 2.0 == pytest.approx(10.0)


@pytest.mark.parametrize("mesh", [BOX, BALL], ids=["box", "ellipsoid"])
def test_normals_point_outwards_and_have_length_one(mesh):
    middle = (mesh.vertices.min(axis=0) + mesh.vertices.max(axis=0)) / 2.0
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0)
    assert ((mesh.vertices - middle) * mesh.normals).sum(axis=1).min() > 0.0


def test_a_boxs_normals_are_square_to_its_sides():
    squareness = np.abs(np.einsum("nk,nk->n", face_normals(BOX), BOX.normals[BOX.faces[:, 0]]))
    assert squareness == pytest.approx(np.linalg.norm(face_normals(BOX), axis=1))


def test_an_ellipsoids_points_and_normals_are_those_of_its_equation():
    relative = (BALL.vertices - [1.0, 2.0, 3.0]) / RADII
    assert np.linalg.norm(relative, axis=1) == pytest.approx(1.0)
    gradient = relative / RADII
    gradient /= np.linalg.norm(gradient, axis=1, keepdims=True)
    assert pytest.approx(gradient, abs=1e-9) == BALL.normals


def test_normals_from_faces_are_nearly_those_of_the_equation():
    vertices, faces = BALL.vertices, BALL.faces
    computed = vertex_normals(vertices, faces, incidence(faces, len(vertices)))
    # At the seam and the poles a vertex has the faces of one side only.
    inner = np.abs(BALL.normals[:, 2]) < 0.9
    inner &= ~np.isclose(BALL.normals[:, 1], 0.0, atol=1e-6)
    cosines = np.abs((computed * BALL.normals).sum(axis=1))[inner]
    assert inner.sum() > 200
    assert cosines.min() > 0.99


@given(rows=st.integers(2, 9), columns=st.integers(2, 9))
def test_a_grid_is_covered_once(rows, columns):
    faces = grid_faces(rows, columns)
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    points = np.stack([across.ravel(), down.ravel()], axis=1).astype(float)
    first, second, third = (points[faces[:, corner]] for corner in range(3))
    one, other = second - first, third - first
    areas = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2.0
    assert np.abs(areas) == pytest.approx(0.5)
    assert abs(areas.sum()) == pytest.approx((rows - 1) * (columns - 1))
    assert set(faces.ravel()) == set(range(rows * columns))


def test_every_vertex_knows_its_faces():
    faces = grid_faces(3, 3)
    belongs = incidence(faces, 9)
    assert belongs.sum() == faces.size
    for vertex in range(9):
        assert set(belongs[[vertex]].nonzero()[1]) == set(np.flatnonzero((faces == vertex).any(axis=1)))


@given(angle=st.floats(-180.0, 180.0), axis=st.sampled_from("xyz"))
def test_a_moved_mesh_keeps_its_pattern(angle, axis):
    turned = rotation(axis, angle)
    moved = BOX.moved(rigid(turned, np.zeros(3), np.array([1.0, 2.0, 3.0])))
    assert moved.vertices == pytest.approx(BOX.vertices @ turned.T + [1.0, 2.0, 3.0])
    assert moved.normals == pytest.approx(BOX.normals @ turned.T)
    assert (moved.pattern == BOX.pattern).all()
    assert moved.material == BOX.material
