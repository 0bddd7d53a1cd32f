"""Changes of the store that are no recording: a finished session added, judged anew, everything removed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from formcoach.coach.session.types import EventKind
from formcoach.errors import OutputError
from formcoach.sessions.folder import SESSIONS_FOLDER
from formcoach.sessions.store.database import DAMAGE_MARK, STORE_FILE, STORE_LOCK, transaction
from formcoach.sessions.store.reader import read_symptoms
from formcoach.sessions.store.recovery import RUNNING_FOLDER, SET_ASIDE
from formcoach.sessions.store.results import StoredResult, write_result
from formcoach.sessions.store.types import SessionState
from formcoach.sessions.store.writer import (
    chunk_statement,
    judgement_statements,
    segment_statement,
    to_stored_document,
)

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from pathlib import Path

    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store.frames import StoredFrames

# Somebody who reads the store for a moment is waited for so long [D].
_PATIENCE_MS = 2000
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def write_recording(
    connection: sqlite3.Connection,
    key: int,
    frames: Iterable[StoredFrames],
    record: SessionRecord,
    measured: Measured,
) -> None:
    """Fill the session of that key with all of a recording and close it; inside a transaction."""
    size = record.source.width, record.source.height
    connection.execute(*segment_statement(key, 1, record.model, size))
    for number, one in enumerate(frames, start=1):
        connection.execute(*chunk_statement(key, number, 1, one))
    _write_judgement(connection, key, record, measured)
    connection.execute(
        "UPDATE sessions SET state = ?, ended_utc = ?, duration_s = ? WHERE key = ?",
        (SessionState.FINISHED.value, datetime.now(UTC).isoformat(timespec="milliseconds"), record.duration_s, key),
    )


def write_rescored(connection: sqlite3.Connection, key: int, record: SessionRecord, measured: Measured) -> None:
    """Put another judgement of the same frames in place of the one that is kept, all of it or nothing."""
    with transaction(connection):
        # What was felt may have been changed while it was measured.
        record = replace(record, symptoms=read_symptoms(connection, key))
        _write_judgement(connection, key, record, measured)
        connection.execute("UPDATE sessions SET exercise = ? WHERE key = ?", (record.profile.name, key))


def _write_judgement(connection: sqlite3.Connection, key: int, record: SessionRecord, measured: Measured) -> None:
    stages = connection.execute(
        "SELECT time_s, set_number FROM events WHERE session = ? AND kind = ? ORDER BY time_s, key",
        (key, EventKind.STAGE.value),
    ).fetchall()
    for table in ("flags", "holds"):
        connection.execute(f"DELETE FROM {table} WHERE session = ?", (key,))
    for statement in judgement_statements(key, record, stages):
        connection.execute(*statement)
    write_result(connection, key, StoredResult(record.profile, measured))
    connection.execute("UPDATE sessions SET record = ? WHERE key = ?", (to_stored_document(record), key))


def require_alone(connection: sqlite3.Connection, folder: Path) -> None:
    """Make sure that no other program has the store open; nobody else can open it afterwards.

    Raises
    ------
    OutputError
        When one has.
    """
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS:d}").fetchall()
    try:
        # Only who has the file alone can leave the log of changes; whoever has the store open holds a lock on it.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) not in _BUSY:
            raise
        connection.execute("PRAGMA locking_mode = NORMAL").fetchall()
        raise OutputError(
            f"Another program has the sessions in '{folder}' open: end it first, then delete them; nothing was deleted."
        ) from error


def remove_everything(folder: Path, sessions: Iterable[str], own_name: re.Pattern[str]) -> None:
    """Remove all files that the store and its sessions have in a folder, and the folder itself where it is empty then.

    What formcoach did not make stays.

    Parameters
    ----------
    folder
        Of the store.
    sessions
        All that are in it.
    own_name
        Of sessions that are not in it any more, and left something behind.
    """
    known = set(sessions)

    def is_own(path: Path) -> bool:
        # What is not published yet, and a lock, have more around the name.
        name = path.name.removeprefix(".").partition(".")[0]
        return name in known or own_name.fullmatch(name) is not None

    for place in (folder / SESSIONS_FOLDER, folder / RUNNING_FOLDER):
        for path in filter(is_own, place.iterdir() if place.is_dir() else ()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty, or not there
            place.rmdir()
    # The store and its log, those set aside as damaged, and what a recovery that was cut off left.
    patterns = (f"{STORE_FILE}*", f"{SET_ASIDE}*", "sessions.recover*", DAMAGE_MARK, STORE_LOCK)
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty, or not ours to remove
        folder.rmdir()
