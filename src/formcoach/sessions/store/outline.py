"""A session without its frames, which take long to read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.errors import OutputError
from formcoach.pose.landmarks import Side
from formcoach.sessions.store.plain import from_text
from formcoach.sessions.store.reader import _flags, _holds, _notes
from formcoach.sessions.store.types import SessionState
from formcoach.stretch import Profile

if TYPE_CHECKING:
    import sqlite3

    from formcoach.sessions.store.store import SessionStore
    from formcoach.sessions.store.types import SessionNote, StoredHold
    from formcoach.stretch.events import FlagPeriod


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was felt, without the angles of that moment.

    Attributes
    ----------
    key : int
        Its number in the store.
    time_s, leg, set_number, place, trigger
        As in `formcoach.coach.session.types.Symptom`.
    """

    key: int
    time_s: float
    leg: Side | None
    set_number: int
    place: SymptomPlace | None
    trigger: SymptomTrigger


@dataclass(frozen=True, slots=True, eq=False)
class SessionOutline:
    """Everything of a session but its frames and events.

    Attributes
    ----------
    session_id, started, state, program_version, profile
        As in `formcoach.sessions.store.types.StoredSession`.
    is_running : bool
        Whether a program is recording it at this moment.
    holds, flags, answers, notes : tuples
        In order of the record; of time; of writing.
    record : dict or None
        The document of ``session.json``; None until the session is closed, and where nothing was there to be closed.
    """

    session_id: str
    started: datetime
    state: SessionState
    is_running: bool
    program_version: str
    profile: Profile
    holds: tuple[StoredHold, ...]
    flags: tuple[FlagPeriod, ...]
    answers: tuple[StoredAnswer, ...]
    notes: tuple[SessionNote, ...]
    record: dict[str, Any] | None


def read_outline(store: SessionStore, session_id: str) -> SessionOutline | None:
    """Return one session as it stands at this moment; None when there is none of that name.

    Raises
    ------
    OutputError
        When it cannot be read.
    """
    with store.connected() as connection:
        connection.execute("BEGIN")  # all of it from one moment, also while somebody writes
        try:
            return _read(connection, store, session_id)
        except ValueError as error:
            raise OutputError(
                f"The session '{session_id}' cannot be read ({error}): it may come from another version of formcoach."
            ) from error
        finally:
            connection.execute("COMMIT")


def _read(connection: sqlite3.Connection, store: SessionStore, session_id: str) -> SessionOutline | None:
    row = connection.execute(
        "SELECT key, started_local, state, program_version, profile, record FROM sessions WHERE id = ?", (session_id,)
    ).fetchone()
    if row is None:
        return None
    key, started, state, program_version, profile, record = row
    return SessionOutline(
        session_id=session_id,
        started=datetime.fromisoformat(started),
        state=SessionState(state),
        is_running=state == SessionState.OPEN and store.is_running(session_id),
        program_version=program_version,
        profile=from_text(Profile, profile),
        holds=_holds(connection, key),
        flags=_flags(connection, key),
        answers=_answers(connection, key),
        notes=_notes(connection, key),
        record=None if record is None else json.loads(record),
    )


def _answers(connection: sqlite3.Connection, key: int) -> tuple[StoredAnswer, ...]:
    rows = connection.execute(
        "SELECT key, time_s, leg, set_number, place, trigger FROM symptoms WHERE session = ? ORDER BY key", (key,)
    )
    return tuple(
        StoredAnswer(
            number,
            time_s,
            None if leg is None else Side(leg),
            set_number,
            None if place is None else SymptomPlace(place),
            SymptomTrigger(trigger),
        )
        for number, time_s, leg, set_number, place, trigger in rows
    )
