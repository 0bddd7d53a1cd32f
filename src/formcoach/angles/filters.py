"""Filters over time for angles: causal ones with a memory, and a zero-phase one for recordings. NaN stays NaN."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# evidence.md §4. Hampel: causal window 5, offline 7, three scaled median absolute deviations. One-Euro on angles:
# 0.8 to 1.0 Hz, beta 0.02 to 0.05 per degree/s, derivative 1 Hz. Offline: 4th order, zero phase; 3 Hz there, but this
# stretch is slow: on rendered people 1 Hz takes 3 to 8 % off the errors of free movement, and adds no more than 1 % to
# those of scripted faults (benchmarks/smoothing.py).
HAMPEL_CAUSAL_WINDOW = 5
HAMPEL_OFFLINE_WINDOW = 7
HAMPEL_LIMIT = 3.0
ONE_EURO_MINIMUM_CUTOFF_HZ = 1.0
ONE_EURO_BETA = 0.03
ONE_EURO_DERIVATIVE_CUTOFF_HZ = 1.0
ZERO_PHASE_CUTOFF_HZ = 1.0
ZERO_PHASE_ORDER = 4
# Gaps up to this long are bridged inside the zero-phase filter (its output there is still NaN); after a longer one the
# causal filters start afresh.
MAXIMUM_GAP_S = 0.3
# Scales the median absolute deviation to a standard deviation of normal noise.
_MAD_TO_SD = 1.4826
# Angles from landmarks wander by this much even when the body is still: smaller deviations are no outliers.
_MAD_FLOOR_DEG = 0.5


class OneEuroFilter:
    """One-Euro filter (Casiez, Roussel, Vogel 2012) for a vector of signals with real time stamps.

    A low-pass whose cut-off grows with speed: steady when the signal rests, quick when it moves.

    Parameters
    ----------
    minimum_cutoff_hz, beta, derivative_cutoff_hz
        As in the paper; `beta` in 1 per unit of the signal.
    """

    def __init__(
        self,
        minimum_cutoff_hz: float = ONE_EURO_MINIMUM_CUTOFF_HZ,
        beta: float = ONE_EURO_BETA,
        derivative_cutoff_hz: float = ONE_EURO_DERIVATIVE_CUTOFF_HZ,
    ) -> None:
        self._minimum_cutoff_hz = minimum_cutoff_hz
        self._beta = beta
        self._derivative_cutoff_hz = derivative_cutoff_hz
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._time_s: NDArray[np.float64] | None = None
        self._value: NDArray[np.float64] = np.empty(0)
        self._slope: NDArray[np.float64] = np.empty(0)

    def filter(self, time_s: float, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the filtered vector.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        value
            Shape (n,). A NaN gives NaN; after a gap of more than 0.3 s that signal starts afresh.
        """
        value = np.asarray(value, dtype=np.float64)
        known = np.isfinite(value)
        if self._time_s is None:
            self._time_s = np.where(known, time_s, np.nan)
            self._value, self._slope = value.copy(), np.zeros_like(value)
            return value.copy()
        elapsed = time_s - self._time_s
        fresh = known & ~(elapsed <= MAXIMUM_GAP_S)
        running = known & ~fresh
        step = np.where(running, elapsed, 1.0)
        slope = np.where(running, (value - self._value) / step, 0.0)
        slope = _low_pass(slope, self._slope, self._derivative_cutoff_hz, step)
        cutoff = self._minimum_cutoff_hz + self._beta * np.abs(slope)
        filtered = np.where(running, _low_pass(value, self._value, cutoff, step), value)
        self._time_s = np.where(known, time_s, self._time_s)
        self._value = np.where(known, filtered, self._value)
        self._slope = np.where(running, slope, np.where(fresh, 0.0, self._slope))
        return np.where(known, filtered, np.nan)


