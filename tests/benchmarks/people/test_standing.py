from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import people.standing
from people.angles import Angles, Side
from people.posing import joint_centres, pose_body
from people.standing import (
    CORRELATION,
    HEAD_FORWARD,
    MASSES,
    SPREAD,
    SPREAD_LIMIT,
    draw_neutral,
    for_other_leg,
    stand,
)
from stick_body import stick_body

BODY = stick_body()
SEEDS = st.integers(0, 2**32)
SIDES = st.sampled_from(Side)
SPINE = ("pelvic_tilt", "lumbar_flexion", "thoracic_flexion", "cervical_flexion", "head_forward")
few = settings(max_examples=6)


def generator(seed):
    return np.random.default_rng(seed)


def weight(angles, side):
    """Where the weight is from front (negative) to back, metres."""
    pose = pose_body(BODY, angles, side)
    return sum(
        share * pose.point(bone, (BODY.joints[start] + BODY.joints[end]) / 2.0)[1] for share, bone, start, end in MASSES
    )


def toes_inwards(angles, raised, side):
    pose = pose_body(BODY, angles, raised)
    where = joint_centres(pose, pose.skin())
    across, forward, _ = where[f"{side}_toe"] - where[f"{side}_ankle"]
    return float(np.degrees(np.arctan2(-side.sign * across, -forward)))


@given(seed=SEEDS, side=SIDES)
@few
def test_both_soles_lie_on_the_floor_and_the_weight_over_them(seed, side):
    angles = draw_neutral(generator(seed), BODY, side)
    skin = pose_body(BODY, angles, side).skin()
    for foot in Side:
        sole = BODY.sole(skin, foot)
        assert np.ptp(sole[:, 2]) < 1e-6
        # The raised leg is a little shorter when it is not quite upright.
        assert abs(sole[0, 2]) < 0.004
        assert sole[:, 1].min() < weight(angles, side) < sole[:, 1].max()
    assert angles.knee_flexion == angles.stance_knee_flexion


@given(seed=SEEDS, side=SIDES)
@few
def test_the_same_stream_draws_the_same_person(seed, side):
    assert draw_neutral(generator(seed), BODY, side) == draw_neutral(generator(seed), BODY, side)
    assert draw_neutral(generator(seed), BODY, side) != draw_neutral(generator(seed + 1), BODY, side)


@given(seed=SEEDS, side=SIDES, lean=st.floats(-0.03, 0.03))
@few
def test_leaning_moves_the_weight_and_leaves_the_posture(seed, side, lean):
    posture = draw_neutral(generator(seed), BODY, side)
    angles = stand(BODY, posture, side, lean)
    assert weight(angles, side) - weight(Angles(), side) == pytest.approx(lean, abs=1e-4)
    kept = (*SPINE, "hip_rotation", "hip_adduction", "stance_knee_flexion", "stance_rotation")
    assert [getattr(angles, name) for name in kept] == [getattr(posture, name) for name in kept]


@given(seed=SEEDS, side=SIDES)
@few
def test_whoever_is_seen_with_the_other_leg_stands_the_same_way(seed, side):
    mine = draw_neutral(generator(seed), BODY, side)
    other = for_other_leg(BODY, mine, side.other, generator(seed))
    assert [getattr(other, name) for name in SPINE] == [getattr(mine, name) for name in SPINE]
    assert other.stance_knee_flexion == mine.stance_knee_flexion
    lean = weight(mine, side) - weight(Angles(), side)
    assert weight(other, side.other) - weight(Angles(), side.other) == pytest.approx(lean, abs=1e-4)
    for foot in Side:
        # The raised foot's rotation is the hip's, which is not quite the foot's when the thigh leans.
        assert toes_inwards(other, side.other, foot) == pytest.approx(toes_inwards(mine, side, foot), abs=1.5)


def test_the_mass_is_all_there():
    assert sum(share for share, *_ in MASSES) == pytest.approx(1.0)


@pytest.fixture(scope="module")
def unbalanced():
    """Many people's postures before their legs are balanced: names and draws, (n, angles)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            people.standing, "stand", lambda body, posture, raised, lean_m: replace(posture, hip_flexion=lean_m)
        )
        rng = generator(3)
        return [draw_neutral(rng, BODY, Side.LEFT) for _ in range(4000)]


@pytest.mark.parametrize("name", SPREAD)
def test_people_differ_as_much_as_intended(unbalanced, name):
    values = np.array([getattr(angles, name) for angles in unbalanced])
    assert values.mean() == pytest.approx(0.0, abs=0.05 * SPREAD[name])
    # Cutting off the ends takes 2 % away.
    assert values.std() == pytest.approx(0.98 * SPREAD[name], rel=0.04)
    assert np.abs(values).max() <= SPREAD_LIMIT * SPREAD[name] + 1e-9
    assert np.abs(values).max() > 0.95 * SPREAD_LIMIT * SPREAD[name]


def test_the_spines_parts_make_up_for_each_other(unbalanced):
    values = np.array([[getattr(angles, name) for name in SPINE[:4]] for angles in unbalanced])
    assert np.corrcoef(values.T) == pytest.approx(CORRELATION, abs=0.06)
    leans = values[:, :3].sum(axis=1)
    independent = np.hypot.reduce([SPREAD[name] for name in SPINE[:3]])
    assert leans.std() < 0.8 * independent


def test_heads_are_forward_never_back(unbalanced):
    values = np.array([angles.head_forward for angles in unbalanced])
    assert values.min() == 0.0
    assert np.median(values) == pytest.approx(HEAD_FORWARD[0], abs=0.4)
    assert np.percentile(values, 97.5) == pytest.approx(HEAD_FORWARD[0] + 1.96 * HEAD_FORWARD[1], rel=0.08)


def test_people_put_their_weight_in_different_places(unbalanced):
    leans = np.array([angles.hip_flexion for angles in unbalanced])
    assert leans.std() == pytest.approx(people.standing.BALANCE_SPREAD_M, rel=0.05)
    assert leans.mean() == pytest.approx(0.0, abs=0.001)
