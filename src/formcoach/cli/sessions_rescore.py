"""``formcoach sessions rescore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcoach.cli.store_access import open_store, resolve
from formcoach.libraries import explained_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.analysis.replay import Replayed
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store import StoredSession
    from formcoach.stretch import Profile

IdArgument = Annotated[str, typer.Argument(metavar="ID|last", help="A session's name from the list; last: the newest.")]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--exercise",
        metavar="NAME|FILE",
        help="Exercise profile: a name, or a TOML file of your own; otherwise the one that it was recorded with.",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder that gets the tables and the report of the new judgement.")
]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Keep the new judgement with the session, in place of the one that is kept.")
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace a result that stands there already.")]


def rescore_session(
    session: IdArgument,
    exercise: ProfileOption = None,
    out: OutOption = None,
    keep: KeepOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Judge a session anew by other thresholds, from what was seen then; no video is needed.

    Prints what is different. The session stays as it is, unless --keep is given; what it was recorded with stays
    too: without --exercise it is judged by that again.
    """
    with explained_imports():
        from formcoach.analysis.kept import load_kept, renew_folder
        from formcoach.stretch import load_profile

        profile = None if exercise is None else load_profile(exercise)
        with open_store() as store:
            session_id = resolve(store, session)
            kept = load_kept(store, session_id, with_frames=True)
            after = _replay(kept.session, profile, out, overwrite=overwrite)
            for line in describe_differences(kept.record, after.record):
                typer.echo(line)
            if out is not None:
                typer.echo(f"Report: {out / session_id / 'report.html'}")
            if keep:
                store.replace_result(session_id, after.record, after.measured)
                renew_folder(store, session_id)
                typer.echo(f"Kept with the session {session_id}.")


def _replay(session: StoredSession, profile: Profile | None, out: Path | None, *, overwrite: bool) -> Replayed:
    from formcoach.analysis.replay import replay
    from formcoach.cli.console import ProgressMonitor, make_progress
    from formcoach.cli.interruption import Interruption
    from formcoach.sessions.folder import ResultFolder

    with Interruption() as interruption, make_progress() as progress:
        monitor = ProgressMonitor(progress, session.session_id, interruption)
        if out is None:
            return replay(session, profile, monitor=monitor)
        with ResultFolder(out / session.session_id, overwrite=overwrite) as folder:
            again = replay(session, profile, folder=folder.path, monitor=monitor)
            folder.publish()
            return again


def describe_differences(before: SessionRecord, after: SessionRecord) -> Iterator[str]:
    """Say what is different, a line each."""
    from formcoach.sessions.wording import mostly_checked

    if before.profile != after.profile:
        yield f"Judged by {after.profile.file} ({after.profile.title}); before by {before.profile.file}."
    labels = {rule.name: rule.label for record in (before, after) for rule in record.profile.flags}
    same = before.flags == after.flags and before.holds == after.holds
    if same:
        yield "Nothing is different: flags and holds are the same to the last bit."
    for name, label in labels.items():
        was, now = _flag_in_words(before, name), _flag_in_words(after, name)
        if was != now:
            yield f"{label}: {now}; before {was}."
    if not same:
        told = [("counted", "counted_s")]
        if mostly_checked(before) and mostly_checked(after):
            told.append(("in good form", "good_s"))
        for what, seconds in told:
            was_s, now_s = (sum(getattr(one, seconds) for one in record.holds) for record in (before, after))
            yield f"Seconds {what}: {now_s:.1f}, before {was_s:.1f}."


def _flag_in_words(record: SessionRecord, name: str) -> str:
    from formcoach.sessions.wording import HALF

    periods = [one for one in record.flags if one.flag == name]
    if not periods:
        missing = [one for one in record.unchecked if one.flag == name and one.share >= HALF]
        known = any(rule.name == name for rule in record.profile.flags)
        return "not checked" if missing else "none" if known else "not watched"
    words = []
    for severity in sorted({one.severity for one in periods}, reverse=True):
        lasting_s = sum(one.end_s - one.start_s for one in periods if one.severity is severity)
        words.append(f"{severity.label} for {lasting_s:.1f} s")
    return ", ".join(words)
