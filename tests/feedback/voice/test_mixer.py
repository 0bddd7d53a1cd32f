"""What the mixer renders, by simulated time."""

import numpy as np
import pytest

from formcoach.coach.session.types import Urgency
from formcoach.feedback.voice.clips import Clip
from formcoach.feedback.voice.mixer import (
    CUT_OFF_S,
    DUCKED,
    MAXIMUM_AGE_S,
    MAXIMUM_WAITING,
    PAUSE_S,
    TONE_DBFS,
    TONE_FADE_S,
    Mixer,
)

RATE_HZ = 1000
PAUSE = round(PAUSE_S * RATE_HZ)
CUT_OFF = round(CUT_OFF_S * RATE_HZ)


def clip(text, value=0.5, seconds=1.0):
    return Clip(text, np.full(round(seconds * RATE_HZ), value, np.float32))


class Played:
    """A mixer that is asked for samples as time passes."""

    def __init__(self, block=64, rate_hz=RATE_HZ):
        self.mixer = Mixer(rate_hz)
        self.samples = np.zeros(0, np.float32)
        self._block = block

    @property
    def now_s(self):
        return len(self.samples) / self.mixer.rate_hz

    def say(self, *clips, urgency=Urgency.IN_TURN):
        for one in clips:
            self.mixer.say(one, urgency, self.now_s)

    def play(self, seconds):
        end = len(self.samples) + round(seconds * self.mixer.rate_hz)
        while len(self.samples) < end:
            part = self.mixer.render(min(self._block, end - len(self.samples)), self.now_s)
            assert part.dtype == np.float32
            self.samples = np.concatenate([self.samples, part])
        return self

    def said(self):
        """The values that were heard, in order: each clip of these tests has its own."""
        runs = np.split(self.samples, np.flatnonzero(np.diff(self.samples)) + 1)
        return [round(float(run[0]), 3) for run in runs if len(run) > 10 and run[0]]


def level_dbfs(samples):
    return 20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


@pytest.mark.parametrize("block", [1, 7, 64, 5000])
def test_clips_are_played_sample_for_sample_with_a_pause_between_them_whatever_the_block(block):
    played = Played(block)
    ramp = Clip("ramp", np.linspace(0.1, 0.9, 300, dtype=np.float32))
    played.say(ramp, clip("second", -0.25, 0.2))
    played.play(1.0)
    expected = np.concatenate([ramp.samples, np.zeros(PAUSE), np.full(200, -0.25), np.zeros(1000 - 500 - PAUSE)])
    np.testing.assert_array_equal(played.samples, expected.astype(np.float32))


def test_in_turn_waits_for_its_turn():
    played = Played()
    played.say(clip("a", 0.1), clip("b", 0.2))
    played.play(0.5)
    played.say(clip("c", 0.3))
    played.play(5.0)
    assert played.said() == [0.1, 0.2, 0.3]


def test_if_quiet_is_left_out_while_something_is_said_or_waits():
    played = Played()
    played.say(clip("a", 0.1))
    played.say(clip("waiting is enough", 0.2), urgency=Urgency.IF_QUIET)
    played.play(0.5)
    played.say(clip("during", 0.3), urgency=Urgency.IF_QUIET)
    played.play(2.0)
    played.say(clip("quiet", 0.4), urgency=Urgency.IF_QUIET)
    played.play(2.0)
    assert played.said() == [0.1, 0.4]


def test_now_cuts_off_softly_and_empties_the_queue():
    played = Played()
    played.say(clip("a", 0.4), clip("b", 0.2))
    played.play(0.5)
    played.say(clip("stop", 0.8), urgency=Urgency.NOW)
    played.play(3.0)
    fading = played.samples[500 : 500 + CUT_OFF]
    np.testing.assert_allclose(fading, 0.4 * np.linspace(1, 0, CUT_OFF, endpoint=False), atol=1e-6)
    assert np.all(played.samples[500 + CUT_OFF : 1500 + CUT_OFF] == np.float32(0.8))
    assert not played.samples[1500 + CUT_OFF :].any()


def test_now_is_heard_at_once_when_nothing_is_said_not_even_the_pause_is_waited_for():
    played = Played()
    played.say(clip("a", 0.1, 0.5))
    played.play(0.5)
    played.say(clip("stop", 0.8), urgency=Urgency.NOW)
    played.play(0.01)
    assert played.samples[500] == np.float32(0.8)


def test_now_does_not_begin_again_what_is_being_said_but_nothing_follows_it():
    played = Played()
    played.say(clip("stop", 0.8), urgency=Urgency.NOW)
    played.say(clip("b", 0.2))
    played.play(0.3)
    played.say(clip("stop", 0.8), urgency=Urgency.NOW)
    played.play(3.0)
    assert np.count_nonzero(played.samples) == RATE_HZ
    assert played.said() == [0.8]


