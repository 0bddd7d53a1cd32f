from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from formcoach.checks import Verdict, parts
from formcoach.checks.parts import MODULES, check_part, check_parts, load, read_requirements


def test_every_part_that_matters_is_named_with_its_version():
    checks = {one.name: one for one in check_parts()}
    assert {"formcoach", "python", "smaller parts", *MODULES} <= set(checks)
    assert all(checks[name].detail == metadata.version(name) for name in MODULES)
    assert f"typer {metadata.version('typer')}" in checks["smaller parts"].detail
    assert {one.verdict for one in checks.values()} == {Verdict.OK}


def test_what_formcoach_says_it_needs_is_what_is_checked():
    needed = read_requirements()
    assert {*MODULES, "cv2-enumerate-cameras", "platformdirs", "rich"} <= set(needed)
    assert not {"pytest", "torch", "ruff"} & set(needed)  # these belong to extras


@pytest.mark.parametrize(("needed", "verdict"), [("numpy>=2.0", Verdict.OK), ("numpy>=2.0,<2.1", Verdict.FAILURE)])
def test_a_version_that_does_not_fit(monkeypatch, needed, verdict):
    monkeypatch.setattr(parts, "find_version", lambda name: "2.4.6")
    check = check_part("numpy", None, Requirement(needed))
    assert check.verdict is verdict
    assert ("2.4.6 does not fit" in check.sentence) == (verdict is Verdict.FAILURE)
    assert ("pip install" in check.remedy) == (verdict is Verdict.FAILURE)


@pytest.mark.parametrize(("name", "verdict"), [("av", Verdict.FAILURE), ("sounddevice", Verdict.HINT)])
def test_a_missing_part_is_a_failure_only_where_recordings_need_it(monkeypatch, name, verdict):
    monkeypatch.setattr(parts, "find_version", lambda name: None)
    check = check_part(name, MODULES[name], None)
    assert check.verdict is verdict
    assert check.sentence.startswith(f"The Python package {name} is missing: install formcoach again")


def test_a_missing_smaller_part_gets_a_line_of_its_own(monkeypatch):
    found = parts.find_version
    monkeypatch.setattr(parts, "find_version", lambda name: None if name in ("jinja2", "platformdirs") else found(name))
    checks = {one.name: one for one in check_parts()}
    assert checks["jinja2"].verdict is Verdict.FAILURE
    assert checks["platformdirs"].verdict is Verdict.HINT
    assert "jinja2" not in checks["smaller parts"].detail


def test_another_opencv_beside_ours_is_told(monkeypatch):
    found = parts.find_version
    monkeypatch.setattr(parts, "find_version", lambda name: "4.12" if name == "opencv-python" else found(name))
    check = next(one for one in check_parts() if one.name == "opencv-python")
    assert check.verdict is Verdict.HINT
    assert "pip uninstall opencv-python'" in check.remedy


def test_what_runs_without_being_installed_is_not_judged_by_versions(monkeypatch):
    def nothing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(parts.metadata, "requires", nothing)
    first = next(check_parts())
    assert (first.verdict, first.detail.split(", ")[1]) == (Verdict.OK, "not installed")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ImportError('libGL.so.1: cannot open shared object file')", "apt-get install libgl1"),
        ("OSError('libEGL.so.1: cannot open shared object file')", "apt-get install libegl1"),
        ("RuntimeError('no AVX\\nsecond line')", "cannot be loaded (RuntimeError, no AVX): install formcoach again"),
    ],
)
def test_a_part_that_cannot_be_loaded(tmp_path, monkeypatch, error, expected):
    monkeypatch.delenv("FORMCOACH_DEBUG", raising=False)
    (tmp_path / "stumbling.py").write_text(f"raise {error}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    check = check_part("numpy", "stumbling", None)
    assert check.verdict is Verdict.FAILURE
    assert expected in check.sentence


def test_loading_says_nothing_and_leaves_no_folder(tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("FORMCOACH_DEBUG", raising=False)
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "chatting.py").write_text(
        "import os\nos.write(2, b'hello')\nprint('hello')\n"
        "open(os.path.join(os.environ['MPLCONFIGDIR'], 'fonts'), 'w').close()\n"
        "folder = os.environ['MPLCONFIGDIR']\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    load("chatting")
    assert capfd.readouterr() == ("", "")
    assert not Path(sys.modules["chatting"].folder).exists()
    assert "MPLCONFIGDIR" not in os.environ
    assert list((tmp_path / "home").iterdir()) == []


def test_a_font_list_that_is_there_is_used(tmp_path, monkeypatch):
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".cache" / "matplotlib").mkdir(parents=True)
    (tmp_path / "looking.py").write_text("import os\nlent = os.environ.get('MPLCONFIGDIR')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    load("looking")
    assert sys.modules["looking"].lent is None
