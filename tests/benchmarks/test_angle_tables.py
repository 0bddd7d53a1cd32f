"""The tables of errors, on runs of figures whose errors are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from angle_tables import (
    make_angle_tables,
    make_azimuth_table,
    make_model_table,
    make_summary,
)
from formcoach.angles import Angle, Readings, View
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from recordings import GOOD_STRETCH, OWN_STANDING, make_recorded_clip, make_stills, on_top
from runs import run_program
from tables import NOTHING

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
STRETCH = on_top(OWN_STANDING, **GOOD_STRETCH)


@pytest.fixture(scope="module")
def clip_runs():
    return run_program(make_recorded_clip("a", OWN_STANDING, (STRETCH, 3.0)), CALIBRATION, PROFILE)


@pytest.fixture(scope="module")
def still_runs():
    return run_program(make_stills("b", OWN_STANDING, [STRETCH, on_top(STRETCH, knee=20.0)]), CALIBRATION, PROFILE)


def with_errors(run, errors, sigma=4.0):
    """Return a run whose readings of some angles err by so much, degrees; all others are not known."""
    readings = Readings.unknown(run.true_deg.shape[:1])
    for angle, error in errors.items():
        readings.value_deg[:, angle.column] = run.true_deg[:, angle.column] + error
        readings.sigma_deg[:, angle.column] = sigma
    return replace(run, readings=readings)


def of_another(run, person, **changes):
    return replace(run, recording=replace(run.recording, name=person, person=person, **changes))


def line(table, *words):
    """Return a line of a table by its first cells, as a dictionary of its heads."""
    (cells,) = (cells for cells in table.rows if cells[: len(words)] == words)
    return dict(zip(table.columns, cells, strict=True))


def titles(tables):
    return [table.title.partition(" (")[0] for table in tables]


def test_titles_say_view_kind_and_way(clip_runs, still_runs):
    assert titles(make_angle_tables([*clip_runs, *still_runs])) == [
        "side view, scripted, zero-phase, with baseline",
        "side view, scripted, causal, with baseline",
        "side view, scripted, zero-phase, without baseline",
        "side view, scripted, causal, without baseline",
        "side view, stills, without baseline",
        "side view, stills, with baseline",
    ]


def test_a_baseline_that_was_not_taken_is_told_of_clips_and_not_of_stills(clip_runs, still_runs):
    tables = make_angle_tables([*clip_runs, *still_runs])
    assert not [note for table in tables for note in table.notes if "baseline" in note]
    without = [replace(run, baselines=0) for run in clip_runs]
    (first, *_) = make_angle_tables([*without, *still_runs])
    assert first.notes[-1] == "The program took no baseline in 1 of 1 clips."


def test_errors_are_those_of_the_stretch_and_people_weigh_alike(still_runs):
    alone = still_runs[0]
    errors = np.array([50.0, 3.0, -1.0])  # the first picture shows them standing
    one = with_errors(alone, {Angle.KNEE_FLEXION: errors})
    other = of_another(with_errors(alone, {Angle.KNEE_FLEXION: np.array([50.0, 6.0, 6.0])}), "c")
    (table,) = make_angle_tables([one, other])
    assert table.title.endswith("(2 people, 2 recordings)")
    found = line(table, "knee_flexion")
    # The one's mean size is 2 and bias 1, the other's both 6.
    assert (found["people"], found["n"], found["checked"]) == ("2", "4", "100%")
    assert (found["MAE"], found["bias"], found["sigma"]) == ("4.0", "+3.5", "4.0")
    # 3 and -1 lie within one sigma of 4, 6 and 6 within two.
    assert (found["1 s"], found["2 s"]) == ("50%*", "100%*")
    assert [cells[0] for cells in table.rows] == ["knee_flexion"]
    assert table.notes[0].startswith("Not checked, or in less than 5% of the frames: ankle_dorsiflexion, hip_flexion, ")


def test_an_angle_that_is_hardly_ever_seen_is_named_and_not_measured(clip_runs):
    run = with_errors(clip_runs[0], {Angle.KNEE_FLEXION: 1.0, Angle.HIP_FLEXION: 1.0})
    rows = np.flatnonzero(run.recording.stretching)
    run.readings.value_deg[rows[2:], Angle.KNEE_FLEXION.column] = np.nan
    run.readings.sigma_deg[rows[2:], Angle.KNEE_FLEXION.column] = np.nan
    (table,) = make_angle_tables([run])
    assert [cells[0] for cells in table.rows] == ["hip_flexion"]
    assert "knee_flexion" in table.notes[0]


def test_the_summary_has_a_column_for_every_kind_and_way(clip_runs, still_runs):
    runs = [
        with_errors(run, {Angle.KNEE_FLEXION: error} if error else {Angle.HIP_FLEXION: 9.0})
        for error, run in enumerate([*clip_runs, *still_runs])
    ]
    table = make_summary(runs, View.SIDE, "those of OWN, ")
    assert table.title == "Mean absolute error in degrees, those of OWN, side view"
    # The first run, causal with a baseline, has the hip alone.
    assert line(table, "knee_flexion") == {
        "angle": "knee_flexion",
        "scripted zp+b": "1.0",
        "scripted c+b": NOTHING,
        "scripted zp": "3.0",
        "scripted c": "2.0",
        "still": "4.0",
        "still+b": "5.0",
    }
    assert line(table, "hip_flexion")["scripted c+b"] == "9.0"
    assert make_summary(runs, View.FRONT).rows == ()


def test_runs_are_told_apart_by_the_true_view(still_runs):
    runs = [with_errors(still_runs[0], {Angle.HIP_ADDUCTION: 2.0})]
    runs += [of_another(with_errors(still_runs[0], {Angle.HIP_ADDUCTION: 5.0}), "c", azimuth_deg=-10.0)]
    side, front = make_angle_tables(runs)
    assert titles([side, front]) == ["side view, stills, without baseline", "front view, stills, without baseline"]
    assert [line(table, "hip_adduction")["MAE"] for table in (side, front)] == ["2.0", "5.0"]


def test_the_direction_of_view_is_off_towards_the_front_or_the_back(clip_runs):
    usual = clip_runs[1]
    run = replace(usual, azimuth_deg=np.where(usual.recording.neutral, 80.0, 93.0))
    other = of_another(replace(usual, azimuth_deg=np.where(usual.recording.neutral, -84.0, -93.0)), "c")
    found = line(make_azimuth_table([run, other, clip_runs[0]]), "side")
    assert (found["standing people"], found["standing offset"], found["standing SD"]) == ("2", "+8.0", "2.0")
    assert (found["stretching offset"], found["stretching SD"]) == ("-3.0", "0.0")


def test_models_stand_beside_each_other(still_runs):
    runs = {
        "heavy": [with_errors(still_runs[0], {Angle.KNEE_FLEXION: 2.0, Angle.HIP_FLEXION: 1.0})],
        "lite": [with_errors(still_runs[0], {Angle.KNEE_FLEXION: 3.0})],
    }
    table = make_model_table(runs, View.SIDE)
    found = line(table, "still", "knee_flexion")
    assert (found["heavy"], found["lite"], found["lite / heavy"]) == ("2.0", "3.0", "1.50×")
    found = line(table, "still", "hip_flexion")
    assert (found["lite"], found["lite / heavy"], found["lite checked"]) == (NOTHING, NOTHING, "0%")
    assert make_model_table({"heavy": runs["heavy"]}, View.SIDE) is None
