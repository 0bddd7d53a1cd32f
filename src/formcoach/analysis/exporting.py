"""Writes a session of the store in one of the formats that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.analysis.kept import load_kept
from formcoach.errors import OutputError, UsageError
from formcoach.pose.landmarks import Side
from formcoach.sessions.export.archive import write_archive
from formcoach.sessions.export.opensim import make_mot, make_trc
from formcoach.sessions.export.tables import make_json, make_parquet, write_csv
from formcoach.sessions.folder import explained_writing, write_whole
from formcoach.sessions.store import StoredFrames

if TYPE_CHECKING:
    from pathlib import Path

    from formcoach.analysis.kept import KeptSession
    from formcoach.sessions.store import SessionStore


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """Where exports go.

    Attributes
    ----------
    folder : Path
        Made if need be.
    overwrite : bool
        Whether files that stand there may be replaced.
    """

    folder: Path
    overwrite: bool = False

    def claim(self, name: str) -> Path:
        """Return the path of a file or folder that may be written.

        Raises
        ------
        OutputError
            When something stands there, or the folder cannot be made.
        """
        path = self.folder / name
        with explained_writing(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            if path.exists() and not self.overwrite:
                raise OutputError(f"'{path}' is there already: add --overwrite to replace it, or choose another --out.")
        return path


def export_session(store: SessionStore, session_id: str, kind: str, target: ExportTarget) -> list[Path]:
    """Write a session and return what was written.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    kind
        ``csv`` (a folder of tables), ``json``, ``parquet``, ``trc``, ``mot`` (a file for each leg) or ``zip``.
    target
        Where.

    Raises
    ------
    UsageError
        When there is none of that name, it is being recorded, or nothing was seen in it.
    MissingLibraryError
        When the extra for the format is not installed.
    OutputError
        When it cannot be read or written.
    """
    if kind == "zip":
        path = target.claim(f"{session_id}.zip")
        write_archive(store, session_id, path)
        return [path]
    kept = load_kept(store, session_id, with_frames=kind == "trc")
    if kind == "csv":
        folder = target.claim(session_id)
        with explained_writing(folder):
            folder.mkdir(exist_ok=True)
            write_csv(folder, kept.record, kept.measured, [one.set_number for one in kept.session.holds])
        return [folder]
    if kind == "mot":
        return _write_motions(kept, target)
    make = {
        "json": lambda: make_json(kept.record),
        "parquet": lambda: make_parquet(kept.record, kept.measured),
        "trc": lambda: _make_markers(kept),
    }
    content = make[kind]()
    path = target.claim(f"{session_id}.{kind}")
    with explained_writing(path):
        write_whole(path, content)
    return [path]


def _make_markers(kept: KeptSession) -> bytes:
    if not kept.session.frames:
        raise UsageError(f"No pose of the session '{kept.session.session_id}' is left: no .trc is made.")
    frames = StoredFrames.join([one.frames for one in kept.session.segments])
    return make_trc(f"{kept.session.session_id}.trc", frames.time_s, frames.pose, kept.record.facing)


def _write_motions(kept: KeptSession, target: ExportTarget) -> list[Path]:
    written = []
    for side in Side:
        name = f"{kept.session.session_id}_{side.value}"
        content = make_mot(name, kept.measured, side)
        if content is not None:
            path = target.claim(f"{name}.mot")
            with explained_writing(path):
                write_whole(path, content)
            written.append(path)
    if not written:
        raise UsageError(f"No angle of a leg was measured in the session '{kept.session.session_id}': no .mot is made.")
    return written
