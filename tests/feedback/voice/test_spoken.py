"""The real voice in a process of its own, played on a sound output that leads nowhere and is listened to."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.signal import resample_poly

from conftest import do_without, need
from formcoach.feedback.voice.clips import attention_tone, find_cue, read_wav
from formcoach.feedback.voice.device import LOST, NOT_FOUND
from formcoach.feedback.voice.mixer import TONE_DBFS
from formcoach.feedback.voice.system import is_installed
from formcoach.feedback.voice.texts import shipped_texts
from live_stand.sound import RATE_HZ, SoundCapture, find_cues, need_sound_server

SPEAKER = """
import sys, time
from formcoach.coach.session.types import Urgency, Utterance
from formcoach.feedback.voice import VoiceKind, open_voice

voice = open_voice(VoiceKind(sys.argv[1]), ["Point your toes softly"])
print(f"problem: {voice.problem}", flush=True)
for line in sys.stdin:
    verb, _, rest = line.strip().partition(" ")
    if verb == "say":
        voice.say(Utterance(rest))
    elif verb == "now":
        voice.say(Utterance(rest, Urgency.NOW))
    elif verb == "tone":
        voice.set_tone(rest == "on")
    elif verb == "mute":
        voice.muted = rest == "on"
    elif verb == "wait":
        print(f"quiet: {voice.wait_until_quiet(float(rest))}", flush=True)
    elif verb == "problem":
        print(f"problem: {voice.problem}", flush=True)
    elif verb == "close":
        began = time.monotonic()
        voice.close()
        voice.close()
        print(f"closed: {time.monotonic() - began:.2f}", flush=True)
