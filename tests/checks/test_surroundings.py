from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

import pytest

from formcoach.checks import Verdict, surroundings
from formcoach.checks.surroundings import check_data_folder, check_display, check_sound, find_existing
from formcoach.feedback import display
from formcoach.feedback.display import find_display


class PortAudioError(Exception):
    """As sounddevice has it."""


@pytest.fixture
def portaudio(monkeypatch):
    """Put a stand-in for sounddevice in its place and return it."""
    output = {"name": "Loudspeakers", "max_output_channels": 2, "default_samplerate": 48000.0}
    module = SimpleNamespace(
        PortAudioError=PortAudioError,
        query_devices=lambda kind: output,
        check_output_settings=lambda channels: None,
        output=output,
    )
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def stumble(error):
    return mock.Mock(side_effect=error)


@pytest.mark.usefixtures("portaudio")
def test_the_sound_output_is_told_by_name():
    (check,) = check_sound()
    assert (check.verdict, check.detail) == (Verdict.OK, "Loudspeakers, 48000 Hz")


def test_sound_is_asked_for_in_as_many_channels_as_there_are(portaudio):
    asked = []
    portaudio.check_output_settings = lambda channels: asked.append(channels)
    for channels in (1, 8):
        portaudio.output["max_output_channels"] = channels
        list(check_sound())
    assert asked == [1, 2]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("query_devices", PortAudioError("Error querying device -1")),
        ("query_devices", ValueError("no output device")),
        ("check_output_settings", PortAudioError("Device unavailable")),
    ],
)
def test_no_sound_output_is_a_hint(portaudio, function, error):
    setattr(portaudio, function, stumble(error))
    (check,) = check_sound()
    assert check.verdict is Verdict.HINT
    assert "No sound output was found: plug in" in check.sentence


# -- display


@pytest.fixture
def linux(monkeypatch):
    """A Linux computer without a display."""
    monkeypatch.setattr(display.platform, "system", lambda: "Linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("linux")
def test_without_a_display_no_window_is_tried(monkeypatch):
    monkeypatch.setattr(surroundings, "why_no_window", stumble(AssertionError("a window was tried")))
    (check,) = check_display()
    assert check.verdict is Verdict.HINT
    assert "No display is announced" in check.sentence


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_is_announced_by_the_system(monkeypatch, name):
    monkeypatch.setenv(name, ":7")
    assert find_display() == f"{name} :7"


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_these_systems_always_have_a_display(monkeypatch, system):
    monkeypatch.setattr(display.platform, "system", lambda: system)
    assert find_display() == system


@pytest.mark.usefixtures("linux")
def test_a_display_that_opens_a_window_is_good(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(display, "_OPEN_WINDOW", "pass")
    (check,) = check_display()
    assert (check.verdict, check.detail) == (Verdict.OK, "DISPLAY :7")


@pytest.mark.usefixtures("linux")
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit('x11 not available')", "(x11 not available)"),
        ("raise SystemExit('first\\n\\nThe function is not implemented.\\n')", "The function is not implemented."),
        ("import os; os.abort()", "exit code -6"),
        ("import time; time.sleep(30)", "does not answer"),
    ],
)
def test_a_window_that_cannot_be_opened_is_a_hint_with_the_reason(monkeypatch, program, reason):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(display, "_OPEN_WINDOW", program)
    monkeypatch.setattr(display, "WINDOW_TIMEOUT_S", 2.0)
    (check,) = check_display()
    assert check.verdict is Verdict.HINT
    assert "No window can be opened on DISPLAY :7" in check.sentence
    assert reason in check.detail


@pytest.mark.usefixtures("linux")
def test_a_display_that_is_not_there_is_a_hint(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9731")
    (check,) = check_display()
    assert check.verdict is Verdict.HINT
    assert "not available" in check.detail


@pytest.mark.usefixtures("linux")
def test_a_python_that_cannot_be_started_is_a_hint(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(subprocess, "run", stumble(PermissionError(13, "Permission denied")))
    (check,) = check_display()
    assert "Permission denied" in check.detail


# -- data folder


def check_folder(monkeypatch, path):
    monkeypatch.setenv("FORMCOACH_HOME", str(path))
    (check,) = check_data_folder()
    return check


def test_a_folder_that_is_there(tmp_path, monkeypatch):
    check = check_folder(monkeypatch, tmp_path)
    assert check.verdict is Verdict.OK
    assert check.detail.startswith(f"{tmp_path}, ")
    assert check.detail.endswith(" GB free")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_could_be_made_and_is_not(tmp_path, monkeypatch):
    check = check_folder(monkeypatch, tmp_path / "a" / "b")
    assert check.verdict is Verdict.OK
    assert "b will be made when it is needed" in check.detail
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        check = check_folder(monkeypatch, path)
        assert check.verdict is Verdict.HINT
        assert "cannot be written to (Not a directory)" in check.sentence
        assert "FORMCOACH_HOME" in check.remedy


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/sys is Linux's")
def test_a_folder_that_nobody_may_write_to(monkeypatch):
    check = check_folder(monkeypatch, "/sys/formcoach")
    assert check.verdict is Verdict.HINT
    assert "/sys/formcoach cannot be written to (" in check.sentence


def test_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(surroundings.shutil, "disk_usage", lambda folder: SimpleNamespace(free=300_000_000))
    check = check_folder(monkeypatch, tmp_path)
    assert check.verdict is Verdict.HINT
    assert "has only 0.3 GB free: make room" in check.sentence


def test_the_nearest_folder_that_exists(tmp_path):
    assert find_existing(tmp_path / "a" / "b" / "c") == tmp_path
    assert find_existing(tmp_path) == tmp_path
