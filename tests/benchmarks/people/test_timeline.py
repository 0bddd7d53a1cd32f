from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.angles import ANGLE_NAMES, Side
from people.movement import ABSOLUTE, FAULTS
from people.posing import pose_body
from people.standing import draw_neutral
from people.timeline import FREE_POSES, FREE_RANGES, Timeline, draw_keyframes
from stick_body import stick_body
from truth import NEUTRAL_S

BODY = stick_body()
SEEDS = st.integers(0, 2**32)
SCRIPTED = st.sampled_from(["good", *FAULTS, "lumbar+cervical", "hipadd+hiprot"])
ANY = st.one_of(SCRIPTED, st.just("free"))
NEUTRAL = draw_neutral(np.random.default_rng(5), BODY, Side.LEFT)
SWAY_DEG = 1.0
# From the first to the last frame with the leg on the bench; between good and faulty.
HOLD, FAULTY = slice(5, 10), slice(7, 9)


def draw(seed, fault):
    return draw_keyframes(np.random.default_rng(seed), NEUTRAL, fault, 0.01)


def timeline(seed, fault, side=Side.LEFT):
    return Timeline(BODY, side, draw(seed, fault)[0], SWAY_DEG, seed)


def moved(angles, name):
    """An angle as a fault counts it: knee and ankle as they are, the others on top of the neutral."""
    return getattr(angles, name) - (0.0 if name in ABSOLUTE else getattr(NEUTRAL, name))


@given(seed=SEEDS, fault=ANY)
def test_times_increase_and_the_leg_is_up_once(seed, fault):
    frames, _ = draw(seed, fault)
    times = [frame.time_s for frame in frames]
    assert times[0] == 0.0
    assert all(later - earlier > 0.2 for earlier, later in pairwise(times))
    contact = "".join("x" if frame.contact else "." for frame in frames)
    assert contact.strip(".") == "x" * contact.count("x")
    assert contact.startswith(".")
    assert contact.endswith(".")


@given(seed=SEEDS, fault=ANY)
def test_it_begins_and_ends_in_quiet_standing_for_as_long_as_the_baseline_needs(seed, fault):
    frames, _ = draw(seed, fault)
    assert frames[0].angles == frames[1].angles == frames[-1].angles == NEUTRAL
    assert frames[1].time_s > NEUTRAL_S[1]
    assert frames[0].arms.label == frames[1].arms.label == "hang"


@given(seed=SEEDS)
def test_good_form_has_no_fault(seed):
    frames, _ = draw(seed, "good")
    held = frames[HOLD]
    assert all(frame.angles == held[0].angles for frame in held)
    for angle, low, high in FAULTS.values():
        assert not low <= moved(held[0].angles, angle) <= high, angle


@given(seed=SEEDS, fault=SCRIPTED)
def test_faults_come_and_go_and_are_as_big_as_said(seed, fault):
    frames, _ = draw(seed, fault)
    names = [] if fault == "good" else fault.split("+")
    changed = {FAULTS[name][0] for name in names}
    before, *_, after = frames[HOLD]
    assert before.angles == after.angles
    for frame in frames[FAULTY]:
        for name in names:
            angle, low, high = FAULTS[name]
            assert low - 1e-9 <= moved(frame.angles, angle) <= high + 1e-9
        for angle in {*ANGLE_NAMES} - changed:
            assert getattr(frame.angles, angle) == getattr(before.angles, angle)


@given(seed=SEEDS)
def test_free_movement_stays_in_its_ranges_on_the_bench(seed):
    frames, _ = draw(seed, "free")
    free = frames[4 : 4 + FREE_POSES]
    assert all(frame.contact for frame in frames[3 : 4 + FREE_POSES])
    assert not any(frame.contact for frame in frames[4 + FREE_POSES :])
    for frame in free:
        for name, (low, high) in FREE_RANGES.items():
            assert low - 1e-9 <= moved(frame.angles, name) <= high + 1e-9, name


