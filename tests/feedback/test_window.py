"""A real window on a virtual screen; in a process of its own, because Qt keeps to the screen that it met first."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from formcoach.feedback import window
from formcoach.feedback.window import Key, LiveWindow
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

    def kill(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def show(display):
    shown = []

    def start(*arguments):
        shown.append(Shown(display, *arguments))
        return shown[-1]

    yield start
    for one in shown:
        one.kill()


def count_colours(display):
    """How many pixels of the screen have the colours of the right and the left half."""
    image = display.screenshot()
    return tuple(int((image == np.array(colour)).all(axis=2).sum()) for colour in ((200, 40, 0), (20, 160, 60)))


def wait_for_colours(display, fits):
    """Wait until the counts fit; a window that Qt never painted in is a fault that is known, and not of this code."""
    end_s = time.monotonic() + PATIENCE_S
    while not fits(count_colours(display)):
        if time.monotonic() > end_s:
            if count_colours(display) == (0, 0) and display.windows(TITLE):
                pytest.skip("Qt painted nothing in its new window: seen now and then on a busy virtual screen")
            pytest.fail(f"the screen shows {count_colours(display)} pixels of the two halves")
        time.sleep(0.05)


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
        display.press(TITLE, nothing)
    for pressed, name in keys.items():
        display.press(TITLE, pressed)
        assert one.wait_for("key") == f"key {name}", pressed


def test_it_is_laid_out_once_more_after_it_was_seen(display, show):
    one = show()
    for height in (648, 647, 648):
        one.wait_for(f"size (864, {height}) False")
    wait_for_colours(display, lambda counts: sum(counts) > 0.99 * 864 * 648)


def test_its_close_button_closes_it_for_good(display, show):
    one = show()
    wait_for_colours(display, lambda counts: sum(counts) == 864 * 648)
    display.press(TITLE, "alt+F4")  # the window manager's key for the button
    one.wait_for("closed")
    assert not display.windows(TITLE)
    assert count_colours(display) == (0, 0)
    assert one.end() == ""


def test_the_program_closes_it(display, show):
    one = show("close")
    one.wait_for("closed")
    assert not display.windows(TITLE)
    assert one.end() == ""


def test_f_fills_the_screen_and_comes_back(display, show):
    one = show()
    for _ in range(2):
        one.wait_for("size (864, 648) False")
        wait_for_colours(display, lambda counts: sum(counts) == 864 * 648)
        display.press(TITLE, "f")
        assert one.wait_for("key") == "key FULL_SCREEN"
        one.wait_for("size (1280, 800) True")
        wait_for_colours(display, lambda counts: counts == (640 * 800, 640 * 800))
        display.press(TITLE, "f")


def test_it_begins_on_the_full_screen_where_asked(display, show):
    one = show("full")
    one.wait_for("size (1280, 800) True")
    wait_for_colours(display, lambda counts: counts == (640 * 800, 640 * 800))


def test_it_follows_the_size_that_it_is_given(display, show):
    one = show()
    one.wait_for("size (864, 648)")
    display.do("windowsize", wait_until(lambda: display.windows(TITLE))[0], "900", "500")
    one.wait_for("size (900, 500)")
    wait_for_colours(display, lambda counts: sum(counts) == 900 * 500)


# -- without a screen


@pytest.fixture
def opencv(monkeypatch):
    """A stand-in for OpenCV's windows whose answers can be set; it counts what was shown."""
    answers = SimpleNamespace(visible=0.0, code=-1, shown=0, rectangle=(0, 0, 640, 480), sizes=[])

    def count(*_arguments):
        answers.shown += 1

    def tell(*_arguments):
        if isinstance(answers.visible, Exception):
            raise answers.visible
        return answers.visible

    for name in ("namedWindow", "setWindowProperty", "destroyWindow"):
        monkeypatch.setattr(cv2, name, lambda *arguments: None)
    monkeypatch.setattr(cv2, "resizeWindow", lambda title, width, height: answers.sizes.append((width, height)))
    monkeypatch.setattr(cv2, "imshow", count)
    monkeypatch.setattr(cv2, "getWindowProperty", tell)
    monkeypatch.setattr(cv2, "getWindowImageRect", lambda title: answers.rectangle)
    monkeypatch.setattr(cv2, "waitKeyEx", lambda wait_ms: answers.code)
    return answers


IMAGE = np.zeros((480, 640, 3), np.uint8)


@pytest.mark.parametrize("before", [0.0, -1.0])
def test_not_yet_visible_is_not_closed(opencv, before):
    opencv.visible = before
    one = LiveWindow()
    assert one.is_open
    one.show(IMAGE)
    opencv.visible = 1.0
    assert one.is_open
    opencv.visible = 0.0
    assert not one.is_open
    opencv.visible = 1.0
    assert not one.is_open
    one.show(IMAGE)
    assert opencv.shown == 1


def test_a_toolkit_without_windows_has_closed_it(opencv):
    one = LiveWindow()
    opencv.visible = cv2.error("NULL guiReceiver (please create a window)")
    assert not one.is_open
    assert one.size is None
    one.close()


@pytest.mark.parametrize("rectangle", [(-1, -1, -1, -1), (0, 0, 0, 0)])
def test_a_size_that_is_not_known(opencv, rectangle):
    opencv.rectangle = rectangle
    assert LiveWindow().size is None


def test_every_letter_counts_small_and_large(opencv):
    opencv.visible = 1.0
    one = LiveWindow()
    for key in Key:
        if len(key.value) == 1:
            for letter in (key.value, key.value.lower()):
                opencv.code = ord(letter)
                assert one.read_key() is key


@pytest.mark.parametrize(
    ("picture", "expected"),
    [((640, 480), (864, 648)), ((1280, 720), (1152, 648)), ((720, 1280), (364, 648)), ((3840, 2160), (1152, 648))],
)
def test_it_begins_in_the_pictures_proportion(picture, expected):
    assert window._fit(picture) == expected


@pytest.mark.parametrize(
    ("size", "asked"),
    [
        ((1152, 648), [(1152, 648), (1152, 647), (1152, 648), (1152, 647), (1152, 648)]),
        ((400, 300), [(1152, 648), (1152, 647), (1152, 648), (1152, 647), (1152, 648)]),
        ((1000, 700), [(1152, 648)]),
    ],
)
def test_a_size_that_somebody_chose_stays(opencv, monkeypatch, size, asked):
    seconds = iter(range(100))
    monkeypatch.setattr(window, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    opencv.visible, opencv.rectangle = 1.0, (0, 0, *size)
    one = LiveWindow()
    for _ in range(20):
        one.read_key()
    assert opencv.sizes == asked


def test_nothing_is_laid_out_anew_on_the_full_screen(opencv, monkeypatch):
    seconds = iter(range(100))
    monkeypatch.setattr(window, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    opencv.visible = 1.0
    one = LiveWindow(full_screen=True)
    for _ in range(20):
        one.read_key()
    assert opencv.sizes == [(1152, 648)]
