"""The WAV files in the package: all there, alike, and what the script makes."""

import wave
from pathlib import Path

import numpy as np
import pytest

import make_cues
from conftest import need
from formcoach.feedback.voice.clips import (
    ShippedCues,
    attention_tone,
    cue_folder,
    find_cue,
    load_clip,
    read_wav,
    resample,
    slug,
)
from formcoach.feedback.voice.loudness import PEAK_LIMIT, SPEECH_LUFS, measure_loudness
from formcoach.feedback.voice.texts import shipped_texts
from formcoach.stretch.profile import load_profile

TEXTS = shipped_texts()
FILES = sorted(Path(str(cue_folder())).glob("*.wav"))
LONGEST_S = 4.0
# Plain PCM, 22 kHz: about 50 kB for each text. The whole package has more than 45 MB of pose models.
LARGEST_TOTAL_BYTES = 5_000_000


def test_every_text_has_a_wav_and_every_wav_belongs_to_a_text():
    wanted, there = {slug(text) for text in TEXTS}, {file.stem for file in FILES}
    assert there - wanted == set(), "run scripts/make_cues.py: these belong to no text"
    assert wanted - there == set(), "run scripts/make_cues.py: these are missing"


def test_the_texts_are_those_of_the_session_and_of_the_exercises():
    profile = load_profile()
    assert profile.stacking_cue in TEXTS
    for rule in profile.flags:
        assert {rule.cue, rule.praise} <= set(TEXTS)
    assert "three" in TEXTS


def test_two_texts_that_sound_unlike_have_files_of_their_own():
    assert len({slug(text) for text in TEXTS}) == len(TEXTS)
    assert slug("Chest long, hinge at hips") == "chest_long_hinge_at_hips"
    assert slug("I can't see you") == "i_cant_see_you"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_are_alike(file):
    with wave.open(str(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, make_cues.RATE_HZ)
    samples, rate_hz = read_wav(file)
    assert 0.2 < len(samples) / rate_hz <= LONGEST_S
    assert measure_loudness(samples, rate_hz) == pytest.approx(SPEECH_LUFS, abs=0.5)
    assert np.abs(samples).max() <= PEAK_LIMIT + 1e-4
    # No click at either end, and no silence either: the first sound comes within 0.1 s.
    assert max(abs(samples[0]), abs(samples[-1])) < 0.002
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    assert loud[0] < 0.1 * rate_hz
    assert loud[-1] > len(samples) - 0.15 * rate_hz


def test_together_they_are_small():
    assert sum(file.stat().st_size for file in FILES) < LARGEST_TOTAL_BYTES


@pytest.mark.parametrize("text", ["Point your toes softly", "three"])
def test_the_script_makes_them_again(text):
    need(make_cues.PROGRAM, package=make_cues.PACKAGES)
    again = make_cues.make_cue(text)
    shipped, rate_hz = read_wav(find_cue(text))
    assert len(again) == pytest.approx(len(shipped), rel=0.02)
    assert measure_loudness(again, rate_hz) == pytest.approx(measure_loudness(shipped, rate_hz), abs=0.2)
    np.testing.assert_array_equal(make_cues.make_cue(text), again)


def test_a_clip_has_the_rate_of_the_device_and_sounds_the_same():
    text = "Soften the knee"
    samples, rate_hz = read_wav(find_cue(text))
    clip = load_clip(text, 48_000)
    assert len(clip.samples) / 48_000 == pytest.approx(len(samples) / rate_hz, abs=1e-3)
    assert measure_loudness(clip.samples, 48_000) == pytest.approx(SPEECH_LUFS, abs=0.3)
    back = resample(clip.samples, 48_000, rate_hz)
    assert np.corrcoef(back[: len(samples)], samples)[0, 1] > 0.99


def test_a_text_without_a_wav_has_a_soft_attention_tone():
    for text in ("My own cue", "", "../__init__", "¿?"):
        assert find_cue(text) is None
        np.testing.assert_array_equal(load_clip(text, 16_000).samples, attention_tone(16_000))
    tone = attention_tone(48_000)
    assert 0.02 < np.abs(tone).max() < 0.1
    assert len(tone) / 48_000 < 0.5
    assert max(abs(tone[0]), abs(tone[-1])) < 1e-3


def test_cues_are_there_for_another_rate_when_the_device_changes():
    cues, got = ShippedCues(["Hold"]), []
    for rate_hz in (44_100, 48_000):
        cues.prepare(rate_hz)
        cues.fetch("Hold", got.append)
        cues.fetch("Paused", got.append)
    lengths = [len(clip.samples) for clip in got]
    assert lengths[2] / lengths[0] == pytest.approx(48_000 / 44_100, abs=1e-3)
    assert lengths[3] / lengths[1] == pytest.approx(48_000 / 44_100, abs=1e-3)
