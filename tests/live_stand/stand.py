"""Everything around a live session: screen, loudspeaker, data folder, camera and the program in the middle."""

from __future__ import annotations

import csv
import json
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.coach.session.lines import all_texts
from formcoach.feedback.voice.clips import load_clip
from formcoach.stretch import load_profile
from live_stand.camera import LoopbackCamera
from live_stand.diary import Diary
from live_stand.display import virtual_display
from live_stand.program import PATIENCE_S, start_live
from live_stand.sound import RATE_HZ, SoundCapture, find_cues, need_sound_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from live_stand.display import VirtualDisplay
    from live_stand.program import Program
    from live_stand.reel import Reel

# Twice as loud as the quiet tone of good form, over so long; speech pauses for less than `GAP_S` [D].
LOUD, WINDOW_S, GAP_S = 0.04, 0.05, 0.4
# What was just said is looked for in so many of the last seconds, and so often.
RECENT_S = 10.0
# A key that does nothing for so long was missed.
KEY_PATIENCE_S = 5.0
LISTEN_EVERY_S = 0.5


@dataclass
class Surroundings:
    """A screen and a loudspeaker; sessions may follow each other on them."""

    display: VirtualDisplay
    sound: SoundCapture

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find both; the folder of its data comes on top."""
        return {"DISPLAY": self.display.name, **self.sound.environment}


@dataclass
class Stand:
    """One session in its surroundings.

    Attributes
    ----------
    camera, program, diary
        See their modules.
    home : Path
        The program's data folder.
    begun_samples : int
        What had been played before it.
    pictures : dict of ndarray
        What was on the screen at moments that have names.
    status : int or None
        How the program ended.
    """

    surroundings: Surroundings
    camera: LoopbackCamera
    program: Program
    home: Path
    diary: Diary
    begun_samples: int
    pictures: dict[str, np.ndarray] = field(default_factory=dict)
    status: int | None = None

    # -- waiting

    def wait_for_stage(self, *stages: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the session is in one of these stages."""
        self.program.wait_until(lambda: self.diary.stage in stages, f"in stage {' or '.join(stages)}", timeout_s)

    def wait_for_event(self, kind: str, count: int = 1, timeout_s: float = PATIENCE_S) -> None:
        """Wait until something has happened so many times."""
        self.program.wait_until(lambda: self.diary.count(kind) >= count, f"{count} x {kind}", timeout_s)

    def wait_to_hear(self, *texts: str, timeout_s: float = PATIENCE_S) -> str:
        """Wait until one of these texts has just been said, and return it."""
        clips = {text: cue_samples(text) for text in texts}
        heard: deque[str] = deque()
        next_s = [time.monotonic()]

        def listen() -> bool:
            if time.monotonic() >= next_s[0]:
                recent = self._samples()[-round(RECENT_S * RATE_HZ) :]
                heard.extend(text for _, text in find_cues(recent, clips))
                next_s[0] = time.monotonic() + LISTEN_EVERY_S
            return bool(heard)

        self.program.wait_until(listen, f"heard {' or '.join(texts)}", timeout_s)
        return heard[-1]

    def look(self, name: str) -> None:
        """Keep what is on the screen now, also as a file beside the data folder."""
        self.pictures[name] = self.surroundings.display.screenshot()
        cv2.imwrite(str(self.home.parent / f"{name}.png"), self.pictures[name])

    def close_window(self) -> None:
        """Close the window as its button does: by the window manager's key for it.

        On a busy machine the window manager now and then misses a key: as a person would, press it again.
        """
        display = self.surroundings.display
        end_s = time.monotonic() + PATIENCE_S
        while display.windows() and time.monotonic() < end_s:
            display.press("alt+F4")
            gone_s = time.monotonic() + KEY_PATIENCE_S
            while display.windows() and time.monotonic() < gone_s:
                time.sleep(0.1)

    # -- what is left at the end

    @property
    def folder(self) -> Path:
        """The folder of the session's files."""
        (folder,) = (path for path in (self.home / "sessions").iterdir() if path.is_dir())
        return folder

    @property
    def record(self) -> dict:
        """The content of ``session.json``."""
        return json.loads((self.folder / "session.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> list[dict[str, str]]:
        """Return the rows of one of the tables."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def said(self) -> list[tuple[float, str]]:
        """Return when (seconds since the program was started) each text was said, in order."""
        clips = {text: cue_samples(text) for text in all_texts(load_profile())}
        samples = self._samples()
        found = []
        for start, end in loud_parts(samples):
            # Only what fits: the search takes a minute otherwise.
            fitting = {text: clip for text, clip in clips.items() if len(clip) <= end - start}
            found += [(start / RATE_HZ + time_s, text) for time_s, text in find_cues(samples[start:end], fitting)]
        return found

    def loudness(self, start_s: float, end_s: float) -> float:
        """Return how loud it was between two moments, seconds since the program was started; 1 is the loudest."""
        part = self._samples()[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        return float(np.sqrt((part**2).mean()))

    def _samples(self) -> np.ndarray:
        return self.surroundings.sound.samples()[self.begun_samples :]


@contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """Set up a screen and a loudspeaker; skip where the tools for them are missing."""
    need_sound_server()
    with virtual_display(folder) as display, SoundCapture() as sound:
        yield Surroundings(display, sound)


@contextmanager
def session(around: Surroundings, reel: Reel, folder: Path, *arguments: str) -> Iterator[Stand]:
    """Run a session before a reel; the film waits at its beginning."""
    home = folder / "home"
    with ExitStack() as ends:
        camera = ends.enter_context(LoopbackCamera(reel))
        begun = len(around.sound.samples())
        environment = {**around.environment, "FORMCOACH_HOME": str(home)}
        program = ends.enter_context(
            start_live("--source", camera.url, *arguments, environment=environment, folder=folder)
        )
        yield Stand(around, camera, program, home, Diary(home), begun)


def loud_parts(samples: np.ndarray) -> list[tuple[int, int]]:
    """Return where somebody speaks: first and last sample of each part, with a margin."""
    window = round(WINDOW_S * RATE_HZ)
    count = len(samples) // window
    loudness = np.sqrt((samples[: count * window].reshape(count, window) ** 2).mean(axis=1))
    loud = np.flatnonzero(loudness > LOUD)
    if not len(loud):
        return []
    breaks = np.flatnonzero(np.diff(loud) > GAP_S / WINDOW_S)
    firsts, lasts = loud[[0, *(breaks + 1)]], loud[[*breaks, -1]]
    margin = round(GAP_S * RATE_HZ)
    return [
        (max(0, int(first) * window - margin), min(len(samples), (int(last) + 1) * window + margin))
        for first, last in zip(firsts, lasts, strict=True)
    ]


def cue_samples(text: str) -> np.ndarray:
    """Return how a text sounds."""
    return load_clip(text, RATE_HZ).samples
