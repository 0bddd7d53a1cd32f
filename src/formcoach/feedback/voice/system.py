"""The operating system's voice: speaks each text once into memory, and is played like the shipped cues.

So it keeps to the same queue, is as loud, and can be cut off. pyttsx3 speaks for all three systems, but only the first
text of a process comes out for certain (the second of two `save_to_file` is an empty file with eSpeak NG, and hangs on
macOS: pyttsx3#194, #126), and it wants the main thread of its process. So each text has a small process of its own.
"""

from __future__ import annotations

import importlib.util
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from formcoach.errors import FormCoachError
from formcoach.feedback.voice.clips import Clip, ShippedCues, resample
from formcoach.feedback.voice.loudness import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

# A voice that has not spoken a few words by then does not work [D].
SPEAKING_TIMEOUT_S = 10.0
# So many texts in a row without a sound: there is no working voice.
MAXIMUM_FAILURES = 2
# Words a minute; pyttsx3's own 200 is fast for somebody who exercises [D].
PACE_WPM = 165
# Texts that will probably be said are spoken one by one: the processor has pictures to look at [D].
BEFOREHAND_EVERY_S = 1.0
# Rate at which texts are kept until the device's is known.
_KEPT_HZ = 48_000

NOT_INSTALLED = (
    "The system's voice needs a package that is missing: run pip install 'formcoach[voice]', "
    "the recorded cues speak until then."
)
NOT_WORKING = (
    "The system's voice does not speak: install one (on Debian or Ubuntu run 'apt-get install espeak-ng'), "
    "the recorded cues speak until then."
)

_SPEAK = """
import sys
import pyttsx3
engine = pyttsx3.init()
engine.setProperty("rate", int(sys.argv[1]))
english = [
    voice.id
    for voice in engine.getProperty("voices")
    if any(str(language).lower().startswith("en") for language in voice.languages or ())
]
if english and engine.getProperty("voice") not in english:
    engine.setProperty("voice", english[0])
engine.save_to_file(sys.argv[3], sys.argv[2])
engine.runAndWait()
"""


class SpeechError(FormCoachError):
    """The system's voice made no sound."""


def is_installed() -> bool:
    """Return whether the extra ``voice`` is there; whether a voice is, shows only when it speaks."""
    return importlib.util.find_spec("pyttsx3") is not None


class SystemSpeech:
    """Clips spoken by the operating system's voice; the shipped cues where it does not work.

    Parameters
    ----------
    texts
        What will probably be said: spoken beforehand, one after the other, while nothing else is asked for.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.problem: str | None = None
        self._shipped = ShippedCues()
        self._rate_hz = _KEPT_HZ
        self._clips: dict[str, Clip] = {}
        self._beforehand = list(dict.fromkeys(texts))
        self._asked: queue.SimpleQueue[tuple[str, Callable[[Clip], None]]] = queue.SimpleQueue()
        self._failures = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="formcoach-speech", daemon=True)

    def prepare(self, rate_hz: int) -> None:
        """Make ready for a device of that rate."""
        self._shipped.prepare(rate_hz)
        if rate_hz != self._rate_hz:
            self._rate_hz, self._clips = rate_hz, {}
        if not self._thread.is_alive() and not self._closing.is_set():
            self._thread.start()

    def fetch(self, text: str, ready: Callable[[Clip], None]) -> None:
        """Call `ready` with the clip of a text: at once when it was spoken before, else from the thread that speaks."""
        clip = self._clips.get(text)
        if clip is not None:
            ready(clip)
        elif self.problem is not None:
            self._shipped.fetch(text, ready)
        else:
            self._asked.put((text, ready))

    def close(self) -> None:
        """End the speaking."""
        self._closing.set()
        child = self._child
        if child is not None:
            child.kill()

    def _work(self) -> None:
        while not self._closing.is_set():
            asked = self._next_asked()
            if asked is not None:
                text, ready = asked
                self._speak_once(text)
                self.fetch(text, ready) if self._is_settled(text) else self._shipped.fetch(text, ready)
            elif self._beforehand and self.problem is None:
                self._speak_once(self._beforehand.pop(0))

    def _next_asked(self) -> tuple[str, Callable[[Clip], None]] | None:
        try:
            return self._asked.get(timeout=BEFOREHAND_EVERY_S)
        except queue.Empty:
            return None

    def _is_settled(self, text: str) -> bool:
        return text in self._clips or self.problem is not None

    def _speak_once(self, text: str) -> None:
        rate_hz = self._rate_hz
        if text in self._clips or self.problem is not None:
            return
        try:
            samples, own_hz = self._speak(text)
        except SpeechError:
            self._failures += 1
            if self._failures >= MAXIMUM_FAILURES and not self._closing.is_set():
                self.problem = NOT_WORKING
            return
        self._failures = 0
        clip = Clip(text, resample(normalise(samples, own_hz), own_hz, rate_hz))
        if rate_hz == self._rate_hz:
            self._clips[text] = clip

    def _speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = Path(folder, "speech.wav")
            command = [sys.executable, "-I", "-c", _SPEAK, str(PACE_WPM), str(file), text]
            try:
                child = self._child = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            except OSError as error:
                raise SpeechError(str(error)) from error
            if self._closing.is_set():
                child.kill()
            try:
                child.wait(SPEAKING_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            return _read_sound(file)


def _read_sound(file: Path) -> tuple[NDArray[np.float32], int]:
    """Return the samples of a sound file and their rate; whatever format the system's voice writes."""
    import av

    parts: list[NDArray[np.float32]] = []
    rate_hz = 0
    try:
        with av.open(str(file)) as container:
            to_float = av.AudioResampler(format="flt", layout="mono")
            for frame in container.decode(audio=0):
                for changed in to_float.resample(frame):
                    rate_hz = changed.sample_rate
                    parts.append(changed.to_ndarray().ravel().astype(np.float32))
    except (OSError, IndexError, ValueError) as error:  # PyAV's errors are among these
        raise SpeechError(str(error)) from error
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if not np.any(np.abs(samples) > 1e-3):
        raise SpeechError("silence")
    return samples, rate_hz
