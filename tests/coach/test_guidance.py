"""What a session may ask of the coach; without being asked it does what it does for recordings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING, STRETCHING, make_clip
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.coach.session.types import FREE, Guidance
from formcoach.pose.landmarks import Side
from formcoach.stretch import Phase, load_profile

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
FPS = 10.0
CLIP = make_clip((STANDING, 4.0), (STRETCHING, 10.0), (STANDING, 2.0), fps=FPS)
STILL = Guidance(hold_allowed=False)


def follow(clip, guidance_at=lambda time_s: FREE):
    coach = Coach(PROFILE, CALIBRATION, FRAME_SIZE)
    times, poses = clip
    steps = [coach.step(float(t), poses[i], guidance_at(float(t))) for i, t in enumerate(times)]
    return coach, steps


def phases(steps, start_s=0.0):
    found = [step.assessment.phase for step in steps if step.time_s >= start_s]
    return [phase for index, phase in enumerate(found) if index == 0 or phase is not found[index - 1]]


def test_free_guidance_is_what_the_coach_does_anyway():
    coach = Coach(PROFILE, CALIBRATION, FRAME_SIZE)
    times, poses = CLIP
    plain = [coach.step(float(t), poses[i]) for i, t in enumerate(times)]
    for one, other in zip(plain, follow(CLIP)[1], strict=True):
        np.testing.assert_array_equal(one.readings.value_deg, other.readings.value_deg)
        assert one.assessment.phase is other.assessment.phase
        assert one.assessment.counted_s == other.assessment.counted_s


def test_without_leave_a_raised_leg_is_no_hold_and_nothing_is_judged():
    coach, steps = follow(CLIP, lambda t: STILL)
    assert phases(steps) == [Phase.BASELINE, Phase.READY, Phase.LEG_UP, Phase.READY]
    assert coach.assessor.holds == ()
    assert not any(state.severity.is_raised for step in steps for state in step.assessment.flags)


def test_with_leave_a_leg_that_has_settled_is_held_at_once():
    _, steps = follow(CLIP, lambda t: FREE if t >= 9.0 else STILL)
    held = [step.time_s for step in steps if step.assessment.phase.is_judged]
    assert held[0] == pytest.approx(9.0)


def test_a_hold_ends_when_leave_is_taken_and_another_begins_when_it_is_given_again():
    coach, steps = follow(CLIP, lambda t: STILL if 9.0 <= t < 11.0 else FREE)
    assert phases(steps, 8.0) == [Phase.HOLD, Phase.RELEASED, Phase.HOLD, Phase.RELEASED]
    first, second = coach.assessor.holds
    assert first.end_s == pytest.approx(8.9)
    assert second.start_s == pytest.approx(11.0)
    assert first.counted_s + second.counted_s < 9.0


def test_only_the_leg_that_is_asked_for_is_looked_at():
    _, steps = follow(CLIP, lambda t: Guidance(leg=Side.RIGHT))
    assert not any(step.leg.raised for step in steps)
    _, steps = follow(CLIP, lambda t: Guidance(leg=Side.LEFT))
    assert any(step.leg.raised and step.leg.leg is Side.LEFT for step in steps)


def test_a_leg_that_is_no_longer_asked_for_is_let_go_and_found_again():
    _, steps = follow(CLIP, lambda t: Guidance(leg=Side.RIGHT if 8.0 <= t < 9.0 else Side.LEFT))
    at = {round(step.time_s, 1): step for step in steps}
    assert at[7.9].leg.raised
    assert not at[8.0].leg.raised
    assert at[9.5].leg.raised
    assert at[9.5].leg.leg is Side.LEFT


def test_a_baseline_is_taken_again_where_it_is_asked_for():
    clip = make_clip((STANDING, 4.0), (replace(STANDING, lean=8.0), 6.0), fps=FPS)
    retake = Guidance(retake_baseline=True)
    kept, _ = follow(clip)
    coach, steps = follow(clip, lambda t: retake if round(t, 1) == 6.0 else FREE)
    assert len(kept.baselines) == len(coach.baselines) == 1
    assert kept.baselines[0].start_s == pytest.approx(0.0, abs=0.3)
    assert coach.baselines[0].start_s >= 6.0
    assert next(step for step in steps if step.time_s >= 6.0).baseline is None
    assert steps[-1].baseline is coach.baselines[0]


def test_the_baseline_of_the_other_side_is_kept():
    turned = replace(STANDING, azimuth=-90.0)
    clip = make_clip((STANDING, 4.0), (turned, 8.0), fps=FPS)
    coach, _ = follow(clip, lambda t: Guidance(retake_baseline=round(t, 1) == 9.0))
    assert sorted(round(one.azimuth_deg / 90.0) for one in coach.baselines) == [-1, 1]
    assert coach.baselines[0].start_s < 1.0
    assert coach.baselines[1].start_s >= 9.0
