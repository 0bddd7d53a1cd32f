from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from people.angles import Angles, Side
from people.clothes import dress
from people.head import CURTAIN_LENGTHS_M, HAIR_OFFSETS_M, Curtain, HeadPlan, make_cap, make_hair
from people.mesh import Material
from people.posing import pose_body
from people.rotations import carry

RED = (1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def plan(actor):
    """Where things are on the head."""
    return HeadPlan.of(actor.body)


def hair(actor, plan, style):
    return make_hair(actor.body, plan, style, RED)


def test_the_head_is_measured(actor, plan):
    assert plan.nose[1] < plan.eye[1] < plan.ear[1]
    assert plan.nose[2] < plan.eye[2]
    assert plan.scale == pytest.approx(1.0, abs=0.25)
    assert actor.body.vertices[plan.is_head][:, 2].min() > actor.body.joints["upperarm01.L"][2] - 0.05


def test_a_bald_head_has_no_hair(actor, plan):
    assert hair(actor, plan, "bald") == ([], [])


@pytest.mark.parametrize("style", HAIR_OFFSETS_M)
def test_hair_grows_on_top_and_behind_not_on_the_face(actor, plan, style):
    (scalp,), _ = hair(actor, plan, style)
    covered = scalp.rest
    assert covered[:, 2].max() == pytest.approx(actor.body.stature, abs=1e-6)
    assert covered[:, 1].max() > plan.ear[1] + 0.05
    face = (covered[:, 1] < plan.ear[1] - 0.04) & (covered[:, 2] < plan.eye[2])
    assert not face.any()


@pytest.mark.parametrize(
    ("style", "pieces"), [("short", 0), ("bun", 1), ("ponytail", 1), ("half_long", 1), ("long", 1)]
)
def test_styles_have_their_pieces_behind_the_head(actor, plan, style, pieces):
    _, worn = hair(actor, plan, style)
    assert len(worn) == pieces
    for piece in worn:
        assert piece.at_rest.vertices[:, 1].max() > plan.ear[1] + 0.05
        assert piece.at_rest.material is Material.HAIR


def test_long_hair_hangs_lower_than_half_long_hair(actor, plan):
    neck = actor.body.joints["neck01"][2]
    for style, length in CURTAIN_LENGTHS_M.items():
        (curtain,) = hair(actor, plan, style)[1]
        assert curtain.at_rest.vertices[:, 2].min() == pytest.approx(neck - length)


@pytest.mark.parametrize("angles", [Angles(), Angles(cervical_flexion=30.0), Angles(lumbar_flexion=30.0)])
def test_hanging_hair_follows_the_head_above_and_the_back_below(actor, plan, angles):
    (curtain,) = hair(actor, plan, "long")[1]
    assert isinstance(curtain, Curtain)
    pose = pose_body(actor.body, angles, Side.LEFT)
    mesh = curtain.mesh(pose)
    top, low = curtain.at_rest.vertices[:, 2].argmax(), curtain.at_rest.vertices[:, 2].argmin()
    assert mesh.vertices[top] == pytest.approx(carry(pose.bones["head"], curtain.at_rest.vertices[top]))
    assert mesh.vertices[low] == pytest.approx(carry(pose.bones["spine01"], curtain.at_rest.vertices[low]))
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_a_cap_covers_the_crown_and_has_a_peak_before_the_face(actor, plan):
    crown, peak = make_cap(actor.body, plan, RED)
    assert crown.rest[:, 2].max() == pytest.approx(actor.body.stature, abs=1e-6)
    assert crown.rest[:, 2].min() > plan.nose[2]
    vertices = peak.at_rest.vertices
    assert vertices[:, 1].min() < plan.nose[1] - 0.02
    assert np.median(vertices[:, 2]) > plan.eye[2]
    assert peak.bone == "head"


def test_a_cap_comes_on_top_of_the_hair(actor, person):
    look = replace(person.look, hair_style="short", shoes=None, top=replace(person.look.top, hood=False))
    bare, capped = dress(actor.body, replace(look, cap=None)), dress(actor.body, replace(look, cap=RED))
    assert len(capped.shells) == len(bare.shells) + 1
    assert len(capped.pieces) == len(bare.pieces) + 1
    pose = pose_body(actor.body, Angles(), Side.LEFT)
    hair_mesh, cap_mesh = (shell.mesh(pose.skin()) for shell in capped.shells[:2])
    assert cap_mesh.vertices[:, 2].max() > hair_mesh.vertices[:, 2].max() + 0.005


def test_faces_have_eyes_lips_and_brows(actor, person, plan):
    look = replace(person.look, skin=(0.8, 0.6, 0.5), hair=(0.1, 0.1, 0.1))
    dressed = dress(actor.body, look)
    vertices = actor.body.vertices
    eyes = dressed.materials == Material.EYE
    for side in Side:
        own = eyes & (vertices[:, 0] * side.sign > 0.0)
        assert own.sum() > 20
        assert vertices[own].mean(axis=0) == pytest.approx([side.sign * 0.03, plan.eye[1], plan.eye[2]], abs=0.025)
    painted = (dressed.colours != look.skin).any(axis=1) & ~eyes
    lips = painted & (vertices[:, 2] < plan.nose[2])
    brows = painted & (vertices[:, 2] > plan.eye[2])
    assert (lips | brows)[painted].all()
    for part in (lips, brows):
        assert 4 < part.sum() < 0.2 * plan.is_head.sum()
        assert vertices[part][:, 1].max() < plan.ear[1]
    assert np.abs(vertices[lips][:, 0]).max() < 0.04
    assert (dressed.colours[brows].mean(axis=1) < np.mean(look.skin)).all()
