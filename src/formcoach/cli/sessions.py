"""``formcoach sessions``: what is kept, listed, shown and deleted."""

from __future__ import annotations

import json as json_format
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcoach.cli.options import JsonOption  # noqa: TC001 -- typer reads it when the program starts
from formcoach.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.sessions.store import SessionStore, SessionSummary, StoredSession

app = typer.Typer(
    help="Sessions that were recorded: list, show, delete; where they are.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LAST = "last"
IdArgument = Annotated[str, typer.Argument(metavar="ID|last", help="A session's name from the list; last: the newest.")]
IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID|last...", help="Sessions by their names from the list; last: the newest.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command(name="list")
def list_sessions(json: JsonOption = False) -> None:
    """List all sessions, the oldest first."""
    with _open_store() as store:
        sessions = store.list()
    if json:
        _print_json([_describe(one) for one in sessions])
        return
    if not sessions:
        typer.echo("No session has been recorded yet: 'formcoach live' records one.")
    for one in sessions:
        typer.echo(f"{one.session_id}  {one.exercise}  {_course(one)}")


@app.command(name="show")
def show_session(session: IdArgument, json: JsonOption = False) -> None:
    """Show what is kept of a session: holds, flags, symptoms and notes."""
    with _open_store() as store:
        session_id = _resolve(store, session)
        (summary,) = (one for one in store.list() if one.session_id == session_id)
        found = store.load(session_id)
    if json:
        _print_json({**_describe(summary), "notes": [one.text for one in found.notes], "record": found.record})
        return
    for line in _lines(summary, found):
        typer.echo(line)


@app.command(name="delete")
def delete_sessions(sessions: IdsArgument, yes: YesOption = False) -> None:
    """Delete sessions and everything that is kept of them: what is in the store, and their folders with the reports."""
    with _open_store() as store:
        names = list(dict.fromkeys(_resolve(store, one) for one in sessions))
        for one in names:
            store.require(one)  # all are there before the first is deleted
        what = f"the session {names[0]}" if len(names) == 1 else f"these {len(names)} sessions"
        if not yes and not typer.confirm(f"Delete {what} for good?", err=True):
            typer.echo("Nothing was deleted.", err=True)
            raise typer.Exit(code=1)
        for one in names:
            store.delete(one)
            typer.echo(f"Deleted {one}.")


@app.command(name="path")
def print_path() -> None:
    """Print the folder in which sessions are kept; it need not exist."""
    from formcoach.folders import data_folder

    typer.echo(str(data_folder()))


@contextmanager
def _open_store() -> Iterator[SessionStore]:
    """Open the user's store; say what was mended, and close what another run left open."""
    from formcoach.sessions.store import SessionStore, has_traces

    traces = has_traces()
    with SessionStore() as store:
        sentences = store.notices
        if traces or store.notices:
            from formcoach.analysis.replay import close_unfinished  # heavy, and rarely needed

            sentences += close_unfinished(store)
        for one in sentences:
            typer.echo(one, err=True)
        yield store


def _resolve(store: SessionStore, session: str) -> str:
    if session != LAST:
        store.require(session)
        return session
    sessions = store.list()
    if not sessions:
        raise UsageError("No session has been recorded yet: 'formcoach live' records one.")
    return sessions[-1].session_id


def _course(one: SessionSummary) -> str:
    if one.is_running:
        return "being recorded"
    holds = "1 hold" if one.holds == 1 else f"{one.holds} holds"
    cut = ", cut off" if one.state == "interrupted" else ""
    return f"{one.duration_s:.0f} s, {holds}, {one.counted_s:.0f} s counted, {one.good_s:.0f} s in good form{cut}"


def _lines(summary: SessionSummary, session: StoredSession) -> Iterator[str]:
    profile = session.plan.profile
    yield f"{session.session_id}: {profile.title}, {session.started:%d %B %Y, %H:%M}"
    yield _course(summary)
    for one in session.holds:
        leg = "" if one.hold.leg is None else f"{one.hold.leg.value} leg, "
        yield (
            f"Hold: {leg}set {one.set_number}, at {one.hold.start_s:.0f} s, {one.hold.counted_s:.0f} s counted,"
            f" {one.hold.good_s:.0f} s in good form"
        )
    labels = {rule.name: rule.label for rule in profile.flags}
    for flag in session.flags:
        name = labels.get(flag.flag, flag.flag)
        yield f"Flag: {name}, {flag.severity.label}, {flag.start_s:.1f}–{flag.end_s:.1f} s"
    for symptom in session.symptoms:
        place = "no answer" if symptom.place is None else symptom.place.value.replace("_", " ")
        yield f"Felt: {place}, at {symptom.time_s:.1f} s"
    for note in session.notes:
        yield f"Note: {_on_one_line(note.text)}"
    if session.damaged_chunks:
        yield f"About {session.damaged_chunks} s of it are damaged and left out."


def _describe(one: SessionSummary) -> dict[str, Any]:
    return {
        "id": one.session_id,
        "started": one.started.isoformat(timespec="milliseconds"),
        "state": "running" if one.is_running else one.state.value,
        "exercise": one.exercise,
        "leg": one.leg,
        "sets": one.sets,
        "duration_s": round(one.duration_s, 4),
        "holds": one.holds,
        "counted_s": round(one.counted_s, 4),
        "good_s": round(one.good_s, 4),
        "flags": one.flags,
        "symptoms": one.symptoms,
    }


def _on_one_line(text: str) -> str:
    """Return a text without line breaks and control characters, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _print_json(document: object) -> None:
    typer.echo(json_format.dumps(document, indent=2, ensure_ascii=False))
