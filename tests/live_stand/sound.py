"""What a program plays, caught before it reaches a loudspeaker, and which cues were in it.

A PulseAudio server of the test's own has one sink that leads nowhere; whatever is played on it takes its real time, and
`parec` writes it down. (ALSA's `file` over `null` plugins would need no server, but takes sound 400 times too fast.)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d
from scipy.signal import oaconvolve, resample_poly

from conftest import do_without

RATE_HZ = 48_000
STARTING_S = 20.0
# Cues are looked for at this rate.
SEARCH_HZ = 8_000
# A cue is looked for in pieces, each of which may be a little early or late: a busy machine now and then leaves gaps.
PIECE_S = 0.4
SLACK_S = 0.25
LIKENESS = 0.75

PACKAGES = {"pulseaudio": "pulseaudio", "parec": "pulseaudio-utils"}
PLUGIN = "libasound2-plugins"


class SoundCapture:
    """A sound output without a loudspeaker: a context manager, with an `environment` for the program's process."""

    def __init__(self):
        # A socket's path must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        self._socket = self._folder / "socket"
        self._raw = self._folder / "played.raw"
        self._server = self._recorder = None
        self._config = self._folder / "alsa.conf"
        self._config.write_text(
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n", encoding="utf-8"
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the program's process needs beside its own environment."""
        return {
            "ALSA_CONFIG_PATH": str(self._config),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_COOKIE": "/dev/null",
        }

    def __enter__(self):
        try:
            self.start_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop_server()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start_server(self):
        """Begin, or begin again: what was played before is forgotten."""
        self._socket.unlink(missing_ok=True)
        self._raw.unlink(missing_ok=True)
        own = {"HOME": str(self._folder), "XDG_RUNTIME_DIR": str(self._folder), "PULSE_RUNTIME_PATH": str(self._folder)}
        environment = {**os.environ, **self.environment, **own}
        command = [
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--use-pid-file=no",
            "--exit-idle-time=-1",
            "--disable-shm=yes",
        ]
        command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"]
        command += ["-L", f"module-null-sink sink_name=nowhere rate={RATE_HZ} channels=1"]
        with (self._folder / "server.log").open("wb") as log:
            self._server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            self._wait_for(self._socket.exists)
            record = ["parec", "-d", "nowhere.monitor", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", "--raw"]
            # Asking for it often also makes the server take sound in small pieces.
            record += ["--latency-msec=20"]
            with self._raw.open("wb") as raw:
                self._recorder = subprocess.Popen(record, env=environment, stdout=raw, stderr=log)
        self._wait_for(lambda: self._raw.stat().st_size > 0)

    def stop_server(self):
        """End, as when the sound output is unplugged; `samples` still has what was played."""
        for process in (self._recorder, self._server):
            if process is not None:
                process.kill()
                process.wait()
        self._recorder = self._server = None

    def samples(self) -> np.ndarray:
        """Return what was played until now, shape (samples,), -1 to 1, `RATE_HZ` a second; silence is in it too."""
        content = self._raw.read_bytes()
        return np.frombuffer(content[: len(content) // 2 * 2], "<i2") / 32768.0

    def wait_for_sound(self, is_enough, timeout_s=30.0) -> np.ndarray:
        """Return what was played as soon as `is_enough(samples)` says so; fail after the time."""
        self._wait_for(lambda: is_enough(self.samples()), timeout_s, "the sound that was waited for")
        return self.samples()

    def _wait_for(self, is_so, timeout_s=STARTING_S, what="the sound server"):
        deadline_s = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > deadline_s:
                log = (self._folder / "server.log").read_text(errors="replace")
                pytest.fail(f"{what} did not come within {timeout_s:.0f} s; the server's log:\n{log}")
            time.sleep(0.05)


def need_sound_server():
    """Skip where the tools for a `SoundCapture` are missing; fail there when all tools are required."""
    missing = {package for tool, package in PACKAGES.items() if shutil.which(tool) is None}
    if not list(Path("/usr/lib").glob("**/alsa-lib/libasound_module_pcm_pulse.so")):
        missing.add(PLUGIN)
    if missing:
        do_without(f"there is no sound server: on Debian run 'apt-get install {' '.join(sorted(missing))}'")


def find_cues(samples: np.ndarray, clips: dict[str, np.ndarray], rate_hz: int = RATE_HZ) -> list[tuple[float, str]]:
    """Return which cues were played, and when each began, in order.

    Parameters
    ----------
    samples
        What was played, at `RATE_HZ`.
    clips
        Samples of each text, at `rate_hz`: one that may have been said and is not among them can be taken for another.

    Returns
    -------
    list of (seconds, text)
        Seconds from the first sample. Cues that were cut off are not found.
    """
    heard = resample_poly(samples, SEARCH_HZ, RATE_HZ).astype(np.float32)
    found = []
    for text, clip in clips.items():
        small = resample_poly(clip, SEARCH_HZ, rate_hz).astype(np.float32)
        found += [(likeness, at, at + len(small), text) for likeness, at in _look_for(heard, small)]
    taken: list[tuple[int, int, str]] = []
    for _, begin, end, text in sorted(found, reverse=True):
        if all(min(end, other_end) - max(begin, other) < 0.3 * (end - begin) for other, other_end, _ in taken):
            taken.append((begin, end, text))
    return [(begin / SEARCH_HZ, text) for begin, _, text in sorted(taken)]


def _look_for(heard, clip):
    """Return (likeness, first sample) wherever a clip is like what was heard."""
    if len(heard) <= len(clip):
        return []
    count = max(1, round(len(clip) / SEARCH_HZ / PIECE_S))
    slack = round(SLACK_S * SEARCH_HZ)
    # Silence before and after, so that a cue may begin with the first sample and end with the last one.
    heard = np.pad(heard, slack)
    room = len(heard) - len(clip) + 1
    total, weights = np.zeros(room, np.float32), 0.0
    offset = 0
    for piece in np.array_split(clip, count):
        likeness = _correlate(heard, piece)
        if offset:
            likeness = maximum_filter1d(likeness, 2 * slack + 1)
        weight = float(np.sum(piece**2))
        total += weight * likeness[offset : offset + room]
        weights += weight
        offset += len(piece)
    total /= weights
    hits = []
    while (at := int(np.argmax(total))) is not None and total[at] > LIKENESS:
        hits.append((float(total[at]), at - slack))
        total[max(0, at - len(clip) // 2) : at + len(clip) // 2] = 0.0
    return hits


def _correlate(heard, piece):
    """Return how much each place in what was heard is like a piece, -1 to 1, whatever its loudness."""
    dot = oaconvolve(heard, piece[::-1], "valid")
    energy = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    here = energy[len(piece) :] - energy[: -len(piece)]
    # Softer than -50 dBFS is no speech.
    floor = len(piece) * 1e-5
    return (dot / np.sqrt(np.maximum(here, floor) * np.sum(piece**2))).astype(np.float32)
