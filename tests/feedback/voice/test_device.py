"""The loudspeaker's voice on a sound library made of code: what a machine without sound, or with a bad one, does."""

import ctypes
import subprocess
import sys
import threading
import time
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from formcoach.coach.session.types import Urgency, Utterance
from formcoach.feedback.voice import VoiceKind, device, open_voice, system
from formcoach.feedback.voice.clips import load_clip


class PortAudioError(Exception):
    pass


class Sound(ModuleType):
    """Stands in for ``sounddevice``: one device that may be missing, refuse, hang or die."""

    PortAudioError = PortAudioError

    def __init__(self, rate_hz=16_000, channels=2):
        super().__init__("sounddevice")
        self.rate_hz, self.channels = rate_hz, channels
        self.refusal = None
        self.is_there = True
        self.hangs = threading.Event()
        self.hangs.set()
        self.streams = []
        self.opened = threading.Condition()

    def query_devices(self, kind):
        assert kind == "output"
        if not self.is_there:
            raise PortAudioError("Error querying device -1")
        return {
            "name": "A loudspeaker",
            "max_output_channels": self.channels,
            "default_samplerate": float(self.rate_hz),
        }

    def OutputStream(self, **settings):  # noqa: N802
        self.hangs.wait(30.0)
        if self.refusal is not None:
            raise self.refusal
        stream = Stream(**settings)
        with self.opened:
            self.streams.append(stream)
            self.opened.notify_all()
        return stream

    def wait_for_stream(self, number):
        with self.opened:
            assert self.opened.wait_for(lambda: len(self.streams) >= number, 30.0)
        return self.streams[number - 1]

    def _terminate(self):
        pass

    def _initialize(self):
        pass


class Stream:
    def __init__(self, samplerate, channels, dtype, latency, callback):
        assert dtype == "float32"
        assert latency > 0
        self.rate_hz, self._channels, self._callback = samplerate, channels, callback
        self.active = True
        self.closed = threading.Event()

    def start(self):
        pass

    def abort(self):
        pass

    def close(self):
        self.closed.set()

    def pull(self, count):
        """What a device does when it wants samples; shape (count, channels)."""
        out = np.full((count, self._channels), np.nan, np.float32)
        self._callback(out, count, SimpleNamespace(), None)
        return out


@pytest.fixture
def sound(monkeypatch):
    module = Sound()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    monkeypatch.setattr(device, "FIRST_RETRY_S", 0.05)
    monkeypatch.setattr(device, "LOOK_EVERY_S", 0.02)
    return module


@pytest.fixture
def speak(sound):
    begun = []

    def begin(kind=VoiceKind.CUES, texts=("Hold",)):
        begun.append(open_voice(kind, texts))
        return begun[-1]

    yield begin
    sound.hangs.set()
    for one in begun:
        one.close()


def wait_for(is_so):
    deadline_s = time.monotonic() + 30.0
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


@pytest.mark.parametrize("channels", [1, 2, 8])
def test_a_cue_comes_out_of_all_speakers_at_the_rate_of_the_device(sound, speak, channels):
    sound.channels = channels
    voice = speak()
    assert voice.problem is None
    voice.say(Utterance("Hold"))
    out = sound.wait_for_stream(1).pull(16_000)
    clip = load_clip("Hold", 16_000).samples
    assert out.shape[1] == min(channels, 2)
    for channel in out.T:
        np.testing.assert_allclose(channel[: len(clip)], clip, atol=1e-6)
        assert not channel[len(clip) :].any()


def test_saying_returns_at_once_and_waiting_waits(sound, speak):
    voice = speak()
    began_s = time.monotonic()
    for _ in range(100):
        voice.say(Utterance("Hold"))
        voice.say(Utterance("a text that nobody has spoken"))
    assert time.monotonic() - began_s < 1.0
    assert not voice.wait_until_quiet(0.1)
    sound.wait_for_stream(1).pull(16_000 * 20)
    assert voice.wait_until_quiet(5.0)


def test_no_device_is_one_sentence_and_it_is_found_later_with_mute_and_tone_as_they_were_set(sound, speak):
    sound.is_there = False
    voice = speak()
    assert voice.problem == device.NOT_FOUND
    voice.say(Utterance("Hold"))
    voice.set_tone(True)
    assert voice.wait_until_quiet(0.5)
    sound.is_there = True
    stream = sound.wait_for_stream(1)
    wait_for(lambda: voice.problem is None)
    tone = stream.pull(32_000)
    assert 0.01 < np.abs(tone).max() < 0.1  # the tone, and not the cue of then
    voice.muted = True
    stream.pull(16_000)
    stream.active = False
    stream = sound.wait_for_stream(2)
    wait_for(lambda: voice.problem is None)
    voice.say(Utterance("Hold"))
    assert not stream.pull(16_000).any()
    assert voice.muted


