from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.angles import Angles, Side
from people.arms import REACH, TARGETS, Arms
from people.posing import joint_centres, pose_body
from stick_body import TRUNK_M, stick_body

BODY = stick_body()
STRETCH = Angles(pelvic_tilt=20.0, hip_flexion=75.0, knee_flexion=10.0, ankle_dorsiflexion=-20.0, thoracic_flexion=10.0)
UPPER, LOWER = (
    float(np.linalg.norm(BODY.joints[f"{end}.L"] - BODY.joints[f"{start}.L"]))
    for start, end in (("upperarm01", "lowerarm01"), ("lowerarm01", "wrist"))
)
TARGET_NAMES = st.sampled_from(TARGETS)


def place(target, angles=None, clearance=0.0, raised=Side.LEFT):
    pose = pose_body(BODY, angles or Angles(), raised, Arms.both(target, clearance))
    return joint_centres(pose, pose.skin())


@given(
    left=TARGET_NAMES,
    right=TARGET_NAMES,
    raised=st.sampled_from(Side),
    bend=st.floats(0.0, 60.0),
    clearance=st.floats(0.0, 0.04),
)
def test_arms_keep_their_length_and_stay_within_reach(left, right, raised, bend, clearance):
    arms = Arms({left: 1.0}, {right: 1.0}, clearance)
    pose = pose_body(BODY, STRETCH.plus(lumbar_flexion=bend), raised, arms)
    where = joint_centres(pose, pose.skin())
    for side in Side:
        shoulder, elbow, wrist = (where[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
        assert np.linalg.norm(elbow - shoulder) == pytest.approx(UPPER, rel=1e-4)
        assert np.linalg.norm(wrist - elbow) == pytest.approx(LOWER, rel=1e-4)
        share = np.linalg.norm(wrist - shoulder) / (UPPER + LOWER)
        assert REACH[0] - 1e-3 <= share <= REACH[1] + 1e-3


@pytest.mark.parametrize("side", Side)
def test_hanging_hands_are_below_the_shoulders(side):
    where = place("hang")
    below = where[f"{side}_wrist"] - where[f"{side}_shoulder"]
    assert below[2] < -0.95 * (UPPER + LOWER)
    assert below[0] * side.sign > 0.0


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("clearance", [0.0, 0.03])
def test_hands_on_the_hips_are_beside_them_whatever_is_worn(side, clearance):
    where = place("hips", clearance=clearance)
    wrist = where[f"{side}_wrist"]
    assert wrist[0] * side.sign == pytest.approx(TRUNK_M[0] + 0.015 + clearance, abs=1e-6)
    assert wrist[2] == pytest.approx(where[f"{side}_hip"][2] + 0.11, abs=0.01)
    # Elbows outwards, not through the trunk.
    assert where[f"{side}_elbow"][0] * side.sign > where[f"{side}_shoulder"][0] * side.sign


def test_elbows_go_back_when_they_should():
    elbows = {target: place(target)["left_elbow"] for target in ("hips", "hips_back")}
    assert elbows["hips_back"][1] > elbows["hips"][1]
    assert elbows["hips_back"][1] > TRUNK_M[1]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("clearance", [0.0, 0.03])
def test_hands_on_the_back_are_behind_it(side, clearance):
    where = place("lower_back", clearance=clearance)
    back = TRUNK_M[1] + where["L5S1"][1] - BODY.joints["spine04"][1]
    assert where[f"{side}_wrist"][1] == pytest.approx(back + 0.04 + clearance, abs=1e-6)
    assert abs(where[f"{side}_wrist"][0]) < TRUNK_M[0]


@pytest.mark.parametrize("side", Side)
def test_crossed_hands_are_in_front_on_the_other_side(side):
    where = place("crossed")
    wrist = where[f"{side}_wrist"]
    assert wrist[0] * side.sign < 0.0
    assert wrist[1] < -TRUNK_M[1]
    assert abs(where["left_wrist"][1] - where["right_wrist"][1]) > 0.03


@pytest.mark.parametrize("raised", Side)
def test_hands_on_the_raised_leg_lie_over_it_one_beyond_the_other(raised):
    where = place("thigh", STRETCH, raised=raised)
    hip, knee = (where[f"{raised}_{joint}"] for joint in ("hip", "knee"))
    along = (knee - hip) / np.linalg.norm(knee - hip)
    shares = {}
    for side in Side:
        reach = where[f"{side}_wrist"] - hip
        shares[side] = reach @ along / np.linalg.norm(knee - hip)
        assert np.linalg.norm(reach - (reach @ along) * along) < 0.20
        assert (reach - (reach @ along) * along)[2] > 0.0
    assert 0.3 < shares[raised.other] < shares[raised] < 0.9


def test_a_foot_out_of_reach_is_reached_for():
    where = place("foot", STRETCH)
    shoulder, elbow, wrist = (where[f"left_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
    assert np.linalg.norm(where["left_ankle"] - shoulder) > UPPER + LOWER
    assert np.linalg.norm(wrist - shoulder) == pytest.approx(REACH[1] * (UPPER + LOWER), rel=1e-4)
    towards = where["left_ankle"] - shoulder
    assert (wrist - shoulder) @ towards / np.linalg.norm(wrist - shoulder) / np.linalg.norm(towards) > 0.98
    assert elbow[2] < shoulder[2]


def test_arms_follow_the_thorax():
    upright, bent = place("hang"), place("hips", Angles(lumbar_flexion=50.0))
    assert bent["left_wrist"][2] != pytest.approx(upright["left_wrist"][2], abs=0.05)
    assert bent["left_shoulder"][1] < upright["left_shoulder"][1] - 0.1


@given(start=TARGET_NAMES, end=TARGET_NAMES, share=st.floats(0.0, 1.0))
def test_on_the_way_the_shares_make_up_one(start, end, share):
    mixed = Arms.both(start, 0.02).mixed(Arms.both(end), share)
    for side in Side:
        assert sum(mixed.of(side).values()) == pytest.approx(1.0)
        assert mixed.of(side)[end] == pytest.approx(1.0 if start == end else share)
    assert mixed.clearance_m == 0.02


def test_half_way_the_hand_is_in_the_middle():
    half = Arms.both("hips").mixed(Arms.both("lower_back"), 0.5)
    pose = pose_body(BODY, Angles(), Side.LEFT, half)
    ends = [place(target)["left_wrist"] for target in ("hips", "lower_back")]
    assert joint_centres(pose, pose.skin())["left_wrist"] == pytest.approx(np.mean(ends, axis=0), abs=1e-3)


def test_each_hand_has_its_own_target_and_name():
    arms = Arms({"hips": 0.7, "hang": 0.3}, {"thigh": 1.0})
    assert arms.label == "hips+thigh"
    assert Arms.both("hips").label == "hips"
    assert arms.of(Side.RIGHT) == {"thigh": 1.0}
