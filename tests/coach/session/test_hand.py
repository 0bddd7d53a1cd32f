from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import STANDING, STRETCHING, make_pose
from formcoach.coach.session.hand import HandWatch, is_hand_raised
from formcoach.pose.landmarks import ELBOW, SHOULDER, WRIST, Side
from formcoach.pose.pose import Pose
from session_play import with_hand_up

FPS = 10.0
LEANING = replace(STRETCHING, lean=50.0)
DOWN = make_pose(STANDING)


def with_arm(pose, side, elbow, wrist):
    """Put one arm somewhere: elbow and wrist relative to the shoulder, in trunk lengths, x to the right and y up."""
    points = pose.points.copy()
    trunk = np.linalg.norm(points[11] - points[23])
    for mark, place in ((ELBOW, elbow), (WRIST, wrist)):
        points[mark[side.row]] = points[SHOULDER[side.row]] + trunk * np.array([place[0], -place[1]])
    return replace(pose, points=points)


def unseen(pose, side, visibility=0.2):
    values = pose.visibility.copy()
    values[[ELBOW[side.row], WRIST[side.row]]] = visibility
    return replace(pose, visibility=values)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("figure", [STANDING, LEANING, replace(STANDING, azimuth=0.0), replace(LEANING, azimuth=-90.0)])
def test_a_hand_above_the_head_is_raised_and_the_other_one_is_not(figure, side):
    pose = with_hand_up(make_pose(figure), side)
    assert is_hand_raised(pose, side) is True
    assert is_hand_raised(pose, side.other) is False


@pytest.mark.parametrize(
    ("elbow", "wrist"),
    [
        ((0.1, -0.5), (0.1, -1.0)),  # hanging
        ((0.3, -0.05), (0.2, 0.8)),  # elbow low
        ((0.2, 0.2), (0.1, 0.45)),  # shading the eyes
        ((0.6, 0.2), (1.2, 0.6)),  # held straight out, to a wall
    ],
    ids=["hanging", "elbow low", "at the eyes", "straight out"],
)
def test_other_things_that_arms_do_are_no_raised_hand(elbow, wrist):
    assert is_hand_raised(with_arm(make_pose(STANDING), Side.LEFT, elbow, wrist), Side.LEFT) is False


def test_arms_that_reach_forward_to_a_support_in_a_lean_are_no_raised_hand():
    # The head hangs between the arms: the wrist is above the nose, but far in front of the shoulder.
    pose = with_arm(make_pose(replace(STRETCHING, lean=70.0)), Side.LEFT, (-0.5, 0.3), (-1.1, 0.9))
    assert pose.points[15, 1] < pose.points[0, 1] - 20.0
    assert is_hand_raised(pose, Side.LEFT) is False


def test_what_cannot_be_seen_is_not_raised():
    assert is_hand_raised(Pose.missing(), Side.LEFT) is None
    assert is_hand_raised(unseen(with_hand_up(DOWN, Side.LEFT), Side.LEFT), Side.LEFT) is None


def watch(*parts, for_s=1.0):
    """Feed (pose, seconds) parts and return when a hand counted and since when it was up."""
    hands, found, frame = HandWatch(for_s), [], 0
    for pose, seconds in parts:
        for _ in range(round(seconds * FPS)):
            hand = hands.step(frame / FPS, pose)
            if hand is not None:
                found.append((frame / FPS, hand))
            frame += 1
    return found


UP = with_hand_up(DOWN, Side.LEFT)


def test_a_hand_counts_after_its_time_and_once():
    found = watch((DOWN, 1), (UP, 5))
    assert len(found) == 1
    time_s, hand = found[0]
    assert (time_s, hand.side, hand.since_s) == (pytest.approx(2.0), Side.LEFT, pytest.approx(1.0))


def test_the_next_raise_counts_again():
    assert len(watch((DOWN, 1), (UP, 2), (DOWN, 1), (UP, 2))) == 2


