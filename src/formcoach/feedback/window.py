"""The window of a live session: one picture, plain keys, no toolbar. OpenCV wants all of it in the main thread."""

from __future__ import annotations

import time
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

import cv2

from formcoach.feedback.display import check_display
from formcoach.pose.quiet import silenced_stderr

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Key", "LiveWindow", "check_display"]

# A window at first: beside panel and title bar it still fits on a laptop's screen of 1366 × 768 [D].
LARGEST_SIZE = (1152, 648)
# How long a look for a key may take, so that a new picture is not late (a camera sends one each 33 ms) [D].
KEY_WAIT_S = 0.005
# Now and then, on a busy machine, Qt misses that its new window got its size, and never paints in it. Another size, so
# long after it was first seen, is laid out and painted anew [D].
_NUDGES_S = (0.4, 0.8, 2.0, 2.2)
_CLOSING_LOOKS = 5
# What OpenCV's windows have before anything else is asked of them.
_UNSEEN_SIZE = (400, 300)


class Key(Enum):
    """The keys; the value is what to press, as on the screen."""

    END = "Q"
    PAUSE = "Space"
    MUTE = "M"
    BASELINE = "B"
    SNAPSHOT = "S"
    FELT_IT = "T"
    FULL_SCREEN = "F"
    SKIP = "N"
    CHOICE_1 = "1"
    CHOICE_2 = "2"
    CHOICE_3 = "3"
    CHOICE_4 = "4"
    CHOICE_5 = "5"
    CHOICE_6 = "6"


_ESCAPE = 27
_KEYS = {
    _ESCAPE: Key.END,
    ord(" "): Key.PAUSE,
    **{ord(letter): key for key in Key if len(key.value) == 1 for letter in (key.value, key.value.lower())},
}


class LiveWindow:
    """A window; it opens at once and stays until it is closed, by the program or by its own button.

    `check_display` should have passed before: where no display answers, Qt ends the whole process.

    Parameters
    ----------
    title
        Shown in its bar, and the name of the window: one of a name at a time.
    picture_size
        Width and height of the pictures to come in pixels; the window begins in that proportion.
    full_screen
        Whether it begins without a frame.
    """

    def __init__(
        self, title: str = "formcoach", picture_size: tuple[int, int] = LARGEST_SIZE, *, full_screen: bool = False
    ) -> None:
        self._title = title
        self._full_screen = False
        self._was_visible = False
        self._is_open = True
        self._first_size = _fit(picture_size)
        self._visible_since_s: float | None = None
        self._nudges = deque(_NUDGES_S)
        with silenced_stderr():  # Qt complains about fonts and platforms that it does without
            # Without keeping the ratio: LiveScreen fills the window and keeps the picture's proportions itself.
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(title, *self._first_size)
            cv2.waitKeyEx(1)
        if full_screen:
            self.toggle_full_screen()

    @property
    def is_open(self) -> bool:
        """Whether it is there; once closed it stays closed."""
        if self._is_open:
            try:
                visible = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1.0
            except cv2.error:  # Qt's way of saying that the last window is gone
                visible = False
                self._was_visible = True
            # Before it is mapped, and with toolkits that do not tell, it has not been visible yet.
            self._is_open = visible or not self._was_visible
            self._was_visible = self._was_visible or visible
        return self._is_open

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height for pictures in pixels; None while it is not known."""
        if not self.is_open:
            return None
        try:
            _, _, width, height = cv2.getWindowImageRect(self._title)
        except cv2.error:
            return None
        return (width, height) if width > 0 and height > 0 else None

    @property
    def full_screen(self) -> bool:
        """Whether it was put on the full screen."""
        return self._full_screen

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show a picture, all at once; nothing after the window was closed, which would open it again.

        Parameters
        ----------
        image
            Shape (height, width, 3), blue, green, red; stretched to the window where it has another size.
        """
        if self.is_open:
            cv2.imshow(self._title, image)

    def read_key(self, wait_s: float = KEY_WAIT_S) -> Key | None:
        """Let the window live for a moment and return the key that was pressed, None for none or one without meaning.

        It must be called again and again: nothing is painted otherwise. `Key.FULL_SCREEN` has been followed already.

        Parameters
        ----------
        wait_s
            How long at most, seconds.
        """
        if not self.is_open:
            return None
        self._nudge()
        # The whole code: the lower byte of an arrow key is a letter.
        key = _KEYS.get(cv2.waitKeyEx(max(1, round(1000.0 * wait_s))))
        if key is Key.FULL_SCREEN:
            self.toggle_full_screen()
        return key

    def toggle_full_screen(self) -> None:
        """Go to the full screen or come back from it."""
        if self.is_open:
            self._full_screen = not self._full_screen
            self._nudges.clear()
            state = cv2.WINDOW_FULLSCREEN if self._full_screen else cv2.WINDOW_NORMAL
            cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, state)

    def _nudge(self) -> None:
        """Change the size of a new window by a pixel and back, unless somebody has chosen another one."""
        if self._visible_since_s is None:
            self._visible_since_s = time.monotonic() if self._was_visible else None
            return
        if not self._nudges or time.monotonic() - self._visible_since_s < self._nudges[0]:
            return
        self._nudges.popleft()
        width, height = self._first_size
        size = self.size
        chosen = size is not None and max(abs(size[0] - width), abs(size[1] - height)) > 1
        if chosen and size != _UNSEEN_SIZE:
            self._nudges.clear()
            return
        cv2.resizeWindow(self._title, width, height - len(self._nudges) % 2)

    def close(self) -> None:
        """Close it; harmless when it is closed."""
        if self.is_open:
            self._is_open = False
            try:
                cv2.destroyWindow(self._title)
                for _ in range(_CLOSING_LOOKS):  # the window goes when its events are handled
                    cv2.waitKeyEx(1)
            except cv2.error:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(LARGEST_SIZE[0] / size[0], LARGEST_SIZE[1] / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
