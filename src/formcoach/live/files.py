"""Everything that is written of a session while it goes on; what fails does not take the rest with it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import av.error
import cv2
import numpy as np

from formcoach.analysis.recorder import SessionRecorder
from formcoach.analysis.replay import find_sets
from formcoach.coach import PathKind
from formcoach.errors import OutputError
from formcoach.feedback.overlay import Overlay
from formcoach.sessions.folder import VIDEO_FILE
from formcoach.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from formcoach.angles.baseline import Baseline
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction, Guidance, SessionEvent, Symptom
    from formcoach.live.options import LiveOptions
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.sessions.journal import SessionJournal
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.phases import Hold
    from formcoach.video import SourceInfo

_FPS = 30.0
# The store is tried again with every second of frames: so long after a failure it is not yet well [D].
_UNKEPT_S = 3.0
_WRITE_ERRORS = (OSError, OutputError, av.error.FFmpegError)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One frame that was looked at; with its picture where a video is kept."""

    index: int
    pose: Pose
    guidance: Guidance
    step: CoachStep
    direction: Direction
    image: NDArray[np.uint8] | None


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A coach begins afresh."""

    model: ModelInfo
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Happened:
    """What happened without a frame: events and symptoms."""

    events: tuple[SessionEvent, ...]
    symptoms: tuple[Symptom, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A picture of the screen."""

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


class SessionFiles:
    """The files in a session's folder and its journal; one thread uses it.

    Parameters
    ----------
    folder
        Where the files are written.
    options
        What was asked for.
    source
        Where the pictures come from.
    journal
        Of the session, in the store.
    """

    def __init__(self, folder: Path, options: LiveOptions, source: SourceInfo, journal: SessionJournal) -> None:
        self._folder = folder
        self._options = options
        self._source = source
        self._journal = journal
        self._recorder: SessionRecorder | None = None
        self._fault: Exception | None = None
        self._started = datetime.now().astimezone()
        self._last_s = 0.0
        self._unkept_until_s = float("-inf")
        self._events: list[SessionEvent] = []
        self._symptoms: list[Symptom] = []
        self._notes: list[str] = []
        self._overlay = Overlay(options.profile)
        self._writer: VideoWriter | None = None
        self._has_video = self._video_failed = False
        self._video_size = (source.width, source.height)

    @property
    def trouble(self) -> str | None:
        """A sentence when something cannot be written."""
        if self._last_s < self._unkept_until_s:
            return "The session cannot be saved just now; formcoach keeps trying."
        if self._fault is not None:
            return "The report cannot be written: free some space on the disk."
        if self._video_failed:
            return "The video is no longer recorded: free some space on the disk."
        return None

    def begin_segment(self, segment: Segment) -> None:
        """A coach begins afresh."""
        with self._keeping():
            self._journal.begin_segment(segment.model, segment.size)
        with self._tabulating():
            if self._recorder is None:
                width, height = self._video_size = segment.size
                source = replace(self._source, width=width, height=height)
                self._recorder = SessionRecorder(self._folder, self._options, source, segment.model)
            self._recorder.begin_segment(segment.size)

    def add(self, row: Row) -> None:
        """Write a frame."""
        if self._recorder is None and self._fault is None:
            raise RuntimeError("a segment begins before its first frame")
        self._last_s = row.step.time_s
        with self._keeping():
            self._journal.append(row.index, row.step.time_s, row.pose, row.guidance)
        with self._tabulating():
            if self._recorder is not None and self._fault is None:
                self._recorder.add(row.index, row.step)
        self.note(row.direction.events, row.direction.symptoms)
        if row.image is not None and not self._video_failed:
            self._write(row.image, row.step)

    def note(self, events: tuple[SessionEvent, ...], symptoms: tuple[Symptom, ...]) -> None:
        """Write what happened."""
        for event in events:
            with self._keeping():
                self._journal.note_event(event)
        for symptom in symptoms:
            with self._keeping():
                self._journal.note_symptom(symptom)
        self._events.extend(events)
        self._symptoms.extend(symptoms)

    def save(self, snapshot: Snapshot) -> None:
        """Write a picture of the screen."""
        _, encoded = cv2.imencode(".png", snapshot.image)
        try:
            (self._folder / snapshot.name).write_bytes(encoded.tobytes())
        except OSError:
            self._notes.append(f"'{snapshot.name}' could not be written.")

    def write_report(self, outcome: Outcome) -> SessionRecord | None:
        """Write the report and close the files; None when nobody was seen.

        Raises
        ------
        OSError, OutputError
            When the files cannot be written, or could not at some time.
        """
        if self._fault is not None:
            raise self._fault
        if self._recorder is None or not self._recorder.found:
            return None
        self._close_video()
        self._recorder.note_people(outcome.people)
        return self._recorder.finish(
            path=PathKind.CAUSAL,
            baselines=outcome.baselines,
            holds=outcome.holds,
            skipped_frames=outcome.skipped_frames,
            partial=False,  # a session has no end of its own: to stop it is to finish
            video=VIDEO_FILE if self._has_video else None,
            sets=find_sets(self._events, outcome.holds, self._last_s),
            symptoms=tuple(self._symptoms),
            events=tuple(self._events),
            notes=(*outcome.notes, *self._notes),
            started=self._started,
        )

    def keep(self, record: SessionRecord) -> None:
        """Close the session in the store.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        if self._recorder is not None:
            self._journal.finish(record, self._recorder.measured)

    def close(self) -> None:
        """Close the files as they are; may be called twice."""
        if self._recorder is not None:
            self._recorder.close()
        self._close_video()

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """The journal has what it could not write, and tries again with the next row."""
        try:
            yield
        except OutputError:
            self._unkept_until_s = self._last_s + _UNKEPT_S

    @contextmanager
    def _tabulating(self) -> Iterator[None]:
        """A table with a hole is none: the session is then closed from what the store has."""
        try:
            yield
        except (OSError, OutputError) as error:
            self._fault = error

    def _write(self, image: NDArray[np.uint8], step: CoachStep) -> None:
        image = self._overlay.draw(image, step)
        if image.shape[1::-1] != self._video_size:  # a camera that changed size
            image = cv2.resize(image, self._video_size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        try:
            if self._writer is None:
                fps = self._source.fps or _FPS
                self._writer = VideoWriter(self._folder / VIDEO_FILE, self._video_size, fps, crash_safe=True)
                self._has_video = True
            self._writer.write(image, step.time_s)
        except _WRITE_ERRORS:
            self._video_failed = True
            self._notes.append(f"The video ends after {step.time_s:.0f} s: it could not be written any more.")
            self._close_video()

    def _close_video(self) -> None:
        if self._writer is not None:
            with suppress(*_WRITE_ERRORS):  # what is on the disk can be played
                self._writer.close()
            self._writer = None