class CausalHampelFilter:
    """Replaces outliers by the median of the last few values of each signal in a vector.

    Parameters
    ----------
    window
        Number of values looked at, the newest included.
    """

    def __init__(self, window: int = HAMPEL_CAUSAL_WINDOW) -> None:
        self._values: deque[NDArray[np.float64]] = deque(maxlen=window)

    def reset(self) -> None:
        """Forget everything."""
        self._values.clear()

    def filter(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the vector without outliers, shape (n,); NaN gives NaN."""
        self._values.append(np.asarray(value, dtype=np.float64))
        recent = np.stack(self._values)
        return _without_outliers(self._values[-1], recent)


class CausalSmoother:
    """The causal chain for angles: Hampel, then One-Euro."""

    def __init__(self) -> None:
        self._hampel = CausalHampelFilter()
        self._one_euro = OneEuroFilter()

    def reset(self) -> None:
        """Forget everything."""
        self._hampel.reset()
        self._one_euro.reset()

    def filter(self, time_s: float, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the smoothed vector, shape (n,); NaN gives NaN."""
        return self._one_euro.filter(time_s, self._hampel.filter(value))


def hampel(values: NDArray[np.float64], window: int = HAMPEL_OFFLINE_WINDOW) -> NDArray[np.float64]:
    """Replace outliers by the median of a centred window.

    Parameters
    ----------
    values
        Shape (n, k), one column a signal.
    window
        Odd number of values.

    Returns
    -------
    ndarray, shape (n, k)
        NaN stays NaN.
    """
    if len(values) == 0:
        return values
    half = window // 2
    padded = np.pad(values, ((half, half), (0, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, window, axis=0)
    return _without_outliers(values, np.moveaxis(windows, -1, 0))


def smooth_zero_phase(
    time_s: NDArray[np.float64], values: NDArray[np.float64], cutoff_hz: float = ZERO_PHASE_CUTOFF_HZ
) -> NDArray[np.float64]:
    """Smooth whole recordings without delay: Hampel, then a Butterworth filter run forwards and backwards.

    Parameters
    ----------
    time_s
        Strictly increasing, shape (n,); the frame rate may vary.
    values
        Shape (n, k), one column a signal.
    cutoff_hz
        Frequency at which the forward-backward filter halves the amplitude.

    Returns
    -------
    ndarray, shape (n, k)
        NaN where the input is NaN; gaps of more than 0.3 s separate the signal.
    """
    cleaned = hampel(values)
    smoothed = np.full_like(cleaned, np.nan)
    for column in range(cleaned.shape[1]):
        known = np.flatnonzero(np.isfinite(cleaned[:, column]))
        if known.size == 0:
            continue
        breaks = np.flatnonzero(np.diff(time_s[known]) > MAXIMUM_GAP_S) + 1
        for part in np.split(known, breaks):
            smoothed[part, column] = _zero_phase(time_s[part], cleaned[part, column], cutoff_hz)
    return smoothed


def _zero_phase(time_s: NDArray[np.float64], value: NDArray[np.float64], cutoff_hz: float) -> NDArray[np.float64]:
    """Filter one uninterrupted signal on an even grid of its median step, and read it off at its own times."""
    if len(value) < 3:
        return value
    step = float(np.median(np.diff(time_s)))
    count = max(round((time_s[-1] - time_s[0]) / step) + 1, 3)
    grid = np.linspace(time_s[0], time_s[-1], count)
    rate = (count - 1) / (time_s[-1] - time_s[0])
    if cutoff_hz >= 0.45 * rate:
        return value
    # SciPy's signal processing takes a second to load, and live sessions need none of it.
    from scipy.signal import butter, sosfiltfilt

    sections = butter(ZERO_PHASE_ORDER // 2, cutoff_hz, fs=rate, output="sos")
    padding = min(3 * round(rate / cutoff_hz), count - 1)
    filtered = sosfiltfilt(sections, np.interp(grid, time_s, value), padtype="odd", padlen=padding)
    return np.asarray(np.interp(time_s, grid, filtered))


def compute_known_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median over the first axis, NaN passed over; NaN where there is nothing else.

    The same numbers as ``numpy.nanmedian``, which makes masked arrays of short ones and takes ten times as long: a live
    session asks for several medians a frame.

    Parameters
    ----------
    values
        Shape (n, ...), n at least 1.
    """
    ordered = np.sort(values, axis=0)  # NaN comes last
    if not np.isnan(ordered[-1]).any():
        return np.asarray((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2.0)
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=0) - 1, 0)
    lower = np.take_along_axis(ordered, (last // 2)[None], axis=0)[0]
    upper = np.take_along_axis(ordered, ((last + 1) // 2)[None], axis=0)[0]
    return np.asarray((lower + upper) / 2.0)


def _without_outliers(value: NDArray[np.float64], recent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace what lies too far from the median over the first axis of `recent`."""
    filled = np.where(np.isfinite(recent).any(axis=0), recent, 0.0)
    centre = compute_known_median(filled)
    spread = _MAD_TO_SD * compute_known_median(np.abs(filled - centre)) + _MAD_FLOOR_DEG
    outlier = np.abs(value - centre) > HAMPEL_LIMIT * spread
    return np.where(np.isnan(value), np.nan, np.where(outlier, centre, value))


def _low_pass(
    value: NDArray[np.float64],
    before: NDArray[np.float64],
    cutoff_hz: NDArray[np.float64] | float,
    step_s: NDArray[np.float64],
) -> NDArray[np.float64]:
    share = 1.0 / (1.0 + 1.0 / (2.0 * np.pi * cutoff_hz * step_s))
    return np.asarray(share * value + (1.0 - share) * before)
