"""The loudspeaker: pulls from the mixer, and is looked for again when it is lost."""

from __future__ import annotations

import ctypes
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from formcoach.errors import MissingLibraryError, printable
from formcoach.feedback.voice.mixer import CUT_OFF_S, Mixer
from formcoach.libraries import explained_imports
from formcoach.pose.quiet import silenced_stderr

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.coach.session.types import Utterance
    from formcoach.feedback.voice.clips import Clip

# How much sound is kept ahead: speech may be a little late, but must not stutter while pictures are computed [D].
LATENCY_S = 0.15
# Some sound servers take 2 s until the first sound is wanted; without any for longer the device is gone [D].
STALLED_AFTER_S = 5.0
LOOK_EVERY_S = 0.25
# Looking for a device again; each time twice as long, since it takes the processor a moment [D].
FIRST_RETRY_S = 3.0
LAST_RETRY_S = 40.0
# A device mostly opens at once; a wireless one goes on opening while the session begins [D].
OPENING_S = 2.0
CLOSING_S = 0.9

NOT_FOUND = "No sound output was found: plug in or switch on loudspeakers or headphones, captions are shown until then."
LOST = "The sound output was lost: switch it on or plug it in again, captions are shown until then."


class ClipSource(Protocol):
    """Where clips come from."""

    problem: str | None

    def prepare(self, rate_hz: int) -> None:
        """Make everything ready for a device of that rate; before the first `fetch`."""
        ...

    def fetch(self, text: str, ready: Callable[[Clip], None]) -> None:
        """Call `ready` with the clip of a text, at once or from another thread; return at once."""
        ...

    def close(self) -> None:
        """End what it has begun."""
        ...


class SilentVoice:
    """Says nothing.

    Parameters
    ----------
    problem
        Why; None when that was wanted.
    """

    def __init__(self, problem: str | None = None) -> None:
        self.muted = False
        self.problem = problem

    def say(self, utterance: Utterance) -> None:
        """Say nothing."""

    def set_tone(self, on: bool) -> None:
        """Stay quiet."""

    def wait_until_quiet(self, timeout_s: float) -> bool:  # noqa: ARG002 - as the other voices
        """Return True: it is."""
        return True

    def close(self) -> None:
        """Nothing to be done."""


