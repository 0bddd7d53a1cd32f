"""Loudness against another program's measure of it."""

import av
import av.filter
import numpy as np
import pytest

from formcoach.feedback.voice.loudness import PEAK_LIMIT, SPEECH_LUFS, measure_loudness, normalise


def measured_by_ffmpeg(samples, rate_hz):
    """Integrated loudness by FFmpeg's `ebur128`."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate_hz, format="flt", layout="mono")
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    last = None
    for at in range(0, len(samples), 4800):
        frame = av.AudioFrame.from_ndarray(samples[None, at : at + 4800].astype(np.float32), "flt", "mono")
        frame.sample_rate, frame.pts = rate_hz, at
        graph.push(frame)
        while True:
            try:
                last = graph.pull()
            except (BlockingIOError, EOFError):
                break
    return float(last.metadata["lavfi.r128.I"])


@pytest.mark.parametrize("rate_hz", [22_050, 48_000])
def test_a_full_tone_of_1_khz_is_as_loud_as_the_recommendation_says(rate_hz):
    tone = np.sin(2 * np.pi * 997 * np.arange(3 * rate_hz) / rate_hz).astype(np.float32)
    assert measure_loudness(tone, rate_hz) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate_hz", [22_050, 48_000])
def test_noise_that_swells_is_measured_as_ffmpeg_measures_it(rate_hz):
    time_s = np.arange(4 * rate_hz) / rate_hz
    noise = np.random.default_rng(0).normal(0, 0.05, len(time_s)) * (1 + np.sin(3 * time_s)) ** 2
    noise = noise.astype(np.float32)
    assert measure_loudness(noise, rate_hz) == pytest.approx(measured_by_ffmpeg(noise, rate_hz), abs=0.1)


def test_silence_is_left_out_and_has_no_loudness_itself():
    rate_hz = 22_050
    noise = np.random.default_rng(0).normal(0, 0.05, rate_hz).astype(np.float32)
    padded = np.concatenate([noise, np.zeros(4 * rate_hz, np.float32)])
    assert measure_loudness(padded, rate_hz) == pytest.approx(measure_loudness(noise, rate_hz), abs=1.0)
    assert measure_loudness(np.zeros(rate_hz, np.float32), rate_hz) == -np.inf
    assert measure_loudness(np.zeros(0, np.float32), rate_hz) == -np.inf
    assert not normalise(np.zeros(rate_hz, np.float32), rate_hz).any()


def test_speech_is_brought_to_the_one_loudness_without_breaking_the_limit():
    rate_hz = 22_050
    noise = np.random.default_rng(0).normal(0, 0.01, rate_hz).astype(np.float32)
    assert measure_loudness(normalise(noise, rate_hz), rate_hz) == pytest.approx(SPEECH_LUFS, abs=0.01)
    noise[100] = 1.0
    assert np.abs(normalise(noise, rate_hz)).max() == pytest.approx(PEAK_LIMIT)
