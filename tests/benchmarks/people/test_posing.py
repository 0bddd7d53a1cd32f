from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.angles import ANGLE_NAMES, Angles, Side
from people.arms import TARGETS, Arms
from people.check import RANGES
from people.posing import all_angles, joint_centres, pose_body, raised_foot_place, solve_contact
from stick_body import stick_body

BODY = stick_body()
SIDES = st.sampled_from(Side)
POSTURES = st.builds(Angles, **{name: st.floats(*limits) for name, limits in RANGES.items()})
MILLIMETRE = 1e-3
few = settings(max_examples=20)


def points(angles=None, side=Side.LEFT, arms=None):
    pose = pose_body(BODY, angles or Angles(), side, arms)
    return joint_centres(pose, pose.skin())


def pitch(vector):
    """How far a direction leans forward from the vertical, degrees."""
    return float(np.degrees(np.arctan2(-vector[1], vector[2])))


def heading(where, side):
    """How far the toes point inwards, degrees."""
    across, forward, _ = where[f"{side}_toe"] - where[f"{side}_ankle"]
    return float(np.degrees(np.arctan2(-side.sign * across, -forward)))


def turned(angles, start, end, side=Side.LEFT):
    """How much further forward a segment leans than at zero, degrees."""
    now, zero = points(angles, side), points(side=side)
    return pitch(now[end] - now[start]) - pitch(zero[end] - zero[start])


@pytest.mark.parametrize("side", Side)
def test_zero_is_straight_legs_on_flat_soles_and_the_spine_at_rest(side):
    pose = pose_body(BODY, Angles(), side)
    skin = pose.skin()
    where = joint_centres(pose, skin)
    for leg in Side:
        hip, knee, ankle = (where[f"{leg}_{joint}"] for joint in ("hip", "knee", "ankle"))
        assert hip[:2] == pytest.approx(ankle[:2])
        assert knee[:2] == pytest.approx(ankle[:2])
        assert hip[2] > knee[2] > ankle[2]
        assert BODY.sole(skin, leg)[:, 2] == pytest.approx(0.0, abs=1e-9)
        assert heading(where, leg) == pytest.approx(0.0, abs=1e-9)
    rest = BODY.joints["head"] - BODY.joints["spine04"]
    assert where["C1"] - where["L5S1"] == pytest.approx(rest)


@given(angle=st.floats(-30.0, 120.0), side=SIDES)
@few
def test_hip_flexion_swings_the_thigh_forward(angle, side):
    where = points(Angles(hip_flexion=angle), side)
    thigh = where[f"{side}_knee"] - where[f"{side}_hip"]
    length = np.linalg.norm(BODY.joints["kneeL"] - BODY.joints["hipL"])
    expected = length * np.array([0.0, -np.sin(np.radians(angle)), -np.cos(np.radians(angle))])
    assert thigh == pytest.approx(expected, abs=1e-6)


@given(angle=st.floats(-30.0, 40.0), side=SIDES)
@few
def test_hip_adduction_swings_the_leg_across(angle, side):
    where = points(Angles(hip_adduction=angle), side)
    leg = where[f"{side}_ankle"] - where[f"{side}_hip"]
    assert np.degrees(np.arctan2(-side.sign * leg[0], -leg[2])) == pytest.approx(angle, abs=1e-4)
    assert leg[1] == pytest.approx(0.0, abs=1e-6)


@given(angle=st.floats(-40.0, 50.0), side=SIDES)
@few
def test_hip_rotation_turns_toes_inwards_and_moves_no_other_joint(angle, side):
    where, zero = points(Angles(hip_rotation=angle), side), points(side=side)
    assert heading(where, side) == pytest.approx(angle, abs=1e-4)
    for joint in ("hip", "knee", "ankle"):
        assert where[f"{side}_{joint}"] == pytest.approx(zero[f"{side}_{joint}"], abs=1e-6)


@given(angle=st.floats(-10.0, 120.0), side=SIDES)
@few
def test_knee_flexion_takes_the_shank_back(angle, side):
    where = points(Angles(knee_flexion=angle), side)
    shank = where[f"{side}_ankle"] - where[f"{side}_knee"]
    assert np.degrees(np.arctan2(shank[1], -shank[2])) == pytest.approx(angle, abs=1e-4)
    assert shank[0] == pytest.approx(0.0, abs=1e-6)


