"""``formcoach review``."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from formcoach.errors import UsageError
from formcoach.libraries import explained_imports

PortOption = Annotated[
    int, typer.Option("--port", help="Port of the pages on this computer; 0 takes a free one.", metavar="N")
]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the pages in your browser.")]


def review(port: PortOption = 0, browser: BrowserOption = True) -> None:
    """Look back on your sessions in the browser: trends, two side by side, notes, reports. Ctrl-C ends it."""
    if not 0 <= port <= 65535:
        raise UsageError(f"--port {port} is no port: give a number from 1 to 65535, or leave it out.")
    with explained_imports():
        from formcoach.review.server import make_server, open_socket

    notices = _prepare_store()
    for one in notices:
        typer.echo(one, err=True)
    with open_socket(port) as listening:
        server, access = make_server(listening, notices=notices)
        typer.echo(f"Your sessions: {access.link}")
        typer.echo("Only this computer can open that link. Ctrl-C ends it.", err=True)
        if browser:
            _open_browser(access.link_for_browser)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


def _prepare_store() -> tuple[str, ...]:
    """Open the store once, so that what is wrong with it is said at once; close what another run left open."""
    from formcoach.sessions.store import SessionStore, has_traces

    traces = has_traces()
    with SessionStore() as store:
        notices = store.notices
        if traces or notices:
            from formcoach.analysis.closing import close_unfinished  # heavy, and rarely needed

            notices += close_unfinished(store)
    return notices


def _open_browser(link: str) -> None:
    """Open the link beside: a browser in a terminal returns only when it is left."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()
