"""Keeps the result of an analysis in the store of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from formcoach.coach.session.types import FREE
from formcoach.errors import OutputError
from formcoach.sessions.journal import SessionPlan
from formcoach.sessions.landmarks import load_landmarks
from formcoach.sessions.store import SessionStore, StoredFrames
from formcoach.sessions.store.writer import CHUNK_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from formcoach.analysis.analyze import AnalysisResult
    from formcoach.pose.landmarks import Side
    from formcoach.pose.pose import Pose


def save_result(result: AnalysisResult, leg: Side | None, folder: Path | None = None) -> str:
    """Add a finished analysis to the store and return the name of the session.

    The poses are those of ``landmarks.npz`` in the result folder. Of the pictures nothing is kept. The session began
    when it was analysed: when it was recorded, a file does not tell for certain.

    Parameters
    ----------
    result
        What the analysis left.
    leg
        The leg that was asked for.
    folder
        Where the store is; None takes the user's.

    Raises
    ------
    OutputError
        When it cannot be written; nothing of it is kept then.
    """
    record = result.record
    landmarks = result.folder / "landmarks.npz"
    try:
        index, time_s, pose = load_landmarks(landmarks)
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(
            f"'{landmarks}' cannot be read, and nothing was saved as a session: analyse it again."
        ) from error
    plan = SessionPlan(record.source, record.profile, leg, sets=1)
    with SessionStore(folder) as store:
        return store.add_recording(plan, _frames(index, time_s, pose), record, result.measured)


def _frames(index: NDArray[np.int64], time_s: NDArray[np.float64], pose: Pose) -> Iterator[StoredFrames]:
    """Yield frames about a second at a time."""
    start = 0
    while start < len(time_s):
        end = max(int(np.searchsorted(time_s, time_s[start] + CHUNK_S)), start + 1)
        part = slice(start, end)
        yield StoredFrames(index[part], time_s[part], pose[part], (FREE,) * (end - start))
        start = end
