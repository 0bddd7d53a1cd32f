"""The window of a live session: one picture, plain keys, no toolbar. SDL wants all of it in the main thread."""

from __future__ import annotations

from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from formcoach.errors import DisplayError
from formcoach.feedback.display import REMEDY
from formcoach.feedback.keys import Key, find_key
from formcoach.feedback.sdl import load_sdl, open_display

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

# A window at first: beside panel and title bar it still fits on a laptop's screen of 1366 × 768 [D].
LARGEST_SIZE = (1152, 648)
# How much of a smaller screen it takes at first, so that its bar and the panel have room [D].
_SHARE_OF_SCREEN = 0.85
# How long a look for a key may take, so that a new picture is not late (a camera sends one each 33 ms) [D].
KEY_WAIT_S = 0.005
_ICON = resources.files("formcoach").joinpath("data", "icon.svg")
_ICON_SIZE = 64


class LiveWindow:
    """A window; it opens at once and stays until it is closed, by the program or by its own button.

    As long as it is open the system's screen saver waits: nobody touches the computer during a stretch.

    Parameters
    ----------
    title
        Shown in its bar.
    picture_size
        Width and height of the pictures to come in pixels; the window begins in that proportion, and on the screen.
    full_screen
        Whether it begins without a frame.

    Raises
    ------
    DisplayError
        When no window can be opened. A display that does not answer at all may hang; `check_display` finds that out.
    """

    def __init__(
        self, title: str = "formcoach", picture_size: tuple[int, int] = LARGEST_SIZE, *, full_screen: bool = False
    ) -> None:
        self._sdl = load_sdl()
        self._full_screen = full_screen
        self._is_open = True
        sdl = self._sdl
        try:
            open_display(sdl)
            screen = sdl.display.get_desktop_sizes()[0]
            size = screen if full_screen else fit(picture_size, screen)
            self._window = sdl.Window(title, size, resizable=True, fullscreen_desktop=full_screen)
        except sdl.error as error:
            sdl.display.quit()
            raise DisplayError(f"No window can be opened ({error}): {REMEDY}") from error
        self._window.set_icon(sdl.image.load_sized_svg(BytesIO(_ICON.read_bytes()), (_ICON_SIZE, _ICON_SIZE)))
        # Mouse and window events would only wake the program; the window follows its size by itself.
        sdl.event.set_blocked(None)
        sdl.event.set_allowed([sdl.KEYDOWN, sdl.QUIT, sdl.WINDOWCLOSE])

    @property
    def is_open(self) -> bool:
        """Whether it is there; once closed it stays closed."""
        return self._is_open

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height for pictures in pixels; None once it is closed."""
        if not self._is_open:
            return None
        width, height = self._window.size
        return width, height

    @property
    def full_screen(self) -> bool:
        """Whether it was put on the full screen."""
        return self._full_screen

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show a picture, all at once; nothing after the window was closed.

        Parameters
        ----------
        image
            Shape (height, width, 3), blue, green, red; stretched to the window where it has another size.
        """
        if not self._is_open:
            return
        height, width, _ = image.shape
        surface = self._window.get_surface()
        picture = self._sdl.image.frombuffer(np.ascontiguousarray(image), (width, height), "BGR")
        if surface.get_size() != (width, height):
            picture = self._sdl.transform.scale(picture, surface.get_size())
        surface.blit(picture, (0, 0))
        self._window.flip()

    def read_key(self, wait_s: float = KEY_WAIT_S) -> Key | None:
        """Let the window live for a moment and return the key that was pressed, None for none or one without meaning.

        It must be called again and again: the window does not answer otherwise. `Key.FULL_SCREEN` has been followed
        already. A key that is held down counts once.

        Parameters
        ----------
        wait_s
            How long at most, seconds.
        """
        if not self._is_open:
            return None
        sdl = self._sdl
        event = sdl.event.wait(max(1, round(1000.0 * wait_s)))
        while event.type != sdl.NOEVENT:
            if event.type in (sdl.QUIT, sdl.WINDOWCLOSE):
                self.close()
                return None
            key = find_key(event.unicode)
            if key is not None:
                if key is Key.FULL_SCREEN:
                    self.toggle_full_screen()
                return key
            event = sdl.event.poll()
        return None

    def toggle_full_screen(self) -> None:
        """Go to the full screen or come back from it."""
        if not self._is_open:
            return
        self._full_screen = not self._full_screen
        if self._full_screen:
            self._window.set_fullscreen(desktop=True)
        else:
            self._window.set_windowed()

    def close(self) -> None:
        """Close it; harmless when it is closed."""
        if self._is_open:
            self._is_open = False
            self._window.destroy()
            self._sdl.display.quit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def fit(picture_size: tuple[int, int], screen_size: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a new window: the picture's proportion, as large as `LARGEST_SIZE` and the screen allow.

    Parameters
    ----------
    picture_size, screen_size
        Width and height in pixels.
    """
    scale = min(
        min(largest, _SHARE_OF_SCREEN * screen) / picture
        for picture, largest, screen in zip(picture_size, LARGEST_SIZE, screen_size, strict=True)
    )
    width, height = (max(1, round(scale * picture)) for picture in picture_size)
    return width, height
