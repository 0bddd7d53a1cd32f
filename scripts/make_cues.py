"""Makes the spoken cues in ``src/formcoach/feedback/voice/cues``.

    apt-get install festival festvox-us-slt-hts
    python scripts/make_cues.py

One voice, one loudness, one WAV for each text that a session or a bundled exercise can say; files whose text is gone
are removed. The same machine gives the same bytes every time, so that only what has changed shows in a commit.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from formcoach.feedback.voice.clips import read_wav, resample, slug
from formcoach.feedback.voice.loudness import PEAK_LIMIT, SPEECH_LUFS, measure_loudness
from formcoach.feedback.voice.texts import shipped_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).parents[1] / "src" / "formcoach" / "feedback" / "voice" / "cues"
PROGRAM = "text2wave"
PACKAGES = "festival festvox-us-slt-hts"
VOICE = "cmu_us_slt_arctic_hts"
# A little slower than the voice speaks by itself: somebody who exercises follows while listening [D].
PACE = 0.88
RATE_HZ = 22050
# What is softer than this at either end is silence.
SILENCE_DBFS = -50.0
# Left before and after the speech, and faded over: an abrupt edge clicks.
MARGIN_S = 0.02
FADE_S = 0.01
# Words that the voice would read otherwise.
SPELLINGS = {"side-on": "side on"}


def speak(text: str, pace: float = PACE) -> NDArray[np.float32]:
    """Return a text spoken by the voice, as it comes; shape (samples,), at `RATE_HZ`."""
    for written, spoken in SPELLINGS.items():
        text = text.replace(written, spoken)
    settings = f'(begin (voice_{VOICE}) (set! hts_engine_params (cons (list "-r" {pace}) hts_engine_params)))'
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "spoken.wav")
        command = [PROGRAM, "-eval", settings, "-o", str(file)]
        subprocess.run(command, input=text.encode(), check=True, timeout=60, capture_output=True)
        samples, rate_hz = read_wav(file)
    return resample(samples, rate_hz, RATE_HZ)


def trim(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what lies between the silences, with a short margin that fades in and out."""
    window = RATE_HZ // 100
    level = np.sqrt(np.convolve(samples**2, np.ones(window) / window, "same"))
    loud = np.flatnonzero(level > np.max(level) * 10 ** ((SILENCE_DBFS - SPEECH_LUFS) / 20))
    margin, fade = round(MARGIN_S * RATE_HZ), round(FADE_S * RATE_HZ)
    kept = samples[max(0, loud[0] - margin) : loud[-1] + 1 + margin].copy()
    swell = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    kept[:fade] *= swell
    kept[-fade:] *= swell[::-1]
    return kept


def level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return speech at the one loudness, with its few highest peaks rounded off so that all cues reach it."""
    for _ in range(20):
        samples = samples * np.float32(10 ** ((SPEECH_LUFS - measure_loudness(samples, RATE_HZ)) / 20))
        if np.max(np.abs(samples)) <= PEAK_LIMIT:
            break
        # Straight up to the knee, then bent towards the limit.
        knee = 0.7 * PEAK_LIMIT
        over = np.maximum(np.abs(samples) - knee, 0.0)
        bent = knee + (PEAK_LIMIT - knee) * np.tanh(over / (PEAK_LIMIT - knee))
        samples = np.where(over > 0, np.copysign(bent, samples), samples).astype(np.float32)
    return np.clip(samples, -PEAK_LIMIT, PEAK_LIMIT)


def make_cue(text: str) -> NDArray[np.float32]:
    """Return a text as it is shipped; shape (samples,), at `RATE_HZ`, -1 to 1."""
    return level(trim(speak(text)))


def write_wav(file: Path, samples: NDArray[np.float32]) -> None:
    """Write samples as 16 bits, one channel."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


def main() -> int:
    """Make all cues; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the WAV files go")
    folder = parser.parse_args().folder
    if shutil.which(PROGRAM) is None:
        print(f"{PROGRAM} is not installed: on Debian run 'apt-get install {PACKAGES}'")
        return 1
    texts = {slug(text): text for text in shipped_texts()}
    for file in folder.glob("*.wav"):
        if file.stem not in texts:
            print(f"- {file.name}")
            file.unlink()
    for name, text in texts.items():
        samples = make_cue(text)
        write_wav(folder / f"{name}.wav", samples)
        loudness = measure_loudness(samples, RATE_HZ)
        print(f"{len(samples) / RATE_HZ:5.2f} s {loudness:6.1f} LUFS, peak {np.max(np.abs(samples)):.2f}  {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
