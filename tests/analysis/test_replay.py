"""A stored session computed again: the same to the last bit, and cut-off sessions closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.analysis import closing
from formcoach.analysis import replay as replay_module
from formcoach.analysis.closing import close_unfinished
from formcoach.analysis.recorder import SessionRecorder
from formcoach.analysis.replay import OTHER_ESTIMATOR, Replay, find_sets, replay
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, PathKind
from formcoach.coach.session.types import EventKind, Stage
from formcoach.errors import ModelError
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import SetRecord, to_document
from formcoach.sessions.store import SessionState, SessionStore
from formcoach.stretch import Severity
from formcoach.stretch.phases import Hold
from formcoach.stretch.profile import Threshold
from store_sessions import IN_HOLD, MODEL, OTHER_MODEL, make_frames, make_plan, make_symptom, stage, write_frames

SECOND_SIZE = (800, 600)


def run_live(folder, store, *, resize_at=None, leg=None, stop_at=None):
    """Record a session as a live one is: every frame through a coach, a recorder and the journal.

    `resize_at` is the frame at which another coach begins; `stop_at` that before which the program is cut off.
    """
    plan = make_plan(leg=leg)
    times_s, poses, guidance = make_frames(seconds=3.0)
    journal = store.begin(plan)
    coaches = []
    folder.mkdir()

    def begin(model, size):
        journal.begin_segment(model, size)
        recorder.begin_segment(size)
        coaches.append(Coach(plan.profile, load_calibration(model.variant), size, plan.leg))

    with SessionRecorder(folder, replay_module._Asked(plan.profile, leg), plan.source, MODEL) as recorder:
        begin(MODEL, (640, 480))
        for number, (time_s, pose, guide) in enumerate(zip(times_s, poses, guidance, strict=True)):
            if number == stop_at:
                journal.close()
                return journal.session_id, None, []
            if number == resize_at:
                begin(OTHER_MODEL, SECOND_SIZE)
            step = coaches[-1].step(time_s, pose, guide)
            journal.append(number, time_s, pose, guide)
            recorder.add(number, step)
            if number == 75:
                journal.note_event(stage(time_s, Stage.HOLD))
                journal.note_symptom(make_symptom(time_s, step.readings))
        session = store.load(journal.session_id)
        holds = tuple(one for coach in coaches for one in coach.assessor.holds)
        record = recorder.finish(
            path=PathKind.CAUSAL,
            baselines=[one for coach in coaches for one in coach.baselines],
            holds=holds,
            skipped_frames=3,
            partial=False,
            sets=find_sets(session.events, holds, times_s[-1]),
            symptoms=session.symptoms,
            events=session.events,
        )
    journal.finish(record)
    return journal.session_id, record, times_s


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A whole session as the store gives it, its record and the times of its frames."""
    folder = tmp_path_factory.mktemp("lived")
    with SessionStore(folder / "home") as store:
        session_id, record, times_s = run_live(folder / "live", store, resize_at=160)
        return store.load(session_id), record, times_s


@pytest.mark.parametrize(("resize_at", "leg"), [(None, None), (130, Side.LEFT)])
def test_a_session_computed_again_has_the_same_flags_to_the_last_bit(tmp_path, store, resize_at, leg):
    session_id, live, _ = run_live(tmp_path / "live", store, resize_at=resize_at, leg=leg)
    again = replay(store.load(session_id), folder=tmp_path).record
    assert any(one.flag == "ankle_dorsiflexion" and one.severity >= Severity.WARN for one in live.flags)
    assert again.flags == live.flags  # floats compared without any tolerance
    assert again.holds == live.holds
    assert len(live.holds) >= 1
    assert (again.baselines, again.unchecked, again.stacked) == (live.baselines, live.unchecked, live.stacked)
    assert to_document(again) == to_document(replace(live, people=1))
    assert (tmp_path / "angles.csv").read_bytes() == (tmp_path / "live" / "angles.csv").read_bytes()


def test_the_guidance_of_every_frame_counts(lived):
    session, live, _ = lived
    first, second = session.segments
    free = replace(first.frames, guidance=(IN_HOLD,) * len(first.frames))
    other = replay(replace(session, segments=(replace(first, frames=free), second))).record
    assert other.holds[0].start_s < live.holds[0].start_s


def test_another_profile_judges_the_same_frames_otherwise(lived):
    session, live, _ = lived
    rule = live.profile.flag("ankle_dorsiflexion")
    lenient = {one: Threshold(at.on + 60.0, at.off + 60.0, "a test") for one, at in rule.thresholds.items()}
    profile = replace(
        live.profile,
        flags=tuple(replace(one, thresholds=lenient) if one is rule else one for one in live.profile.flags),
    )
    again = replay(session, profile).record
    assert any(one.flag == rule.name for one in live.flags)
    assert not any(one.flag == rule.name for one in again.flags)
    assert again.profile == profile
    assert sum(one.good_s for one in again.holds) > sum(one.good_s for one in live.holds)


