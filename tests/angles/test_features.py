from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HALF_HIPS, HALF_SHOULDERS, SHANK, STRETCHING, THIGH, Figure, make_pose
from formcoach.angles.features import LATERAL_FEATURES, LEG_FEATURES, TRUNK_FEATURES, compute_features
from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.pose import Pose

FIGURES = st.builds(
    Figure,
    azimuth=st.sampled_from([90.0, -90.0]),
    raised=st.sampled_from(list(Side)),
    thigh=st.floats(0.0, 100.0),
    knee=st.floats(-5.0, 90.0),
    ankle=st.floats(-50.0, 30.0),
    lean=st.floats(0.0, 70.0),
    neck=st.floats(-30.0, 40.0),
    head=st.floats(-20.0, 40.0),
)


def leg(features, side: Side, name: str) -> float:
    return float(features.leg[side.row, LEG_FEATURES.index(name)])


def trunk(features, name: str) -> float:
    return float(features.trunk[TRUNK_FEATURES.index(name)])


def lateral(features, side: Side, name: str) -> float:
    return float(features.lateral[side.row, LATERAL_FEATURES.index(name)])


def flat(features) -> np.ndarray:
    return np.concatenate([np.ravel(getattr(features, field.name)) for field in fields(features)])


@given(FIGURES)
def test_constructed_angles_are_found_again_in_the_side_view(figure):
    features = compute_features(make_pose(figure))
    assert leg(features, figure.raised, "knee_flexion") == pytest.approx(figure.knee, abs=0.01)
    assert leg(features, figure.raised, "ankle_dorsiflexion") == pytest.approx(figure.ankle, abs=0.01)
    assert leg(features, figure.raised, "thigh") == pytest.approx(figure.thigh, abs=0.01)
    assert leg(features, figure.raised, "hip_trunk_flexion") == pytest.approx(figure.thigh + figure.lean, abs=0.01)
    assert trunk(features, "lean") == pytest.approx(figure.lean, abs=0.01)
    assert trunk(features, "neck_tilt") == pytest.approx(figure.lean + figure.neck, abs=0.01)


@given(FIGURES, st.floats(0.0, 40.0))
def test_looking_down_by_so_much_turns_every_head_feature_by_as_much(figure, nod):
    nodding = replace(figure, head=figure.head + nod)
    # The direction is told: a head that hangs further than a neck can bend looks backwards.
    facing = -np.sign(figure.azimuth)
    before, after = (compute_features(make_pose(one), facing) for one in (figure, nodding))
    for name in ("mouth_pitch", "face_tilt", "nose_pitch"):
        turned = (trunk(after, name) - trunk(before, name) + 180.0) % 360.0 - 180.0
        assert turned == pytest.approx(nod, abs=0.05)


@pytest.mark.parametrize("azimuth", [0.0, 40.0, 90.0, -35.0, -90.0, 150.0])
def test_azimuth_is_found_again_and_world_features_do_not_depend_on_it(azimuth):
    features = compute_features(make_pose(replace(STRETCHING, azimuth=azimuth)), facing=1.0)
    side_on = compute_features(make_pose(STRETCHING))
    assert float(features.azimuth_deg) == pytest.approx(azimuth, abs=0.01)
    assert features.leg_world == pytest.approx(side_on.leg_world, abs=0.01)
    assert features.trunk_world == pytest.approx(side_on.trunk_world, abs=0.01)


@given(FIGURES, st.floats(-150.0, 150.0), st.floats(-100.0, 100.0), st.floats(0.4, 1.6))
def test_moving_and_scaling_the_picture_changes_nothing(figure, dx, dy, factor):
    moved = replace(figure, centre=(figure.centre[0] + dx, figure.centre[1] + dy), scale=figure.scale * factor)
    before, after = (flat(compute_features(make_pose(one))) for one in (figure, moved))
    # Landmarks are single precision, which an arcsine near 90° turns into a tenth of a degree.
    assert after == pytest.approx(before, abs=0.2)


MIRRORED = [
    Landmark[mark.name.replace("LEFT", "?").replace("RIGHT", "LEFT").replace("?", "RIGHT")] for mark in Landmark
]


def mirrored(pose: Pose, width: float = 640.0) -> Pose:
    """The same person in a mirror: x turned round, left and right exchanged, the outline's sides too."""
    flip = np.array([-1.0, 1.0], np.float32)
    return Pose(
        (pose.points[MIRRORED] * flip + np.array([width, 0.0], np.float32)).astype(np.float32),
        pose.world[MIRRORED] * np.array([-1.0, 1.0, 1.0], np.float32),
        pose.visibility[MIRRORED],
        pose.presence[MIRRORED],
        pose.outline[::-1],
        pose.trunk_estimate,
        pose.leg_estimate[::-1],
    )


