from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING, STRETCHING, make_pose
from formcoach.angles import Angle, Status, View
from formcoach.angles.calibration import load_calibration, read_calibration, select_features
from formcoach.angles.estimate import OWN_ZERO, PLAUSIBLE_DEG, Situation, estimate_readings
from formcoach.angles.features import compute_features
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose

CALIBRATION = load_calibration("heavy")
SITUATION = Situation(Side.LEFT, View.SIDE, None, FRAME_SIZE)
BASELINE = compute_features(make_pose(STANDING))


def read(pose, situation=SITUATION, facing=None):
    return estimate_readings(pose, compute_features(pose, facing), situation, CALIBRATION)


def status(readings, angle):
    return readings.reading(angle).status


def test_nobody_is_out_of_view_and_nothing_has_a_value():
    readings = read(Pose.missing())
    assert set(readings.status.tolist()) == {Status.OUT_OF_VIEW}
    assert np.isnan(readings.value_deg).all()
    assert np.isnan(readings.sigma_deg).all()


def test_a_value_goes_with_a_sigma_and_a_status_that_allows_it():
    for situation in (SITUATION, replace(SITUATION, baseline=BASELINE)):
        readings = read(make_pose(STRETCHING), situation)
        for _, reading in readings.items():
            assert reading.is_known == (reading.status in (Status.OK, Status.NO_BASELINE))
            assert np.isfinite(reading.sigma_deg) == reading.is_known


def test_without_a_baseline_the_own_zero_is_said_to_be_missing_and_less_certain():
    without, with_one = read(make_pose(STRETCHING)), read(make_pose(STRETCHING), replace(SITUATION, baseline=BASELINE))
    for angle in (Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.PELVIC_TILT, Angle.TRUNK_LEAN):
        assert status(without, angle) is Status.NO_BASELINE
        assert status(with_one, angle) is Status.OK
        assert without.reading(angle).sigma_deg > with_one.reading(angle).sigma_deg
    for angle in (Angle.KNEE_FLEXION, Angle.ANKLE_DORSIFLEXION):
        assert angle not in OWN_ZERO
        assert status(without, angle) is Status.OK


def test_neutral_standing_reads_about_zero_against_its_own_baseline():
    readings = read(make_pose(STANDING), replace(SITUATION, baseline=BASELINE))
    for angle in (Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.PELVIC_TILT, Angle.TRUNK_LEAN, Angle.HIP_FLEXION):
        assert abs(readings.reading(angle).value_deg) < 5.0, angle


@pytest.mark.parametrize(
    ("angle", "change", "least"),
    [
        (Angle.ANKLE_DORSIFLEXION, {"ankle": 5.0}, 25.0),
        (Angle.KNEE_FLEXION, {"knee": 40.0}, 22.0),
        (Angle.CERVICAL_FLEXION, {"head": 30.0}, 15.0),
        (Angle.TRUNK_LEAN, {"lean": 45.0}, 15.0),
        (Angle.HIP_FLEXION, {"thigh": 90.0}, 15.0),
        (Angle.HIP_TRUNK_FLEXION, {"thigh": 90.0}, 20.0),
    ],
)
def test_every_angle_grows_in_its_positive_direction(angle, change, least):
    situation = replace(SITUATION, baseline=BASELINE)
    before = read(make_pose(STRETCHING), situation).reading(angle).value_deg
    after = read(make_pose(replace(STRETCHING, **change)), situation).reading(angle).value_deg
    assert after - before > least


def test_a_rounder_back_reads_as_more_lumbar_flexion():
    situation = replace(SITUATION, baseline=BASELINE)
    figure = replace(STRETCHING, lean=30.0)
    flat = read(make_pose(figure), situation).reading(Angle.LUMBAR_FLEXION).value_deg
    rounded = read(make_pose(replace(figure, lumbar=25.0)), situation).reading(Angle.LUMBAR_FLEXION).value_deg
    assert rounded - flat > 10.0


