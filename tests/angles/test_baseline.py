from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, Figure, make_pose
from formcoach.angles.baseline import MAXIMUM_S, MINIMUM_S, BaselineFinder, is_upright
from formcoach.angles.features import compute_features
from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.pose import TRUNK_ESTIMATES, Pose

FPS = 15.0


def run(figures, finder=None, start_s=0.0, azimuth=float("nan")):
    finder = finder or BaselineFinder()
    found = []
    for index, figure in enumerate(figures):
        pose = make_pose(figure) if isinstance(figure, Figure) else figure
        features = compute_features(pose)
        seen_from = figure.azimuth if isinstance(figure, Figure) else azimuth
        found.append(finder.step(start_s + index / FPS, pose, features, seen_from))
    return finder, found


def test_it_is_there_after_the_minimum_and_not_before():
    _, found = run([STANDING] * 30)
    first = next(index for index, one in enumerate(found) if one is not None)
    assert first / FPS == pytest.approx(MINIMUM_S, abs=1 / FPS)


def test_it_grows_up_to_the_maximum_and_then_stays():
    finder, found = run([STANDING] * 90)
    assert found[-1].end_s - found[-1].start_s == pytest.approx(MAXIMUM_S, abs=1.5 / FPS)
    assert len(finder.taken) == 1
    assert not finder.is_taking


def test_its_features_are_those_of_the_posture():
    figure = replace(STANDING, lean=4.0, knee=3.0, stance_knee=3.0, head=7.0)
    _, found = run([figure] * 40)
    expected = compute_features(make_pose(figure))
    assert found[-1].features.trunk == pytest.approx(expected.trunk, abs=1e-3)
    assert found[-1].features.leg == pytest.approx(expected.leg, abs=1e-3)


def test_somebody_who_moves_gives_none():
    swaying = [replace(STANDING, lean=12.0 * np.sin(index / 3)) for index in range(90)]
    _, found = run(swaying)
    assert found[-1] is None


@pytest.mark.parametrize(
    "figure",
    [
        STRETCHING,
        replace(STANDING, lean=40.0),
        replace(STANDING, thigh=90.0, knee=90.0, stance_thigh=90.0, stance_knee=90.0),
    ],
    ids=["leg up", "bent over", "sitting"],
)
def test_other_postures_are_not_neutral(figure):
    pose = make_pose(figure)
    assert not is_upright(pose, compute_features(pose))
    _, found = run([figure] * 60)
    assert found[-1] is None


def test_it_stays_when_the_person_moves_on():
    _, found = run([STANDING] * 30 + [STRETCHING] * 60 + [STANDING] * 60)
    assert found[40] is not None
    assert found[-1] is found[40]


def test_turning_round_asks_for_another_one():
    other_side = replace(STANDING, azimuth=-90.0)
    finder, found = run([STANDING] * 60 + [other_side] * 60)
    assert len(finder.taken) == 2
    assert found[59].azimuth_deg == pytest.approx(90.0, abs=0.1)
    assert found[-1].azimuth_deg == pytest.approx(-90.0, abs=0.1)
    assert finder.find(80.0) is found[59]
    assert finder.find(0.0) is None


@pytest.mark.parametrize("gap", [Pose.missing(), replace(STANDING, thigh=60.0, knee=60.0)], ids=["nobody", "a leg up"])
def test_a_long_gap_starts_afresh(gap):
    finder, found = run([STANDING] * 12 + [gap] * 10 + [STANDING] * 12)
    assert found[-1] is None
    assert finder.taken == ()


@pytest.mark.parametrize("gap", [Pose.missing(), replace(STANDING, thigh=60.0, knee=60.0)], ids=["nobody", "a leg up"])
def test_a_few_frames_in_which_the_model_errs_do_not(gap):
    finder, _ = run(([STANDING] * 6 + [gap] * 2) * 4)
    (taken,) = finder.taken
    expected = compute_features(make_pose(STANDING))
    assert taken.features.leg == pytest.approx(expected.leg, abs=1e-3)


def test_a_jittering_covered_knee_is_not_movement():
    _, found = run(
        [replace(STANDING, stance_knee=16.0 * (index % 2), stance_thigh=8.0 * (index % 2)) for index in range(30)]
    )
    assert found[-1] is not None


def with_far_leg(pose, *, visibility, ankle_up):
    """Return a pose seen from its left whose right knee and ankle are seen so badly, and its foot put that high."""
    points, seen = pose.points.copy(), pose.visibility.copy()
    seen[[Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]] = visibility
    hip, ankle = points[Landmark.RIGHT_HIP], points[Landmark.RIGHT_ANKLE]
    points[Landmark.RIGHT_ANKLE] = ankle + ankle_up * (hip - ankle)
    return replace(pose, points=points, visibility=seen)


