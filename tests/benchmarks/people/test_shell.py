from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from people.mesh import Material, grid_faces, incidence, vertex_normals
from people.shell import Shell

SIZE = 15
ROWS, COLUMNS = (axis.ravel() for axis in np.mgrid[:SIZE, :SIZE])
# A flat sheet with a vertex every centimetre.
SHEET = np.stack([0.01 * COLUMNS, 0.01 * ROWS, np.zeros(SIZE**2)], axis=1)
FACES = grid_faces(SIZE, SIZE)
BODY = SimpleNamespace(vertices=SHEET, faces=FACES)
AWAY = np.array([1.0, 2.0, 3.0])
UP = float(vertex_normals(SHEET, FACES, incidence(FACES, SIZE**2))[0, 2])
MIDDLE = (ROWS >= 3) & (ROWS <= 11) & (COLUMNS >= 3) & (COLUMNS <= 11)
RIM = MIDDLE & ((ROWS == 3) | (ROWS == 11) | (COLUMNS == 3) | (COLUMNS == 11))


def wear(offset=0.01, smoothing=4, inset=2, region=MIDDLE):
    return Shell(BODY, region, (0.2, 0.4, 0.6), Material.CLOTH, offset, smoothing, inset)


def bumpy(height=0.005):
    skin = SHEET.copy()
    skin[:, 2] = height * (-1.0) ** (ROWS + COLUMNS)
    return skin


def height(mesh):
    """How far the garment is from the sheet's plane on the outer side."""
    return UP * mesh.vertices[:, 2]


def test_it_covers_its_region_and_stands_off_by_its_thickness():
    mesh = wear(offset=0.012).mesh(SHEET)
    assert len(mesh.vertices) == MIDDLE.sum()
    assert height(mesh) == pytest.approx(0.012)
    assert mesh.pattern == pytest.approx(SHEET[MIDDLE])
    assert set(map(tuple, mesh.colours)) == {(0.2, 0.4, 0.6)}
    assert mesh.material is Material.CLOTH


def test_it_moves_with_the_skin():
    shell = wear()
    carried = shell.mesh(SHEET + AWAY)
    assert carried.vertices == pytest.approx(shell.mesh(SHEET).vertices + AWAY)


def test_the_more_it_is_smoothed_the_less_it_follows_the_skin():
    roughness = [float(np.std(height(wear(smoothing=steps, offset=0.0).mesh(bumpy())))) for steps in (0, 3, 15)]
    assert roughness[0] > 2.0 * roughness[1] > 4.0 * roughness[2] > 0.0


def test_smoothing_does_not_pull_the_hem_inwards():
    skin = SHEET.copy()
    skin[:, 2] = np.where(MIDDLE & ~RIM, 0.05, 0.0)
    mesh = wear(smoothing=30, offset=0.0).mesh(skin)
    on_rim = RIM[MIDDLE]
    assert mesh.vertices[on_rim, 2] == pytest.approx(0.0, abs=1e-12)
    assert mesh.vertices[~on_rim, 2].min() > 0.0


@pytest.mark.parametrize(("inset", "left"), [(0, 7), (1, 5), (2, 3), (3, 1)])
def test_skin_is_hidden_only_well_inside(inset, left):
    hidden = wear(inset=inset).hidden
    assert hidden.sum() == left**2
    near = (np.abs(ROWS - 7) <= left // 2) & (np.abs(COLUMNS - 7) <= left // 2)
    assert (hidden == near).all()


def test_only_whole_triangles_are_worn():
    region = MIDDLE.copy()
    region[0] = True
    assert len(wear(region=region).mesh(SHEET).vertices) == MIDDLE.sum()
