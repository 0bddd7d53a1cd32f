"""The store of all sessions."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from formcoach.errors import OutputError, UsageError, printable
from formcoach.folders import data_folder
from formcoach.sessions.folder import SESSIONS_FOLDER, all_unpublished, unpublished
from formcoach.sessions.store.changes import remove_everything, require_alone, write_recording, write_rescored
from formcoach.sessions.store.database import (
    BUSY_S,
    STORE_LOCK,
    connect,
    explained,
    transaction,
)
from formcoach.sessions.store.lock import FileLock, held
from formcoach.sessions.store.opened import OWN_NAME, OpenStore, make_names, unknown_session, utc_text
from formcoach.sessions.store.reader import read_session, read_summaries
from formcoach.sessions.store.recovery import RUNNING_FOLDER, SET_ASIDE
from formcoach.sessions.store.results import read_result
from formcoach.sessions.store.rows import insert_all_rows, read_all_rows
from formcoach.sessions.store.types import SessionState
from formcoach.sessions.store.writer import StoreJournal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from formcoach.sessions.journal import SessionPlan
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store.frames import StoredFrames
    from formcoach.sessions.store.results import StoredResult
    from formcoach.sessions.store.rows import Rows
    from formcoach.sessions.store.types import SessionSummary, StoredSession


class SessionStore(OpenStore):
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
        with explained(self._path):
            for session_id in make_names(started):
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
        raise RuntimeError("there is always another name")

    def list(self) -> tuple[SessionSummary, ...]:
        """Return all sessions in short, the oldest first."""
        with explained(self._path):
            return read_summaries(self._connection, self.is_running)

    def load(self, session_id: str, *, with_frames: bool = True) -> StoredSession:
        """Return everything that is kept of a session; one that goes on as it stands at this moment.

        Parameters
        ----------
        session_id
            Which.
        with_frames
            Whether its frames are read too, which takes the longest; the segments are empty otherwise.

        Raises
        ------
        UsageError
            When there is none of that name.
        OutputError
            When it cannot be read.
        """
        with explained(self._path):
            try:
                session = read_session(self._connection, session_id, with_frames=with_frames)
            except ValueError as error:
                raise _unreadable(session_id, error) from error
        if session is None:
            raise unknown_session(session_id)
        return session

    def load_result(self, session_id: str) -> StoredResult | None:
        """Return what was measured in a closed session; None where an older formcoach did not keep it.

        Raises
        ------
        UsageError
            When there is no session of that name.
        OutputError
            When it cannot be read.
        """
        key = self._key(session_id)
        with explained(self._path):
            try:
                return read_result(self._connection, key)
            except ValueError as error:
                raise _unreadable(session_id, error) from error

    def add_recording(
        self, plan: SessionPlan, frames: Iterable[StoredFrames], record: SessionRecord, measured: Measured
    ) -> str:
        """Keep a recording that was analysed as a session, all of it or nothing, and return its name.

        Parameters
        ----------
        plan
            As if it had been known before.
        frames
            In order, about a second at a time.
        record, measured
            What the analysis found.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        started = self._now()
        with explained(self._path), transaction(self._connection):
            for session_id in make_names(started):
                try:
                    key = self._insert(session_id, started, plan)
                except sqlite3.IntegrityError:
                    continue
                write_recording(self._connection, key, frames, record, measured)
                return session_id
        raise RuntimeError("there is always another name")

    def replace_result(self, session_id: str, record: SessionRecord, measured: Measured) -> None:
        """Keep another judgement of a session's frames in place of the one that is kept.

        Raises
        ------
        UsageError
            When there is no session of that name, or it is being recorded.
        OutputError
            When it cannot be written.
        """
        key = self._key(session_id)
        if self.is_running(session_id):
            raise UsageError(f"The session '{session_id}' is being recorded: end it first.")
        with explained(self._path):
            write_rescored(self._connection, key, record, measured)

    def read_rows(self, session_id: str) -> Rows:
        """Return all rows of a session, to take it elsewhere.

        Raises
        ------
        UsageError
            When there is none of that name.
        OutputError
            When it cannot be read.
        """
        self._key(session_id)
        with explained(self._path):
            return read_all_rows(self._connection, session_id)

    @contextmanager
    def adding_rows(self, rows: Mapping[str, Any], damaged_chunks: int = 0) -> Iterator[None]:
        """Add a session of another store; it is there when the body of the `with` has ended without an error.

        Parameters
        ----------
        rows
            From `read_rows`, perhaps of elsewhere.
        damaged_chunks
            How many chunks of it are known not to be readable.

        Raises
        ------
        ValueError
            When they are damaged or no session's.
        OutputError
            When they cannot be written.
        """
        with explained(self._path), transaction(self._connection):
            insert_all_rows(self._connection, rows, damaged_chunks)
            yield

    @contextmanager
    def reserved(self, session_id: str) -> Iterator[None]:
        """Keep others from recording, adding or deleting a session of that name.

        Raises
        ------
        UsageError
            When somebody does already.
        """
        with explained(self._path):
            lock = FileLock.take(self._lock_path(session_id))
        if lock is None:
            raise UsageError(
                f"Another program is busy with the session '{session_id}': try again when it has finished."
            )
        try:
            yield
        finally:
            lock.release()

    def delete(self, session_id: str) -> None:
        """Delete a session and all that is kept of it; its place in the file is overwritten.

        Its result folder goes too, and what was written of it and never published.

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
                folder = self.folder_of(session_id)
                for one in (folder, *unpublished(folder)):
                    if one.exists():
                        shutil.rmtree(one)
                with transaction(self._connection):
                    self._connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
                self._connection.execute("PRAGMA incremental_vacuum").fetchall()
                # The log of changes still has what was deleted; where others read it they empty it later.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                lock.release()

    def set_aside(self) -> tuple[Path, ...]:
        """Return the stores that were set aside as damaged; sessions that were deleted since may still be in them."""
        return tuple(sorted(self._folder.glob(SET_ASIDE)))

    def delete_all(self) -> None:
        """Delete every session, the store itself, everything set aside, and the folder; the store is closed by it.

        What formcoach did not make stays in the folder.

        Raises
        ------
        UsageError
            When a session is being recorded; nothing is deleted then.
        OutputError
            When another program has the store open (nothing is deleted then), or something cannot be deleted.
        """
        with explained(self._path), held(self._folder / STORE_LOCK, BUSY_S):
            for path in (self._folder / RUNNING_FOLDER).glob("*.lock"):
                if FileLock.is_held(path):
                    raise UsageError(
                        f"The session '{path.stem}' is being recorded: end it first, then delete everything."
                    )
            require_alone(self._connection, self._folder)
            names = [name for (name,) in self._connection.execute("SELECT id FROM sessions")]
            self._connection.close()
            remove_everything(self._folder, names, OWN_NAME)

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
                (key, utc_text(self._now()), time_s, printable(text)),
            )

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

    def _journal(self, key: int, session_id: str, lock: FileLock, *, adopted: bool = False) -> StoreJournal:
        state = SessionState.INTERRUPTED if adopted else SessionState.FINISHED
        try:
            return StoreJournal(connect(self._path), self._path, lock, key, session_id, state)
        except BaseException:
            lock.release()
            raise

    def _sweep(self) -> None:
        """Remove the lock files of programs that ended before their session was in the store."""
        for path in (self._folder / RUNNING_FOLDER).glob("*.lock"):
            lock = FileLock.take(path) if OWN_NAME.fullmatch(path.stem) else None
            if lock is not None:
                row = self._connection.execute(
                    "SELECT 1 FROM sessions WHERE id = ? AND state = ?", (path.stem, SessionState.OPEN.value)
                ).fetchone()
                lock.release(keep_file=row is not None)


def has_traces(folder: Path | None = None) -> bool:
    """Tell whether a session may be unfinished or going on, or left files behind; quick, and opens nothing."""
    home = data_folder() if folder is None else folder
    return any((home / RUNNING_FOLDER).glob("*.lock")) or bool(all_unpublished(home / SESSIONS_FOLDER))


def _unreadable(session_id: str, error: ValueError) -> OutputError:
    return OutputError(
        f"The session '{session_id}' cannot be read ({error}): it may come from another version of formcoach."
    )
