"""Prints what keeping a session costs: time and bytes a recorded second, how fast the store opens, lists and reports.

    python benchmarks/store.py [--model lite] [--seconds 120] [--minutes 30] [--sessions 1000] [--folder FOLDER]

The poses are those of the pose model on the sample clip, walked to and fro until the time is filled, with the time
stamps of a camera of the clip's rate. First some ways to pack a second of them (all without loss); then a session as a
live one writes it, each second in a commit that is written through to the disk; then the report and the exports of a
long session, whose angles are those of ``report_speed.py`` (in seconds by the clock, and of the processor alone, which
other programs do not lengthen); then a store of many sessions without frames. The disk is that of FOLDER, else that of
the system's temporary files.
"""

from __future__ import annotations

import argparse
import lzma
import statistics
import tempfile
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from formcoach.analysis.exporting import ExportTarget, export_session
from formcoach.analysis.kept import write_session_report
from formcoach.coach.session.types import FREE
from formcoach.errors import MissingLibraryError
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.export.archive import read_archive
from formcoach.sessions.journal import SessionPlan
from formcoach.sessions.measured import Measured
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.frames import StoredFrames, describe_layout, pack_frames, pack_guidance, unpack_frames
from formcoach.stretch import load_profile
from formcoach.video import SourceInfo, SourceKind, open_source
from report_speed import TARGET_S, make_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from formcoach.pose.model import ModelInfo

