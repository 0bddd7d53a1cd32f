"""What is heard at each moment: the clip whose turn it is, over the quiet tone. Knows no device."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.coach.session.types import Urgency

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.feedback.voice.clips import Clip

# Speech. A cue about something that has long changed is worse than none; the pause keeps cues apart [D].
MAXIMUM_AGE_S = 6.0
MAXIMUM_WAITING = 3
PAUSE_S = 0.25
CUT_OFF_S = 0.05

# Tone: a fifth and an octave, quiet and low, so that half a minute of it does not tire; -34 dBFS (RMS) [D].
# Whole hertz: one second of it, again and again, has no seam.
_PARTIALS = {262: 1.0, 392: 0.6, 523: 0.3}
TONE_DBFS = -34.0
TONE_FADE_S = 0.5
# Under speech it steps back by 12 dB [D].
DUCKED = 0.25
DUCK_S = 0.15


class Ramp:
    """A gain that moves to where it should be at a constant pace.

    Parameters
    ----------
    value
        Where it begins, 0 to 1.
    step
        How far it moves in one sample.
    """

    def __init__(self, value: float, step: float) -> None:
        self.value = value
        self.target = value
        self._step = step

    def render(self, count: int) -> NDArray[np.float64]:
        """Return the gain of the next samples, shape (count,)."""
        way = self.target - self.value
        moved = np.minimum(np.arange(1, count + 1) * self._step, abs(way))
        gains = self.value + np.copysign(moved, way)
        if count:
            self.value = float(gains[-1])
        return np.asarray(gains, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    clip: Clip
    asked_s: float


class Mixer:
    """Decides what is said next and renders it, with the tone beneath.

    Calls may come from several threads. All times are seconds on one monotonic clock, which the caller reads.

    Parameters
    ----------
    rate_hz
        Samples a second; all clips must have it.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._playing: Clip | None = None
        self._position = 0
        self._cut_off_left: int | None = None
        self._cut_off_count = round(CUT_OFF_S * rate_hz)
        self._pause_left = 0
        # What was asked for before this is not said any more, also if its clip comes only now.
        self._outdated_s = float("-inf")
        self._muted = False
        self._tone = False
        self._table = _tone_table(rate_hz)
        self._tone_position = 0
        self._fade = Ramp(0.0, 1.0 / (TONE_FADE_S * rate_hz))
        self._duck = Ramp(1.0, (1.0 - DUCKED) / (DUCK_S * rate_hz))

    @property
    def muted(self) -> bool:
        """Whether nothing is heard."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        with self._lock:
            self._muted = muted
            if muted:
                self._waiting.clear()
                self._cut_off()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is being said and nothing waits; the tone does not count."""
        with self._lock:
            return self._playing is None and not self._waiting

    def set_tone(self, on: bool) -> None:
        """Fade the tone in or out."""
        with self._lock:
            self._tone = on

    def say(self, clip: Clip, urgency: Urgency, asked_s: float) -> None:
        """Take in something to be said.

        Parameters
        ----------
        clip
            What.
        urgency
            What happens when something else is being said.
        asked_s
            When it was asked for.
        """
        with self._lock:
            if self._muted or asked_s < self._outdated_s:
                return
            if urgency is Urgency.NOW:
                self._outdated_s = asked_s
                self._waiting.clear()
                if self._is_being_said(clip.text):
                    return
                self._cut_off()
            elif urgency is Urgency.IF_QUIET and (self._playing is not None or self._waiting):
                return
            self._waiting.append(_Waiting(clip, asked_s))
            while len(self._waiting) > MAXIMUM_WAITING:
                self._waiting.popleft()

    def render(self, count: int, now_s: float) -> NDArray[np.float32]:
        """Return the next samples.

        Parameters
        ----------
        count
            How many.
        now_s
            When the first of them is wanted.

        Returns
        -------
        array of float32
            Shape (count,), -1 to 1.
        """
        with self._lock:
            speech, spoke = self._render_speech(count, now_s)
            return np.clip(speech + self._render_tone(count, spoke), -1.0, 1.0).astype(np.float32)

    def _is_being_said(self, text: str) -> bool:
        return self._playing is not None and self._cut_off_left is None and self._playing.text == text

    def _cut_off(self) -> None:
        self._pause_left = 0
        if self._playing is not None and self._cut_off_left is None:
            self._cut_off_left = self._cut_off_count

    def _render_speech(self, count: int, now_s: float) -> tuple[NDArray[np.float64], bool]:
        samples, at, spoke = np.zeros(count), 0, False
        while at < count:
            if self._pause_left:
                step = min(self._pause_left, count - at)
                self._pause_left -= step
            elif (clip := self._playing or self._begin_next(now_s + at / self.rate_hz)) is not None:
                step = self._play(clip, samples[at:])
            else:
                break
            at += step
            spoke = True
        return samples, spoke

    def _begin_next(self, now_s: float) -> Clip | None:
        while self._waiting:
            next_one = self._waiting.popleft()
            if now_s - next_one.asked_s <= MAXIMUM_AGE_S:
                self._playing, self._position, self._cut_off_left = next_one.clip, 0, None
                return next_one.clip
        return None

    def _play(self, clip: Clip, room: NDArray[np.float64]) -> int:
        """Put the next part of the clip into the room there is; return how many samples that was."""
        part = clip.samples[self._position : self._position + len(room)].astype(np.float64)
        if self._cut_off_left is not None:
            part = part[: self._cut_off_left]
            part *= np.arange(self._cut_off_left, self._cut_off_left - len(part), -1) / self._cut_off_count
            self._cut_off_left -= len(part)
        room[: len(part)] = part
        self._position += len(part)
        cut_off = self._cut_off_left == 0
        if cut_off or self._position >= len(clip.samples):
            self._playing, self._cut_off_left = None, None
            self._pause_left = 0 if cut_off else round(PAUSE_S * self.rate_hz)
        return len(part)

    def _render_tone(self, count: int, spoke: bool) -> NDArray[np.float64]:
        self._fade.target = 1.0 if self._tone and not self._muted else 0.0
        self._duck.target = DUCKED if spoke else 1.0
        gains = self._fade.render(count) * self._duck.render(count)
        if not gains.any():
            return gains
        places = (self._tone_position + np.arange(count)) % len(self._table)
        self._tone_position = (self._tone_position + count) % len(self._table)
        return self._table[places] * gains


def _tone_table(rate_hz: int) -> NDArray[np.float64]:
    time_s = np.arange(rate_hz) / rate_hz
    wave = sum(share * np.sin(2 * np.pi * partial_hz * time_s) for partial_hz, share in _PARTIALS.items())
    return np.asarray(wave / np.sqrt(np.mean(wave**2)) * 10 ** (TONE_DBFS / 20), np.float64)
