"""The whole room with stand-ins for camera and model: threads, endings, faults."""

from __future__ import annotations

import itertools
import sqlite3
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from builders import STANDING, make_pose
from formcoach.angles.calibration import load_calibration
from formcoach.errors import NoPersonError, SourceError
from formcoach.live import room as module
from formcoach.live.engine import PoseEngine
from formcoach.live.options import LiveOptions
from formcoach.live.people import PeopleWatch
from formcoach.live.room import make_session_options, run_live
from formcoach.live.worker import Preparation
from formcoach.pose.pose import Pose
from formcoach.sessions.store import SessionStore
from formcoach.stretch import load_profile
from formcoach.video import Frame, SourceInfo, SourceKind
from formcoach.video.frame import SourceBase
from formcoach.video.live import LiveFeed
from live_parts import FakeModel

FOUND = make_pose(STANDING)


class Camera(SourceBase):
    """Gives small pictures, fast, for ever or so many."""

    def __init__(self, frames: int | None = None) -> None:
        kind = SourceKind.CAMERA if frames is None else SourceKind.VIDEO
        super().__init__(SourceInfo("camera 0", kind, 640, 480, fps=50.0))
        self._frames = frames

    def __iter__(self):
        for index in itertools.count() if self._frames is None else range(self._frames):
            if self._frames is None:
                time.sleep(0.02)
            picture = np.full((480, 640, 3), 90, np.uint8)
            picture[:8] = index % 256
            yield Frame(index, index / 50, picture)


class Listener:
    """Hears everything; does something at a moment of the session."""

    def __init__(self, then=None):
        self.texts: list[str] = []
        self.notices: list[str] = []
        self.model = None
        self.stop = self.insist = False
        self._then = then

    def begins(self, model):
        self.model = model
        if self._then is not None:
            self._then(self)

    def said(self, text):
        self.texts.append(text)

    def noticed(self, text):
        self.notices.append(text)

    def should_stop(self):
        return self.stop

    def check(self):
        if self.insist:
            raise KeyboardInterrupt


class Watch:
    """Looks for nobody."""

    problem = None

    def __init__(self, open_detector):
        pass

    def look(self):
        pass

    def show(self, frame):
        pass

    def result(self):
        return None

    def close(self):
        pass


@pytest.fixture
def stand(tmp_path, monkeypatch):
    """What `run_live` is given, with a camera and a model that are stand-ins."""
    made = SimpleNamespace(
        model=FakeModel("lite", SimpleNamespace(now_s=0.0), 0.0, FOUND), camera=Camera, threads=set()
    )
    options = LiveOptions("0", load_profile(), tmp_path, window=False, voice="off", front_check=False)
    monkeypatch.setattr(module, "LiveFeed", lambda source: LiveFeed(source, opener=lambda: made.camera()))
    monkeypatch.setattr(module, "PeopleWatch", Watch)
    before = set(threading.enumerate())

    def run(listener, **changes):
        for name, value in changes.items():
            object.__setattr__(options, name, value)
        preparation = Preparation(lambda: PoseEngine(made.model, lambda name: None), "model")
        prepared = SimpleNamespace(preparation=preparation, rest_is_loaded=lambda: None)
        try:
            return run_live(options, prepared, listener)
        finally:
            made.threads = {one for one in threading.enumerate() if one not in before and one.is_alive()}

    made.run = run
    made.folder = tmp_path
    return made


def states(folder):
    with sqlite3.connect(folder / "sessions.sqlite") as connection:
        return [state for (state,) in connection.execute("SELECT state FROM sessions")]


def stop_it(listener):
    listener.stop = True


def test_ctrl_c_once_ends_it_with_a_report(stand):
    listener = Listener(stop_it)
    result = stand.run(listener)
    assert result.error is None
    assert (result.folder / "report.html").is_file()
    assert result.record.frames > 0
    assert result.record.events[-1].kind.value == "ended"
    assert listener.model == "lite"
    assert "Session ended" in listener.texts
    assert stand.threads == set()


def test_ctrl_c_twice_ends_it_at_once_and_the_journal_keeps_what_there_is(stand):
    with pytest.raises(KeyboardInterrupt):
        stand.run(Listener(lambda listener: setattr(listener, "insist", True)))
    assert list(stand.folder.rglob("report.html")) == []
    assert states(stand.folder) == ["open"]
    assert stand.threads == set()


def test_ctrl_c_before_it_begins_keeps_nothing(stand):
    listener = Listener()
    listener.stop = True
    with pytest.raises(KeyboardInterrupt):
        stand.run(listener)
    assert list(stand.folder.rglob("*")) == []
    assert stand.threads == set()


def test_threads_take_turns_more_often_only_while_a_session_goes_on(stand):
    before_s, during_s = sys.getswitchinterval(), []

    def note_and_stop(listener):
        during_s.append(sys.getswitchinterval())
        listener.stop = True

    stand.run(Listener(note_and_stop))
    assert during_s == [pytest.approx(before_s / 10, rel=0.5)]
    assert sys.getswitchinterval() == before_s