def test_the_front_view_gives_adduction_and_refuses_what_it_cannot_see():
    front = replace(STRETCHING, azimuth=0.0)
    situation = replace(
        SITUATION, view=View.FRONT, baseline=compute_features(make_pose(replace(STANDING, azimuth=0.0)), 1.0)
    )
    straight = read(make_pose(front), situation, 1.0)
    crossed = read(make_pose(replace(front, across=15.0)), situation, 1.0)
    gain = crossed.reading(Angle.HIP_ADDUCTION).value_deg - straight.reading(Angle.HIP_ADDUCTION).value_deg
    assert gain > 6.0
    for angle in (Angle.LUMBAR_FLEXION, Angle.ANKLE_DORSIFLEXION, Angle.KNEE_FLEXION, Angle.CERVICAL_FLEXION):
        assert status(straight, angle) is Status.WRONG_VIEW


def test_the_side_view_refuses_adduction():
    readings = read(make_pose(STRETCHING))
    assert status(readings, Angle.HIP_ADDUCTION) is Status.WRONG_VIEW
    assert status(readings, Angle.KNEE_FLEXION) is Status.OK


@pytest.mark.parametrize("view", [View.BACK, View.UNKNOWN])
def test_views_without_an_estimate_give_nothing(view):
    readings = read(make_pose(STRETCHING), replace(SITUATION, view=view))
    assert set(readings.status.tolist()) == {Status.WRONG_VIEW}


def test_an_unknown_leg_has_no_leg_angles_but_a_trunk():
    readings = read(make_pose(STRETCHING), replace(SITUATION, leg=None))
    assert status(readings, Angle.KNEE_FLEXION) is Status.WRONG_VIEW
    assert readings.reading(Angle.TRUNK_LEAN).is_known


def test_a_covered_landmark_takes_away_only_what_hangs_on_it():
    pose = make_pose(STRETCHING)
    seen = pose.visibility.copy()
    seen[31] = 0.2  # the toes of the left foot
    readings = read(replace(pose, visibility=seen))
    assert status(readings, Angle.ANKLE_DORSIFLEXION) is Status.LOW_VISIBILITY
    assert status(readings, Angle.KNEE_FLEXION) is Status.OK


def test_feet_outside_the_picture_are_out_of_view():
    readings = read(make_pose(replace(STRETCHING, centre=(150.0, 240.0), scale=300.0)))
    assert status(readings, Angle.ANKLE_DORSIFLEXION) is Status.OUT_OF_VIEW
    assert np.isnan(readings.reading(Angle.ANKLE_DORSIFLEXION).value_deg)


def test_legs_alone_are_not_measured():
    legs_only = make_pose(replace(STRETCHING, centre=(320.0, 20.0)))
    assert (legs_only.points[[11, 12], 1] < 0).all()
    assert (legs_only.points[[25, 27, 29, 31], 1] > 0).all()
    readings = read(legs_only)
    assert set(readings.status.tolist()) == {Status.OUT_OF_VIEW}


def test_a_figure_with_impossible_proportions_is_refused():
    pose = make_pose(STRETCHING)
    squeezed = pose.points.copy()
    squeezed[:23, 1] = squeezed[23, 1] - 0.15 * (squeezed[23, 1] - squeezed[:23, 1])
    squeezed[:23, 0] = squeezed[23, 0] + 0.15 * (squeezed[:23, 0] - squeezed[23, 0])
    readings = read(replace(pose, points=squeezed))
    assert set(readings.status[readings.status != Status.WRONG_VIEW].tolist()) == {Status.DEGENERATE}


def with_head_at(pose, distance):
    """Move the whole head along the neck, so that the ears lie `distance` trunk lengths from the shoulders."""
    points = pose.points.copy()
    shoulders, hips, ears = (points[pair].mean(axis=0) for pair in ([11, 12], [23, 24], [7, 8]))
    neck = ears - shoulders
    wanted = distance * np.hypot(*(shoulders - hips)) / np.hypot(*neck) * neck
    points[:11] += wanted - neck
    return replace(pose, points=points)


def test_a_head_pressed_onto_the_shoulders_is_a_figure_that_was_cut_off():
    pose = make_pose(STRETCHING)
    assert status(read(with_head_at(pose, 0.32)), Angle.LUMBAR_FLEXION) is Status.NO_BASELINE
    readings = read(with_head_at(pose, 0.24))
    assert set(readings.status[readings.status != Status.WRONG_VIEW].tolist()) == {Status.DEGENERATE}
    # Seen at a slant or from the front a lean brings the ears down to the shoulders.
    oblique = make_pose(replace(STRETCHING, azimuth=50.0))
    readings = read(with_head_at(oblique, 0.24), replace(SITUATION, view=View.OBLIQUE), facing=-1.0)
    assert status(readings, Angle.LUMBAR_FLEXION) is Status.NO_BASELINE


