from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from people.photography import REFERENCE_DIAGONAL_PX, Photography, draw_photography, photograph

# Faithful: nothing is added to the picture.
FAITHFUL = Photography(read_noise=0.0, shot_noise=0.0)
# A picture of the diagonal for which blur is given.
REFERENCE = (480, 640)
SEEDS = st.integers(0, 2**32)


def grey(level, shape=REFERENCE):
    return np.full((*shape, 3), level, dtype=np.float32)


def take(picture, how, seed=0):
    return photograph(picture, how, np.random.default_rng(seed))


def spread(image):
    """Standard deviation of a picture's brightness, 0 to 1."""
    return float(image[..., 1].std()) / 255.0


def dot(shape=REFERENCE):
    picture = grey(0.0, shape)
    picture[shape[0] // 2, shape[1] // 2] = 1.0
    return picture


def reach(image):
    """How far a dot was smeared across and down, pixels."""
    rows, columns = np.nonzero(image[..., 1])
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@given(seed=SEEDS, shape=st.tuples(st.integers(2, 40), st.integers(2, 40)))
def test_without_any_fault_the_picture_stays_as_it_is(seed, shape):
    picture = np.random.default_rng(seed).random((*shape, 3), dtype=np.float32)
    assert take(picture, FAITHFUL) == pytest.approx(picture * 255.0, abs=0.501)


@given(seed=SEEDS, shape=st.tuples(st.integers(20, 90), st.integers(20, 90)))
@settings(max_examples=30)
def test_any_way_of_taking_a_picture_keeps_its_size_and_is_repeatable(seed, shape):
    picture = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    untouched = picture.copy()
    how = draw_photography(np.random.default_rng(seed))
    image = take(picture, how, seed)
    assert (image.shape, image.dtype) == (picture.shape, np.uint8)
    assert (take(picture, how, seed) == image).all()
    assert (take(picture, how, seed + 1) != image).any()
    assert (picture == untouched).all()


@given(seed=SEEDS)
def test_the_same_stream_draws_the_same_photography(seed):
    assert draw_photography(np.random.default_rng(seed)) == draw_photography(np.random.default_rng(seed))


def test_gain_counts_on_linear_light():
    image = take(grey(0.5), replace(FAITHFUL, gain=1.7))
    assert (image[0, 0, 0] / 255.0) ** 2.2 == pytest.approx(1.7 * 0.5**2.2, rel=0.02)


def test_the_cast_has_the_colours_it_was_given():
    image = take(grey(0.5), replace(FAITHFUL, balance=(1.2, 1.0, 0.8)))
    assert image[0, 0] == pytest.approx([153.0, 127.5, 102.0], abs=1.0)


def test_contrast_leaves_middle_grey():
    how = replace(FAITHFUL, contrast=1.5)
    levels = [int(take(grey(level), how)[0, 0, 0]) for level in (0.25, 0.5, 0.75, 1.0)]
    assert levels == pytest.approx([0.125 * 255, 0.5 * 255, 0.875 * 255, 255.0], abs=1.0)


@pytest.mark.parametrize(("level", "expected"), [(0.2, np.hypot(0.03, 0.04 * 0.2**0.5)), (0.7, 0.04489)])
def test_noise_grows_with_the_brightness(level, expected):
    image = take(grey(level), replace(FAITHFUL, read_noise=0.03, shot_noise=0.04))
    assert spread(image) == pytest.approx(expected, rel=0.03)
    assert (image[..., 0] == image[..., 2]).all()


def test_chroma_noise_is_coloured_and_coarse():
    image = take(grey(0.5), replace(FAITHFUL, chroma_noise=0.05)).astype(float)
    assert np.corrcoef(image[..., 0].ravel(), image[..., 2].ravel())[0, 1] < 0.1
    assert np.corrcoef(image[:, 1:, 0].ravel(), image[:, :-1, 0].ravel())[0, 1] > 0.5


@pytest.mark.parametrize(("degrees", "expected"), [(0.0, (9, 1)), (90.0, (1, 9))])
def test_motion_smears_along_its_direction(degrees, expected):
    how = replace(FAITHFUL, motion_px=8.0, motion_deg=degrees)
    assert reach(take(dot() * 20.0, how)) == pytest.approx(expected, abs=2)
    assert np.ptp(take(grey(0.5), how)) == 0


def test_blur_grows_with_the_picture():
    assert np.hypot(*REFERENCE) == REFERENCE_DIAGONAL_PX
    double = tuple(2 * size for size in REFERENCE)
    for how in (replace(FAITHFUL, defocus_px=6.0), replace(FAITHFUL, motion_px=12.0, motion_deg=0.0)):
        small, large = (reach(take(dot(shape) * 50.0, how))[0] for shape in (REFERENCE, double))
        assert small > 5
        assert large / small == pytest.approx(2.0, rel=0.2)


@pytest.mark.parametrize("quality", [40, 95])
def test_what_is_written_as_jpeg_can_be_read_and_looks_alike(quality):
    from PIL import Image

    smooth = np.linspace(0.1, 0.9, 93, dtype=np.float32)[None, :, None] * np.ones((61, 1, 3), dtype=np.float32)
    image = take(smooth, FAITHFUL)
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="jpeg", quality=quality)
    read = cv2.imdecode(np.frombuffer(file.getvalue(), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert read.shape == image.shape
    assert np.abs(read.astype(float) - image).mean() < 4.0


def test_draws_are_in_range_and_as_frequent_as_said():
    rng = np.random.default_rng(0)
    drawn = [draw_photography(rng) for _ in range(2000)]
    assert np.mean([how.low_light for how in drawn]) == pytest.approx(0.14, abs=0.025)
    assert np.mean([how.motion_px > 0.0 for how in drawn]) == pytest.approx(0.12, abs=0.025)
    for how in drawn:
        assert 40 <= how.quality <= 95
        assert 0.0 <= how.defocus_px <= 2.6
        assert how.motion_px == 0.0 or 2.0 <= how.motion_px <= 9.0
        assert 0.0 < how.read_noise <= 0.040
        assert np.mean(how.balance) == pytest.approx(1.0)
    gains = {low: np.mean([how.gain for how in drawn if how.low_light is low]) for low in (True, False)}
    noise = {low: np.mean([how.read_noise for how in drawn if how.low_light is low]) for low in (True, False)}
    assert gains[True] < 0.7 * gains[False]
    assert noise[True] > 3.0 * noise[False]


def test_sharp_ones_have_no_motion():
    rng = np.random.default_rng(0)
    assert {draw_photography(rng, sharp=True).motion_px for _ in range(200)} == {0.0}


@pytest.mark.parametrize(
    ("changes", "tags"),
    [
        ({}, []),
        ({"defocus_px": 1.9, "motion_px": 3.9}, []),
        ({"defocus_px": 2.0}, ["blur"]),
        ({"motion_px": 4.0}, ["blur"]),
        ({"low_light": True, "motion_px": 6.0}, ["blur", "low_light"]),
    ],
)
def test_tags_say_what_makes_it_hard(changes, tags):
    assert replace(FAITHFUL, **changes).tags == tags