@given(angle=st.floats(-45.0, 30.0), side=SIDES)
@few
def test_dorsiflexion_lifts_the_toes(angle, side):
    def rise(where):
        _, forward, up = where[f"{side}_toe"] - where[f"{side}_ankle"]
        return np.degrees(np.arctan2(up, -forward))

    posture = Angles(ankle_dorsiflexion=angle)
    assert rise(points(posture, side)) - rise(points(side=side)) == pytest.approx(angle, abs=1e-4)


@given(knee=st.floats(-8.0, 20.0), ankle=st.floats(-10.0, 15.0), side=SIDES)
@few
def test_the_standing_leg_bends_over_a_foot_that_stays(knee, ankle, side):
    stance = side.other
    pose = pose_body(BODY, Angles(stance_knee_flexion=knee, stance_ankle_dorsiflexion=ankle), side)
    skin = pose.skin()
    where = joint_centres(pose, skin)
    assert pitch(where[f"{stance}_knee"] - where[f"{stance}_ankle"]) == pytest.approx(ankle, abs=1e-4)
    assert pitch(where[f"{stance}_hip"] - where[f"{stance}_knee"]) == pytest.approx(ankle - knee, abs=1e-4)
    assert BODY.sole(skin, stance)[:, 2] == pytest.approx(0.0, abs=1e-9)


@given(angle=st.floats(-20.0, 20.0), side=SIDES)
@few
def test_the_standing_foot_turns_inwards(angle, side):
    assert heading(points(Angles(stance_rotation=angle), side), side.other) == pytest.approx(angle, abs=1e-4)


@given(posture=POSTURES, side=SIDES)
@few
def test_the_spine_adds_up_from_the_pelvis_to_the_head(posture, side):
    lumbar = posture.pelvic_tilt + posture.lumbar_flexion
    thorax = lumbar + posture.thoracic_flexion
    head = thorax + posture.cervical_flexion
    assert turned(posture, "right_hip", "L5S1", side) == pytest.approx(posture.pelvic_tilt, abs=1e-6)
    assert turned(posture, "T12L1", "T7", side) == pytest.approx(lumbar, abs=1e-6)
    assert turned(posture, "T7", "C7T1", side) == pytest.approx(thorax, abs=1e-6)
    gaze = turned(posture, "C1", "nose", side) - head
    assert (gaze + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=1e-6)


def test_rounding_is_spread_over_the_lumbar_spine():
    lower, upper = (
        turned(Angles(lumbar_flexion=40.0), start, end) for start, end in (("L5S1", "L3L4"), ("L3L4", "T12L1"))
    )
    assert 0.0 < lower < upper < 40.0


def test_a_forward_head_brings_the_face_forward_but_not_down():
    forward, zero = points(Angles(head_forward=12.0)), points()
    assert forward["nose"] - forward["C1"] == pytest.approx(zero["nose"] - zero["C1"])
    assert forward["nose"][1] < zero["nose"][1] - 0.01


@given(posture=POSTURES)
@few
def test_left_and_right_are_mirror_images(posture):
    left, right = (points(posture, side) for side in Side)
    for name, place in left.items():
        other = name.replace("left", "?").replace("right", "left").replace("?", "right")
        assert right[other] == pytest.approx(place * [-1.0, 1.0, 1.0], abs=1e-9), name


@given(posture=POSTURES, side=SIDES, target=st.sampled_from(TARGETS))
@few
def test_bones_are_moved_rigidly_and_stay_connected(posture, side, target):
    pose = pose_body(BODY, posture, side, Arms.both(target))
    assert set(pose.bones) == set(BODY.bones)
    for bone, transform in pose.bones.items():
        turn = transform[:3, :3]
        assert np.abs(turn @ turn.T - np.eye(3)).max() < 1e-6
        assert np.linalg.det(turn) > 0.0
        parent = BODY.parent.get(bone)
        if parent:
            joint = BODY.joints[bone]
            # The groin takes half of the thigh's twist; the thigh's own joint is not quite on the line about which.
            tolerance = 0.03 if "upperleg02" in bone else MILLIMETRE
            assert np.linalg.norm(pose.point(bone, joint) - pose.point(parent, joint)) < tolerance, bone


