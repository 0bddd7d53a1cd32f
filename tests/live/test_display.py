"""What keys do in the window of a session, on a stand-in for the window; the real one is tested by itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from formcoach.coach.session.types import EventKind, Request, Stage, Urgency, Utterance
from formcoach.feedback.keys import Key
from formcoach.live import display as module
from formcoach.live.display import SAID_SHOWN_S, Display
from formcoach.live.moment import LiveMoment
from formcoach.live.options import LiveOptions
from formcoach.stretch import load_profile
from formcoach.video import Frame
from session_play import Play


class Window:
    """Has the key that it is given pressed once."""

    def __init__(self, *, full_screen):
        self.is_open, self.size, self.key = True, (640, 480), None
        self.full_screen, self.shown = full_screen, []

    def show(self, image):
        self.shown.append(image)

    def read_key(self):
        key, self.key = self.key, None
        return key

    def close(self):
        self.is_open = False


@pytest.fixture
def display(tmp_path, monkeypatch):
    windows = []
    monkeypatch.setattr(module, "LiveWindow", lambda **named: windows.append(Window(**named)) or windows[0])
    display = Display(LiveOptions(source="0", profile=load_profile(), folder=tmp_path))
    return SimpleNamespace(display=display, window=windows[0])


def press(one, key):
    one.window.key = key
    one.display.show(None)


def test_before_the_session_began_only_the_end_has_a_meaning(display):
    for key in (Key.PAUSE, Key.MUTE, Key.SNAPSHOT, Key.FELT_IT):
        press(display, key)
        assert display.display.is_open
    press(display, Key.END)
    assert not display.display.is_open


def test_in_a_session_the_end_is_asked_for_and_the_window_stays_for_the_last_words(display):
    asked = []
    display.display.attach(SimpleNamespace(ask=asked.append), SimpleNamespace(), SimpleNamespace(muted=False))
    press(display, Key.END)
    press(display, Key.FELT_IT)
    assert asked == [Request.END, Request.FELT_IT]
    assert display.display.is_open


@pytest.fixture(scope="module")
def moment():
    play = Play().run(1.0)
    frame = Frame(1, play.time_s, np.full((480, 640, 3), 90, np.uint8))
    return LiveMoment(frame, play.steps[-1], replace(play.last, say=()))


def test_a_picture_is_kept_as_it_is_shown_and_said_so(display, moment):
    kept, noted = [], []
    recording = SimpleNamespace(
        snapshot=lambda image: kept.append(image) or "snapshot-001.png", note=noted.extend, error=None
    )
    display.display.attach(SimpleNamespace(), recording, SimpleNamespace(muted=False))
    display.display.show(moment)
    before = display.window.shown[-1]
    press(display, Key.SNAPSHOT)
    display.display.show(moment)
    assert [np.array_equal(image, before) for image in kept] == [True]
    assert [(event.kind, event.detail) for event in noted] == [(EventKind.SNAPSHOT, "snapshot-001.png")]
    assert (display.window.shown[-1] != before).any()
    later = replace(moment, direction=replace(moment.direction, time_s=moment.direction.time_s + SAID_SHOWN_S + 0.1))
    display.display.show(later)
    assert np.array_equal(display.window.shown[-1], before)


def test_at_the_end_the_closing_line_is_read_whatever_is_said(display, moment):
    def shown(**changes):
        display.display.show(replace(moment, direction=replace(moment.direction, **changes)))
        return display.window.shown[-1]

    end = {"stage": Stage.DONE, "caption": "Well done: 2 holds, 60 s counted."}
    spoken = (Utterance("All done, well done", Urgency.NOW),)
    closing = shown(**end)
    assert (shown(say=spoken) != closing).any()
    assert np.array_equal(shown(**end), closing)
    assert np.array_equal(shown(**end, say=spoken), closing)


def test_no_picture_is_said_to_be_kept_when_nothing_is_recorded_any_more(display, moment):
    kept = []
    recording = SimpleNamespace(snapshot=kept.append, note=kept.append, error=OSError("disk"))
    display.display.attach(SimpleNamespace(), recording, SimpleNamespace(muted=False))
    display.display.show(moment)
    before = display.window.shown[-1]
    press(display, Key.SNAPSHOT)
    display.display.show(moment)
    assert kept == []
    assert np.array_equal(display.window.shown[-1], before)
