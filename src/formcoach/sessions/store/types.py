"""What the store gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from formcoach.coach.session.types import SessionEvent, Symptom
    from formcoach.pose.landmarks import Side
    from formcoach.pose.model import ModelInfo
    from formcoach.sessions.journal import SessionPlan
    from formcoach.sessions.store.frames import StoredFrames
    from formcoach.stretch.events import FlagPeriod
    from formcoach.stretch.phases import Hold


class SessionState(StrEnum):
    """How far a session is; the value is the word in the store."""

    OPEN = "open"
    """It goes on, or the program ended without closing it."""
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """The program ended without closing it; that was done later."""


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in a list.

    Attributes
    ----------
    session_id : str
        Such as ``2026-11-26-0912-k3f``.
    started : datetime
        In the local time of then and there, with its distance to UTC.
    state : SessionState
        How far it is.
    is_running : bool
        Whether a program is recording it at this moment.
    exercise : str
        Name of the profile.
    leg : Side or None
        The leg that was asked for; None both.
    sets : int
        How many sets were asked for.
    duration_s : float
        Time stamp of the last frame that is kept, seconds; 0 without any.
    holds : int
        How many holds; 0 until the session is closed.
    counted_s, good_s : float
        Seconds that the hold clock ran, and those in good form.
    flags, symptoms, notes : int
        How many there are.
    """

    session_id: str
    started: datetime
    state: SessionState
    is_running: bool
    exercise: str
    leg: Side | None
    sets: int
    duration_s: float
    holds: int
    counted_s: float
    good_s: float
    flags: int
    symptoms: int
    notes: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredSegment:
    """Frames that one coach has seen.

    Attributes
    ----------
    model : ModelInfo
        The pose model.
    estimator : dict of str to str
        What made angles of it then: ``version``, and the SHA-256 of ``trunk_network``, ``leg_network`` and
        ``calibration``. The networks' estimates are in the poses; the calibration is applied anew in a replay.
    frame_size : tuple of int
        Width and height of the picture, pixels.
    frames : StoredFrames
        In order.
    """

    model: ModelInfo
    estimator: dict[str, str]
    frame_size: tuple[int, int]
    frames: StoredFrames


@dataclass(frozen=True, slots=True)
class StoredHold:
    """A hold and the set that it belongs to, from 1."""

    hold: Hold
    set_number: int


@dataclass(frozen=True, slots=True)
class SessionNote:
    """What somebody wrote about a session.

    Attributes
    ----------
    key : int
        Its number in the store.
    written : datetime
        When, UTC.
    time_s : float or None
        Of which moment of the session, seconds; None of the whole.
    text : str
        As it was written; not safe to be shown without escaping.
    """

    key: int
    written: datetime
    time_s: float | None
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class StoredSession:
    """Everything that is kept of a session.

    Attributes
    ----------
    session_id, started, state : str, datetime, SessionState
        As in `SessionSummary`.
    program_version : str
        Of the formcoach that recorded it.
    plan : SessionPlan
        What was known at its beginning, the whole profile included.
    segments : tuple of StoredSegment
        In order of time.
    damaged_chunks : int
        How many chunks of about a second could not be read and are missing.
    events, symptoms, notes : tuples
        In order of time; of writing.
    flags, holds : tuples
        In order of the record; empty until the session is closed.
    record : dict or None
        The document of ``session.json``, see `formcoach.sessions.record`; None until the session is closed, and where
        nothing was there to be closed.
    """

    session_id: str
    started: datetime
    state: SessionState
    program_version: str
    plan: SessionPlan
    segments: tuple[StoredSegment, ...]
    damaged_chunks: int
    events: tuple[SessionEvent, ...]
    symptoms: tuple[Symptom, ...]
    notes: tuple[SessionNote, ...]
    flags: tuple[FlagPeriod, ...]
    holds: tuple[StoredHold, ...]
    record: dict[str, Any] | None

    @property
    def frames(self) -> int:
        """How many frames there are in `segments`."""
        return sum(len(one.frames) for one in self.segments)
