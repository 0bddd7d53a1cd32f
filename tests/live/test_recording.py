from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import resources

import cv2
import jsonschema
import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING, STRETCHING, make_figures, make_pose
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.coach.session.types import (
    Direction,
    EventKind,
    Guidance,
    SessionEvent,
    Stage,
    Symptom,
    SymptomPlace,
    SymptomTrigger,
)
from formcoach.errors import NoPersonError, OutputError
from formcoach.live import recording as module
from formcoach.live.options import LiveOptions
from formcoach.live.recording import Outcome, Recording
from formcoach.pose.landmarks import Side
from formcoach.pose.mediapipe_model import describe_model
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import Pose
from formcoach.stretch import load_profile
from formcoach.video import Frame, SourceInfo, SourceKind, open_source

SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))
PROFILE = load_profile()
MODEL = describe_model(load_model_file("lite"))
SOURCE = SourceInfo("camera 0", SourceKind.CAMERA, *FRAME_SIZE, fps=15.0)


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


@pytest.fixture
def journal():
    return Journal()


def make_recording(tmp_path, journal, **options):
    return Recording(LiveOptions("0", PROFILE, tmp_path, **options), SOURCE, journal.keep)


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


SET = ((STANDING, 3.0), (STRETCHING, 4.0), (STANDING, 1.0))


def test_a_session_leaves_its_files_and_its_journal(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    coach, step = play(recording, SET)
    event = SessionEvent(7.5, EventKind.CAMERA_LOST, Side.LEFT, 1)
    symptom = Symptom(7.0, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE, SymptomTrigger.FELT_IT, step.readings)
    unanswered = replace(symptom, place=None, trigger=SymptomTrigger.AFTER_HOLD)
    recording.note((event,), (symptom, unanswered))
    folder, record = finish(recording, coach, people=2, notes=("A sentence.",))
    assert folder == tmp_path / "sessions" / journal.session_id
    assert sorted(path.name for path in folder.iterdir()) == ["angles.csv", "flags.csv", "report.html", "session.json"]
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, SCHEMA)
    assert document["path"] == "causal"
    assert {"time_s": 7.5, "kind": "camera_lost", "leg": "left", "set": 1, "detail": ""} in document["events"]
    assert [one["place"] for one in document["symptoms"]] == ["behind_knee", None]
    knee = document["symptoms"][0]["angles"]["knee_flexion"]
    assert knee["status"] == "ok"
    assert knee["value_deg"] == pytest.approx(step.readings.reading(Angle.KNEE_FLEXION).value_deg, abs=1e-3)
    assert [(one["leg"], one["set"]) for one in document["sets"]] == [("left", 1)]
    assert document["sets"][0]["counted_s"] == pytest.approx(sum(hold.counted_s for hold in record.holds), abs=1e-3)
    assert document["sets"][0]["counted_s"] > 1.0
    assert "A sentence." in document["notes"]
    assert any("2 people" in note for note in document["notes"])
    report = (folder / "report.html").read_text(encoding="utf-8")
    for words in (
        "What you felt",
        "behind the knee",
        "Left leg, set 1",
        "7.0 s",
        "you said that you felt it",
        "no answer",
    ):
        assert words in report
    assert f"{datetime.now():%B %Y}" in report
    assert journal.given[0] == ("segment", "lite", FRAME_SIZE)
    assert len(journal.frames()) == record.frames
    assert ("event", event) in journal.given
    assert ("symptom", symptom) in journal.given
    assert journal.record is record
    assert len(journal.measured) == record.frames
    assert journal.closed
    assert not journal.dropped


def test_no_picture_is_kept_unless_it_is_asked_for(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, ((STANDING, 1.0),))
    folder, _ = finish(recording, coach)
    assert not [path for path in folder.rglob("*") if path.suffix in (".mp4", ".png", ".jpg")]


