"""A record with everything in it, and one of which nothing is known."""

from __future__ import annotations

from dataclasses import replace

from formcoach.angles import Angle
from formcoach.angles.calibration import ESTIMATOR_VERSION
from formcoach.pose.landmarks import Side
from formcoach.pose.model import ModelInfo
from formcoach.sessions.record import AngleSummary, BaselineRecord, SessionRecord
from formcoach.stretch import Severity, load_profile
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.types import NotChecked
from formcoach.video import SourceInfo, SourceKind

NAN = float("nan")

RECORD = SessionRecord(
    program_version="0.1.0",
    versions={"numpy": "2.0"},
    path="zero_phase",
    estimator=ESTIMATOR_VERSION,
    estimator_sha256={"trunk_network": "1" * 64, "leg_network": "2" * 64, "calibration": "3" * 64},
    model=ModelInfo("heavy", "heavy", "pose.task", "0" * 64, known=True, library="mediapipe 1.2.2"),
    source=SourceInfo("clip.mp4", SourceKind.VIDEO, 640, 480, fps=15.0, duration_s=12.0, frame_count=180),
    frames=180,
    skipped_frames=0,
    duration_s=11.9,
    people=1,
    partial=False,
    profile=load_profile(),
    leg=Side.LEFT,
    facing="left",
    view="side",
    azimuth_deg=88.0,
    baselines=(BaselineRecord(0.1, 2.1, 30, 85.0),),
    holds=(Hold(Side.LEFT, 4.0, 11.0, 5.0, 4.0),),
    flags=(
        FlagPeriod("ankle_dorsiflexion", Severity.WARN, 5.0, 8.0, 6.0),
        FlagPeriod("lumbar_flexion", Severity.WARN, 6.0, 6.5, 20.0),
        FlagPeriod("lumbar_flexion", Severity.STRONG, 6.5, 8.0, 40.0),
    ),
    unchecked=(
        Unchecked("hip_adduction", NotChecked.WRONG_VIEW, 1.0),
        Unchecked("hip_medial_rotation", NotChecked.NOT_JUDGED, 1.0),
    ),
    angles=tuple(AngleSummary(angle, 0.9, 1.0, -2.0, 3.0, 4.0) for angle in Angle),
)
NOTHING = replace(
    RECORD,
    leg=None,
    facing="unknown",
    view="unknown",
    azimuth_deg=NAN,
    baselines=(),
    holds=(),
    flags=(FlagPeriod("knee_bent", Severity.TIP, 1.0, 2.0, NAN),),
    unchecked=tuple(Unchecked(rule.name, NotChecked.NOT_STRETCHING, 1.0) for rule in RECORD.profile.flags),
    angles=tuple(AngleSummary(angle, 0.0, NAN, NAN, NAN, NAN) for angle in Angle),
    source=SourceInfo("photo.jpg", SourceKind.PHOTO, 640, 480),
    duration_s=0.0,
    path="still",
)
