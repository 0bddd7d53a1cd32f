from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STRETCHING, make_pose
from formcoach.angles import Angle
from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.pose import Pose
from formcoach.sessions.report.skeleton import MARGIN, SIZE, draw_skeleton

POSE = make_pose(STRETCHING)


def points(skeleton, part):
    lines = [line for line in skeleton.lines if line.part == part]
    return np.array([[float(n) for n in pair.split(",")] for line in lines for pair in line.points.split()])


@pytest.mark.parametrize("scale", [40.0, 180.0, 900.0])
def test_the_drawing_fills_its_frame_whatever_the_size_in_the_picture(scale):
    skeleton = draw_skeleton(make_pose(replace(STRETCHING, scale=scale)), Side.LEFT, Angle.KNEE_FLEXION, -1.0)
    everything = np.concatenate([points(skeleton, part) for part in ("limb", "trunk", "raised")])
    assert max(skeleton.width, skeleton.height) == pytest.approx(SIZE + 2 * MARGIN)
    assert everything.min() >= MARGIN - 0.1
    assert (everything.max(axis=0) <= np.array([skeleton.width, skeleton.height]) - MARGIN + 0.1).all()


def test_the_angle_is_pointed_at_where_it_is_measured():
    knee = draw_skeleton(POSE, Side.LEFT, Angle.KNEE_FLEXION, -1.0)
    raised = points(knee, "raised")
    assert np.abs(raised - np.array(knee.spot)).sum(axis=1).min() < 0.2
    stance = draw_skeleton(POSE, Side.LEFT, Angle.STANCE_KNEE_FLEXION, -1.0)
    assert stance.spot[1] > knee.spot[1]  # the standing knee is lower


def test_the_back_is_drawn_where_it_is_spoken_of():
    with_back = draw_skeleton(POSE, Side.LEFT, Angle.LUMBAR_FLEXION, -1.0)
    back = points(with_back, "back")
    hips = POSE.points[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
    assert len(back) > 5
    assert len(points(draw_skeleton(POSE, Side.LEFT, Angle.KNEE_FLEXION, -1.0), "back")) == 0
    assert hips[0] is not None
    # Who faces left has the back on the right.
    assert back[:, 0].mean() > points(with_back, "trunk")[:, 0].mean()


def test_what_was_guessed_is_left_out():
    visibility = POSE.visibility.copy()
    visibility[[Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX]] = 0.2
    skeleton = draw_skeleton(replace(POSE, visibility=visibility), Side.LEFT, Angle.ANKLE_DORSIFLEXION, -1.0)
    assert len(points(skeleton, "raised")) == 2  # the thigh alone
    assert skeleton.spot is None


def test_nobody_is_no_drawing():
    assert draw_skeleton(Pose.missing(), None, Angle.KNEE_FLEXION, float("nan")) is None
