"""Prints how long the report of a long session takes to build, and how large it is.

    python benchmarks/report_speed.py [--minutes 30] [--fps 30] [--rounds 3]

The angles are made up: they wander, are unknown now and then, and two flags are raised in every hold.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from formcoach.angles import Angle, Readings
from formcoach.pose.landmarks import Side
from formcoach.pose.model import ModelInfo
from formcoach.sessions.record import SessionRecord
from formcoach.sessions.report import render_report
from formcoach.sessions.series import AngleSeries
from formcoach.stretch import Severity, load_profile
from formcoach.stretch.events import FlagPeriod
from formcoach.stretch.phases import Hold
from formcoach.video import SourceInfo, SourceKind

TARGET_S, TARGET_BYTES = 3.0, 1_500_000


def make_session(minutes: float, fps: float) -> tuple[SessionRecord, AngleSeries]:
    """Return a session of a hold every minute, and its angles over time."""
    random = np.random.default_rng(0)
    time_s = np.arange(0.0, minutes * 60.0, 1.0 / fps)
    readings = Readings.unknown((len(time_s),))
    readings.status[:] = 0
    for angle in Angle:
        wander = 15.0 * np.sin(time_s / 9.0 + angle.column) + random.normal(0.0, 1.0, len(time_s))
        readings.value_deg[:, angle.column] = wander
        readings.sigma_deg[:, angle.column] = 4.0 + np.sin(time_s / 20.0)
        readings.value_deg[random.random(len(time_s)) < 0.02, angle.column] = np.nan
    starts = np.arange(20.0, minutes * 60.0 - 40.0, 60.0).tolist()
    holds = tuple(
        Hold((Side.LEFT, Side.RIGHT)[index % 2], start_s, start_s + 33.0, 30.0, 22.0)
        for index, start_s in enumerate(starts)
    )
    flags = tuple(
        FlagPeriod(name, severity, start_s + 3.0, start_s + 7.0, 27.0)
        for start_s in starts
        for name, severity in (("lumbar_flexion", Severity.STRONG), ("ankle_dorsiflexion", Severity.WARN))
    )
    judged = np.zeros(len(time_s), dtype=np.bool_)
    for hold in holds:
        judged |= (time_s >= hold.start_s) & (time_s <= hold.end_s)
    series = AngleSeries(time_s, readings, judged)
    record = SessionRecord(
        program_version="benchmark",
        versions={},
        path="causal",
        estimator="none",
        estimator_sha256={},
        model=ModelInfo("none", "heavy", "none", "0" * 64, known=True, library="none"),
        source=SourceInfo("camera 0", SourceKind.CAMERA, 1280, 720, fps=fps),
        frames=len(time_s),
        skipped_frames=0,
        duration_s=minutes * 60.0,
        people=1,
        partial=False,
        profile=load_profile(),
        leg=Side.LEFT,
        facing="left",
        view="side",
        azimuth_deg=90.0,
        baselines=(),
        holds=holds,
        flags=flags,
        unchecked=(),
        angles=series.summaries(),
    )
    return record, series


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    record, series = make_session(arguments.minutes, arguments.fps)
    taken_s = []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        html = render_report(record, series, video=None, picture=None)
        taken_s.append(time.perf_counter() - start)
    size = len(html.encode())
    print(f"{arguments.minutes:g} minutes at {arguments.fps:g} frames a second: {len(series.time_s)} frames")
    print(f"first {taken_s[0]:.2f} s, best {min(taken_s):.2f} s (target {TARGET_S:g} s)")
    print(f"{size / 1e6:.2f} MB (target {TARGET_BYTES / 1e6:g} MB)")


if __name__ == "__main__":
    main()
