from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.video.health import (
    PictureFault,
    compute_brightness,
    compute_frame_rate,
    find_picture_fault,
    find_repeats,
)

SIZE = (10, 48, 64, 3)


def noisy(level, noise=4, seed=0):
    """Ten pictures around a brightness; `level` may give each its own."""
    levels = np.broadcast_to(np.asarray(level, dtype=np.float64), (SIZE[0],))[:, None, None, None]
    strays = np.random.default_rng(seed).integers(-noise, noise + 1, SIZE)
    return np.clip(levels + strays, 0, 255).astype(np.uint8)


def with_window(images, share):
    """Burn out the upper part of pictures."""
    images = images.copy()
    images[:, : round(share * SIZE[1])] = 255
    return images


FAULTS = {
    "good": (noisy(120), None),
    "dim, but enough": (noisy(55), None),
    "dark": (noisy(35), PictureFault.TOO_DARK),
    "dark with much noise": (noisy(35, noise=30), PictureFault.TOO_DARK),
    "a covered lens": (noisy(6, noise=6), PictureFault.BLACK),
    "black of television": (noisy(16, noise=2), PictureFault.BLACK),
    "black to the last bit": (np.zeros(SIZE, np.uint8), PictureFault.BLACK),
    "a bright wall": (noisy(225), None),
    "a window": (with_window(noisy(120), 0.4), None),
    "a window that fills the picture": (with_window(noisy(120), 0.6), PictureFault.TOO_BRIGHT),
    "burnt out": (noisy(255), PictureFault.TOO_BRIGHT),
    "frozen": (np.repeat(noisy(120)[:1], 10, axis=0), PictureFault.FROZEN),
    "frozen and dark": (np.repeat(noisy(35)[:1], 10, axis=0), PictureFault.FROZEN),
    "one picture for two": (np.repeat(noisy(120)[:5], 2, axis=0), None),
    "getting brighter": (noisy(np.linspace(90, 150, 10)), PictureFault.UNSTEADY),
    "getting darker": (noisy(np.linspace(150, 90, 10)), PictureFault.UNSTEADY),
    "somebody walks by": (noisy([120] * 4 + [112] * 6), None),
    "a single picture": (noisy(120)[:1], None),
    "a single dark picture": (noisy(35)[:1], PictureFault.TOO_DARK),
}


@pytest.mark.parametrize("case", FAULTS)
def test_pictures_are_judged(case):
    images, fault = FAULTS[case]
    assert find_picture_fault(images) is fault


def test_brightness_is_what_the_eye_sees():
    blue, green, red = np.eye(3, dtype=np.uint8) * 200
    assert compute_brightness(np.stack([blue, green, red])) == pytest.approx([22.8, 117.4, 59.8])
    assert compute_brightness(np.full((2, 3, 3), 77, np.uint8)) == pytest.approx(np.full((2, 3), 77.0))


def test_one_bit_makes_a_new_picture():
    images = np.repeat(noisy(120)[:1], 4, axis=0)
    images[2, 7, 9, 1] ^= 1
    assert find_repeats(images).tolist() == [False, True, False, False]


@given(st.integers(2, 90), st.floats(0.5, 240), st.floats(-100, 1e6))
def test_the_rate_of_even_times_is_their_rate(count, fps, start_s):
    assert compute_frame_rate(start_s + np.arange(count) / fps) == pytest.approx(fps, rel=1e-3)


def test_a_gap_counts():
    assert compute_frame_rate([0.0, 0.1, 0.2, 1.0]) == pytest.approx(3.0)


@pytest.mark.parametrize("times_s", [[], [1.0], [2.0, 2.0]])
def test_no_rate_without_two_times(times_s):
    assert math.isnan(compute_frame_rate(times_s))