def test_a_file_ends_by_itself(stand):
    stand.camera = lambda: Camera(frames=40)
    result = stand.run(Listener())
    assert result.error is None
    assert result.record.source.kind == "video"
    assert stand.threads == set()


def test_a_fault_in_the_session_is_said_and_keeps_what_was_recorded(stand, monkeypatch):
    detect = stand.model.detect

    def break_after_ten(frame):
        if len(stand.model.seen) >= 10:
            raise ZeroDivisionError("a fault")
        return detect(frame)

    stand.model.detect = break_after_ten
    spoken, tones = [], []
    open_voice = module.open_voice

    def listen_in(*arguments):
        voice = open_voice(*arguments)
        voice.say = lambda utterance: spoken.append(utterance.text)
        voice.set_tone = tones.append
        return voice

    monkeypatch.setattr(module, "open_voice", listen_in)
    listener = Listener()
    result = stand.run(listener)
    assert (spoken[-1], tones[-1]) == ("Session ended", False)
    assert len(tones) == 11  # the last one by the fault
    assert listener.texts[-1] == "Session ended"
    assert isinstance(result.error, ZeroDivisionError)
    assert result.record.frames == 10
    assert (result.folder / "report.html").is_file()
    assert stand.threads == set()


def test_where_nobody_was_ever_seen_nothing_is_kept(stand):
    stand.model.pose = Pose.missing()
    with pytest.raises(NoPersonError, match="Nobody was seen"):
        stand.run(Listener(stop_it))
    assert list(stand.folder.rglob("*.csv")) == []
    assert states(stand.folder) == []
    assert stand.threads == set()


def test_a_camera_that_cannot_be_opened_is_one_sentence(stand):
    def no_camera():
        raise SourceError("Camera 0 cannot be opened: check that it is plugged in.")

    stand.camera = no_camera
    with pytest.raises(SourceError, match="plugged in"):
        stand.run(Listener())
    assert stand.threads == set()


def test_a_model_that_cannot_be_opened_is_raised_and_the_camera_let_go(stand):
    preparation = Preparation(lambda: 1 / 0, "model")
    stand.model = None
    options = LiveOptions("0", load_profile(), stand.folder, window=False, voice="off")
    before = set(threading.enumerate())  # readers of other tests may hang on purpose
    with pytest.raises(ZeroDivisionError):
        run_live(options, SimpleNamespace(preparation=preparation, rest_is_loaded=lambda: None), Listener())
    assert not [one for one in set(threading.enumerate()) - before if one.name.startswith("feed")]


def test_a_disk_that_cannot_be_written_is_told_before_anything_begins(stand):
    blocked = stand.folder / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    with pytest.raises(Exception, match="blocked"):
        stand.run(Listener(), folder=blocked)
    assert stand.threads == set()


@pytest.mark.parametrize("insists", [False, True])
def test_a_model_that_hangs_does_not_hang_the_end(stand, monkeypatch, insists):
    monkeypatch.setattr(module, "STOP_S", 0.5)
    monkeypatch.setattr(module, "INSISTED_S", 0.5)
    detect, goes_on, hangs = stand.model.detect, threading.Event(), threading.Event()
    listener = Listener()

    def hang_after_ten(frame):
        if len(stand.model.seen) >= 10:
            listener.stop, listener.insist = True, insists
            hangs.set()
            goes_on.wait(60.0)
        return detect(frame)

    stand.model.detect = hang_after_ten
    began_s = time.monotonic()
    try:
        if insists:
            with pytest.raises(KeyboardInterrupt):
                stand.run(listener)
        else:
            result = stand.run(listener)
            assert "no longer answers" in str(result.error)
            assert listener.texts[-1] == "Session ended"
            assert result.record.frames == 10
            assert (result.folder / "report.html").is_file()
        assert hangs.is_set()
        assert time.monotonic() - began_s < 30.0
    finally:
        goes_on.set()
    for one in stand.threads:
        one.join(20.0)


def test_a_store_that_cannot_be_written_leaves_nobody_looking_for_people(stand, monkeypatch):
    monkeypatch.setattr(module, "PeopleWatch", PeopleWatch)
    blocked = stand.folder / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    with pytest.raises(Exception, match="blocked"):
        stand.run(Listener(), folder=blocked)
    assert stand.threads == set()


def test_deleting_a_session_deletes_its_folder_too(stand):
    result = stand.run(Listener(stop_it))
    beside = result.folder.with_name("another")
    beside.mkdir()
    with SessionStore(stand.folder) as store:
        store.delete(result.folder.name)
    assert not result.folder.exists()
    assert beside.exists()


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("variant", ["lite", "full", "heavy"])
def test_nobody_is_asked_to_turn_for_a_model_that_sees_nothing_from_the_front(tmp_path, asked, variant):
    options = LiveOptions("0", load_profile(), tmp_path, front_check=asked)
    expected = asked and variant != "lite"
    assert make_session_options(options, load_calibration(variant)).front_check == expected
