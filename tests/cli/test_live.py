"""``formcoach live`` as a user types it, without a display; whole sessions are in ``tests/live``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from importlib import resources

import jsonschema
import pytest

from conftest import SAMPLES

COMMAND = [sys.executable, "-m", "formcoach", "live"]
SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))
QUICK = ("--no-window", "--voice", "off", "--model", "lite", "--no-front-check")


def environment(home, **more):
    without_display = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return without_display | {"COLUMNS": "200", "NO_COLOR": "1", "FORMCOACH_HOME": str(home)} | more


def live(home, *arguments, **more):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(home, **more),
        timeout=240,
        check=False,
    )


def complaint(done, code):
    """Return the sentence of a call that failed: one line, no traceback, the right exit code, nothing kept."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A short clip, played from start to end."""
    home = tmp_path_factory.mktemp("home")
    done = live(home, "--source", SAMPLES / "good_side_left.mp4", "--hold", "5", *QUICK)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done, home


def test_the_help_is_light_and_touches_no_folder(tmp_path):
    script = (
        "import sys, formcoach.cli.main\n"
        "from typer.testing import CliRunner\n"
        "done = CliRunner().invoke(formcoach.cli.main.app, ['live', '--help'])\n"
        "assert done.exit_code == 0 and '--front-check' in done.output, done.output\n"
        "print(sorted({'cv2', 'mediapipe', 'av', 'numpy', 'scipy', 'sounddevice', 'sqlite3'} & set(sys.modules)))\n"
    )
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment(home, COLUMNS="200")
    )
    assert done.stdout.strip() == "[]"
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hold", "2"), "3 to 120 seconds"),
        (("--hold", "500"), "3 to 120 seconds"),
        (("--sets", "0"), "1 to 10 sets"),
        (("--exercise", "nothing"), "There is no exercise profile 'nothing'"),
        (("--no-window", "--full-screen"), "--full-screen needs the window"),
    ],
)
def test_a_call_without_sense_is_a_usage_error(tmp_path, arguments, words):
    assert words in complaint(live(tmp_path / "home", *arguments), 2)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("arguments", [("--model", "huge"), ("--voice", "loud"), ("--leg", "both"), ("--sets", "two")])
def test_unknown_choices_are_usage_errors(tmp_path, arguments):
    assert live(tmp_path / "home", *arguments).returncode == 2


def test_without_a_display_it_says_what_goes_without(tmp_path):
    sentence = complaint(live(tmp_path / "home", "--source", SAMPLES / "good_side_left.mp4", "--voice", "off"), 1)
    assert "--no-window" in sentence
    assert "analyze" in sentence
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("97", "97"),
        ("nothing.mp4", "nothing.mp4"),
        (SAMPLES / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg", "is a photo"),
        ("http://127.0.0.1:9/none.mjpg", "127.0.0.1"),
    ],
)
def test_a_source_that_gives_nothing_is_one_sentence(tmp_path, source, words):
    assert words in complaint(live(tmp_path / "home", "--source", source, *QUICK), 1)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    complaint(live(blocked, "--source", SAMPLES / "good_side_left.mp4", *QUICK), 1)


def test_a_clip_goes_through_the_whole_session(played):
    done, home = played
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert said.index("Watching with the lite model; Ctrl-C ends the session.") < said.index("Stand tall and still")
    assert said.index("Stand tall and still") < said.index("Session ended")
    (folder,) = (home / "sessions").iterdir()
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, SCHEMA)
    assert document["path"] == "causal"
    assert document["model"]["variant"] == "lite"
    assert document["exercise"]["hold_target_s"]["value"] == 5.0
    assert document["source"]["frames"] > 60  # of 175, with whatever else the machine does
    stages = [one["detail"] for one in document["events"] if one["kind"] == "stage"]
    assert stages[:2] == ["framing", "baseline"]
    assert stages[-1] == "done"
    assert sorted(path.name for path in folder.iterdir()) == ["angles.csv", "flags.csv", "report.html", "session.json"]
    assert f"Report: {folder / 'report.html'}" in done.stdout


def test_before_it_begins_it_says_what_it_is_and_what_is_kept_where(played):
    done, home = played
    before = done.stdout.partition("Watching with")[0]
    for words in ("Not a medical device", "Ease off when", f"are kept in {home}", "No video of you is kept."):
        assert words in re.sub(r"\s+", " ", before)


def test_the_session_is_in_the_store_too(played):
    _, home = played
    listed = subprocess.run(
        [sys.executable, "-m", "formcoach", "sessions", "list"],
        capture_output=True,
        text=True,
        env=environment(home),
        check=True,
    )
    (folder,) = (home / "sessions").iterdir()
    assert folder.name in listed.stdout


def start(home, *arguments):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, PYTHONUNBUFFERED="1"),
    )


def wait_for(process, text):
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"ended before it said '{text}': {process.stderr.read()}")


def kill_later(process, seconds=120.0):
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    return timer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_polite_kill_end_it_with_a_report(tmp_path, number):
    with start(tmp_path, "--source", SAMPLES / "good_side_left.mp4", *QUICK) as process:
        guard = kill_later(process)
        wait_for(process, "Stand tall")
        process.send_signal(number)
        out, err = process.communicate()
        guard.cancel()
    assert (process.returncode, err) == (0, "")
    assert "Session ended" in out
    assert "Report: " in out
    assert list(tmp_path.rglob("report.html"))


def test_a_killed_session_is_closed_by_the_next_one_and_leaves_no_remains(tmp_path):
    with start(tmp_path, "--source", SAMPLES / "good_side_left.mp4", *QUICK) as process:
        guard = kill_later(process)
        wait_for(process, "Stand tall")
        process.kill()
        process.communicate()
        guard.cancel()
    assert list((tmp_path / "sessions").glob(".*.partial"))
    done = live(tmp_path, "--source", SAMPLES / "good_side_left.mp4", "--hold", "5", *QUICK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("was cut off after") == 1
    assert not list((tmp_path / "sessions").glob(".*.partial"))
