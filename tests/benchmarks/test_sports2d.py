from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from formcoach.angles import Angle, Readings
from sports2d import (
    VERSION,
    align,
    compare,
    find_version,
    make_table,
    measure_clips,
    read_mot,
    result_path,
    undo_half_turn,
    visible_side,
)

MOT = """Coordinates
version=1
nRows=3
nColumns=3
inDegrees=yes

endheader
time\tright knee\tleft knee\tright ankle\tright hip
0.0\t1.5\t\t2.0\t10.0
0.1\t3.5\t4.5\t3.0\t20.0
0.2\t5.5\t6.5\t4.0\t30.0
"""


def make_environment(folder, answer):
    """An environment with Sports2D whose Python answers so."""
    folder.mkdir()
    for name, script in (("sports2d", "exit 1"), ("python", answer)):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    return folder


def write(folder):
    path = folder / "clip.mot"
    path.write_text(MOT, encoding="utf-8")
    return path


def test_motions_are_read_with_blanks_as_unknown(tmp_path):
    time_s, columns = read_mot(write(tmp_path))
    assert time_s.tolist() == [0.0, 0.1, 0.2]
    assert columns["right knee"].tolist() == [1.5, 3.5, 5.5]
    assert np.isnan(columns["left knee"][0])
    assert set(columns) == {"right knee", "left knee", "right ankle", "right hip"}


def test_values_go_to_the_frame_of_the_same_time_and_to_no_other():
    found = align(np.array([0.101, 0.05, 0.199, 0.4]), np.array([0.0, 0.1, 0.2]), np.array([1.0, 2.0, 3.0]))
    assert found == pytest.approx([2.0, float("nan"), 3.0, float("nan")], nan_ok=True)


@pytest.mark.parametrize("command", ["sports2d", "python"])
def test_the_version_is_the_one_that_is_installed(tmp_path, command):
    assert find_version(make_environment(tmp_path / "bin", "echo 0.9.1") / command) == "0.9.1"


def test_a_command_elsewhere_leads_to_its_environment(tmp_path):
    link = tmp_path / "sports2d"
    link.symlink_to(make_environment(tmp_path / "bin", "echo 0.9.1") / "sports2d")
    assert find_version(link) == "0.9.1"


def test_a_version_that_is_not_told_is_the_expected_one(tmp_path):
    silent = make_environment(tmp_path / "bin", "exit 1")
    alone = make_environment(tmp_path / "alone", "exit 1")
    (alone / "python").unlink()
    expected = f"{VERSION} (expected)"
    assert [find_version(one) for one in (None, silent / "sports2d", alone / "sports2d")] == [expected] * 3


def test_the_visible_side_is_the_one_that_the_camera_sees():
    assert (visible_side(90.0), visible_side(-75.0)) == ("left", "right")


def test_clips_that_were_measured_are_found_by_content_and_side_and_no_others(tmp_path):
    clips = {"clip": tmp_path / "clip.mp4", "other": tmp_path / "other.mp4"}
    for path in clips.values():
        path.write_bytes(path.name.encode())
    time_s = np.arange(5) / 15.0
    side = SimpleNamespace(name="clip", kind="free", azimuth_deg=-80.0, time_s=time_s)
    path = result_path(tmp_path, clips["clip"], side.azimuth_deg)
    path.write_text(MOT, encoding="utf-8")
    front = SimpleNamespace(name="other", kind="free", azimuth_deg=0.0)
    still = SimpleNamespace(name="stills", kind="still", azimuth_deg=-80.0)
    other = SimpleNamespace(name="other", kind="free", azimuth_deg=-80.0, time_s=time_s)
    assert measure_clips([side, front, still, other], clips, tmp_path, None) == {"clip": path}
    for fps in (8.0, 12.0):
        slow = SimpleNamespace(name="clip", kind="free", azimuth_deg=-80.0, time_s=np.arange(5) / fps)
        assert measure_clips([slow], clips, tmp_path, None) == {}
    turned = SimpleNamespace(name="clip", kind="free", azimuth_deg=80.0, time_s=time_s)
    assert measure_clips([turned], clips, tmp_path, None) == {}
    clips["clip"].write_bytes(b"rendered anew")
    assert measure_clips([side], clips, tmp_path, None) == {}


@pytest.mark.parametrize(("turn", "left"), [(0.0, 0.0), (180.0, 0.0), (-180.0, 0.0), (360.0, 0.0), (80.0, 80.0)])
def test_half_turns_are_undone_and_nothing_less(turn, left):
    expected = np.array([10.0, 20.0, 30.0, 40.0])
    error = np.array([1.0, -2.0, float("nan"), 5.0])
    assert undo_half_turn(expected + error + turn, expected) == pytest.approx(expected + error + left, nan_ok=True)


def test_both_are_compared_on_the_frames_that_both_measured(tmp_path):
    files = {"clip": write(tmp_path)}
    readings = Readings.unknown((3,))
    column = Angle.KNEE_FLEXION.column
    readings.value_deg[1:, column] = [4.0, 5.0]
    readings.sigma_deg[:, column] = 1.0
    recording = SimpleNamespace(
        name="clip",
        person="a",
        leg="right",
        azimuth_deg=-90.0,
        time_s=np.array([0.0, 0.1, 0.2]),
        neutral=np.array([True, False, False]),
        stretching=np.array([False, True, True]),
    )
    run = SimpleNamespace(recording=recording, readings=readings, true_deg=np.full((3, len(Angle)), 3.0))
    knee = compare([run], files)[0]
    assert knee.angle is Angle.KNEE_FLEXION
    assert knee.ours.mean_absolute_deg == pytest.approx((1.0 + 2.0) / 2)
    assert knee.theirs.mean_absolute_deg == pytest.approx((0.5 + 2.5) / 2)
    # In quiet standing it read 1.5.
    assert knee.theirs_zeroed.mean_absolute_deg == pytest.approx((1.0 + 1.0) / 2)
    assert make_table("clips", "0.9.1", [run], files).title.startswith("Sports2D 0.9.1 lightweight")
    readings.value_deg[2, column] = float("nan")
    knee = compare([run], files)[0]
    assert (knee.our_share, knee.their_share) == (0.5, 1.0)
    assert knee.theirs.mean_absolute_deg == pytest.approx(0.5)
    # Half a turn off from the first frame of the stretch on.
    files["clip"].write_text(MOT.replace("0.1\t3.5", "0.1\t183.5").replace("0.2\t5.5", "0.2\t185.5"), encoding="utf-8")
    turned = compare([run], files)[0]
    assert (knee.turned, turned.turned) == (0, 1)
    for name in ("ours", "theirs", "theirs_zeroed"):
        assert getattr(turned, name).bias_deg == pytest.approx(getattr(knee, name).bias_deg)
    assert turned.theirs_as_given.mean_absolute_deg == pytest.approx(180.0 - 0.5, abs=1.1)
