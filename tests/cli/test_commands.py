"""Whole commands, as a user types them."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT
from media import write_video

COMMAND = [sys.executable, "-m", "formcoach"]


def formcoach(*arguments, cwd=None, **environment):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | environment,
        timeout=240,
        check=False,
    )


def complaint(done, code=1):
    """Return the sentence of a failed call: one line, no traceback, the right exit code."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


# -- light and quick


def test_importing_and_helping_load_nothing_heavy():
    script = (
        "import sys, formcoach, formcoach.cli.main\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(formcoach.cli.main.app, ['analyze', '--help']).exit_code == 0\n"
        "heavy = {'cv2', 'mediapipe', 'av', 'numpy', 'scipy', 'jinja2', 'matplotlib'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_and_version_touch_no_folder(tmp_path):
    for arguments in (["--help"], ["analyze", "--help"], ["demo", "--help"], ["doctor", "--help"], ["--version"]):
        done = formcoach(*arguments, cwd=tmp_path, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
        assert done.returncode == 0, done.stderr
        assert list(tmp_path.iterdir()) == []


def test_version_names_the_parts_that_matter():
    text = formcoach("--version").stdout
    for part in ("formcoach 0.", "python 3.", "mediapipe 1.", "opencv-contrib-python 5.", "av 1", "numpy 2."):
        assert part in text


def test_a_call_without_sense_is_a_usage_error():
    assert formcoach("analyse").returncode == 2
    assert formcoach("analyze").returncode == 2
    assert formcoach("analyze", "a.mp4", "--leg", "middle").returncode == 2


# -- bad input


def test_bad_inputs_get_a_sentence_each_and_the_good_one_is_done(samples, tmp_path):
    (tmp_path / "notes.mp4").write_text("shopping list")
    (tmp_path / "empty.mp4").write_bytes(b"")
    write_video(tmp_path / "room.mp4", [index / 15 for index in range(10)], size=(320, 240))
    photo = samples / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg"
    bad = [tmp_path / "notes.mp4", tmp_path / "empty.mp4", tmp_path, tmp_path / "gone.mp4", tmp_path / "room.mp4"]
    done = formcoach("analyze", *bad, photo, "--out", tmp_path / "out", "--model", "full")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    sentences = done.stderr.strip().splitlines()
    assert len(sentences) == 5
    for word, sentence in zip(
        ("another kind of file", "is empty", "is a folder", "There is no file", "No person was found"),
        sentences,
        strict=True,
    ):
        assert word in sentence
    assert [path.name for path in (tmp_path / "out").iterdir()] == [photo.stem]


def test_a_wrong_model_is_a_usage_error(tmp_path):
    done = formcoach("analyze", "a.mp4", "--model", "huge", "--out", tmp_path / "out")
    assert "lite, full, heavy" in complaint(done, 2)
    assert not (tmp_path / "out").exists()


def test_a_corrupt_model_file(tmp_path):
    (tmp_path / "mine.task").write_bytes(b"PK\x03\x04 broken")
    assert "not an intact MediaPipe pose model" in complaint(
        formcoach("analyze", "a.mp4", "--model", tmp_path / "mine.task")
    )


@pytest.mark.parametrize(
    ("file", "content"), [("pose/networks/leg.onnx", b"broken"), ("angles/calibration.json", b"{")]
)
def test_a_damaged_installation_is_one_sentence_for_all_inputs(samples, tmp_path, file, content):
    shutil.copytree(ROOT / "src/formcoach", tmp_path / "formcoach", ignore=shutil.ignore_patterns("models"))
    (tmp_path / "formcoach/pose/models").symlink_to(ROOT / "src/formcoach/pose/models")
    (tmp_path / "formcoach" / file).write_bytes(content)
    photos = [samples / "photos" / name for name in ("runners_stretch_0.jpg", "seated_hamstring_1.jpg")]
    done = formcoach("analyze", *photos, "--out", tmp_path / "out", PYTHONPATH=str(tmp_path))
    assert "install formcoach again" in complaint(done)
    assert not (tmp_path / "out").exists()


def test_a_faulty_profile_is_a_usage_error(tmp_path):
    text = (ROOT / "src/formcoach/stretch/profiles/standing_raised_leg.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text.replace("warn = { on = 15", "warn = { on = 55", 1), encoding="utf-8")
    done = formcoach("analyze", "a.mp4", "--exercise", tmp_path / "mine.toml")
    assert "warn on must come before strong on" in complaint(done, 2)


def test_an_existing_result_needs_overwrite(samples, tmp_path):
    photo = samples / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg"
    arguments = ("analyze", photo, "--out", tmp_path, "--model", "lite", "--no-video")
    assert formcoach(*arguments).returncode == 0
    assert "--overwrite" in complaint(formcoach(*arguments))
    assert formcoach(*arguments, "--overwrite").returncode == 0


def test_an_out_that_is_a_file(samples, tmp_path):
    (tmp_path / "out").write_text("in the way")
    done = formcoach("analyze", samples / "good_side_left.mp4", "--out", tmp_path / "out")
    assert "choose another --out" in complaint(done)


def test_a_disk_that_fills_is_a_sentence_and_leaves_nothing(samples, tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    done = subprocess.run(
        [*COMMAND, "analyze", str(samples / "good_side_left.mp4"), "--out", str(tmp_path / "out"), "--model", "lite"],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=240,
        check=False,
    )
    assert "The disk is full" in complaint(done)
    assert not (tmp_path / "out").exists()


def test_names_with_brackets_and_bytes_that_are_no_text(samples, tmp_path):
    photo = (samples / "photos" / "runners_stretch_0.jpg").read_bytes()
    (tmp_path / "st [left].jpg").write_bytes(photo)
    (tmp_path / os.fsdecode(b"cl\xffip.jpg")).write_bytes(photo)
    out = tmp_path / "[/bold]"
    names = ["st [left].jpg", os.fsdecode(b"cl\xffip.jpg")]
    for more in ([], ["--json", "--overwrite"]):
        encoding = {"PYTHONIOENCODING": "ascii"} if more else {}
        done = formcoach("analyze", *names, "--out", out, "--model", "lite", *more, cwd=tmp_path, **encoding)
        assert (done.returncode, done.stderr) == (0, "")
    done = formcoach("analyze", *names, "--out", out, "--model", "lite", "--overwrite", cwd=tmp_path)
    assert f"Report: {out / 'st [left]' / 'report.html'}" in done.stdout
    assert "cl?ip.jpg" in done.stdout
    assert (out / os.fsdecode(b"cl\xffip") / "session.json").is_file()


@pytest.mark.parametrize(
    ("module", "text", "package"),
    [
        ("cv2", "libGL.so.1: cannot open shared object file: No such file or directory", "libgl1"),
        ("cv2", "libgthread-2.0.so.0: cannot open shared object file: No such file or directory", "libglib2.0-0"),
        ("mediapipe", "libGLESv2.so.2: cannot open shared object file: No such file or directory", "libgles2"),
    ],
)
def test_a_missing_system_library_is_named_with_its_package(samples, tmp_path, module, text, package):
    kind = "ImportError" if module == "cv2" else "OSError"
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(f"raise {kind}({text!r})\n")
    photo = samples / "photos" / "runners_stretch_0.jpg"
    done = formcoach("analyze", photo, "--out", tmp_path / "out", PYTHONPATH=str(tmp_path))
    assert f"apt-get install {package}" in complaint(done)


# -- what is printed


def test_json_is_all_that_is_printed_and_tells_of_failures_too(samples, tmp_path):
    photo = samples / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg"
    done = formcoach("analyze", photo, tmp_path / "gone.mp4", "--out", tmp_path / "out", "--json", "--model", "lite")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)["results"]
    assert first["done"]
    assert first["session"]["schema"] == "formcoach.session"
    assert Path(first["folder"]) == tmp_path / "out" / photo.stem
    assert not second["done"]
    assert "There is no file" in second["error"]


def test_the_demo_from_any_folder(tmp_path):
    done = formcoach("demo", "--model", "full", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # silent when piped
    assert re.search(r"Back +(warn|strong)", done.stdout)
    assert re.search(r"Leg in line +not checked +cannot be seen from this side", done.stdout)
    judged = r"Toes straight +not checked +not judged: no camera view shows it well enough yet *"
    assert re.search(judged + r"\n +Watch it yourself: Kneecap to the ceiling\b", done.stdout)
    assert "To check more: Whether the leg is in line is seen from the front" in done.stdout
    assert "Report: formcoach-demo/demo/report.html" in done.stdout
    assert {path.name for path in (tmp_path / "formcoach-demo" / "demo").iterdir()} == {
        "session.json", "angles.csv", "flags.csv", "landmarks.npz", "overlay.mp4", "report.html",
    }  # fmt: skip


def test_the_demo_clip_is_the_sample(samples):
    assert (ROOT / "src/formcoach/data/demo.mp4").read_bytes() == (samples / "rounded_back_side_left.mp4").read_bytes()


def in_a_terminal(*arguments, until=None, then=None):
    """Run a command on a terminal and return its exit code and all that it showed; `then` acts once `until` is seen."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=follower, stderr=follower, stdin=follower, start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "160"},
    )  # fmt: skip
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        if until is not None and re.search(until, shown):
            then(process)
            until = None
    os.close(leader)
    return process.wait(timeout=60), shown.decode(errors="replace")


def test_a_terminal_shows_a_bar_with_speed_and_time_left(samples, tmp_path):
    code, shown = in_a_terminal(
        "analyze", samples / "good_side_left.mp4", "--out", tmp_path, "--model", "lite", "--no-video"
    )
    assert code == 0
    assert "finding poses" in shown
    assert re.search(r"\d+\.\d frames/s", shown)
    assert re.search(r"\d:\d\d:\d\d", shown)


def test_ctrl_c_keeps_what_there_is_and_marks_it(samples, tmp_path):
    code, shown = in_a_terminal(
        "analyze", samples / "good_side_left.mp4", samples / "toes_up_side_left.mp4", "--out", tmp_path,
        until=rb"finding poses.*?[1-9]\d/175", then=lambda process: process.send_signal(signal.SIGINT),
    )  # fmt: skip
    assert code == 1
    assert "Traceback" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["good_side_left"]
    document = json.loads((tmp_path / "good_side_left" / "session.json").read_text(encoding="utf-8"))
    assert document["partial"]
    assert 5 < document["source"]["frames"] < 175
    assert "Stopped before the end" in shown
