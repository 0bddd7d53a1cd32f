from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import GOOD, make_readings
from formcoach.angles import Status
from formcoach.stretch.flags import FlagTracker, judge_once
from formcoach.stretch.profile import Switch, load_profile
from formcoach.stretch.types import NotChecked, Severity

PROFILE = load_profile()
BACK = PROFILE.flag("lumbar_flexion")
KNEE = PROFILE.flag("knee_locked")
PELVIS = PROFILE.flag("pelvis_tucked")
ROTATION = PROFILE.flag("hip_medial_rotation")
FPS = 30.0
NAN = float("nan")


class Run:
    """Feeds one angle to a tracker at 30 frames/s."""

    def __init__(self, rule=BACK):
        self.rule, self.tracker, self.time_s, self.states = rule, FlagTracker(rule, PROFILE.timing), 0.0, []

    def hold(self, value, seconds, sigma=3.0, status=Status.OK, **others):
        for _ in range(round(seconds * FPS)):
            readings = make_readings(sigma, status, **(GOOD | {self.rule.angle.value: value} | others))
            self.states.append(self.tracker.step(self.time_s, readings))
            self.time_s += 1 / FPS
        return self.states[-1].severity

    def first(self, severity):
        return next(index / FPS for index, state in enumerate(self.states) if state.severity is severity)


def test_good_form_is_good():
    assert Run().hold(2.0, 3.0) is Severity.GOOD


def test_warn_comes_after_its_dwell_and_remembers_the_onset():
    run = Run()
    run.hold(2.0, 2.0)
    assert run.hold(22.0, 2.0) is Severity.WARN
    # Half of the median's half second, then the dwell of 0.8 s.
    assert run.first(Severity.WARN) - 2.0 == pytest.approx(0.25 + 0.8, abs=0.1)
    assert run.states[-1].since_s - 2.0 == pytest.approx(0.25, abs=0.1)


def test_strong_comes_sooner_than_warn():
    run = Run()
    run.hold(2.0, 2.0)
    assert run.hold(40.0, 1.0) is Severity.STRONG
    assert run.first(Severity.STRONG) - 2.0 == pytest.approx(0.25 + 0.4, abs=0.1)


def test_a_short_excursion_raises_nothing():
    run = Run()
    run.hold(2.0, 2.0)
    run.hold(40.0, 0.3)
    run.hold(2.0, 2.0)
    assert not any(state.severity.is_raised for state in run.states)
    assert run.states[-1].severity is Severity.GOOD


def test_nothing_is_raised_while_the_band_straddles_the_threshold_and_nothing_is_green():
    run = Run()
    assert run.hold(17.0, 5.0, sigma=4.0) is Severity.NOT_CHECKED
    assert run.states[-1].reason is NotChecked.TOO_CLOSE
    assert Run().hold(17.0, 5.0, sigma=1.5) is Severity.WARN
    assert Run().hold(28.0, 5.0, sigma=4.0) is Severity.WARN


def test_what_was_too_close_is_good_again_within_off_only():
    run = Run()
    assert run.hold(13.0, 2.0, sigma=6.0) is Severity.GOOD
    run.hold(17.0, 2.0, sigma=6.0)
    assert run.hold(13.0, 2.0, sigma=6.0) is Severity.NOT_CHECKED
    assert run.hold(9.0, 2.0, sigma=6.0) is Severity.GOOD


def test_a_fault_is_not_green_during_its_dwell_time():
    run = Run()
    run.hold(2.0, 2.0)
    run.hold(40.0, 0.6)
    assert run.states[-1].severity is Severity.NOT_CHECKED


def test_hysteresis_keeps_a_flag_until_the_value_is_well_back():
    run = Run()
    assert run.hold(22.0, 3.0) is Severity.WARN
    assert run.hold(13.0, 3.0) is Severity.WARN
    assert run.hold(8.0, 0.5) is Severity.WARN
    assert run.hold(8.0, 1.5) is Severity.GOOD


def test_strong_falls_back_to_warn_first():
    run = Run()
    assert run.hold(40.0, 2.0) is Severity.STRONG
    assert run.hold(18.0, 2.0) is Severity.WARN
    assert run.hold(0.0, 2.0) is Severity.GOOD


def test_a_flag_below_its_threshold():
    assert Run(KNEE).hold(12.0, 3.0, sigma=2.0) is Severity.GOOD
    assert Run(KNEE).hold(0.0, 3.0, sigma=2.0) is Severity.WARN
    assert Run(KNEE).hold(0.0, 3.0, sigma=5.0) is Severity.NOT_CHECKED
    assert Run(KNEE).hold(-9.0, 3.0, sigma=2.0) is Severity.STRONG


def test_what_cannot_be_seen_is_not_checked_and_never_green():
    run = Run()
    assert run.hold(NAN, 1.0) is Severity.NOT_CHECKED
    assert {state.severity for state in run.states} == {Severity.NOT_CHECKED}
    assert run.states[-1].reason is NotChecked.LOW_VISIBILITY


