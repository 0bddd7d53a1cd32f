"""``formcoach report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from formcoach.cli.store_access import LAST, open_store, resolve
from formcoach.libraries import explained_imports

WhichArgument = Annotated[
    str,
    typer.Argument(
        metavar="[last|ID|FOLDER]",
        help="last: the newest session; a session's name from 'formcoach sessions list'; or a result folder.",
    ),
]
FileOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="The file to write; otherwise report.html in the session's folder.")
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]


def report(which: WhichArgument = LAST, out: FileOption = None, open_it: OpenOption = False) -> None:
    """Write the report of a session, or of a folder that analyze made, and print where it stands.

    It stands where the video is, so that it plays in it; elsewhere it has pictures of the worst moments only.
    """
    with explained_imports():
        path = _write(which, out)
    typer.echo(str(path))
    if open_it:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            typer.echo("No browser could be opened: open the file yourself.", err=True)


def _write(which: str, out: Path | None) -> Path:
    from formcoach.analysis.kept import write_folder_report, write_session_report

    folder = Path(which)
    if which != LAST and folder.is_dir():
        session_id = _session_of(folder)
        if session_id is None:
            return write_folder_report(folder, out)
        which = session_id
    with open_store() as store:
        return write_session_report(store, resolve(store, which), out)


def _session_of(folder: Path) -> str | None:
    """Return the session that a folder in the user's data folder belongs to."""
    from formcoach.folders import data_folder
    from formcoach.sessions.folder import SESSIONS_FOLDER
    from formcoach.sessions.store import SessionStore

    if folder.resolve().parent != (data_folder() / SESSIONS_FOLDER).resolve():
        return None
    with SessionStore() as store:
        name = folder.resolve().name
        return name if any(one.session_id == name for one in store.list()) else None
