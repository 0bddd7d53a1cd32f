"""A real window on a virtual screen; in a process of its own, as a program opens one."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest

from formcoach.errors import DisplayError
from formcoach.feedback import window
from formcoach.feedback.window import LiveWindow
from live_stand.display import PATIENCE_S, virtual_display, wait_until

TITLE = "formcoach window test"
# Shows blue, green on the left, and tells everything that happens; after the window was closed it shows on.
PROGRAM = """
import sys
import numpy as np
from formcoach.feedback.window import LiveWindow
def paint(size):
    image = np.full((size[1], size[0], 3), (200, 40, 0), np.uint8)
    image[:, : size[0] // 2] = (20, 160, 60)
    return image
said = None
window = LiveWindow(sys.argv[1], (640, 480), full_screen="full" in sys.argv)
while window.is_open:
    window.show(paint(window.size or (640, 480)))
    key = window.read_key()
    if key is not None:
        print("key", key.name, flush=True)
    state = f"{window.size} {window.full_screen}"
    if state != said:
        print("size", state, flush=True)
        said = state
    if "close" in sys.argv and window.size is not None:
        window.close()
for _ in range(50):
    window.show(paint((640, 480)))
    assert window.read_key() is None
    assert window.size is None
window.close()
print("closed", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def display(tmp_path_factory):
    with virtual_display(tmp_path_factory.mktemp("screen")) as one:
        yield one


class Shown:
    """A running window and what its program says."""

    def __init__(self, display, *arguments):
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, TITLE, *arguments],
            env=display.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said = queue.Queue()
        threading.Thread(target=lambda: [self._said.put(line.strip()) for line in self._process.stdout]).start()

    def wait_for(self, start):
        """Return the next line that begins so."""
        while True:
            line = self._said.get(timeout=PATIENCE_S)
            if line.startswith(start):
                return line

    def end(self):
        """Let the program end by itself and return what it wrote to stderr."""
        _, errors = self._process.communicate("\n", timeout=PATIENCE_S)
        assert self._process.returncode == 0
        return errors

    def signal(self, number):
        """Send a signal and return the exit code."""
        self._process.send_signal(number)
        self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode

    def kill(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def start():
    shown = []

    def start_on(display, *arguments):
        shown.append(Shown(display, *arguments))
        return shown[-1]

    yield start_on
    for one in shown:
        one.kill()


@pytest.fixture
def show(display, start):
    return partial(start, display)


def count_colours(display):
    """How many pixels of the screen have the colours of the right and the left half."""
    image = display.screenshot()
    return tuple(int((image == np.array(colour)).all(axis=2).sum()) for colour in ((200, 40, 0), (20, 160, 60)))


def wait_for_colours(display, fits):
    wait_until(lambda: fits(count_colours(display)), what=lambda: f"{count_colours(display)} pixels of the two halves")


def test_it_shows_the_picture_and_nothing_else(display, show):
    one = show()
    wait_for_colours(display, lambda counts: counts == (432 * 648, 432 * 648))
    assert one.wait_for("size (864, 648)") == "size (864, 648) False"


def test_keys_arrive_and_arrows_are_no_letters(display, show):
    one = show()
    keys = {
        "q": "END",
        "shift+q": "END",
        "Escape": "END",
        "space": "PAUSE",
        "m": "MUTE",
        "b": "BASELINE",
        "shift+b": "BASELINE",
        "s": "SNAPSHOT",
        "t": "FELT_IT",
        "n": "SKIP",
        "1": "CHOICE_1",
        "6": "CHOICE_6",
        "KP_3": "CHOICE_3",
    }
    for nothing in ("Left", "Right", "Down", "Home", "Delete", "F5", "x", "7", "Return"):
        display.press(nothing)
    for pressed, name in keys.items():
        display.press(pressed)
        assert one.wait_for("key") == f"key {name}", pressed


def test_its_close_button_closes_it_for_good(display, show):
    one = show()
    wait_for_colours(display, lambda counts: sum(counts) == 864 * 648)
    display.press("alt+F4")  # the window manager's key for the button
    one.wait_for("closed")
    assert not display.windows()
    assert count_colours(display) == (0, 0)
    assert one.end() == ""


def test_the_program_closes_it(display, show):
    one = show("close")
    one.wait_for("closed")
    assert not display.windows()
    assert one.end() == ""


def test_f_fills_the_screen_and_comes_back(display, show):
    one = show()
    for _ in range(2):
        one.wait_for("size (864, 648) False")
        wait_for_colours(display, lambda counts: sum(counts) == 864 * 648)
        display.press("f")
        assert one.wait_for("key") == "key FULL_SCREEN"
        one.wait_for("size (1280, 800) True")
        wait_for_colours(display, lambda counts: counts == (640 * 800, 640 * 800))
        display.press("f")


def test_it_begins_on_the_full_screen_where_asked(display, show):
    one = show("full")
    one.wait_for("size (1280, 800) True")
    wait_for_colours(display, lambda counts: counts == (640 * 800, 640 * 800))


def test_it_follows_the_size_that_it_is_given(display, show):
    one = show()
    one.wait_for("size (864, 648)")
    display.do("windowsize", wait_until(display.windows)[0], "900", "500")
    one.wait_for("size (900, 500)")
    wait_for_colours(display, lambda counts: sum(counts) == 900 * 500)


def test_it_begins_smaller_on_a_small_screen(tmp_path, start):
    with virtual_display(tmp_path, (640, 480)) as display:
        one = start(display)
        one.wait_for("size (544, 408) False")
        wait_for_colours(display, lambda counts: sum(counts) == 544 * 408)


def test_ctrl_c_and_an_end_from_outside_reach_the_program(show):
    """SDL would make a closed window of both."""
    for number in (signal.SIGINT, signal.SIGTERM):
        one = show()
        one.wait_for("size")
        assert one.signal(number) == -number


def test_no_screen_is_an_error_that_says_what_to_do(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("DISPLAY", ":9731")
    with pytest.raises(DisplayError, match=r"No window can be opened \(x11 not available\).*--no-window"):
        LiveWindow()


@pytest.mark.parametrize(
    ("picture", "screen", "expected"),
    [
        ((640, 480), (1920, 1080), (864, 648)),
        ((1280, 720), (1920, 1080), (1152, 648)),
        ((720, 1280), (1920, 1080), (364, 648)),
        ((3840, 2160), (1366, 768), (1152, 648)),
        ((1280, 720), (640, 480), (544, 306)),
        ((1280, 720), (1080, 400), (604, 340)),
    ],
)
def test_it_begins_in_the_pictures_proportion(picture, screen, expected):
    assert window.fit(picture, screen) == expected
