"""The networks that ship, on real photographs and on pictures that hold nobody."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from builders import STRETCHING, make_pose
from formcoach.errors import ModelError
from formcoach.pose import estimates
from formcoach.pose.crops import LEG_PX, N_LEG_CUES, N_TRUNK_CUES, TRUNK_PX, Crop, Crops
from formcoach.pose.estimates import (
    MINIMUM_LIKELIHOOD,
    PixelEstimator,
    check_networks,
    compute_network_hashes,
    relative_to_vertical,
)
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES
from formcoach.video import open_source

PHOTO = "standing_gastrocnemius_calf_stretch_0.jpg"
POSE = make_pose(STRETCHING)


@pytest.fixture(scope="module")
def estimator():
    return PixelEstimator()


@pytest.fixture(scope="module")
def seen(estimator, samples):
    """A person in a photograph, and in its mirror image."""
    with MediaPipePoseModel(load_model_file("heavy"), video=False, estimator=estimator) as model:
        with open_source(samples / "photos" / PHOTO) as source:
            (frame,) = source
        mirror = replace(frame, image=np.ascontiguousarray(frame.image[:, ::-1]))
        return model.detect(frame), model.detect(mirror)


def test_the_networks_are_small():
    folder = resources.files("formcoach.pose.networks")
    sizes = [len(folder.joinpath(f"{name}.onnx").read_bytes()) for name in ("trunk", "leg")]
    assert 10_000 < sum(sizes) < 10_000_000


def test_the_card_tells_the_truth_about_the_networks():
    folder = resources.files("formcoach.pose.networks")
    card = folder.joinpath("README.md").read_text(encoding="utf-8")
    sides = {"trunk": (TRUNK_PX, N_TRUNK_CUES, TRUNK_ESTIMATES), "leg": (LEG_PX, N_LEG_CUES, LEG_ESTIMATES)}
    for name, sha256 in compute_network_hashes().items():
        size = len(folder.joinpath(f"{name}.onnx").read_bytes())
        assert re.search(rf"^\| {name} \| `{name}\.onnx` \| {size:,} \| .* \| `{sha256}` \|$", card, re.MULTILINE)
        side, cues, values = sides[name]
        assert f"1 × 4 × {side} × {side}" in card
        assert f"1 × {cues} |" in card
        assert f"1 × {2 * len(values) + 1} |" in card
        assert all(f"`{value}`" in card for value in values)
    assert f"a likelihood of {MINIMUM_LIKELIHOOD} " in card


def test_a_person_in_a_photograph_is_read(seen):
    pose, _ = seen
    assert pose.trunk_estimate.shape == (2, len(TRUNK_ESTIMATES))
    assert pose.leg_estimate.shape == (2, 2, len(LEG_ESTIMATES))
    assert np.isfinite(pose.trunk_estimate).all()
    assert (pose.trunk_estimate[1] > 0.5).all()
    assert (pose.trunk_estimate[1] < 40.0).all()


def test_a_mirror_exchanges_the_legs_and_leaves_the_trunk(seen):
    pose, mirror = seen
    # The pose model itself does not place a mirrored person's landmarks quite alike.
    assert mirror.trunk_estimate[0] == pytest.approx(pose.trunk_estimate[0], abs=8.0)
    both = np.isfinite(mirror.leg_estimate[::-1]) & np.isfinite(pose.leg_estimate)
    assert both.any()
    assert mirror.leg_estimate[::-1][both] == pytest.approx(pose.leg_estimate[both], abs=12.0)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_that_holds_nobody_is_refused(estimator, level):
    image = np.full((480, 640, 3), level, np.uint8)
    trunk, legs = estimator.estimate(
        image, np.zeros((480, 640), np.float32), POSE.points.astype(np.float64), POSE.world
    )
    assert np.isnan(trunk).all()
    assert np.isnan(legs).all()


def test_noise_is_refused(estimator):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    mask = rng.random((480, 640), dtype=np.float32)
    trunk, _ = estimator.estimate(image, mask, POSE.points.astype(np.float64), POSE.world)
    assert np.isnan(trunk).all()


def test_missing_crops_are_not_known(estimator):
    trunk, legs = estimator.read(Crops(None, float("nan"), (None, None)))
    assert np.isnan(trunk).all()
    assert np.isnan(legs).all()


def test_the_same_crop_gives_the_same_numbers(estimator):
    rng = np.random.default_rng(1)
    crop = Crop(rng.integers(0, 255, (TRUNK_PX, TRUNK_PX, 4), dtype=np.uint8), np.zeros(N_TRUNK_CUES, np.float32))
    first, second = (estimator._trunk.run(crop) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_only_angles_to_the_vertical_take_the_crops_lean():
    values = np.zeros((2, len(TRUNK_ESTIMATES)), np.float32)
    turned = relative_to_vertical(values, 12.0)
    assert dict(zip(TRUNK_ESTIMATES, turned[0].tolist(), strict=True)) == {
        "pelvic_tilt": 12.0,
        "lumbar_flexion": 0.0,
        "thoracic_flexion": 0.0,
        "cervical_flexion": 0.0,
        "trunk_lean": 12.0,
        "hip_flexion": 0.0,
    }
    assert not turned[1].any()


def test_the_calibration_belongs_to_the_networks_that_ship():
    text = resources.files("formcoach.angles").joinpath("calibration.json").read_text(encoding="utf-8")
    assert json.loads(text)["networks"] == compute_network_hashes(), "run benchmarks/fit_calibration.py"


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """An installation of its own, with both networks in it, that a test may damage."""
    shipped = resources.files("formcoach.pose").joinpath("networks")
    (tmp_path / "networks").mkdir()
    for name in ("trunk.onnx", "leg.onnx"):
        (tmp_path / "networks" / name).write_bytes(shipped.joinpath(name).read_bytes())
    monkeypatch.setattr("formcoach.pose.estimates.resources.files", lambda package: tmp_path)
    estimates._load.cache_clear()
    yield tmp_path / "networks"
    estimates._load.cache_clear()


def flipped(content):
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 0xFF
    return bytes(changed)


DAMAGES = {"one byte": flipped, "cut short": lambda content: content[: len(content) // 2], "empty": lambda content: b""}


@pytest.mark.parametrize("name", ["trunk", "leg"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_network_is_refused_before_it_is_loaded(installation, monkeypatch, name, damage):
    expected = compute_network_hashes()
    estimates._load.cache_clear()
    path = installation / f"{name}.onnx"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    monkeypatch.setattr(estimates, "Network", None)
    with pytest.raises(ModelError, match=f"'{name}' is damaged .* install formcoach again"):
        PixelEstimator(expected)


def test_a_missing_network_is_noticed(installation):
    (installation / "leg.onnx").unlink()
    with pytest.raises(ModelError, match="'leg' is missing from the installation: install formcoach again"):
        PixelEstimator()


def test_what_opencv_cannot_load_is_a_sentence_even_unchecked(installation):
    (installation / "trunk.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match="OpenCV cannot load"):
        PixelEstimator()


def test_networks_of_another_calibration_are_refused():
    with pytest.raises(ModelError, match="differs from the calibration's"):
        check_networks({"trunk": "0" * 64})