@given(posture=POSTURES, side=SIDES)
@few
def test_no_angle_moves_another_segments_length(posture, side):
    where, zero = points(posture, side), points(side=side)
    for leg in Side:
        for start, end in (("hip", "knee"), ("knee", "ankle"), ("ankle", "toe"), ("shoulder", "elbow")):
            length, rest = (np.linalg.norm(one[f"{leg}_{end}"] - one[f"{leg}_{start}"]) for one in (where, zero))
            assert length == pytest.approx(rest, abs=1e-6)


@given(posture=POSTURES, side=SIDES)
@few
def test_derived_angles_follow_from_the_skeleton(posture, side):
    where = points(posture, side)
    derived = all_angles(pose_body(BODY, posture, side))
    assert {name: derived[name] for name in ANGLE_NAMES} == asdict(posture)
    assert derived["trunk_lean"] == pytest.approx(turned(posture, "T7", "C7T1", side), abs=1e-6)
    thigh = pitch(where[f"{side.other}_hip"] - where[f"{side.other}_knee"])
    assert derived["stance_hip_flexion"] == pytest.approx(posture.pelvic_tilt - thigh, abs=1e-4)
    assert derived["stance_hip_adduction"] == pytest.approx(0.0, abs=1e-6)
    assert derived["stance_hip_rotation"] == pytest.approx(0.0, abs=1e-6)


@given(side=SIDES, rotation=st.floats(-20.0, 20.0), tilt=st.floats(-10.0, 30.0))
@few
def test_a_turned_standing_foot_is_rotation_of_that_hip(side, rotation, tilt):
    derived = all_angles(pose_body(BODY, Angles(stance_rotation=rotation), side))
    assert derived["stance_hip_rotation"] == pytest.approx(rotation, abs=1e-6)
    # Posed as the raised leg, the same three angles give the same leg.
    tilted = Angles(stance_rotation=rotation, pelvic_tilt=tilt)
    hip = {name: all_angles(pose_body(BODY, tilted, side))[f"stance_{name}"] for name in HIP}
    copied = points(replace(Angles(pelvic_tilt=tilt), **hip), side.other)
    assert heading(copied, side.other) == pytest.approx(rotation, abs=1e-4)
    leg = copied[f"{side.other}_ankle"] - copied[f"{side.other}_hip"]
    assert leg[:2] == pytest.approx(0.0, abs=1e-6)


HIP = ("hip_flexion", "hip_adduction", "hip_rotation")


@given(
    posture=st.builds(
        Angles, **{name: st.floats(*limits) for name, limits in RANGES.items() if name != "knee_flexion"}
    ),
    side=SIDES,
    height=st.floats(0.2, 0.75),
)
@few
def test_the_hip_is_flexed_until_the_foot_is_at_the_benchs_height(posture, side, height):
    solved = solve_contact(BODY, posture, side, height)
    pose = pose_body(BODY, solved, side)
    foot = pose.skin()[BODY.foot[side]]
    assert foot[:, 2].min() == pytest.approx(height, abs=MILLIMETRE)
    assert replace(solved, hip_flexion=posture.hip_flexion) == posture
    lowest = raised_foot_place(BODY, solved, side)
    assert lowest == pytest.approx(pose.lowest_of_raised_foot())
    assert np.linalg.norm(foot - lowest, axis=1).min() < MILLIMETRE


@given(posture=POSTURES, every=st.integers(2, 40))
@few
def test_sparse_skin_is_a_part_of_the_skin(posture, every):
    pose = pose_body(BODY, posture, Side.LEFT)
    assert pose.skin(every) == pytest.approx(pose.skin()[::every])


def test_skin_follows_its_bones():
    pose = pose_body(BODY, Angles(pelvic_tilt=10.0, hip_flexion=60.0), Side.LEFT)
    skin = pose.skin()
    owners = [BODY.bones[index] for index in BODY.weights.argmax(axis=1)]
    expected = np.array([pose.point(bone, rest) for bone, rest in zip(owners, BODY.vertices, strict=True)])
    assert skin == pytest.approx(expected)
