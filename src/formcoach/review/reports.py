"""The report of a session, from beside the store or made anew."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from formcoach.errors import UsageError
from formcoach.sessions.folder import SESSION_FILE, SESSIONS_FOLDER
from formcoach.sessions.report import find_policy

if TYPE_CHECKING:
    from formcoach.sessions.store import SessionStore
    from formcoach.sessions.store.outline import SessionOutline

REPORT_FILE = "report.html"
VIDEO_FILE = "overlay.mp4"


def result_folder(store: SessionStore, session: SessionOutline) -> Path:
    """Return where the files of a session are; they need not exist."""
    return store.path.parent / SESSIONS_FOLDER / session.session_id


def find_video(store: SessionStore, session: SessionOutline) -> Path | None:
    """Return the video that was recorded; None without one."""
    path = result_folder(store, session) / VIDEO_FILE
    return path if path.is_file() else None


def make_report(store: SessionStore, session: SessionOutline) -> tuple[str, str]:
    """Return the report of a session and the policy under which it is to be shown.

    A report that lies beside the store is taken where this version wrote it and nothing was changed since; otherwise
    it is made anew from what the pose model saw.

    Raises
    ------
    UsageError
        When nothing was kept of which a report could be made.
    FormCoachError
        When it cannot be made.
    """
    folder = result_folder(store, session)
    if not session.notes and _is_unchanged(folder, session):
        report = (folder / REPORT_FILE).read_text(encoding="utf-8", errors="replace")
        policy = find_policy(report)
        if policy is not None:
            return report, policy
    report = _make_anew(store, session)
    policy = find_policy(report)
    if policy is None:
        raise RuntimeError("a report has the policy of the version that wrote it")
    return report, policy


def _is_unchanged(folder: Path, session: SessionOutline) -> bool:
    """Tell whether a report lies there and knows the same answers as the store."""
    try:
        written = json.loads((folder / SESSION_FILE).read_text(encoding="utf-8"))
        return (folder / REPORT_FILE).is_file() and [one["place"] for one in written["symptoms"]] == [
            one.place for one in session.answers
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make_anew(store: SessionStore, session: SessionOutline) -> str:
    from formcoach.analysis.replay import replay_session  # heavy, and only now needed

    stored = store.load(session.session_id)
    if not any(len(one.frames) for one in stored.segments):
        raise UsageError("Nothing was recorded in this session of which a report could be made.")
    with tempfile.TemporaryDirectory(prefix="formcoach-") as temporary:
        replay_session(stored, folder=Path(temporary))
        return (Path(temporary) / REPORT_FILE).read_text(encoding="utf-8")
