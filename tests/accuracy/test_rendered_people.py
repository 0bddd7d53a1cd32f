"""Rendered people of known angles, none of them in any fit, through the whole program: angles must not get worse.

``tests/data/people`` is the set ``ci`` of ``benchmarks/render_people.py``: three side clips and forty small stills. The
limits lie just above what was reached; lower them when the angles get better.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import truth
from agreement import compute_agreement
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.coach import PathKind
from formcoach.stretch import load_profile
from formcoach.stretch.types import Severity
from runs import run_program

PEOPLE = Path(__file__).parents[1] / "data" / "people"
PROFILE = load_profile()

# Mean absolute error in degrees.
CLIP_LIMITS = {
    Angle.ANKLE_DORSIFLEXION: 5.0,
    Angle.KNEE_FLEXION: 4.0,
    Angle.HIP_FLEXION: 5.0,
    Angle.PELVIC_TILT: 5.0,
    Angle.LUMBAR_FLEXION: 6.0,
    Angle.CERVICAL_FLEXION: 5.0,
    Angle.TRUNK_LEAN: 3.0,
}
STILL_LIMITS = {
    Angle.ANKLE_DORSIFLEXION: 8.0,
    Angle.KNEE_FLEXION: 6.0,
    Angle.HIP_FLEXION: 8.0,
    Angle.PELVIC_TILT: 8.0,
    Angle.LUMBAR_FLEXION: 9.0,
    Angle.CERVICAL_FLEXION: 8.0,
    Angle.TRUNK_LEAN: 5.0,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    cache = tmp_path_factory.mktemp("poses")
    recordings = truth.read_all(PEOPLE, "heavy", cache)
    calibration = load_calibration("heavy")
    return [run for recording in recordings for run in run_program(recording, calibration, PROFILE)]


def side_on(runs, path):
    return [
        run
        for run in runs
        if run.path is path and run.has_baseline and abs(abs(run.recording.azimuth_deg) - 90.0) <= 22.0
    ]


def agreement_of(runs, angle):
    column = angle.column
    parts = [
        (
            run.readings.value_deg[run.recording.stretching, column],
            run.true_deg[run.recording.stretching, column],
            np.full(run.recording.stretching.sum(), run.recording.person),
            run.readings.sigma_deg[run.recording.stretching, column],
        )
        for run in runs
    ]
    return compute_agreement(*(np.concatenate(part) for part in zip(*parts, strict=True)))


@pytest.mark.parametrize("path", [PathKind.CAUSAL, PathKind.ZERO_PHASE])
@pytest.mark.parametrize("angle", CLIP_LIMITS)
def test_angles_in_clips_are_as_good_as_they_were(runs, path, angle):
    found = agreement_of(side_on(runs, path), angle)
    assert found.people == 3
    assert found.checked >= 0.8
    assert found.mean_absolute_deg <= CLIP_LIMITS[angle]


@pytest.mark.parametrize("angle", STILL_LIMITS)
def test_angles_in_stills_are_as_good_as_they_were(runs, angle):
    found = agreement_of(side_on(runs, PathKind.STILL), angle)
    assert found.people >= 4
    assert found.checked >= 0.7
    assert found.mean_absolute_deg <= STILL_LIMITS[angle]
    assert found.within_two_sigma >= 0.75


def raised_in(runs, path):
    """Return for every clip which flags were raised, from warn upwards."""
    return {
        run.recording.name: {one.flag for one in run.log.periods if one.severity >= Severity.WARN}
        for run in side_on(runs, path)
        if run.log is not None
    }


@pytest.mark.parametrize("path", [PathKind.CAUSAL, PathKind.ZERO_PHASE])
def test_each_clip_raises_its_faults_and_no_other(runs, path):
    wanted = {"good": set(), "lumbar-cervical": {"lumbar_flexion", "cervical_flexion"}, "ankle": {"ankle_dorsiflexion"}}
    found = raised_in(runs, path)
    assert len(found) == len(wanted)
    for name, flags in found.items():
        fault = next(fault for fault in wanted if f"_{fault}_" in name)
        assert flags == wanted[fault], name