"""


class Speaker:
    """A process with a voice, told by lines what to do."""

    def __init__(self, environment, kind="cues"):
        self._process = subprocess.Popen(
            [sys.executable, "-c", SPEAKER, kind],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.problem = "not heard yet"

    def begin(self):
        self.problem = self._answer()
        return self

    def tell(self, *lines):
        self._process.stdin.write("".join(f"{line}\n" for line in lines))
        self._process.stdin.flush()

    def ask(self, line):
        self.tell(line)
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        assert line, self._process.stderr.read()
        return line.strip().partition(": ")[2]

    def end(self):
        """Close the voice and the process; return how long closing took, and what was written to stderr."""
        closing_s = float(self.ask("close"))
        self._process.stdin.close()
        errors = self._process.stderr.read()
        self._process.wait(20)
        assert self._process.returncode == 0
        return closing_s, errors

    def kill(self):
        with self._process:
            self._process.kill()


@pytest.fixture
def capture():
    need_sound_server()
    with SoundCapture() as capture:
        yield capture


@pytest.fixture
def start():
    begun = []

    def begin(environment, kind="cues"):
        begun.append(Speaker(environment, kind))
        return begun[-1].begin()

    yield begin
    for one in begun:
        one.kill()


@pytest.fixture(scope="module")
def clips():
    found = {text: read_wav(find_cue(text)) for text in shipped_texts()}
    return {text: samples for text, (samples, _) in found.items()}


CUE_HZ = 22_050


def level_dbfs(samples):
    return 20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9)


def test_cues_are_heard_in_order_over_the_tone(capture, start, clips):
    speaker = start(capture.environment)
    assert speaker.problem == "None"
    texts = ["Point your toes softly", "Soften the knee", "Ease up a little"]
    speaker.tell("tone on", *(f"say {text}" for text in texts))
    assert speaker.ask("wait 20") == "True"
    played = len(capture.samples())
    # The tone goes on by itself.
    samples = capture.wait_for_sound(lambda samples: len(samples) > played + 2.5 * RATE_HZ)
    closing_s, errors = speaker.end()
    assert closing_s < 1.0
    assert errors == ""
    found = find_cues(samples, clips, CUE_HZ)
    assert [text for _, text in found] == texts
    assert np.all(np.diff([time_s for time_s, _ in found]) > 0.9)
    assert level_dbfs(samples[-RATE_HZ:]) == pytest.approx(TONE_DBFS, abs=1.0)
    assert np.abs(samples).max() > 0.3


def test_now_cuts_off_and_mute_silences(capture, start, clips):
    speaker = start(capture.environment)
    speaker.tell("say Show your head, step back", "say Half way")
    capture.wait_for_sound(lambda samples: np.abs(samples).max(initial=0.0) > 0.1)
    speaker.tell("now Stop for today, please")
    assert speaker.ask("wait 20") == "True"
    speaker.tell("mute on", "tone on", "say Paused")
    assert speaker.ask("wait 20") == "True"
    speaker.tell("mute off", "tone off", "say Going on")
    assert speaker.ask("wait 20") == "True"
    speaker.end()
    found = find_cues(capture.samples(), clips, CUE_HZ)
    assert [text for _, text in found] == ["Stop for today, please", "Going on"]


def test_a_text_without_a_wav_is_an_attention_tone(capture, start):
    speaker = start(capture.environment)
    speaker.tell("say My very own cue")
    speaker.ask("wait 20")
    speaker.end()
    tone = attention_tone(RATE_HZ)
    assert len(find_cues(capture.samples(), {"tone": tone})) == 1


def test_the_systems_voice_speaks_what_no_file_says(capture, start):
    if not is_installed():
        do_without("pyttsx3 is not installed: run pip install -e '.[test]'")
    need("espeak-ng")
    speaker = start(capture.environment, "system")
    speaker.tell("say My very own cue", "say And another one")
    assert speaker.ask("wait 30") == "True"
    assert speaker.ask("problem") == "None"
    speaker.end()
    loud = np.abs(capture.samples()) > 0.1
    spoken = np.flatnonzero(loud)
    assert 1.5 < (spoken[-1] - spoken[0]) / RATE_HZ < 8.0  # the attention tone is softer, and shorter


def test_a_sound_output_that_is_lost_is_said_and_found_again(capture, start, clips):
    speaker = start(capture.environment)
    speaker.tell("say Hold")
    speaker.ask("wait 20")
    capture.stop_server()
    assert wait_for_problem(speaker) in (LOST, NOT_FOUND)
    speaker.tell("say Half way")
    assert speaker.ask("wait 5") == "True"
    capture.start_server()
    assert wait_for_problem(speaker, gone=True) == "None"
    speaker.tell("say Going on")
    speaker.ask("wait 20")
    closing_s, errors = speaker.end()
    assert closing_s < 1.0
    # PortAudio's own thread says where it noticed; nothing of ours.
    assert [line for line in errors.splitlines() if not line.startswith("Expression ")] == []
    assert [text for _, text in find_cues(capture.samples(), clips, CUE_HZ)] == ["Going on"]


def test_closing_in_the_middle_of_a_cue_takes_less_than_a_second(capture, start):
    speaker = start(capture.environment)
    speaker.tell("tone on", "say Show your head, step back")
    capture.wait_for_sound(lambda samples: np.abs(samples).max(initial=0.0) > 0.1)
    closing_s, errors = speaker.end()
    assert closing_s < 1.0
    assert errors == ""


def test_without_a_sound_output_there_is_one_sentence(start, tmp_path):
    config = tmp_path / "alsa.conf"
    config.write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type hw card 7 }\n", encoding="utf-8")
    speaker = start({"ALSA_CONFIG_PATH": str(config), "PULSE_SERVER": "unix:/nowhere"})
    assert speaker.problem == NOT_FOUND
    speaker.tell("tone on", "say Hold", "mute on")
    assert speaker.ask("wait 5") == "True"
    closing_s, errors = speaker.end()
    assert closing_s < 1.0
    assert errors == ""


def wait_for_problem(speaker, gone=False):
    deadline_s = time.monotonic() + 60.0
    while ((problem := speaker.ask("problem")) == "None") is not gone:
        assert time.monotonic() < deadline_s
        time.sleep(0.2)
    return problem


def test_finding_cues_survives_tone_gaps_and_another_loudness(clips):
    rng = np.random.default_rng(0)
    wanted = ["Knee is soft, good", "Toes are soft, good", "Less lean next time", "three", "two", "one"]
    played = [rng.normal(0, 1e-3, RATE_HZ)]
    for text in wanted:
        sound = resample_poly(clips[text], RATE_HZ, CUE_HZ) * 0.4
        middle = len(sound) // 2
        gap = rng.normal(0, 1e-3, RATE_HZ // 20 if len(sound) > RATE_HZ else 0)
        played += [sound[:middle], gap, sound[middle:], rng.normal(0, 1e-3, RATE_HZ // 4)]
    samples = np.concatenate(played)
    samples += 0.004 * np.sin(2 * np.pi * 262 * np.arange(len(samples)) / RATE_HZ)
    found = find_cues(samples, clips, CUE_HZ)
    assert [text for _, text in found] == wanted
    assert found[0][0] == pytest.approx(1.0, abs=0.02)
    assert find_cues(rng.normal(0, 0.1, 3 * RATE_HZ), clips, CUE_HZ) == []
    assert find_cues(np.zeros(0), clips, CUE_HZ) == []
