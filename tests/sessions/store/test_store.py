"""The store: what goes in comes out, while it is written and after."""

from __future__ import annotations

import sqlite3
import stat
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from builders import make_readings
from formcoach.analysis.recorder import compute_estimator_hashes
from formcoach.angles.calibration import ESTIMATOR_VERSION
from formcoach.coach.session.types import EventKind, SessionEvent, Stage
from formcoach.errors import OutputError, UsageError
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose
from formcoach.sessions.record import to_document
from formcoach.sessions.store import SessionState, SessionStore, has_traces
from formcoach.sessions.store import writer as writer_module
from formcoach.stretch.phases import Hold
from sessions_data import RECORD
from store_sessions import (
    FPS,
    MODEL,
    OTHER_MODEL,
    make_frames,
    make_plan,
    make_symptom,
    same_poses,
    stage,
    write_frames,
)

BERLIN = timezone(timedelta(hours=1))
MORNING = datetime(2026, 11, 26, 9, 12, 30, 250_000, tzinfo=BERLIN)


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


def record_session(store, seed=0, plan=None):
    """Record a session in two segments, with events and a symptom, and finish it."""
    times_s, poses, guidance = make_frames(seed)
    journal = store.begin(plan or make_plan())
    journal.begin_segment(MODEL, (640, 480))
    write_frames(journal, times_s[:100], poses[:100], guidance[:100])
    journal.note_event(stage(5.0, Stage.HOLD, 1))
    journal.note_symptom(make_symptom(6.5, make_readings(knee_flexion=1 / 3, lumbar_flexion=np.nan)))
    journal.begin_segment(OTHER_MODEL, (800, 600))
    write_frames(journal, times_s[100:], poses[100:], guidance[100:], first=100)
    journal.note_event(stage(9.0, Stage.HOLD, 2))
    holds = (Hold(Side.LEFT, 5.0, 8.5, 3.0, 2.0), Hold(Side.LEFT, 9.2, 11.0, 1.5, 1.25))
    journal.finish(replace(RECORD, duration_s=times_s[-1], holds=holds))
    return journal.session_id, (times_s, poses, guidance)


def test_a_session_comes_back_to_the_last_bit(store):
    plan = make_plan(leg=Side.LEFT, sets=3)
    session_id, (times_s, poses, guidance) = record_session(store, plan=plan)
    found = store.load(session_id)

    assert (found.plan.source, found.plan.profile, found.plan.leg, found.plan.sets) == (
        plan.source,
        plan.profile,
        Side.LEFT,
        3,
    )
    first, second = found.segments
    assert (first.model, first.frame_size, len(first.frames)) == (MODEL, (640, 480), 100)
    assert (second.model, second.frame_size) == (OTHER_MODEL, (800, 600))
    assert second.estimator == {"version": ESTIMATOR_VERSION} | compute_estimator_hashes()
    assert first.frames.index.tolist() + second.frames.index.tolist() == list(range(len(times_s)))
    assert first.frames.time_s.tolist() + second.frames.time_s.tolist() == times_s
    assert first.frames.guidance + second.frames.guidance == tuple(guidance)
    assert same_poses(first.frames.pose, Pose.stack(poses[:100]))
    assert same_poses(second.frames.pose, Pose.stack(poses[100:]))

    assert found.events == (stage(5.0, Stage.HOLD, 1), stage(9.0, Stage.HOLD, 2))
    (symptom,) = found.symptoms
    expected = make_symptom(6.5, make_readings(knee_flexion=1 / 3, lumbar_flexion=np.nan))
    assert (symptom.time_s, symptom.leg, symptom.set_number, symptom.place, symptom.trigger) == (
        expected.time_s,
        expected.leg,
        expected.set_number,
        expected.place,
        expected.trigger,
    )
    for name in ("value_deg", "sigma_deg", "status"):
        assert getattr(symptom.readings, name).tobytes() == getattr(expected.readings, name).tobytes()

    assert found.state is SessionState.FINISHED
    assert found.damaged_chunks == 0
    assert found.flags == RECORD.flags
    assert [one.set_number for one in found.holds] == [1, 2]
    assert found.holds[1].hold == Hold(Side.LEFT, 9.2, 11.0, 1.5, 1.25)
    assert found.record == to_document(
        replace(RECORD, duration_s=times_s[-1], holds=tuple(one.hold for one in found.holds))
    )


def test_the_list_says_what_a_list_needs(store):
    session_id, (times_s, _, _) = record_session(store)
    store.add_note(session_id, "Left side stiffer.", 3.0)
    (found,) = store.list()
    assert (found.session_id, found.state, found.is_running) == (session_id, SessionState.FINISHED, False)
    assert (found.exercise, found.leg, found.sets) == (RECORD.profile.name, None, 2)
    assert (found.duration_s, found.holds, found.counted_s, found.good_s) == (times_s[-1], 2, 4.5, 3.25)
    assert (found.flags, found.symptoms, found.notes) == (3, 1, 1)
    (note,) = store.load(session_id).notes
    assert (note.text, note.time_s) == ("Left side stiffer.", 3.0)


