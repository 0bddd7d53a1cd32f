"""Reads a result folder back, as far as its files tell: for its report, without the video and without measuring."""

from __future__ import annotations

import csv
import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Angle, Readings, Status
from formcoach.errors import FormCoachError, UsageError
from formcoach.pose.facing import compute_facing
from formcoach.sessions.document import read_record
from formcoach.sessions.folder import SESSION_FILE
from formcoach.sessions.landmarks import load_landmarks
from formcoach.sessions.measured import NO_LEG, PHASES, SIDES, Measured
from formcoach.sessions.moments import KEPT_EACH, WorstMoment
from formcoach.sessions.series import AngleSeries
from formcoach.stretch import Profile, Severity, load_profile
from formcoach.stretch.profile import Number, Threshold

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from formcoach.pose.landmarks import Side
    from formcoach.pose.pose import Pose
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import FlagPeriod

OTHER_PROFILE = (
    "The exercise profile that this was judged by is no longer there: its thresholds are those of then, its texts those"
    " of today."
)


@dataclass(frozen=True, slots=True, eq=False)
class LoadedResult:
    """What a result folder tells.

    Attributes
    ----------
    record : SessionRecord
        The content of ``session.json``.
    measured : Measured
        The content of ``angles.csv``, with the worst moments where ``landmarks.npz`` is there; without a frame where
        it is missing or damaged.
    """

    record: SessionRecord
    measured: Measured


def load_result_folder(folder: Path) -> LoadedResult:
    """Read the result folder of an analysis or of a live session.

    Raises
    ------
    UsageError
        When it is no result folder of formcoach, or its ``session.json`` cannot be understood.
    """
    document = _read_document(folder)
    try:
        profile, notes = _find_profile(document["exercise"])
        record = read_record(document, profile)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"'{folder / SESSION_FILE}' cannot be understood ({error}): it may come from another version of formcoach."
        ) from error
    record = replace(record, notes=(*record.notes, *notes))
    try:
        measured = read_angles(folder / "angles.csv")
    except (OSError, ValueError, KeyError):
        return LoadedResult(record, Measured.nothing())
    moments = _find_moments(record, measured, folder / "landmarks.npz")
    return LoadedResult(record, replace(measured, series=replace(measured.series, moments=moments)))


def read_angles(path: Path) -> Measured:
    """Read ``angles.csv`` back.

    Raises
    ------
    OSError, ValueError, KeyError
        When it cannot be read or is none.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        table = list(rows)
    columns = dict(zip(header, zip(*table, strict=True), strict=True)) if table else {}
    if "frame" not in header:
        raise ValueError("no table of angles")
    if not table:
        return Measured.nothing()
    statuses = {status.label: int(status) for status in Status}
    readings = Readings.unknown((len(table),))
    for angle in Angle:
        if f"{angle}_deg" in columns:
            readings.value_deg[:, angle.column] = _numbers(columns[f"{angle}_deg"])
            readings.sigma_deg[:, angle.column] = _numbers(columns[f"{angle}_sigma_deg"])
            readings.status[:, angle.column] = [statuses[one] for one in columns[f"{angle}_status"]]
    phases = {phase.value: code for code, phase in enumerate(PHASES)}
    legs = {"": NO_LEG} | {side.value: code for code, side in enumerate(SIDES)}
    phase = np.array([phases[one] for one in columns["phase"]], dtype=np.int8)
    return Measured(
        np.array([int(one) for one in columns["frame"]], dtype=np.int64),
        phase,
        np.array([legs[one] for one in columns["leg"]], dtype=np.int8),
        AngleSeries(_numbers(columns["time_s"]), readings, np.array([one.is_judged for one in PHASES])[phase]),
    )


def _read_document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / SESSION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"'{folder}' is no result of formcoach (it has no readable {SESSION_FILE}): name a folder that 'formcoach"
            " analyze' made, or a session."
        ) from error
    return document if isinstance(document, dict) else {}


def _find_profile(exercise: dict[str, Any]) -> tuple[Profile, tuple[str, ...]]:
    """Return the profile that a document names, else today's texts with the thresholds of then, and what to say."""
    try:
        profile = load_profile(str(exercise["name"]))
    except FormCoachError:
        profile = load_profile()
    if profile.sha256 == exercise["sha256"]:
        return profile, ()
    rules = {rule.name: rule for rule in profile.flags}
    severities = {severity.label: severity for severity in Severity}
    flags = []
    for one in exercise["flags"]:
        name = str(one["name"])
        like = rules.get(name, replace(profile.flags[0], name=name, label=name.replace("_", " ").capitalize()))
        thresholds = {
            severities[label]: Threshold(float(at["on"]), float(at["off"]), str(at["source"]))
            for label, at in one["thresholds"].items()
        }
        direction = type(like.direction)(one["direction"])
        flags.append(replace(like, angle=Angle(one["angle"]), direction=direction, thresholds=thresholds))
    target = Number(float(exercise["hold_target_s"]["value"]), str(exercise["hold_target_s"]["source"]))
    then = replace(
        profile,
        name=str(exercise["name"]),
        title=str(exercise["title"]),
        file=str(exercise["file"]),
        sha256=str(exercise["sha256"]),
        hold=replace(profile.hold, target_s=target),
        flags=tuple(flags),
    )
    return then, (OTHER_PROFILE,)


