from __future__ import annotations

import numpy as np
import pytest

from live_stand.sound import RATE_HZ
from live_stand.stand import loud_parts


def speech(seconds, loudness):
    return loudness * np.sin(np.arange(round(seconds * RATE_HZ)))


def test_speech_is_found_in_silence_and_above_a_quiet_tone_and_short_pauses_are_part_of_it():
    samples = np.concatenate(
        [speech(2.0, 0.028), speech(0.5, 0.2), speech(0.2, 0.0), speech(0.5, 0.2), speech(2.0, 0.0), speech(1.0, 0.1)]
    )
    (first, first_end), (second, second_end) = loud_parts(samples)
    assert (first / RATE_HZ, first_end / RATE_HZ) == (pytest.approx(1.6, abs=0.06), pytest.approx(3.6, abs=0.06))
    assert (second / RATE_HZ, second_end) == (pytest.approx(4.8, abs=0.06), len(samples))


def test_silence_has_no_parts():
    assert loud_parts(speech(1.0, 0.0)) == []
