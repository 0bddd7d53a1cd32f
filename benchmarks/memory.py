"""Prints the peak memory of analysing a 1-minute and a 10-minute clip: it must not grow with the length.

    python benchmarks/memory.py [--model lite] [--minutes 1 10]

The clips are a sample clip over and over. Each is analysed by a command of its own, overlay video included; the peak is
the largest resident memory that the system saw of that command. A process that starts another hands its own peak on
(Linux counts it until the new program is loaded), so this one stays small: the clips are written by another process.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CLIP = Path(__file__).parents[1] / "samples" / "good_side_left.mp4"
# Allowed between the shortest and the longest clip.
ALLOWED_MB = 50


def write_loop(path: Path, minutes: float) -> int:
    """Write the sample clip over and over, and return the number of frames."""
    from formcoach.video import open_source
    from formcoach.video.writer import VideoWriter

    with open_source(CLIP) as source:
        info, frames = source.info, list(source)
    step_s = frames[1].time_s - frames[0].time_s
    count = round(minutes * 60.0 / step_s)
    with VideoWriter(path, (info.width, info.height), info.fps or 15.0) as writer:
        for index in range(count):
            writer.write(frames[index % len(frames)].image, index * step_s)
    return count


def measure_peak_mb(clip: Path, out: Path, model: str) -> float:
    """Analyse a clip in a process of its own and return its peak memory in megabytes."""
    command = [sys.executable, "-m", "formcoach", "analyze", str(clip), "--out", str(out), "--model", model, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the analysis of {clip.name} failed with {process.returncode}")
    return usage.ru_maxrss / 1024.0


def main() -> None:
    """Print frames and peak of every length, and how far the peaks lie apart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="lite")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0])
    arguments = parser.parse_args()
    peaks = []
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            clip = Path(folder) / f"minutes_{minutes:g}.mp4"
            with spawning.Pool(1) as pool:
                frames = pool.apply(write_loop, (clip, minutes))
            peaks.append(measure_peak_mb(clip, Path(folder) / f"out_{len(peaks)}", arguments.model))
            print(f"{minutes:5g} min  {frames:6} frames  {peaks[-1]:7.1f} MB peak", flush=True)
    spread = max(peaks) - min(peaks)
    print(f"{spread:.1f} MB apart; {ALLOWED_MB} MB are allowed")
    if spread > ALLOWED_MB:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