def test_a_raised_flag_survives_a_blink_and_becomes_not_checked_after_it():
    run = Run()
    run.hold(40.0, 2.0)
    assert run.hold(NAN, 0.4) is Severity.STRONG
    assert run.hold(NAN, 0.4) is Severity.NOT_CHECKED
    assert run.hold(2.0, 1.0) is Severity.GOOD


def test_a_gap_does_not_spare_a_warning_the_way_back():
    """Between `off` and the threshold nothing becomes good, and within `off` not before the clear time."""
    run = Run()
    assert run.hold(22.0, 3.0) is Severity.WARN
    run.hold(NAN, 1.0)
    assert run.hold(14.0, 3.0) is Severity.NOT_CHECKED
    assert run.states[-1].reason is NotChecked.TOO_CLOSE
    run.hold(NAN, 1.0)
    assert run.hold(5.0, 0.5) is Severity.NOT_CHECKED
    assert run.hold(5.0, 0.5) is Severity.GOOD


def test_what_was_never_raised_is_good_as_soon_as_it_is_seen_again():
    run = Run()
    run.hold(2.0, 2.0)
    run.hold(NAN, 1.0)
    assert run.hold(2.0, 1 / FPS) is Severity.GOOD


def test_too_uncertain_readings_are_not_judged():
    run = Run()
    assert run.hold(60.0, 3.0, sigma=BACK.maximum_sigma_deg.value + 1.0) is Severity.NOT_CHECKED
    assert run.states[-1].reason is NotChecked.TOO_UNCERTAIN


@pytest.mark.parametrize("sigma", [0.0, 0.5, 3.9])
def test_what_no_view_shows_well_enough_is_never_judged_however_sure_the_reading(sigma):
    run = Run(ROTATION)
    assert run.hold(60.0, 3.0, sigma=sigma) is Severity.NOT_CHECKED
    assert {state.reason for state in run.states} == {NotChecked.NOT_JUDGED}
    readings = make_readings(sigma, hip_medial_rotation=60.0)
    assert judge_once(ROTATION, readings) == (Severity.NOT_CHECKED, NotChecked.NOT_JUDGED)


def test_a_profile_may_switch_it_on():
    switched_on = replace(ROTATION, judged=Switch(True, "a test"))
    assert Run(switched_on).hold(60.0, 3.0) is Severity.STRONG
    assert judge_once(switched_on, make_readings(3.0, hip_medial_rotation=60.0)) == (Severity.STRONG, None)


def test_readings_without_baseline_are_judged_by_their_wider_band():
    assert Run().hold(50.0, 3.0, sigma=12.0, status=Status.NO_BASELINE) is Severity.STRONG
    assert Run().hold(20.0, 3.0, sigma=12.0, status=Status.NO_BASELINE) is Severity.NOT_CHECKED
    assert Run().hold(2.0, 3.0, sigma=12.0, status=Status.NO_BASELINE) is Severity.GOOD


def test_a_condition_keeps_a_flag_away_and_its_absence_unchecks_it():
    upright = Run(PELVIS)
    assert upright.hold(-20.0, 4.0, trunk_lean=5.0) is Severity.NOT_CHECKED
    assert upright.states[-1].reason is NotChecked.NOT_APPLICABLE
    assert Run(PELVIS).hold(12.0, 4.0, trunk_lean=30.0) is Severity.GOOD
    assert Run(PELVIS).hold(-20.0, 4.0, trunk_lean=30.0) is Severity.TIP
    assert Run(PELVIS).hold(-20.0, 4.0, trunk_lean=NAN) is Severity.NOT_CHECKED


def test_reset_forgets():
    run = Run()
    run.hold(40.0, 2.0)
    run.tracker.reset()
    assert run.hold(40.0, 0.2) is Severity.NOT_CHECKED
    assert run.hold(2.0, 2.0) is Severity.GOOD


@given(st.lists(st.one_of(st.floats(-30, 60), st.just(NAN)), min_size=1, max_size=60))
def test_the_same_readings_give_the_same_states(values):
    def states():
        tracker = FlagTracker(BACK, PROFILE.timing)
        return [tracker.step(i / 5, make_readings(3.0, lumbar_flexion=value)) for i, value in enumerate(values)]

    first, second = states(), states()
    assert [one.severity for one in first] == [one.severity for one in second]
    assert [one.reason for one in first] == [one.reason for one in second]
    for index, state in enumerate(first):
        assert (state.reason is None) == (state.severity is not Severity.NOT_CHECKED)
        assert state.severity is Severity.NOT_CHECKED or np.isfinite(values[: index + 1]).any()


@pytest.mark.parametrize(
    ("value", "sigma", "expected"),
    [
        (2.0, 9.0, Severity.GOOD),
        (9.0, 9.0, Severity.GOOD),
        (12.0, 9.0, Severity.NOT_CHECKED),
        (20.0, 9.0, Severity.NOT_CHECKED),
        (26.0, 9.0, Severity.WARN),
        (40.0, 9.0, Severity.STRONG),
        (NAN, 9.0, Severity.NOT_CHECKED),
        (60.0, 20.0, Severity.NOT_CHECKED),
    ],
)
def test_photos_are_judged_at_once(value, sigma, expected):
    assert judge_once(BACK, make_readings(sigma, lumbar_flexion=value))[0] is expected
