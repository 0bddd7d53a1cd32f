"""Sessions for the store: a figure that stands, stretches with a fault in the middle, and comes up."""

from __future__ import annotations

import numpy as np

from builders import FRAME_SIZE, STANDING, STRETCHING, Figure, make_figures, make_pose
from formcoach.coach.session.types import (
    EventKind,
    Guidance,
    SessionEvent,
    Stage,
    Symptom,
    SymptomPlace,
    SymptomTrigger,
)
from formcoach.pose.landmarks import Side
from formcoach.pose.model import ModelInfo
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.journal import SessionPlan
from formcoach.stretch import load_profile
from formcoach.video import SourceInfo, SourceKind

FPS = 15
MODEL = ModelInfo("lite", "lite", "pose.task", "0" * 64, known=True, library="mediapipe 1.2.2")
OTHER_MODEL = ModelInfo("full", "full", "other.task", "1" * 64, known=True, library="mediapipe 1.2.2")
TOES_UP = Figure(thigh=60.0, knee=10.0, ankle=10.0, lean=15.0)
BEFORE_HOLD = Guidance(hold_allowed=False, leg=Side.LEFT)
IN_HOLD = Guidance(hold_allowed=True, leg=Side.LEFT)


def make_plan(**changes):
    source = SourceInfo("camera 0", SourceKind.CAMERA, *FRAME_SIZE, fps=30.0)
    return SessionPlan(**{"source": source, "profile": load_profile(), "leg": None, "sets": 2} | changes)


def make_frames(seed: int = 0, seconds: float = 8.0):
    """Return times, poses with noise as a model has it (some frames without anybody), and guidance."""
    figures = make_figures((STANDING, 3.0), (STRETCHING, 3.0), (TOES_UP, seconds), (STRETCHING, 3.0), (STANDING, 1.0))
    noise = np.random.default_rng(seed)
    times_s = np.cumsum(noise.uniform(0.9, 1.1, len(figures)) / FPS)
    poses, guidance = [], []
    for number, figure in enumerate(figures):
        pose = make_pose(figure)
        points = pose.points + noise.normal(0.0, 0.3, pose.points.shape).astype(np.float32)
        poses.append(Pose(points, *(getattr(pose, name) for name in list(FIELD_SHAPES)[1:])))
        guidance.append(BEFORE_HOLD if times_s[number] < 6.0 else IN_HOLD)
    poses[7] = Pose.missing()
    guidance[20] = Guidance(hold_allowed=False, leg=Side.LEFT, retake_baseline=True)
    return times_s.tolist(), poses, guidance


def stage(time_s: float, stage: Stage, number: int = 1) -> SessionEvent:
    return SessionEvent(time_s, EventKind.STAGE, Side.LEFT, number, stage.value)


def make_symptom(time_s: float, readings) -> Symptom:
    return Symptom(time_s, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE, SymptomTrigger.FELT_IT, readings)


def same_poses(first: Pose, second: Pose) -> bool:
    """Tell whether poses are the same to the last bit, NaN included."""
    return all(
        getattr(first, name).dtype == getattr(second, name).dtype == np.float32
        and getattr(first, name).tobytes() == getattr(second, name).tobytes()
        for name in FIELD_SHAPES
    )


def write_frames(journal, times_s, poses, guidance, first: int = 0) -> None:
    for number, (time_s, pose, guide) in enumerate(zip(times_s, poses, guidance, strict=True), start=first):
        journal.append(number, time_s, pose, guide)
