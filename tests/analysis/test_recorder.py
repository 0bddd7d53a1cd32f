"""The recorder on poses made by trigonometry, for every kind of source: no model, no pictures."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from importlib import resources

import jsonschema
import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING, STRETCHING, make_clip, make_pose
from formcoach.analysis import AnalysisOptions
from formcoach.analysis.recorder import SessionRecorder
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, FramingFault, PathKind, review_still
from formcoach.pose.landmarks import Side
from formcoach.pose.mediapipe_model import describe_model
from formcoach.pose.model_files import load_model_file
from formcoach.sessions.landmarks import PoseSpool
from formcoach.stretch import load_profile
from formcoach.video import SourceInfo, SourceKind
from formcoach.video.writer import VideoWriter
from media import picture

SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))
MODEL = load_model_file("lite")
PROFILE = load_profile()
NEARER_LEG = ((Side.LEFT, 100.0), (Side.RIGHT, -100.0))


def record(folder, poses, kind):
    """Record poses as a source of some kind, each by itself; return what stands in the folder."""
    options = AnalysisOptions(folder, MODEL, PROFILE)
    source = SourceInfo("source", kind, *FRAME_SIZE)
    (folder / "spool").mkdir(parents=True)
    with (
        PoseSpool(folder / "spool") as spool,
        SessionRecorder(folder, options, source, describe_model(MODEL)) as recorder,
    ):
        for index, pose in enumerate(poses):
            spool.append(index, index / 15, pose)
            recorder.add(index, review_still(pose, PROFILE, load_calibration("lite"), FRAME_SIZE))
        recorder.finish(path=PathKind.STILL, baselines=(), holds=(), skipped_frames=0, partial=False)
        recorder.save_landmarks(spool)
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, SCHEMA)
    return document


def sha256(package, *parts):
    return hashlib.sha256(resources.files(package).joinpath(*parts).read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", SourceKind)
def test_both_files_name_the_networks_and_the_calibration_by_their_content(tmp_path, kind):
    expected = {
        "trunk_network": sha256("formcoach.pose", "networks", "trunk.onnx"),
        "leg_network": sha256("formcoach.pose", "networks", "leg.onnx"),
        "calibration": sha256("formcoach.angles", "calibration.json"),
    }
    assert record(tmp_path, [make_pose(STRETCHING)], kind)["estimator_sha256"] == expected
    with np.load(tmp_path / "landmarks.npz", allow_pickle=False) as stored:
        assert {name: str(stored[f"{name}_sha256"]) for name in expected} == expected


@pytest.mark.parametrize("kind", [SourceKind.PHOTO, SourceKind.VIDEO])
@pytest.mark.parametrize(("scale", "too_far"), [(60.0, True), (95.0, True), (110.0, False), (180.0, False)])
def test_somebody_small_who_never_stands_upright_is_told_to_come_closer(tmp_path, kind, scale, too_far):
    # At a scale of 110 a lean this deep is less than 160 pixels high, but the body would be more.
    leaning = make_pose(replace(STRETCHING, lean=60.0, scale=scale))
    notes = record(tmp_path, [leaning] * 3, kind)["notes"]
    assert (FramingFault.TOO_FAR.advice in notes) == too_far


def test_the_size_upright_is_what_counts_where_it_was_seen(tmp_path):
    # Nearer to the camera while stretching than while standing.
    poses = [make_pose(replace(STANDING, scale=80.0)), *[make_pose(STRETCHING)] * 5]
    assert FramingFault.TOO_FAR.advice in record(tmp_path, poses, SourceKind.VIDEO)["notes"]


@pytest.mark.parametrize(("times", "told"), [(3, False), (4, True)])
def test_whoever_is_cut_off_in_more_than_a_third_of_the_frames_is_told_to_step_back(tmp_path, times, told):
    cut_off = make_pose(replace(STRETCHING, centre=(320.0, 20.0)))
    notes = record(tmp_path, [cut_off] * times + [make_pose(STRETCHING)] * (10 - times), SourceKind.VIDEO)["notes"]
    assert (FramingFault.CUT_OFF.advice in notes) == told


def test_whose_back_is_outside_the_picture_is_told_so(tmp_path):
    at_the_edge = make_pose(replace(STRETCHING, centre=(620.0, 240.0)))
    assert (at_the_edge.points < (640.0, 480.0)).all()
    assert FramingFault.CUT_OFF.advice in record(tmp_path, [at_the_edge] * 3, SourceKind.VIDEO)["notes"]


@pytest.mark.parametrize(("azimuth", "far"), [(90.0, False), (-90.0, True), (50.0, False), (-50.0, True)])
def test_who_stretches_the_leg_behind_is_told_to_turn_round(tmp_path, azimuth, far):
    poses = [make_pose(replace(STRETCHING, azimuth=azimuth))] * 3
    document = record(tmp_path, poses, SourceKind.VIDEO)
    assert (FramingFault.FAR_LEG.advice in document["notes"]) == far
    assert document["leg"] == "left"


def test_both_legs_each_seen_from_its_side_are_seen_side_on(tmp_path):
    left, right = (make_pose(replace(STRETCHING, raised=side, azimuth=azimuth)) for side, azimuth in NEARER_LEG)
    document = record(tmp_path, [left, left, left, right, right], SourceKind.VIDEO)
    assert document["view"]["name"] == "side"
    assert document["view"]["azimuth_deg"] == pytest.approx(100.0, abs=8.0)
    assert document["facing"] == "left"


def test_the_worst_moment_is_drawn_and_shown_where_video_was_recorded(tmp_path):
    toes_up = replace(STRETCHING, ankle=20.0)
    times, poses = make_clip((STANDING, 2.0), (STRETCHING, 3.0), (toes_up, 3.0), (STANDING, 1.0))
    coach = Coach(PROFILE, load_calibration("lite"), FRAME_SIZE)
    source = SourceInfo("source", SourceKind.CAMERA, *FRAME_SIZE)
    options = AnalysisOptions(tmp_path, MODEL, PROFILE)
    with SessionRecorder(tmp_path, options, source, describe_model(MODEL)) as recorder:
        with VideoWriter(tmp_path / "overlay.mp4", FRAME_SIZE, 15.0) as writer:
            for index, time_s in enumerate(times):
                recorder.add(index, coach.step(float(time_s), poses[index]))
                writer.write(picture(index, FRAME_SIZE), float(time_s))
        recorder.finish(
            path=PathKind.CAUSAL,
            baselines=coach.baselines,
            holds=coach.assessor.holds,
            skipped_frames=0,
            partial=False,
            video="overlay.mp4",
            started=datetime(2026, 11, 26, 9, 12),
        )
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    cards = html[html.index('id="moments"') :]
    assert "Ankle" in cards
    assert 'class="skeleton"' in cards
    assert "data:image/jpeg;base64," in cards
    assert "26 November 2026, 09:12" in html