def test_a_device_that_refuses_is_one_sentence(sound, speak):
    sound.refusal = PortAudioError("Error opening OutputStream: Device unavailable [PaErrorCode -9985]", -9985)
    voice = speak()
    assert voice.problem == (
        "The sound output 'A loudspeaker' cannot be opened (Error opening OutputStream: Device unavailable "
        "[PaErrorCode -9985]): close other programs that use it, captions are shown until then."
    )
    voice.say(Utterance("Hold", Urgency.NOW))


@pytest.mark.parametrize("how", ["it stops", "it wants nothing more"])
def test_a_device_that_is_lost_is_closed_and_another_rate_is_no_problem(sound, speak, monkeypatch, how):
    monkeypatch.setattr(device, "STALLED_AFTER_S", 1000.0 if how == "it stops" else 0.3)
    voice = speak()
    first = sound.wait_for_stream(1)
    first.pull(100)
    sound.is_there = False
    if how == "it stops":
        first.active = False
    wait_for(lambda: voice.problem is not None)
    assert voice.problem in (device.LOST, device.NOT_FOUND)
    assert first.closed.wait(10.0)
    sound.rate_hz, sound.is_there = 48_000, True
    second = sound.wait_for_stream(2)
    wait_for(lambda: voice.problem is None)
    voice.say(Utterance("Hold"))
    clip = load_clip("Hold", 48_000).samples
    np.testing.assert_allclose(second.pull(len(clip))[:, 0], clip, atol=1e-6)


def test_a_device_that_hangs_while_it_opens_holds_nobody_up(sound, speak, monkeypatch):
    monkeypatch.setattr(device, "OPENING_S", 0.2)
    sound.hangs.clear()
    began_s = time.monotonic()
    voice = speak()
    voice.say(Utterance("Hold"))
    voice.set_tone(True)
    voice.close()
    assert time.monotonic() - began_s < 10.0  # about a second is planned; the device hangs for half a minute
    sound.hangs.set()
    assert sound.wait_for_stream(1).closed.wait(10.0)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError("PortAudio library not found"), "apt-get install libportaudio2"),
        (ModuleNotFoundError("No module named 'sounddevice'", name="sounddevice"), "install formcoach again"),
        (PortAudioError("Error initializing PortAudio"), "No sound output was found"),
    ],
)
def test_a_sound_library_that_cannot_be_loaded_is_one_sentence(monkeypatch, error, sentence):
    class Broken:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise error

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    voice = open_voice(VoiceKind.CUES)
    assert sentence in voice.problem
    assert voice.problem.count(".") == 1
    voice.say(Utterance("Hold"))
    assert voice.wait_until_quiet(1.0)
    voice.close()


def test_off_needs_no_sound_library_and_is_no_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    voice = open_voice(VoiceKind.OFF)
    voice.say(Utterance("Hold"))
    voice.set_tone(True)
    voice.muted = True
    assert voice.problem is None
    assert voice.wait_until_quiet(0.0)
    voice.close()


def test_without_the_extra_the_recorded_cues_speak(sound, speak, monkeypatch):
    monkeypatch.setattr(system, "is_installed", lambda: False)
    voice = speak(VoiceKind.SYSTEM)
    assert voice.problem == system.NOT_INSTALLED
    voice.say(Utterance("Hold"))
    clip = load_clip("Hold", 16_000).samples
    np.testing.assert_allclose(sound.wait_for_stream(1).pull(len(clip))[:, 0], clip, atol=1e-6)


# ALSA is asked for something that does not exist, before and after it is silenced.
ALSA = """
import ctypes, sys
from formcoach.feedback.voice.device import silence_alsa
alsa = ctypes.CDLL("libasound.so.2")
def fail():
    assert alsa.snd_pcm_open(ctypes.byref(ctypes.c_void_p()), b"no such device", 0, 0) < 0
fail()
print("silence", file=sys.stderr, flush=True)
silence_alsa()
fail()
"""


def test_alsa_does_not_talk_on_the_terminal():
    try:
        ctypes.CDLL("libasound.so.2")
    except OSError:
        pytest.skip("this system has no ALSA (libasound.so.2)")
    done = subprocess.run([sys.executable, "-c", ALSA], capture_output=True, text=True, timeout=60, check=True)
    before, _, after = done.stderr.partition("silence\n")
    assert "no such device" in before
    assert after == ""
