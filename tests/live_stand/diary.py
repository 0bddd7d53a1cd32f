"""Reads what a running session writes into its store, from outside and without the program's own code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STORE = "sessions.sqlite"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened: seconds since the session began, what, and more about it."""

    time_s: float
    kind: str
    leg: str | None
    detail: str


class Diary:
    """What the newest session in a data folder has written so far.

    Parameters
    ----------
    home
        The folder; it may still be empty.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / STORE

    @property
    def events(self) -> list[Entry]:
        """All events, in order of time."""
        return self._entries("SELECT time_s, kind, leg, detail FROM events WHERE session = ? ORDER BY time_s, key")

    @property
    def symptoms(self) -> list[Entry]:
        """All answers: the kind is what made the program ask, the detail where it was felt."""
        return self._entries("SELECT time_s, trigger, leg, place FROM symptoms WHERE session = ? ORDER BY time_s, key")

    @property
    def stages(self) -> list[tuple[str, str | None]]:
        """The stages so far, each with the leg that it was about."""
        return [(one.detail, one.leg) for one in self.events if one.kind == "stage"]

    @property
    def stage(self) -> str:
        """The stage that it is in; empty before the first."""
        stages = self.stages
        return stages[-1][0] if stages else ""

    def count(self, kind: str) -> int:
        """Return how many events of a kind there are."""
        return sum(one.kind == kind for one in self.events)

    def _entries(self, query: str) -> list[Entry]:
        if not self._path.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=5.0)) as connection:
                newest = connection.execute("SELECT max(key) FROM sessions").fetchone()
                return [
                    Entry(time_s, kind, leg, detail or "")
                    for time_s, kind, leg, detail in connection.execute(query, newest)
                ]
        except sqlite3.OperationalError:  # the program is just making it
            return []