def test_angles_of_other_estimators_than_then_are_said_to_be_so(lived):
    session, _, _ = lived
    first = session.segments[0]
    older = replace(first, estimator=first.estimator | {"calibration": "0" * 64}, frames=first.frames.join([]))
    few = session.segments[1]
    assert OTHER_ESTIMATOR not in replay(replace(session, segments=(few,))).record.notes
    assert replay(replace(session, segments=(older, few))).record.notes[-1] == OTHER_ESTIMATOR


def test_steps_come_with_index_and_size_of_the_picture(lived):
    session, _, times_s = lived
    found = [(size, index, step.time_s) for size, index, step in Replay(session).steps()]
    assert found == [((640, 480) if n < 160 else SECOND_SIZE, n, at) for n, at in enumerate(times_s)]


def test_a_session_that_was_cut_off_is_closed_with_what_there_is(tmp_path, store, lived):
    session_id, _, _ = run_live(tmp_path / "cut", store, stop_at=135)
    _, whole, _ = lived  # the same until its other coach begins
    (sentence,) = close_unfinished(store)
    found = store.load(session_id)
    last_s = found.segments[0].frames.time_s[-1]
    assert f"'{session_id}' was cut off after {last_s:.1f} s" in sentence
    assert found.state is SessionState.INTERRUPTED
    assert found.record["partial"] is True
    assert found.record["notes"][-1].startswith("The session was cut off after")
    assert found.record["source"]["frames"] == 135
    assert len(found.record["symptoms"]) == 1
    assert [(one.flag, one.start_s) for one in found.flags] == [
        (one.flag, one.start_s) for one in whole.flags if one.start_s < last_s - 1.0
    ]
    (hold,) = found.holds
    assert hold.hold.start_s == whole.holds[0].start_s
    assert hold.hold.end_s <= last_s
    (summary,) = [one for one in store.list() if one.session_id == session_id]
    assert (summary.state, summary.holds, summary.duration_s) == (SessionState.INTERRUPTED, 1, last_s)
    assert close_unfinished(store) == ()


def test_a_session_without_a_frame_is_closed_too(store):
    with store.begin(make_plan()) as journal:
        pass
    with store.begin(make_plan()) as other:
        other.begin_segment(MODEL, (640, 480))
    sentences = close_unfinished(store)
    assert len(sentences) == 2
    assert all("before its first second" in one for one in sentences)
    for one in (journal.session_id, other.session_id):
        assert store.load(one).state is SessionState.INTERRUPTED
        assert store.load(one).record is None


def test_a_running_session_is_left_alone(store):
    times_s, poses, guidance = make_frames()
    with store.begin(make_plan()) as journal:
        journal.begin_segment(MODEL, (640, 480))
        write_frames(journal, times_s[:40], poses[:40], guidance[:40])
        assert close_unfinished(store) == ()
        write_frames(journal, times_s[40:80], poses[40:80], guidance[40:80], first=40)
    assert len(close_unfinished(store)) == 1


def test_one_that_cannot_be_closed_now_does_not_keep_the_others_open(tmp_path, store, monkeypatch):
    first, _, _ = run_live(tmp_path / "a", store, stop_at=20)
    second, _, _ = run_live(tmp_path / "b", store, stop_at=20)
    real = closing.replay

    def fail_first(session, **more):
        if session.session_id == first:
            raise ModelError("The calibration is missing: install formcoach again.")
        return real(session, **more)

    monkeypatch.setattr(closing, "replay", fail_first)
    sentences = close_unfinished(store)
    assert sentences[0].endswith("could not be closed yet. The calibration is missing: install formcoach again.")
    assert store.load(second).state is SessionState.INTERRUPTED
    monkeypatch.undo()
    assert store.unfinished() == (first,)
    assert len(close_unfinished(store)) == 1


def test_sets_are_told_from_the_stages():
    events = (
        stage(1.0, Stage.COUNTDOWN),
        stage(4.0, Stage.HOLD),
        stage(10.0, Stage.PAUSED),
        stage(12.0, Stage.HOLD),
        replace(stage(15.0, Stage.HOLD), kind=EventKind.CAMERA_LOST),
        stage(20.0, Stage.COME_UP),
        stage(40.0, Stage.HOLD, 2),
    )
    holds = [
        Hold(Side.LEFT, 3.8, 10.2, 6.0, 5.0),
        Hold(Side.LEFT, 12.1, 20.5, 8.0, 8.0),
        Hold(Side.RIGHT, 15.0, 16.0, 1.0, 1.0),
        Hold(Side.LEFT, 40.0, 44.0, 4.0, 0.0),
    ]
    assert find_sets(events, holds, 44.5) == (
        SetRecord(Side.LEFT, 1, 4.0, 20.0, 14.0, 13.0),
        SetRecord(Side.LEFT, 2, 40.0, 44.5, 4.0, 0.0),
    )
    assert find_sets((), holds, 44.5) == ()
