from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.angles import ANGLE_NAMES, Angles, Side
from people.movement import (
    ABSOLUTE,
    BENCH_M,
    FAULTS,
    STANDING_ARMS,
    STRETCH_ARM_SHARES,
    STRETCH_ARMS,
    arm_tags,
    draw_arms,
    draw_stance,
    draw_standing,
    draw_stretch,
    good_form,
    on_top,
)
from people.posing import joint_centres, pose_body
from people.standing import draw_neutral
from stick_body import stick_body

BODY = stick_body()
SEEDS = st.integers(0, 2**32)
SIDES = st.sampled_from(Side)
NEUTRAL = draw_neutral(np.random.default_rng(5), BODY, Side.LEFT)


def stretches(count, seed=0):
    rng = np.random.default_rng(seed)
    return [draw_stretch(rng, BODY, NEUTRAL, Side.LEFT, 0.01) for _ in range(count)]


@pytest.fixture(scope="module")
def drawn():
    return stretches(200, seed=1)


@given(changes=st.dictionaries(st.sampled_from(ANGLE_NAMES), st.floats(-50.0, 50.0)))
def test_movement_comes_on_top_of_the_neutral_but_for_the_raised_legs_knee_and_ankle(changes):
    angles = on_top(NEUTRAL, **changes)
    own_zero = {*ABSOLUTE, "hip_flexion", "foot_inversion"}
    for name in ANGLE_NAMES:
        base = 0.0 if name in own_zero else getattr(NEUTRAL, name)
        assert getattr(angles, name) == pytest.approx(base + changes.get(name, 0.0))


def test_faults_are_worse_than_good_form_and_big_enough():
    rng = np.random.default_rng(0)
    good = {name: np.array([good_form(rng)[name] for _ in range(300)]) for name in good_form(rng)}
    for angle, low, high in FAULTS.values():
        assert angle in ANGLE_NAMES
        assert low < high
        assert ((good[angle] > low) & (good[angle] < high)).mean() < 0.10, angle


def test_arms_are_drawn_as_often_as_said_and_each_hand_on_its_own_at_times():
    rng = np.random.default_rng(0)
    arms = [draw_arms(rng, 0.01) for _ in range(4000)]
    left = Counter(next(iter(one.left)) for one in arms)
    for name, share in zip(STRETCH_ARMS, STRETCH_ARM_SHARES, strict=True):
        assert left[name] / len(arms) == pytest.approx(share, abs=0.025)
    separate = np.mean([one.left != one.right for one in arms])
    assert 0.2 < separate < 0.3
    assert {one.clearance_m for one in arms} == {0.01}
    for one in arms:
        assert one.left == one.right or not {"crossed"} & {*one.left, *one.right}


def test_standing_arms_are_those_of_standing():
    rng = np.random.default_rng(0)
    names = {name for _ in range(300) for name in draw_arms(rng, 0.0, standing=True).left}
    assert names == set(STANDING_ARMS)


@pytest.mark.parametrize(
    ("left", "right", "tags"),
    [
        ("hang", "thigh", []),
        ("hang", "lower_back", ["hands_on_back"]),
        ("hips_back", "hips_back", ["elbows_back"]),
        ("crossed", "crossed", ["arms_crossed"]),
        ("lower_back", "hips_back", ["hands_on_back", "elbows_back"]),
    ],
)
def test_what_the_arms_hide_is_a_tag(left, right, tags):
    from people.arms import Arms

    assert arm_tags(Arms({left: 1.0}, {right: 1.0})) == tags


