"""The store opened: its file, its folder, the names of sessions and their locks."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Self

from formcoach import __version__
from formcoach.errors import UsageError
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
)
from formcoach.sessions.store.lock import FileLock, held
from formcoach.sessions.store.plain import to_text
from formcoach.sessions.store.recovery import RUNNING_FOLDER, finish_replacement, is_whole, replace_damaged
from formcoach.sessions.store.types import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from formcoach.sessions.journal import SessionPlan

# Digits and letters in the order of their codes, without those that are taken for another.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_SUFFIXES = len(_LETTERS) ** 3
_NAME = re.compile(r"[0-9a-z-]+", re.ASCII)
OWN_NAME = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}-[{_LETTERS}]{{3}}", re.ASCII)
"""What `make_names` gives."""


class OpenStore:
    """The open file and what all that is done with it needs; see `SessionStore`."""

    def __init__(self, folder: Path | None = None, now: Callable[[], datetime] | None = None) -> None:
        self._folder = data_folder() if folder is None else folder
        self._path = self._folder / STORE_FILE
        self._now = now or _local_now
        self.notices: tuple[str, ...] = ()
        """Sentences that the user should read: a damaged store was set aside."""
        with explained(self._path):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in (RUNNING_FOLDER, SESSIONS_FOLDER):
                _make_private(self._folder / name)
            with held(self._folder / STORE_LOCK, BUSY_S):
                self._connection = self._open()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def is_running(self, session_id: str) -> bool:
        """Tell whether a program is recording a session at this moment."""
        return FileLock.is_held(self._lock_path(session_id))

    def has(self, session_id: str) -> bool:
        """Tell whether there is a session of that name."""
        with explained(self._path):
            row = self._connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session_id,)).fetchone()
        return row is not None

    def folder_of(self, session_id: str) -> Path:
        """Return the result folder of a session, which need not exist: report, tables, and video where it was recorded.

        Raises
        ------
        UsageError
            When that is no session's name.
        """
        self._lock_path(session_id)
        return self._folder / SESSIONS_FOLDER / session_id

    def require(self, session_id: str) -> None:
        """Raise `UsageError` when there is no session of that name."""
        self._key(session_id)

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
                utc_text(started),
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

    def _key(self, session_id: str) -> int:
        with explained(self._path):
            row = self._connection.execute("SELECT key FROM sessions WHERE id = ?", (session_id,)).fetchone()
        if row is None:
            raise unknown_session(session_id)
        return int(row[0])

    def _lock_path(self, session_id: str) -> Path:
        if not _NAME.fullmatch(session_id):
            raise unknown_session(session_id)
        return self._folder / RUNNING_FOLDER / f"{session_id}.lock"


def _make_private(folder: Path) -> None:
    """Make a folder that its user alone can read, also where it or the one around it was there before."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        with suppress(OSError):  # somebody else's
            folder.chmod(0o700)


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


def utc_text(when: datetime) -> str:
    """Return a moment as the store writes it."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def make_names(started: datetime) -> Iterator[str]:
    """Yield names for a session, one after the other: another may have begun at the same moment."""
    number = round(((started.second * 1000 + started.microsecond // 1000) / 60_000) * (_SUFFIXES - 1000))
    for one in count(number):
        yield f"{started:%Y-%m-%d-%H%M}-{_suffix(one)}"


def _suffix(number: int) -> str:
    """Return three letters that sort as the numbers do."""
    size = len(_LETTERS)
    return "".join(_LETTERS[number // size**power % size] for power in (2, 1, 0))


def unknown_session(session_id: str) -> UsageError:
    """Return the sentence for a name that no session has."""
    return UsageError(f"There is no session '{session_id}': 'formcoach sessions list' shows them all.")
