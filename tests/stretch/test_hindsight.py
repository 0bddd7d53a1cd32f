"""Flags of recordings are shown from when to when they really stood."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, islice

import numpy as np
import pytest

from builders import GOOD, make_readings
from formcoach.angles import Angle, Readings, Status
from formcoach.pose.landmarks import Side
from formcoach.stretch import Assessor, Observation, Severity, load_profile
from formcoach.stretch.events import FlagLog
from formcoach.stretch.hindsight import with_hindsight
from formcoach.stretch.types import NotChecked

PROFILE = load_profile()
# Seven frames in half a second: the median lags by three whole ones.
FPS = 13.0
BACK = next(index for index, rule in enumerate(PROFILE.flags) if rule.name == "lumbar_flexion")
RULE = PROFILE.flags[BACK]
WARN, STRONG = (RULE.thresholds[one].on for one in (Severity.WARN, Severity.STRONG))
OFF = RULE.thresholds[Severity.WARN].off
ROUND = STRONG + 10.0


def observe(row, lumbar_deg, *, up=True):
    """Return one frame; a lower back of NaN is one that is covered."""
    readings = make_readings(3.0, **(GOOD | {"lumbar_flexion": lumbar_deg}))
    if np.isnan(lumbar_deg):
        readings = Readings(readings.value_deg, readings.sigma_deg, np.array(readings.status))
        readings.status[Angle.LUMBAR_FLEXION.column] = Status.LOW_VISIBILITY
    return Observation(
        time_s=row / FPS,
        person_seen=True,
        upright=not up,
        taking_baseline=False,
        leg=Side.LEFT,
        leg_raised=up,
        readings=readings,
    )


def judge(observations):
    assessor = Assessor(PROFILE)
    return [assessor.judge(one) for one in observations]


def hold(*parts):
    """Return frames of (seconds, lower back) with the leg up, four good seconds before and one frame down after."""
    values = [0.0] * round(4 * FPS) + [value for seconds, value in parts for _ in range(round(seconds * FPS))]
    standing = [observe(row, 0.0, up=False) for row in range(round(FPS))]
    up = [observe(len(standing) + row, value) for row, value in enumerate(values)]
    return [*standing, *up, observe(len(standing) + len(up), 0.0, up=False)]


def shown(judgements):
    return np.array([one.flags[BACK].severity for one in judgements])


def values(judgements):
    return np.array([one.observation.readings.value_deg[Angle.LUMBAR_FLEXION.column] for one in judgements])


def test_a_fault_stands_from_its_first_frame_to_its_last():
    live = judge(hold((3.0, ROUND), (3.0, 0.0)))
    late = shown(live) == Severity.STRONG
    seen = list(with_hindsight(live, PROFILE))
    np.testing.assert_array_equal(shown(seen) == Severity.STRONG, values(seen) == ROUND)
    assert not late[np.flatnonzero(values(live) == ROUND)[0]]
    assert late[np.flatnonzero(values(live) == ROUND)[-1] + 1]


def test_what_was_good_again_before_and_after_is_green():
    seen = list(with_hindsight(judge(hold((3.0, ROUND), (3.0, 0.0))), PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    good = judged & (values(seen) != ROUND)
    assert set(shown(seen)[good]) == {Severity.GOOD}
    assert set(shown(seen)[~judged]) == {Severity.NOT_CHECKED}


@pytest.mark.parametrize("rising", [True, False])
def test_a_slow_movement_is_flagged_where_its_band_passes_and_goes_where_its_value_is_back(rising):
    slope = np.linspace(0.0, ROUND, round(8 * FPS))
    parts = (
        [(1 / FPS, value) for value in slope] if rising else [(3.0, ROUND), *((1 / FPS, one) for one in slope[::-1])]
    )
    seen = list(with_hindsight(judge(hold(*parts, (2.0, parts[-1][1]))), PROFILE))
    raised = shown(seen) >= Severity.WARN
    passed = values(seen)[raised][0 if rising else -1]
    step_deg = slope[1]
    # A row of frames is never exactly half a median long.
    assert passed == pytest.approx(WARN + 3.0 if rising else OFF, abs=1.5 * step_deg)


def test_nobody_is_told_that_it_is_good_while_the_median_catches_up():
    doubtful = WARN + 1.0
    live = judge(hold((3.0, doubtful), (2.0, 0.0)))
    seen = list(with_hindsight(live, PROFILE))
    beyond = values(seen) == doubtful
    assert (shown(live)[beyond] == Severity.GOOD).any()
    assert set(shown(seen)[beyond]) == {Severity.NOT_CHECKED}
    doubtful_states = [one.flags[BACK] for one in np.array(seen, dtype=object)[beyond]]
    assert {one.reason for one in doubtful_states} == {NotChecked.TOO_CLOSE}
    assert all(np.isnan(one.since_s) for one in doubtful_states)


def test_what_was_covered_stays_not_checked():
    live = judge(hold((2.0, float("nan")), (3.0, ROUND), (2.0, float("nan")), (2.0, 0.0)))
    seen = list(with_hindsight(live, PROFILE))
    for before, after in zip(live, seen, strict=True):
        if before.flags[BACK].reason is NotChecked.LOW_VISIBILITY:
            assert after.flags[BACK].reason is NotChecked.LOW_VISIBILITY
    first = np.flatnonzero(values(seen) == ROUND)[0]
    assert shown(seen)[first] == Severity.STRONG


def test_a_flag_ends_with_its_readings_not_when_they_were_missed_for_long():
    live = judge(hold((3.0, ROUND), (3.0, float("nan"))))
    seen = list(with_hindsight(live, PROFILE))
    covered = np.isnan(values(seen))
    assert (shown(live)[covered] == Severity.STRONG).any()
    assert set(shown(seen)[covered]) == {Severity.NOT_CHECKED}
    assert set(shown(seen)[values(seen) == ROUND]) == {Severity.STRONG}


def test_a_fault_that_ends_shortly_before_the_hold_ends_with_its_value():
    live = judge(hold((3.0, ROUND), (0.4, 0.0)))
    assert PROFILE.timing.clear_dwell_s.value > 0.4
    seen = list(with_hindsight(live, PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    last = np.flatnonzero(judged)[-1]
    assert shown(live)[last] == Severity.STRONG
    np.testing.assert_array_equal(shown(seen)[judged] == Severity.STRONG, values(seen)[judged] == ROUND)
    assert shown(seen)[last] == Severity.GOOD


def test_a_fault_that_ends_before_the_last_readings_do_ends_with_its_value():
    seen = list(with_hindsight(judge(hold((3.0, ROUND), (0.3, 0.0), (0.2, float("nan")))), PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    np.testing.assert_array_equal(shown(seen)[judged] == Severity.STRONG, values(seen)[judged] == ROUND)
    assert set(shown(seen)[np.isnan(values(seen))]) == {Severity.NOT_CHECKED}


def test_a_fault_that_lasts_until_the_hold_ends_stands_until_then():
    seen = list(with_hindsight(judge(hold((3.0, ROUND))), PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    assert shown(seen)[judged][-1] == Severity.STRONG


def test_frames_that_were_covered_just_before_a_fault_are_not_part_of_it():
    seen = list(with_hindsight(judge(hold((2 / FPS, float("nan")), (3.0, ROUND))), PROFILE))
    strong = shown(seen) == Severity.STRONG
    np.testing.assert_array_equal(strong, values(seen) == ROUND)


def test_a_fault_stands_through_a_single_frame_that_cannot_be_judged():
    seen = list(with_hindsight(judge(hold((0.3, ROUND), (1 / FPS, float("nan")), (3.0, ROUND))), PROFILE))
    rows = np.flatnonzero(values(seen) == ROUND)
    assert set(shown(seen)[rows[0] : rows[-1] + 1]) == {Severity.STRONG}


def test_nothing_reaches_back_over_a_gap():
    before = [observe(row, 0.0) for row in range(40)]
    faulty = [observe(row, ROUND) for row in (*range(40, 48), *range(120, 160))]
    seen = list(with_hindsight(judge([*before, *faulty]), PROFILE))
    strong = np.array([one.observation.time_s for one in seen])[shown(seen) == Severity.STRONG]
    assert strong[0] == 120 / FPS
    assert len(strong) == 40


def test_a_fault_soon_after_the_beginning_does_not_begin_with_it():
    settle = [observe(row, 0.0) for row in range(round(PROFILE.hold.settle_s.value * FPS) + 1)]
    faulty = [observe(len(settle) + row, ROUND) for row in range(40)]
    seen = list(with_hindsight(judge([*settle, *faulty]), PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    assert judged.sum() > 40
    good = judged & (values(seen) != ROUND)
    assert good.sum() == 1
    assert shown(seen)[good] == Severity.GOOD


def test_a_tip_goes_with_the_posture_that_it_hangs_on():
    tip = next(index for index, rule in enumerate(PROFILE.flags) if rule.name == "pelvis_tucked")
    lean = PROFILE.flags[tip].only_when.at_least

    def leaning(row, lean_deg):
        readings = make_readings(3.0, **(GOOD | {"trunk_lean": lean_deg, "pelvic_tilt": -15.0}))
        return replace(observe(row, 0.0), readings=readings)

    frames = [leaning(row, lean + 10.0 if row < 100 else lean - 10.0) for row in range(150)]
    # It is good again a moment before the posture ends, too short to be told by itself.
    frames[96:100] = [replace(observe(row, 0.0), readings=make_readings(3.0, **GOOD)) for row in range(96, 100)]
    live = judge(frames)
    seen = list(with_hindsight(live, PROFILE))
    late, dated = (np.array([one.flags[tip].severity for one in some]) == Severity.TIP for some in (live, seen))
    assert np.flatnonzero(late)[-1] > 100
    assert np.flatnonzero(dated)[-1] == 99
    assert {one.flags[tip].reason for one in seen[100:]} == {NotChecked.NOT_APPLICABLE}


def test_nothing_reaches_out_of_the_hold():
    standing = [observe(row, ROUND, up=False) for row in range(30)]
    up = [observe(30 + row, ROUND) for row in range(60)]
    seen = list(with_hindsight(judge(standing + up), PROFILE))
    judged = np.array([one.phase.is_judged for one in seen])
    assert judged.any()
    assert not judged[:30].any()
    assert set(shown(seen)[judged]) == {Severity.STRONG}
    assert set(shown(seen)[~judged]) == {Severity.NOT_CHECKED}


def test_the_frames_are_the_same_in_the_same_order():
    generator = np.random.default_rng(5)
    live = judge(hold(*((0.1, value) for value in np.abs(np.cumsum(generator.normal(0.0, 6.0, 200))))))
    seen = list(with_hindsight(live, PROFILE))
    assert [one.observation for one in seen] == [one.observation for one in live]
    assert [one.phase for one in seen] == [one.phase for one in live]
    for before, after in zip(live, seen, strict=True):
        for old, new in zip(before.flags, after.flags, strict=True):
            assert (new.name, new.reading) == (old.name, old.reading)
    assert (shown(seen) != shown(live)).any()


def test_every_flag_begins_with_a_frame_that_shows_it():
    generator = np.random.default_rng(6)
    live = judge(hold(*((0.1, value) for value in np.abs(np.cumsum(generator.normal(0.0, 6.0, 300))))))
    seen = list(with_hindsight(live, PROFILE))
    severity = shown(seen)
    starts = np.flatnonzero((severity[1:] != severity[:-1]) & (severity[1:] > Severity.GOOD)) + 1
    assert len(starts) > 3
    for start in starts:
        assert seen[start].flags[BACK].since_s == seen[start].observation.time_s


def test_the_log_has_the_times_that_are_shown():
    log, assessor = FlagLog(PROFILE), Assessor(PROFILE)
    for one in with_hindsight(judge(hold((3.0, ROUND), (3.0, 0.0))), PROFILE):
        log.step(assessor.conclude(one))
    (period,) = log.periods
    assert (period.start_s, period.end_s) == pytest.approx((5.0, 8.0))
    assert {one.flag for one in log.unchecked} == {"hip_medial_rotation"}


def test_only_a_few_seconds_are_kept():
    taken = []

    def endless():
        assessor = Assessor(PROFILE)
        for row in count():
            taken.append(row)
            yield assessor.judge(observe(row, 0.0))

    given = list(islice(with_hindsight(endless(), PROFILE), round(60 * FPS)))
    assert len(given) == round(60 * FPS)
    assert 0 < len(taken) - len(given) < 5 * FPS
