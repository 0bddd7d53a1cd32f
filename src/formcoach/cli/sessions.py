"""``formcoach sessions``: what is kept, listed, shown and deleted."""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from formcoach.cli.options import JsonOption  # noqa: TC001 -- typer reads it when the program starts
from formcoach.cli.sessions_export import export_sessions, import_sessions
from formcoach.cli.sessions_rescore import rescore_session
from formcoach.cli.store_access import NO_SESSION, open_store, resolve
from formcoach.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from formcoach.sessions.store.outline import SessionOutline
    from formcoach.sessions.store.trends import SessionTrend

app = typer.Typer(
    help="Sessions that are kept: list, show, delete, export and import them, judge them anew; where they are.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(name="export")(export_sessions)
app.command(name="import")(import_sessions)
app.command(name="rescore")(rescore_session)

IdArgument = Annotated[str, typer.Argument(metavar="ID|last", help="A session's name from the list; last: the newest.")]
IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID|last...", help="Sessions by their names from the list; last: the newest."),
]
AllOption = Annotated[bool, typer.Option("--all", help="All of them, and everything else that formcoach keeps.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class _Pictures:
    """What was recorded of a session in pictures."""

    video_bytes: int
    snapshots: int
    snapshots_bytes: int


@app.command(name="list")
def list_sessions(json: JsonOption = False) -> None:
    """List all sessions, the oldest first."""
    from formcoach.sessions.store.trends import read_trends

    with open_store() as store:
        sessions = [(one, _measure_pictures(store.folder_of(one.summary.session_id))) for one in read_trends(store)]
    if json:
        _print_json([_describe(one, pictures) for one, pictures in sessions])
        return
    if not sessions:
        typer.echo(NO_SESSION)
    for one, pictures in sessions:
        course = ", ".join(part for part in (_source(one), _course(one), *_pictures_in_words(pictures)) if part)
        typer.echo(f"{one.summary.session_id}  {_on_one_line(one.summary.exercise)}  {course}")


@app.command(name="show")
def show_session(session: IdArgument, json: JsonOption = False) -> None:
    """Show what is kept of a session: holds, flags, symptoms and notes."""
    from formcoach.sessions.store.outline import read_outline
    from formcoach.sessions.store.trends import read_trends

    with open_store() as store:
        session_id = resolve(store, session)
        (one,) = (one for one in read_trends(store) if one.summary.session_id == session_id)
        outline = read_outline(store, session_id)
        if outline is None:
            raise UsageError(f"The session '{session_id}' was deleted in this moment.")
        found = outline.session
        pictures = _measure_pictures(store.folder_of(session_id))
    if json:
        notes = [note.text for note in found.notes]
        _print_json({**_describe(one, pictures), "notes": notes, "record": found.record})
        return
    for line in (*_lines(one, outline), *(f"Recorded: {words}" for words in _pictures_in_words(pictures))):
        typer.echo(line)


@app.command(name="delete")
def delete_sessions(sessions: IdsArgument = None, everything: AllOption = False, yes: YesOption = False) -> None:
    """Delete sessions and everything that is kept of them: in the store, their folders, reports and videos.

    With --all nothing stays behind: no store, no file set aside, no folder.
    """
    if bool(sessions) == everything:
        raise UsageError("Name the sessions to delete, or say --all.")
    if everything:
        _delete_everything(yes=yes)
        return
    with open_store() as store:
        names = list(dict.fromkeys(resolve(store, one) for one in sessions or ()))
        _confirm(f"the session {names[0]}" if len(names) == 1 else f"these {len(names)} sessions", yes=yes)
        for one in names:
            store.delete(one)
            typer.echo(f"Deleted {one}.")
        for path in store.set_aside():
            typer.echo(f"Note: '{path}' was set aside as damaged and may still have it: delete that file too.")


def _delete_everything(*, yes: bool) -> None:
    from formcoach.folders import data_folder
    from formcoach.sessions.store import SessionStore

    folder = data_folder()
    if not folder.exists():
        typer.echo("Nothing is kept: there is nothing to delete.")
        return
    with SessionStore() as store:
        count = len(store.list())
        what = {0: "", 1: "the only session and "}.get(count, f"all {count} sessions and ")
        _confirm(f"{what}everything{' else' if count else ''} that formcoach keeps in '{folder}'", yes=yes)
        store.delete_all()
    typer.echo(f"Deleted everything in '{folder}'." if not folder.exists() else "Deleted everything that was kept.")


def _confirm(what: str, *, yes: bool) -> None:
    if not yes and not typer.confirm(f"Delete {what} for good?", err=True):
        typer.echo("Nothing was deleted.", err=True)
        raise typer.Exit(code=1)


@app.command(name="path")
def print_path() -> None:
    """Print the folder in which sessions are kept; it need not exist."""
    from formcoach.folders import data_folder

    typer.echo(str(data_folder()))


def _course(one: SessionTrend) -> str:
    summary = one.summary
    if summary.is_running:
        return "being recorded"
    if one.origin == "photo":
        return "a photo"
    holds = "1 hold" if summary.holds == 1 else f"{summary.holds} holds"
    cut = ", cut off" if summary.state == "interrupted" else ""
    form = "" if not summary.holds else f", {_form(summary.good_s, checked=one.form_checked)}"
    return f"{summary.duration_s:.0f} s, {holds}, {summary.counted_s:.0f} s counted{form}{cut}"


def _form(good_s: float, *, checked: bool) -> str:
    return f"{good_s:.0f} s in good form" if checked else "form not checked"


def _source(one: SessionTrend) -> str:
    """Return which file was analysed, on one line; empty for a live session."""
    return "" if one.origin == "live" else _on_one_line(one.source)


def _lines(one: SessionTrend, outline: SessionOutline) -> Iterator[str]:
    session, profile = outline.session, outline.profile
    dated = f"{'' if one.origin == 'live' else 'analysed '}{session.started:%d %B %Y, %H:%M}"
    yield ", ".join(
        part for part in (f"{session.session_id}: {_on_one_line(profile.title)}", _source(one), dated) if part
    )
    yield _course(one)
    for hold in session.holds:
        leg = "" if hold.hold.leg is None else f"{hold.hold.leg.value} leg, "
        number = f"set {hold.set_number}, " if one.has_sets else ""
        yield (
            f"Hold: {leg}{number}at {hold.hold.start_s:.0f} s, {hold.hold.counted_s:.0f} s counted,"
            f" {_form(hold.hold.good_s, checked=one.form_checked)}"
        )
    labels = {rule.name: rule.label for rule in profile.flags}
    for flag in session.flags:
        name = _on_one_line(labels.get(flag.flag, flag.flag))
        when = "" if one.origin == "photo" else f", {flag.start_s:.1f}–{flag.end_s:.1f} s"
        yield f"Flag: {name}, {flag.severity.label}{when}"
    for label, reason in outline.unchecked:
        yield f"Not checked: {_on_one_line(label)}, {reason}"
    for symptom in session.symptoms:
        place = "no answer" if symptom.place is None else symptom.place.value.replace("_", " ")
        yield f"Felt: {place}, at {symptom.time_s:.1f} s"
    for remark in (session.record or {}).get("notes", ()):
        yield f"Remark: {_on_one_line(remark)}"
    for note in session.notes:
        yield f"Note: {_on_one_line(note.text)}"
    if session.damaged_chunks:
        yield f"About {session.damaged_chunks} s of it are damaged and left out."


def _measure_pictures(folder: Path) -> _Pictures:
    from formcoach.sessions.folder import VIDEO_FILE, pictures_of

    sizes = {one.name: one.stat().st_size for one in pictures_of(folder)}
    video = sizes.pop(VIDEO_FILE, 0)
    return _Pictures(video, len(sizes), sum(sizes.values()))


def _pictures_in_words(pictures: _Pictures) -> Iterator[str]:
    if pictures.video_bytes:
        yield f"video of {_size(pictures.video_bytes)}"
    if pictures.snapshots:
        many = "1 snapshot" if pictures.snapshots == 1 else f"{pictures.snapshots} snapshots"
        yield f"{many} of {_size(pictures.snapshots_bytes)}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{max(count, 1000) / 1e3:.0f} kB"


def _describe(trend: SessionTrend, pictures: _Pictures) -> dict[str, Any]:
    one = trend.summary
    return {
        "id": one.session_id,
        "started": one.started.isoformat(timespec="milliseconds"),
        "origin": trend.origin.value,
        "source": trend.source or None,
        "state": "running" if one.is_running else one.state.value,
        "exercise": one.exercise,
        "leg": one.leg,
        "sets": one.sets,
        "duration_s": round(one.duration_s, 4),
        "holds": one.holds,
        "counted_s": round(one.counted_s, 4),
        "form_checked": trend.form_checked,
        "good_s": round(one.good_s, 4) if trend.form_checked else None,
        "flags": one.flags,
        "symptoms": one.symptoms,
        "video_bytes": pictures.video_bytes,
        "snapshots": pictures.snapshots,
        "snapshots_bytes": pictures.snapshots_bytes,
    }


def _on_one_line(text: str) -> str:
    """Return a text without line breaks and control characters, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _print_json(document: object) -> None:
    typer.echo(json_format.dumps(document, indent=2, ensure_ascii=False))
