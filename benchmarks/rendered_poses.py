"""What the pose model and formcoach's networks see in pictures and clips, kept in a cache.

Of several people the one is looked at whom the program would choose. The pose model's part takes minutes and is
computed once, with the crops that the networks look at; what the networks make of the crops is computed anew for every
version of theirs. Delete the cache when ``pose/crops.py`` or the choice of the person changes, and when the same number
of pictures is rendered anew: another number is noticed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.analysis.people import choose_from_picture, choose_from_recording
from formcoach.pose.crops import LEG_PX, N_LEG_CUES, N_TRUNK_CUES, TRUNK_PX, Crop, Crops, cut_crops
from formcoach.pose.estimates import PixelEstimator, unknown_estimates
from formcoach.pose.following import PersonFollower
from formcoach.pose.mediapipe_model import MediaPipePeopleDetector, MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.video import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_ESTIMATED = ("trunk_estimate", "leg_estimate")


class _Keeper:
    """Stands in for the networks and keeps what they would have looked at, for everybody in a picture."""

    def __init__(self) -> None:
        self._kept: list[tuple[NDArray[np.float32], Crops]] = []

    def estimate(
        self,
        image: NDArray[np.uint8],
        mask: NDArray[np.float32],
        points: NDArray[np.float64],
        world: NDArray[np.floating],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Keep the crops, estimate nothing."""
        trunk, legs = unknown_estimates()
        self._kept.append((trunk, cut_crops(image, mask, points, world)))
        return trunk, legs

    def take(self, pose: Pose) -> Crops:
        """Return the crops of one person, whose estimate is the very array that was given, and forget all others."""
        crops = [crops for trunk, crops in self._kept if trunk is pose.trunk_estimate]
        self._kept.clear()
        return crops[0] if crops else Crops(None, float("nan"), (None, None))


def read_poses(paths: list[Path], variant: str, cache: Path, *, video: bool, count: int) -> Pose:
    """Return the poses in pictures or in one clip, one after the other.

    Parameters
    ----------
    paths
        Pictures, or one clip.
    variant
        Pose model.
    cache
        Beginning of the names of the files that keep the result.
    video
        Whether the frames follow each other.
    count
        Of how many pictures or frames the truth is known.

    Raises
    ------
    SystemExit
        When there are more or fewer poses than that, so that they would be held against the truth of others.
    """
    poses_file, crops_file = (cache.with_name(f"{cache.name}.{kind}.npz") for kind in ("poses", "crops"))
    if not (poses_file.exists() and crops_file.exists()):
        poses, crops = _detect(paths, variant, video=video)
        if len(crops) != count:
            raise SystemExit(f"{paths[0]} has {len(crops)} frames and {count} rows of truth: render it again.")
        # Written last, it tells that both are there.
        crops_file.unlink(missing_ok=True)
        save_arrays(poses_file, {name: getattr(poses, name) for name in FIELD_SHAPES})
        save_arrays(crops_file, _pack(crops))
    with np.load(poses_file) as stored:
        poses = Pose(*(stored[name] for name in FIELD_SHAPES))
    with np.load(crops_file) as stored:
        kept = len(stored["lean"])
        if kept != count:
            what = "frames" if video else "pictures"
            raise SystemExit(f"{crops_file} keeps the poses of {kept} {what}, but there are {count} now: delete it.")
        estimator = PixelEstimator()
        estimates = [estimator.read(crops) for crops in _unpack({name: stored[name] for name in stored})]
    trunk, legs = (np.stack(part) for part in zip(*estimates, strict=True))
    return replace(poses, **dict(zip(_ESTIMATED, (trunk, legs), strict=True)))


def save_arrays(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write arrays so that an interruption leaves no half of them."""
    part = path.with_suffix(".part.npz")
    np.savez(part, **arrays)
    part.replace(path)


def _detect(paths: list[Path], variant: str, *, video: bool) -> tuple[Pose, list[Crops]]:
    keeper = _Keeper()
    poses, crops = [], []
    for pose in _follow(paths[0], variant, keeper) if video else _choose(paths, variant, keeper):
        poses.append(pose)
        crops.append(keeper.take(pose))
    return Pose.stack(poses), crops


def _follow(path: Path, variant: str, keeper: _Keeper) -> Iterator[Pose]:
    with MediaPipePoseModel(load_model_file(variant), estimator=keeper) as model, open_source(path) as source:
        follower = PersonFollower(model, choose_from_recording(path, (source.info.width, source.info.height)))
        for frame in source:
            yield follower.detect(frame)


def _choose(paths: list[Path], variant: str, keeper: _Keeper) -> Iterator[Pose]:
    with MediaPipePeopleDetector(load_model_file(variant), keeper) as detector:
        for path in paths:
            with open_source(path) as source:
                pose, _ = choose_from_picture(next(iter(source)).image, detector)
            yield Pose.missing() if pose is None else pose


def _pack(crops: list[Crops]) -> dict[str, NDArray[np.generic]]:
    """Return the crops as arrays; what is missing has no cues (NaN)."""
    trunk = [one.trunk for one in crops]
    legs = [leg for one in crops for leg in one.legs]
    return {
        "lean": np.array([one.lean_deg for one in crops]),
        "trunk_image": _images(trunk, TRUNK_PX),
        "trunk_cues": _cues(trunk, N_TRUNK_CUES),
        "leg_image": _images(legs, LEG_PX),
        "leg_cues": _cues(legs, N_LEG_CUES),
    }


def _unpack(stored: dict[str, NDArray[np.generic]]) -> list[Crops]:
    def crop(name: str, index: int) -> Crop | None:
        cues = stored[f"{name}_cues"][index]
        return Crop(stored[f"{name}_image"][index], cues) if np.isfinite(cues).all() else None

    return [
        Crops(crop("trunk", index), float(lean), (crop("leg", 2 * index), crop("leg", 2 * index + 1)))
        for index, lean in enumerate(stored["lean"])
    ]


def _images(crops: list[Crop | None], size: int) -> NDArray[np.uint8]:
    blank = np.zeros((size, size, 4), dtype=np.uint8)
    return np.stack([blank if crop is None else crop.image for crop in crops])


def _cues(crops: list[Crop | None], count: int) -> NDArray[np.float32]:
    missing = np.full(count, np.nan, dtype=np.float32)
    return np.stack([missing if crop is None else crop.cues for crop in crops])
