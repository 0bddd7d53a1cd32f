"""What pictures themselves say about a camera: light, standstill and speed. Pure functions of arrays."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# All numbers are choices [D]. Those of light come from 19 pictures of people, photographed and rendered, that were
# exposed less and less with a sensor's noise added, or more and more, until the model full lost them: at a mean of 59
# it found all, at 43 all but one, at 31 all but two; with half of the picture burnt out all, with 57 % four in five.
DARK_MEAN = 45.0
BURNT_OUT_SHARE = 0.5
BURNT_OUT_LEVEL = 250
# A covered lens still gives the noise of its sensor, and black is 16 where a camera sends the range of television.
BLACK_LEVEL = 24
# By so much the brightness of the first and the last third may differ before the camera counts as still searching.
UNSTEADY_SHARE = 0.15
# A strong fault must last 0.4 s and decisions rest on a median over 0.5 s: that takes five pictures.
MINIMUM_FPS = 10.0

_BLUE_GREEN_RED = np.array([0.114, 0.587, 0.299])


class PictureFault(StrEnum):
    """What is wrong with the pictures of a camera; the value is the plain word for it."""

    BLACK = "black"
    FROZEN = "frozen"
    TOO_DARK = "too dark"
    TOO_BRIGHT = "too bright"
    UNSTEADY = "unsteady"


def compute_brightness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the brightness of pixels, 0 to 255.

    Parameters
    ----------
    images
        Blue, green, red; shape (..., 3).

    Returns
    -------
    ndarray of float64, shape (...)
        Weighted as the eye does (ITU-R BT.601).
    """
    return np.asarray(images @ _BLUE_GREEN_RED)


def find_repeats(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which pictures are, to the last bit, the one before: a sensor's noise makes that impossible for a new one.

    Parameters
    ----------
    images
        Shape (n_frames, height, width, 3).

    Returns
    -------
    ndarray of bool, shape (n_frames,)
        The first is never a repeat.
    """
    repeats = np.zeros(len(images), dtype=np.bool_)
    repeats[1:] = (images[1:] == images[:-1]).all(axis=(1, 2, 3))
    return repeats


def find_picture_fault(images: NDArray[np.uint8]) -> PictureFault | None:
    """Judge the pictures that a camera gave over about a second.

    Parameters
    ----------
    images
        Blue, green, red; shape (n_frames, height, width, 3), at least one. Every few pixels are enough.

    Returns
    -------
    PictureFault or None
        The gravest fault; None for good pictures.
    """
    brightness = compute_brightness(images)
    if np.percentile(brightness, 99) < BLACK_LEVEL:
        return PictureFault.BLACK
    if len(images) > 1 and find_repeats(images)[1:].all():
        return PictureFault.FROZEN
    if brightness.mean() < DARK_MEAN:
        return PictureFault.TOO_DARK
    if (brightness >= BURNT_OUT_LEVEL).mean() > BURNT_OUT_SHARE:
        return PictureFault.TOO_BRIGHT
    means = brightness.mean(axis=(1, 2))
    third = max(len(means) // 3, 1)
    change = abs(float(means[-third:].mean() - means[:third].mean()))
    return PictureFault.UNSTEADY if change > UNSTEADY_SHARE * means.mean() else None


def compute_frame_rate(times_s: ArrayLike) -> float:
    """Return how many pictures arrived a second.

    Parameters
    ----------
    times_s
        When each arrived, seconds, increasing.

    Returns
    -------
    float
        NaN for fewer than two pictures, or where no time passed.
    """
    times = np.asarray(times_s, dtype=np.float64)
    if len(times) < 2 or times[-1] <= times[0]:
        return float("nan")
    return float((len(times) - 1) / (times[-1] - times[0]))
