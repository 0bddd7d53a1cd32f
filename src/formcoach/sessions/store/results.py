"""What was measured in a session as one compressed block, so that reports and exports need not measure it again.

Angles and their uncertainties are kept in thousandths of a degree, as ``angles.csv`` writes them; times and the worst
moments' poses without loss. Half an hour takes about a tenth of what its poses take (``benchmarks/store.py``).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Angle, Readings, Status
from formcoach.coach.session.types import FREE
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose
from formcoach.sessions.measured import NO_LEG, PHASES, SIDES, Measured
from formcoach.sessions.moments import WorstMoment
from formcoach.sessions.series import AngleSeries, from_thousandths, to_thousandths
from formcoach.sessions.store.frames import (
    COMPRESSION_LEVEL,
    StoredFrames,
    decompress,
    describe_layout,
    from_bytes,
    pack_frames,
    pack_guidance,
    to_bytes,
    unpack_frames,
)
from formcoach.sessions.store.plain import from_plain, from_text, to_text
from formcoach.stretch import Profile, Severity

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

_INSERT = (
    "INSERT INTO results (session, profile, frames, layout, block, moments, moments_layout, moments_block)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredResult:
    """What was measured in a session, and by which thresholds it was judged.

    Attributes
    ----------
    profile : Profile
        The exercise that the kept record was judged by; another than the session's own after a re-scoring.
    measured : Measured
        Frame by frame.
    """

    profile: Profile
    measured: Measured


@dataclass(frozen=True, slots=True)
class _Moment:
    """A worst moment without its pose."""

    flag: str
    severity: Severity
    time_s: float
    leg: Side | None
    facing: float
    angle: Angle
    value_deg: float
    sigma_deg: float


def write_result(connection: sqlite3.Connection, key: int, result: StoredResult) -> None:
    """Keep what was measured in the session of that key, in place of what is kept of it; inside a transaction."""
    connection.execute("DELETE FROM results WHERE session = ?", (key,))
    connection.execute(*insert_statement(key, result))


def insert_statement(key: int, result: StoredResult) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that keeps a result, and its values."""
    measured, moments = result.measured, result.measured.series.moments
    plain = [
        _Moment(one.flag, one.severity, one.time_s, one.leg, one.facing, one.angle, one.value_deg, one.sigma_deg)
        for one in moments
    ]
    values = (
        key,
        to_text(result.profile),
        len(measured),
        json.dumps(_describe_columns()),
        _pack(measured),
        "[" + ",".join(to_text(one) for one in plain) + "]",
        describe_layout(),
        None if not moments else _pack_poses(moments),
    )
    return _INSERT, values


def read_result(connection: sqlite3.Connection, key: int) -> StoredResult | None:
    """Return what was measured in the session of that key; None where it is not kept.

    Raises
    ------
    ValueError
        When it is damaged.
    """
    row = connection.execute(
        "SELECT profile, frames, layout, block, moments, moments_layout, moments_block FROM results WHERE session = ?",
        (key,),
    ).fetchone()
    if row is None:
        return None
    profile, frames, layout, block, moments, moments_layout, moments_block = row
    try:
        found = _unpack(block, frames, json.loads(layout))
        worst = _unpack_moments(json.loads(moments), moments_layout, moments_block)
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"damaged result: {error}") from error
    series = AngleSeries(found.series.time_s, found.series.readings, found.series.judged, worst)
    return StoredResult(from_text(Profile, profile), Measured(found.index, found.phase, found.leg, series))


def _describe_columns() -> dict[str, list[str]]:
    return {
        "angles": [angle.value for angle in Angle],
        "statuses": [status.name for status in Status],
        "phases": [phase.value for phase in PHASES],
        "legs": [side.value for side in SIDES],
    }


def _pack(measured: Measured) -> bytes:
    readings = measured.series.readings
    arrays = (
        measured.index,
        measured.series.time_s,
        measured.phase,
        measured.leg,
        to_thousandths(readings.value_deg),
        to_thousandths(readings.sigma_deg),
        readings.status.astype(np.int8),
    )
    return zlib.compress(b"".join(to_bytes(array) for array in arrays), COMPRESSION_LEVEL)


def _unpack(block: bytes, count: int, columns: dict[str, list[str]]) -> Measured:
    angles = columns["angles"]
    kinds: tuple[tuple[str, int], ...] = (
        ("<i8", 1),
        ("<f8", 1),
        ("<i1", 1),
        ("<i1", 1),
        ("<i4", len(angles)),
        ("<i4", len(angles)),
        ("<i1", len(angles)),
    )
    content = decompress(block, sum(count * width * np.dtype(kind).itemsize for kind, width in kinds))
    arrays: list[NDArray[Any]] = []
    offset = 0
    for kind, width in kinds:
        dtype = np.dtype(kind)
        size = count * width * dtype.itemsize
        arrays.append(from_bytes(content[offset : offset + size], count, dtype).reshape(count, width))
        offset += size
    index, time_s, phase, leg, value, sigma, status = arrays
    readings = Readings.unknown((count,))
    known = {name: column for column, name in enumerate(angles)}
    statuses = np.array([Status[name] for name in columns["statuses"]], dtype=np.int8)
    for angle in Angle:
        if angle.value in known:  # an older version did not measure it
            column = known[angle.value]
            readings.value_deg[:, angle.column] = from_thousandths(value[:, column])
            readings.sigma_deg[:, angle.column] = from_thousandths(sigma[:, column])
            readings.status[:, angle.column] = statuses[status[:, column]]
    phases = np.array([[one.value for one in PHASES].index(name) for name in columns["phases"]], dtype=np.int8)
    legs = np.array([SIDES.index(Side(name)) for name in columns["legs"]], dtype=np.int8)
    phase_codes = phases[phase[:, 0]]
    leg_codes = np.where(leg[:, 0] == NO_LEG, NO_LEG, legs[leg[:, 0]]).astype(np.int8)
    judged = np.array([one.is_judged for one in PHASES])[phase_codes]
    series = AngleSeries(time_s[:, 0].copy(), readings, judged)
    return Measured(index[:, 0].copy(), phase_codes, leg_codes, series)


def _pack_poses(moments: tuple[WorstMoment, ...]) -> bytes:
    count = len(moments)
    times_s = np.array([one.time_s for one in moments])
    return pack_frames(
        StoredFrames(np.arange(count), times_s, Pose.stack([one.pose for one in moments]), (FREE,) * count)
    )


def _unpack_moments(plain: list[Any], layout: str, block: bytes | None) -> tuple[WorstMoment, ...]:
    if not plain or block is None:
        return ()
    poses = unpack_frames(block, len(plain), layout, pack_guidance((FREE,) * len(plain))).pose
    found = []
    for row, one in enumerate(from_plain(_Moment, each) for each in plain):
        found.append(
            WorstMoment(
                one.flag,
                one.severity,
                one.time_s,
                one.leg,
                one.facing,
                one.angle,
                one.value_deg,
                one.sigma_deg,
                poses[row],
            )
        )
    return tuple(found)
