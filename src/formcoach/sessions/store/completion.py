"""What the tables of a recovered store lack of a closed session is taken from that session's own record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from formcoach.coach.session.types import EventKind
from formcoach.sessions.document import read_record
from formcoach.sessions.store.plain import from_text
from formcoach.sessions.store.writer import event_statement, flag_statements, hold_statements, symptom_statement
from formcoach.stretch import Profile

if TYPE_CHECKING:
    import sqlite3

    from formcoach.sessions.record import SessionRecord

IN_RECORD = ("events", "symptoms", "flags", "holds")
"""The tables of which a session's record tells, too."""


def complete_sessions(connection: sqlite3.Connection) -> bool:
    """Fill in events, symptoms, flags and holds that the records tell of and the tables have not; inside a transaction.

    A record is rounded to thousandths, which is better than "nothing was raised".

    Returns
    -------
    bool
        Whether every session has such a record.
    """
    every = True
    for key, text, profile in connection.execute(
        "SELECT s.key, s.record, coalesce(r.profile, s.profile) FROM sessions AS s"
        " LEFT JOIN results AS r ON r.session = s.key"
    ).fetchall():
        try:
            record = read_record(json.loads(text or "null"), from_text(Profile, profile))
        except ValueError:
            every = False
            continue
        _complete(connection, key, record)
    return every


def _complete(connection: sqlite3.Connection, key: int, record: SessionRecord) -> None:
    stages = [(one.time_s, one.set_number) for one in record.events if one.kind is EventKind.STAGE]
    wanted = (
        [event_statement(key, one) for one in record.events],
        [symptom_statement(key, one) for one in record.symptoms],
        flag_statements(key, record),
        hold_statements(key, record, stages),
    )
    for table, statements in zip(IN_RECORD, wanted, strict=True):
        # The names of tables come from this program's own schema.
        (found,) = connection.execute(f"SELECT count(*) FROM {table} WHERE session = ?", (key,)).fetchone()
        if found < len(statements):
            connection.execute(f"DELETE FROM {table} WHERE session = ?", (key,))
            for statement in statements:
                connection.execute(*statement)
