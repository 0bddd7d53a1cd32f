"""A calibration that measures somebody knows nothing of them, uncertainties included."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from builders import make_pose
from formcoach.angles import Angle, View
from formcoach.angles.calibration import LinearEstimate, load_calibration
from formcoach.pose.pose import Pose
from held_out import HeldOut
from recordings import draw_standing, draw_stretch, make_stills, with_jitter

VIEWS = {"side": 90.0, "oblique": 50.0, "front": 0.0}
SOMEBODY, OTHER = "side_1", "side_2"


def make_people(per_view=4, stretches=6):
    rng = np.random.default_rng(3)
    recordings = []
    for view, azimuth in VIEWS.items():
        for index in range(per_view):
            standing = draw_standing(rng, azimuth)
            poses = [draw_stretch(rng, standing) for _ in range(stretches)]
            recordings.append(with_jitter(make_stills(f"{view}_{index}", standing, poses), rng))
    return recordings


PEOPLE = make_people()


def with_wild_truth(recording):
    rng = np.random.default_rng(7)
    truth = {name: values + rng.normal(0.0, 25.0, len(values)) for name, values in recording.truth.items()}
    return replace(recording, truth=truth)


def with_wild_pose(recording):
    rng = np.random.default_rng(8)
    standing = draw_standing(rng, recording.azimuth_deg)
    figures = [standing, *(draw_stretch(rng, standing) for _ in recording.time_s[1:])]
    return replace(recording, pose=Pose.stack([make_pose(figure) for figure in figures]))


def calibration_without(person, change, whom):
    """Return the calibration without one person after somebody's recordings were changed."""
    recordings = [change(one) if one.person == whom else one for one in PEOPLE]
    return HeldOut(recordings, "heavy").without(person)


def differences(one, other):
    """Return which numbers of which estimates differ, be it in the last digit."""
    assert one.estimates.keys() == other.estimates.keys()
    return [
        (*key, field.name)
        for key, estimate in one.estimates.items()
        for field in fields(LinearEstimate)
        if not np.array_equal(getattr(estimate, field.name), getattr(other.estimates[key], field.name))
    ]


@pytest.fixture(scope="module")
def measured():
    return HeldOut(PEOPLE, "heavy").without(SOMEBODY)


@pytest.mark.parametrize("change", [with_wild_truth, with_wild_pose])
def test_nothing_of_a_person_is_in_the_calibration_that_measures_them(measured, change):
    assert differences(measured, calibration_without(SOMEBODY, change, SOMEBODY)) == []


@pytest.mark.parametrize("change", [with_wild_truth, with_wild_pose])
def test_everybody_elses_data_are(measured, change):
    found = differences(measured, calibration_without(SOMEBODY, change, OTHER))
    for has_baseline in (True, False):
        of_back = {number for _, *what, number in found if what == [Angle.LUMBAR_FLEXION, has_baseline]}
        assert "weights" in of_back
        assert of_back & {"sigma_still_deg", "sigma_still_share"}
        assert (View.SIDE, Angle.KNEE_FLEXION, has_baseline, "weights") in found
    assert {view for view, *_ in found} == {View.SIDE}


def test_two_people_are_too_few():
    few = [one for one in PEOPLE if one.person[-1] in "12"]
    with pytest.raises(SystemExit, match="Stills of fewer than 3 people show pelvic_tilt in side view"):
        HeldOut(few, "heavy")
    three = HeldOut([one for one in PEOPLE if one.person[-1] in "123"], "heavy")
    assert three.without(SOMEBODY).estimates


def test_what_ships_is_judged_and_nothing_else(measured):
    assert measured.estimates.keys() == load_calibration("heavy").estimates.keys()


def test_a_line_is_found_from_the_others(measured):
    """Landmarks and networks say the truth of figures, but for a little jitter."""
    stranger = next(one for one in PEOPLE if one.person == SOMEBODY)
    estimate = measured.find(View.SIDE, Angle.KNEE_FLEXION, has_baseline=False)
    knee = stranger.truth[Angle.KNEE_FLEXION]
    value, _ = estimate.apply(np.stack([knee, knee], axis=-1), None)
    assert value == pytest.approx(knee, abs=2.0)
