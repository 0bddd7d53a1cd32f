"""Reads sessions back from the store."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Angle, Readings, Status
from formcoach.coach.session.types import EventKind, SessionEvent, Symptom, SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from formcoach.pose.model import ModelInfo
from formcoach.sessions.journal import SessionPlan
from formcoach.sessions.store.frames import StoredFrames, unpack_frames
from formcoach.sessions.store.plain import from_text
from formcoach.sessions.store.types import (
    SessionNote,
    SessionState,
    SessionSummary,
    StoredHold,
    StoredSegment,
    StoredSession,
)
from formcoach.stretch import Profile, Severity
from formcoach.stretch.events import FlagPeriod
from formcoach.stretch.phases import Hold
from formcoach.video.frame import SourceInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

_SEVERITIES = {severity.label: severity for severity in Severity}
_LIST = """
    SELECT id, started_local, state, exercise, leg, sets,
        coalesce(duration_s, (SELECT end_s FROM chunks WHERE session = s.key ORDER BY number DESC LIMIT 1), 0.0),
        CASE WHEN EXISTS (SELECT 1 FROM events WHERE session = s.key)
            THEN (SELECT count(*) FROM (SELECT DISTINCT leg, set_number FROM holds WHERE session = s.key))
            ELSE (SELECT count(*) FROM holds WHERE session = s.key) END,
        (SELECT total(counted_s) FROM holds WHERE session = s.key),
        (SELECT total(good_s) FROM holds WHERE session = s.key),
        (SELECT count(*) FROM flags WHERE session = s.key),
        (SELECT count(*) FROM symptoms WHERE session = s.key),
        (SELECT count(*) FROM notes WHERE session = s.key)
    FROM sessions AS s ORDER BY started_utc, key
