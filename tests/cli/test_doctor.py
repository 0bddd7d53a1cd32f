"""``formcoach doctor`` as a user types it, on computers that lack something."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, need
from formcoach.pose.model_files import BUNDLED

COMMAND = [sys.executable, "-m", "formcoach", "doctor"]
# Two cameras, one of which another program holds.
WITH_CAMERAS = """
import sys
import cv2
import cv2_enumerate_cameras
from types import SimpleNamespace
from webcam import Webcam

plugged_in = {0: Webcam(15.0, in_real_time=True), 2: Webcam(15.0, 30, in_real_time=True)}
names = {0: "HD Webcam", 1: "Held [by] another", 2: "Dark corner"}
open_device = cv2.VideoCapture
cv2.VideoCapture = lambda number: plugged_in.get(number) or open_device(97)
cv2_enumerate_cameras.enumerate_cameras = lambda backend: [
    SimpleNamespace(index=number, name=name) for number, name in names.items()
]
sys.argv = ["formcoach", "doctor", *sys.argv[1:]]
from formcoach.cli.main import run

run()
"""


# Stand-ins that see nothing of what is plugged into the computer that runs the tests.
NO_CAMERAS = "supported_backends = tuple(range(3000))\ndef enumerate_cameras(backend):\n    return []\n"
NO_SOUND = "class PortAudioError(Exception): pass\ndef query_devices(kind):\n    raise PortAudioError\n"
LEFT_OUT = (
    "DISPLAY", "WAYLAND_DISPLAY", "FORMCOACH_HOME", "FORMCOACH_DEBUG", "MPLCONFIGDIR", "XDG_DATA_HOME",
    "XDG_CACHE_HOME", "NO_COLOR", "FORCE_COLOR",
)  # fmt: skip


@pytest.fixture
def computer(tmp_path):
    """An environment with a home of its own, without display, sound and cameras."""
    home, stand_ins = tmp_path / "home", tmp_path / "stand-ins"
    home.mkdir()
    stand_ins.mkdir()
    (stand_ins / "cv2_enumerate_cameras.py").write_text(NO_CAMERAS)
    (stand_ins / "sounddevice.py").write_text(NO_SOUND)
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return before(environment | {"HOME": str(home), "COLUMNS": "80"}, stand_ins)


def doctor(environment, *arguments, command=COMMAND):
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, env=environment, timeout=240, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""
    return done


def lines_of(done):
    """Return the lines by what they are about: verdict and sentence."""
    found = [re.fullmatch(r"(ok|hint|failure) +([^:]+): (.+)", line) for line in done.stdout.splitlines()[:-1]]
    assert None not in found, done.stdout
    return {one[2]: (one[1], one[3]) for one in found}


def before(environment, *folders):
    """Have Python find modules in these folders first."""
    given = environment.get("PYTHONPATH")
    return environment | {"PYTHONPATH": os.pathsep.join([*map(str, folders), *([given] if given else [])])}


def test_a_computer_for_recordings_only(computer, tmp_path):
    done = doctor(computer)
    lines = lines_of(done)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    needed = ("mediapipe", "opencv-contrib-python", "av", "numpy", "scipy", "pose model heavy", "finding people")
    assert {lines[name][0] for name in needed} == {"ok"}
    assert lines["display"] == (
        "hint",
        "No display is announced (DISPLAY and WAYLAND_DISPLAY are empty): start formcoach live from the desktop of this"
        " computer; analyze and demo need none.",
    )
    assert lines["sound"][0] == "hint"
    assert "Recordings can be analysed" in done.stdout.splitlines()[-1]
    assert lines["data folder"][0] == "ok"
    assert list((tmp_path / "home").iterdir()) == []  # not even Matplotlib's folders


def test_without_portaudio_the_package_to_install_is_named(computer, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    done = doctor(before(computer, tmp_path))
    assert done.returncode == 0
    assert lines_of(done)["sound"] == (
        "hint", "The system library PortAudio is missing: on Debian or Ubuntu run 'apt-get install libportaudio2'."
    )  # fmt: skip


def test_damaged_and_missing_models_are_failures(computer, tmp_path):
    installed = tmp_path / "installed"
    shutil.copytree(ROOT / "src" / "formcoach", installed / "formcoach", ignore=shutil.ignore_patterns("*_heavy.task"))
    lite = installed / "formcoach" / "pose" / "models" / BUNDLED["lite"].file
    content = bytearray(lite.read_bytes())
    content[len(content) // 2] ^= 0xFF
    lite.write_bytes(content)
    done = doctor(before(computer, installed))
    assert done.returncode == 1
    lines = lines_of(done)
    assert lines["pose model lite"] == (
        "failure",
        "The pose model 'lite' is damaged (its sha256 differs from the table): install formcoach again.",
    )
    assert lines["pose model heavy"] == (
        "failure", "The pose model 'heavy' is missing from the installation: install formcoach again."
    )  # fmt: skip
    assert lines["pose model full"][0] == "ok"
    assert lines["finding people"][0] == "ok"
    assert "mend what is marked" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("module", "error", "part", "sentence"),
    [
        (
            "cv2",
            "ImportError('libGL.so.1: cannot open shared object file: No such file or directory')",
            "opencv-contrib-python",
            "The system library libGL.so.1 is missing: on Debian or Ubuntu run 'apt-get install libgl1'.",
        ),
        (
            "numpy",
            "ModuleNotFoundError(\"No module named 'numpy'\", name='numpy')",
            "numpy",
            "The Python package numpy is missing: install formcoach again, as its README says.",
        ),
    ],
)
def test_what_analysing_needs_and_is_not_there_is_a_failure_and_the_rest_is_checked(
    computer, tmp_path, module, error, part, sentence
):
    (tmp_path / f"{module}.py").write_text(f"raise {error}\n")
    done = doctor(before(computer, tmp_path))
    assert done.returncode == 1
    lines = lines_of(done)
    assert lines[part] == ("failure", sentence)
    assert lines["python"][0] == lines["data folder"][0] == "ok"


@pytest.mark.parametrize(
    ("chosen", "verdict", "words"),
    [
        ("later", "ok", "later will be made when it is needed"),
        ("file", "hint", "file cannot be written to (Not a directory): change its permissions, or choose another"),
        pytest.param(
            "/sys/formcoach",
            "hint",
            "/sys/formcoach cannot be written to (",
            marks=pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/sys is Linux's"),
        ),
    ],
)
def test_the_data_folder_that_the_user_chose(computer, tmp_path, chosen, verdict, words):
    (tmp_path / "file").write_text("in the way")
    done = doctor(computer | {"FORMCOACH_HOME": str(tmp_path / chosen)}, "--json")
    (check,) = (one for one in json.loads(done.stdout)["checks"] if one["name"] == "data folder")
    assert done.returncode == 0
    assert check["verdict"] == verdict
    assert words in f"{check['detail']}: {check['remedy']}"
    assert not (tmp_path / "later").exists()


def test_cameras_are_told_by_name_with_what_they_really_give(computer):
    command = [sys.executable, "-c", WITH_CAMERAS]
    done = doctor(before(computer, ROOT / "tests"), "--json", command=command)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["verdict"] == "hint"
    checks = {one["name"]: one for one in document["checks"]}
    assert all(set(one) == {"name", "verdict", "detail", "remedy"} for one in document["checks"])
    rate = re.fullmatch(
        r"HD Webcam, 640×480, (\d+\.\d) pictures a second \(30 promised\), good light", checks["camera 0"]["detail"]
    )
    assert float(rate[1]) == pytest.approx(15.0, rel=0.2)
    assert checks["camera 0"]["verdict"] == "ok"
    assert checks["camera 1"]["detail"] == "Held [by] another cannot be opened"
    assert checks["camera 1"]["verdict"] == "hint"
    assert checks["camera 2"]["detail"].endswith("too dark")
    assert "lamp" in checks["camera 2"]["remedy"]


def in_a_terminal(environment):
    """Run the command on a terminal of 80 columns and return all that it showed."""
    leader, follower = pty.openpty()
    with subprocess.Popen(COMMAND, stdout=follower, stderr=follower, stdin=follower, env=environment) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert process.returncode == 0
    return shown.decode()


def test_colours_are_for_terminals_and_no_color_takes_them_away(computer):
    shown = in_a_terminal(computer | {"TERM": "xterm-256color"})
    assert re.search(r"\x1b\[32mok", shown)
    assert re.search(r"\x1b\[33mhint", shown)
    assert all(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) <= 80 for line in shown.splitlines())
    assert not re.search(r"\x1b\[3\d", in_a_terminal(computer | {"TERM": "xterm-256color", "NO_COLOR": "1"}))


def test_nothing_leaves_this_computer(computer, tmp_path):
    trace = tmp_path / "trace"
    strace = need("strace")
    done = doctor(computer, command=[strace, "-f", "-e", "trace=network", "-o", str(trace), *COMMAND])
    assert done.returncode == 0
    lines = trace.read_text().splitlines()
    assert any("exited with 0" in line for line in lines)
    spoken = [line for line in lines if re.search(r"\b(connect|sendto|sendmsg|sendmmsg)\(.*AF_INET", line)]
    assert [line for line in spoken if not re.search(r'inet_addr\("127\.|inet_pton\(AF_INET6, "::1"', line)] == []


def test_a_camera_name_that_fits_several_is_one_sentence(computer, tmp_path):
    twins = "[SimpleNamespace(index=number, name='HD Webcam') for number in (0, 2)]"
    (tmp_path / "cv2_enumerate_cameras.py").write_text(
        "from types import SimpleNamespace\n" + NO_CAMERAS.replace("[]", twins)
    )
    command = [sys.executable, "-m", "formcoach", "analyze", "webcam", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=before(computer, tmp_path), timeout=240, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "formcoach: Several cameras are called 'webcam' (0 is HD Webcam, 2 is HD Webcam): give the number of the one"
        " you mean.\n"
    )
    assert not Path(tmp_path / "out").exists()
