"""What can be read of a damaged store goes into a new one; the damaged one is set aside, never overwritten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from formcoach.errors import OutputError
from formcoach.sessions.store.completion import IN_RECORD, complete_sessions
from formcoach.sessions.store.database import DAMAGE_MARK, STORE_FILE
from formcoach.sessions.store.lock import FileLock
from formcoach.sessions.store.plain import from_text
from formcoach.sessions.store.schema import MIGRATIONS, TABLES, migrate, read_version
from formcoach.stretch import Profile
from formcoach.video.frame import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUNNING_FOLDER = "running"
SET_ASIDE = "sessions-damaged-*.sqlite"
"""How stores that were set aside are called."""
_BUILDING, _BUILT = "sessions.recovering", "sessions.recovered"
_BESIDE = ("", "-wal", "-shm")
# So many keys in a row that cannot be read are the end of a table: more than one damaged page of the index can hide.
_PATIENCE = 5_000


def finish_replacement(folder: Path) -> None:
    """Move a recovered store into place where a replacement was cut off half-way."""
    if (folder / _BUILT).exists() and not (folder / STORE_FILE).exists():
        (folder / _BUILT).rename(folder / STORE_FILE)
        (folder / DAMAGE_MARK).unlink(missing_ok=True)


def replace_damaged(folder: Path, now: Callable[[], datetime]) -> str:
    """Recover what can be read into a new store and set the damaged one aside.

    Parameters
    ----------
    folder
        Of the store, which nobody else opens meanwhile.
    now
        Returns the time, for the name.

    Returns
    -------
    str
        A sentence for the user.

    Raises
    ------
    OutputError
        When a session is being recorded into it.
    OSError, sqlite3.Error
        When the new one cannot be written; the damaged one is still in place then.
    """
    if any(FileLock.is_held(path) for path in (folder / RUNNING_FOLDER).glob("*.lock")):
        raise OutputError(
            "The store of sessions is damaged, and a session is being recorded into it: end that session, then start"
            " formcoach again."
        )
    building = folder / _BUILDING
    for ending in (*_BESIDE, "-journal"):
        building.with_name(building.name + ending).unlink(missing_ok=True)
    kept, all_of_them = _recover(folder / STORE_FILE, building)
    building.rename(folder / _BUILT)
    aside = _free_name(folder, now())
    for ending in reversed(_BESIDE):  # the store itself last: until then it is still the store
        beside = folder / f"{STORE_FILE}{ending}"
        if beside.exists():
            beside.rename(folder / f"{aside}{ending}")
    (folder / _BUILT).rename(folder / STORE_FILE)
    (folder / DAMAGE_MARK).unlink(missing_ok=True)
    what = {0: "no session could be read", 1: "one session could be read and is"}.get(
        kept, f"{kept} sessions could be read and are"
    )
    missing = "" if all_of_them or not kept else " Something of what was measured or written in them may be missing."
    return (
        f"The store of sessions was damaged and is set aside as '{folder / aside}'; {what}{' kept' if kept else ''}."
        f"{missing}"
    )


def is_whole(connection: sqlite3.Connection) -> bool:
    """Look through the whole file, which takes long for a large one."""
    try:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def _free_name(folder: Path, when: datetime) -> str:
    stem = f"sessions-damaged-{when.astimezone(UTC):%Y%m%d-%H%M%S}"
    name, number = f"{stem}.sqlite", 2
    while (folder / name).exists():
        name, number = f"{stem}-{number}.sqlite", number + 1
    return name


def _recover(damaged: Path, target: Path) -> tuple[int, bool]:
    """Copy every row that can be read; return how many sessions the new store has, and whether they are whole."""
    with (
        closing(sqlite3.connect(target, isolation_level=None)) as new,
        closing(sqlite3.connect(f"file:{quote(str(damaged))}?mode=ro", uri=True, isolation_level=None)) as old,
    ):
        target.chmod(0o600)
        new.execute("PRAGMA auto_vacuum = INCREMENTAL")
        try:
            version = read_version(old)
        except sqlite3.DatabaseError:
            version = 0
        migrate(new, MIGRATIONS[: version or None])
        new.execute("BEGIN")
        failed = {table for table in TABLES if not _copy(old, new, table)}
        _drop_unusable(new)
        new.execute("COMMIT")
        migrate(new)
        new.execute("BEGIN")
        completed = complete_sessions(new)
        new.execute("COMMIT")
        (kept,) = new.execute("SELECT count(*) FROM sessions").fetchone()
        return int(kept), not failed or (completed and failed <= {"sessions", *IN_RECORD})


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> bool:
    """Copy the rows of a table that can be read; tell whether those were all."""
    # The names of tables and columns come from this program's own schema.
    columns = [str(row[1]) for row in new.execute(f"PRAGMA table_info({table})")]
    if not columns:
        return True  # that version did not have it yet
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    whole = True
    for row in _readable_rows(old, table, columns):
        try:
            if row is None:
                whole = False
            else:
                new.execute(insert, row)
        except sqlite3.IntegrityError:
            whole = False  # a row of rubbish
    return whole


def _readable_rows(old: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...] | None]:
    """Yield the rows that can be read, and None where something cannot."""
    select = f"SELECT {', '.join(columns)} FROM {table} WHERE key"
    key, failures = 0, 0
    while failures < _PATIENCE:
        try:
            for row in old.execute(f"{select} > ? ORDER BY key", (key,)):
                key, failures = max(key + 1, int(row[0])), 0
                yield row
            return  # read to the end
        except (sqlite3.Error, TypeError, ValueError):
            if not failures:
                yield None
            key, failures = key + 1, failures + 1
        # Beyond a damaged page a search by key finds what a walk does not reach.
        try:
            row = old.execute(f"{select} = ?", (key,)).fetchone()
        except sqlite3.Error:
            continue
        if row is not None:
            failures = 0
            yield row


def _drop_unusable(new: sqlite3.Connection) -> None:
    """Remove sessions whose beginning cannot be understood, and what belongs to no session."""
    for key, source, profile in new.execute("SELECT key, source, profile FROM sessions").fetchall():
        try:
            from_text(SourceInfo, source)
            from_text(Profile, profile)
        except ValueError:
            new.execute("DELETE FROM sessions WHERE key = ?", (key,))
    for table in TABLES[1:]:
        new.execute(f"DELETE FROM {table} WHERE session NOT IN (SELECT key FROM sessions)")
