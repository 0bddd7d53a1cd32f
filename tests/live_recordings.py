"""Recordings of figures that the coach follows, and a journal that remembers what it was given."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import numpy as np

from builders import FRAME_SIZE, STANDING, STRETCHING, make_figures, make_pose
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.coach.session.types import (
    Direction,
    EventKind,
    Guidance,
    SessionEvent,
    Stage,
)
from formcoach.live.files import Outcome
from formcoach.live.journal import keep_session
from formcoach.live.options import LiveOptions
from formcoach.live.recording import Recording
from formcoach.pose.landmarks import Side
from formcoach.pose.mediapipe_model import describe_model
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import Pose
from formcoach.stretch import load_profile
from formcoach.video import Frame, SourceInfo, SourceKind

PROFILE = load_profile()
MODEL = describe_model(load_model_file("lite"))
SOURCE = SourceInfo("camera 0", SourceKind.CAMERA, *FRAME_SIZE, fps=15.0)
SET = ((STANDING, 3.0), (STRETCHING, 4.0), (STANDING, 1.0))


class Journal:
    """Remembers what it was given; can be made to wait, and to fail."""

    session_id = "2026-01-01-1200-abc"

    def __init__(self):
        self.given = []
        self.gate = threading.Event()
        self.gate.set()
        self.fails = None
        self.dropped = self.closed = False
        self.record = None
        self.journal = self

    def begin_segment(self, model, frame_size):
        self.given.append(("segment", model.name, frame_size))

    def append(self, index, time_s, pose, guidance):
        self.gate.wait(30.0)
        if self.fails is not None:
            raise self.fails
        self.given.append(("frame", index, time_s, pose, guidance))

    def note_event(self, event):
        self.given.append(("event", event))

    def note_symptom(self, symptom):
        self.given.append(("symptom", symptom))

    def finish(self, record, measured=None):
        self.record, self.measured = record, measured

    def drop(self):
        self.dropped = True

    @contextmanager
    def keep(self):
        yield self
        self.closed = True

    def frames(self):
        return [one for one in self.given if one[0] == "frame"]


def make_recording(tmp_path, journal, clock=time.monotonic, **options):
    return Recording(LiveOptions("0", PROFILE, tmp_path, **options), SOURCE, journal.keep, clock)


def store_recording(tmp_path, **options):
    """A recording into a store."""
    asked = LiveOptions("0", PROFILE, tmp_path, **options)
    return Recording(asked, SOURCE, lambda: keep_session(asked, SOURCE))


def play(recording, parts, *, size=FRAME_SIZE, stage=Stage.HOLD, coach=None, start=0, image=True):
    """Let the coach follow figures, and record every step; returns coach and last step."""
    coach = coach or Coach(PROFILE, load_calibration("lite"), size)
    recording.begin_segment(MODEL, size)
    step = before = None
    for index, figure in enumerate(make_figures(*parts), start=start):
        pose = figure if isinstance(figure, Pose) else make_pose(figure)
        time_s = index / 15
        step = coach.step(time_s, pose)
        picture = np.full((size[1], size[0], 3), index % 256, np.uint8) if image else np.zeros((2, 2, 3), np.uint8)
        now = stage if step.leg.raised else Stage.RAISE_LEG
        changed = () if now is before else (SessionEvent(time_s, EventKind.STAGE, Side.LEFT, 1, now.value),)
        before = now
        direction = Direction(time_s, now, Side.LEFT, 1, 2, "", events=changed)
        recording.add(Frame(index, time_s, picture), pose, Guidance(), step, direction)
    return coach, step


def finish(recording, coach, **more):
    return recording.finish(Outcome(baselines=coach.baselines, holds=coach.assessor.holds, **more))


def wait_until(true, seconds=20.0):
    until_s = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until_s
        time.sleep(0.01)
