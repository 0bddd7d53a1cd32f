from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.sessions.report.reduce import break_gaps, reduce_rows

NAN = float("nan")
values = st.lists(st.one_of(st.just(NAN), st.floats(-90, 90)), min_size=1, max_size=300)
steps = st.lists(st.floats(0.01, 3.0), min_size=300, max_size=300)


def bucket_of(time_s, buckets):
    """Which bucket each row belongs to, told another way than the code does it."""
    edges = np.linspace(time_s[0], time_s[-1], buckets + 1)[1:-1]
    return np.array([sum(edge <= one for edge in edges) for one in time_s])


@given(values, steps, st.integers(1, 12))
def test_extremes_of_every_bucket_are_kept_and_rows_stay_in_order(content, step, buckets):
    value = np.array(content)
    time_s = np.cumsum(step)[: len(value)]
    rows = reduce_rows(time_s, value, buckets)
    assert (np.diff(rows) > 0).all()
    assert len(rows) <= max(5 * buckets, 2 * buckets)
    if len(value) <= 2 * buckets:
        assert len(rows) == len(value)
        return
    where = bucket_of(time_s, buckets)
    for bucket in set(where.tolist()):
        whole = value[where == bucket]
        kept = value[rows[where[rows] == bucket]]
        if np.isfinite(whole).any():
            assert np.nanmin(kept) == np.nanmin(whole)
            assert np.nanmax(kept) == np.nanmax(whole)
        assert len(kept) > 0


@given(values, steps, st.integers(1, 12))
def test_a_line_through_the_kept_rows_is_broken_just_where_the_whole_one_is(content, step, buckets):
    value = np.array(content)
    rows = reduce_rows(np.cumsum(step)[: len(value)], value, buckets)
    known = [row for row in rows.tolist() if np.isfinite(value[row])]
    for first, second in itertools.pairwise(known):
        broken = np.isnan(value[first:second]).any()
        drawn_broken = any(first < row < second for row in rows.tolist())
        assert drawn_broken == broken


def test_a_single_unknown_frame_of_a_long_session_still_breaks_the_line():
    value = np.sin(np.arange(50_000) / 100)
    value[31_007] = NAN
    rows = reduce_rows(np.arange(50_000) / 30, value, 1000)
    assert np.isnan(value[rows]).sum() == 1
    assert 2000 <= len(rows) <= 2003


def test_nothing_is_drawn_across_a_time_without_frames():
    time_s = np.array([0.0, 0.5, 3.0, 3.5])
    stamps, (value, sigma) = break_gaps(time_s, (np.arange(4.0), np.ones((4, 2))), 1.0)
    assert stamps.tolist() == [0.0, 0.5, 1.75, 3.0, 3.5]
    np.testing.assert_array_equal(value, [0.0, 1.0, NAN, 2.0, 3.0])
    assert np.isnan(sigma[2]).all()
    assert sigma.shape == (5, 2)


@pytest.mark.parametrize("gap_s", [3.0, 2.5])
def test_a_series_without_gaps_is_left_as_it_is(gap_s):
    time_s = np.array([0.0, 0.5, 3.0, 3.5])
    assert break_gaps(time_s, (time_s,), gap_s)[0] is time_s
