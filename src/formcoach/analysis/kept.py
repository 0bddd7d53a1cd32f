"""What is kept of a session, whole: its record and everything that was measured; and its report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from formcoach.errors import OutputError, UsageError
from formcoach.sessions.document import read_record
from formcoach.sessions.export.tables import write_angles
from formcoach.sessions.folder import SESSION_FILE, VIDEO_FILE, explained_writing, pictures_of, write_whole
from formcoach.sessions.loading import load_result_folder
from formcoach.sessions.measured import Measured
from formcoach.sessions.record import dump_document
from formcoach.sessions.report import Remark, choose_moments, read_snapshots, render_report
from formcoach.sessions.store import StoredResult
from formcoach.sessions.tables import write_flags

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from formcoach.analysis.options import Monitor
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store import SessionStore, StoredSession

REPORT_FILE = "report.html"
FRAMES_LOST = "What was measured from picture to picture is no longer there."
_PICTURE_FILE = "overlay.png"
# In the first bytes of every report; a file without it is somebody else's.
_MARK, _MARK_WITHIN = "<title>formcoach", 200_000


@dataclass(frozen=True, slots=True, eq=False)
class KeptSession:
    """A closed session.

    Attributes
    ----------
    session : StoredSession
        As the store gave it; its segments may be empty.
    record : SessionRecord
        What was found, with what was felt as it stands in the store today.
    measured : Measured
        Frame by frame; without a frame where neither angles nor poses are left.
    """

    session: StoredSession
    record: SessionRecord
    measured: Measured


def load_kept(
    store: SessionStore, session_id: str, *, with_frames: bool = False, monitor: Monitor | None = None
) -> KeptSession:
    """Return what is kept of a closed session; where what was measured is not kept, it is measured again.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    with_frames
        Whether the poses are wanted too.
    monitor
        Hears how far it is, where it is measured again.

    Raises
    ------
    UsageError
        When there is none of that name, it is being recorded, or nothing was seen in it.
    OutputError
        When it cannot be read.
    """
    session = store.load(session_id, with_frames=with_frames)
    if session.record is None:
        raise _nothing_to_show(store, session_id)
    result = store.load_result(session_id)
    if result is None:
        seen = session.record.get("source", {}).get("frames", 0)
        session = store.load(session_id)
        # With a part of them lost, what was wrong in that part would be, too: rather the record, without its pictures.
        if session.frames and session.frames >= seen:
            from formcoach.analysis.replay import replay  # heavy, and rarely needed

            again = replay(session, monitor=monitor)
            return KeptSession(session, again.record, again.measured)
        # With a damaged store they may be lost; the record still tells what was found.
        result = StoredResult(session.plan.profile, Measured.nothing())
    try:
        record = read_record(session.record, result.profile)
    except ValueError as error:
        raise OutputError(
            f"The record of the session '{session_id}' cannot be understood ({error}): it may come from another version"
            " of formcoach."
        ) from error
    # The document is rounded; the tables are not, and what was felt may have been corrected in them.
    holds = tuple(one.hold for one in session.holds)
    exact = replace(record, flags=session.flags, holds=holds, symptoms=session.symptoms, events=session.events)
    if not len(result.measured):
        exact = replace(exact, notes=(*exact.notes, FRAMES_LOST))
    return KeptSession(session, exact, result.measured)


def write_session_report(
    store: SessionStore, session_id: str, out: Path | None = None, monitor: Monitor | None = None
) -> Path:
    """Write the report of a session and return where it stands.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    out
        The file; None takes ``report.html`` in the session's folder, where its video is, if there is one.
    monitor
        Hears how far it is, where the session must be measured again.

    Raises
    ------
    UsageError
        When there is none of that name, it is being recorded, or nothing was seen in it; or the file is none of ours.
    OutputError
        When it cannot be written.
    """
    folder = store.folder_of(session_id)
    target = folder / REPORT_FILE if out is None else out
    _check_replaceable(target)
    report = make_session_report(store, session_id, target.parent, monitor)
    if out is not None:
        return _write(report, target)
    # Nobody deletes the session from here on, and its report would stay.
    with store.reserved(session_id):
        store.require(session_id)
        with explained_writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return _write(report, target)


def make_session_report(
    store: SessionStore, session_id: str, place: Path | None = None, monitor: Monitor | None = None
) -> str:
    """Return the report of a session as HTML.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    place
        The folder in which it will stand; a report shows the video and the pictures beside it, and no others. None
        takes the session's.
    monitor
        Hears how far it is, where the session must be measured again.

    Raises
    ------
    UsageError
        When there is none of that name, it is being recorded, or nothing was seen in it.
    OutputError
        When it cannot be read.
    """
    kept = load_kept(store, session_id, monitor=monitor)
    remarks = tuple(Remark(one.time_s, one.text) for one in kept.session.notes)
    return _make(
        kept.record, kept.measured, store.folder_of(session_id), place, started=kept.session.started, remarks=remarks
    )


def renew_folder(store: SessionStore, session_id: str) -> None:
    """Write what lies in a session's folder anew, where it has one: it was judged anew.

    Raises
    ------
    UsageError
        When there is none of that name, or it is being recorded.
    OutputError
        When it cannot be written.
    """
    folder = store.folder_of(session_id)
    if not (folder / SESSION_FILE).is_file():
        return
    kept = load_kept(store, session_id)
    with explained_writing(folder):
        write_angles(folder / "angles.csv", kept.measured)
        write_flags(folder / "flags.csv", kept.record.flags)
    renew_record(store, session_id)
    write_session_report(store, session_id)


def renew_record(store: SessionStore, session_id: str) -> None:
    """Write ``session.json`` in a session's folder anew, where there is one: what was felt was changed.

    Raises
    ------
    UsageError
        When there is none of that name.
    OutputError
        When it cannot be read or written.
    """
    path = store.folder_of(session_id) / SESSION_FILE
    document = store.load(session_id, with_frames=False).record
    if document is not None and path.is_file():
        with explained_writing(path.parent):
            write_whole(path, dump_document(document).encode())


def write_folder_report(folder: Path, out: Path | None = None) -> Path:
    """Write the report of a result folder and return where it stands.

    Parameters
    ----------
    folder
        Of an analysis or a live session.
    out
        The file; None takes ``report.html`` in the folder.

    Raises
    ------
    UsageError
        When it is no result folder, or the file is none of ours.
    OutputError
        When it cannot be written.
    """
    target = folder / REPORT_FILE if out is None else out
    _check_replaceable(target)
    loaded = load_result_folder(folder)
    return _write(_make(loaded.record, loaded.measured, folder, target.parent), target)


def _make(
    record: SessionRecord,
    measured: Measured,
    folder: Path,
    place: Path | None,
    *,
    started: datetime | None = None,
    remarks: tuple[Remark, ...] = (),
) -> str:
    series = measured.series
    video, picture = folder / VIDEO_FILE, folder / _PICTURE_FILE
    snapshots = read_snapshots(video, (one.time_s for one in choose_moments(record, series)))
    with explained_writing(folder):
        beside = place is None or place.resolve() == folder.resolve()
    return render_report(
        record,
        series,
        video=VIDEO_FILE if beside and video.is_file() else None,
        picture=_PICTURE_FILE if beside and picture.is_file() else None,
        snapshots=snapshots,
        kept={one.name for one in pictures_of(folder)} if beside else (),
        started=started,
        remarks=remarks,
    )


def _write(report: str, target: Path) -> Path:
    with explained_writing(target):
        write_whole(target, report.encode())
    return target


def _check_replaceable(target: Path) -> None:
    """Refuse to write over what is no report."""
    with explained_writing(target):
        if target.is_dir():
            raise UsageError(f"'{target}' is a folder: name a file with --out.")
        if target.exists():
            with target.open("rb") as file:
                if _MARK.encode() not in file.read(_MARK_WITHIN):
                    raise UsageError(
                        f"'{target}' is no report of formcoach and is left as it is: name another file with --out."
                    )


def _nothing_to_show(store: SessionStore, session_id: str) -> UsageError:
    if store.is_running(session_id):
        return UsageError(f"The session '{session_id}' is being recorded: end it first.")
    return UsageError(f"Nothing was seen in the session '{session_id}': there is nothing to show.")
