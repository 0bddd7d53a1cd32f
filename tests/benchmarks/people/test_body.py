from __future__ import annotations

import numpy as np
import pytest

from people.angles import Side
from people.body import Body, BodyShape
from stick_body import TRUNK_M

SHAPES = {
    "short woman": BodyShape(1.55, gender=1.0, weight=0.9, cupsize=0.7, asian=1.0, caucasian=0.0),
    "tall man": BodyShape(1.95, weight=0.4, muscle=0.8, african=1.0, caucasian=0.0),
}


@pytest.fixture(scope="module", params=SHAPES)
def shaped(request, actor):
    """A real body, and the shape that was asked for."""
    assert actor
    shape = SHAPES[request.param]
    return Body(shape), shape


def test_weights_are_found_by_the_beginning_of_a_bones_name(sticks):
    neck, head = (sticks.weight_of(name) for name in ("neck", "head"))
    assert sticks.weight_of("neck", "head") == pytest.approx(neck + head)
    assert sticks.weight_of("") == pytest.approx(1.0)
    assert set(sticks.vertices[head > 0.5][:, 2] > 1.5) == {True}


def test_a_limb_has_one_side(sticks):
    for side in Side:
        foot = sticks.limb_weight(side, "foot") > 0.5
        assert foot.any()
        assert (sticks.vertices[foot][:, 0] * side.sign > 0.0).all()
        assert (sticks.vertices[sticks.foot[side]][:, 0] * side.sign > 0.0).all()


def test_a_section_is_as_wide_and_deep_as_the_trunk(sticks):
    section = sticks.trunk_section(1.20)
    assert section.half_width == pytest.approx(TRUNK_M[0], abs=1e-6)
    assert (section.front, section.back) == pytest.approx((-TRUNK_M[1], TRUNK_M[1]))


def test_a_body_is_as_tall_as_asked_and_stands_on_the_floor(shaped):
    body, shape = shaped
    assert body.stature == pytest.approx(shape.stature, abs=1e-4)
    assert body.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)
    assert body.weights.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert body.faces.max() == len(body.vertices) - 1


def test_a_body_is_nearly_symmetrical_and_faces_forward(shaped):
    body, _ = shaped
    for name in ("hip", "knee", "ankle", "toe"):
        assert body.joints[name + "L"] == pytest.approx(body.joints[name + "R"] * [-1.0, 1.0, 1.0], abs=0.004)
        assert body.joints[name + "L"][0] > 0.05
    surface = body.surface(body.vertices)
    assert surface["nose"][1] < surface["left_ear"][1] - 0.05
    assert body.joints["toeL"][1] < body.joints["ankleL"][1] - 0.1


def test_joints_are_above_one_another_and_inside(shaped):
    body, shape = shaped
    hip, knee, ankle = (body.joints[name + "L"] for name in ("hip", "knee", "ankle"))
    assert 0.45 < hip[2] / shape.stature < 0.60
    assert 0.24 < knee[2] / shape.stature < 0.34
    assert 0.03 < ankle[2] / shape.stature < 0.06
    for joint in (knee, ankle):
        assert 0.02 < np.linalg.norm(body.vertices - joint, axis=1).min() < 0.09


def test_landmarks_lie_on_the_skin_or_near_their_joints(shaped):
    body, _ = shaped
    surface = body.surface(body.vertices)
    for name, joint in (("knee", "kneeL"), ("ankle", "ankleL"), ("wrist", "wrist.L"), ("elbow", "lowerarm01.L")):
        assert np.linalg.norm(surface[f"left_{name}"] - body.joints[joint]) < 0.05
    for name in ("nose", "left_eye", "right_ear", "left_big_toe", "right_small_toe"):
        assert np.linalg.norm(body.vertices - surface[name], axis=1).min() < 0.01, name
    assert surface["left_heel"][1] > body.joints["ankleL"][1]
    assert surface["left_heel"][2] < body.joints["ankleL"][2]


def test_parents_come_before_their_children(shaped):
    body, _ = shaped
    seen = set()
    for bone in body.bones:
        assert body.parent.get(bone) in {None, *seen}
        seen.add(bone)
    assert [bone for bone in body.bones if bone not in body.parent] == ["root"]


def test_shapes_differ_as_asked(actor):
    assert actor
    thin, heavy = (Body(BodyShape(1.7, weight=weight)) for weight in (0.3, 1.1))
    sections = [body.trunk_section(body.joints["hipL"][2] + 0.11) for body in (thin, heavy)]
    assert sections[1].half_width > 1.15 * sections[0].half_width
    assert sections[1].back - sections[1].front > 1.05 * (sections[0].back - sections[0].front)
