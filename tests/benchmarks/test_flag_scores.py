from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flag_scores import (
    FlagScore,
    FlagTrace,
    add_scores,
    find_faults,
    find_raised,
    find_shown,
    passes_no_threshold,
    score_clip,
    score_pictures,
)
from formcoach.angles import Angle
from formcoach.stretch.events import FlagPeriod
from formcoach.stretch.profile import Direction, FlagRule, Number, Threshold
from formcoach.stretch.types import Severity

STEP_S = 0.1
NO, GOOD, WARN, STRONG = Severity.NOT_CHECKED, Severity.GOOD, Severity.WARN, Severity.STRONG
INFINITE = float("inf")


def rule(direction=Direction.ABOVE):
    sign = 1.0 if direction is Direction.ABOVE else -1.0
    thresholds = {WARN: Threshold(sign * 10, sign * 5, "test"), STRONG: Threshold(sign * 20, sign * 15, "test")}
    return FlagRule("back", "Back", Angle.LUMBAR_FLEXION, direction, thresholds, Number(9.0, "test"), "cue", "reason")


def steps(*parts):
    """Return a value a tenth of a second: each part is a value and how many seconds it lasts."""
    return np.concatenate([np.full(round(seconds / STEP_S), value) for value, seconds in parts])


def trace(true, shown, periods=(), **changes):
    time_s = np.arange(len(true)) * STEP_S
    assert len(shown) == len(true)
    given = {
        "time_s": time_s,
        "true_deg": np.asarray(true, float),
        "counted": np.ones(len(true), bool),
        "severity": np.asarray(shown),
        "periods": tuple(FlagPeriod("back", severity, start, end, 0.0) for severity, start, end in periods),
        "causal": True,
        "good_form": False,
    }
    return FlagTrace(**(given | changes))


# Rounded from 2 to 5 s, seen half a second late, cleared 0.8 s late.
ROUNDED = steps((0, 2), (12, 3), (0, 5))
LATE = steps((GOOD, 2.5), (WARN, 3.3), (GOOD, 4.2))


def test_a_fault_that_was_flagged_counts_once_with_its_delays():
    score = score_clip(trace(ROUNDED, LATE, [(WARN, 2.2, 5.4)]), rule(), WARN)
    assert (score.found, score.missed, score.unchecked) == (1, 0, 0)
    assert (score.right_alarms, score.false_alarms) == (1, 0)
    assert score.raise_delays_s == pytest.approx([0.5])
    assert score.clear_delays_s == pytest.approx([0.8])
    assert (score.precision, score.recall) == (1.0, 1.0)
    assert (score.quiet, score.good_form) == (0, 0)


def test_for_a_recording_the_delays_are_those_of_the_log():
    score = score_clip(trace(ROUNDED, LATE, [(WARN, 2.2, 5.4)], causal=False), rule(), WARN)
    assert score.raise_delays_s == pytest.approx([0.2])
    assert score.clear_delays_s == pytest.approx([0.4])


def test_a_fault_without_a_flag_is_missed():
    score = score_clip(trace(ROUNDED, steps((GOOD, 10))), rule(), WARN)
    assert (score.found, score.missed, score.unchecked) == (0, 1, 0)
    assert score.recall == 0.0
    assert np.isnan(score.precision)
    assert score.raise_delays_s == score.clear_delays_s == ()


def test_a_fault_that_could_not_be_checked_is_neither_found_nor_missed():
    mostly = steps((GOOD, 2), (NO, 1.6), (GOOD, 6.4))
    assert score_clip(trace(ROUNDED, mostly), rule(), WARN).unchecked == 1
    briefly = steps((GOOD, 2), (NO, 1.4), (GOOD, 6.6))
    score = score_clip(trace(ROUNDED, briefly), rule(), WARN)
    assert (score.missed, score.unchecked) == (1, 0)
    assert score.recall == 0.0


def test_a_fault_shorter_than_a_second_need_not_be_found_and_is_no_false_alarm():
    short = steps((0, 2), (12, 0.8), (0, 7.2))
    unseen = score_clip(trace(short, steps((GOOD, 10))), rule(), WARN)
    assert (unseen.faults, unseen.quiet) == (0, 0)
    seen = score_clip(trace(short, steps((GOOD, 10)), [(WARN, 2.0, 3.0)]), rule(), WARN)
    assert (seen.faults, seen.right_alarms, seen.false_alarms) == (0, 1, 0)


def test_an_alarm_without_a_fault_is_false_and_far_when_the_truth_was_far():
    near = score_clip(trace(steps((7, 5)), steps((WARN, 5)), [(WARN, 1.0, 4.0)]), rule(), WARN)
    assert (near.right_alarms, near.false_alarms, near.far_alarms) == (0, 1, 0)
    far = score_clip(trace(steps((3, 5)), steps((WARN, 5)), [(WARN, 1.0, 4.0)]), rule(), WARN)
    assert (far.right_alarms, far.false_alarms, far.far_alarms) == (0, 1, 1)
    assert far.precision == 0.0