def test_a_covered_leg_that_is_put_elsewhere_stands_behind_the_other():
    right = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.0)
    wrong = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)
    _, (*_, expected) = run([right] * 30, azimuth=90.0)
    _, (*_, found) = run([wrong] * 30, azimuth=90.0)
    assert found.features.trunk == pytest.approx(expected.features.trunk)
    assert found.features.elevation == pytest.approx([0.0, 0.0])
    left, right_row = Side.LEFT.row, Side.RIGHT.row
    for name in ("leg", "leg_world", "leg_pixels"):
        assert getattr(found.features, name)[left] == pytest.approx(getattr(expected.features, name)[left])
        assert np.isnan(getattr(found.features, name)[right_row]).all()
        assert np.isfinite(getattr(expected.features, name)[right_row]).all()


def test_the_hip_as_read_with_a_misplaced_leg_is_not_taken():
    """The trunk network is told which ankle is the higher: of all that it reads the hip hangs on that."""
    _, (*_, expected) = run([with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.0)] * 30, azimuth=90.0)
    _, (*_, found) = run([with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)] * 30, azimuth=90.0)
    hip = np.array(TRUNK_ESTIMATES) == "hip_flexion"
    for name in ("pixels", "pixels_sigma"):
        assert np.isnan(getattr(found.features, name)[hip]).all()
        assert getattr(found.features, name)[~hip] == pytest.approx(getattr(expected.features, name)[~hip])
        assert np.isfinite(getattr(expected.features, name)).all()


def test_what_one_leg_is_measured_by_the_other_is_not_taken_beside_a_misplaced_one():
    _, (*_, found) = run([with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)] * 30, azimuth=90.0)
    assert np.isnan(found.features.lateral).all()


@pytest.mark.parametrize(("misplaced", "known"), [(25, False), (16, False), (14, True), (5, True)])
def test_a_covered_leg_is_known_where_most_frames_show_it_standing(misplaced, known):
    right = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.0)
    wrong = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)
    _, (*_, found) = run([wrong] * misplaced + [right] * (30 - misplaced), azimuth=90.0)
    expected = compute_features(right)
    for name in ("leg", "leg_world", "leg_pixels", "lateral"):
        far = getattr(found.features, name)[Side.RIGHT.row]
        if known:
            assert far == pytest.approx(getattr(expected, name)[Side.RIGHT.row], abs=1e-3)
        else:
            assert np.isnan(far).all()


def test_a_covered_leg_in_front_of_the_body_may_be_raised():
    wrong = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)
    assert is_upright(wrong, compute_features(wrong))
    raised = make_pose(STRETCHING).world[Landmark.LEFT_ANKLE]
    wrong.world[Landmark.RIGHT_ANKLE] = raised
    assert not is_upright(wrong, compute_features(wrong))


def test_a_leg_that_is_seen_up_is_up():
    _, found = run([with_far_leg(make_pose(STANDING), visibility=0.9, ankle_up=0.9)] * 30, azimuth=90.0)
    assert found[-1] is None


def test_from_the_front_no_leg_covers_the_other():
    """A leg raised towards the camera may hide its own knee and ankle."""
    seen_from_the_front = with_far_leg(make_pose(replace(STANDING, azimuth=12.0)), visibility=0.1, ankle_up=0.9)
    _, found = run([seen_from_the_front] * 30, azimuth=12.0)
    assert found[-1] is None


def test_only_the_far_leg_can_be_covered_by_the_other():
    from_the_right = with_far_leg(make_pose(replace(STANDING, azimuth=-90.0)), visibility=0.1, ankle_up=0.9)
    _, found = run([from_the_right] * 30, azimuth=-90.0)
    assert found[-1] is None


def test_a_covered_leg_does_not_stand_behind_one_that_is_up():
    up = make_pose(STRETCHING)
    covered = with_far_leg(up, visibility=0.1, ankle_up=0.0)
    assert not is_upright(covered, compute_features(covered))


def test_legs_that_are_both_covered_say_nothing_of_standing():
    pose = with_far_leg(make_pose(STANDING), visibility=0.1, ankle_up=0.9)
    pose.visibility[[Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE]] = 0.1
    assert not is_upright(pose, compute_features(pose))


@pytest.mark.parametrize("centre", [(120.0, 120.0), (560.0, 420.0), (1800.0, 1000.0)])
def test_where_in_the_picture_somebody_stands_does_not_matter(centre):
    breathing = [replace(STANDING, centre=centre, scale=180.0 + (index % 3)) for index in range(30)]
    _, found = run(breathing)
    assert found[-1] is not None
