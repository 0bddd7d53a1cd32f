"""Pictures of trunk and legs, cut out upright and to scale, as formcoach's own networks look at them.

The pose model's landmarks are off in the same way in every copy of a picture (evidence.md §3.2), so what they miss is
read from the pixels: a *trunk crop* along the line from hips to shoulders, turned so that the person faces right, and
one *leg crop* a leg along the shank, the right leg mirrored so that it looks like a left one. Beside each crop go its
*cues*: the same landmarks as a few angles relative to the crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.pose.facing import compute_azimuth_deg, compute_facing, compute_middle
from formcoach.pose.landmarks import ANKLE, EAR, EYE, FOOT_INDEX, HEEL, HIP, KNEE, MOUTH, SHOULDER, Landmark

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRUNK_PX = 112
LEG_PX = 80
# What a crop shows, in units of its scale (trunk or shank length): where it begins behind, where it ends above its
# origin, and its side. The trunk's holds the whole trunk and head and most of the thighs, the leg's knee to toes.
TRUNK_WINDOW = (-0.9, 1.7, 2.3)
LEG_WINDOW = (-0.9, 1.1, 1.8)
# Seen end-on a trunk or shank is short in the picture: the scale does not fall below these shares of the longer leg.
_SHORTEST_TRUNK = 0.5
_SHORTEST_SHANK = 0.35
N_TRUNK_CUES = 16
N_LEG_CUES = 12
# Below this many pixels for the trunk nothing can be read.
_SMALLEST_SCALE_PX = 8.0
# Angles enter the networks in units of this, so that they are of the order of one.
CUE_UNIT_DEG = 45.0


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One picture for a network.

    Attributes
    ----------
    image : ndarray of uint8, shape (n, n, 4)
        Blue, green, red, and the person mask times 255.
    cues : ndarray of float32, shape (k,)
        Angles between landmarks in units of 45°, and shares.
    """

    image: NDArray[np.uint8]
    cues: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """All crops of one pose.

    Attributes
    ----------
    trunk : Crop or None
        None where landmarks are missing or coincide.
    lean_deg : float
        How far the trunk crop's up leans ahead from the picture's vertical.
    legs : tuple of (Crop or None)
        Left and right.
    """

    trunk: Crop | None
    lean_deg: float
    legs: tuple[Crop | None, Crop | None]