def test_an_alarm_counts_as_right_when_it_lies_next_to_a_fault_only():
    true = steps((0, 2), (12, 2), (0, 6))
    beside = score_clip(trace(true, steps((GOOD, 10)), [(WARN, 4.3, 5.0)]), rule(), WARN)
    assert (beside.right_alarms, beside.missed) == (1, 1)
    later = score_clip(trace(true, steps((GOOD, 10)), [(WARN, 4.7, 5.0)]), rule(), WARN)
    assert (later.false_alarms, later.missed) == (1, 1)


def test_strong_asks_for_a_strong_flag():
    true, shown = steps((0, 2), (22, 3), (0, 5)), steps((GOOD, 2), (WARN, 3), (GOOD, 5))
    only_warned = trace(true, shown, [(WARN, 2.0, 5.0)])
    assert score_clip(only_warned, rule(), WARN).found == 1
    strong = score_clip(only_warned, rule(), STRONG)
    assert (strong.found, strong.missed, strong.right_alarms) == (0, 1, 0)


def test_faults_far_beyond_strong_are_counted_by_themselves():
    clearly = trace(steps((0, 2), (26, 3), (0, 5)), steps((GOOD, 10)))
    barely = trace(steps((0, 2), (24, 3), (0, 5)), steps((GOOD, 10)))
    assert score_clip(clearly, rule(), WARN).severe_missed == 1
    assert score_clip(clearly, rule(), WARN).severe_recall == 0.0
    assert score_clip(barely, rule(), WARN).severe_missed == 0
    assert score_clip(barely, rule(), WARN).missed == 1


def test_between_on_and_off_a_fault_goes_on():
    faults = find_faults(trace(steps((12, 1.5), (7, 1), (12, 0.5), (4, 2)), steps((GOOD, 5))), Threshold(10, 5, ""), 1)
    assert [(one.start_s, one.end_s, one.lasting) for one in faults] == [(0.0, pytest.approx(3.0), True)]


def test_only_what_counts_is_a_fault():
    counted = steps((False, 3), (True, 7)).astype(bool)
    (fault,) = find_faults(trace(steps((12, 6), (0, 4)), steps((GOOD, 10)), counted=counted), Threshold(10, 5, ""), 1.0)
    assert (fault.start_s, fault.end_s) == pytest.approx((3.0, 6.0))


def test_a_fault_ends_where_it_no_longer_counts_and_is_not_over_then():
    counted = steps((True, 4), (False, 6)).astype(bool)
    one = trace(steps((0, 2), (12, 5), (0, 3)), steps((GOOD, 2.5), (WARN, 7.5)), [(WARN, 2.2, 9.9)], counted=counted)
    (fault,) = find_faults(one, Threshold(10, 5, ""), 1.0)
    assert (fault.start_s, fault.end_s) == pytest.approx((2.0, 4.0))
    assert np.isnan(fault.good_until_s)
    assert score_clip(one, rule(), WARN).clear_delays_s == ()


def test_good_form_lasts_until_the_next_fault_or_until_it_no_longer_counts():
    counted = steps((True, 9), (False, 1)).astype(bool)
    one = trace(steps((12, 2), (0, 3), (12, 1), (0, 4)), steps((GOOD, 10)), counted=counted)
    assert [fault.good_until_s for fault in find_faults(one, Threshold(10, 5, ""), 1.0)] == pytest.approx([5.0, 9.0])


def test_a_flag_that_never_comes_down_again_is_told():
    score = score_clip(trace(ROUNDED, steps((GOOD, 2.5), (WARN, 7.5)), [(WARN, 2.2, 9.9)]), rule(), WARN)
    assert score.clear_delays_s == (INFINITE,)


def test_no_delay_to_clear_where_good_form_was_too_short_to_tell():
    true, shown = steps((0, 2), (12, 3), (0, 1.5)), steps((GOOD, 2.5), (WARN, 4))
    score = score_clip(trace(true, shown, [(WARN, 2.2, 6.4)]), rule(), WARN)
    assert (score.found, score.clear_delays_s) == (1, ())


def test_a_fault_that_stays_to_the_end_has_no_delay_to_clear():
    true, shown = steps((0, 2), (12, 8)), steps((GOOD, 2.5), (WARN, 7.5))
    score = score_clip(trace(true, shown, [(WARN, 2.2, 9.9)]), rule(), WARN)
    assert (score.found, score.clear_delays_s) == (1, ())


def test_a_flag_that_was_up_already_has_no_delay():
    shown = steps((WARN, 5.5), (GOOD, 4.5))
    score = score_clip(trace(ROUNDED, shown, [(WARN, 0.0, 5.5)]), rule(), WARN)
    assert score.raise_delays_s == (0.0,)


