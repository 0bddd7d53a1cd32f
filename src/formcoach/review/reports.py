"""The report of a session, and its files for other programs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from formcoach.sessions.report import find_policy

if TYPE_CHECKING:
    from formcoach.sessions.store import SessionStore

FORMATS = {"zip": "application/zip", "csv": "application/zip", "json": "application/json"}
"""What can be had from a page, and what kind of file that is: tables come packed."""


def make_report(store: SessionStore, session_id: str) -> tuple[str, str]:
    """Return the report of a session, made anew, and the policy under which it is to be shown.

    Raises
    ------
    FormCoachError
        When it cannot be made.
    """
    from formcoach.analysis.kept import make_session_report  # heavy, and only now needed

    report = make_session_report(store, session_id)
    policy = find_policy(report)
    if policy is None:
        raise RuntimeError("a report has the policy of the version that wrote it")
    return report, policy


def renew_record(store: SessionStore, session_id: str) -> None:
    """Let the record in a session's folder say what was felt as it stands in the store now.

    Raises
    ------
    FormCoachError
        When it cannot be written.
    """
    from formcoach.analysis import kept  # heavy, and only now needed

    kept.renew_record(store, session_id)


def export_file(store: SessionStore, session_id: str, kind: str, folder: Path) -> Path:
    """Write a session into one file and return it.

    Parameters
    ----------
    store
        Open.
    session_id
        Which.
    kind
        One of `FORMATS`.
    folder
        Where.

    Raises
    ------
    FormCoachError
        When that cannot be done.
    """
    from formcoach.analysis.exporting import ExportTarget, export_session  # heavy, and only now needed

    (path,) = export_session(store, session_id, kind, ExportTarget(folder))
    return Path(shutil.make_archive(f"{path}-tables", "zip", path)) if path.is_dir() else path
