"""Who is measured with which calibration."""

from __future__ import annotations

import numpy as np
import pytest

import accuracy
from formcoach.angles.calibration import load_calibration
from held_out import HeldOut
from recordings import draw_standing, draw_stretch, make_stills, with_jitter
from runs import run_program


def make_person(name, azimuth, seed):
    rng = np.random.default_rng(seed)
    standing = draw_standing(rng, azimuth)
    return with_jitter(make_stills(name, standing, [draw_stretch(rng, standing) for _ in range(3)]), rng)


FITTED = [
    make_person(f"{view}_{index}", azimuth, index)
    for azimuth, view in ((90.0, "side"), (50.0, "oblique"), (0.0, "front"))
    for index in range(3)
]
STRANGERS = [make_person("stranger_0", 90.0, 8), make_person("stranger_1", 0.0, 9)]
SHIPPED = load_calibration("heavy")


@pytest.fixture(scope="module")
def runs():
    return accuracy.run_everybody(FITTED, STRANGERS, "heavy")


def readings(runs, person):
    return [run.readings.value_deg for run in runs if run.recording.person == person]


def is_same(some, others):
    return [np.array_equal(one, other, equal_nan=True) for one, other in zip(some, others, strict=True)]


def test_everybody_goes_all_ways(runs):
    assert [run.recording.person for run in runs[::2]] == [one.person for one in (*FITTED, *STRANGERS)]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.person)
def test_strangers_are_measured_with_the_calibration_that_ships(runs, stranger):
    expected = readings(run_program(stranger, SHIPPED, accuracy.PROFILE), stranger.person)
    assert is_same(readings(runs, stranger.person), expected) == [True, True]
    alone = accuracy.run_everybody([], [stranger], "heavy")
    assert is_same(readings(alone, stranger.person), expected) == [True, True]


def test_strangers_can_be_measured_with_another_calibration():
    stranger = STRANGERS[0]
    other = HeldOut(FITTED, "heavy").without(FITTED[0].person)
    found = readings(accuracy.run_everybody([], [stranger], "heavy", other), stranger.person)
    assert is_same(found, readings(run_program(stranger, other, accuracy.PROFILE), stranger.person)) == [True, True]
    assert is_same(found, readings(run_program(stranger, SHIPPED, accuracy.PROFILE), stranger.person)) == [False, False]


def test_people_of_the_fit_are_measured_with_a_calibration_that_has_not_seen_them(runs):
    held_out = HeldOut(FITTED, "heavy")
    for recording in FITTED[:2]:
        found = readings(runs, recording.person)
        for calibration, same in (
            (held_out.without(recording.person), True),
            (held_out.without(FITTED[2].person), False),
            (SHIPPED, False),
        ):
            expected = readings(run_program(recording, calibration, accuracy.PROFILE), recording.person)
            assert is_same(found, expected) == [same, same]
