"""The store of all sessions."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from formcoach import __version__
from formcoach.errors import OutputError, UsageError, printable
from formcoach.folders import data_folder
from formcoach.sessions.folder import SESSIONS_FOLDER
from formcoach.sessions.store.database import (
    BUSY_S,
    DAMAGE_MARK,
    STORE_FILE,
    STORE_LOCK,
    connect,
    explained,
    is_damage,
    transaction,
)
from formcoach.sessions.store.lock import FileLock, held
from formcoach.sessions.store.plain import to_text
from formcoach.sessions.store.reader import read_session, read_summaries
from formcoach.sessions.store.recovery import RUNNING_FOLDER, finish_replacement, is_whole, replace_damaged
from formcoach.sessions.store.types import SessionState
from formcoach.sessions.store.writer import StoreJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from formcoach.sessions.journal import SessionPlan
    from formcoach.sessions.store.types import SessionSummary, StoredSession

# Digits and letters in the order of their codes, without those that are taken for another.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_SUFFIXES = len(_LETTERS) ** 3
_NAME = re.compile(r"[0-9a-z-]+", re.ASCII)


class SessionStore:
    """All sessions of a user, in one SQLite file; a context manager.

    Any number of programs may have it open, read it and record sessions into it at the same time. One thread at a time
    may use a store; a journal has a connection of its own.

    Parameters
    ----------
    folder
        Where it is, made if need be; None takes the user's, `formcoach.folders.data_folder`.
    now
        Returns the local time with its distance to UTC.

    Raises
    ------
    OutputError
        When the folder cannot be written, the store is that of a newer formcoach, or the file is none of formcoach's.
    """

    def __init__(self, folder: Path | None = None, now: Callable[[], datetime] | None = None) -> None:
        self._folder = data_folder() if folder is None else folder
        self._path = self._folder / STORE_FILE
        self._now = now or _local_now
        self.notices: tuple[str, ...] = ()
        """Sentences that the user should read: a damaged store was set aside."""
        with explained(self._path):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / RUNNING_FOLDER).mkdir(mode=0o700, exist_ok=True)
            with held(self._folder / STORE_LOCK, BUSY_S):
                self._connection = self._open()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to the other modules of this package; what goes wrong becomes a sentence."""
        with explained(self._path):
            yield self._connection

    def begin(self, plan: SessionPlan) -> StoreJournal:
        """Begin to record a session.

        Several may be recorded at the same time, by one program or by many.

        Parameters
        ----------
        plan
            What is known of it.

        Returns
        -------
        StoreJournal
            Takes the session frame by frame; to be finished or closed.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        started = self._now()
        number = round(((started.second * 1000 + started.microsecond // 1000) / 60_000) * (_SUFFIXES - 1000))
        with explained(self._path):
            while True:
                session_id = f"{started:%Y-%m-%d-%H%M}-{_suffix(number)}"
                lock = FileLock.take(self._lock_path(session_id))
                if lock is not None:
                    try:
                        key = self._insert(session_id, started, plan)
                    except sqlite3.IntegrityError:
                        lock.release()
                    except BaseException:
                        lock.release()
                        raise
                    else:
                        return self._journal(key, session_id, lock)
                number += 1  # another session began at the same moment

    def list(self) -> tuple[SessionSummary, ...]:
        """Return all sessions in short, the oldest first."""
        with explained(self._path):
            return read_summaries(self._connection, self.is_running)

    def load(self, session_id: str) -> StoredSession:
        """Return everything that is kept of a session; one that goes on as it stands at this moment.

        Raises
        ------
        UsageError
            When there is none of that name.
        OutputError
            When it cannot be read.
        """
        with explained(self._path):
            try:
                session = read_session(self._connection, session_id)
            except ValueError as error:
                raise OutputError(
                    f"The session '{session_id}' cannot be read ({error}): it may come from another version of"
                    " formcoach."
                ) from error
        if session is None:
            raise _unknown(session_id)
        return session

    def require(self, session_id: str) -> None:
        """Raise `UsageError` when there is no session of that name."""
        self._key(session_id)

    def delete(self, session_id: str) -> None:
        """Delete a session and all that is kept of it, its result folder too; its place in the file is overwritten.

        Raises
        ------
        UsageError
            When there is none of that name, or it is being recorded.
        OutputError
            When that cannot be done.
        """
        self._key(session_id)
        with explained(self._path):
            lock = FileLock.take(self._lock_path(session_id))
            if lock is None:
                raise UsageError(f"The session '{session_id}' is being recorded: end it first, then delete it.")
            try:
                folder = self._folder / SESSIONS_FOLDER / session_id
                if folder.exists():
                    shutil.rmtree(folder)
                with transaction(self._connection):
                    self._connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
                self._connection.execute("PRAGMA incremental_vacuum").fetchall()
                # The log of changes still has what was deleted; where others read it they empty it later.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                lock.release()

    def add_note(self, session_id: str, text: str, time_s: float | None = None) -> None:
        """Keep what somebody writes about a session.

        Parameters
        ----------
        session_id
            Which.
        text
            Any text.
        time_s
            Of which moment, seconds; None of the whole session.

        Raises
        ------
        UsageError
            When there is no session of that name.
        OutputError
            When it cannot be written.
        """
        key = self._key(session_id)
        with explained(self._path):
            self._connection.execute(
                "INSERT INTO notes (session, written_utc, time_s, text) VALUES (?, ?, ?, ?)",
                (key, _utc_text(self._now()), time_s, printable(text)),
            )

    def is_running(self, session_id: str) -> bool:
        """Tell whether a program is recording a session at this moment."""
        return FileLock.is_held(self._lock_path(session_id))

    def unfinished(self) -> tuple[str, ...]:
        """Return the sessions whose program ended without closing them, the oldest first."""
        with explained(self._path):
            self._sweep()
            rows = self._connection.execute(
                "SELECT id FROM sessions WHERE state = ? ORDER BY started_utc, key", (SessionState.OPEN.value,)
            ).fetchall()
            return tuple(session_id for (session_id,) in rows if not self.is_running(session_id))

    def adopt(self, session_id: str) -> StoreJournal | None:
        """Take a session over whose program ended, to close it; None when somebody else has it or has closed it.

        Raises
        ------
        OutputError
            When the store cannot be read.
        """
        with explained(self._path):
            lock = FileLock.take(self._lock_path(session_id))
            if lock is None:
                return None
            try:
                row = self._connection.execute(
                    "SELECT key FROM sessions WHERE id = ? AND state = ?", (session_id, SessionState.OPEN.value)
                ).fetchone()
                if row is not None:
                    return self._journal(row[0], session_id, lock, adopted=True)
            except BaseException:
                lock.release()
                raise
            lock.release()
            return None

    def close(self) -> None:
        """Close it; may be called twice. Journals go on."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        finish_replacement(self._folder)
        try:
            connection = connect(self._path)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        else:
            if not (self._folder / DAMAGE_MARK).exists():
                return connection
            if is_whole(connection):
                (self._folder / DAMAGE_MARK).unlink(missing_ok=True)
                return connection
            connection.close()
        self.notices = (replace_damaged(self._folder, self._now),)
        return connect(self._path)

    def _insert(self, session_id: str, started: datetime, plan: SessionPlan) -> int:
        cursor = self._connection.execute(
            "INSERT INTO sessions (id, started_utc, started_local, state, exercise, leg, sets, program_version, source,"
            " profile) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                session_id,
                _utc_text(started),
                started.isoformat(timespec="milliseconds"),
                SessionState.OPEN.value,
                plan.profile.name,
                plan.leg,
                plan.sets,
                __version__,
                to_text(plan.source),
                to_text(plan.profile),
            ),
        )
        if cursor.lastrowid is None:
            raise RuntimeError("an inserted row has a key")
        return cursor.lastrowid

    def _journal(self, key: int, session_id: str, lock: FileLock, *, adopted: bool = False) -> StoreJournal:
        state = SessionState.INTERRUPTED if adopted else SessionState.FINISHED
        try:
            return StoreJournal(connect(self._path), self._path, lock, key, session_id, state)
        except BaseException:
            lock.release()
            raise

    def _key(self, session_id: str) -> int:
        with explained(self._path):
            row = self._connection.execute("SELECT key FROM sessions WHERE id = ?", (session_id,)).fetchone()
        if row is None:
            raise _unknown(session_id)
        return int(row[0])

    def _sweep(self) -> None:
        """Remove the lock files of programs that ended before their session was in the store."""
        for path in (self._folder / RUNNING_FOLDER).glob("*.lock"):
            lock = FileLock.take(path)
            if lock is not None:
                row = self._connection.execute(
                    "SELECT 1 FROM sessions WHERE id = ? AND state = ?", (path.stem, SessionState.OPEN.value)
                ).fetchone()
                lock.release(keep_file=row is not None)

    def _lock_path(self, session_id: str) -> Path:
        if not _NAME.fullmatch(session_id):
            raise _unknown(session_id)
        return self._folder / RUNNING_FOLDER / f"{session_id}.lock"


def has_traces(folder: Path | None = None) -> bool:
    """Tell whether a session may be unfinished or going on; quick, and opens nothing."""
    running = (data_folder() if folder is None else folder) / RUNNING_FOLDER
    return any(running.glob("*.lock"))


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


def _utc_text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def _suffix(number: int) -> str:
    """Return three letters that sort as the numbers do."""
    size = len(_LETTERS)
    return "".join(_LETTERS[number // size**power % size] for power in (2, 1, 0))


def _unknown(session_id: str) -> UsageError:
    return UsageError(f"There is no session '{session_id}': 'formcoach sessions list' shows them all.")
