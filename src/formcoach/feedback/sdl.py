"""SDL through pygame, as this program wants it: windows and keys alone, silent, and no hand on signals."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

# Asked of SDL before it is loaded; what the user has set stays.
_WISHES = {
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "SDL_NO_SIGNAL_HANDLERS": "1",  # Ctrl-C and SIGTERM are this program's
    "SDL_VIDEO_X11_WMCLASS": "formcoach",  # the name under which desktops group windows
    "SDL_VIDEO_WAYLAND_WMCLASS": "formcoach",
    "SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR": "0",  # no flicker of the whole desktop when the window opens
}


def load_sdl() -> ModuleType:
    """Load pygame, which holds SDL; nothing is opened."""
    for name, value in _WISHES.items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux":  # without a desktop it would draw on the bare console, or where nobody sees it
        os.environ.setdefault("SDL_VIDEODRIVER", "x11,wayland")
    import pygame

    return pygame


def open_display(sdl: ModuleType) -> None:
    """Connect with the display; until it is closed the screen saver waits.

    Raises
    ------
    pygame.error
        When there is none.
    """
    sdl.display.init()
    sdl.display.set_allow_screensaver(False)
    if sdl.display.get_driver() == "x11":
        # Else every picture goes through OpenGL, which without a graphics card takes ten times as long.
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