@given(seed=SEEDS, side=SIDES)
@settings(max_examples=8)
def test_the_foot_is_on_a_bench_in_front_of_the_standing_foot(seed, side):
    shot = draw_stretch(np.random.default_rng(seed), BODY, NEUTRAL, side, 0.0)
    pose = pose_body(BODY, shot.angles, side, shot.arms)
    skin = pose.skin()
    assert BENCH_M[0] < shot.contact[2] < BENCH_M[1]
    assert skin[BODY.foot[side]][:, 2].min() == pytest.approx(shot.contact[2], abs=1e-3)
    assert skin[BODY.foot[side.other]][:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert shot.contact[1] < joint_centres(pose, skin)[f"{side.other}_toe"][1]
    assert not shot.neutral
    assert "standing" not in shot.tags


@given(seed=SEEDS)
@settings(max_examples=8)
def test_the_same_stream_draws_the_same_stretch(seed):
    first, again = (draw_stretch(np.random.default_rng(seed), BODY, NEUTRAL, Side.LEFT, 0.0) for _ in range(2))
    assert (first.angles, first.arms, first.tags) == (again.angles, again.arms, again.tags)
    assert (first.contact == again.contact).all()


def test_stretches_are_wide_near_good_or_faulty_as_often_as_said(drawn):
    kinds = Counter(next((tag for tag in shot.tags if tag in ("near_good", "big_fault")), "wide") for shot in drawn)
    shares = {kind: count / len(drawn) for kind, count in kinds.items()}
    assert shares == pytest.approx({"wide": 0.50, "near_good": 0.35, "big_fault": 0.15}, abs=0.08)


def test_a_named_fault_has_the_size_of_one(drawn):
    seen = Counter()
    for shot in drawn:
        named = [tag.removeprefix("fault_") for tag in shot.tags if tag.startswith("fault_")]
        assert len(named) in ((1, 2) if "big_fault" in shot.tags else (0,))
        # Of two faults of one angle the later one counts.
        for name, (angle, low, high) in {FAULTS[name][0]: (name, FAULTS[name]) for name in named}.values():
            seen[name] += 1
            own = 0.0 if angle in ABSOLUTE else getattr(NEUTRAL, angle)
            assert low - 1e-9 <= getattr(shot.angles, angle) - own <= high + 1e-9, name
    assert len(seen) > 0.7 * len(FAULTS)


def test_wide_stretches_vary_every_angle_on_its_own(drawn):
    wide = [shot.angles for shot in drawn if not {"near_good", "big_fault"} & {*shot.tags}]
    names = (
        "ankle_dorsiflexion",
        "knee_flexion",
        "lumbar_flexion",
        "cervical_flexion",
        "hip_rotation",
        "hip_adduction",
    )
    values = np.array([[getattr(angles, name) for name in names] for angles in wide])
    assert (values.std(axis=0) > 10.0).all()
    related = np.corrcoef(values.T) - np.eye(len(names))
    assert np.abs(related).max() < 0.35


@pytest.mark.parametrize(
    ("tag", "flat", "bent"),
    [
        ("round_thorax_flat_lumbar", "lumbar_flexion", "thoracic_flexion"),
        ("round_lumbar_flat_thorax", "thoracic_flexion", "lumbar_flexion"),
    ],
)
def test_one_part_of_the_spine_can_be_round_alone(drawn, tag, flat, bent):
    tagged = [shot.angles for shot in drawn if tag in shot.tags]
    assert len(tagged) > 10
    for angles in tagged:
        assert abs(getattr(angles, flat) - getattr(NEUTRAL, flat)) <= 5.0 + 1e-9
        assert getattr(angles, bent) - getattr(NEUTRAL, bent) >= 15.0 - 1e-9


@given(seed=SEEDS, side=SIDES)
@settings(max_examples=8)
def test_another_moment_of_standing_is_still_standing(seed, side):
    shot = draw_standing(np.random.default_rng(seed), BODY, NEUTRAL, side, 0.0)
    skin = pose_body(BODY, shot.angles, side, shot.arms).skin()
    for foot in Side:
        assert np.abs(BODY.sole(skin, foot)[:, 2]).max() < 0.005
    assert shot.contact is None
    assert shot.tags[0] == "standing"
    assert not shot.neutral
    assert shot.angles != NEUTRAL


@given(seed=SEEDS)
def test_the_standing_leg_hardly_bends(seed):
    stance = draw_stance(np.random.default_rng(seed), Angles())
    assert -3.0 <= stance["stance_knee_flexion"] <= 9.0
    assert abs(stance["stance_ankle_dorsiflexion"] - stance["stance_knee_flexion"] / 2.0) <= 6.0
