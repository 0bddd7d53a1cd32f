"""Where a session is kept while it goes on: the user's store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from formcoach.analysis.closing import close_unfinished
from formcoach.sessions.journal import SessionPlan
from formcoach.sessions.store import SessionStore, has_traces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from formcoach.live.options import LiveOptions
    from formcoach.sessions.journal import SessionJournal
    from formcoach.video import SourceInfo


class KeptSession:
    """A session in the store, from its first frame to its record.

    Parameters
    ----------
    store
        Open.
    journal
        Of the session.
    """

    def __init__(self, store: SessionStore, journal: SessionJournal) -> None:
        self._store = store
        self.journal = journal
        self._unwanted = False

    def drop(self) -> None:
        """Keep nothing of it: nobody was seen."""
        self._unwanted = True

    def close(self) -> None:
        """Write what there is and let go."""
        self.journal.close()
        if self._unwanted:
            self._store.delete(self.journal.session_id)


@contextmanager
def keep_session(options: LiveOptions, source: SourceInfo) -> Iterator[KeptSession]:
    """Begin a session in the store, and let it go at the end; one thread uses it.

    Raises
    ------
    OutputError
        When the data folder cannot be written.
    """
    with SessionStore(options.folder) as store:
        kept = KeptSession(store, store.begin(SessionPlan(source, options.profile, options.leg, options.sets)))
        try:
            yield kept
        finally:
            kept.close()


def close_left_over(folder: Path) -> tuple[str, ...]:
    """Close the sessions whose program was killed, their unfinished folders too.

    Parameters
    ----------
    folder
        Where sessions are kept; it need not exist.

    Returns
    -------
    tuple of str
        A sentence for each of them, and what else the store has to say.

    Raises
    ------
    OutputError
        When the store cannot be read or written.
    """
    if not has_traces(folder):
        return ()
    with SessionStore(folder) as store:
        return (*store.notices, *close_unfinished(store))
