"""Stores of other versions, damaged ones, and folders that cannot be written."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from builders import make_readings
from formcoach.coach.session.types import EventKind, SessionEvent, Stage
from formcoach.errors import OutputError
from formcoach.folders import HOME_VARIABLE
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose
from formcoach.sessions.store import SessionStore, database, recovery
from formcoach.sessions.store import store as store_module
from formcoach.sessions.store.schema import MIGRATIONS
from formcoach.stretch.phases import Hold
from sessions_data import RECORD
from store_sessions import MODEL, make_frames, make_plan, make_symptom, same_poses, write_frames

NOW = datetime(2026, 11, 26, 8, 12, tzinfo=UTC)


def fill(folder, sessions=4, seconds=8.0):
    """Record sessions and return their names."""
    ids = []
    with SessionStore(folder) as store:
        for seed in range(sessions):
            journal = store.begin(make_plan(sets=seed + 1))
            journal.begin_segment(MODEL, (640, 480))
            write_frames(journal, *make_frames(seed, seconds))
            journal.finish(RECORD)
            ids.append(journal.session_id)
    return ids


def test_the_users_folder_is_taken_by_default(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "mine"))
    with SessionStore() as store:
        assert store.path == tmp_path / "mine" / "sessions.sqlite"
        assert store.list() == ()
        assert store.notices == ()


def test_an_older_store_is_brought_up_to_date_with_what_is_in_it(tmp_path, monkeypatch):
    ids = fill(tmp_path, 2)
    step = ("ALTER TABLE sessions ADD COLUMN place TEXT NOT NULL DEFAULT 'home'", "CREATE TABLE rooms (name TEXT)")
    newer = (*MIGRATIONS, step)
    monkeypatch.setattr(database.connect, "__defaults__", (newer,))
    with SessionStore(tmp_path) as store:
        assert [one.session_id for one in store.list()] == ids
        assert same_poses(store.load(ids[0]).segments[0].frames.pose, Pose.stack(make_frames(0)[1]))
        with sqlite3.connect(store.path) as raw:
            assert raw.execute("PRAGMA user_version").fetchone() == (len(newer),)
            assert raw.execute("SELECT DISTINCT place FROM sessions").fetchall() == [("home",)]


def test_a_migration_that_fails_half_way_leaves_the_older_store(tmp_path, monkeypatch):
    ids = fill(tmp_path, 1)
    step = ("ALTER TABLE sessions ADD COLUMN place TEXT", "INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(database.connect, "__defaults__", ((*MIGRATIONS, step),))
    with pytest.raises(OutputError):
        SessionStore(tmp_path)
    monkeypatch.undo()
    with SessionStore(tmp_path) as store:
        assert [one.session_id for one in store.list()] == ids
        columns = [row[1] for row in store._connection.execute("PRAGMA table_info(sessions)")]
    assert "place" not in columns


def test_a_store_of_a_newer_formcoach_is_refused_and_left_alone(tmp_path):
    fill(tmp_path, 1)
    path = tmp_path / "sessions.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(OutputError, match="newer formcoach: update formcoach"):
        SessionStore(tmp_path)
    assert path.read_bytes() == before


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "sessions.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(OutputError, match="is not a store of formcoach"):
        SessionStore(tmp_path)
    assert path.read_bytes() == before


def test_rubbish_is_set_aside_whole_each_time_under_a_name_of_its_own(tmp_path):
    rubbish = [random.Random(seed).randbytes(30_000) for seed in range(2)]
    for content in rubbish:
        (tmp_path / "sessions.sqlite").write_bytes(content)
        with SessionStore(tmp_path, now=lambda: NOW) as store:
            assert store.list() == ()
            (sentence,) = store.notices
    assert "damaged and is set aside as" in sentence
    assert "no session could be read" in sentence
    aside = sorted(tmp_path.glob("sessions-damaged-20261126-081200*"))
    assert sorted(path.read_bytes() for path in aside) == sorted(rubbish)
    with SessionStore(tmp_path) as store:
        assert store.notices == ()


def load_all(store, ids):
    for one in ids:
        store.load(one)


def damage(path, table, share):
    """Overwrite the page in the middle of a table's rows; return its number."""
    with sqlite3.connect(path) as raw:
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    raw.close()
    content = bytearray(path.read_bytes())
    start = (root - 1) * size
    page = root
    if content[start] == 5:  # an inner page: take one of its leaves
        cells = int.from_bytes(content[start + 3 : start + 5])
        pointer = start + 12 + 2 * int(share * (cells - 1))
        at = start + int.from_bytes(content[pointer : pointer + 2])
        page = int.from_bytes(content[at : at + 4])
    content[(page - 1) * size : page * size] = b"\x5a" * size
    path.write_bytes(content)
    return page


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_what_a_damaged_page_leaves_is_kept_in_a_new_store(tmp_path, share):
    ids = fill(tmp_path, 6, seconds=20.0)
    path = tmp_path / "sessions.sqlite"
    damage(path, "chunks", share)
    broken = path.read_bytes()
    with SessionStore(tmp_path) as store, pytest.raises(OutputError, match="damaged: start formcoach again"):
        load_all(store, ids)
    with SessionStore(tmp_path, now=lambda: NOW) as store:
        (sentence,) = store.notices
        assert "6 sessions could be read and are kept" in sentence
        assert (tmp_path / "sessions-damaged-20261126-081200.sqlite").read_bytes() == broken
        assert [one.session_id for one in store.list()] == ids
        kept = 0
        for seed, one in enumerate(ids):
            times_s, poses, _ = make_frames(seed, 20.0)
            frames = store.load(one).segments[0].frames
            assert same_poses(frames.pose, Pose.stack([poses[number] for number in frames.index]))
            assert frames.time_s.tolist() == [times_s[number] for number in frames.index]
            kept += len(frames)
        whole = 6 * len(times_s)
        assert 0.8 * whole < kept < whole
    with SessionStore(tmp_path) as store:
        assert store.notices == ()