def test_without_the_top_of_the_head_back_and_neck_are_not_judged():
    pose = make_pose(STRETCHING)
    shoulders, hips, ears = (pose.points[pair].mean(axis=0) for pair in ([11, 12], [23, 24], [7, 8]))
    beyond = np.hypot(*(shoulders - hips)) / np.hypot(*(ears - shoulders)) * (ears - shoulders)[1]  # up: negative
    for share, expected in ((0.30, Status.NO_BASELINE), (0.22, Status.OUT_OF_VIEW)):
        low = pose.points + np.array([0.0, -share * beyond - ears[1]], np.float32)  # so far below the upper edge
        assert (low[:11, 1] > 0).all()
        readings = read(replace(pose, points=low.astype(np.float32)))
        for angle in (Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.PELVIC_TILT):
            assert status(readings, angle) is expected
        assert status(readings, Angle.KNEE_FLEXION) is Status.OK


@pytest.mark.parametrize(("beyond", "expected"), [(0.45, Status.NO_BASELINE), (0.26, Status.OUT_OF_VIEW)])
def test_where_the_back_lies_at_the_edge_of_the_picture_what_the_trunk_shows_is_not_judged(beyond, expected):
    pose = make_pose(STRETCHING, back=0.24)
    shoulders, hips = (pose.points[pair].mean(axis=0) for pair in ([11, 12], [23, 24]))
    # The figure faces left: the right edge of the picture comes so near to its hips, in trunk lengths.
    right = hips[0] + beyond * np.hypot(*(shoulders - hips))
    assert (pose.points[..., 0] < right).all()
    readings = read(pose, replace(SITUATION, frame_size=(int(right), FRAME_SIZE[1])))
    for angle in (Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.PELVIC_TILT, Angle.HIP_FLEXION):
        assert status(readings, angle) is expected
    assert status(readings, Angle.HIP_TRUNK_FLEXION) is (Status.OK if beyond == 0.45 else Status.OUT_OF_VIEW)
    for angle in (Angle.KNEE_FLEXION, Angle.ANKLE_DORSIFLEXION):
        assert status(readings, angle) is Status.OK


@pytest.mark.parametrize("view", [View.SIDE, View.OBLIQUE])
def test_the_leg_farther_from_the_camera_is_not_judged(view):
    azimuth = 90.0 if view is View.SIDE else 50.0
    pose = make_pose(replace(STRETCHING, azimuth=azimuth, raised=Side.RIGHT))
    readings = read(pose, replace(SITUATION, view=view, leg=Side.RIGHT), facing=-1.0)
    assert set(readings.status.tolist()) == {Status.WRONG_VIEW}
    near = read(make_pose(replace(STRETCHING, azimuth=azimuth)), replace(SITUATION, view=view), facing=-1.0)
    assert status(near, Angle.KNEE_FLEXION) is Status.OK


def test_from_the_front_neither_leg_is_the_farther_one():
    pose = make_pose(replace(STRETCHING, azimuth=-8.0))
    readings = read(pose, replace(SITUATION, view=View.FRONT), facing=1.0)
    assert status(readings, Angle.HIP_ADDUCTION) is not Status.WRONG_VIEW


def test_a_trunk_that_the_network_refuses_is_degenerate():
    pose = make_pose(STRETCHING)
    readings = read(replace(pose, trunk_estimate=np.full_like(pose.trunk_estimate, np.nan)))
    assert status(readings, Angle.LUMBAR_FLEXION) is Status.DEGENERATE
    assert status(readings, Angle.KNEE_FLEXION) is Status.OK


def test_a_leg_that_the_network_refuses_is_degenerate():
    pose = make_pose(STRETCHING)
    readings = read(replace(pose, leg_estimate=np.full_like(pose.leg_estimate, np.nan)))
    assert status(readings, Angle.ANKLE_DORSIFLEXION) is Status.DEGENERATE
    assert status(readings, Angle.LUMBAR_FLEXION) is Status.NO_BASELINE


