"""What is kept of pictures is what the program sees in them."""

from __future__ import annotations

import numpy as np
import pytest

import rendered_poses
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import FIELD_SHAPES
from formcoach.video import open_source

PHOTOS = ("standing_gastrocnemius_calf_stretch_0.jpg", "runners_stretch_0.jpg")


@pytest.fixture(scope="module")
def paths(samples):
    return [samples / "photos" / name for name in PHOTOS]


def seen_by_program(path):
    with MediaPipePoseModel(load_model_file("lite"), video=False, estimator=PixelEstimator()) as model:
        with open_source(path) as source:
            (frame,) = source
        return model.detect(frame)


def test_poses_are_those_of_the_program_at_first_and_from_the_cache(paths, tmp_path, monkeypatch):
    first = rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False)
    monkeypatch.setattr(rendered_poses, "_detect", lambda *_, **__: pytest.fail("not read from the cache"))
    again = rendered_poses.read_poses(paths, "lite", tmp_path / "kept", video=False)
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
        rendered_poses.read_poses(paths[:1], "lite", tmp_path / "kept", video=False)
    monkeypatch.undo()
    assert rendered_poses.read_poses(paths[:1], "lite", tmp_path / "kept", video=False).found.all()
