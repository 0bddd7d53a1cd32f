"""Where a session is kept while it goes on: the user's store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from formcoach.sessions.journal import SessionPlan
from formcoach.sessions.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Iterator

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