def test_quiet_clips_are_counted_by_whether_they_were_checked():
    good = steps((0, 10))
    assert score_clip(trace(good, steps((GOOD, 10))), rule(), WARN).quiet == 1
    unchecked = score_clip(trace(good, steps((NO, 6), (GOOD, 4))), rule(), WARN)
    assert (unchecked.quiet, unchecked.quiet_unchecked) == (0, 1)


def test_alarms_in_clips_of_good_form_are_counted_whatever_the_truth():
    shown, periods = steps((GOOD, 10)), [(WARN, 1.0, 2.0), (STRONG, 4.0, 5.0)]
    score = score_clip(trace(steps((0, 10)), shown, periods, good_form=True), rule(), WARN)
    assert (score.good_form, score.good_form_alarms) == (1, 2)
    assert score_clip(trace(steps((0, 10)), shown, periods), rule(), WARN).good_form_alarms == 0


def test_faults_on_the_other_side_score_the_same():
    below = rule(Direction.BELOW)
    one = trace(ROUNDED, LATE, [(WARN, 2.2, 5.4)])
    other = trace(-ROUNDED, LATE, [(WARN, 2.2, 5.4)])
    for severity in (WARN, STRONG):
        assert score_clip(one, rule(), severity) == score_clip(other, below, severity)


def test_periods_that_touch_are_one_alarm():
    parts = ((WARN, 1.0, 2.0), (STRONG, 2.0, 3.0), (WARN, 3.0, 4.0), (WARN, 5.0, 6.0))
    periods = [FlagPeriod("back", severity, start, end, 0.0) for severity, start, end in parts]
    assert find_raised(periods, WARN) == [(1.0, 4.0), (5.0, 6.0)]
    assert find_raised(periods, STRONG) == [(2.0, 3.0)]


def test_what_was_shown_lasts_from_frame_to_frame():
    shown = steps((GOOD, 1), (WARN, 1), (STRONG, 1), (GOOD, 1), (WARN, 1))
    one = trace(np.zeros(len(shown)), shown)
    assert find_shown(one, WARN) == [pytest.approx((1.0, 3.0)), pytest.approx((4.0, 4.9))]
    assert find_shown(one, STRONG) == [pytest.approx((2.0, 3.0))]


def test_pictures_are_counted_one_by_one():
    true = np.array([0.0, 12.0, 12.0, 12.0, 8.0, 26.0, 3.0])
    shown = np.array([GOOD, WARN, GOOD, NO, WARN, STRONG, NO])
    good_form = np.array([True, False, False, False, True, False, True])
    score = score_pictures(true, shown, good_form, rule(), WARN)
    assert (score.found, score.missed, score.unchecked) == (2, 1, 1)
    assert (score.severe_found, score.severe_missed, score.severe_unchecked) == (1, 0, 0)
    assert (score.right_alarms, score.false_alarms, score.far_alarms) == (2, 1, 0)
    assert (score.quiet, score.quiet_unchecked) == (1, 1)
    assert (score.good_form, score.good_form_alarms) == (3, 1)


def test_good_form_passes_no_threshold_where_it_counts():
    true_deg = np.full((4, len(Angle)), 90.0)
    true_deg[:, Angle.LUMBAR_FLEXION.column] = [0.0, 9.9, 10.0, 30.0]
    found = passes_no_threshold([rule()], true_deg, np.array([True, True, True, False]))
    assert found.tolist() == [True, True, False, True]


@given(
    st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 30)), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from([NO, GOOD, WARN, STRONG]), st.integers(1, 30)), min_size=1, max_size=8),
)
def test_every_fault_and_alarm_is_counted_exactly_once(true_parts, shown_parts):
    true = np.repeat([value for value, _ in true_parts], [count for _, count in true_parts]).astype(float)
    shown = np.resize(np.repeat([one for one, _ in shown_parts], [count for _, count in shown_parts]), len(true))
    bare = trace(true, shown)
    periods = [(severity, *interval) for severity in (WARN, STRONG) for interval in find_shown(bare, severity)]
    one = trace(true, shown, periods)
    for severity in (WARN, STRONG):
        score = score_clip(one, rule(), severity)
        faults = find_faults(one, rule().thresholds[severity], 1.0)
        assert score.faults == sum(fault.lasting for fault in faults)
        assert score.right_alarms + score.false_alarms == len(find_raised(one.periods, severity))
        assert score.far_alarms <= score.false_alarms
        assert len(score.raise_delays_s) == score.found >= len(score.clear_delays_s)
        assert min(score.raise_delays_s + score.clear_delays_s, default=0.0) >= 0.0


def test_scores_add_up():
    score = score_clip(trace(ROUNDED, LATE, [(WARN, 2.2, 5.4)]), rule(), WARN)
    total = add_scores([score, score, FlagScore(missed=2)])
    assert (total.found, total.missed, total.recall) == (2, 2, 0.5)
    assert total.raise_delays_s == pytest.approx([0.5, 0.5])
    assert all(getattr(add_scores([]), one.name) == one.default for one in fields(FlagScore))