def test_a_pose_that_looks_like_nothing_in_the_fit_is_refused():
    readings = read(make_pose(replace(STRETCHING, neck=120.0, head=60.0)))
    assert status(readings, Angle.LUMBAR_FLEXION) is Status.DEGENERATE


def test_the_networks_doubt_makes_a_reading_less_certain():
    pose = make_pose(STRETCHING)
    doubtful = pose.trunk_estimate.copy()
    doubtful[1] *= 4.0
    situation = replace(SITUATION, baseline=BASELINE)
    sure, unsure = read(pose, situation), read(replace(pose, trunk_estimate=doubtful), situation)
    for angle in (Angle.LUMBAR_FLEXION, Angle.TRUNK_LEAN, Angle.PELVIC_TILT):
        assert unsure.reading(angle).sigma_deg > 1.2 * sure.reading(angle).sigma_deg
        assert unsure.reading(angle).value_deg == sure.reading(angle).value_deg


def test_no_reading_lies_beyond_what_a_body_can_do():
    rng = np.random.default_rng(0)
    pose = make_pose(STRETCHING)
    for _ in range(40):
        noisy = replace(pose, points=pose.points + rng.normal(0, 25, pose.points.shape).astype(np.float32))
        for angle, reading in read(noisy).items():
            if reading.is_known and angle in PLAUSIBLE_DEG:
                low, high = PLAUSIBLE_DEG[angle]
                assert low <= reading.value_deg <= high


def test_a_photo_is_less_certain_than_a_video():
    video, still = read(make_pose(STRETCHING)), read(make_pose(STRETCHING), replace(SITUATION, still=True))
    for angle in (Angle.KNEE_FLEXION, Angle.ANKLE_DORSIFLEXION, Angle.LUMBAR_FLEXION):
        assert still.reading(angle).sigma_deg >= video.reading(angle).sigma_deg
        assert still.reading(angle).value_deg == video.reading(angle).value_deg


def test_a_clip_reads_like_its_frames():
    poses = [make_pose(replace(STRETCHING, lean=lean)) for lean in (0.0, 15.0, 30.0)]
    together = read(Pose.stack(poses))
    for index, pose in enumerate(poses):
        alone = read(pose)
        assert together[index].value_deg == pytest.approx(alone.value_deg, nan_ok=True)
        assert together[index].status.tolist() == alone.status.tolist()


@pytest.mark.parametrize("variant", ["lite", "full", "heavy"])
def test_every_variant_has_honest_numbers_for_what_the_side_shows(variant):
    calibration = load_calibration(variant)
    for angle in Angle:
        if angle is Angle.HIP_ADDUCTION:
            assert calibration.find(View.SIDE, angle, has_baseline=True) is None
            continue
        for has_baseline in (True, False):
            estimate = calibration.find(View.SIDE, angle, has_baseline=has_baseline)
            assert estimate is not None, angle
            usual = None if estimate.sigma_feature is None else np.array(5.0)
            assert 1.0 < estimate.compute_sigma_deg(usual, still=False) < 30.0
            assert 0.0 <= estimate.baseline_share <= 1.0
            assert (estimate.spread > 0).all()
            select_features(BASELINE, estimate.features, 0)


def test_an_estimate_does_what_its_formula_says():
    entry = {
        "view": "side",
        "angle": "knee_flexion",
        "has_baseline": [True, False],
        "features": ["leg.knee_flexion"],
        "weights": [0.9],
        "neutral": [-2.0],
        "spread": [20.0],
        "intercept": 1.0,
        "baseline_share": 0.25,
        "sigma_deg": 3.0,
        "sigma_still_deg": 5.0,
    }
    estimate = read_calibration({"source": "test", "variants": {"heavy": [entry]}}, "heavy").find(
        View.SIDE, Angle.KNEE_FLEXION, has_baseline=True
    )
    without, strangeness = estimate.apply(np.array([[10.0], [18.0]]), None)
    assert without == pytest.approx([1.0 + 0.9 * 12.0, 1.0 + 0.9 * 20.0])
    assert strangeness == pytest.approx([0.6, 1.0])
    with_one, _ = estimate.apply(np.array([10.0]), np.array([6.0]))
    assert with_one == pytest.approx(1.0 + 0.9 * (10.0 - (-2.0 + 0.25 * 8.0)))
