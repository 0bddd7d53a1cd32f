"""Keeps a session as it happens, in a thread of its own: the session never waits for the disk."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import av.error
import cv2
import numpy as np

from formcoach.analysis.analyze import OVERLAY_VIDEO
from formcoach.analysis.recorder import SessionRecorder
from formcoach.analysis.replay import find_sets
from formcoach.coach import PathKind
from formcoach.errors import FormCoachError, NoPersonError
from formcoach.feedback.overlay import Overlay
from formcoach.sessions.folder import SESSIONS_FOLDER, ResultFolder, explain_write_error
from formcoach.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

    from formcoach.angles.baseline import Baseline
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction, Guidance, SessionEvent, Symptom
    from formcoach.live.journal import KeptSession
    from formcoach.live.options import LiveOptions
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.sessions.journal import SessionJournal
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.phases import Hold
    from formcoach.video import Frame, SourceInfo

# Who is further behind than this is told so [D].
BEHIND_S = 3.0
# Rows are small: ten minutes of them fit. Pictures are not: two seconds of a camera (about 160 MB of 720p) [D].
MAXIMUM_ROWS = 10_000
MAXIMUM_PICTURES = 60
_FPS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One frame that was looked at; with its picture where a video is kept."""

    index: int
    pose: Pose
    guidance: Guidance
    step: CoachStep
    direction: Direction
    image: NDArray[np.uint8] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    model: ModelInfo
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Happened:
    """What happened without a frame: events and symptoms."""

    events: tuple[SessionEvent, ...]
    symptoms: tuple[Symptom, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    name: str
    image: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the session thread knows at the end.

    Attributes
    ----------
    baselines, holds : tuples
        Of all coaches, in order of time.
    people : int
        How many people stayed in the picture.
    skipped_frames : int
        Pictures that could not be decoded.
    notes : tuple of str
        Sentences for the report.
    """

    baselines: tuple[Baseline, ...] = ()
    holds: tuple[Hold, ...] = ()
    people: int = 1
    skipped_frames: int = 0
    notes: tuple[str, ...] = field(default=())


class Recording:
    """The files of a session's folder and its journal, written by a thread.

    All methods but `finish` return at once and may be called from any thread.

    Parameters
    ----------
    options
        What was asked for.
    source
        Where the pictures come from.
    keep
        Begins the session in the store; used in the thread alone.

    Raises
    ------
    OutputError
        When the folder of sessions cannot be written.
    """

    def __init__(
        self, options: LiveOptions, source: SourceInfo, keep: Callable[[], AbstractContextManager[KeptSession]]
    ) -> None:
        self._options = options
        self._source = source
        self._keep = keep
        self._queue: queue.Queue[_Row | _Segment | _Happened | _Snapshot | Outcome | None] = queue.Queue()
        self._pictures = 0
        self._left_out = 0
        self._lost_rows = 0
        self._put_s = self._done_s = 0.0
        self._snapshots = 0
        self._error: Exception | None = None
        self._result: tuple[Path, SessionRecord] | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="formcoach recording", daemon=True)
        self._thread.start()
        self._begun.wait()
        if self._error is not None:
            raise self._error

    # -- for the session thread and the window

    @property
    def error(self) -> Exception | None:
        """What went wrong; nothing more is kept then."""
        return self._error

    @property
    def notice(self) -> str | None:
        """A sentence for the screen when something is not as it should be."""
        if self._error is not None:
            return "The session is no longer recorded."
        if self._put_s - self._done_s > BEHIND_S:
            return "The recording is behind; it catches up."
        if self._left_out:
            return f"{self._left_out} pictures are missing in the video."
        return None

    def begin_segment(self, model: ModelInfo, size: tuple[int, int]) -> None:
        """A coach begins afresh with the next frame."""
        self._put(_Segment(model, size))

    def add(self, frame: Frame, pose: Pose, guidance: Guidance, step: CoachStep, direction: Direction) -> None:
        """Take a frame that was looked at, with the pose as the model gave it."""
        self._put_s = step.time_s
        image = frame.image if self._options.record else None
        if image is not None and self._pictures >= MAXIMUM_PICTURES:
            image = None
            self._left_out += 1
        if self._queue.qsize() >= MAXIMUM_ROWS:
            self._lost_rows += 1
            self.note(direction.events, direction.symptoms)
            return
        self._pictures += image is not None
        self._put(_Row(frame.index, pose, guidance, step, direction, image))

    def note(self, events: tuple[SessionEvent, ...], symptoms: tuple[Symptom, ...] = ()) -> None:
        """Take what happened without a frame."""
        if events or symptoms:
            self._put(_Happened(events, symptoms))

    def snapshot(self, image: NDArray[np.uint8]) -> str:
        """Keep a picture of the screen; returns the name of its file."""
        self._snapshots += 1
        name = f"snapshot-{self._snapshots:03d}.png"
        self._put(_Snapshot(name, image))
        return name

    def finish(self, outcome: Outcome) -> tuple[Path, SessionRecord]:
        """Write everything that is left and close; waits for it.

        Returns
        -------
        folder : Path
            Where the files stand.
        record : SessionRecord
            The content of ``session.json``.

        Raises
        ------
        NoPersonError
            When nobody was ever seen: nothing is kept.
        OutputError
            When it could not be written.
        """
        self._put(outcome)
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise NoPersonError(
                f"Nobody was seen in '{self._source.name}', and nothing was kept: the whole body, head to feet, must"
                " be in the picture, well lit and at least a third of its height."
            )
        return self._result

    def abandon(self) -> None:
        """Close without a report; the journal keeps what it has, and the next command closes it."""
        self._put(None)
        self._thread.join()

    def _put(self, item: _Row | _Segment | _Happened | _Snapshot | Outcome | None) -> None:
        if self._error is None or item is None:
            self._queue.put(item)

    # -- the thread

    def _run(self) -> None:
        try:
            self._record()
        except FormCoachError as error:
            self._error = error
        except (OSError, av.error.FFmpegError) as error:
            self._error = explain_write_error(error, self._options.folder)
        except Exception as error:  # noqa: BLE001 - told by `finish`; the session goes on
            self._error = error
        finally:
            self._begun.set()

    def _record(self) -> None:
        with self._keep() as kept:
            target = self._options.folder / SESSIONS_FOLDER / kept.journal.session_id
            with ResultFolder(target, overwrite=False) as folder:
                files = _Files(folder.path, self._options, self._source, kept.journal)
                self._begun.set()
                try:
                    while not isinstance(item := self._queue.get(), Outcome):
                        if item is None:
                            return
                        self._take(files, item)
                    record = files.finish(replace(item, notes=(*item.notes, *self._losses())))
                finally:
                    files.close()
                if record is None:
                    kept.drop()
                else:
                    self._result = folder.publish(), record

    def _take(self, files: _Files, item: _Row | _Segment | _Happened | _Snapshot) -> None:
        match item:
            case _Row():
                files.add(item)
                self._pictures -= item.image is not None
                self._done_s = item.step.time_s
            case _Segment():
                files.begin_segment(item)
            case _Happened():
                files.note(item.events, item.symptoms)
            case _Snapshot():
                files.save(item)

    def _losses(self) -> tuple[str, ...]:
        losses = []
        if self._left_out:
            losses.append(f"{self._left_out} pictures are missing in the video: the computer was too slow for it.")
        if self._lost_rows:
            losses.append(f"{self._lost_rows} frames were seen but not recorded: the disk was too slow.")
        return tuple(losses)


class _Files:
    """Everything that the thread writes."""

    def __init__(self, folder: Path, options: LiveOptions, source: SourceInfo, journal: SessionJournal) -> None:
        self._folder = folder
        self._options = options
        self._source = source
        self._journal = journal
        self._recorder: SessionRecorder | None = None
        self._started = datetime.now().astimezone()
        self._last_s = 0.0
        self._events: list[SessionEvent] = []
        self._symptoms: list[Symptom] = []
        self._overlay = Overlay(options.profile)
        self._writer: VideoWriter | None = None
        self._video_size = (source.width, source.height)

    def begin_segment(self, segment: _Segment) -> None:
        self._journal.begin_segment(segment.model, segment.size)
        if self._recorder is None:
            width, height = self._video_size = segment.size
            source = replace(self._source, width=width, height=height)
            self._recorder = SessionRecorder(self._folder, self._options, source, segment.model)
        self._recorder.begin_segment(segment.size)

    def add(self, row: _Row) -> None:
        if self._recorder is None:
            raise RuntimeError("a segment begins before its first frame")
        self._journal.append(row.index, row.step.time_s, row.pose, row.guidance)
        self._recorder.add(row.index, row.step)
        self._last_s = row.step.time_s
        self.note(row.direction.events, row.direction.symptoms)
        if row.image is not None:
            self._write(self._overlay.draw(row.image, row.step), row.step.time_s)

    def note(self, events: tuple[SessionEvent, ...], symptoms: tuple[Symptom, ...]) -> None:
        for event in events:
            self._journal.note_event(event)
        for symptom in symptoms:
            self._journal.note_symptom(symptom)
        self._events.extend(events)
        self._symptoms.extend(symptoms)

    def save(self, snapshot: _Snapshot) -> None:
        _, encoded = cv2.imencode(".png", snapshot.image)
        (self._folder / snapshot.name).write_bytes(encoded.tobytes())

    def finish(self, outcome: Outcome) -> SessionRecord | None:
        """Write the report; None when nobody was seen."""
        if self._recorder is None or not self._recorder.found:
            return None
        video = self._close_video()
        self._recorder.note_people(outcome.people)
        record = self._recorder.finish(
            path=PathKind.CAUSAL,
            baselines=outcome.baselines,
            holds=outcome.holds,
            skipped_frames=outcome.skipped_frames,
            partial=False,  # a session has no end of its own: to stop it is to finish
            video=video,
            sets=find_sets(self._events, outcome.holds, self._last_s),
            symptoms=tuple(self._symptoms),
            events=tuple(self._events),
            notes=outcome.notes,
            started=self._started,
        )
        self._journal.finish(record, self._recorder.measured)
        return record

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        self._close_video()

    def _write(self, image: NDArray[np.uint8], time_s: float) -> None:
        if self._writer is None:
            self._writer = VideoWriter(self._folder / OVERLAY_VIDEO, self._video_size, self._source.fps or _FPS)
        if image.shape[1::-1] != self._video_size:  # a camera that changed size
            image = cv2.resize(image, self._video_size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        self._writer.write(image, time_s)

    def _close_video(self) -> str | None:
        if self._writer is None:
            return None
        self._writer.close()
        self._writer = None
        return OVERLAY_VIDEO
