"""``.trc`` and ``.mot``: axes, columns, and what is unknown."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

import check_opensim
from formcoach.angles import Angle, Readings
from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.pose import Pose
from formcoach.sessions.export.opensim import MARKERS, make_mot, make_trc, to_opensim_axes
from formcoach.sessions.measured import NO_LEG, SIDES, Measured
from formcoach.sessions.series import AngleSeries

N = 40


def make_measured(leg_codes, value_deg, judged=None):
    time_s = np.arange(N) / 10.0
    readings = Readings(value_deg, np.ones_like(value_deg), np.zeros(value_deg.shape, dtype=np.int8))
    judged = np.ones(N, dtype=np.bool_) if judged is None else judged
    codes = np.asarray(leg_codes, dtype=np.int8)
    return Measured(np.arange(N), np.zeros(N, dtype=np.int8), codes, AngleSeries(time_s, readings, judged))


def read(content, header_lines):
    lines = content.decode().splitlines()
    return lines[:header_lines], [line.split("\t") for line in lines[header_lines:]]


def make_poses():
    poses = Pose.missing((N,))
    world = np.zeros((N, 33, 3), dtype=np.float32)
    world[:, Landmark.NOSE] = (0.1, -0.6, -0.2)  # to the right of the picture, up, towards the camera
    world[3, Landmark.LEFT_EYE] = np.nan
    return replace(poses, world=world)


@pytest.mark.parametrize(
    ("facing", "nose"),
    [("right", [0.1, 0.6, 0.2]), ("unknown", [0.1, 0.6, 0.2]), ("left", [-0.1, 0.6, -0.2])],
)
def test_axes_are_forward_up_and_to_the_right_of_the_person(facing, nose):
    # Somebody who faces the right edge of the picture has their right side towards the camera.
    turned = to_opensim_axes(np.array([0.1, -0.6, -0.2], dtype=np.float32), facing)
    assert turned == pytest.approx(nose)
    axes = to_opensim_axes(np.eye(3, dtype=np.float32), facing)
    assert np.linalg.det(axes) == pytest.approx(1.0)  # turned, not mirrored


def test_markers_are_the_landmarks_in_metres():
    head, rows = read(make_trc("x.trc", np.arange(N) / 10.0, make_poses(), "right"), 6)
    assert head[0] == "PathFileType\t4\t(X/Y/Z)\tx.trc"
    fields = dict(zip(head[1].split("\t"), head[2].split("\t"), strict=True))
    assert (fields["DataRate"], fields["NumFrames"], fields["NumMarkers"], fields["Units"]) == ("10", "40", "33", "m")
    assert head[3].split("\t")[2::3] == list(MARKERS)
    assert (MARKERS[0], MARKERS[23]) == ("nose", "left_hip")
    assert rows[2][:5] == ["3", "0.200000", "0.100000", "0.600000", "0.200000"]
    eye = 2 + 3 * Landmark.LEFT_EYE
    assert rows[3][eye : eye + 3] == ["NaN"] * 3
    assert {len(row) for row in rows} == {2 + 3 * 33}


def test_each_leg_has_a_motion_with_its_side_in_every_name():
    value_deg = np.tile(np.arange(13.0), (N, 1))
    legs = [NO_LEG] * 5 + [SIDES.index(Side.LEFT)] * 20 + [SIDES.index(Side.RIGHT)] * 15
    measured = make_measured(legs, value_deg)
    head, rows = read(make_mot("x", measured, Side.LEFT), 7)
    assert head == ["x", "version=1", "nRows=20", "nColumns=14", "inDegrees=yes", "", "endheader"]
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["time"] == "0.500000"
    assert float(row["knee_flexion_l"]) == Angle.KNEE_FLEXION.column
    assert float(row["knee_flexion_r"]) == Angle.STANCE_KNEE_FLEXION.column
    assert float(row["lumbar_flexion"]) == Angle.LUMBAR_FLEXION.column
    assert "hip_adduction_r" not in row
    head, rows = read(make_mot("x", measured, Side.RIGHT), 7)
    assert (head[2], "hip_adduction_r" in rows[0]) == ("nRows=15", True)


def test_nothing_unknown_is_in_a_motion():
    value_deg = np.tile(np.arange(13.0), (N, 1))
    value_deg[:25, Angle.HIP_ADDUCTION.column] = np.nan  # hardly known: no column
    value_deg[7, Angle.KNEE_FLEXION.column] = np.nan  # once unknown: no row
    content = make_mot("x", make_measured([0] * N, value_deg), Side.LEFT)
    head, rows = read(content, 7)
    assert b"NaN" not in content
    assert "hip_adduction_l" not in rows[0]
    assert "knee_flexion_l" in rows[0]
    assert head[2] == "nRows=39"
    assert "0.700000" not in {row[0] for row in rows[1:]}


def test_no_motion_of_a_leg_of_which_nothing_was_measured():
    value_deg = np.full((N, 13), np.nan)
    assert make_mot("x", make_measured([0] * N, value_deg), Side.LEFT) is None
    assert make_mot("x", make_measured([0] * N, value_deg + 1.0), Side.RIGHT) is None
    assert make_mot("x", make_measured([NO_LEG] * N, np.zeros((N, 13))), Side.LEFT) is None


def test_opensim_reads_what_is_written(tmp_path):
    python = check_opensim.find_python()
    if python is None:
        pytest.skip(f"needs the package opensim in this Python or in that of {check_opensim.VARIABLE}")
    value_deg = np.random.default_rng(0).normal(0.0, 10.0, (N, 13))
    value_deg[7, Angle.KNEE_FLEXION.column] = np.nan
    (tmp_path / "x.trc").write_bytes(make_trc("x.trc", np.arange(N) / 10.0, make_poses(), "right"))
    (tmp_path / "x.mot").write_bytes(make_mot("x", make_measured([0] * N, value_deg), Side.LEFT))
    report = check_opensim.check(python, [tmp_path / "x.trc", tmp_path / "x.mot"])
    markers, motion = report["x.trc"], report["x.mot"]
    assert markers["readers"]["TimeSeriesTableVec3"] == markers["readers"]["MarkerData"] == [N, 33]
    assert (markers["units"], markers["labels"][:2]) == ("m", ["nose", "left_eye_inner"])
    assert motion["readers"]["TimeSeriesTable"] == motion["readers"]["Storage"] == [N - 1, 13]
    assert motion["in_degrees"] is True
    rows = list(csv.reader((tmp_path / "x.mot").read_text().splitlines()[7:], delimiter="\t"))
    assert motion["first"] == [float(cell) for cell in rows[1][1:]]