"""


def read_summaries(connection: sqlite3.Connection, is_running: Callable[[str], bool]) -> tuple[SessionSummary, ...]:
    """Return all sessions, the oldest first."""
    return tuple(
        SessionSummary(
            session_id,
            datetime.fromisoformat(started),
            SessionState(state),
            state == SessionState.OPEN and is_running(session_id),
            exercise,
            _side(leg),
            *rest,
        )
        for session_id, started, state, exercise, leg, *rest in connection.execute(_LIST)
    )


def read_session(connection: sqlite3.Connection, session_id: str, *, with_frames: bool = True) -> StoredSession | None:
    """Return one session as it stands at this moment; None when there is none of that name.

    Parameters
    ----------
    connection
        The store, not in a transaction.
    session_id
        Which.
    with_frames
        Whether its frames are read too, which takes the longest; the segments are empty otherwise.

    Raises
    ------
    ValueError
        When its beginning cannot be understood.
    """
    connection.execute("BEGIN")  # all of it from one moment, also while somebody writes
    try:
        return read_rows(connection, session_id, with_frames=with_frames)
    finally:
        connection.execute("COMMIT")


def read_rows(connection: sqlite3.Connection, session_id: str, *, with_frames: bool = True) -> StoredSession | None:
    """Return one session inside a transaction that somebody else began; otherwise as `read_session`."""
    row = connection.execute(
        "SELECT key, started_local, state, program_version, source, profile, leg, sets, record FROM sessions"
        " WHERE id = ?",
        (session_id,),
    ).fetchone()
    if row is None:
        return None
    key, started, state, program_version, source, profile, leg, sets, record = row
    segments, damaged = _segments(connection, key, with_frames=with_frames)
    return StoredSession(
        session_id=session_id,
        started=datetime.fromisoformat(started),
        state=SessionState(state),
        program_version=program_version,
        plan=SessionPlan(from_text(SourceInfo, source), from_text(Profile, profile), _side(leg), sets),
        segments=segments,
        damaged_chunks=damaged,
        events=_events(connection, key),
        symptoms=read_symptoms(connection, key),
        notes=_notes(connection, key),
        flags=_flags(connection, key),
        holds=_holds(connection, key),
        record=None if record is None else json.loads(record),
    )


def _segments(connection: sqlite3.Connection, key: int, *, with_frames: bool) -> tuple[tuple[StoredSegment, ...], int]:
    segments, damaged = [], 0
    for number, width, height, model, estimator, layout in connection.execute(
        "SELECT number, width, height, model, estimator, layout FROM segments WHERE session = ? ORDER BY number",
        (key,),
    ).fetchall():
        parts = []
        rows = connection.execute(
            "SELECT frames, guidance, block FROM chunks WHERE session = ? AND segment = ? ORDER BY number",
            (key, number),
        )
        for frames, guidance, block in rows if with_frames else ():
            try:
                parts.append(unpack_frames(block, frames, layout, guidance))
            except ValueError:
                damaged += 1
        frames_of_it = StoredFrames.join(parts)
        segments.append(
            StoredSegment(from_text(ModelInfo, model), json.loads(estimator), (width, height), frames_of_it)
        )
    return tuple(segments), damaged


def _events(connection: sqlite3.Connection, key: int) -> tuple[SessionEvent, ...]:
    rows = connection.execute(
        "SELECT time_s, kind, leg, set_number, detail FROM events WHERE session = ? ORDER BY key", (key,)
    )
    return tuple(
        SessionEvent(time_s, EventKind(kind), _side(leg), number, detail) for time_s, kind, leg, number, detail in rows
    )


def read_symptoms(connection: sqlite3.Connection, key: int) -> tuple[Symptom, ...]:
    """Return what was felt in the session of that key, in order of time."""
    rows = connection.execute(
        "SELECT time_s, leg, set_number, place, trigger, readings FROM symptoms WHERE session = ? ORDER BY time_s, key",
        (key,),
    )
    return tuple(
        Symptom(
            time_s,
            _side(leg),
            number,
            None if place is None else SymptomPlace(place),
            SymptomTrigger(trigger),
            _readings(json.loads(readings)),
        )
        for time_s, leg, number, place, trigger, readings in rows
    )


def read_answer_numbers(connection: sqlite3.Connection, key: int) -> list[int]:
    """Return the numbers of what was felt in the session of that key, in the order in which it is read."""
    rows = connection.execute("SELECT key FROM symptoms WHERE session = ? ORDER BY time_s, key", (key,))
    return [number for (number,) in rows]


def _readings(plain: dict[str, Any]) -> Readings:
    readings = Readings.unknown()
    for angle in Angle:
        if angle.value not in plain:
            continue  # an older version did not measure it
        one = plain[angle.value]
        readings.value_deg[angle.column] = np.nan if one["value_deg"] is None else one["value_deg"]
        readings.sigma_deg[angle.column] = np.nan if one["sigma_deg"] is None else one["sigma_deg"]
        readings.status[angle.column] = Status[one["status"]]
    return readings


def _notes(connection: sqlite3.Connection, key: int) -> tuple[SessionNote, ...]:
    rows = connection.execute("SELECT key, written_utc, time_s, text FROM notes WHERE session = ? ORDER BY key", (key,))
    return tuple(
        SessionNote(number, datetime.fromisoformat(written), time_s, text) for number, written, time_s, text in rows
    )


def _flags(connection: sqlite3.Connection, key: int) -> tuple[FlagPeriod, ...]:
    rows = connection.execute(
        "SELECT flag, severity, start_s, end_s, peak_deg FROM flags WHERE session = ? ORDER BY key", (key,)
    )
    return tuple(
        FlagPeriod(flag, _SEVERITIES[severity], start_s, end_s, float("nan") if peak_deg is None else peak_deg)
        for flag, severity, start_s, end_s, peak_deg in rows
    )


def _holds(connection: sqlite3.Connection, key: int) -> tuple[StoredHold, ...]:
    rows = connection.execute(
        "SELECT leg, start_s, end_s, counted_s, good_s, set_number FROM holds WHERE session = ? ORDER BY key", (key,)
    )
    return tuple(
        StoredHold(Hold(_side(leg), start_s, end_s, counted_s, good_s), number)
        for leg, start_s, end_s, counted_s, good_s, number in rows
    )


def _side(leg: str | None) -> Side | None:
    return None if leg is None else Side(leg)
