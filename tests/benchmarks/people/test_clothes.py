from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from people.angles import Angles, Side
from people.clothes import LEG_ENDS, SLEEVE_ENDS, dress
from people.mesh import Material, vertex_normals
from people.posing import pose_body


@pytest.fixture(scope="module")
def plain(person):
    """Looks without anything that could hide something else."""
    look = replace(person.look, hair_style="bald", cap=None, shoes=None)
    top = replace(look.top, kind="tshirt", offset_m=0.01, smoothing=3, long_hem=False, hood=False, colour=(1, 0, 0))
    return replace(look, top=top, bottom=replace(look.bottom, kind="shorts", offset_m=0.008, colour=(0, 0, 1)))


def wear(actor, look):
    """Return what is drawn of a person at rest: the skin and the garments by their colours."""
    dressed = dress(actor.body, look)
    pose = pose_body(actor.body, Angles(), Side.LEFT)
    return dressed, dressed.meshes(pose, pose.skin())


def garment(actor, look, colour):
    found = [mesh for mesh in wear(actor, look)[1][1:] if tuple(mesh.colours[0]) == colour]
    assert len(found) == 1
    return found[0]


def top(actor, plain, **changes):
    return garment(actor, replace(plain, top=replace(plain.top, **changes)), (1, 0, 0))


def bottom(actor, plain, **changes):
    return garment(actor, replace(plain, bottom=replace(plain.bottom, **changes)), (0, 0, 1))


def test_sleeves_end_where_they_should(actor, plain):
    widths = {kind: np.abs(top(actor, plain, kind=kind).pattern[:, 0]).max() for kind in SLEEVE_ENDS}
    shoulder, elbow, wrist = (abs(actor.body.joints[f"{bone}.L"][0]) for bone in ("upperarm01", "lowerarm01", "wrist"))
    assert widths["tank"] < shoulder < widths["tshirt"] < elbow < widths["long"]
    assert widths["long"] == pytest.approx(wrist, abs=0.04)


def test_trouser_legs_end_where_they_should(actor, plain):
    ends = {kind: bottom(actor, plain, kind=kind).pattern[:, 2].min() for kind in LEG_ENDS}
    knee, ankle = (actor.body.joints[name][2] for name in ("kneeL", "ankleL"))
    assert ends["short_shorts"] > ends["shorts"] > knee > ends["capri"] > ends["leggings"] > ankle
    assert ends["leggings"] == pytest.approx(ends["trousers"], abs=0.03)


def test_a_long_hem_covers_the_trousers_top(actor, plain):
    hems = {long: top(actor, plain, long_hem=long).pattern[:, 2].min() for long in (False, True)}
    waist = bottom(actor, plain).pattern[:, 2].max()
    assert hems[True] < hems[False] - 0.06
    assert hems[False] < waist


def test_clothes_stand_off_the_skin(actor, plain):
    body = actor.body
    for offset in (0.005, 0.02):
        mesh = top(actor, plain, offset_m=offset)
        pose = pose_body(body, Angles(), Side.LEFT)
        skin = pose.skin()
        normals = vertex_normals(skin, body.faces, actor.dressed.skin_incidence)
        ids = [np.flatnonzero((body.vertices == rest).all(axis=1))[0] for rest in mesh.pattern[::20]]
        clear = ((mesh.vertices[::20] - skin[ids]) * normals[ids]).sum(axis=1)
        assert np.median(clear) == pytest.approx(offset, abs=0.003)


def test_covered_skin_is_not_drawn_and_bare_skin_is(actor, plain):
    dressed, (skin, *_) = wear(actor, plain)
    drawn = np.zeros(len(actor.body.vertices), dtype=bool)
    drawn[skin.faces.ravel()] = True
    head, hands = actor.body.weight_of("head") > 0.9, actor.body.weight_of("wrist", "finger") > 0.9
    belly = (actor.body.weight_of("spine03") > 0.6) & (np.abs(actor.body.vertices[:, 0]) < 0.1)
    assert drawn[head].all()
    assert drawn[hands].all()
    assert not drawn[belly].any()
    assert len(skin.faces) == len(dressed.skin_faces) < len(actor.body.faces)


def test_shoes_cover_the_feet_and_have_soles(actor, plain):
    shod = replace(plain, shoes=(0.1, 0.5, 0.1))
    shoes = wear(actor, shod)[0].shells[-2:]
    barefoot = wear(actor, plain)[0]
    assert len(wear(actor, shod)[0].shells) == len(barefoot.shells) + 2
    for shoe, side in zip(shoes, Side, strict=True):
        assert (shoe.rest[:, 0] * side.sign > 0.0).all()
        assert shoe.rest[:, 2].max() < actor.body.joints["ankleL"][2] + 0.021
        sole = shoe.rest[:, 2] < 0.018
        assert 0.1 < sole.mean() < 0.6
        assert not (shoe.colours[sole] == [0.1, 0.5, 0.1]).all(axis=1).any()
        assert (shoe.colours[~sole] == [0.1, 0.5, 0.1]).all()


def test_a_hood_lies_on_the_upper_back(actor, plain):
    hooded = replace(plain, top=replace(plain.top, hood=True))
    (hood,) = wear(actor, hooded)[0].pieces
    middle = hood.at_rest.vertices.mean(axis=0)
    neck = actor.body.joints["neck01"]
    assert middle[1] > neck[1] + 0.03
    assert middle[2] == pytest.approx(neck[2], abs=0.1)
    assert wear(actor, plain)[0].pieces == []


def test_what_is_drawn_of_the_skin_is_skin(actor, plain):
    skin = wear(actor, plain)[1][0]
    assert set(np.unique(skin.material)) == {Material.SKIN, Material.EYE}
    body = actor.body.weight_of("spine", "upperleg", "wrist") > 0.9
    assert (skin.colours[body] == plain.skin).all()