CLIP = Path(__file__).parents[1] / "samples" / "good_side_left.mp4"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the pose model saw in the clip."""

    model: ModelInfo
    size: tuple[int, int]
    fps: float
    poses: list[Pose]


def watch(variant: str) -> Seen:
    """Run the pose model over the clip."""
    with (
        open_source(str(CLIP)) as source,
        MediaPipePoseModel(load_model_file(variant), estimator=PixelEstimator()) as model,
    ):
        poses = [model.detect(frame) for frame in source]
        info = source.info
        return Seen(model.info, (info.width, info.height), info.fps or 30.0, poses)


def raw(frames: StoredFrames) -> bytes:
    """Return all numbers one after the other."""
    arrays = [frames.index, frames.time_s, *(getattr(frames.pose, name) for name in FIELD_SHAPES)]
    return b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)


def shuffled(frames: StoredFrames) -> bytes:
    """Return the bytes of all numbers sorted by significance."""
    arrays = [frames.index, frames.time_s, *(getattr(frames.pose, name) for name in FIELD_SHAPES)]
    return b"".join(np.ascontiguousarray(a).view(np.uint8).reshape(-1, a.dtype.itemsize).T.tobytes() for a in arrays)


def stepped(frames: StoredFrames) -> bytes:
    """Return what the store packs, before it is compressed: steps from frame to frame, bytes by significance."""
    return zlib.decompress(pack_frames(frames))


FORMS: dict[str, Callable[[StoredFrames], bytes]] = {
    "numbers": raw,
    "bytes by significance": shuffled,
    "steps, bytes by significance": stepped,
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "zlib 1": partial(zlib.compress, level=1),
    "zlib 6": partial(zlib.compress, level=6),
    "zlib 9": partial(zlib.compress, level=9),
    "lzma 0": partial(lzma.compress, preset=0),
    "lzma 6": partial(lzma.compress, preset=6),
}


def cut_seconds(seen: Seen) -> list[StoredFrames]:
    """Return the clip in pieces of a second."""
    count = round(seen.fps)
    return [
        StoredFrames(
            np.arange(first, first + count),
            np.arange(first, first + count) / seen.fps,
            Pose.stack(seen.poses[first : first + count]),
            (FREE,) * count,
        )
        for first in range(0, len(seen.poses) - count + 1, count)
    ]


def print_packing(seen: Seen) -> None:
    """Print bytes and time of each way to pack a second."""
    seconds = cut_seconds(seen)
    size = statistics.mean(len(raw(one)) for one in seconds)
    print(f"One second of {seen.fps:.0f} frames: {size:.0f} bytes of numbers")
    print("  (bytes a second, and milliseconds for the compression alone)")
    for form, pack in FORMS.items():
        packed = [pack(one) for one in seconds]
        cells = []
        for name, compress in COMPRESSIONS.items():
            start = time.perf_counter()
            total = sum(len(compress(one)) for one in packed)
            took_ms = (time.perf_counter() - start) / len(packed) * 1e3
            cells.append(f"{name} {total / len(packed):6.0f} B {took_ms:5.1f} ms")
        print(f"  {form:29}" + " | ".join(cells))
    start = time.perf_counter()
    blocks = [pack_frames(one) for one in seconds]
    packing_ms = (time.perf_counter() - start) / len(seconds) * 1e3
    layout, guidance = describe_layout(), pack_guidance(seconds[0].guidance)
    start = time.perf_counter()
    for block, one in zip(blocks, seconds, strict=True):
        unpack_frames(block, len(one), layout, guidance)
    unpacking_ms = (time.perf_counter() - start) / len(seconds) * 1e3
    share = sum(map(len, blocks)) / len(blocks) / size
    print(f"  the store: {share:.2f} of the numbers, packed in {packing_ms:.1f} ms, unpacked in {unpacking_ms:.1f} ms")


def print_recording(seen: Seen, folder: Path, seconds: float) -> None:
    """Record a session as a live one does and print what it costs."""
    source = SourceInfo("camera 0", SourceKind.CAMERA, *seen.size, fps=seen.fps)
    to_and_fro = [*seen.poses, *reversed(seen.poses)]
    took_s, calls_s = 0.0, []
    with SessionStore(folder / "one") as store:
        with store.begin(SessionPlan(source, load_profile(), None, 2)) as journal:
            journal.begin_segment(seen.model, seen.size)
            for number in range(round(seconds * seen.fps)):
                pose = to_and_fro[number % len(to_and_fro)]
                start = time.perf_counter()
                journal.append(number, number / seen.fps, pose, FREE)
                calls_s.append(time.perf_counter() - start)
                took_s += calls_s[-1]
        commits_ms = sorted(one * 1e3 for one in calls_s)[-round(seconds) :]
        start = time.perf_counter()
        loaded = store.load(journal.session_id)
        load_s = time.perf_counter() - start
        frames = len(loaded.segments[0].frames)
    size = sum(path.stat().st_size for path in (folder / "one").rglob("*") if path.is_file())
    print(f"A session of {seconds:.0f} s, {frames} frames, written through to the disk every second:")
    print(f"  {took_s / seconds * 1e3:.1f} ms and {size / seconds:.0f} bytes a recorded second")
    print(f"  a commit with its second: median {statistics.median(commits_ms):.1f} ms, longest {commits_ms[-1]:.1f} ms")
    print(f"  read back in {load_s / seconds * 1e3:.1f} ms a recorded second")


def print_long_session(seen: Seen, folder: Path, minutes: float) -> None:
    """Keep a long session and print how long its report and its exports take, and what they are made of."""
    record, series = make_session(minutes, seen.fps)
    count = len(series.time_s)
    index = np.arange(count)
    codes = np.zeros(count, dtype=np.int8)
    to_and_fro = [*seen.poses, *reversed(seen.poses)]
    poses = Pose.stack(to_and_fro)
    size = round(seen.fps)
    frames = (
        StoredFrames(index[at : at + size], series.time_s[at : at + size], poses[rows], (FREE,) * len(rows))
        for at in range(0, count, size)
        for rows in (index[at : at + size] % len(to_and_fro),)
    )
    source = SourceInfo("camera 0", SourceKind.CAMERA, *seen.size, fps=seen.fps)
    path = folder / "long" / "x"
    with SessionStore(folder / "long") as store:
        plan = SessionPlan(source, record.profile, None, 2)
        session_id = store.add_recording(plan, frames, record, Measured(index, codes, codes, series))
        (result,) = store._connection.execute("SELECT length(block) FROM results").fetchone()
    per_second = result / 60 / minutes
    print(f"A session of {minutes:g} minutes, {count} frames; {per_second:.0f} bytes of angles a second:")
    with SessionStore(folder / "long") as store:
        with timed(f"report (target {TARGET_S:g} s)"):
            written = write_session_report(store, session_id)
        print(f"  of {written.stat().st_size / 1e6:.2f} MB")
        for kind in ("csv", "json", "parquet", "trc", "mot", "zip"):
            try:
                with timed(kind):
                    export_session(store, session_id, kind, ExportTarget(path))
            except MissingLibraryError as error:
                print(f"  {kind}: {error}")
    with SessionStore(folder / "elsewhere") as store, timed("import"):
        read_archive(store, path / f"{session_id}.zip")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something takes."""
    start, start_cpu = time.perf_counter(), time.process_time()
    yield
    took_s, took_cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
    print(f"  {what}: {took_s:.2f} s, of the processor {took_cpu_s:.2f} s", flush=True)


def print_listing(seen: Seen, folder: Path, sessions: int) -> None:
    """Make many sessions without frames and print how long opening and listing them takes."""
    source = SourceInfo("camera 0", SourceKind.CAMERA, *seen.size, fps=seen.fps)
    profile = load_profile()
    with SessionStore(folder / "many") as store:
        start = time.perf_counter()
        for _ in range(sessions):
            store.begin(SessionPlan(source, profile, None, 2)).finish_empty()
        begun_ms = (time.perf_counter() - start) / max(sessions, 1) * 1e3
    start = time.perf_counter()
    with SessionStore(folder / "many") as store:
        opened = time.perf_counter()
        found = len(store.list())
        listed = time.perf_counter()
    print(f"A store of {found} sessions, each begun and closed in {begun_ms:.1f} ms:")
    print(f"  opened in {(opened - start) * 1e3:.0f} ms, listed in {(listed - opened) * 1e3:.0f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="what keeping a session costs")
    parser.add_argument("--model", default="lite")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    seen = watch(options.model)
    print_packing(seen)
    with tempfile.TemporaryDirectory(prefix="formcoach-", dir=options.folder) as folder:
        print_recording(seen, Path(folder), options.seconds)
        print_long_session(seen, Path(folder), options.minutes)
        print_listing(seen, Path(folder), options.sessions)


if __name__ == "__main__":
    main()
