"""What is kept of pictures is what the program sees in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import rendered_poses
import truth
from builders import make_pose
from formcoach.analysis.people import choose_from_photo
from formcoach.pose.crops import Crops
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.video import open_source

PEOPLE = Path(__file__).parents[1] / "data" / "people"
CLIP = "ci_clip_0000_good_side_left"
PHOTOS = ("standing_gastrocnemius_calf_stretch_0.jpg", "runners_stretch_0.jpg")


@pytest.fixture(scope="module")
def paths(samples):
    return [samples / "photos" / name for name in PHOTOS]


def seen_by_program(path):
    with open_source(path) as source:
        (frame,) = source
    pose, _ = choose_from_photo(frame.image, load_model_file("lite"), PixelEstimator())
    return pose


def test_poses_are_those_of_the_program_at_first_and_from_the_cache(paths, tmp_path, monkeypatch):
    first = rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False, count=2)
    monkeypatch.setattr(rendered_poses, "_detect", lambda *_, **__: pytest.fail("not read from the cache"))
    again = rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False, count=2)
    assert np.isfinite(first.trunk_estimate).any()
    for row, path in enumerate(paths):
        direct = seen_by_program(path)
        for name in FIELD_SHAPES:
            assert np.array_equal(getattr(first[row], name), getattr(direct, name), equal_nan=True), name
            assert np.array_equal(getattr(again[row], name), getattr(direct, name), equal_nan=True), name


def test_an_interruption_leaves_nothing_that_looks_whole(paths, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(rendered_poses, "_pack", stop)
    with pytest.raises(KeyboardInterrupt):
        rendered_poses.read_poses(paths[:1], "lite", tmp_path / "kept", video=False, count=1)
    monkeypatch.undo()
    assert rendered_poses.read_poses(paths[:1], "lite", tmp_path / "kept", video=False, count=1).found.all()


class Detector:
    """Stands in for the pose model: sees the same figure in so many pictures, at once."""

    def __init__(self):
        self.pictures = self.asked = 0

    def __call__(self, *_, **__):
        self.asked += 1
        return Pose.stack([make_pose()] * self.pictures), [Crops(None, float("nan"), (None, None))] * self.pictures


@pytest.fixture
def detector(monkeypatch):
    monkeypatch.setattr(rendered_poses, "_detect", Detector())
    return rendered_poses._detect


def test_poses_of_other_pictures_are_refused_until_the_file_is_deleted(tmp_path, detector):
    detector.pictures = 2
    paths = [tmp_path / f"{index}.jpg" for index in range(3)]
    rendered_poses.read_poses(paths[:2], "lite", tmp_path / "kept", video=False, count=2)
    with pytest.raises(SystemExit, match=r"^\S+kept\.crops\.npz keeps the poses of 2 pictures, .* 3 .*: delete it\.$"):
        rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False, count=3)
    assert detector.asked == 1
    (tmp_path / "kept.crops.npz").unlink()
    detector.pictures = 3
    assert rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False, count=3).leading_shape == (3,)


@pytest.mark.parametrize("lost", ["poses", "crops"])
def test_half_a_cache_is_none(tmp_path, detector, lost):
    detector.pictures = 1
    for _ in range(2):
        rendered_poses.read_poses([tmp_path / "a.jpg"], "lite", tmp_path / "kept", video=False, count=1)
        (tmp_path / f"kept.{lost}.npz").unlink()
    assert detector.asked == 2


def test_the_poses_of_stills_are_counted(tmp_path, detector):
    detector.pictures = 30
    assert list(truth.read_stills(PEOPLE, "side", "lite", tmp_path))
    for kind in ("crops", "poses"):
        shutil.copy(tmp_path / f"stills_side.lite.{kind}.npz", tmp_path / f"stills_front.lite.{kind}.npz")
    with pytest.raises(SystemExit, match=r"stills_front\.lite\.crops\.npz keeps .* 30 .* 10"):
        list(truth.read_stills(PEOPLE, "front", "lite", tmp_path))


def test_the_poses_of_a_clip_are_counted_by_its_rows(tmp_path, detector):
    folder = tmp_path / "clips"
    folder.mkdir()
    for ending in ("mp4", "csv", "scene.json"):
        shutil.copy(PEOPLE / "clips" / f"{CLIP}.{ending}", folder)
    table = folder / f"{CLIP}.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    detector.pictures = len(lines) - 1
    (clip,) = truth.read_clips(tmp_path, "lite", tmp_path)
    assert clip.pose.leading_shape == clip.time_s.shape
    table.write_text("".join(lines[:-2]), encoding="utf-8")
    with pytest.raises(SystemExit, match=rf"{CLIP}\.lite\.crops\.npz keeps .*: delete it\.$"):
        list(truth.read_clips(tmp_path, "lite", tmp_path))
    (tmp_path / f"{CLIP}.lite.crops.npz").unlink()
    with pytest.raises(SystemExit, match=rf"{CLIP}\.mp4 has {len(lines) - 1} frames .*: render it again\.$"):
        list(truth.read_clips(tmp_path, "lite", tmp_path))
