"""Prints what a live session costs beside the pose model, how old the picture on the screen is, and how it begins.

    python benchmarks/live.py [--model heavy full] [--minutes 0.5] [--record]

A sample clip is played as a camera of 1280 × 720 at 30 pictures a second, decoded from JPEG as a camera's are. Session,
recording, people and voice run in their threads as in ``formcoach live``; the main thread draws every moment and shows
it in a window where there is a display (``xvfb-run`` will do), else in an array. Each model runs in a process of its
own.

Libraries and the allocator take their last few megabytes in the first minutes, some of them at once: whether memory
stays flat over 30 minutes is judged only where 30 minutes are measured. A shorter run prints how much it grew, and how
much a minute in its second half.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from live_watch import SETTLED_S, WARMING_FRAMES, FrameTimes, MemoryWatch, Numbers, PauseWatch
from tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


CLIP = Path(__file__).parents[1] / "samples" / "good_side_left.mp4"
SIZE = (1280, 720)
CAMERA_FPS = 30.0
BARE_FRAMES = 60
# A camera sends fewer in a second [D].
MOST_FRAMES_A_SECOND = 40
# Memory must stay flat over so long a session: longer ones are rare [D].
FLAT_MINUTES = 30.0
STARTS = 3
# What was aimed at, so that beside the pose model nothing is felt [D]: milliseconds, inferences, megabytes, seconds.
ESTIMATOR_MS, OUTSIDE_MEDIAN_MS, OUTSIDE_P99_MS, OLDEST, GROWTH_MB, START_S = 5.0, 3.0, 15.0, 2.0, 20.0, 3.0


@dataclass(frozen=True)
class Measured:
    """What one session gave; times in milliseconds."""

    model: str
    bare_ms: float
    inference_ms: float
    outside_ms: tuple[float, float]
    estimator_ms: tuple[float, float]
    age_ms: tuple[float, float]
    oldest_inferences: float
    fps: float
    shown_fps: float
    longest_pause_ms: float
    growth_mb: float
    growth_mb_a_minute: float
    minutes: float


def make_clip_camera() -> Any:
    """Return a source that plays the sample over and over as a camera does."""
    import cv2
    import numpy as np

    from formcoach.video import Frame, SourceInfo, SourceKind, open_source
    from formcoach.video.frame import SourceBase

    class ClipCamera(SourceBase):
        """A camera that films the sample clip."""

        def __init__(self) -> None:
            super().__init__(SourceInfo("camera of the benchmark", SourceKind.CAMERA, *SIZE, fps=CAMERA_FPS))
            with open_source(CLIP) as source:
                self._pictures = [_encode(frame.image) for frame in source]

        def __iter__(self) -> Iterator[Frame]:
            """Yield pictures for ever, each when it is due."""
            began_s, index = time.monotonic(), 0
            while True:
                due_s = index / CAMERA_FPS
                time.sleep(max(0.0, began_s + due_s - time.monotonic()))
                image = cv2.imdecode(self._pictures[(index // 2) % len(self._pictures)], cv2.IMREAD_COLOR)
                image[0, 0] = index % 256  # no two are the same to the last bit
                yield Frame(index, due_s, image)
                index += 1

    def _encode(image: Any) -> Any:
        height = SIZE[1]
        width = round(image.shape[1] * height / image.shape[0])
        large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        left = (SIZE[0] - width) // 2
        wide = cv2.copyMakeBorder(large, 0, 0, left, SIZE[0] - width - left, cv2.BORDER_REPLICATE)
        return np.asarray(cv2.imencode(".jpg", wide, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])

    return ClipCamera()


def measure_bare_s(model: str) -> float:
    """Return the median of the bare call, mask included, with nothing else on the machine."""
    import cv2
    import mediapipe
    import numpy as np

    from formcoach.pose.mediapipe_model import MediaPipePoseModel
    from formcoach.pose.model_files import load_model_file

    camera = make_clip_camera()
    with MediaPipePoseModel(load_model_file(model)) as opened:
        landmarker = opened._landmarker
        seconds = []
        for index, frame in zip(range(BARE_FRAMES), camera, strict=False):
            rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
            began_s = time.perf_counter()
            result = landmarker.detect_for_video(image, index * 33)
            for mask in result.segmentation_masks or []:
                mask.numpy_view()
            seconds.append(time.perf_counter() - began_s)
    return float(np.median(seconds[WARMING_FRAMES:]))


def measure(model: str, minutes: float, record: bool) -> Measured:
    """Run a session with one model and return what it took."""
    import numpy as np

    from formcoach.cli.memory import use_one_heap
    from formcoach.coach.session.course import SessionOptions
    from formcoach.coach.session.director import Director
    from formcoach.coach.session.lines import all_texts
    from formcoach.feedback.voice import VoiceKind, open_voice
    from formcoach.live.engine import open_engine
    from formcoach.live.journal import keep_session
    from formcoach.live.moment import Slot
    from formcoach.live.options import LiveOptions
    from formcoach.live.people import PeopleWatch
    from formcoach.live.recording import Recording
    from formcoach.live.session import LiveSession
    from formcoach.live.worker import SessionThread, quick_turns, short_collections
    from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
    from formcoach.pose.model_files import load_model_file
    from formcoach.stretch import load_profile
    from formcoach.video.live import LiveFeed

    use_one_heap()
    bare_s = measure_bare_s(model)
    with tempfile.TemporaryDirectory() as folder:
        profile = load_profile()
        options = LiveOptions("0", profile, Path(folder), sets=10, model=model, record=record)
        engine = open_engine(model)
        most = round((60.0 * minutes + 2.0 * SETTLED_S) * MOST_FRAMES_A_SECOND)
        times = FrameTimes(engine, most)
        feed = LiveFeed("0", opener=make_clip_camera).start()
        voice = open_voice(VoiceKind.CUES, all_texts(profile))
        moments: Any = Slot()
        people = PeopleWatch(lambda: MediaPipePeopleDetector(load_model_file("full")))
        recording = Recording(options, feed.info, lambda: keep_session(options, feed.info))
        session = LiveSession(
            options,
            feed=feed,
            engine=engine,
            director=Director(profile, SessionOptions(sets=10)),
            voice=voice,
            recording=recording,
            people=people,
            moments=moments,
        )
        ages = Numbers(most)
        look = session.look_at

        def timed_look(frame: Any, report: Any) -> None:
            ages.append(feed.now() - frame.time_s)
            times.measure(lambda: look(frame, report))

        session.look_at = timed_look  # type: ignore[method-assign]
        with quick_turns(), short_collections(), PauseWatch() as pauses:
            shown_s, memory, seconds = _show(SessionThread(session), moments, feed, options, minutes, most)
        people.close()
        recording.finish(session.outcome())
        voice.close()
        feed.close()
        engine.close()
    bare, own, outside = times.split_ms()
    return Measured(
        model=model,
        bare_ms=1e3 * bare_s,
        inference_ms=float(np.median(bare)),
        outside_ms=(float(np.median(outside)), float(np.percentile(outside, 99))),
        estimator_ms=(float(np.median(own)), float(np.percentile(own, 99))),
        age_ms=(float(1e3 * np.median(shown_s)), float(1e3 * np.percentile(shown_s, 95))),
        oldest_inferences=float(1e3 * ages.values()[WARMING_FRAMES:].max() / np.median(bare)),
        fps=len(times) / seconds,
        shown_fps=len(shown_s) / seconds,
        longest_pause_ms=1e3 * pauses.longest_s,
        growth_mb=memory.growth_mb(),
        growth_mb_a_minute=memory.growth_mb_a_minute(),
        minutes=(seconds - SETTLED_S) / 60.0,
    )


def _show(
    thread: Any, moments: Any, feed: Any, options: Any, minutes: float, most: int
) -> tuple[NDArray[np.float64], MemoryWatch, float]:
    """Draw and show every moment for so many minutes; return ages when shown, memory, and seconds."""
    from formcoach.feedback.overlay.live_screen import LiveScreen
    from formcoach.feedback.window import LiveWindow

    screen = LiveScreen(options.profile, mirror=True)
    window = LiveWindow() if os.environ.get("DISPLAY") else None
    shown_s = Numbers(most)
    began_s = time.monotonic()
    memory = MemoryWatch(most)
    while time.monotonic() - began_s < 60.0 * minutes + SETTLED_S and not thread.has_ended:
        moment = moments.take(0.02)
        if moment is not None and moment.frame is not None:
            picture = screen.draw(
                moment.frame.image, moment.step, moment.direction, None, moment.notices, SIZE, camera_lost=False
            )
            if window is not None:
                window.show(picture)
            shown_s.append(feed.now() - moment.frame.time_s)
        if window is not None:
            window.read_key()
        memory.look(time.monotonic() - began_s)
    seconds = time.monotonic() - began_s
    thread.stop(10.0)
    if window is not None:
        window.close()
    if thread.error is not None:
        raise thread.error
    return shown_s.values(), memory, seconds


def measure_start_s(model: str) -> float:
    """Return how long the command takes from its start to its first processed frame, seconds: the median of a few."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(STARTS):
            began_s = time.monotonic()
            command = [
                sys.executable,
                "-m",
                "formcoach",
                "live",
                "--source",
                str(CLIP),
                "--no-window",
                "--voice",
                "off",
            ]
            process = subprocess.Popen(
                [*command, "--model", model],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=os.environ | {"FORMCOACH_HOME": folder, "PYTHONUNBUFFERED": "1"},
            )
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Watching with"):
                    times.append(time.monotonic() - began_s)
                    process.terminate()
            process.wait()
    return sorted(times)[len(times) // 2]


def make_table(one: Measured) -> Table:
    """Return what was measured beside its limits, and as parts of the bare call."""
    interval_ms = 1e3 / CAMERA_FPS
    limit_ms = interval_ms + one.inference_ms

    def row(name: str, value: float, limit: float | None, unit: str) -> tuple[str, ...]:
        ratio = f"{value / one.bare_ms:.2f}" if unit == "ms" else ""
        if limit is None:
            return name, f"{value:.1f} {unit}", "", ratio, ""
        return name, f"{value:.1f} {unit}", f"{limit:.1f} {unit}", ratio, "ok" if value <= limit else "MISSED"

    return Table(
        title=f"{one.model}: {one.fps:.1f} frames/s processed, {one.shown_fps:.1f} shown, of {CAMERA_FPS:g};"
        f" bare call {one.bare_ms:.1f} ms alone, {one.inference_ms:.1f} ms in the session",
        columns=("what", "measured", "limit", "of the bare call", ""),
        rows=(
            row("(a) outside the bare call, without the estimator, median", one.outside_ms[0], OUTSIDE_MEDIAN_MS, "ms"),
            row("(a) the same, 99th percentile", one.outside_ms[1], OUTSIDE_P99_MS, "ms"),
            row(
                "(a) angle estimator (networks, outline, features, calibration), median",
                one.estimator_ms[0],
                ESTIMATOR_MS,
                "ms",
            ),
            row("(a) angle estimator, 99th percentile", one.estimator_ms[1], None, "ms"),
            row("(b) age of the picture when shown, median", one.age_ms[0], limit_ms, "ms"),
            row("(b) the same, 95th percentile", one.age_ms[1], None, "ms"),
            row("(c) oldest frame processed, inferences", one.oldest_inferences, OLDEST, ""),
            row("(c) longest collection of garbage", one.longest_pause_ms, None, "ms"),
            row(
                f"(d) growth of memory in {one.minutes:.1f} min",
                one.growth_mb,
                GROWTH_MB if one.minutes >= FLAT_MINUTES else None,
                "MB",
            ),
            row("(d) growth a minute in the second half", one.growth_mb_a_minute, None, "MB"),
        ),
        words=1,
    )


def main() -> None:
    """Print one table a model, then how long the command takes to begin."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("lite", "full", "heavy"), nargs="+", default=["heavy", "full"])
    parser.add_argument("--minutes", type=float, default=0.5, help="per model, after the first seconds")
    parser.add_argument("--record", action="store_true", help="write the video too")
    parser.add_argument("--no-start", action="store_true", help="leave (e) out")
    arguments = parser.parse_args()
    spawning = multiprocessing.get_context("spawn")
    for model in arguments.model:
        with spawning.Pool(1) as pool:
            print(make_table(pool.apply(measure, (model, arguments.minutes, arguments.record))).render(), flush=True)
    if arguments.no_start:
        return
    for model in ("auto", *arguments.model):
        start_s = measure_start_s(model)
        verdict = "ok" if start_s <= START_S else "MISSED"
        print(
            f"(e) from start to the first processed frame, {model}: {start_s:.2f} s of {START_S:g} s  {verdict}",
            flush=True,
        )


if __name__ == "__main__":
    main()
