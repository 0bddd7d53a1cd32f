"""The benchmarks' commands say in one sentence what they miss."""

from __future__ import annotations

import sys

import pytest

import accuracy
import camera_advice
import fit_calibration
import fit_networks
import truth
from usage import need_extra

COMMANDS = (accuracy, fit_calibration, fit_networks, camera_advice)


@pytest.fixture(params=COMMANDS, ids=lambda module: module.__name__)
def command(request, monkeypatch, tmp_path):
    """Run a command on some folders, with a cache."""

    def run(*arguments):
        name = f"{request.param.__name__}.py"
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments), "--cache", str(tmp_path / "cache")])
        request.param.main()

    return run


def last_line(capsys):
    return capsys.readouterr().err.splitlines()[-1]


def test_a_folder_that_is_not_there_is_a_usage_error(command, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        command(tmp_path / "nosuch")
    assert ended.value.code == 2
    assert last_line(capsys).endswith(f"there is no folder {tmp_path / 'nosuch'}")


@pytest.mark.parametrize("content", [None, "[]\n"])
def test_a_folder_without_anybody_is_a_usage_error(command, tmp_path, capsys, content):
    folder = tmp_path / "empty"
    for part in (folder, folder / "side"):
        part.mkdir()
        if content:
            (part / "truth.json").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        command(folder)
    assert ended.value.code == 2
    assert f"nothing is in {folder}: it needs" in last_line(capsys)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("option", ["--strangers", "--photographs"])
def test_the_other_folders_of_accuracy_are_looked_at_too(monkeypatch, tmp_path, capsys, option):
    monkeypatch.setattr(sys, "argv", ["accuracy.py", "--cache", "cache", option, str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        accuracy.main()
    assert f"argument {option}: nothing is in {tmp_path}" in last_line(capsys)


def test_a_view_of_nobody_is_passed_over(tmp_path):
    (tmp_path / "people" / "front").mkdir(parents=True)
    (tmp_path / "people" / "front" / "truth.json").write_text("[]\n", encoding="utf-8")
    assert truth.read_all(tmp_path / "people", "lite", tmp_path / "cache") == []


@pytest.mark.parametrize("module", ["torch", "onnx"])
def test_a_fit_without_the_extra_says_how_to_install_it(monkeypatch, tmp_path, module):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "truth.json").write_text('[{"image": "a.jpg"}]', encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["fit_networks.py", str(tmp_path), "--cache", str(tmp_path)])
    with pytest.raises(SystemExit, match=rf"^This needs .*{module}.*: pip install -e '\.\[render\]'$"):
        fit_networks.main()


def test_all_that_is_missing_is_named_at_once(monkeypatch):
    for name in ("torch", "anny"):
        monkeypatch.setitem(sys.modules, name, None)
    need_extra("render", "numpy")
    with pytest.raises(SystemExit, match="needs anny, torch, which"):
        need_extra("render", "anny", "numpy", "torch")
