"""What is held against what: zeros, baselines and frames of the runs through the program, on figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formcoach.angles import Angle, Status
from formcoach.angles.calibration import load_calibration
from formcoach.angles.estimate import OWN_ZERO
from formcoach.coach import PathKind
from formcoach.stretch import load_profile
from formcoach.stretch.types import Severity
from recordings import (
    GOOD_STRETCH,
    OWN_STANDING,
    make_recorded_clip,
    make_stills,
    on_top,
    true_angles,
    with_far_leg_misplaced,
    with_standing_upside_down,
)
from runs import run_program

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
STRETCH = on_top(OWN_STANDING, **GOOD_STRETCH)
ROUNDED = on_top(STRETCH, lumbar=35.0, lean=35.0)
ANATOMICAL = [angle for angle in Angle if angle not in OWN_ZERO]


@pytest.fixture(scope="module")
def clip():
    return make_recorded_clip("a", OWN_STANDING, (STRETCH, 4.0), (ROUNDED, 3.0))


@pytest.fixture(scope="module")
def clip_runs(clip):
    return run_program(clip, CALIBRATION, PROFILE)


@pytest.fixture(scope="module")
def still_runs():
    return run_program(make_stills("a", OWN_STANDING, [STRETCH, ROUNDED]), CALIBRATION, PROFILE)


def test_a_clip_goes_four_ways_and_a_still_two(clip_runs, still_runs):
    assert [(run.path, run.has_baseline) for run in (*clip_runs, *still_runs)] == [
        (PathKind.CAUSAL, True),
        (PathKind.ZERO_PHASE, True),
        (PathKind.CAUSAL, False),
        (PathKind.ZERO_PHASE, False),
        (PathKind.STILL, False),
        (PathKind.STILL, True),
    ]


def test_stills_have_no_baseline_from_somebody_put_upside_down():
    stills = make_stills("a", OWN_STANDING, [STRETCH, ROUNDED])
    (run,) = run_program(with_standing_upside_down(stills), CALIBRATION, PROFILE)
    assert not run.has_baseline
    assert len(run.readings.value_deg) == 3


def test_stills_take_nothing_for_the_hip_from_somebody_whose_far_leg_is_misplaced():
    """As a clip's baseline does."""
    stills = make_stills("a", OWN_STANDING, [STRETCH, ROUNDED])
    _, beside = run_program(with_far_leg_misplaced(stills), CALIBRATION, PROFILE)
    status = {angle: beside.readings.status[1, angle.column] for angle in Angle}
    assert status[Angle.HIP_FLEXION] == status[Angle.STANCE_HIP_FLEXION] == Status.NO_BASELINE
    assert status[Angle.LUMBAR_FLEXION] == status[Angle.PELVIC_TILT] == Status.OK


@pytest.mark.parametrize("angle", sorted(OWN_ZERO))
def test_an_angle_with_a_zero_of_its_own_is_true_relative_to_standing(clip_runs, still_runs, angle):
    standing, stretch, rounded = (true_angles(one)[angle] for one in (OWN_STANDING, STRETCH, ROUNDED))
    assert standing != 0.0
    for run in clip_runs:
        true = run.true_deg[run.recording.stretching, angle.column]
        assert (true[0], true[-1]) == pytest.approx((stretch - standing, rounded - standing))
    for run in still_runs:
        assert run.true_deg[:, angle.column] == pytest.approx([0.0, stretch - standing, rounded - standing])


@pytest.mark.parametrize("angle", ANATOMICAL)
def test_an_anatomical_angle_is_true_as_it_is(clip_runs, still_runs, angle):
    standing, stretch, rounded = (true_angles(one)[angle] for one in (OWN_STANDING, STRETCH, ROUNDED))
    for run in clip_runs:
        true = run.true_deg[run.recording.stretching, angle.column]
        assert (true[0], true[-1]) == pytest.approx((stretch, rounded))
    for run in still_runs:
        assert run.true_deg[:, angle.column] == pytest.approx([standing, stretch, rounded])


def test_a_moment_of_movement_while_standing_does_not_move_the_zero(clip):
    angle = Angle.CERVICAL_FLEXION
    moved = clip.truth[angle].copy()
    moved[np.flatnonzero(clip.neutral)[:4]] += 30.0
    runs = run_program(replace(clip, truth=clip.truth | {angle: moved}), CALIBRATION, PROFILE)
    expected = true_angles(STRETCH)[angle] - true_angles(OWN_STANDING)[angle]
    assert runs[0].true_deg[clip.stretching, angle.column][0] == pytest.approx(expected)


def test_without_a_baseline_a_clip_is_its_stretch_alone(clip, clip_runs):
    rows = clip.stretching
    assert 0 < rows.sum() < len(rows)
    for run in clip_runs[:2]:
        assert run.baselines == 1
        assert len(run.recording.time_s) == len(rows)
    for run in clip_runs[2:]:
        assert run.baselines == 0
        assert run.recording.stretching.all()
        assert not run.recording.neutral.any()
        assert run.recording.time_s == pytest.approx(clip.time_s[rows])
        np.testing.assert_array_equal(run.recording.pose.points, clip.pose.points[rows])
        np.testing.assert_array_equal(run.true_deg, clip_runs[0].true_deg[rows])
        for name, values in run.recording.truth.items():
            np.testing.assert_array_equal(values, clip.truth[name][rows])
        for one in (run.readings.value_deg, run.severity, run.azimuth_deg):
            assert len(one) == rows.sum()


def test_only_with_a_baseline_is_a_zero_of_ones_own_seen(clip_runs, still_runs):
    for run in (*clip_runs, *still_runs):
        status = run.readings.status[run.recording.stretching]
        expected = Status.OK if run.has_baseline else Status.NO_BASELINE
        assert (status[-10:, Angle.LUMBAR_FLEXION.column] == expected).all()
        assert (status[-10:, Angle.KNEE_FLEXION.column] == Status.OK).all()


def test_what_is_read_lies_near_what_is_true(clip_runs, still_runs):
    for run in (*clip_runs, *still_runs):
        if run.has_baseline:
            rows = run.recording.stretching
            error = (run.readings.value_deg - run.true_deg)[rows, Angle.LUMBAR_FLEXION.column]
            assert np.nanmedian(np.abs(error)) < 4.0


def test_flags_are_those_of_the_frames_and_of_the_log(clip_runs, still_runs):
    column = next(index for index, rule in enumerate(PROFILE.flags) if rule.angle is Angle.LUMBAR_FLEXION)
    for run in clip_runs[:2]:
        assert (run.severity[:, column] >= Severity.WARN).any()
        assert PROFILE.flags[column].name in {period.flag for period in run.log.periods}
    for run in still_runs:
        assert run.log is None
        assert [bool(one >= Severity.WARN) for one in run.severity[:, column]] == [False, False, True]


def test_without_standing_there_is_no_zero(clip):
    with pytest.raises(ValueError, match="a_scripted shows no quiet standing"):
        run_program(replace(clip, neutral=np.zeros_like(clip.neutral)), CALIBRATION, PROFILE)
