"""What somebody changes afterwards: the text of a note, where something was felt."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Readings
from formcoach.coach.session.types import Symptom, SymptomTrigger
from formcoach.errors import UsageError, printable
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import describe_symptom
from formcoach.sessions.store.database import transaction
from formcoach.sessions.store.reader import read_answer_numbers
from formcoach.sessions.store.results import read_result
from formcoach.sessions.store.types import SessionState
from formcoach.sessions.store.writer import symptom_statement

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from formcoach.coach.session.types import SymptomPlace
    from formcoach.sessions.store.store import SessionStore


def change_note(store: SessionStore, session_id: str, note: int, text: str) -> None:
    """Give a note another text.

    Parameters
    ----------
    store
        Where it is.
    session_id, note
        Of which session; the note's number in the store.
    text
        Any text.

    Raises
    ------
    UsageError
        When there is no such note.
    OutputError
        When it cannot be written.
    """
    store.require(session_id)
    with store.connected() as connection:
        cursor = connection.execute(
            "UPDATE notes SET text = ? WHERE key = ? AND session = (SELECT key FROM sessions WHERE id = ?)",
            (printable(text), note, session_id),
        )
    if not cursor.rowcount:
        raise _gone("note")


def delete_note(store: SessionStore, session_id: str, note: int) -> None:
    """Delete a note; see `change_note`."""
    store.require(session_id)
    with store.connected() as connection:
        cursor = connection.execute(
            "DELETE FROM notes WHERE key = ? AND session = (SELECT key FROM sessions WHERE id = ?)", (note, session_id)
        )
    if not cursor.rowcount:
        raise _gone("note")


def change_answer(store: SessionStore, session_id: str, answer: int, place: SymptomPlace | None) -> None:
    """Say that something was felt in another place; the record of the session says so too.

    Parameters
    ----------
    store
        Where it is.
    session_id, answer
        Of which session, no longer being recorded; the symptom's number in the store.
    place
        Where; None for no answer.

    Raises
    ------
    UsageError
        When there is no such answer, or the session is being recorded.
    OutputError
        When it cannot be written.
    """
    value = None if place is None else place.value
    with _answers(store, session_id) as (connection, key, numbers, record):
        position = _find(numbers, answer)
        connection.execute("UPDATE symptoms SET place = ? WHERE key = ?", (value, answer))
        if _fits(record, numbers):
            record["symptoms"][position]["place"] = value
            _write_record(connection, key, record)


def delete_answer(store: SessionStore, session_id: str, answer: int) -> None:
    """Delete an answer that was none, a hand raised by chance; see `change_answer`."""
    with _answers(store, session_id) as (connection, key, numbers, record):
        position = _find(numbers, answer)
        connection.execute("DELETE FROM symptoms WHERE key = ?", (answer,))
        if _fits(record, numbers):
            del record["symptoms"][position]
            _write_record(connection, key, record)


def add_answer(store: SessionStore, session_id: str, hold_end_s: float, place: SymptomPlace) -> None:
    """Say afterwards where a hold was felt, with the angles at its end; the record of the session says so too.

    Parameters
    ----------
    store
        Where it is.
    session_id
        Of which session, no longer being recorded.
    hold_end_s
        The end of the hold, as the store has it, seconds.
    place
        Where.

    Raises
    ------
    UsageError
        When there is no such hold, or the session is being recorded.
    OutputError
        When it cannot be written.
    """
    with _answers(store, session_id) as (connection, key, numbers, record):
        hold = connection.execute(
            "SELECT leg, set_number FROM holds WHERE session = ? AND end_s = ?", (key, hold_end_s)
        ).fetchone()
        if hold is None:
            raise _gone("hold")
        leg, set_number = hold
        symptom = Symptom(
            time_s=hold_end_s,
            leg=None if leg is None else Side(leg),
            set_number=set_number,
            place=place,
            trigger=SymptomTrigger.ADDED_LATER,
            readings=_readings_at(connection, key, hold_end_s),
        )
        (position,) = connection.execute(
            "SELECT count(*) FROM symptoms WHERE session = ? AND time_s <= ?", (key, hold_end_s)
        ).fetchone()
        connection.execute(*symptom_statement(key, symptom))
        if _fits(record, numbers):
            record["symptoms"].insert(position, describe_symptom(symptom))
            _write_record(connection, key, record)


def _readings_at(connection: sqlite3.Connection, key: int, time_s: float) -> Readings:
    """Return the angles of the last frame until a moment; all unknown where they are not kept."""
    try:
        result = read_result(connection, key)
    except ValueError:
        result = None
    if result is None:
        return Readings.unknown()
    series = result.measured.series
    row = int(np.searchsorted(series.time_s, time_s, side="right")) - 1
    return Readings.unknown() if row < 0 else series.readings[row]


@contextmanager
def _answers(
    store: SessionStore, session_id: str
) -> Iterator[tuple[sqlite3.Connection, int, list[int], dict[str, Any]]]:
    """Yield, in a transaction, the connection, the session's key, the keys of its answers in order, and its record."""
    store.require(session_id)
    with store.connected() as connection, transaction(connection):
        key, state, text = connection.execute(
            "SELECT key, state, record FROM sessions WHERE id = ?", (session_id,)
        ).fetchone()
        if state == SessionState.OPEN:
            raise UsageError(f"The session '{session_id}' is still being recorded: end it first, then change it.")
        yield connection, key, read_answer_numbers(connection, key), {} if text is None else json.loads(text)


def _find(numbers: list[int], answer: int) -> int:
    if answer not in numbers:
        raise _gone("answer")
    return numbers.index(answer)


def _fits(record: dict[str, Any], numbers: list[int]) -> bool:
    """Tell whether the record lists the same answers as the table, as every closed session's does."""
    return len(record.get("symptoms", ())) == len(numbers)


def _write_record(connection: sqlite3.Connection, key: int, record: dict[str, Any]) -> None:
    document = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    connection.execute("UPDATE sessions SET record = ? WHERE key = ?", (document, key))


def _gone(what: str) -> UsageError:
    return UsageError(f"That {what} is no longer there: reload the page to see what is.")
