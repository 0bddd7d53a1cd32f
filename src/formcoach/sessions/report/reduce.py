"""Reduces a long series to what a screen can show, without losing a peak or a gap."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def reduce_rows(time_s: NDArray[np.float64], value: NDArray[np.float64], buckets: int) -> NDArray[np.int64]:
    """Choose the rows of a series to be drawn.

    The time is cut into buckets of the same length. Of each bucket its smallest and its largest value are kept, and
    between two kept values an unknown one wherever there was any, so that a line drawn through the kept rows is broken
    just where the whole one is. A series with no more rows than that is kept as it is.

    Parameters
    ----------
    time_s
        Seconds, increasing, shape (n,).
    value
        Shape (n,); NaN where unknown.
    buckets
        How many, at least 1.

    Returns
    -------
    ndarray of int64, shape (m,)
        Rows in increasing order; m is at most five a bucket.
    """
    count = len(value)
    if count <= 2 * buckets:
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(time_s[0], time_s[-1], buckets + 1)[1:-1]
    bounds = [0, *np.searchsorted(time_s, edges).tolist(), count]
    known = np.isfinite(value)
    kept: list[int] = []
    for first, last in pairwise(bounds):
        if first < last:
            kept += _of_bucket(value, known, first, last)
    return np.array(kept, dtype=np.int64)


def _of_bucket(value: NDArray[np.float64], known: NDArray[np.bool_], first: int, last: int) -> list[int]:
    part, seen = value[first:last], known[first:last]
    if seen.all():
        return sorted({first + int(part.argmin()), first + int(part.argmax())})
    if not seen.any():
        return [first]
    extremes = sorted({first + int(np.nanargmin(part)), first + int(np.nanargmax(part))})
    rows: list[int] = []
    for begin, end in zip([first, *extremes], [*extremes, last], strict=True):
        unknown = np.flatnonzero(~known[begin:end])
        if unknown.size:
            rows.append(begin + int(unknown[0]))
        if end < last:
            rows.append(end)
    return rows


def break_gaps(
    time_s: NDArray[np.float64], columns: tuple[NDArray[np.float64], ...], maximum_gap_s: float
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float64], ...]]:
    """Insert an unknown row wherever no frame came for too long, so that nothing is drawn across it.

    Parameters
    ----------
    time_s
        Seconds, increasing, shape (n,).
    columns
        Arrays of shape (n, ...).
    maximum_gap_s
        A longer time between two frames is a gap.

    Returns
    -------
    time_s : ndarray, shape (m,)
        With the middle of each gap.
    columns : tuple of ndarray, shape (m, ...)
        NaN there.
    """
    before = np.flatnonzero(np.diff(time_s) > maximum_gap_s)
    if before.size == 0:
        return time_s, columns
    middle = (time_s[before] + time_s[before + 1]) / 2.0
    return (
        np.insert(time_s, before + 1, middle),
        tuple(np.insert(column, before + 1, np.nan, axis=0) for column in columns),
    )
