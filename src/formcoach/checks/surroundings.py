"""What live sessions use beside a camera: sound, display and the data folder."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from formcoach.checks.check import Check, Verdict
from formcoach.errors import printable
from formcoach.feedback.display import find_display, why_no_window
from formcoach.folders import HOME_VARIABLE, data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Room for some recorded sessions [D].
MINIMUM_FREE_BYTES = 1_000_000_000


def check_sound() -> Iterator[Check]:
    """Check that there is a sound output; nothing is played."""
    from formcoach.pose.quiet import silenced_stderr

    name = "sound"
    with silenced_stderr():
        import sounddevice

        try:
            output = sounddevice.query_devices(kind="output")
            channels = min(2, output["max_output_channels"])
            sounddevice.check_output_settings(channels=channels)
        except (sounddevice.PortAudioError, ValueError):
            output = None
    if output is None:
        yield Check(
            name,
            Verdict.HINT,
            "No sound output was found",
            "plug in or switch on loudspeakers or headphones to hear the cues.",
        )
        return
    yield Check.ok(name, f"{printable(output['name'])}, {output['default_samplerate']:.0f} Hz")


def check_display() -> Iterator[Check]:
    """Check that a window can be opened, where a display is announced at all."""
    name = "display"
    display = find_display()
    if display is None:
        yield Check(
            name,
            Verdict.HINT,
            "No display is announced (DISPLAY and WAYLAND_DISPLAY are empty)",
            "start formcoach live from the desktop of this computer; analyze and demo need none.",
        )
        return
    reason = why_no_window()
    if reason is None:
        yield Check.ok(name, display)
    else:
        yield Check(
            name,
            Verdict.HINT,
            f"No window can be opened on {display} ({reason})",
            "start formcoach live from the desktop of this computer; analyze and demo need none.",
        )


def check_data_folder() -> Iterator[Check]:
    """Check that sessions can be kept; the folder is not made."""
    name, folder = "data folder", data_folder()
    shown = printable(str(folder))
    try:
        existing = find_existing(folder)
        free_bytes = shutil.disk_usage(existing).free
        with tempfile.TemporaryFile(dir=existing):  # the only proof on every system; it vanishes at once
            pass
    except OSError as error:
        remedy = f"change its permissions, or choose another folder with {HOME_VARIABLE}."
        yield Check(name, Verdict.HINT, f"{shown} cannot be written to ({error.strerror})", remedy)
        return
    free = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes < MINIMUM_FREE_BYTES:
        remedy = f"make room, or choose a folder on another disk with {HOME_VARIABLE}."
        yield Check(name, Verdict.HINT, f"{shown} has only {free}", remedy)
        return
    yield Check.ok(name, f"{shown}{'' if existing == folder else ' will be made when it is needed'}, {free}")


def find_existing(folder: Path) -> Path:
    """Return a folder itself, or the nearest one above it that exists."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)
