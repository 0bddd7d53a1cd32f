"""The file of the store: opened, checked, migrated; and what SQLite's errors mean in plain words."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from formcoach.errors import FormCoachError, OutputError
from formcoach.folders import HOME_VARIABLE
from formcoach.sessions.store.schema import APPLICATION_ID, MIGRATIONS, migrate, read_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STORE_FILE = "sessions.sqlite"
# Beside the store while somebody opens, migrates or replaces it.
STORE_LOCK = "sessions.lock"
# Beside the store from when damage was met until the next opening has dealt with it.
DAMAGE_MARK = "sessions.damaged"
# Somebody else's commit takes milliseconds; a slow disk may take longer [D].
BUSY_S = 10.0
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def connect(path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> sqlite3.Connection:
    """Open the store, make it where there is none, and migrate an older one.

    Every commit is written through to the disk before it returns (WAL with ``synchronous=FULL``): it survives the end
    of the process at once, and the loss of power as far as the disk tells the truth about what it has written.
    What is deleted is overwritten, and the file gets smaller.

    Parameters
    ----------
    path
        The file; its folder exists.
    migrations
        Which steps there are.

    Returns
    -------
    sqlite3.Connection
        In autocommit mode; to be used by one thread at a time.

    Raises
    ------
    OutputError
        When the file is no store of formcoach, or that of a newer one.
    sqlite3.Error, OSError
        As they come.
    """
    # Only the user may read it; SQLite gives the files beside it the same rights.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        if _check(connection, path, len(migrations)) == 0:
            # Heeded before the first table only; later it would cost a commit at every opening.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = ON",
            "secure_delete = ON",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {setting}").fetchall()
        migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    """Return the version; refuse what must not be touched, before anything is written."""
    version = read_version(connection)
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if (version or tables) and application != APPLICATION_ID:
        raise OutputError(
            f"'{path}' is not a store of formcoach and is left as it is: move it away, or set {HOME_VARIABLE} to"
            " another folder."
        )
    if version > newest:
        raise OutputError(
            f"The sessions in '{path.parent}' were written by a newer formcoach: update formcoach, or set"
            f" {HOME_VARIABLE} to another folder."
        )
    return version


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means that the file is damaged."""
    return _code(error) in _DAMAGE


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write everything inside, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # on a full disk SQLite may have done it already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise `OutputError` with a sentence in place of an error of SQLite or the system.

    Damage is marked beside the store, so that the next opening sets it aside.

    Parameters
    ----------
    path
        The store's file.

    Raises
    ------
    OutputError
        Says what to do.
    """
    try:
        yield
    except sqlite3.Error as error:
        if is_damage(error):
            with suppress(OSError):
                path.with_name(DAMAGE_MARK).touch()
        raise _explain(error, path) from error
    except OSError as error:
        raise _explain_system(error, path.parent) from error


def _explain(error: sqlite3.Error, path: Path) -> FormCoachError:
    folder, code = path.parent, _code(error)
    if code in _DAMAGE:
        return OutputError(
            f"The store of sessions in '{folder}' is damaged: start formcoach again, it then keeps what can be read."
        )
    if code == sqlite3.SQLITE_FULL:
        return _full(folder)
    if code in _FORBIDDEN:
        return _forbidden(folder)
    if code in _BUSY:
        return OutputError(
            f"Another program is busy with the sessions in '{folder}': wait until it has finished, then try again."
        )
    if code is None:
        raise error  # a wrong call: a fault of our own
    return OutputError(
        f"The sessions in '{folder}' cannot be read or written ({error}): see whether the disk is full or damaged."
    )


def _explain_system(error: OSError, folder: Path) -> OutputError:
    if error.errno in _FULL:
        return _full(folder)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return OutputError(
            f"'{folder}' cannot be the folder of sessions, because a file is in its way: move that file, or set"
            f" {HOME_VARIABLE} to another folder."
        )
    if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP):
        return OutputError(
            f"Files in '{folder}' cannot be locked: set {HOME_VARIABLE} to a folder on a disk of this computer."
        )
    return _forbidden(folder)


def _full(folder: Path) -> OutputError:
    return OutputError(
        f"The disk is full, and nothing more can be recorded in '{folder}': free some space; what was recorded so far"
        " is kept."
    )


def _forbidden(folder: Path) -> OutputError:
    return OutputError(
        f"Sessions cannot be kept in '{folder}': change the permissions of that folder, or set {HOME_VARIABLE} to"
        " another one."
    )


def _code(error: sqlite3.Error) -> int | None:
    """Return the primary error code, or None for an error of the Python module itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
