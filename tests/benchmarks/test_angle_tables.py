"""The tables of errors, on runs of figures whose errors are given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from angle_tables import make_angle_tables
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from recordings import GOOD_STRETCH, OWN_STANDING, make_recorded_clip, make_stills, on_top
from runs import run_program

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
STRETCH = on_top(OWN_STANDING, **GOOD_STRETCH)


@pytest.fixture(scope="module")
def clip_runs():
    return run_program(make_recorded_clip("a", OWN_STANDING, (STRETCH, 3.0)), CALIBRATION, PROFILE)


@pytest.fixture(scope="module")
def still_runs():
    return run_program(make_stills("b", OWN_STANDING, [STRETCH, on_top(STRETCH, knee=20.0)]), CALIBRATION, PROFILE)


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