def _find_moments(record: SessionRecord, measured: Measured, landmarks: Path) -> tuple[WorstMoment, ...]:
    """Return the worst frame of each flag's worst periods, with its pose."""
    try:
        index, _, poses = load_landmarks(landmarks)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return ()
    if not np.array_equal(index, measured.index):
        return ()
    kept: dict[tuple[str, Side | None], list[WorstMoment]] = {}
    for period in _join_periods(record.flags):
        moment = _worst(record, measured, poses, period)
        if moment is not None:
            kept.setdefault((moment.flag, moment.leg), []).append(moment)
    found = []
    for (name, _), moments in kept.items():
        sign = record.profile.flag(name).sign
        moments.sort(key=lambda one: (-int(one.severity), -sign * one.value_deg))
        found += moments[:KEPT_EACH]
    return tuple(sorted(found, key=lambda one: one.time_s))


def _join_periods(flags: tuple[FlagPeriod, ...]) -> list[FlagPeriod]:
    """Return one period, of the worst severity, for those of a flag that follow each other without a gap."""
    joined: list[FlagPeriod] = []
    for one in sorted(flags, key=lambda period: (period.flag, period.start_s)):
        last = joined[-1] if joined else None
        if last is not None and last.flag == one.flag and one.start_s <= last.end_s:
            severity, end_s = max(last.severity, one.severity), max(last.end_s, one.end_s)
            joined[-1] = replace(last, severity=severity, end_s=end_s)
        else:
            joined.append(one)
    return joined


def _worst(record: SessionRecord, measured: Measured, poses: Pose, period: FlagPeriod) -> WorstMoment | None:
    rule = record.profile.flag(period.flag)
    series = measured.series
    values = rule.sign * series.readings.value_deg[:, rule.angle.column]
    # Times in session.json and angles.csv are rounded.
    inside = (series.time_s >= period.start_s - 1e-3) & (series.time_s <= period.end_s + 1e-3)
    inside &= np.isfinite(values) & poses.found
    if not inside.any():
        return None
    row = int(np.flatnonzero(inside)[np.argmax(values[inside])])
    reading = series.readings[row].reading(rule.angle)
    pose = poses[row]
    return WorstMoment(
        flag=rule.name,
        severity=period.severity,
        time_s=float(series.time_s[row]),
        leg=measured.leg_of(row),
        facing=float(np.sign(compute_facing(pose.points))),
        angle=rule.angle,
        value_deg=reading.value_deg,
        sigma_deg=reading.sigma_deg,
        pose=pose,
    )


def _numbers(cells: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([float(one) if one else np.nan for one in cells])