@pytest.mark.parametrize(("sets", "holds"), [([1, 1], 1), ([1, 2], 2), ([], 2)])
def test_a_pause_does_not_end_a_hold_of_a_session(store, sets, holds):
    journal = store.begin(make_plan())
    for time_s, number in zip((5.0, 9.0), sets, strict=False):
        journal.note_event(stage(time_s, Stage.HOLD, number))
    halves = (Hold(Side.LEFT, 5.0, 8.5, 3.0, 2.0), Hold(Side.LEFT, 9.2, 11.0, 1.5, 1.25))
    journal.finish(replace(RECORD, holds=halves))
    (found,) = store.list()
    assert (found.holds, found.counted_s) == (holds, 4.5)


def test_ids_are_short_sort_by_time_and_keep_both_clocks(tmp_path):
    moments = [MORNING, MORNING, MORNING + timedelta(milliseconds=40), MORNING + timedelta(seconds=29)]
    moments.append(datetime(2026, 11, 26, 9, 20, tzinfo=timezone(timedelta(hours=-5))))  # five hours later, elsewhere
    clock = iter(moments)
    with SessionStore(tmp_path, now=lambda: next(clock)) as store:
        ids = []
        for _ in moments:
            with store.begin(make_plan()) as journal:
                ids.append(journal.session_id)
        assert ids == sorted(set(ids))
        assert all(one.startswith("2026-11-26-09") and len(one) == 19 for one in ids)
        listed = store.list()
    assert [one.session_id for one in listed] == ids
    assert [one.started for one in listed] == moments
    assert listed[-1].started.utcoffset() == timedelta(hours=-5)
    with sqlite3.connect(tmp_path / "sessions.sqlite") as raw:
        (utc,) = raw.execute("SELECT started_utc FROM sessions WHERE id = ?", (ids[-1],)).fetchone()
    assert utc == "2026-11-26T14:20:00.000+00:00"


def test_at_most_a_second_is_not_on_disk_at_any_frame(store, tmp_path):
    times_s, poses, guidance = make_frames()
    journal = store.begin(make_plan())
    journal.begin_segment(MODEL, (640, 480))
    with SessionStore(tmp_path / "home") as reader:
        for number in range(60):
            journal.append(number, times_s[number], poses[number], guidance[number])
            frames = reader.load(journal.session_id).segments[0].frames
            missing = times_s[len(frames) : number + 1]
            assert not missing or missing[-1] - missing[0] < 1.0
        assert len(frames) > 40
    journal.close()


def test_events_and_symptoms_are_on_disk_at_once_with_the_frames_before_them(store):
    times_s, poses, guidance = make_frames()
    journal = store.begin(make_plan())
    journal.begin_segment(MODEL, (640, 480))
    write_frames(journal, times_s[:3], poses[:3], guidance[:3])
    journal.note_event(SessionEvent(0.2, EventKind.CAMERA_LOST, None, 0))
    found = store.load(journal.session_id)
    assert (len(found.segments[0].frames), len(found.events)) == (3, 1)
    journal.note_symptom(make_symptom(0.3, make_readings()))
    assert len(store.load(journal.session_id).symptoms) == 1
    journal.close()