@dataclass(frozen=True, slots=True, eq=False)
class Frame2D:
    """Where a crop lies: origin and unit vectors in pixels, and its scale in pixels."""

    origin: NDArray[np.float64]
    ahead: NDArray[np.float64]
    up: NDArray[np.float64]
    scale: float

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Takes pixels to the crop's coordinates, ahead (or outwards) and up in units of the scale; shape (2, 3)."""
        turn = np.stack([self.ahead, self.up]) / self.scale
        return np.column_stack([turn, -turn @ self.origin])

    def moved(self, ahead: float, up: float, turn_deg: float, grow: float) -> Frame2D:
        """Return the frame shifted (in its scale), turned towards ahead and grown: how landmarks might err."""
        angle = np.radians(turn_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        return Frame2D(
            self.origin + self.scale * (ahead * self.ahead + up * self.up),
            cos * self.ahead - sin * self.up,
            cos * self.up + sin * self.ahead,
            self.scale * grow,
        )


class Picture:
    """A picture and the person mask in it, from which several crops are cut.

    Parameters
    ----------
    image, mask
        Blue-green-red picture, and how likely each pixel belongs to the person, of the same size.
    """

    def __init__(self, image: NDArray[np.uint8], mask: NDArray[np.float32]) -> None:
        self.image = image
        self.mask = mask
        self._shrunk: dict[int, NDArray[np.uint8]] = {}

    def shrunk(self, factor: int) -> NDArray[np.uint8]:
        """Return the picture so many times smaller, by whole averages; made once, for all crops that ask for it."""
        if factor not in self._shrunk:
            share = 1.0 / factor
            smaller = cv2.resize(self.image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
            self._shrunk[factor] = smaller.astype(np.uint8, copy=False)
        return self._shrunk[factor]


def place_trunk(points: NDArray[np.float64]) -> Frame2D | None:
    """Place the trunk crop: origin between the hips, up towards the shoulders, ahead where the person faces.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (33, 2).

    Returns
    -------
    Frame2D or None
        None where landmarks are missing or coincide.
    """
    facing = float(compute_facing(points))
    hips, shoulders = compute_middle(points, HIP), compute_middle(points, SHOULDER)
    trunk = shoulders - hips
    length = float(np.hypot(*trunk))
    if not np.isfinite(facing + length) or length < _SMALLEST_SCALE_PX:
        return None
    up = trunk / length
    ahead = np.array([-up[1], up[0]]) * (1.0 if facing >= 0.0 else -1.0)
    return Frame2D(hips, ahead, up, max(length, _SHORTEST_TRUNK * _leg_length(points)))


def place_leg(points: NDArray[np.float64], row: int) -> Frame2D | None:
    """Place a leg's crop: origin at the ankle, up to the knee, ahead to the picture's left (a right leg's: right).

    Parameters
    ----------
    points
        Landmarks in pixels, shape (33, 2).
    row
        0 left, 1 right.

    Returns
    -------
    Frame2D or None
        None where landmarks are missing or coincide.
    """
    ankle, knee = points[ANKLE[row]], points[KNEE[row]]
    shank = knee - ankle
    length = float(np.hypot(*shank))
    if not np.isfinite(length) or length < 0.5 * _SMALLEST_SCALE_PX:
        return None
    up = shank / length
    # A left leg seen from its own side points to the picture's left; mirrored, a right one does too.
    ahead = np.array([up[1], -up[0]]) * (1.0 if row == 0 else -1.0)
    return Frame2D(ankle, ahead, up, max(length, _SHORTEST_SHANK * _leg_length(points)))


def cut_trunk(picture: Picture, frame: Frame2D, points: NDArray[np.float64], world: NDArray[np.floating]) -> Crop:
    """Cut the trunk crop out of a picture; `points` in the picture's pixels, `world` in metres."""
    return Crop(_cut(picture, frame, TRUNK_WINDOW, TRUNK_PX), compute_trunk_cues(frame, points, world))


def cut_leg(
    picture: Picture, frame: Frame2D, points: NDArray[np.float64], world: NDArray[np.floating], row: int
) -> Crop:
    """Cut one leg's crop out of a picture; parameters as in `cut_trunk` and `place_leg`."""
    return Crop(_cut(picture, frame, LEG_WINDOW, LEG_PX), compute_leg_cues(frame, points, world, row))


def cut_crops(
    image: NDArray[np.uint8], mask: NDArray[np.float32], points: NDArray[np.float64], world: NDArray[np.floating]
) -> Crops:
    """Cut all crops of a pose; parameters as in `Picture` and `cut_trunk`."""
    picture = Picture(image, mask)
    trunk = place_trunk(points)
    legs = [place_leg(points, row) for row in range(2)]
    left, right = (
        None if frame is None else cut_leg(picture, frame, points, world, row) for row, frame in enumerate(legs)
    )
    if trunk is None:
        return Crops(None, float("nan"), (left, right))
    return Crops(cut_trunk(picture, trunk, points, world), lean_deg(trunk), (left, right))


def tilt_deg(vector: NDArray[np.float64], frame: Frame2D) -> float:
    """Return how far a vector in pixels leans ahead from the crop's up, -180 to 180 degrees."""
    return float(np.degrees(np.arctan2(vector @ frame.ahead, vector @ frame.up)))


def lean_deg(frame: Frame2D) -> float:
    """Return how far the crop's up leans ahead from the picture's vertical, degrees."""
    return -tilt_deg(np.array([0.0, -1.0]), frame)


def compute_trunk_cues(frame: Frame2D, points: NDArray[np.float64], world: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return what the landmarks say about a trunk crop, shape (16,)."""
    middle = {name: compute_middle(points, pair) for name, pair in _PAIRS.items()}
    azimuth = np.radians(float(compute_azimuth_deg(world)))
    # The raised leg first: its ankle is the higher one.
    first = int(np.argmin(points[list(ANKLE), 1]))
    order = (first, 1 - first)
    hips, knees, ankles = (points[list(pair)] for pair in (HIP, KNEE, ANKLE))
    trunk_world = np.asarray(world, dtype=np.float64)[[*SHOULDER]].mean(0) - np.asarray(world)[[*HIP]].mean(0)
    pitch = np.arctan2(np.hypot(trunk_world[0], trunk_world[2]), -trunk_world[1])
    angles = [
        lean_deg(frame),
        np.degrees(pitch),
        tilt_deg(middle["ear"] - middle["shoulder"], frame),
        tilt_deg(middle["mouth"] - middle["ear"], frame) - 90.0,
        tilt_deg(points[Landmark.NOSE] - middle["ear"], frame) - 90.0,
        tilt_deg(middle["eye"] - middle["mouth"], frame),
        *(tilt_deg(hips[row] - knees[row], frame) for row in order),
        *(tilt_deg(knees[row] - ankles[row], frame) for row in order),
    ]
    wrapped = (np.array(angles) + 180.0) % 360.0 - 180.0
    ahead, up = frame.ahead / frame.scale, frame.up / frame.scale
    across = points[SHOULDER[0]] - points[SHOULDER[1]]
    shares = [
        abs(np.sin(azimuth)),
        np.cos(azimuth),
        float((middle["shoulder"] - middle["hip"]) @ up),
        float(across @ ahead),
        float((hips[0] - hips[1]) @ ahead),
        float((middle["ear"] - middle["shoulder"]) @ up),
    ]
    return np.concatenate([wrapped / CUE_UNIT_DEG, shares]).astype(np.float32)


def compute_leg_cues(
    frame: Frame2D, points: NDArray[np.float64], world: NDArray[np.floating], row: int
) -> NDArray[np.float32]:
    """Return what the landmarks say about a leg crop, shape (12,)."""
    hip, knee, ankle, heel, toe = (points[pair[row]] for pair in (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX))
    mirror = 1.0 if row == 0 else -1.0
    azimuth = mirror * np.radians(float(compute_azimuth_deg(world)))
    metres = np.asarray(world, dtype=np.float64) * [mirror, 1.0, 1.0]
    foot = metres[FOOT_INDEX[row]] - metres[HEEL[row]]
    leg = metres[ANKLE[row]] - metres[HIP[row]]
    forward, left = np.array([-np.sin(azimuth), -np.cos(azimuth)]), np.array([np.cos(azimuth), -np.sin(azimuth)])
    angles = [
        lean_deg(frame),
        tilt_deg(hip - knee, frame),
        tilt_deg(toe - heel, frame) - 90.0,
        np.degrees(np.arctan2(foot[[0, 2]] @ left, foot[[0, 2]] @ forward)),
        np.degrees(np.arctan2(leg[[0, 2]] @ left, np.hypot(leg[1], leg[[0, 2]] @ forward))),
    ]
    wrapped = (np.array(angles) + 180.0) % 360.0 - 180.0
    whole = _leg_length(points)
    other = points[ANKLE[1 - row]]
    shares = [
        np.sin(azimuth),
        np.cos(azimuth),
        np.hypot(*(knee - ankle)) / whole,
        np.hypot(*(toe - heel)) / whole,
        (other[1] - ankle[1]) / whole,
        mirror * (ankle[0] - hip[0]) / whole,
        mirror * (knee[0] - hip[0]) / whole,
    ]
    return np.concatenate([wrapped / CUE_UNIT_DEG, shares]).astype(np.float32)


_PAIRS = {"shoulder": SHOULDER, "hip": HIP, "ear": EAR, "eye": EYE, "mouth": MOUTH}


def _leg_length(points: NDArray[np.float64]) -> float:
    """Return the length of the longer leg in pixels."""
    hip, knee, ankle = (points[list(pair)] for pair in (HIP, KNEE, ANKLE))
    return float((np.hypot(*(knee - hip).T) + np.hypot(*(ankle - knee).T)).max())


def _cut(picture: Picture, frame: Frame2D, window: tuple[float, float, float], size: int) -> NDArray[np.uint8]:
    """Cut a square (its left and upper edge from the origin and its side, in scales) out of picture and mask."""
    left, top, side = window
    step = frame.scale * side / size
    corner = frame.origin + frame.scale * (left * frame.ahead + top * frame.up)
    across, down = step * frame.ahead, -step * frame.up
    start = corner + 0.5 * (across + down)
    into_picture = np.column_stack([across, down, start])
    # Shrinking by more than two pixels to one would alias: the picture is first made smaller by whole averages.
    shrink = int(step)
    if shrink >= 2:
        image = picture.shrunk(shrink)
        ratio = np.array([[image.shape[1] / picture.image.shape[1]], [image.shape[0] / picture.image.shape[0]]])
        colour_map = into_picture * ratio
        colour_map[:, 2:] += 0.5 * ratio - 0.5
    else:
        image, colour_map = picture.image, into_picture
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    colours = cv2.warpAffine(image, colour_map, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(picture.mask, into_picture, (size, size), flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return np.dstack([colours, np.clip(inside * 255.0, 0.0, 255.0).astype(np.uint8)])
