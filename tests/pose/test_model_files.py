from __future__ import annotations

import hashlib
import zipfile
from importlib import resources

import pytest

from formcoach.errors import ModelError, UsageError
from formcoach.pose.model_files import BUNDLED, MODEL_FILES, load_model_file

FOLDER = resources.files("formcoach.pose").joinpath("models")


def bundled(variant):
    return FOLDER.joinpath(BUNDLED[variant].file).read_bytes()


@pytest.mark.parametrize("variant", ["lite", "full", "heavy"])
def test_the_table_tells_the_truth_about_what_ships(variant):
    entry, content = BUNDLED[variant], bundled(variant)
    assert len(content) == entry.size
    assert hashlib.sha256(content).hexdigest() == entry.sha256
    loaded = load_model_file(variant)
    assert loaded.content == content
    assert loaded.known


def test_every_entry_names_licence_and_source():
    for entry in MODEL_FILES:
        assert entry.licence == "Apache-2.0"
        assert "Google" in entry.source
    readme = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    for entry in MODEL_FILES:
        assert entry.sha256 in readme
        assert f"{entry.size:,}" in readme


def test_google_s_own_heavy_file_is_accepted_by_its_own_hash():
    assert "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b" in {one.sha256 for one in MODEL_FILES}


def test_a_known_file_by_path_is_recognised_whatever_its_name(tmp_path):
    path = tmp_path / "mine.task"
    path.write_bytes(bundled("lite"))
    loaded = load_model_file(str(path))
    assert (loaded.known, loaded.variant, loaded.file) == (True, "lite", "mine.task")


@pytest.mark.parametrize("variant", ["lite", "full"])
def test_a_bundle_with_other_metadata_is_accepted_as_unknown(tmp_path, variant):
    path = tmp_path / "other.task"
    path.write_bytes(bundled(variant))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"other metadata"
    loaded = load_model_file(str(path))
    assert (loaded.known, loaded.variant) == (False, variant)


def flipped(content):
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 0xFF
    return bytes(changed)


DAMAGES = {
    "one bit": flipped,
    "cut short": lambda content: content[: len(content) // 2],
    "text": lambda content: b"not a model",
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_before_it_is_loaded(tmp_path, damage):
    path = tmp_path / "pose_landmarker_lite.task"
    path.write_bytes(DAMAGES[damage](bundled("lite")))
    with pytest.raises(ModelError, match="not an intact MediaPipe pose model"):
        load_model_file(str(path))


def test_a_zip_that_is_no_pose_model_is_refused(tmp_path):
    path = tmp_path / "hands.task"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hand_detector.tflite", b"x")
    with pytest.raises(ModelError, match="not an intact"):
        load_model_file(str(path))


def test_a_damaged_installation_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / BUNDLED["lite"].file).write_bytes(flipped(bundled("lite")))
    monkeypatch.setattr("formcoach.pose.model_files.resources.files", lambda package: tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        load_model_file("lite")
    with pytest.raises(ModelError, match="missing from the installation"):
        load_model_file("full")


def test_a_wrong_name_says_what_there_is():
    with pytest.raises(UsageError, match="lite, full, heavy"):
        load_model_file("huge")
