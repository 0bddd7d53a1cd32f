from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from importlib import resources

import cv2
import jsonschema
import numpy as np
import pytest

from builders import FRAME_SIZE, STANDING
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
from formcoach.errors import NoPersonError
from formcoach.live import recording as module
from formcoach.live.files import Outcome
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose
from formcoach.video import Frame, open_source
from live_parts import Clock
from live_recordings import (
    MODEL,
    PROFILE,
    SET,
    Journal,
    finish,
    make_recording,
    play,
)

SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def journal():
    return Journal()


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
    clock = Clock()
    recording = make_recording(tmp_path, journal, clock, record=True)
    coach, _ = play(recording, ((STANDING, 4.0),))
    clock.now_s = 4.0
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
    recording.note((SessionEvent(0.5, EventKind.SNAPSHOT, Side.LEFT, 1, names[0]),))
    folder, _ = finish(recording, coach)
    assert re.findall(r'src="(snapshot.*?)"', (folder / "report.html").read_text(encoding="utf-8")) == names[:1]
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


def test_a_late_first_frame_and_a_gap_are_not_taken_for_a_recording_that_is_behind(tmp_path, journal):
    journal.gate.clear()
    recording = make_recording(tmp_path, journal, Clock())
    coach, _ = play(recording, ((STANDING, 0.1),), start=63)
    assert recording.notice is None
    play(recording, ((STANDING, 0.1),), coach=coach, start=300)
    assert recording.notice is None
    journal.gate.set()
    recording.abandon()
