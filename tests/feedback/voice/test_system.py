"""The operating system's voice: the real one where it is there, and what happens where it is not."""

import importlib.util
import sys
import threading
import time

import numpy as np
import pytest

from conftest import do_without, need
from formcoach.feedback.voice import system
from formcoach.feedback.voice.clips import load_clip
from formcoach.feedback.voice.loudness import SPEECH_LUFS, measure_loudness
from formcoach.feedback.voice.system import NOT_WORKING, SystemSpeech

RATE_HZ = 16_000


@pytest.fixture
def speak(monkeypatch):
    """Open the system's voice; `script` stands in for what its process does."""
    begun = []

    def begin(script=None, texts=()):
        if script is not None:
            monkeypatch.setattr(system, "_SPEAK", script)
        begun.append(SystemSpeech(texts))
        begun[-1].prepare(RATE_HZ)
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def fetch(speech, text, timeout_s=60.0):
    got, there = [], threading.Event()

    def take(clip):
        got.append(clip)
        there.set()

    speech.fetch(text, take)
    assert there.wait(timeout_s)
    return got[0]


# Speaks as long as the text is, at its loudness of choice, like the real one a WAV of its own rate.
TONE = """
import sys, wave, math, struct
with wave.open(sys.argv[2], "wb") as sound:
    sound.setnchannels(1); sound.setsampwidth(2); sound.setframerate(22050)
    for at in range(2205 * len(sys.argv[3])):
        sound.writeframes(struct.pack("<h", int(3000 * math.sin(at / 10))))
"""


def test_the_real_voice_speaks_any_text_as_loud_as_the_cues(speak):
    if not system.is_installed():
        do_without("pyttsx3 is not installed: run pip install -e '.[test]'")
    if sys.platform == "linux":
        need("espeak-ng")
    speech = speak()
    first = fetch(speech, "Something that no file says")
    second = fetch(speech, "Something else, a little longer, that no file says")
    assert speech.problem is None
    assert 0.8 * RATE_HZ < len(first.samples) < len(second.samples) < 6 * RATE_HZ
    for clip in (first, second):
        assert measure_loudness(clip.samples, RATE_HZ) == pytest.approx(SPEECH_LUFS, abs=1.5)


def test_each_text_is_spoken_once_and_at_the_rate_of_the_device(speak, tmp_path):
    log = tmp_path / "log"
    speech = speak(TONE + f"\nopen({str(log)!r}, 'a').write(sys.argv[3] + '\\n')")
    clips = [fetch(speech, text) for text in ("twelve chars", "twelve chars", "six ch")]
    assert [len(clip.samples) for clip in clips] == pytest.approx(
        [1.2 * RATE_HZ, 1.2 * RATE_HZ, 0.6 * RATE_HZ], rel=0.01
    )
    assert measure_loudness(clips[0].samples, RATE_HZ) == pytest.approx(SPEECH_LUFS, abs=0.5)
    assert log.read_text().splitlines() == ["twelve chars", "six ch"]


def test_texts_are_spoken_beforehand_while_nothing_else_is_asked_for(speak, tmp_path, monkeypatch):
    monkeypatch.setattr(system, "BEFOREHAND_EVERY_S", 0.01)
    log = tmp_path / "log"
    speech = speak(TONE + f"\nopen({str(log)!r}, 'a').write(sys.argv[3] + '\\n')", ["one", "two"])
    fetch(speech, "last")
    fetch(speech, "one")
    fetch(speech, "two")
    assert sorted(log.read_text().splitlines()) == ["last", "one", "two"]


@pytest.mark.parametrize(
    "script",
    [
        "raise SystemExit(1)",
        "import sys; open(sys.argv[2], 'wb').close()",
        TONE.replace("3000", "0"),
        "import time; time.sleep(60)",
    ],
    ids=["fails", "empty file", "silence", "hangs"],
)
def test_a_voice_that_does_not_speak_is_said_and_the_recorded_cues_speak(speak, monkeypatch, script):
    monkeypatch.setattr(system, "SPEAKING_TIMEOUT_S", 20.0 if "sleep" not in script else 0.5)
    speech = speak(script)
    for _ in range(3):
        clip = fetch(speech, "Hold")
        np.testing.assert_array_equal(clip.samples, load_clip("Hold", RATE_HZ).samples)
    assert speech.problem == NOT_WORKING


def test_one_failure_is_no_reason_to_give_up(speak):
    speech = speak(TONE.replace("import sys,", "import sys\nif sys.argv[3] == 'Hold': raise SystemExit\nimport"))
    for text in ("Hold", "twelve chars", "Hold", "six ch"):
        fetch(speech, text)
    assert speech.problem is None


def test_closing_ends_what_is_being_spoken(speak, monkeypatch, tmp_path):
    monkeypatch.setattr(system, "SPEAKING_TIMEOUT_S", 1000.0)
    begun = tmp_path / "begun"
    speech = speak(f"import time; open({str(begun)!r}, 'w').close(); time.sleep(60)")
    speech.fetch("Hold", lambda clip: None)
    deadline_s = time.monotonic() + 30.0
    while not begun.exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    speech.close()
    speech._thread.join(10.0)
    assert not speech._thread.is_alive()


def test_whether_the_extra_is_there_is_known_without_loading_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not system.is_installed()
