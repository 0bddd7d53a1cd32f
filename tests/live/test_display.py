"""What keys do in the window of a session, on a stand-in for the window; the real one is tested by itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from formcoach.coach.session.types import Request
from formcoach.feedback.keys import Key
from formcoach.live import display as module
from formcoach.live.display import Display
from formcoach.live.options import LiveOptions
from formcoach.stretch import load_profile


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