class LoudspeakerVoice:
    """Speaks through the default sound output.

    A thread of its own opens the device, watches it, and looks for one every few seconds while there is none. What is
    said meanwhile is not said later.

    Parameters
    ----------
    source
        Where clips come from; closed with the voice.
    """

    def __init__(self, source: ClipSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._mixer: Mixer | None = None
        self._muted = False
        self._tone = False
        self._device_problem: str | None = None
        self._pulled_s = 0.0
        self._fetching = 0
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="formcoach-voice", daemon=True)
        self._thread.start()
        self._tried.wait(OPENING_S)

    @property
    def problem(self) -> str | None:
        """One sentence while there is no sound, or another voice than was asked for."""
        return self._device_problem or self._source.problem

    @property
    def muted(self) -> bool:
        """Whether nothing is heard."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        with self._lock:
            self._muted = muted
            if self._mixer is not None:
                self._mixer.muted = muted

    def say(self, utterance: Utterance) -> None:
        """Say something when its urgency lets it; see `Voice`."""
        asked_s = time.monotonic()
        mixer = self._mixer
        if mixer is None or self._muted:
            return

        def take(clip: Clip) -> None:
            mixer.say(clip, utterance.urgency, asked_s)
            with self._lock:
                self._fetching -= 1

        with self._lock:
            self._fetching += 1
        self._source.fetch(utterance.text, take)

    def set_tone(self, on: bool) -> None:
        """Fade the quiet tone in or out."""
        with self._lock:
            self._tone = on
            if self._mixer is not None:
                self._mixer.set_tone(on)

    def wait_until_quiet(self, timeout_s: float) -> bool:
        """Wait until everything has been said and heard, at most so long; return whether it has."""
        deadline_s = time.monotonic() + timeout_s
        while (mixer := self._mixer) is not None and (self._fetching or not mixer.is_quiet):
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return False
            self._closing.wait(min(left_s, 0.05))
        # The last samples are still on their way to the loudspeaker.
        self._closing.wait(max(0.0, min(LATENCY_S, deadline_s - time.monotonic())))
        return True

    def close(self) -> None:
        """Stop all sound."""
        if self._closing.is_set():
            return
        self.muted = True
        self._closing.set()
        self._source.close()
        self._thread.join(CLOSING_S)

    def _watch(self) -> None:
        """Keep a device open until the voice is closed."""
        try:
            with silenced_stderr(), explained_imports():
                import sounddevice

                silence_alsa()
        except Exception as error:  # noqa: BLE001 - PortAudio that does not start has a class that cannot be imported
            self._device_problem = str(error) if isinstance(error, MissingLibraryError) else NOT_FOUND
            self._tried.set()
            return
        retry_s, again = FIRST_RETRY_S, False
        while not self._closing.is_set():
            stream = self._open(sounddevice, again)
            again = True
            self._tried.set()
            if stream is None:
                self._closing.wait(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            retry_s = FIRST_RETRY_S
            while not self._closing.wait(LOOK_EVERY_S) and self._is_alive(stream):
                pass
            if self._closing.is_set():
                # What fades out is still on its way to the loudspeaker.
                time.sleep(CUT_OFF_S + LATENCY_S)
            self._forget_mixer(None if self._closing.is_set() else LOST)
            _close(sounddevice, stream)

    def _open(self, sounddevice: Any, again: bool) -> Any:
        """Open the default device; return its stream, or None with `problem` set."""
        name = ""
        try:
            with silenced_stderr():
                if again:
                    # PortAudio lists the devices once, when it starts: without this a new one is never seen.
                    sounddevice._terminate()
                    sounddevice._initialize()
                device = sounddevice.query_devices(kind="output")
                name = printable(device["name"])
                mixer = Mixer(round(device["default_samplerate"]))
                self._source.prepare(mixer.rate_hz)
                stream = sounddevice.OutputStream(
                    samplerate=mixer.rate_hz,
                    channels=min(2, device["max_output_channels"]),
                    dtype="float32",
                    latency=LATENCY_S,
                    callback=lambda out, count, _time, _status: self._fill(mixer, out, count),
                )
                self._pulled_s = time.monotonic()
                stream.start()
        except (sounddevice.PortAudioError, ValueError, OSError) as error:
            self._device_problem = _explain(name, error)
            return None
        with self._lock:
            mixer.muted = self._muted
            mixer.set_tone(self._tone)
            self._mixer, self._device_problem = mixer, None
        return stream

    def _forget_mixer(self, problem: str | None) -> None:
        with self._lock:
            self._mixer, self._device_problem = None, problem

    def _fill(self, mixer: Mixer, out: NDArray[np.float32], count: int) -> None:
        """Fill the device's next samples; called from PortAudio's thread."""
        now_s = time.monotonic()
        self._pulled_s = now_s
        out[:] = mixer.render(count, now_s)[:, None]

    def _is_alive(self, stream: Any) -> bool:
        return bool(stream.active) and time.monotonic() - self._pulled_s < STALLED_AFTER_S


def silence_alsa() -> None:
    """Keep ALSA, the sound library of Linux, from writing of late samples on the terminal; harmless elsewhere.

    It writes from threads of its own whenever it likes, unless it is given a handler for errors (error.h of the ALSA
    library). This one is a function of the C library that does nothing with what it is given.
    """
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(ctypes.CDLL(None).getpid)
    except (OSError, AttributeError, TypeError):
        return


def _close(sounddevice: Any, stream: Any) -> None:
    try:
        with silenced_stderr():
            stream.abort()
            stream.close()
    except sounddevice.PortAudioError:
        pass  # it is gone, which is what was wanted


def _explain(name: str, error: Exception) -> str:
    if not name:
        return NOT_FOUND
    reason = printable(str(error.args[0])) if error.args else "no reason given"
    return (
        f"The sound output '{name}' cannot be opened ({reason}): close other programs that use it, "
        "captions are shown until then."
    )
