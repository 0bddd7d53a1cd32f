from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.angles.filters import (
    MAXIMUM_GAP_S,
    CausalHampelFilter,
    CausalSmoother,
    OneEuroFilter,
    hampel,
    smooth_zero_phase,
)


def one_euro_by_the_paper(times, values, minimum_cutoff, beta, derivative_cutoff):
    """The filter as its authors write it down, one number at a time."""

    def alpha(cutoff, step):
        tau = 1.0 / (2.0 * np.pi * cutoff)
        return 1.0 / (1.0 + tau / step)

    filtered, slope, out = values[0], 0.0, [values[0]]
    for index in range(1, len(values)):
        step = times[index] - times[index - 1]
        raw_slope = (values[index] - filtered) / step
        slope += alpha(derivative_cutoff, step) * (raw_slope - slope)
        filtered += alpha(minimum_cutoff + beta * abs(slope), step) * (values[index] - filtered)
        out.append(filtered)
    return np.array(out)


def test_one_euro_follows_the_paper_with_uneven_time_stamps():
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.02, 0.06, 200))
    values = 20 * np.sin(times) + rng.normal(0, 2, 200)
    ours = OneEuroFilter(1.0, 0.03, 1.0)
    found = np.array([ours.filter(t, np.array([v]))[0] for t, v in zip(times, values, strict=True)])
    assert found == pytest.approx(one_euro_by_the_paper(times, values, 1.0, 0.03, 1.0), abs=1e-9)


@given(st.floats(-90, 90))
def test_constants_pass_unchanged(value):
    smoother = CausalSmoother()
    out = [smoother.filter(index / 30, np.array([value]))[0] for index in range(30)]
    assert out == pytest.approx([value] * 30, abs=1e-9)
    times = np.arange(60) / 30
    assert smooth_zero_phase(times, np.full((60, 1), value))[:, 0] == pytest.approx([value] * 60, abs=1e-9)


def test_a_nan_stays_nan_and_does_not_spoil_what_follows():
    smoother = CausalSmoother()
    values = [10.0] * 10 + [np.nan] * 3 + [10.0] * 5
    out = [smoother.filter(index / 30, np.array([value, 1.0])) for index, value in enumerate(values)]
    assert [bool(np.isnan(one[0])) for one in out] == [np.isnan(value) for value in values]
    assert out[-1] == pytest.approx([10.0, 1.0])


def test_after_a_long_gap_the_filter_starts_afresh():
    one_euro = OneEuroFilter()
    for index in range(30):
        one_euro.filter(index / 30, np.array([0.0]))
    assert one_euro.filter(1.0 + 2 * MAXIMUM_GAP_S, np.array([50.0]))[0] == 50.0
    again = OneEuroFilter()
    for index in range(30):
        again.filter(index / 30, np.array([0.0]))
    assert again.filter(1.0, np.array([50.0]))[0] < 45.0


def test_reset_forgets():
    one_euro = OneEuroFilter()
    one_euro.filter(0.0, np.array([0.0]))
    one_euro.reset()
    assert one_euro.filter(0.1, np.array([30.0]))[0] == 30.0


def test_hampel_takes_out_a_single_jump_and_leaves_movement():
    ramp = np.linspace(0, 30, 40)
    jumped = ramp.copy()
    jumped[20] += 60
    assert hampel(jumped[:, None])[:, 0] == pytest.approx(ramp, abs=1.6)
    assert hampel(ramp[:, None])[:, 0] == pytest.approx(ramp, abs=1e-9)
    causal = CausalHampelFilter()
    out = [causal.filter(np.array([value]))[0] for value in [5.0, 5.2, 4.9, 80.0, 5.1]]
    assert out[3] < 6.0


def test_zero_phase_does_not_shift_and_takes_noise_away():
    rng = np.random.default_rng(3)
    times = np.arange(300) / 30
    slow = 20 * np.sin(2 * np.pi * 0.4 * times)
    noisy = slow + rng.normal(0, 3, 300)
    smooth = smooth_zero_phase(times, noisy[:, None])[:, 0]
    middle = slice(15, -15)
    assert np.abs(smooth - slow)[middle].mean() < 0.45 * np.abs(noisy - slow)[middle].mean()
    shifts = {lag: np.corrcoef(smooth[30:-30], np.roll(slow, lag)[30:-30])[0, 1] for lag in range(-3, 4)}
    assert max(shifts, key=shifts.get) == 0


def test_zero_phase_keeps_gaps_and_does_not_reach_across_long_ones():
    times = np.arange(120) / 30
    values = np.where(times < 2, 0.0, 40.0)
    values[45:60] = np.nan
    smooth = smooth_zero_phase(times, values[:, None])[:, 0]
    assert np.isnan(smooth[45:60]).all()
    assert smooth[:45] == pytest.approx(np.zeros(45), abs=1e-9)
    assert smooth[60:] == pytest.approx(np.full(60, 40.0), abs=1e-9)


def test_zero_phase_takes_a_variable_frame_rate():
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.choice([1 / 15, 1 / 30, 1 / 60], 300))
    slow = 10 * np.sin(times)
    assert smooth_zero_phase(times, slow[:, None])[:, 0] == pytest.approx(slow, abs=0.8)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_very_short_recordings_are_no_problem(count):
    times = np.arange(count) / 30
    assert smooth_zero_phase(times, np.ones((count, 2))) == pytest.approx(np.ones((count, 2)))