def test_free_movement_uses_its_ranges():
    frames = [frame for seed in range(60) for frame in draw(seed, "free")[0][4 : 4 + FREE_POSES]]
    for name, (low, high) in FREE_RANGES.items():
        values = [moved(frame.angles, name) for frame in frames]
        assert np.ptp(values) > 0.9 * (high - low)


@given(seed=SEEDS, fault=ANY)
@settings(max_examples=4)
def test_the_same_stream_gives_the_same_clip(seed, fault):
    (frames, tags), (again, same_tags) = draw(seed, fault), draw(seed, fault)
    assert tags == same_tags
    assert [(frame.time_s, frame.angles, frame.arms) for frame in frames] == [
        (frame.time_s, frame.angles, frame.arms) for frame in again
    ]
    assert timeline(seed, fault).at(4.2) == timeline(seed, fault).at(4.2)


@given(seed=SEEDS, fault=ANY)
@settings(max_examples=8)
def test_tags_name_what_the_arms_hide(seed, fault):
    frames, tags = draw(seed, fault)
    used = {name for frame in frames for name in (*frame.arms.left, *frame.arms.right)}
    hidden = {"lower_back": "hands_on_back", "hips_back": "elbows_back", "crossed": "arms_crossed"}
    assert set(tags) == {tag for target, tag in hidden.items() if target in used}
    assert len(set(tags)) == len(tags)


@given(seed=SEEDS, fault=ANY, side=st.sampled_from(Side), share=st.floats(0.0, 1.0))
@settings(max_examples=12)
def test_the_foot_stays_on_the_bench_while_it_should(seed, fault, side, share):
    line = timeline(seed, fault, side)
    up = [frame.time_s for frame in line.keyframes if frame.contact]
    time_s = up[0] + share * (up[-1] - up[0] - 0.001)
    angles, arms = line.at(time_s)
    foot = pose_body(BODY, angles, side, arms).skin()[BODY.foot[side]]
    assert foot[:, 2].min() == pytest.approx(line.contact[2], abs=2e-3)


@given(seed=SEEDS, fault=ANY, time_s=st.floats(0.0, 1.7))
@settings(max_examples=8)
def test_quiet_standing_only_sways(seed, fault, time_s):
    angles, arms = timeline(seed, fault).at(time_s)
    away = {name: getattr(angles, name) - getattr(NEUTRAL, name) for name in ANGLE_NAMES}
    assert max(map(abs, away.values())) <= SWAY_DEG
    assert max(map(abs, away.values())) > 0.0
    assert {name for name, change in away.items() if name.startswith("stance") and abs(change) > 1e-9} == set()
    assert arms.label == "hang"


def test_without_sway_keyframes_are_reached_and_nothing_jumps():
    frames, _ = draw(0, "lumbar")
    line = Timeline(BODY, Side.LEFT, frames, 0.0, 0)
    for frame in line.keyframes:
        angles, arms = line.at(frame.time_s)
        for name in ANGLE_NAMES:
            assert getattr(angles, name) == pytest.approx(getattr(frame.angles, name), abs=0.01)
        assert arms.label == frame.arms.label
    assert line.duration_s == frames[-1].time_s
    times = np.arange(0.0, line.duration_s, 1.0 / 15.0)
    course = np.array([astuple(line.at(float(time))[0]) for time in times])
    assert np.abs(np.diff(course, axis=0)).max() < 16.0


def test_it_can_be_asked_for_times_outside():
    line = timeline(0, "good")
    for time_s, frame in ((-0.02, line.keyframes[0]), (line.duration_s + 0.02, line.keyframes[-1])):
        angles, _ = line.at(time_s)
        assert angles.knee_flexion == pytest.approx(frame.angles.knee_flexion, abs=SWAY_DEG)
        assert angles.stance_knee_flexion == frame.angles.stance_knee_flexion


def test_all_postures_on_the_bench_use_the_height_of_the_first():
    line = timeline(3, "free")
    heights = [
        pose_body(BODY, frame.angles, Side.LEFT).lowest_of_raised_foot()[2] for frame in line.keyframes if frame.contact
    ]
    assert heights == pytest.approx([line.contact[2]] * len(heights), abs=2e-3)
