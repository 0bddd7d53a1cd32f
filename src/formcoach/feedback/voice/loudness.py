"""How loud a short piece of speech is heard: ITU-R BS.1770-4, as in EBU R 128."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# All numbers of the measure itself are the recommendation's.
BLOCK_S = 0.4
OVERLAP = 0.75
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_OFFSET_DB = -0.691

SPEECH_LUFS = -20.0
"""How loud everything is spoken. Well above the tone, with room for the peaks of speech [D]."""
PEAK_LIMIT = 10 ** (-3 / 20)
"""The largest sample of spoken cues, of 1: -3 dBFS [D]."""


def measure_loudness(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Return how loud samples of one channel are.

    Parameters
    ----------
    samples
        Shape (samples,), -1 to 1. Less than a block of 0.4 s is taken as one block.
    rate_hz
        Samples a second.

    Returns
    -------
    float
        LUFS; minus infinity for silence.
    """
    weighted = _weight(samples.astype(np.float64), rate_hz)
    block = min(len(weighted), round(BLOCK_S * rate_hz))
    if block == 0:
        return -math.inf
    step = max(1, round(block * (1.0 - OVERLAP)))
    powers = np.array([np.mean(weighted[at : at + block] ** 2) for at in range(0, len(weighted) - block + 1, step)])
    kept = powers[powers > _power(ABSOLUTE_GATE_LUFS)]
    if not len(kept):
        return -math.inf
    kept = kept[kept > _power(_loudness(float(np.mean(kept))) + RELATIVE_GATE_LU)]
    return _loudness(float(np.mean(kept)))


def normalise(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Return speech at the one loudness of all cues; softer where its peaks leave no room, silence as it is."""
    loudness = measure_loudness(samples, rate_hz)
    if loudness == -math.inf:
        return samples
    gain = min(10 ** ((SPEECH_LUFS - loudness) / 20), PEAK_LIMIT / float(np.max(np.abs(samples))))
    return (samples * gain).astype(np.float32)


def _power(loudness_lufs: float) -> float:
    return float(10 ** ((loudness_lufs - _OFFSET_DB) / 10))


def _loudness(power: float) -> float:
    return _OFFSET_DB + 10 * math.log10(power)


def _weight(samples: NDArray[np.float64], rate_hz: int) -> NDArray[np.float64]:
    """Filter as the ear weighs: a shelf for the head, then a high-pass; designed for the rate at hand."""
    from scipy.signal import lfilter

    shelf_hz, gain_db, shelf_q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * shelf_hz / rate_hz)
    high = 10 ** (gain_db / 20)
    middle = high**0.4996667741545416
    numerator = [high + middle * k / shelf_q + k * k, 2 * (k * k - high), high - middle * k / shelf_q + k * k]
    denominator = [1 + k / shelf_q + k * k, 2 * (k * k - 1), 1 - k / shelf_q + k * k]
    samples = lfilter(numerator, denominator, samples)

    pass_hz, pass_q = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * pass_hz / rate_hz)
    # The recommendation's numerator is not scaled with the denominator.
    scale = 1 + k / pass_q + k * k
    denominator = [1.0, 2 * (k * k - 1) / scale, (1 - k / pass_q + k * k) / scale]
    filtered: NDArray[np.float64] = lfilter([1.0, -2.0, 1.0], denominator, samples)
    return filtered
