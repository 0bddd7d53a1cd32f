"""Where sessions last: one SQLite file in the user's data folder, written while a session goes on."""

from formcoach.sessions.store.frames import StoredFrames
from formcoach.sessions.store.results import StoredResult
from formcoach.sessions.store.store import SessionStore, has_traces
from formcoach.sessions.store.types import (
    SessionNote,
    SessionState,
    SessionSummary,
    StoredHold,
    StoredSegment,
    StoredSession,
)
from formcoach.sessions.store.writer import StoreJournal, describe_estimator

__all__ = [
    "SessionNote",
    "SessionState",
    "SessionStore",
    "SessionSummary",
    "StoreJournal",
    "StoredFrames",
    "StoredHold",
    "StoredResult",
    "StoredSegment",
    "StoredSession",
    "describe_estimator",
    "has_traces",
]
