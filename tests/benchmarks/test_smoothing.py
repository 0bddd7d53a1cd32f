"""The comparison of how far recordings are smoothed."""

from __future__ import annotations

import numpy as np
import pytest

import smoothing
from angle_tables import CLIP_WAYS, measure, select
from formcoach.angles import Angle, View
from formcoach.angles.calibration import load_calibration
from formcoach.angles.filters import ZERO_PHASE_CUTOFF_HZ
from formcoach.coach import PathKind
from formcoach.coach import recording as reviewing
from formcoach.stretch import load_profile
from recordings import GOOD_STRETCH, OWN_STANDING, make_recorded_clip, on_top, with_jitter
from runs import run_program

CLIP = with_jitter(
    make_recorded_clip("somebody", OWN_STANDING, (on_top(OWN_STANDING, **GOOD_STRETCH), 4.0)), np.random.default_rng(0)
)


def jitter_deg(cutoff_hz):
    runs = smoothing.run_filtered([CLIP], "heavy", cutoff_hz)
    (run,) = [one for one in runs if one.path is PathKind.ZERO_PHASE and one.has_baseline]
    knee = run.readings.value_deg[CLIP.stretching, Angle.KNEE_FLEXION.column]
    return np.diff(knee[np.isfinite(knee)]).std()


def test_a_lower_frequency_takes_more_jitter_away_and_the_program_keeps_its_own():
    before = reviewing.smooth_zero_phase
    assert jitter_deg(0.7) < 0.5 * jitter_deg(3.0)
    assert reviewing.smooth_zero_phase is before


def test_the_column_of_the_frequency_that_ships_says_what_the_program_says():
    table = smoothing.make_table([CLIP], "heavy", "scripted")
    assert table.columns == ("angle", "3 Hz", "2 Hz", "1.5 Hz", "1 Hz", "0.7 Hz")
    assert [row[0] for row in table.rows] == [angle.value for angle in smoothing.ANGLES]
    shipped = select(run_program(CLIP, load_calibration("heavy"), load_profile()), View.SIDE, CLIP_WAYS[0], "scripted")
    column = table.columns.index(f"{ZERO_PHASE_CUTOFF_HZ:g} Hz")
    for angle, row in zip(smoothing.ANGLES, table.rows, strict=True):
        assert float(row[column]) == pytest.approx(measure(angle, shipped).mean_absolute_deg, abs=0.006)
    knee = table.rows[0]
    assert len(set(knee[1:])) > 1
