from __future__ import annotations

import sys

import pytest

from formcoach.errors import DisplayError
from formcoach.feedback import display
from formcoach.feedback.display import check_display


@pytest.fixture
def linux(monkeypatch):
    """A Linux computer without a display."""
    monkeypatch.setattr(display.platform, "system", lambda: "Linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("linux")
def test_no_display_says_what_to_do():
    with pytest.raises(DisplayError, match="no display for the window") as caught:
        check_display()
    assert "--no-window" in str(caught.value)
    assert "formcoach analyze" in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.usefixtures("linux")
@pytest.mark.skipif(sys.platform != "linux", reason="tries X")
def test_a_display_that_does_not_answer_says_so_and_does_not_end_the_program(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9731")
    with pytest.raises(DisplayError, match="DISPLAY :9731") as caught:
        check_display()
    assert "--no-window" in str(caught.value)


@pytest.mark.usefixtures("linux")
def test_a_display_that_opens_a_window_passes(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(display, "_OPEN_WINDOW", "pass")
    check_display()