@pytest.mark.parametrize("table", ["events", "symptoms", "flags", "holds"])
def test_what_a_damaged_table_had_is_taken_from_the_record(tmp_path, table):
    events = tuple(
        SessionEvent(4.0 + 3.0 * number, EventKind.STAGE, Side.LEFT, number, Stage.HOLD) for number in (1, 2)
    )
    holds = (Hold(Side.LEFT, 4.0, 6.5, 2.5, 1.0), Hold(Side.LEFT, 7.0, 9.0, 2.0, 2.0))
    symptom = make_symptom(6.0, make_readings(lumbar_flexion=12.25, knee_flexion=np.nan))
    record = replace(RECORD, events=events, holds=holds, symptoms=(symptom,))
    with SessionStore(tmp_path) as store:
        journal = store.begin(make_plan())
        for event in events:
            journal.note_event(event)
        journal.note_symptom(symptom)
        journal.finish(record)
        store.add_note(journal.session_id, "Tired.")
        before, listed = store.load(journal.session_id), store.list()
    damage(tmp_path / "sessions.sqlite", table, 0.5)
    with SessionStore(tmp_path) as store, pytest.raises(OutputError, match="damaged: start formcoach again"):
        load_all(store, [journal.session_id])
    with SessionStore(tmp_path) as store:
        (sentence,) = store.notices
        assert sentence.endswith("one session could be read and is kept.")
        after = store.load(journal.session_id)
        assert store.list() == listed
    assert (after.events, after.flags, after.holds, after.notes) == (
        before.events,
        before.flags,
        before.holds,
        before.notes,
    )
    for one in (before, after):
        (found,) = one.symptoms
        assert (found.time_s, found.place, found.trigger) == (symptom.time_s, symptom.place, symptom.trigger)
        assert found.readings.value_deg == pytest.approx(symptom.readings.value_deg, nan_ok=True)


def test_it_says_that_something_may_be_missing_where_no_record_tells_of_it(tmp_path):
    ids = fill(tmp_path, 2)
    with SessionStore(tmp_path) as store:
        store.add_note(ids[0], "Tired.")
    damage(tmp_path / "sessions.sqlite", "notes", 0.5)
    with SessionStore(tmp_path) as store, pytest.raises(OutputError, match="damaged"):
        load_all(store, ids)
    with SessionStore(tmp_path) as store:
        (sentence,) = store.notices
    assert sentence.endswith("are kept. Something of what was measured or written in them may be missing.")


