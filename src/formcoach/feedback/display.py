"""Whether a window can be opened at all, found out in a process of its own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

from formcoach.errors import DisplayError, printable

WINDOW_TIMEOUT_S = 20.0
# In a process of its own: where a display is announced and does not answer, Qt ends the process that asks.
_OPEN_WINDOW = """
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
import cv2
cv2.namedWindow("formcoach")
cv2.waitKey(1)
cv2.destroyAllWindows()
"""
_REMEDY = "start formcoach live from the desktop of this computer, add --no-window, or use formcoach analyze on a clip."


def check_display() -> None:
    """Make sure that a window can be opened; takes about a second, another thread may do it.

    Raises
    ------
    DisplayError
        When there is no display, or one that does not answer.
    """
    display = find_display()
    if display is None:
        raise DisplayError(f"There is no display for the window (DISPLAY and WAYLAND_DISPLAY are empty): {_REMEDY}")
    reason = why_no_window()
    if reason is not None:
        raise DisplayError(f"No window can be opened on {display} ({reason}): {_REMEDY}")


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
    telling = [line for line in said if "could not connect" in line] or said[-1:]
    return telling[0] if telling else f"exit code {done.returncode}"
