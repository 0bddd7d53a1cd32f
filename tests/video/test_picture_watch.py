from __future__ import annotations

import numpy as np
import pytest

from formcoach.video.health import PictureFault
from formcoach.video.picture_watch import PictureWatch

NOISE = np.random.default_rng(5)
STILL = NOISE.integers(90, 150, (64, 96, 3), np.uint8)


def noisy(mean, size=(64, 96)):
    return np.clip(mean + NOISE.integers(-5, 6, (*size, 3)), 0, 255).astype(np.uint8)


def judge(pictures, interval_s=1 / 30, frozen_after_s=2.0, watch=None, from_s=0.0):
    """Show pictures to a watch, and return what it says after each."""
    watch = watch or PictureWatch(frozen_after_s)
    said = []
    for index, one in enumerate(pictures):
        watch.add(one, from_s + index * interval_s)
        said.append(watch.judge())
    return said


def begins_s(said, fault, interval_s=1 / 30):
    """When a fault is told first, and from then on always."""
    first = said.index(fault)
    assert set(said[first:]) == {fault}
    return first * interval_s


def test_nothing_is_said_before_the_first_picture_and_of_good_ones():
    assert PictureWatch(2.0).judge() is None
    assert set(judge([noisy(120) for _ in range(120)])) == {None}


@pytest.mark.parametrize("frozen_after_s", [2.0, 3.0])
@pytest.mark.parametrize("fps", [30.0, 5.0])
def test_a_still_picture_is_frozen_after_its_time(fps, frozen_after_s):
    said = judge([STILL] * round(6 * fps), 1 / fps, frozen_after_s)
    assert set(said) == {None, PictureFault.FROZEN}
    assert begins_s(said, PictureFault.FROZEN, 1 / fps) == pytest.approx(frozen_after_s, abs=0.25)


def test_one_new_picture_thaws():
    said = judge([*[STILL] * 15, noisy(120), *[STILL] * 14], 0.2)
    assert said[14] is PictureFault.FROZEN
    assert begins_s(said[15:], PictureFault.FROZEN, 0.2) == pytest.approx(2.2, abs=0.01)


def test_two_pictures_alike_of_a_slow_camera_are_no_proof():
    assert set(judge([noisy(120), STILL, STILL, STILL, noisy(120)], 1.4)) == {None}


def test_a_covered_lens_is_black_and_not_frozen():
    said = judge([np.zeros((64, 96, 3), np.uint8)] * 120)
    assert begins_s(said, PictureFault.BLACK) == pytest.approx(1.0, abs=0.25)  # cameras begin black


def test_a_still_dark_picture_is_dark_until_it_is_frozen():
    said = judge([noisy(30)] * 120)
    assert said[40] is PictureFault.TOO_DARK
    assert said[-1] is PictureFault.FROZEN


def test_light_that_changes_is_told_at_the_beginning_only():
    waves = [noisy(100 + 60 * np.sin(index / 30 * 3.0)) for index in range(400)]
    said = judge(waves)
    assert PictureFault.UNSTEADY in said[30:150]
    assert set(said[165:]) == {None}


def test_the_light_of_now_counts():
    watch = PictureWatch(2.0)
    assert judge([noisy(30) for _ in range(60)], watch=watch)[-1] is PictureFault.TOO_DARK
    assert judge([noisy(120) for _ in range(45)], watch=watch, from_s=2.0)[-1] is None
    assert judge([noisy(255, (64, 96)) for _ in range(45)], watch=watch, from_s=3.5)[-1] is PictureFault.TOO_BRIGHT


def test_a_change_of_size_begins_anew():
    said = judge([*[STILL] * 50, *[noisy(120, (120, 160)) for _ in range(40)], *[STILL] * 50])
    assert set(said) == {None}


def test_a_long_pause_is_no_change_of_light():
    watch = PictureWatch(2.0)
    judge([noisy(60) for _ in range(45)], watch=watch)
    assert set(judge([noisy(120) for _ in range(45)], watch=watch, from_s=4.6)) == {None}