@given(FIGURES)
def test_a_mirror_exchanges_the_sides_and_nothing_else(figure):
    features, mirror = compute_features(make_pose(figure)), compute_features(mirrored(make_pose(figure)))
    assert mirror.leg == pytest.approx(features.leg[::-1], abs=0.02)
    assert mirror.lateral == pytest.approx(features.lateral[::-1], abs=0.02)
    assert mirror.trunk == pytest.approx(features.trunk, abs=0.02)
    assert mirror.pixels == pytest.approx(features.pixels, abs=0.02)
    assert mirror.leg_pixels == pytest.approx(features.leg_pixels[::-1], abs=0.02)
    assert float(mirror.facing) == -float(features.facing)


@pytest.mark.parametrize("raised", list(Side))
def test_a_leg_across_the_midline_is_positive_for_both_legs(raised):
    features = compute_features(make_pose(Figure(azimuth=0.0, raised=raised, across=12.0)), facing=1.0)
    own, other = features.lateral[raised.row], features.lateral[raised.other.row]
    assert own[:4] == pytest.approx([12.0] * 4, abs=0.6)
    assert other[:4] == pytest.approx([0.0] * 4, abs=0.1)


@pytest.mark.parametrize("raised", list(Side))
def test_from_midline_and_other_foot_a_leg_goes_less_far_across_than_from_its_own_hip(raised):
    features = compute_features(make_pose(Figure(azimuth=0.0, raised=raised, across=12.0)), facing=1.0)
    across, hip = np.sin(np.radians(12.0)), HALF_HIPS / (THIGH + SHANK)
    expected = {
        "leg_from_midline": across - hip,
        "thigh_from_midline": across - 2.0 * hip,
        "feet_apart": across - 2.0 * hip,
        "trunk_bend": 0.0,
        "shoulder_width": 2.0 * HALF_SHOULDERS / (THIGH + SHANK),
    }
    for name, sine in expected.items():
        assert lateral(features, raised, name) == pytest.approx(np.degrees(np.arcsin(sine)), abs=0.6), name


@pytest.mark.parametrize("azimuth", [-50.0, 0.0, 35.0])
def test_shoulder_azimuth_is_positive_where_the_legs_own_side_is_seen(azimuth):
    features = compute_features(make_pose(Figure(azimuth=azimuth)), facing=1.0)
    assert lateral(features, Side.LEFT, "shoulder_azimuth") == pytest.approx(azimuth, abs=0.01)
    assert lateral(features, Side.RIGHT, "shoulder_azimuth") == pytest.approx(-azimuth, abs=0.01)


def test_the_nose_tells_to_which_side_the_body_is_turned():
    turned = [compute_features(make_pose(Figure(azimuth=azimuth)), facing=1.0) for azimuth in (-25.0, 0.0, 25.0)]
    # Somebody whose left side is seen faces the left edge of the picture: for the left leg that is across the midline.
    left = [lateral(one, Side.LEFT, "nose_from_midline") for one in turned]
    assert left[0] < -2.0 < left[1] < 2.0 < left[2]
    assert left == pytest.approx([-lateral(one, Side.RIGHT, "nose_from_midline") for one in turned], abs=0.01)


def test_elevation_reach_and_stature_of_a_raised_leg():
    features = compute_features(make_pose(Figure(thigh=60.0, raised=Side.RIGHT, azimuth=-90.0)))
    row = Side.RIGHT.row
    assert features.elevation[row] == pytest.approx(1.0 - np.cos(np.radians(60.0)), abs=1e-3)
    assert features.elevation[1 - row] == -features.elevation[row]
    assert features.reach[row] == pytest.approx(np.sin(np.radians(60.0)), abs=1e-3)
    assert features.stature[1 - row] == pytest.approx(1.0, abs=1e-3)
    assert float(features.proportion) == pytest.approx(0.5 / 0.84, abs=1e-3)


def test_nobody_gives_nan_everywhere():
    assert np.isnan(flat(compute_features(Pose.missing()))).all()


def test_one_frame_and_a_whole_clip_go_through_the_same_code():
    poses = [make_pose(replace(STRETCHING, lean=lean)) for lean in (0.0, 20.0, 40.0)]
    together = compute_features(Pose.stack(poses))
    assert together.leg.shape == (3, 2, len(LEG_FEATURES))
    for index, pose in enumerate(poses):
        assert flat(together[index]) == pytest.approx(flat(compute_features(pose)), abs=1e-9)
