"""``formcoach sessions export`` and ``import``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcoach.cli.store_access import open_store, resolve
from formcoach.errors import FormCoachError, UsageError
from formcoach.libraries import explained_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.sessions.store import SessionStore


class ExportFormat(StrEnum):
    """What to write."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"
    ZIP = "zip"


SessionsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID|last...", help="Sessions by their names from the list; last: the newest."),
]
AllOption = Annotated[bool, typer.Option("--all", help="All sessions.")]
FormatOption = Annotated[
    list[ExportFormat],
    typer.Option(
        "--format",
        "-f",
        help="csv: tables; json: session.json; parquet: angles (extra 'parquet'); trc, mot: OpenSim; zip: the whole"
        " session, for 'import'. May be given several times.",
    ),
]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder for the files; made if need be.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace files that stand there already.")]
FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILE.zip...", help="What 'export --format zip' wrote.")]


def export_sessions(
    format: FormatOption,
    sessions: SessionsArgument = None,
    everything: AllOption = False,
    out: OutOption = Path(),
    overwrite: OverwriteOption = False,
) -> None:
    """Write sessions for other programs, or whole for another computer; prints each path.

    Each is called as its session; csv makes a folder, mot a file for each leg.
    """
    if bool(sessions) == everything:
        raise UsageError("Name the sessions to export, or say --all.")
    with explained_imports(), open_store() as store:
        names = [one.session_id for one in store.list() if not one.is_running] if everything else sessions or []
        if not names:
            raise UsageError("No session has been recorded yet: there is nothing to export.")
        failed = False
        for name in dict.fromkeys(resolve(store, one) for one in names):
            for one in dict.fromkeys(format):
                try:
                    for path in _export(store, name, one, out, overwrite=overwrite):
                        typer.echo(str(path))
                except FormCoachError as error:
                    if len(names) == len(format) == 1:
                        raise
                    failed = True
                    typer.echo(f"formcoach: {error}", err=True)
    if failed:
        raise typer.Exit(code=FormCoachError.exit_code)


def import_sessions(files: FilesArgument) -> None:
    """Take sessions in that were exported as zip, perhaps on another computer: all of each, or nothing."""
    failed = False
    with explained_imports(), open_store() as store:
        from formcoach.sessions.export.archive import read_archive

        for file in files:
            try:
                session_id, added = read_archive(store, file)
            except FormCoachError as error:
                if len(files) == 1:
                    raise
                failed = True
                typer.echo(f"formcoach: {error}", err=True)
                continue
            if added:
                typer.echo(f"Imported {session_id}.")
            else:
                typer.echo(f"The session {session_id} is here already and stays as it is.")
    if failed:
        raise typer.Exit(code=FormCoachError.exit_code)


def _export(store: SessionStore, session_id: str, kind: ExportFormat, out: Path, *, overwrite: bool) -> Iterator[Path]:
    from formcoach.analysis.exporting import ExportTarget, export_session

    target = ExportTarget(out, overwrite=overwrite)
    yield from export_session(store, session_id, kind.value, target)