def test_what_comes_after_now_is_said_after_it():
    played = Played()
    played.say(clip("a", 0.1))
    played.play(0.2)
    played.say(clip("stop", 0.8), urgency=Urgency.NOW)
    played.say(clip("then this", 0.3))
    played.play(3.0)
    assert played.said() == [0.1, 0.8, 0.3]
    assert np.count_nonzero(np.isclose(played.samples, 0.3)) == RATE_HZ


def test_a_clip_that_was_asked_for_before_now_and_comes_late_is_not_said():
    played = Played().play(1.0)
    played.say(clip("stop", 0.8, 0.2), urgency=Urgency.NOW)
    played.mixer.say(clip("late", 0.3), Urgency.IN_TURN, 0.9)
    played.play(3.0)
    assert played.said() == [0.8]


def test_cues_that_have_waited_too_long_are_dropped():
    played = Played()
    played.say(clip("long", 0.1, MAXIMUM_AGE_S + 0.1), clip("old by then", 0.2))
    played.play(3.0)
    played.say(clip("young by then", 0.3))
    played.play(10.0)
    assert played.said() == [0.1, 0.3]


def test_at_most_a_few_wait_and_the_oldest_go():
    played = Played()
    played.say(clip("a", 0.05, 0.1))
    played.play(0.05)
    played.say(*(clip(str(number), 0.1 * number, 0.1) for number in range(1, MAXIMUM_WAITING + 3)))
    played.play(5.0)
    assert played.said() == [0.05, *(round(0.1 * number, 3) for number in range(3, MAXIMUM_WAITING + 3))]


def test_muting_ends_what_is_said_and_it_is_not_said_later():
    played = Played()
    played.mixer.set_tone(True)
    played.play(1.0)
    played.say(clip("a", 0.4), clip("b", 0.2))
    played.play(0.3)
    played.mixer.muted = True
    played.say(clip("while muted", 0.3))
    played.play(2.0)
    assert not played.samples[1300 + round(TONE_FADE_S * RATE_HZ) :].any()
    assert np.abs(played.samples[1300 + CUT_OFF : 1800]).max() < 0.1  # only the tone still fades
    assert played.mixer.is_quiet
    played.mixer.muted = False
    played.mixer.set_tone(False)
    played.say(clip("after", 0.6, 0.1))
    before = len(played.samples)
    played.play(1.0)
    assert np.count_nonzero(played.samples[before:] > 0.5) == 100


def test_the_tone_is_quiet_steady_and_fades():
    played = Played(block=480, rate_hz=48_000)
    played.mixer.set_tone(True)
    played.play(3.0)
    played.mixer.set_tone(False)
    played.play(1.0)
    tone = played.samples
    assert level_dbfs(tone[48_000:144_000]) == pytest.approx(TONE_DBFS, abs=0.1)
    assert level_dbfs(tone[48_000:96_000]) == pytest.approx(level_dbfs(tone[96_000:144_000]), abs=0.01)
    # Nothing jumps: neither at a block's seam, nor at the table's, nor where it begins and ends.
    assert np.abs(np.diff(tone, prepend=0.0, append=0.0)).max() < 2 * np.pi * 523 / 48_000 * np.abs(tone).max()
    assert np.abs(tone[:2400]).max() < 0.15 * np.abs(tone).max()
    assert not tone[144_000 + 24_000 :].any()
    assert tone[144_000 + 20_000 :].any()


def test_the_tone_steps_back_under_speech_and_comes_again():
    played = Played(block=480, rate_hz=48_000)
    played.mixer.set_tone(True)
    played.play(2.0)
    played.say(Clip("silent speech", np.zeros(96_000, np.float32)))
    played.play(4.0)
    tone = played.samples
    assert level_dbfs(tone[48_000:96_000]) == pytest.approx(TONE_DBFS, abs=0.1)
    assert level_dbfs(tone[120_000:190_000]) == pytest.approx(TONE_DBFS + 20 * np.log10(DUCKED), abs=0.2)
    assert level_dbfs(tone[240_000:288_000]) == pytest.approx(TONE_DBFS, abs=0.1)


def test_the_loudest_sum_stays_within_what_a_device_takes():
    played = Played()
    played.mixer.set_tone(True)
    played.say(clip("loud", 1.0))
    played.play(1.0)
    assert np.abs(played.samples).max() == 1.0


def test_quiet_means_that_nothing_is_said_or_waits():
    played = Played()
    assert played.mixer.is_quiet
    played.say(clip("a", seconds=0.1))
    assert not played.mixer.is_quiet
    played.play(0.05)
    assert not played.mixer.is_quiet
    played.play(0.1)
    assert played.mixer.is_quiet
