"""Crops of rendered people with everything that is to be read from them, for fitting formcoach's networks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.crops import (
    Crop,
    Frame2D,
    Picture,
    compute_trunk_cues,
    cut_leg,
    cut_trunk,
    lean_deg,
    place_leg,
    place_trunk,
)
from formcoach.pose.estimates import unknown_estimates
from formcoach.pose.landmarks import ANKLE, HIP, KNEE, SHOULDER
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES
from formcoach.video import open_source
from truth import TRUTH_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

# Helpers for the fit alone: points that the networks learn to find beside the angles, in crop coordinates.
TRUNK_POINTS = ("L5S1", "T12L1", "T7", "C7T1", "C1", "nose", "{raised}_hip", "{raised}_knee")
LEG_POINTS = ("{leg}_knee", "{leg}_ankle", "{leg}_heel", "{leg}_toe", "{leg}_mtp")
# Landmarks that lie further than this from the joints, in scales of the crop, make it a crop of something else.
MISPLACED = 0.35
# How landmarks may err from picture to picture: shift in scales, turn in degrees, growth.
JITTER = (0.05, 4.0, 0.06)
# How many of the crops that are cut more than once get a copy that is placed wrong.
WRONG_SHARE = 0.35
# How a crop is placed wrong: turned, too large, too small, or beside; uniform ranges of degrees, growth and scales.
WRONG_TURN_DEG, WRONG_GROWTH, WRONG_SHRINKING, WRONG_SHIFT = (60, 180), (2.2, 4.0), (0.2, 0.42), (0.9, 2.5)
_SIDES = ("left", "right")
# The trunk cue that compares the trunk's length with the crop's scale: 1 however landmarks err, but end-on.
LENGTH_CUE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one network.

    Attributes
    ----------
    image : ndarray of uint8, shape (n, size, size, 4)
    cues : ndarray of float32, shape (n, k)
    target : ndarray of float32, shape (n, m)
        Degrees; NaN where it is not known.
    points : ndarray of float32, shape (n, p, 2)
        Crop coordinates; NaN where not known.
    valid : ndarray of float32, shape (n,)
        1 the crop holds what it should, 0 it does not.
    person : ndarray of str, shape (n,)
    series : ndarray of str, shape (n,)
        What is seen by the same camera with the same person and leg, its crops placed by the same pose model.
    standing : ndarray of bool, shape (n,)
        Whether the person stands in their neutral posture.
    """

    image: NDArray[np.uint8]
    cues: NDArray[np.float32]
    target: NDArray[np.float32]
    points: NDArray[np.float32]
    valid: NDArray[np.float32]
    person: NDArray[np.str_]
    series: NDArray[np.str_]
    standing: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.valid)

    def pick(self, rows: NDArray[np.generic] | slice) -> Samples:
        """Return some of the samples."""
        return Samples(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Cutting:
    """Whose crops are cut, and how often.

    Attributes
    ----------
    copies : int
        How many more times each crop is cut, with the placement a little off.
    first, every : int
        Of all people in order, this one and every so manieth after it.
    """

    copies: int = 0
    first: int = 0
    every: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One still with the joints in pixels and the angles in degrees, by the names of the truth file."""

    person: str
    series: str
    standing: bool
    raised: str
    angles: dict[str, float]
    pixel: dict[str, list[float]]


class _Recorder:
    """Stands in for the networks: keeps the crops that they would have seen of one picture after the other."""

    def __init__(self, copies: int, rng: np.random.Generator) -> None:
        self.picture: _Picture
        self._copies, self._rng = copies, rng
        self.trunk: list[tuple] = []
        self.leg: list[tuple] = []

    def estimate(
        self,
        image: NDArray[np.uint8],
        mask: NDArray[np.float32],
        points: NDArray[np.float64],
        world: NDArray[np.floating],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Keep the crops, estimate nothing."""
        pixels = Picture(image, mask)
        frame = place_trunk(points)
        if frame is not None:
            length = compute_trunk_cues(frame, points, world)[LENGTH_CUE]
            for copy, (one, placed) in enumerate(self._variations(frame)):
                crop = cut_trunk(pixels, one, points, world)
                # Landmarks that put the crop elsewhere have no other trunk to compare its scale with.
                crop.cues[LENGTH_CUE] = length
                self.trunk.append(self._trunk_sample(crop, one, points, copy, placed))
        for row in range(2):
            frame = place_leg(points, row)
            if frame is not None:
                for copy, (one, placed) in enumerate(self._variations(frame)):
                    crop = cut_leg(pixels, one, points, world, row)
                    self.leg.append(self._leg_sample(crop, one, points, row, copy, placed))
        return unknown_estimates()

    def _variations(self, frame: Frame2D) -> Iterator[tuple[Frame2D, bool]]:
        """Yield the crop's place, places that a little error would give, and now and then one that is wrong."""
        yield frame, True
        shift, turn, grow = JITTER
        normal = self._rng.normal
        for _ in range(self._copies):
            yield frame.moved(*normal(0, shift, 2), normal(0, turn), float(np.exp(normal(0, grow)))), True
        if self._copies and self._rng.random() < WRONG_SHARE:
            yield self._wrong(frame), False

    def _wrong(self, frame: Frame2D) -> Frame2D:
        uniform, sign = self._rng.uniform, self._rng.choice([-1.0, 1.0])
        kind = self._rng.integers(4)
        if kind == 0:
            return frame.moved(0.0, 0.0, sign * uniform(*WRONG_TURN_DEG), 1.0)
        if kind == 1:
            return frame.moved(0.0, 0.0, uniform(-10, 10), uniform(*WRONG_GROWTH))
        if kind == 2:
            return frame.moved(0.0, 0.0, uniform(-10, 10), uniform(*WRONG_SHRINKING))
        angle = uniform(0, 2 * np.pi)
        size = uniform(*WRONG_SHIFT)
        return frame.moved(size * np.cos(angle), size * np.sin(angle), uniform(-30, 30), uniform(0.7, 1.4))

    def _trunk_sample(self, crop: Crop, frame: Frame2D, points: NDArray[np.float64], copy: int, placed: bool) -> tuple:
        picture = self.picture
        error = max(
            _distance(points[list(pair)].mean(axis=0), [picture.pixel[f"{side}_{name}"] for side in _SIDES])
            for pair, name in ((HIP, "hip"), (SHOULDER, "shoulder"))
        )
        placed = placed and error < MISPLACED * frame.scale
        angles = picture.angles
        target = [angles[TRUTH_NAMES.get(name, name)] for name in TRUNK_ESTIMATES]
        for name in ("pelvic_tilt", "trunk_lean"):
            target[TRUNK_ESTIMATES.index(name)] -= lean_deg(frame)
        return self._sample(crop, frame, target, TRUNK_POINTS, copy, placed, "")

    def _leg_sample(
        self, crop: Crop, frame: Frame2D, points: NDArray[np.float64], row: int, copy: int, placed: bool
    ) -> tuple:
        picture, leg = self.picture, _SIDES[row]
        error = max(
            _distance(points[pair[row]], [picture.pixel[f"{leg}_{name}"]])
            for pair, name in ((ANKLE, "ankle"), (KNEE, "knee"))
        )
        placed = placed and error < MISPLACED * frame.scale
        prefix = "" if leg == picture.raised else "stance_"
        target = [picture.angles[prefix + TRUTH_NAMES.get(name, name)] for name in LEG_ESTIMATES]
        return self._sample(crop, frame, target, LEG_POINTS, copy, placed, leg)

    def _sample(
        self,
        crop: Crop,
        frame: Frame2D,
        target: list[float],
        names: tuple[str, ...],
        copy: int,
        placed: bool,
        leg: str,
    ) -> tuple:
        picture = self.picture
        pixels = np.array([picture.pixel[name.format(raised=picture.raised, leg=leg)] for name in names])
        points = pixels @ frame.matrix[:, :2].T + frame.matrix[:, 2]
        unknown = 1.0 if placed else np.nan
        return (
            crop.image,
            crop.cues,
            np.asarray(target, dtype=np.float32) * unknown,
            points.astype(np.float32) * unknown,
            float(placed),
            picture.person,
            # Copies apart from their originals: a batch then holds more people.
            f"{picture.series}/{copy}/{leg}",
            picture.standing,
        )


def _distance(point: NDArray[np.float64], joints: list[list[float]]) -> float:
    return float(np.hypot(*(point - np.mean(joints, axis=0))))


def read_samples(folder: Path, variant: str, cutting: Cutting, seed: int = 0) -> tuple[Samples, Samples]:
    """Cut the crops of the stills of a rendered set as one pose model places them.

    Parameters
    ----------
    folder
        With ``truth.json`` and the pictures.
    variant
        Pose model.
    cutting
        Whose crops, and how often.
    seed
        Of the errors in the placement.

    Returns
    -------
    trunk, leg : Samples
    """
    rows = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    people = set(sorted({row["person"] for row in rows})[cutting.first :: cutting.every])
    recorder = _Recorder(cutting.copies, np.random.default_rng(seed))
    with MediaPipePoseModel(load_model_file(variant), video=False, estimator=recorder) as model:
        for row in rows:
            if row["person"] not in people:
                continue
            series = f"{variant}/{row['person']}/{row['cam']}"
            recorder.picture = _Picture(
                row["person"], series, row["neutral"], row["elevated"], row["angles"], row["pixel"]
            )
            with open_source(folder / row["image"]) as source:
                for frame in source:
                    model.detect(frame)
    return _joined(recorder.trunk), _joined(recorder.leg)


def _joined(samples: list[tuple]) -> Samples:
    image, cues, target, points, valid, person, series, standing = zip(*samples, strict=True)
    return Samples(
        np.stack(image),
        np.stack(cues),
        np.stack(target),
        np.stack(points),
        np.array(valid, dtype=np.float32),
        np.array(person),
        np.array(series),
        np.array(standing),
    )