def test_a_video_is_kept_when_it_is_asked_for(tmp_path, journal, monkeypatch):
    monkeypatch.setattr(module, "MAXIMUM_PICTURES", 10_000)
    recording = make_recording(tmp_path, journal, record=True)
    coach, _ = play(recording, ((STANDING, 2.0),))
    play(recording, ((STANDING, 1.0),), size=(320, 240), coach=coach, start=30)  # the camera changed its size
    folder, record = finish(recording, coach)
    with open_source(folder / "overlay.mp4") as video:
        frames = list(video)
    assert len(frames) == record.frames == 45
    assert frames[0].size == frames[-1].size == FRAME_SIZE
    assert 'src="overlay.mp4"' in (folder / "report.html").read_text(encoding="utf-8")


def test_a_video_that_falls_behind_loses_pictures_and_says_so_but_no_rows(tmp_path, journal, monkeypatch):
    monkeypatch.setattr(module, "MAXIMUM_PICTURES", 5)
    journal.gate.clear()
    recording = make_recording(tmp_path, journal, record=True)
    coach, _ = play(recording, ((STANDING, 4.0),))
    assert recording.notice == "The recording is behind; it catches up."
    journal.gate.set()
    folder, record = finish(recording, coach)
    assert record.frames == 60
    with open_source(folder / "overlay.mp4") as video:
        shown = len(list(video))
    assert 5 <= shown < 60
    assert any(f"{60 - shown} pictures are missing" in note for note in record.notes)


def test_the_session_never_waits_for_the_disk(tmp_path, journal, monkeypatch):
    monkeypatch.setattr(module, "MAXIMUM_ROWS", 20)
    journal.gate.clear()
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, ((STANDING, 4.0),))  # would never come back if it waited
    journal.gate.set()
    _, record = finish(recording, coach)
    assert record.frames < 60
    assert any(f"{60 - record.frames} frames were seen but not recorded" in note for note in record.notes)


def test_snapshots_are_kept_and_numbered(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, ((STANDING, 1.0),))
    names = [recording.snapshot(np.full((20, 30, 3), value, np.uint8)) for value in (10, 200)]
    folder, _ = finish(recording, coach)
    assert names == ["snapshot-001.png", "snapshot-002.png"]
    assert cv2.imread(str(folder / names[1])).mean() == 200


def test_where_nobody_was_seen_nothing_is_kept(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    coach = Coach(PROFILE, load_calibration("lite"), FRAME_SIZE)
    recording.begin_segment(MODEL, FRAME_SIZE)
    step = coach.step(0.0, Pose.missing())
    direction = Direction(0.0, Stage.FRAMING, None, 1, 2, "")
    recording.add(Frame(0, 0.0, np.zeros((2, 2, 3), np.uint8)), Pose.missing(), Guidance(), step, direction)
    with pytest.raises(NoPersonError, match="Nobody was seen in 'camera 0'"):
        finish(recording, coach)
    assert journal.dropped
    assert list(tmp_path.rglob("*.csv")) == []


def test_a_session_without_a_single_frame_leaves_nothing(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    with pytest.raises(NoPersonError):
        recording.finish(Outcome())
    assert journal.dropped


def test_a_disk_that_fails_is_told_and_the_session_goes_on(tmp_path, journal):
    journal.fails = OutputError("The disk is full: free some space.")
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, ((STANDING, 1.0),))
    recording._thread.join(20.0)
    assert recording.notice == "The session is no longer recorded."
    play(recording, ((STANDING, 1.0),), coach=coach, start=15)
    with pytest.raises(OutputError, match="disk is full"):
        finish(recording, coach)


def test_a_folder_that_cannot_be_written_is_told_before_the_session_begins(tmp_path, journal):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError):
        make_recording(blocked, journal)


def test_an_abandoned_session_keeps_its_journal_and_no_folder(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    play(recording, ((STANDING, 1.0),))
    recording.abandon()
    assert len(journal.frames()) == 15
    assert journal.closed
    assert not journal.dropped
    assert journal.record is None
    assert list(tmp_path.rglob("*.csv")) == []
