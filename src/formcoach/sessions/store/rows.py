"""All rows of one session as plain values, to take it to another store as it is."""

from __future__ import annotations

import math
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.sessions.document import read_record
from formcoach.sessions.store.reader import read_rows
from formcoach.sessions.store.results import read_result
from formcoach.sessions.store.schema import TABLES
from formcoach.sessions.store.types import SessionState

if TYPE_CHECKING:
    from collections.abc import Mapping

Rows = dict[str, list[dict[str, Any]]]
"""Table to its rows, each a column to its value; without the keys, which mean nothing elsewhere."""

_INNER = ("key", "session")
_KINDS: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "REAL": (float, int), "TEXT": (str,), "BLOB": (bytes,)}


def read_all_rows(connection: sqlite3.Connection, session_id: str) -> Rows:
    """Return all rows of a session, from one moment; nothing for one that is not there."""
    rows: Rows = {}
    connection.execute("BEGIN")
    try:
        found = connection.execute("SELECT key FROM sessions WHERE id = ?", (session_id,)).fetchone()
        if found is None:
            return rows
        for table in TABLES:
            columns = list(_columns(connection, table))
            owner = "key" if table == "sessions" else "session"
            # The names of tables and columns come from this program's own schema.
            select = f"SELECT {', '.join(columns)} FROM {table} WHERE {owner} = ? ORDER BY key"
            rows[table] = [dict(zip(columns, row, strict=True)) for row in connection.execute(select, found)]
    finally:
        connection.execute("COMMIT")
    return rows


def insert_all_rows(connection: sqlite3.Connection, rows: Mapping[str, Any], damaged_chunks: int) -> None:
    """Insert the rows of a session of elsewhere and read them as they will be read; inside a transaction.

    Parameters
    ----------
    connection
        The store.
    rows
        As `read_all_rows` gave them; by an older version of the schema, without what that did not have.
    damaged_chunks
        How many chunks are known not to be readable.

    Raises
    ------
    ValueError
        When they are not whole or do not fit; the transaction must be rolled back then.
    sqlite3.IntegrityError
        When there is a session of that name.
    """
    try:
        (session,) = rows["sessions"]
        session_id = session["id"]
        key = _insert(connection, "sessions", session, None)
        for table in TABLES[1:]:
            for row in rows.get(table, []):
                _insert(connection, table, row, key)
        _check(connection, key, session_id, damaged_chunks)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"something is missing or of the wrong kind: {error}") from error


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any], session: int | None) -> int:
    columns = _columns(connection, table)
    unknown = set(row) - set(columns)
    if unknown:
        raise ValueError(f"unknown columns in {table}")
    for name, value in row.items():
        fits = value is None or (isinstance(value, _KINDS[columns[name]]) and not isinstance(value, bool))
        if not fits or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"{name} in {table} is of the wrong kind")
    values = dict(row) if session is None else {"session": session, **row}
    insert = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
    try:
        cursor = connection.execute(insert, tuple(values.values()))
    except sqlite3.IntegrityError as error:
        if session is None and error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            raise
        raise ValueError(f"{table}: {error}") from error
    return int(cursor.lastrowid or 0)


def _check(connection: sqlite3.Connection, key: int, session_id: str, damaged_chunks: int) -> None:
    session = read_rows(connection, session_id)
    result = read_result(connection, key)
    if session is None or session.state is SessionState.OPEN:
        raise ValueError("it was not closed")
    if session.started.tzinfo is None or session.damaged_chunks != damaged_chunks:
        raise ValueError("not all of it can be read")
    for one in session.segments:
        if not (np.isfinite(one.frames.time_s).all() and (np.diff(one.frames.time_s) > 0.0).all()):
            raise ValueError("its frames are not in order")
        if not isinstance(one.estimator, dict):
            raise ValueError("a segment names no estimators")
    if session.record is not None:
        read_record(session.record, session.plan.profile if result is None else result.profile)


def _columns(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the columns of a table that say something elsewhere too, and what kind each is of."""
    return {
        str(name): str(kind)
        for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")
        if name not in _INNER
    }
