"""Pictures of rendered people cut behind the back: read as in the whole picture, or not at all."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from formcoach.analysis.people import choose_from_picture
from formcoach.angles import Angle, View
from formcoach.angles.calibration import load_calibration
from formcoach.angles.estimate import Situation, estimate_readings
from formcoach.angles.features import compute_features
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.landmarks import HIP, SHOULDER, Side
from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
from formcoach.pose.model_files import load_model_file

SIDE = Path(__file__).parents[1] / "data" / "people" / "side"
# Degrees: about two of the uncertainties that the program states for the lower back, less than any fault.
NEAR = 8.0


def find_lumbar_deg(detector, image, facing, leg):
    """Return landmarks and the reading of the lower back, NaN where it is not read; None where nobody is found."""
    pose, _ = choose_from_picture(image, detector)
    if pose is None:
        return None
    situation = Situation(leg, View.SIDE, None, (image.shape[1], image.shape[0]), still=True)
    readings = estimate_readings(pose, compute_features(pose, facing), situation, load_calibration("heavy"))
    return pose.points, readings.reading(Angle.LUMBAR_FLEXION).value_deg


def cut_behind(image, points, facing, beyond):
    """Cut the picture so many trunk lengths behind the rearmost of shoulders and hips."""
    joints = points[[*SHOULDER, *HIP], 0]
    trunk = np.hypot(*(points[list(SHOULDER)].mean(axis=0) - points[list(HIP)].mean(axis=0)))
    if facing < 0.0:
        return np.ascontiguousarray(image[:, : int(joints.max() + beyond * trunk)])
    return np.ascontiguousarray(image[:, max(int(joints.min() - beyond * trunk), 0) :])


@pytest.fixture(scope="module")
def stretching():
    """Pictures in which the back is read, with landmarks, facing, leg and what is read."""
    detector = MediaPipePeopleDetector(load_model_file("heavy"), PixelEstimator())
    found = []
    for row in json.loads((SIDE / "truth.json").read_text(encoding="utf-8")):
        if row["neutral"]:
            continue
        image, leg = cv2.imread(str(SIDE / row["image"])), Side(row["elevated"])
        facing = -1.0 if (row["azimuth"] > 0.0) == (leg is Side.LEFT) else 1.0
        seen = find_lumbar_deg(detector, image, facing, leg)
        if seen is not None and np.isfinite(seen[1]):
            found.append((image, seen[0], facing, leg, seen[1]))
    return detector, list(islice(found, 12))


@pytest.mark.parametrize("beyond", [0.2, 0.12, 0.03])
def test_a_trunk_that_is_not_wholly_in_the_picture_is_refused_or_read_as_in_the_whole_one(stretching, beyond):
    detector, pictures = stretching
    assert len(pictures) == 12
    read = []
    for image, points, facing, leg, whole_deg in pictures:
        seen = find_lumbar_deg(detector, cut_behind(image, points, facing, beyond), facing, leg)
        if seen is not None and np.isfinite(seen[1]):
            read.append(abs(seen[1] - whole_deg))
    assert all(off <= NEAR for off in read), read
    assert len(read) <= len(pictures) / 2


def test_a_trunk_with_room_behind_it_is_read(stretching):
    detector, pictures = stretching
    for image, points, facing, leg, whole_deg in pictures[:4]:
        _, value_deg = find_lumbar_deg(detector, cut_behind(image, points, facing, 0.8), facing, leg)
        assert value_deg == pytest.approx(whole_deg, abs=NEAR)