def test_a_damaged_list_of_sessions_keeps_those_that_can_be_read(tmp_path):
    ids = fill(tmp_path, 6)
    damage(tmp_path / "sessions.sqlite", "sessions", 0.5)
    with SessionStore(tmp_path) as store, pytest.raises(OutputError, match="damaged"):
        store.list()
    with SessionStore(tmp_path) as store:
        kept = [one.session_id for one in store.list()]
        assert 1 <= len(kept) < 6
        assert set(kept) < set(ids)
        for table in ("segments", "chunks", "flags", "holds"):  # nothing is left of those that are gone
            rows = store._connection.execute(f"SELECT count(DISTINCT session) FROM {table}").fetchone()
            assert rows == (len(kept),)
        for one in kept:
            assert len(store.load(one).segments[0].frames) == len(make_frames(0)[0])


def test_a_damaged_chunk_is_counted_and_the_rest_read(tmp_path):
    ids = fill(tmp_path, 1)
    with sqlite3.connect(tmp_path / "sessions.sqlite") as raw:
        raw.execute("UPDATE chunks SET block = zeroblob(length(block)) WHERE number = 3")
    raw.close()
    with SessionStore(tmp_path) as store:
        found = store.load(ids[0])
    assert found.damaged_chunks == 1
    assert len(make_frames(0)[0]) - 17 < len(found.segments[0].frames) < len(make_frames(0)[0])


def test_a_mark_of_damage_that_is_not_there_is_removed(tmp_path):
    ids = fill(tmp_path, 1)
    (tmp_path / database.DAMAGE_MARK).touch()
    with SessionStore(tmp_path) as store:
        assert store.notices == ()
        assert [one.session_id for one in store.list()] == ids
    assert not (tmp_path / database.DAMAGE_MARK).exists()


def test_a_damaged_store_is_not_set_aside_under_a_running_session(tmp_path):
    ids = fill(tmp_path, 2)
    damage(tmp_path / "sessions.sqlite", "chunks", 0.5)
    with SessionStore(tmp_path) as store, store.begin(make_plan()):
        with pytest.raises(OutputError, match="damaged: start"):
            load_all(store, ids)
        with pytest.raises(OutputError, match="end that session"):
            SessionStore(tmp_path)
        assert not list(tmp_path.glob("sessions-damaged*"))
    with SessionStore(tmp_path) as store:
        assert len(store.notices) == 1
        assert len(store.list()) == 3


def test_a_replacement_that_was_cut_off_is_completed(tmp_path):
    ids = fill(tmp_path, 1)
    (tmp_path / "sessions.sqlite").rename(tmp_path / recovery._BUILT)
    with SessionStore(tmp_path) as store:
        assert [one.session_id for one in store.list()] == ids


@pytest.mark.parametrize("home", ["/proc/formcoach", "/dev/null/formcoach"])
def test_a_folder_that_cannot_be_written_is_a_sentence(home):
    with pytest.raises(OutputError, match=HOME_VARIABLE):
        SessionStore(Path(home))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_so_is_a_folder_without_permission(tmp_path):
    fill(tmp_path, 1)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="change the permissions"):
            SessionStore(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_store_that_somebody_keeps_busy_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    monkeypatch.setattr(store_module, "BUSY_S", 0.05)
    fill(tmp_path, 1)
    with SessionStore(tmp_path) as store, sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="busy"):
            store.begin(make_plan())
        other.execute("ROLLBACK")
        assert len(store.list()) == 1
        assert not list((tmp_path / "running").iterdir())
    other.close()


WRITER = """
import sys
from pathlib import Path
from formcoach.errors import OutputError
from formcoach.sessions.store import SessionStore
from store_sessions import MODEL, make_frames, make_plan, write_frames
times_s, poses, guidance = make_frames(0, 60.0)
journal = SessionStore(Path(sys.argv[1])).begin(make_plan())
journal.begin_segment(MODEL, (640, 480))
try:
    write_frames(journal, times_s, poses, guidance)
except OutputError as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_is_a_sentence_and_what_was_committed_stays(tmp_path):
    fill(tmp_path, 1)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    run = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=limit,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert "see whether the disk is full" in run.stdout or "The disk is full" in run.stdout
    assert run.stderr == ""
    with SessionStore(tmp_path) as store:
        (session_id,) = store.unfinished()
        frames = store.load(session_id).segments[0].frames
        _, poses, _ = make_frames(0, 60.0)
        assert len(frames) > 60
        assert same_poses(frames.pose, Pose.stack(poses[: len(frames)]))
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