def test_two_sessions_at_once_from_two_threads_do_not_mix(store):
    data = [make_frames(seed) for seed in (1, 2)]
    journals = [store.begin(make_plan(sets=number)) for number in (1, 2)]

    def write(journal, frames):
        journal.begin_segment(MODEL, (640, 480))
        write_frames(journal, *frames)
        journal.finish(RECORD)

    threads = [threading.Thread(target=write, args=pair) for pair in zip(journals, data, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for journal, (times_s, poses, _) in zip(journals, data, strict=True):
        frames = store.load(journal.session_id).segments[0].frames
        assert frames.time_s.tolist() == times_s
        assert same_poses(frames.pose, Pose.stack(poses))


def test_a_running_session_is_neither_unfinished_nor_deleted_nor_adopted(store, tmp_path):
    journal = store.begin(make_plan())
    with SessionStore(tmp_path / "home") as other:
        assert other.unfinished() == ()
        assert other.list()[0].is_running
        assert other.adopt(journal.session_id) is None
        with pytest.raises(UsageError, match="is being recorded"):
            other.delete(journal.session_id)
    journal.close()  # as a program that ends without finishing
    assert has_traces(tmp_path / "home")
    assert store.unfinished() == (journal.session_id,)
    assert not store.list()[0].is_running


def test_an_unfinished_session_is_adopted_by_one_alone(store):
    store.begin(make_plan()).close()
    (session_id,) = store.unfinished()
    adopted = store.adopt(session_id)
    assert store.adopt(session_id) is None
    assert store.unfinished() == ()
    adopted.finish(RECORD)
    assert store.load(session_id).state is SessionState.INTERRUPTED
    assert store.adopt(session_id) is None
    assert store.unfinished() == ()
    assert not has_traces(store.path.parent)


def test_a_deleted_session_leaves_nothing_in_the_files(store, tmp_path):
    kept, _ = record_session(store, seed=1)
    session_id, _ = record_session(store, seed=2)
    store.add_note(kept, "stays, and keeps its page in use")
    store.add_note(session_id, "mosquito-marker")
    store.close()
    with SessionStore(tmp_path / "home") as again:
        before = again.path.stat().st_size
        again.delete(session_id)
        with pytest.raises(UsageError, match="no session"):
            again.load(session_id)
        assert [one.session_id for one in again.list()] == [kept]
        contents = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
        assert b"mosquito-marker" not in contents
        assert session_id.encode() not in contents
        assert again.path.stat().st_size < before
    with sqlite3.connect(tmp_path / "home" / "sessions.sqlite") as raw:
        for table in ("segments", "chunks", "events", "symptoms", "flags", "holds", "notes"):
            assert raw.execute(f"SELECT count(DISTINCT session) FROM {table}").fetchone()[0] <= 1


@pytest.mark.parametrize("name", ["2026-01-01-0000-000", "last", "../sessions", "", "x' OR '1'='1"])
def test_what_is_not_there_is_named_in_a_sentence(store, name):
    record_session(store)
    for call in (store.load, store.delete, lambda one: store.add_note(one, "x")):
        with pytest.raises(UsageError, match="There is no session"):
            call(name)
    assert len(store.list()) == 1


def test_the_files_are_the_users_alone(store, tmp_path):
    journal = store.begin(make_plan())
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"sessions.sqlite", "sessions.sqlite-wal"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    journal.close()


def append_stubbornly(journal, frames, first=0):
    """Append frames whatever happens; return what the journal complained of."""
    complaints = []
    for number, frame in enumerate(zip(*frames, strict=True), start=first):
        try:
            journal.append(number, *frame)
        except OutputError as error:
            complaints.append(str(error))
    return complaints


def test_what_a_full_disk_refused_is_written_when_there_is_room_again(store):
    times_s, poses, guidance = make_frames()
    journal = store.begin(make_plan())
    journal.begin_segment(MODEL, (640, 480))
    write_frames(journal, times_s[:60], poses[:60], guidance[:60])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    refused = append_stubbornly(journal, (times_s[60:120], poses[60:120], guidance[60:120]), first=60)
    assert len(refused) >= 3
    assert all("disk is full" in one for one in refused)
    stored = store.load(journal.session_id).segments[0].frames
    assert stored.time_s.tolist() == times_s[: len(stored)]
    assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    write_frames(journal, times_s[120:], poses[120:], guidance[120:], first=120)
    journal.finish(RECORD)
    assert store.load(journal.session_id).segments[0].frames.time_s.tolist() == times_s


def test_a_session_is_closed_as_a_whole_or_not_at_all(store):
    times_s, poses, guidance = make_frames()
    journal = store.begin(make_plan())
    journal.begin_segment(MODEL, (640, 480))
    write_frames(journal, times_s[:40], poses[:40], guidance[:40])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    record = replace(RECORD, flags=RECORD.flags * 1000)
    with pytest.raises(OutputError, match="disk is full"):
        journal.finish(record)
    (summary,) = store.list()
    assert (summary.state, summary.flags, summary.holds, summary.is_running) == (SessionState.OPEN, 0, 0, True)
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    journal.finish(record)
    found = store.load(journal.session_id)
    assert (found.state, len(found.flags), len(found.holds)) == (SessionState.FINISHED, 3000, 1)
    assert len(found.segments[0].frames) == 40


def test_memory_stays_bounded_where_nothing_can_be_written(store, monkeypatch):
    monkeypatch.setattr(writer_module, "MAXIMUM_WAITING", 2)
    times_s, poses, guidance = make_frames()
    journal = store.begin(make_plan())
    journal.begin_segment(MODEL, (640, 480))
    journal._connection.execute("PRAGMA query_only = ON")
    refused = append_stubbornly(journal, (times_s, poses, guidance))
    assert len(refused) > 10
    assert all("cannot be kept" in one for one in refused)
    journal._connection.execute("PRAGMA query_only = OFF")
    journal.finish(RECORD)
    stored = store.load(journal.session_id).segments[0].frames.time_s
    assert times_s[-1] - 3.5 < stored[0] < stored[-1] == times_s[-1]


def test_frames_before_a_segment_are_a_fault_of_the_caller(store):
    times_s, poses, guidance = make_frames()
    with store.begin(make_plan()) as journal, pytest.raises(ValueError, match="begin_segment"):
        journal.append(0, times_s[0], poses[0], guidance[0])


def test_a_chunk_takes_about_a_second(store):
    _, (times_s, _, _) = record_session(store)
    chunks = store._connection.execute("SELECT start_s, end_s, frames FROM chunks ORDER BY number").fetchall()
    assert sum(frames for _, _, frames in chunks) == len(times_s)
    whole = [end_s - start_s for start_s, end_s, frames in chunks if frames >= 0.9 * FPS]
    assert len(whole) > 15
    assert all(0.9 <= one < 1.0 for one in whole)
