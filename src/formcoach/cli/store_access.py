"""The user's store of sessions, as commands open it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from formcoach.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.sessions.store import SessionStore

LAST = "last"
NO_SESSION = "No session has been recorded yet: 'formcoach live' records one, 'formcoach analyze --save' keeps one."


@contextmanager
def open_store() -> Iterator[SessionStore]:
    """Open the user's store; say what was mended, and close what another run left open."""
    from formcoach.sessions.store import SessionStore, has_traces

    traces = has_traces()
    with SessionStore() as store:
        sentences = store.notices
        if traces or store.notices:
            from formcoach.analysis.closing import close_unfinished  # heavy, and rarely needed

            sentences += close_unfinished(store)
        for one in sentences:
            typer.echo(one, err=True)
        yield store


def resolve(store: SessionStore, session: str) -> str:
    """Return the name of a session; `last` is the newest.

    Raises
    ------
    UsageError
        When there is none.
    """
    if session != LAST:
        store.require(session)
        return session
    sessions = store.list()
    if not sessions:
        raise UsageError(NO_SESSION)
    return sessions[-1].session_id
