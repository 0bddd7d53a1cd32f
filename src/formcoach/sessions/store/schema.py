"""The tables of the store, and how an older store becomes one of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

# Marks the file as formcoach's in its header ("FORM").
APPLICATION_ID = 0x464F524D

# One step a version, in order; a step that was released is never changed. What is read for lists stands before the long
# texts, so that these are not read with it.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE sessions (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            started_utc TEXT NOT NULL,
            started_local TEXT NOT NULL,
            ended_utc TEXT,
            state TEXT NOT NULL,
            exercise TEXT NOT NULL,
            leg TEXT,
            sets INTEGER NOT NULL,
            duration_s REAL,
            program_version TEXT NOT NULL,
            source TEXT NOT NULL,
            profile TEXT NOT NULL,
            record TEXT
        )
        """,
        """
        CREATE TABLE segments (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            number INTEGER NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            model TEXT NOT NULL,
            estimator TEXT NOT NULL,
            layout TEXT NOT NULL,
            UNIQUE (session, number)
        )
        """,
        """
        CREATE TABLE chunks (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            number INTEGER NOT NULL,
            segment INTEGER NOT NULL,
            start_s REAL NOT NULL,
            end_s REAL NOT NULL,
            frames INTEGER NOT NULL,
            guidance TEXT NOT NULL,
            block BLOB NOT NULL,
            UNIQUE (session, number)
        )
        """,
        """
        CREATE TABLE events (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            time_s REAL NOT NULL,
            kind TEXT NOT NULL,
            leg TEXT,
            set_number INTEGER NOT NULL,
            detail TEXT NOT NULL
        )
        """,
        "CREATE INDEX events_of_session ON events (session)",
        """
        CREATE TABLE symptoms (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            time_s REAL NOT NULL,
            leg TEXT,
            set_number INTEGER NOT NULL,
            place TEXT,
            trigger TEXT NOT NULL,
            readings TEXT NOT NULL
        )
        """,
        "CREATE INDEX symptoms_of_session ON symptoms (session)",
        """
        CREATE TABLE flags (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            flag TEXT NOT NULL,
            severity TEXT NOT NULL,
            start_s REAL NOT NULL,
            end_s REAL NOT NULL,
            peak_deg REAL
        )
        """,
        "CREATE INDEX flags_of_session ON flags (session)",
        """
        CREATE TABLE holds (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            leg TEXT,
            set_number INTEGER NOT NULL,
            start_s REAL NOT NULL,
            end_s REAL NOT NULL,
            counted_s REAL NOT NULL,
            good_s REAL NOT NULL
        )
        """,
        "CREATE INDEX holds_of_session ON holds (session)",
        """
        CREATE TABLE notes (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
            written_utc TEXT NOT NULL,
            time_s REAL,
            text TEXT NOT NULL
        )
        """,
        "CREATE INDEX notes_of_session ON notes (session)",
    ),
    (
        """
        CREATE TABLE results (
            key INTEGER PRIMARY KEY,
            session INTEGER NOT NULL UNIQUE REFERENCES sessions ON DELETE CASCADE,
            profile TEXT NOT NULL,
            frames INTEGER NOT NULL,
            layout TEXT NOT NULL,
            block BLOB NOT NULL,
            moments TEXT NOT NULL,
            moments_layout TEXT NOT NULL,
            moments_block BLOB
        )
        """,
    ),
)

# In the order in which they can be filled: sessions first.
TABLES = ("sessions", "segments", "chunks", "events", "symptoms", "flags", "holds", "notes", "results")


def read_version(connection: sqlite3.Connection) -> int:
    """Return the version of the schema; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a store to the newest version, all steps in one transaction: it is there as a whole or not at all.

    Parameters
    ----------
    connection
        In autocommit mode.
    migrations
        Which steps there are.
    """
    if read_version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in migrations[read_version(connection) :]:
            for statement in step:
                connection.execute(statement)
        # PRAGMA takes no parameters; both are numbers of this program.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
        connection.execute(f"PRAGMA user_version = {len(migrations):d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
