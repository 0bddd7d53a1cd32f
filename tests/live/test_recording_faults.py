"""What goes wrong while a session is recorded: the disk, the store, the process itself."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from builders import STANDING, STRETCHING
from formcoach.analysis.closing import close_unfinished
from formcoach.errors import OutputError
from formcoach.live import recording as module
from formcoach.live.files import Outcome, SessionFiles
from formcoach.live.journal import close_left_over
from formcoach.sessions.store import SessionState, SessionStore, database
from formcoach.sessions.tables import AnglesTable
from formcoach.video import open_source
from formcoach.video.writer import VideoWriter
from live_recordings import (
    SET,
    Journal,
    finish,
    make_recording,
    play,
    store_recording,
    wait_until,
)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")


@pytest.fixture
def journal():
    return Journal()


def kill_while_it_records(home):
    """Record seven seconds with video and a snapshot, and be killed."""
    child = os.fork()
    if child == 0:
        try:
            module.MAXIMUM_PICTURES = 10_000
            recording = store_recording(home, record=True)
            play(recording, ((STANDING, 3.0), (STRETCHING, 4.0)))
            recording.snapshot(np.zeros((20, 30, 3), np.uint8))
            wait_until(lambda: not recording._waiting_since_s)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_store_that_fails_for_a_while_loses_nothing_and_says_so_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    recording = store_recording(tmp_path)
    coach, _ = play(recording, ((STANDING, 3.0),))
    wait_until(lambda: not recording._waiting_since_s)
    with closing(sqlite3.connect(tmp_path / "sessions.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        play(recording, ((STANDING, 3.0),), coach=coach, start=45)
        wait_until(lambda: recording.notice is not None)
        assert recording.notice == "The session cannot be saved just now; formcoach keeps trying."
        wait_until(lambda: not recording._waiting_since_s)
        other.execute("ROLLBACK")
    play(recording, ((STRETCHING, 5.0),), coach=coach, start=90)
    wait_until(lambda: not recording._waiting_since_s)
    assert recording.notice is None
    folder, record = finish(recording, coach)
    assert recording.error is None
    assert record.frames == 165
    with SessionStore(tmp_path) as store:
        session = store.load(folder.name)
    assert session.state is SessionState.FINISHED
    assert sum(len(one.frames) for one in session.segments) == 165


def test_a_store_that_fails_to_the_end_leaves_the_folder_and_the_error(tmp_path, journal):
    journal.fails = OutputError("The disk is full: free some space.")
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, SET)

    def fail(*_):
        raise journal.fails

    journal.finish = fail
    folder, record = finish(recording, coach)
    assert (folder / "report.html").is_file()
    assert record.frames > 100
    assert "disk is full" in str(recording.error)


def test_a_video_that_cannot_be_written_any_more_ends_alone(tmp_path, journal, monkeypatch):
    write = VideoWriter.write

    def fail_later(writer, image, time_s):
        if time_s > 1.5:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(writer, image, time_s)

    monkeypatch.setattr(VideoWriter, "write", fail_later)
    monkeypatch.setattr(module, "MAXIMUM_PICTURES", 10_000)
    recording = make_recording(tmp_path, journal, record=True)
    coach, _ = play(recording, ((STANDING, 3.0),))
    wait_until(lambda: recording.notice == "The video is no longer recorded: free some space on the disk.")
    folder, record = finish(recording, coach)
    assert record.frames == len(journal.frames()) == 45
    assert any("The video ends after 2 s" in note for note in record.notes)
    with open_source(folder / "overlay.mp4") as video:
        assert len(list(video)) == 23


def test_a_table_that_cannot_be_written_leaves_the_session_to_the_next_command(tmp_path, monkeypatch):
    write = AnglesTable.write

    def fail_later(table, frame, *more):
        if frame > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(table, frame, *more)

    monkeypatch.setattr(AnglesTable, "write", fail_later)
    recording = store_recording(tmp_path)
    coach, _ = play(recording, ((STANDING, 3.0),))
    with pytest.raises(OutputError, match="disk is full"):
        finish(recording, coach)
    monkeypatch.undo()
    assert any("was cut off after" in sentence for sentence in close_left_over(tmp_path))
    (folder,) = (tmp_path / "sessions").iterdir()
    assert len((folder / "angles.csv").read_text(encoding="utf-8").splitlines()) == 1 + 45


def test_a_folder_that_cannot_be_written_is_told_before_the_session_begins(tmp_path, journal):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError):
        make_recording(blocked, journal)


def test_an_abandoned_session_keeps_its_journal_and_leaves_what_there_is_unpublished(tmp_path, journal):
    recording = make_recording(tmp_path, journal)
    play(recording, ((STANDING, 1.0),))
    recording.abandon()
    assert len(journal.frames()) == 15
    assert journal.closed
    assert not journal.dropped
    assert journal.record is None
    (left,) = (tmp_path / "sessions").iterdir()
    assert left.name.startswith(f".{journal.session_id}.")


def test_who_insists_does_not_wait_for_a_disk_that_hangs(tmp_path, journal):
    journal.gate.clear()
    recording = make_recording(tmp_path, journal)
    coach, _ = play(recording, ((STANDING, 1.0),))

    def insist():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recording.finish(Outcome(baselines=coach.baselines), insist)
    journal.gate.set()
    recording._thread.join(20.0)


@needs_fork
def test_a_killed_session_becomes_a_folder_with_its_video_its_snapshots_and_a_report(tmp_path):
    kill_while_it_records(tmp_path)
    (left,) = (tmp_path / "sessions").glob(".*.partial")
    (sentence,) = close_left_over(tmp_path)
    assert "was cut off after" in sentence
    (folder,) = (tmp_path / "sessions").iterdir()
    assert folder.name == left.name.split(".")[1]
    assert sorted(path.name for path in folder.iterdir()) == [
        "angles.csv",
        "flags.csv",
        "overlay.mp4",
        "report.html",
        "session.json",
        "snapshot-001.png",
    ]
    with open_source(folder / "overlay.mp4") as video:
        last_s = [frame.time_s for frame in video][-1]
    assert 5.0 < last_s < 7.0
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert 'src="overlay.mp4"' in report
    assert "was cut off after" in report
    assert close_left_over(tmp_path) == ()


@needs_fork
def test_deleting_a_killed_session_leaves_no_picture_whoever_closed_it(tmp_path):
    kill_while_it_records(tmp_path)
    with SessionStore(tmp_path) as store:
        close_unfinished(store)
        (one,) = store.list()
        store.delete(one.session_id)
    assert list((tmp_path / "sessions").iterdir()) == []


def test_a_fault_of_the_program_is_a_sentence_too(tmp_path, journal, monkeypatch):
    recording = make_recording(tmp_path, journal)
    monkeypatch.setattr(SessionFiles, "add", lambda *_: 1 / 0)
    coach, _ = play(recording, ((STANDING, 1.0),))
    with pytest.raises(OutputError, match=r"because of a fault in formcoach \(ZeroDivisionError: .*please report it"):
        recording.finish(Outcome(baselines=coach.baselines))