def test_a_short_raise_does_not_count():
    assert watch((DOWN, 1), (UP, 0.8), (DOWN, 1), (UP, 0.8), (DOWN, 1)) == []


def test_who_holds_on_to_something_high_from_the_start_raises_nothing():
    assert watch((UP, 20)) == []


def test_holding_on_with_one_hand_leaves_the_other_one_free():
    holding = with_hand_up(DOWN, Side.RIGHT)
    found = watch((holding, 2), (with_hand_up(holding, Side.LEFT), 2))
    assert [hand.side for _, hand in found] == [Side.LEFT]


def test_the_far_arm_that_was_covered_counts_when_it_comes_up():
    found = watch((unseen(DOWN, Side.LEFT, 0.05), 1), (UP, 2))
    assert len(found) == 1


def test_a_flicker_of_visibility_does_not_interrupt_a_raise_and_a_long_one_does():
    blink = unseen(UP, Side.LEFT)
    assert len(watch((DOWN, 1), (UP, 0.5), (blink, 0.2), (UP, 0.5))) == 1
    assert watch((DOWN, 1), (UP, 0.5), (blink, 0.6), (UP, 0.7)) == []
    assert watch((DOWN, 1), (UP, 0.5), (Pose.missing(), 5)) == []


def test_both_hands_are_one_answer():
    assert len(watch((DOWN, 1), (with_hand_up(UP, Side.RIGHT), 2))) == 1


def test_after_a_reset_the_hand_must_be_seen_down_first():
    hands = HandWatch(0.5)
    for frame in range(10):
        hands.step(frame / FPS, DOWN)
    hands.reset()
    assert [hands.step(1.0 + frame / FPS, UP) for frame in range(20)] == [None] * 20


def mirrored(pose: Pose) -> Pose:
    """Return what a mirrored picture of the same person gives: x turned round, left and right exchanged."""
    order = np.arange(33)
    for left in (7, *range(11, 33, 2)):
        order[left], order[left + 1] = left + 1, left
    points = pose.points[order].copy()
    points[:, 0] = 640.0 - points[:, 0]
    return replace(pose, points=points, visibility=pose.visibility[order])


arms = st.tuples(*[st.floats(-1.2, 1.2) for _ in range(4)])


@given(st.lists(st.tuples(arms, arms, st.floats(0, 1), st.integers(1, 15)), min_size=1, max_size=6))
def test_left_and_right_are_treated_alike(parts):
    poses = []
    for left, right, visibility, frames in parts:
        pose = with_arm(with_arm(DOWN, Side.LEFT, left[:2], left[2:]), Side.RIGHT, right[:2], right[2:])
        poses += [unseen(pose, Side.LEFT, visibility)] * frames
    one, other = HandWatch(0.5), HandWatch(0.5)
    for frame, pose in enumerate(poses):
        here, there = one.step(frame / FPS, pose), other.step(frame / FPS, mirrored(pose))
        assert (here is None) == (there is None)
        if here is not None and there is not None:
            assert here.since_s == there.since_s


@given(arms, st.floats(0.4, 3.0), st.floats(-300, 300), st.floats(-300, 300))
def test_size_and_place_in_the_picture_do_not_matter(arm, scale, dx, dy):
    small = with_arm(make_pose(replace(STANDING, scale=100.0)), Side.LEFT, arm[:2], arm[2:])
    large = with_arm(
        make_pose(replace(STANDING, scale=100.0 * scale, centre=(320 + dx, 240 + dy))), Side.LEFT, arm[:2], arm[2:]
    )
    margin = 0.01  # rounding decides on the limits themselves
    if min(abs(arm[1]), abs(abs(arm[2]) - arm[3]), abs(arm[3] - 0.55)) > margin:
        assert is_hand_raised(small, Side.LEFT) == is_hand_raised(large, Side.LEFT)
