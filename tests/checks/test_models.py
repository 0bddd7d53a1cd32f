from __future__ import annotations

from unittest import mock

import cv2
import pytest

from formcoach.checks import Verdict, models
from formcoach.checks.models import check_models
from formcoach.errors import MissingLibraryError
from formcoach.pose.model_files import BUNDLED, load_model_file


def test_good_models_are_named_and_run():
    checks = list(check_models())
    assert [one.name for one in checks] == ["pose model lite", "pose model full", "pose model heavy", "finding people"]
    assert {one.verdict for one in checks} == {Verdict.OK}
    assert BUNDLED["heavy"].sha256[:12] in checks[2].detail


def test_a_damaged_or_missing_one_fails_and_a_good_one_runs(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    content = bytearray(load_model_file("lite").content)
    content[1000] ^= 1
    (tmp_path / "models" / BUNDLED["lite"].file).write_bytes(content)
    (tmp_path / "models" / BUNDLED["full"].file).write_bytes(load_model_file("full").content)
    monkeypatch.setattr("formcoach.pose.model_files.resources.files", lambda package: tmp_path)
    ran = []
    monkeypatch.setattr(models, "run_once", lambda model: ran.append(model.variant) or 0.1)
    checks = list(check_models())
    assert [one.verdict for one in checks] == [Verdict.FAILURE, Verdict.OK, Verdict.FAILURE, Verdict.OK]
    assert "'lite' is damaged" in checks[0].sentence
    assert "'heavy' is missing" in checks[2].sentence
    assert ran == ["full"]


def stumble(error):
    return mock.Mock(side_effect=error)


def test_a_library_that_mediapipe_opens_late_is_a_failure(monkeypatch):
    monkeypatch.setattr(models, "run_once", stumble(MissingLibraryError("libGLESv2.so.2 is missing: install it.")))
    last = list(check_models())[-1]
    assert (last.name, last.verdict) == ("finding people", Verdict.FAILURE)
    assert last.remedy == "install it."


@pytest.mark.parametrize("error", [cv2.error("cannot parse"), FileNotFoundError("trunk.onnx")])
def test_networks_of_our_own_that_cannot_be_loaded(monkeypatch, error):
    monkeypatch.setattr("formcoach.pose.estimates.PixelEstimator", stumble(error))
    last = list(check_models())[-1]
    assert last.verdict is Verdict.FAILURE
    assert last.sentence == "formcoach's own networks cannot be loaded: install formcoach again."
