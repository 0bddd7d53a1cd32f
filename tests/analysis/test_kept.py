"""What is kept of a session: recordings added, judged anew on their own path, reports without measuring again."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from formcoach.analysis import kept as kept_module
from formcoach.analysis import replay as replay_module
from formcoach.analysis.closing import close_unfinished
from formcoach.analysis.exporting import ExportTarget, export_session
from formcoach.analysis.kept import (
    load_kept,
    renew_folder,
    renew_record,
    write_folder_report,
    write_session_report,
)
from formcoach.analysis.replay import replay
from formcoach.analysis.saving import save_result
from formcoach.coach.session.types import SymptomPlace
from formcoach.errors import OutputError, UsageError
from formcoach.pose.pose import Pose
from formcoach.sessions.record import to_document
from formcoach.sessions.store import SessionState, SessionStore
from formcoach.sessions.store.edits import change_answer, delete_answer
from formcoach.sessions.store.outline import read_outline
from formcoach.stretch import Severity
from kept_sessions import analyse, keep_live, same_measured
from media import write_video
from report_data import LIVE
from review_store import add_session
from store_sessions import make_frames, make_plan, same_poses


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return analyse(tmp_path_factory.mktemp("analysed") / "clip")


@pytest.fixture
def no_replay(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("it is measured again")

    monkeypatch.setattr(replay_module, "replay", fail)


def test_an_analysis_is_kept_whole(tmp_path, result):
    session_id = save_result(result, None, tmp_path / "home")
    with SessionStore(tmp_path / "home") as store:
        found = store.load(session_id)
        (summary,) = store.list()
    times_s, poses, _ = make_frames(seconds=3.0)
    (segment,) = found.segments
    assert segment.frames.time_s.tolist() == times_s
    assert same_poses(segment.frames.pose, Pose.stack(poses))
    assert (found.state, found.plan.source.name) == (SessionState.FINISHED, "<b>clip</b>.mp4")
    assert found.record == to_document(result.record)
    assert found.record["path"] == "zero_phase"
    assert (summary.holds, summary.flags) == (len(result.record.holds), len(result.record.flags))
    assert not list((tmp_path / "home" / "running").iterdir())


def test_judged_anew_a_recording_takes_its_own_path_and_is_the_same_to_the_last_bit(tmp_path, result):
    session_id = save_result(result, None, tmp_path / "home")
    with SessionStore(tmp_path / "home") as store:
        session = store.load(session_id)
    again = replay(session)
    assert any(one.severity >= Severity.WARN for one in again.record.flags)
    assert again.record.flags == session.flags == result.record.flags  # floats without any tolerance
    assert again.record.holds == tuple(one.hold for one in session.holds)
    assert to_document(again.record) == session.record
    assert any("announces" in one for one in again.record.notes)  # said by the analysis, and not lost
    assert same_measured(again.measured, result.measured)
    causal = replay(replace(session, record=session.record | {"path": "causal"}))
    assert causal.record.flags != again.record.flags


def test_nothing_is_kept_of_an_analysis_that_cannot_be_read(tmp_path, result):
    folder = tmp_path / "clip"
    folder.mkdir()
    with SessionStore(tmp_path / "home") as store:
        with pytest.raises(OutputError, match="nothing was saved as a session"):
            save_result(replace(result, folder=folder), None, tmp_path / "home")
        assert store.list() == ()


@pytest.mark.usefixtures("no_replay")
def test_the_report_of_a_session_is_that_of_the_time(store):
    session_id, _ = keep_live(store, with_folder=True)
    then = (store.folder_of(session_id) / "report.html").read_text()
    path = write_session_report(store, session_id)
    assert path == store.folder_of(session_id) / "report.html"
    assert path.read_text() == then
    store.add_note(session_id, "<script>alert(1)</script> stiff")
    text = write_session_report(store, session_id).read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; stiff" in text
    assert text != then


def test_a_session_without_what_was_measured_is_measured_again(store):
    first, _ = keep_live(store, with_folder=True)
    then = (store.folder_of(first) / "report.html").read_text()
    store._connection.execute("DELETE FROM results")
    assert write_session_report(store, first).read_text() == then


def test_a_session_that_was_cut_off_gets_its_report(store):
    session_id, _ = keep_live(store, frames=140, finish=False)
    with pytest.raises(UsageError, match="there is nothing to show"):
        load_kept(store, session_id)
    close_unfinished(store)
    text = write_session_report(store, session_id).read_text()
    assert "The session was cut off after" in text
    assert re.search(r"\d+ November|\d+ \w+ 20\d\d, \d\d:\d\d", text)


def test_a_running_session_has_no_report_yet(store):
    with store.begin(make_plan()) as journal, pytest.raises(UsageError, match="being rec"):
        write_session_report(store, journal.session_id)


def test_symptoms_are_those_of_the_store_today(store):
    session_id, record = keep_live(store)
    assert len(record.symptoms) == 1
    store._connection.execute("UPDATE symptoms SET place = 'lower_back'")
    (symptom,) = load_kept(store, session_id).record.symptoms
    assert symptom.place == "lower_back"


def test_a_video_plays_in_a_report_beside_it_only(tmp_path, store):
    session_id, _ = keep_live(store, with_folder=True)
    write_video(store.folder_of(session_id) / "overlay.mp4", np.arange(0.0, 14.0, 0.2))
    beside = write_session_report(store, session_id).read_text()
    assert 'src="overlay.mp4"' in beside
    assert "data:image/jpeg;base64," in beside
    elsewhere = write_session_report(store, session_id, tmp_path / "elsewhere.html").read_text()
    assert "overlay.mp4" not in elsewhere
    assert "data:image/jpeg;base64," in elsewhere


def test_the_report_of_a_folder(tmp_path, result):
    then = (result.folder / "report.html").read_text()
    path = write_folder_report(result.folder, tmp_path / "new.html")
    text = path.read_text()
    for section in ("what", "flags", "timeline", "moments"):
        assert (f'id="{section}"' in text) == (f'id="{section}"' in then)
    assert abs(len(text) - len(then)) < 0.02 * len(then)
    assert "&lt;b&gt;clip&lt;/b&gt;.mp4" in text


def test_nothing_of_others_is_written_over(tmp_path, store):
    session_id, _ = keep_live(store)
    letter = tmp_path / "letter.html"
    letter.write_text("<html>Dear friend</html>")
    with pytest.raises(UsageError, match="is no report of formcoach"):
        write_session_report(store, session_id, letter)
    assert letter.read_text() == "<html>Dear friend</html>"
    with pytest.raises(UsageError, match="is a folder"):
        write_session_report(store, session_id, tmp_path)
    with pytest.raises(OutputError):
        write_session_report(store, session_id, tmp_path / "none" / "x.html")


def test_another_judgement_takes_the_place_of_the_one_that_is_kept(store):
    session_id, live = keep_live(store)
    session = store.load(session_id)
    rules = tuple(one for one in live.profile.flags if one.name != "ankle_dorsiflexion")
    lenient = replace(live.profile, name="lenient", flags=rules)
    other = replay(session, lenient)
    store.replace_result(session_id, other.record, other.measured)
    kept = load_kept(store, session_id)
    assert kept.record.profile == lenient
    assert kept.session.flags == other.record.flags != live.flags
    assert [one.hold for one in kept.session.holds] == list(other.record.holds)
    assert [one.exercise for one in store.list()] == ["lenient"]
    back = replay(store.load(session_id))  # by what it was recorded with
    assert back.record.flags == live.flags
    assert kept_module.load_kept(store, session_id).session.plan.profile == live.profile


def test_a_session_whose_frames_are_lost_still_has_its_record(store, tmp_path):
    name = add_session(store, LIVE)  # without frames
    kept = load_kept(store, name)
    assert (kept.record.holds, kept.record.flags) == (LIVE.holds, LIVE.flags)
    assert len(kept.measured) == 0
    page = write_session_report(store, name).read_text(encoding="utf-8")
    assert "What was measured from picture to picture is no longer there." in page
    assert 'data-angle="' not in page
    (folder,) = export_session(store, name, "csv", ExportTarget(tmp_path))
    assert (folder / "holds.csv").read_text(encoding="utf-8").count("\n") == 1 + len(LIVE.holds)
    for kind in ("trc", "mot"):
        with pytest.raises(UsageError, match=rf"no \.{kind} is made"):
            export_session(store, name, kind, ExportTarget(tmp_path))
    with pytest.raises(OutputError, match="is left: it cannot be measured again"):
        replay(store.load(name))


@pytest.mark.usefixtures("no_replay")
def test_a_session_of_which_a_part_is_lost_is_told_from_its_record_and_not_measured_again(store):
    session_id, live = keep_live(store)
    with sqlite3.connect(store.path) as raw:
        raw.execute("DELETE FROM results")
        raw.execute("DELETE FROM chunks WHERE number = 2")
    raw.close()
    kept = load_kept(store, session_id)
    assert (kept.record.flags, kept.record.holds) == (live.flags, live.holds)
    assert kept.record.notes[-1] == "What was measured from picture to picture is no longer there."


def test_a_report_is_not_written_for_a_session_that_was_deleted_meanwhile(store, monkeypatch):
    name = add_session(store, LIVE)
    make = kept_module.make_session_report

    def made_and_deleted(*arguments):
        report = make(*arguments)
        store.delete(name)
        return report

    monkeypatch.setattr(kept_module, "make_session_report", made_and_deleted)
    with pytest.raises(UsageError, match="There is no session"):
        write_session_report(store, name)
    assert not store.folder_of(name).exists()


def test_the_files_of_a_session_follow_its_judgement_and_its_answers(store):
    name, record = keep_live(store, with_folder=True)
    folder = store.folder_of(name)
    result = store.load_result(name)
    assert (folder / "flags.csv").read_text(encoding="utf-8").count("\n") > 1
    store.replace_result(name, replace(record, flags=()), result.measured)
    renew_folder(store, name)
    assert (folder / "flags.csv").read_text(encoding="utf-8").count("\n") == 1
    assert json.loads((folder / "session.json").read_text(encoding="utf-8"))["flags"] == []
    assert (folder / "angles.csv").read_text(encoding="utf-8").count("\n") == 1 + len(result.measured)
    ((number, _),) = read_outline(store, name).answers
    delete_answer(store, name, number)
    renew_record(store, name)
    assert json.loads((folder / "session.json").read_text(encoding="utf-8"))["symptoms"] == []


def test_an_answer_that_was_changed_while_it_was_judged_anew_stays(store):
    name, _ = keep_live(store)
    again = replay(store.load(name))
    ((number, _),) = read_outline(store, name).answers
    change_answer(store, name, number, SymptomPlace.LOWER_BACK)
    store.replace_result(name, again.record, again.measured)
    assert [one["place"] for one in store.load(name).record["symptoms"]] == ["lower_back"]
