"""Reads ``session.json`` back: what `formcoach.sessions.record.to_document` wrote as a record again."""

from __future__ import annotations

from typing import Any

import numpy as np

from formcoach.angles import Angle, Readings, Status
from formcoach.coach.session.types import EventKind, SessionEvent, Symptom, SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from formcoach.pose.model import ModelInfo
from formcoach.sessions.record import (
    SCHEMA_NAME,
    SCHEMA_VERSION,
    AngleSummary,
    BaselineRecord,
    SessionRecord,
    SetRecord,
)
from formcoach.stretch import Profile, Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.types import NotChecked
from formcoach.video.frame import SourceInfo, SourceKind

_SEVERITIES = {severity.label: severity for severity in Severity}
_STATUSES = {status.label: status for status in Status}


def read_record(document: object, profile: Profile) -> SessionRecord:
    """Return the record that a document was made of, as exact as the document is (four digits after the point).

    Parameters
    ----------
    document
        The content of a ``session.json``.
    profile
        The exercise that it names; the document does not hold all of it.

    Raises
    ------
    ValueError
        When it is not such a document, is that of a newer version, or speaks of a flag that the profile does not have.
    """
    if not isinstance(document, dict) or document.get("schema") != SCHEMA_NAME:
        raise ValueError(f"it is no document of the kind {SCHEMA_NAME}")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"it has version {document.get('schema_version')}, not {SCHEMA_VERSION}")
    try:
        record = _read(document, profile)
        for name in {*(one.flag for one in record.flags), *(one.flag for one in record.unchecked)}:
            profile.flag(name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"something is missing or of the wrong kind: {error}") from error
    return record


def _read(document: dict[str, Any], profile: Profile) -> SessionRecord:
    source = document["source"]
    width, height = source["size"]
    return SessionRecord(
        program_version=_text(document["program"]["version"]),
        versions={_text(name): _text(version) for name, version in document["program"]["versions"].items()},
        path=_text(document["path"]),
        estimator=_text(document["estimator"]),
        estimator_sha256={_text(name): _text(sha256) for name, sha256 in document["estimator_sha256"].items()},
        model=ModelInfo(**{name: document["model"][name] for name in ModelInfo.__dataclass_fields__}),
        source=SourceInfo(
            name=_text(source["name"]),
            kind=SourceKind(source["kind"]),
            width=int(width),
            height=int(height),
            fps=_known(source["fps"]),
            duration_s=_known(source["duration_s"]),
            rotation_deg=int(source["rotation_deg"]),
        ),
        frames=int(source["frames"]),
        skipped_frames=int(source["skipped_frames"]),
        duration_s=float(source["analysed_s"]),
        people=int(source["people"]),
        partial=bool(document["partial"]),
        profile=profile,
        leg=_side(document["leg"]),
        facing=_text(document["facing"]),
        view=_text(document["view"]["name"]),
        azimuth_deg=_number(document["view"]["azimuth_deg"]),
        baselines=tuple(
            BaselineRecord(
                _number(one["start_s"]), _number(one["end_s"]), int(one["frames"]), _number(one["azimuth_deg"])
            )
            for one in document["baselines"]
        ),
        holds=tuple(
            Hold(_side(one["leg"]), *(float(one[name]) for name in ("start_s", "end_s", "counted_s", "good_s")))
            for one in document["holds"]
        ),
        flags=tuple(
            FlagPeriod(
                _text(one["flag"]),
                _SEVERITIES[one["severity"]],
                float(one["start_s"]),
                float(one["end_s"]),
                _number(one["peak_deg"]),
            )
            for one in document["flags"]
        ),
        unchecked=tuple(
            Unchecked(
                _text(one["flag"]), NotChecked(one["reason"]), float(one["share"]), float(one.get("in_doubt", 0.0))
            )
            for one in document["not_checked"]
        ),
        angles=tuple(
            AngleSummary(
                Angle(name),
                *(_number(one[part]) for part in ("checked_share", "median_deg", "low_deg", "high_deg", "sigma_deg")),
            )
            for name, one in document["angles"].items()
        ),
        stacked=tuple((float(one["start_s"]), float(one["end_s"])) for one in document["stacked"]),
        sets=tuple(
            SetRecord(
                _side(one["leg"]),
                int(one["set"]),
                *(float(one[name]) for name in ("start_s", "end_s", "counted_s", "good_s")),
            )
            for one in document["sets"]
        ),
        symptoms=tuple(_symptom(one) for one in document["symptoms"]),
        events=tuple(
            SessionEvent(
                float(one["time_s"]), EventKind(one["kind"]), _side(one["leg"]), int(one["set"]), _text(one["detail"])
            )
            for one in document["events"]
        ),
        notes=tuple(_text(one) for one in document["notes"]),
    )


def _symptom(one: dict[str, Any]) -> Symptom:
    readings = Readings.unknown()
    for name, reading in one["angles"].items():
        column = Angle(name).column
        readings.value_deg[column] = _number(reading["value_deg"])
        readings.sigma_deg[column] = _number(reading["sigma_deg"])
        readings.status[column] = _STATUSES[reading["status"]]
    return Symptom(
        float(one["time_s"]),
        _side(one["leg"]),
        int(one["set"]),
        None if one["place"] is None else SymptomPlace(one["place"]),
        SymptomTrigger(one["trigger"]),
        readings,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _number(value: float | None) -> float:
    return float(np.nan) if value is None else float(value)


def _known(value: float | None) -> float | None:
    return None if value is None else float(value)


def _side(value: str | None) -> Side | None:
    return None if value is None else Side(value)
