"""The spoken cues that the package brings: from a text to its samples."""

from __future__ import annotations

import re
import wave
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

# The attention tone of a text without a WAV: two soft notes, the second one higher [D].
_NOTES_HZ = (523, 659)
_NOTE_S = 0.16
_NOTES_PEAK = 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Something that can be played.

    Attributes
    ----------
    text : str
        What is said.
    samples : array of float32
        Shape (samples,), -1 to 1, one channel, at the rate of whoever plays it.
    """

    text: str
    samples: NDArray[np.float32]


def slug(text: str) -> str:
    """Return the name of the file of a text, without its ending: small letters and digits, underscores between words.

    An apostrophe joins: "can't" is `cant`. Texts that sound the same have the same file.
    """
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"['’]", "", text.lower())).strip("_")


def cue_folder() -> Traversable:
    """Return where the WAV files are."""
    return resources.files("formcoach.feedback.voice").joinpath("cues")


def find_cue(text: str) -> Traversable | None:
    """Return the WAV file of a text; None when the package has none."""
    name = slug(text)
    file = cue_folder().joinpath(f"{name}.wav")
    return file if name and file.is_file() else None


def read_wav(file: Traversable) -> tuple[NDArray[np.float32], int]:
    """Return the samples of a WAV file of one channel and 16 bits, -1 to 1, and how many there are a second."""
    with file.open("rb") as raw, wave.open(raw) as sound:
        content, rate_hz = sound.readframes(sound.getnframes()), sound.getframerate()
    return (np.frombuffer(content, "<i2") / 32768.0).astype(np.float32), rate_hz


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Return the same sound with another number of samples a second."""
    if from_hz == to_hz:
        return samples
    from scipy.signal import resample_poly

    ratio = Fraction(to_hz, from_hz)
    return np.asarray(resample_poly(samples, ratio.numerator, ratio.denominator), np.float32)


def attention_tone(rate_hz: int) -> NDArray[np.float32]:
    """Return two soft notes that say "look": for a text that cannot be spoken."""
    count = round(_NOTE_S * rate_hz)
    time_s = np.arange(count) / rate_hz
    swell = np.sin(np.pi * np.arange(count) / count) ** 2
    notes = [np.sin(2 * np.pi * note_hz * time_s) * swell for note_hz in _NOTES_HZ]
    return (_NOTES_PEAK * np.concatenate(notes)).astype(np.float32)


class ShippedCues:
    """The spoken cues of the package.

    Parameters
    ----------
    texts
        What will probably be said: read at once, so that the first of them is not late.
    """

    problem: str | None = None

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = tuple(texts)
        self._rate_hz = 0
        self._clips: dict[str, Clip] = {}

    def prepare(self, rate_hz: int) -> None:
        """Make everything ready for a device of that rate."""
        if rate_hz == self._rate_hz:
            return
        self._rate_hz, self._clips = rate_hz, {}
        for text in self._texts:
            self._clips[text] = load_clip(text, rate_hz)

    def fetch(self, text: str, ready: Callable[[Clip], None]) -> None:
        """Call `ready` with the clip of a text; here at once."""
        clip = self._clips.get(text)
        if clip is None:
            clip = self._clips[text] = load_clip(text, self._rate_hz)
        ready(clip)

    def close(self) -> None:
        """Nothing to be done."""


def load_clip(text: str, rate_hz: int) -> Clip:
    """Return the clip of a text at a rate: its WAV, or the attention tone when it has none."""
    file = find_cue(text)
    if file is None:
        return Clip(text, attention_tone(rate_hz))
    samples, own_hz = read_wav(file)
    return Clip(text, resample(samples, own_hz, rate_hz))
