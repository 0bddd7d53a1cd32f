"""Whether a window can be opened at all, found out in a process of its own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

from formcoach.errors import DisplayError, printable

WINDOW_TIMEOUT_S = 20.0
# In a process of its own: a display that is announced and does not answer lets whoever asks wait for ever.
_OPEN_WINDOW = """
from formcoach.feedback.sdl import load_sdl, open_display
sdl = load_sdl()
try:
    open_display(sdl)
    sdl.Window("formcoach", hidden=True).destroy()
except sdl.error as error:
    raise SystemExit(str(error))
"""
REMEDY = "start formcoach live from the desktop of this computer, add --no-window, or use formcoach analyze on a clip."


def check_display() -> None:
    """Make sure that a window can be opened; takes about a second, another thread may do it.

    Raises
    ------
    DisplayError
        When there is no display, or one that does not answer.
    """
    display = find_display()
    if display is None:
        raise DisplayError(f"There is no display for the window (DISPLAY and WAYLAND_DISPLAY are empty): {REMEDY}")
    reason = why_no_window()
    if reason is not None:
        raise DisplayError(f"No window can be opened on {display} ({reason}): {REMEDY}")


def find_display() -> str | None:
    """Return what display the system announces; None for none."""
    if platform.system() in ("Windows", "Darwin"):
        return platform.system()
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        if os.environ.get(variable):
            return f"{variable} {printable(os.environ[variable])}"
    return None


def why_no_window() -> str | None:
    """Open a window for a moment; return why that cannot be done, None when it can."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _OPEN_WINDOW],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WINDOW_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "it does not answer"
    except OSError as error:
        return str(error.strerror)
    if done.returncode == 0:
        return None
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return said[-1] if said else f"exit code {done.returncode}"
