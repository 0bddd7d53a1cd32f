"""What a webcam adds to a rendered picture: exposure, colour cast, blur, noise and compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from people.render import Picture

# Lengths of motion blur and radii of defocus are for a picture of this diagonal, pixels.
REFERENCE_DIAGONAL_PX = 800.0
# Blur weaker than this is not worth a tag, pixels at the reference.
VISIBLE_BLUR_PX = 2.0
# Chroma noise has this many times coarser grain than luminance noise.
CHROMA_GRAIN = 3


@dataclass(frozen=True, slots=True)
class Photography:
    """How a picture is taken.

    Attributes
    ----------
    gain : float
        Brightness, on linear light.
    contrast : float
        Around middle grey.
    balance : tuple of float
        Factors of red, green and blue.
    defocus_px, motion_px, motion_deg : float
        Radius of defocus, length and direction of motion blur, at the reference diagonal.
    read_noise, shot_noise, chroma_noise : float
        Standard deviations: everywhere, at full brightness, of colour.
    quality : int
        Of the JPEG file.
    low_light : bool
    """

    gain: float = 1.0
    contrast: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    defocus_px: float = 0.0
    motion_px: float = 0.0
    motion_deg: float = 0.0
    read_noise: float = 0.004
    shot_noise: float = 0.006
    chroma_noise: float = 0.0
    quality: int = 90
    low_light: bool = False

    @property
    def tags(self) -> list[str]:
        """What makes the picture hard."""
        blurred = max(self.defocus_px, self.motion_px / 2.0) >= VISIBLE_BLUR_PX
        return ["blur"] * blurred + ["low_light"] * self.low_light


def draw_photography(rng: np.random.Generator, sharp: bool = False) -> Photography:
    """Return a random way of taking a picture; clips are ``sharp``, their motion blur is rendered."""
    low_light = rng.random() < 0.14
    blurred, defocused = rng.random() < 0.12 and not sharp, rng.random() < 0.10
    cast = 0.07 if low_light else 0.03
    balance = np.exp(rng.normal(0.0, cast, 3))
    return Photography(
        gain=float(np.exp(rng.normal(-0.55 if low_light else 0.0, 0.22))),
        contrast=float(np.exp(rng.normal(0.0, 0.10))),
        balance=tuple(float(value) for value in balance / balance.mean()),
        defocus_px=float(rng.uniform(0.3, 2.6) if defocused else rng.uniform(0.0, 0.8)),
        motion_px=float(rng.uniform(2.0, 9.0)) if blurred else 0.0,
        motion_deg=float(rng.uniform(0.0, 180.0)),
        read_noise=float(rng.uniform(0.012, 0.040) if low_light else rng.uniform(0.001, 0.010)),
        shot_noise=float(rng.uniform(0.01, 0.04) if low_light else rng.uniform(0.002, 0.012)),
        chroma_noise=float(rng.uniform(0.01, 0.04) if low_light else rng.uniform(0.0, 0.006)),
        quality=int(rng.integers(40, 96)),
        low_light=bool(low_light),
    )


def photograph(picture: Picture, how: Photography, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture as the webcam delivers it, (height, width, 3), red first."""
    height, width = picture.shape[:2]
    scale = float(np.hypot(height, width)) / REFERENCE_DIAGONAL_PX
    image = _blur(picture, how, scale)
    factors = np.asarray(how.balance, dtype=np.float32) * np.float32(how.gain ** (1.0 / 2.2))
    image = (image * factors - 0.5) * np.float32(how.contrast) + 0.5
    image += _noise(image, how, rng)
    return (np.clip(image, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _blur(picture: Picture, how: Photography, scale: float) -> Picture:
    image = picture
    if how.defocus_px * scale > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), how.defocus_px * scale / 2.0)
    if how.motion_px * scale > 1.0:
        image = cv2.filter2D(image, -1, _streak(how.motion_px * scale, how.motion_deg))
    return image


def _streak(length_px: float, direction_deg: float) -> NDArray[np.float32]:
    """Return a straight line as a convolution kernel that sums to 1."""
    half = int(np.ceil(length_px / 2.0))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), dtype=np.float32)
    along = np.array([np.cos(np.radians(direction_deg)), np.sin(np.radians(direction_deg))]) * length_px / 2.0
    start, end = (tuple(int(value) for value in np.round(half + sign * along)) for sign in (-1, 1))
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_AA)
    return kernel / kernel.sum()


def _noise(image: Picture, how: Photography, rng: np.random.Generator) -> Picture:
    """Return grain that grows with the brightness, and coarser colour noise."""
    height, width = image.shape[:2]
    grain = rng.standard_normal((height, width), dtype=np.float32)
    brightness = np.clip(image[..., 1], 0.0, 1.0)
    noise = (grain * np.sqrt(how.read_noise**2 + how.shot_noise**2 * brightness))[..., None]
    if how.chroma_noise > 0.0:
        coarse = rng.standard_normal((height // CHROMA_GRAIN + 1, width // CHROMA_GRAIN + 1, 3), dtype=np.float32)
        noise = noise + how.chroma_noise * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return noise
