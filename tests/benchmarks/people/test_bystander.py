from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import people.bystander
from people.angles import Side
from people.bystander import ASIDE_M, BEHIND_M, WALL_GAP_M, Bystander
from people.room import room_frame
from stick_body import STATURE_M, StickActor, stick_body

BODY = stick_body()


@pytest.fixture(scope="module")
def bystander():
    """Somebody with a body of sticks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people.bystander, "Actor", StickActor)
        return Bystander(np.random.default_rng(0))


@given(seed=st.integers(0, 2**32), azimuth=st.floats(-130.0, 130.0), depth=st.floats(1.5, 3.2))
@settings(max_examples=15)
def test_somebody_stands_upright_behind_and_beside_the_person(bystander, seed, azimuth, depth):
    (mesh,) = bystander.meshes(np.random.default_rng(seed), azimuth, depth)
    (again,) = bystander.meshes(np.random.default_rng(seed), azimuth, depth)
    assert (mesh.vertices == again.vertices).all()
    # The left leg swings at times.
    assert mesh.vertices[BODY.foot[Side.RIGHT]][:, 2].min() == pytest.approx(0.0, abs=0.005)
    assert np.ptp(mesh.vertices[:, 2]) == pytest.approx(STATURE_M, abs=0.15)
    in_room = mesh.vertices @ room_frame(azimuth)[:3, :3]
    # The body's middle is within a step of where it was put.
    aside, behind = np.abs(in_room[:, 0].mean()), in_room[:, 1].mean()
    assert ASIDE_M[0] - 0.3 < aside < ASIDE_M[1] + 0.3
    assert BEHIND_M[0] - 0.3 < behind < min(BEHIND_M[1], depth - WALL_GAP_M) + 0.3


def test_they_are_turned_any_way_and_walk_at_times(bystander):
    rng = np.random.default_rng(0)
    meshes = [bystander.meshes(rng, 90.0, 3.0)[0] for _ in range(60)]
    nose = BODY.surface(np.arange(len(BODY.vertices)))["nose"]
    ahead = np.array([mesh.vertices[nose] - mesh.vertices.mean(axis=0) for mesh in meshes])
    assert len({(bool(x > 0), bool(y > 0)) for x, y, _ in ahead}) == 4
    walking = [np.ptp(mesh.vertices[BODY.foot[Side.LEFT]][:, 2]) > 0.12 for mesh in meshes]
    assert 0.2 < np.mean(walking) < 0.8
