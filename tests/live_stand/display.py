"""A screen without a screen: Xvfb with a small window manager, its pixels, and keys that are pressed on it."""

from __future__ import annotations

import os
import select
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from conftest import need

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class VirtualDisplay:
    """A running screen.

    Attributes
    ----------
    name : str
        What goes into DISPLAY.
    frame_buffer : Path
        The file into which Xvfb writes its pixels.
    """

    name: str
    frame_buffer: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a program that is to appear on it."""
        kept = {name: value for name, value in os.environ.items() if name not in ("WAYLAND_DISPLAY", "XAUTHORITY")}
        return kept | {"DISPLAY": self.name}

    def screenshot(self) -> np.ndarray:
        """Return what is on the screen: (height, width, 3), blue, green, red."""
        content = self.frame_buffer.read_bytes()
        header = np.frombuffer(content, ">u4", 25)  # of an XWD file
        start, width, height, stride, colours = (int(header[at]) for at in (0, 4, 5, 12, 19))
        rows = np.frombuffer(content, np.uint8, height * stride, start + 12 * colours).reshape(height, stride)
        return rows[:, : 4 * width].reshape(height, width, 4)[:, :, :3].copy()

    def do(self, *action: str) -> str:
        """Let xdotool act, such as ("key", "q"), and return what it says; nothing where it fails."""
        done = subprocess.run(
            [need("xdotool"), *action], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout.strip()

    def windows(self) -> list[str]:
        """Return the numbers of the visible windows of formcoach."""
        return self.do("search", "--onlyvisible", "--class", "^formcoach$").split()

    def press(self, key: str) -> None:
        """Press a key in the window of formcoach, as xdotool names keys."""
        self.do("windowfocus", "--sync", wait_until(self.windows)[0], "key", key)


def wait_until(
    look: Callable[[], Any], patience_s: float = PATIENCE_S, *, what: Callable[[], str] = lambda: "nothing to be seen"
) -> Any:
    """Look again and again until there is something to see, and return it; else fail and say `what` there is."""
    end_s = time.monotonic() + patience_s
    while not (seen := look()):
        if time.monotonic() > end_s:
            pytest.fail(f"after {patience_s:.0f} s: {what()}")
        time.sleep(_LOOK_EVERY_S)
    return seen


@contextmanager
def virtual_display(folder: Path, size: tuple[int, int] = (1280, 800)) -> Iterator[VirtualDisplay]:
    """Start a screen on a free number, with a window manager, and end both.

    Parameters
    ----------
    folder
        For the pixels; it must exist.
    size
        Width and height in pixels.
    """
    server, manager = need("Xvfb"), need("openbox")
    need("xdotool")
    with ExitStack() as ends:
        told, telling = os.pipe()
        ends.callback(os.close, told)
        try:
            screen = [
                server,
                "-nocursor",
                "-displayfd",
                str(telling),
                "-screen",
                "0",
                f"{size[0]}x{size[1]}x24",
                "-fbdir",
                str(folder),
            ]
            _start(ends, screen, dict(os.environ), pass_fds=(telling,))
        finally:
            os.close(telling)
        assert select.select([told], [], [], PATIENCE_S)[0], "Xvfb does not start"
        number = os.read(told, 64).decode().strip()
        assert number, "Xvfb ended at once"
        display = VirtualDisplay(f":{number}", folder / "Xvfb_screen0")
        _start(ends, [manager, "--sm-disable"], display.environment)
        wait_until(lambda: display.do("get_num_desktops"))
        yield display


def _start(ends: ExitStack, command: list[str], environment: dict[str, str], pass_fds: tuple[int, ...] = ()) -> None:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=pass_fds
    )
    ends.callback(process.wait, 20)
    ends.callback(process.terminate)
