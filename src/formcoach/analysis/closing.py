"""Closes sessions whose program was killed: their record, and the folder that it left half-written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from formcoach.analysis.replay import replay
from formcoach.errors import FormCoachError
from formcoach.sessions.folder import (
    SESSIONS_FOLDER,
    VIDEO_FILE,
    all_unpublished,
    explained_writing,
    pictures_of,
    unpublished,
)
from formcoach.video.remux import make_seekable

if TYPE_CHECKING:
    from pathlib import Path

    from formcoach.sessions.store import SessionStore


def close_unfinished(store: SessionStore) -> tuple[str, ...]:
    """Close every session whose program ended without doing so, with all that was kept of it.

    Video, snapshots and tables that it left go into the session's folder, with a report; what no session is left for is
    removed. Sessions that another program is recording are left alone.

    Parameters
    ----------
    store
        Where to look.

    Returns
    -------
    tuple of str
        A sentence for each of them.

    Raises
    ------
    OutputError
        When the store cannot be read.
    """
    sentences = []
    for session_id in store.unfinished():
        try:
            sentences += _close(store, session_id)
        except FormCoachError as error:
            sentences.append(f"The session '{session_id}' was cut off and could not be closed yet. {error}")
    for folder, session_id in all_unpublished(store.path.parent / SESSIONS_FOLDER).items():
        # Asked in this order: who lets a session go leaves it unfinished, or has nothing unpublished any more.
        if not store.is_running(session_id) and session_id not in store.unfinished():
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(sentences)


def _close(store: SessionStore, session_id: str) -> list[str]:
    journal = store.adopt(session_id)
    if journal is None:
        return []
    with journal:
        session = store.load(session_id)
        last_s = max((float(one.frames.time_s[-1]) for one in session.segments if len(one.frames)), default=None)
        if last_s is None:
            journal.finish_empty()
            return [f"The session '{session_id}' was cut off before its first second; nothing of it was seen."]
        note = f"The session was cut off after {last_s:.1f} s: what was recorded until then is kept."
        target = store.folder_of(session_id)
        folder = _find_folder(target)
        replayed = replay(session, folder=folder, notes=(note,))
        if folder is not None:
            with explained_writing(target):
                folder.rename(target)
        journal.finish(replayed.record, replayed.measured)
    return [f"The session '{session_id}' was cut off after {last_s:.1f} s; what was recorded until then is kept."]


def _find_folder(target: Path) -> Path | None:
    """Return the folder that was to become the session's, its video ready to be shown; None where there is none."""
    left = unpublished(target)
    if not left or target.exists():
        return None
    folder = max(left, key=lambda one: len(pictures_of(one)))
    video = folder / VIDEO_FILE
    if video.exists() and not make_seekable(video):
        video.unlink()
    return folder
