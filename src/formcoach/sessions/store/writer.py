"""Writes a session while it goes on: about a second at a time, each in a commit of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from formcoach.angles.calibration import ESTIMATOR_VERSION, compute_calibration_hash
from formcoach.coach.session.types import EventKind
from formcoach.pose.pose import Pose
from formcoach.sessions.record import to_document
from formcoach.sessions.store.database import explained, transaction
from formcoach.sessions.store.frames import StoredFrames, describe_layout, pack_frames, pack_guidance
from formcoach.sessions.store.plain import to_plain, to_text
from formcoach.sessions.store.results import StoredResult, insert_statement
from formcoach.sessions.store.types import SessionState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from formcoach.angles import Readings
    from formcoach.coach.session.types import Guidance, SessionEvent, Symptom
    from formcoach.pose.model import ModelInfo
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store.lock import FileLock

# With the next frame of a camera at 12 frames a second or more it is still below the one second that may be lost.
CHUNK_S = 0.9
# It only appends, and never reads again what it wrote: SQLite's usual 2 MB would fill up in the first minute [D].
CACHE_KIB = 256
# What cannot be written waits for so many chunks, about five minutes and 4 MB; then the oldest are given up [D].
MAXIMUM_WAITING = 300

_SEGMENT = (
    "INSERT INTO segments (session, number, width, height, model, estimator, layout) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_CHUNK = (
    "INSERT INTO chunks (session, number, segment, start_s, end_s, frames, guidance, block)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_EVENT = "INSERT INTO events (session, time_s, kind, leg, set_number, detail) VALUES (?, ?, ?, ?, ?, ?)"
_SYMPTOM = (
    "INSERT INTO symptoms (session, time_s, leg, set_number, place, trigger, readings) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_FLAG = "INSERT INTO flags (session, flag, severity, start_s, end_s, peak_deg) VALUES (?, ?, ?, ?, ?, ?)"
_HOLD = "INSERT INTO holds (session, leg, set_number, start_s, end_s, counted_s, good_s) VALUES (?, ?, ?, ?, ?, ?, ?)"
_CLOSE = "UPDATE sessions SET state = ?, ended_utc = ?, duration_s = ?, record = ? WHERE key = ?"


@dataclass(frozen=True, slots=True)
class _Row:
    statement: str
    values: tuple[Any, ...]


class StoreJournal:
    """A session that is being written; see `formcoach.sessions.journal.SessionJournal`.

    It has a connection and a lock of its own, which live until `finish` or `close`. One thread at a time may use it;
    it need not be the one that made it. Frames are committed when `CHUNK_S` of them are there; an event or a symptom
    is committed at once, with the frames before it.

    Where a commit fails, every method raises `OutputError` with a sentence. Nothing is lost by that yet: what could
    not be written waits in memory for the next try, a chunk later, as long as not more than `MAXIMUM_WAITING` wait.

    Parameters
    ----------
    connection, path
        The store.
    lock
        Tells others that the session is being written.
    key, session_id
        Its number and name in the store.
    state
        What it is once it is closed.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        lock: FileLock,
        key: int,
        session_id: str,
        state: SessionState = SessionState.FINISHED,
    ) -> None:
        self._connection = connection
        self._path = path
        self._lock = lock
        self._key = key
        self._session_id = session_id
        self._frames: list[tuple[int, float, Pose, Guidance]] = []
        self._waiting: list[_Row] = []
        with explained(path):
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}").fetchall()
            self._segment = self._count("SELECT count(*) FROM segments WHERE session = ?")
            self._chunk = self._count("SELECT count(*) FROM chunks WHERE session = ?")
        self._state = state
        self._last_s = 0.0
        self._closed = False

    @property
    def session_id(self) -> str:
        """What the session is called in the store."""
        return self._session_id

    def begin_segment(self, model: ModelInfo, frame_size: tuple[int, int]) -> None:
        """A coach begins afresh from the next frame on; see the protocol."""
        self._collect()
        self._segment += 1
        self._waiting.append(_Row(*segment_statement(self._key, self._segment, model, frame_size)))
        self._write()

    def append(self, index: int, time_s: float, pose: Pose, guidance: Guidance) -> None:
        """Take one frame; commits when about a second is there."""
        if not self._segment:
            raise ValueError("begin_segment comes before the first frame")
        self._frames.append((index, time_s, pose, guidance))
        self._last_s = time_s
        if time_s - self._frames[0][1] >= CHUNK_S:
            self._collect()
            self._write()

    def note_event(self, event: SessionEvent) -> None:
        """Take something that happened, and commit."""
        self._collect()
        self._waiting.append(_Row(*event_statement(self._key, event)))
        self._write()

    def note_symptom(self, symptom: Symptom) -> None:
        """Take something that was felt, and commit."""
        self._collect()
        self._waiting.append(_Row(*symptom_statement(self._key, symptom)))
        self._write()

    def finish(self, record: SessionRecord, measured: Measured | None = None) -> None:
        """Close the session properly; the journal takes nothing more. See the protocol."""
        with explained(self._path):
            stages = self._stages()
        rows = [_Row(*one) for one in judgement_statements(self._key, record, stages)]
        if measured is not None:
            rows.append(_Row(*insert_statement(self._key, StoredResult(record.profile, measured))))
        self._finish(rows, record.duration_s, to_stored_document(record))

    def finish_empty(self) -> None:
        """Close a session of which nothing was kept that a record could be made of."""
        self._finish([], self._last_s, None)

    def close(self) -> None:
        """Let the session go; may be called twice. Not finished, the next command closes it properly.

        Raises
        ------
        OutputError
            When the last frames could not be written; it is let go all the same.
        """
        if self._closed:
            return
        try:
            self._collect()
            self._write()
        finally:
            self._release(finished=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _count(self, statement: str) -> int:
        return int(self._connection.execute(statement, (self._key,)).fetchone()[0])

    def _collect(self) -> None:
        """Make a chunk of the frames that are there."""
        if not self._frames:
            return
        indices, times_s, poses, guidance = zip(*self._frames, strict=True)
        frames = StoredFrames(np.array(indices, dtype=np.int64), np.array(times_s), Pose.stack(poses), guidance)
        self._chunk += 1
        self._waiting.append(_Row(*chunk_statement(self._key, self._chunk, self._segment, frames)))
        self._frames.clear()
        chunks = [row for row in self._waiting if row.statement is _CHUNK]
        if len(chunks) > MAXIMUM_WAITING:
            self._waiting.remove(chunks[0])

    def _write(self, more: Sequence[_Row] = ()) -> None:
        if not self._waiting and not more:
            return
        with explained(self._path), transaction(self._connection):
            for row in (*self._waiting, *more):
                self._connection.execute(row.statement, row.values)
        self._waiting.clear()

    def _finish(self, rows: list[_Row], duration_s: float, document: str | None) -> None:
        self._collect()
        ended_utc = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows.append(_Row(_CLOSE, (self._state.value, ended_utc, duration_s, document, self._key)))
        self._write(rows)
        self._release(finished=True)

    def _stages(self) -> list[tuple[float, int]]:
        """Return when which set was spoken of."""
        found = self._connection.execute(
            "SELECT time_s, set_number FROM events WHERE session = ? AND kind = ? ORDER BY time_s, key",
            (self._key, EventKind.STAGE.value),
        )
        waiting = [(row.values[1], row.values[4]) for row in self._waiting if row.statement is _EVENT]
        return [*((float(time_s), int(number)) for time_s, number in found), *waiting]

    def _release(self, *, finished: bool) -> None:
        """Let everything go; the lock's file stays behind as a trace of a session that is to be closed."""
        self._closed = True
        self._connection.close()
        self._lock.release(keep_file=not finished)


def describe_estimator() -> dict[str, str]:
    """Return the version of the angle estimators and the SHA-256 of each file that they consist of.

    Raises
    ------
    ModelError
        When one of the files is missing.
    """
    from formcoach.pose.estimates import compute_network_hashes  # loads OpenCV, which reading a list must not

    networks = {f"{name}_network": sha256 for name, sha256 in compute_network_hashes().items()}
    return {"version": ESTIMATOR_VERSION, **networks, "calibration": compute_calibration_hash()}


def describe_readings(readings: Readings) -> str:
    """Return the angles of one frame as JSON, without loss: name to value, standard deviation and status."""
    plain = {
        angle.value: {
            "value_deg": to_plain(reading.value_deg),
            "sigma_deg": to_plain(reading.sigma_deg),
            "status": reading.status.name,
        }
        for angle, reading in readings.items()
    }
    return json.dumps(plain)


def event_statement(key: int, event: SessionEvent) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that keeps what happened in the session of that key, and its values."""
    return _EVENT, (key, event.time_s, event.kind.value, event.leg, event.set_number, event.detail)


def symptom_statement(key: int, symptom: Symptom) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that keeps what was felt in the session of that key, and its values."""
    place = None if symptom.place is None else symptom.place.value
    readings = describe_readings(symptom.readings)
    where = (symptom.time_s, symptom.leg, symptom.set_number)
    return _SYMPTOM, (key, *where, place, symptom.trigger.value, readings)


def segment_statement(
    key: int, number: int, model: ModelInfo, frame_size: tuple[int, int]
) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that begins a segment of the session of that key, and its values."""
    width, height = frame_size
    estimator = json.dumps(describe_estimator())
    return _SEGMENT, (key, number, width, height, to_text(model), estimator, describe_layout())


def chunk_statement(key: int, number: int, segment: int, frames: StoredFrames) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that keeps frames in the session of that key, and its values."""
    times_s = frames.time_s.tolist()
    packed = pack_guidance(frames.guidance), pack_frames(frames)
    return _CHUNK, (key, number, segment, times_s[0], times_s[-1], len(frames), *packed)


def to_stored_document(record: SessionRecord) -> str:
    """Return the document of ``session.json`` as the store keeps it."""
    return json.dumps(to_document(record), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def judgement_statements(
    key: int, record: SessionRecord, stages: list[tuple[float, int]]
) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the statements, with their values, that keep the flags and holds of a record.

    Parameters
    ----------
    key
        Of the session.
    record
        What was found.
    stages
        When which set was spoken of: seconds and number, in order of time.
    """
    return [*flag_statements(key, record), *hold_statements(key, record, stages)]


def flag_statements(key: int, record: SessionRecord) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the statements that keep the flags of a record."""
    return [
        (_FLAG, (key, one.flag, one.severity.label, one.start_s, one.end_s, to_plain(one.peak_deg)))
        for one in record.flags
    ]


def hold_statements(
    key: int, record: SessionRecord, stages: list[tuple[float, int]]
) -> list[tuple[str, tuple[Any, ...]]]:
    """Return the statements that keep the holds of a record; parameters as in `judgement_statements`."""
    return [
        (_HOLD, (key, one.leg, _set_at(stages, one.end_s), one.start_s, one.end_s, one.counted_s, one.good_s))
        for one in record.holds
    ]


def _set_at(stages: list[tuple[float, int]], time_s: float) -> int:
    """Return the set that was last spoken of by then; the first where none was."""
    return next((number for at_s, number in reversed(stages) if at_s <= time_s), 1)
