"""The content of ``session.json``."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from formcoach.angles import Angle
from formcoach.video.frame import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from formcoach.coach.session.types import SessionEvent, Symptom
    from formcoach.pose.landmarks import Side
    from formcoach.pose.model import ModelInfo
    from formcoach.stretch.events import FlagPeriod, Unchecked
    from formcoach.stretch.phases import Hold
    from formcoach.stretch.profile import FlagRule, Number, Profile
    from formcoach.video.frame import SourceInfo

SCHEMA_NAME = "formcoach.session"
SCHEMA_VERSION = 1
# A set is told from the director's stages, a hold from the coach: they differ by a moment [D].
TOLERANCE_S = 1.0


class Origin(StrEnum):
    """Where a session comes from; all but a live one have the date of their analysis."""

    LIVE = "live"
    RECORDING = "recording"
    PHOTO = "photo"


def find_origin(kind: SourceKind, *, led: bool) -> Origin:
    """Tell where a session comes from.

    Parameters
    ----------
    kind
        Of its source.
    led
        Whether somebody was led through it: a file can be played to a live session, too.
    """
    if kind is SourceKind.PHOTO:
        return Origin.PHOTO
    return Origin.RECORDING if kind is SourceKind.VIDEO and not led else Origin.LIVE


@dataclass(frozen=True, slots=True)
class BaselineRecord:
    """When a baseline was taken, and from where the person was seen."""

    start_s: float
    end_s: float
    frames: int
    azimuth_deg: float


@dataclass(frozen=True, slots=True)
class AngleSummary:
    """An angle over all held frames (a photo: its one frame).

    Attributes
    ----------
    angle : Angle
        Which.
    checked_share : float
        Part of the frames in which it was known, 0 to 1.
    median_deg, low_deg, high_deg : float
        Median, 5th and 95th percentile, degrees; NaN when never known.
    sigma_deg : float
        One standard deviation of the error, degrees; NaN when never known.
    """

    angle: Angle
    checked_share: float
    median_deg: float
    low_deg: float
    high_deg: float
    sigma_deg: float


@dataclass(frozen=True, slots=True)
class SetRecord:
    """One set of one leg in a live session.

    Attributes
    ----------
    leg : Side or None
        The leg that was stretched.
    number : int
        Which set, from 1.
    start_s, end_s : float
        From the first moment of the hold to the last.
    counted_s, good_s : float
        Seconds that the clock ran; of these, in good form.
    """

    leg: Side | None
    number: int
    start_s: float
    end_s: float
    counted_s: float
    good_s: float

    def includes(self, hold: Hold) -> bool:
        """Tell whether a hold that the clock counted belongs to it; one that was paused has several."""
        near = hold.start_s <= self.end_s + TOLERANCE_S and hold.end_s >= self.start_s - TOLERANCE_S
        return near and hold.leg in (self.leg, None)


def count_holds(holds: Iterable[Hold], sets: Iterable[SetRecord]) -> int:
    """Return how many holds there were for the person: a pause does not end one.

    Parameters
    ----------
    holds
        That the clock counted; each pause ends one.
    sets
        Of a live session; without any, each counts.
    """
    sets = tuple(sets)
    found = [next((number for number, one in enumerate(sets) if one.includes(hold)), None) for hold in holds]
    return len(set(found) - {None}) + found.count(None)


@dataclass(frozen=True, slots=True, eq=False)
class SessionRecord:
    """Everything that ``session.json`` and the report say of one input.

    Attributes
    ----------
    program_version, versions : str, dict of str
        Of formcoach, and of the libraries that matter.
    path, estimator : str
        Which way the numbers took (``causal``, ``zero_phase``, ``still``); version of the angle estimators.
    estimator_sha256 : dict of str to str
        Hash of each file that the estimators consist of: ``trunk_network``, ``leg_network``, ``calibration``.
    model : ModelInfo
        The pose model.
    source : SourceInfo
        What was analysed.
    frames, skipped_frames, duration_s : int, int, float
        Frames analysed; frames that could not be decoded; seconds from the first to the last frame.
    people : int
        How many people stay in the picture.
    partial : bool
        Whether the analysis was stopped before the end.
    profile : Profile
        The exercise, with all thresholds and their sources.
    leg : Side or None
        The leg that was up for the longest time; None when none was.
    facing, view : str
        ``left``, ``right`` or ``unknown``; ``side``, ``oblique``, ``front``, ``back`` or ``unknown``.
    azimuth_deg : float
        From where the person was seen, degrees; NaN unknown.
    baselines, holds, flags, unchecked, angles : tuples
        What was found.
    stacked : tuple of (float, float)
        From when to when warnings counted as strong because they came together, seconds.
    sets : tuple of SetRecord
        The sets of a live session.
    symptoms : tuple of Symptom
        What was felt; none in recordings: nobody was asked.
    events : tuple of SessionEvent
        What happened in a live session, beside flags and symptoms.
    notes : tuple of str
        Sentences that the user should read: what was chosen or could not be done.
    """

    program_version: str
    versions: dict[str, str]
    path: str
    estimator: str
    estimator_sha256: dict[str, str]
    model: ModelInfo
    source: SourceInfo
    frames: int
    skipped_frames: int
    duration_s: float
    people: int
    partial: bool
    profile: Profile
    leg: Side | None
    facing: str
    view: str
    azimuth_deg: float
    baselines: tuple[BaselineRecord, ...]
    holds: tuple[Hold, ...]
    flags: tuple[FlagPeriod, ...]
    unchecked: tuple[Unchecked, ...]
    angles: tuple[AngleSummary, ...]
    stacked: tuple[tuple[float, float], ...] = ()
    sets: tuple[SetRecord, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    events: tuple[SessionEvent, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def origin(self) -> Origin:
        """Where it comes from."""
        return find_origin(self.source.kind, led=bool(self.events))


def to_document(record: SessionRecord) -> dict[str, Any]:
    """Return the record as ``session.json`` has it: plain JSON types, null for unknown numbers."""
    source = record.source
    document = {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "program": {"name": "formcoach", "version": record.program_version, "versions": record.versions},
        "path": record.path,
        "estimator": record.estimator,
        "estimator_sha256": record.estimator_sha256,
        "model": {
            "name": record.model.name,
            "variant": record.model.variant,
            "file": record.model.file,
            "sha256": record.model.sha256,
            "known": record.model.known,
            "library": record.model.library,
        },
        "source": {
            "name": source.name,
            "kind": source.kind,
            "size": [source.width, source.height],
            "fps": source.fps,
            "duration_s": source.duration_s,
            "analysed_s": record.duration_s,
            "rotation_deg": source.rotation_deg,
            "frames": record.frames,
            "skipped_frames": record.skipped_frames,
            "people": record.people,
        },
        "partial": record.partial,
        "exercise": _exercise(record.profile),
        "leg": record.leg,
        "facing": record.facing,
        "view": {"name": record.view, "azimuth_deg": record.azimuth_deg},
        "baselines": [
            {"start_s": one.start_s, "end_s": one.end_s, "frames": one.frames, "azimuth_deg": one.azimuth_deg}
            for one in record.baselines
        ],
        "holds": [
            {
                "leg": one.leg,
                "start_s": one.start_s,
                "end_s": one.end_s,
                "counted_s": one.counted_s,
                "good_s": one.good_s,
            }
            for one in record.holds
        ],
        "flags": [
            {
                "flag": one.flag,
                "severity": one.severity.label,
                "start_s": one.start_s,
                "end_s": one.end_s,
                "peak_deg": one.peak_deg,
            }
            for one in record.flags
        ],
        "stacked": [{"start_s": start_s, "end_s": end_s} for start_s, end_s in record.stacked],
        "sets": [
            {
                "leg": one.leg,
                "set": one.number,
                "start_s": one.start_s,
                "end_s": one.end_s,
                "counted_s": one.counted_s,
                "good_s": one.good_s,
            }
            for one in record.sets
        ],
        "symptoms": [_symptom(one) for one in record.symptoms],
        "events": [
            {
                "time_s": one.time_s,
                "kind": one.kind,
                "leg": one.leg,
                "set": one.set_number,
                "detail": one.detail,
            }
            for one in record.events
        ],
        "not_checked": [
            {"flag": one.flag, "reason": one.reason, "share": one.share, "in_doubt": one.in_doubt}
            for one in record.unchecked
        ],
        "angles": {
            one.angle: {
                "checked_share": one.checked_share,
                "median_deg": one.median_deg,
                "low_deg": one.low_deg,
                "high_deg": one.high_deg,
                "sigma_deg": one.sigma_deg,
            }
            for one in record.angles
        },
        "notes": list(record.notes),
    }
    cleaned: dict[str, Any] = _plain(document)
    return cleaned


def to_json(record: SessionRecord) -> str:
    """Return the text of ``session.json``."""
    return dump_document(to_document(record))


def dump_document(document: dict[str, Any]) -> str:
    """Return a document of `to_document` as the text of ``session.json``."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def describe_symptom(symptom: Symptom) -> dict[str, Any]:
    """Return what was felt as ``session.json`` has it."""
    cleaned: dict[str, Any] = _plain(_symptom(symptom))
    return cleaned


def _symptom(symptom: Symptom) -> dict[str, Any]:
    return {
        "time_s": symptom.time_s,
        "leg": symptom.leg,
        "set": symptom.set_number,
        "place": symptom.place,
        "trigger": symptom.trigger,
        "angles": {
            angle: {"value_deg": reading.value_deg, "sigma_deg": reading.sigma_deg, "status": reading.status.label}
            for angle in Angle
            for reading in (symptom.readings.reading(angle),)
        },
    }


def _exercise(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title,
        "file": profile.file,
        "sha256": profile.sha256,
        "hold_target_s": _number(profile.hold.target_s),
        "flags": [_rule(rule) for rule in profile.flags],
    }


def _rule(rule: FlagRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "angle": rule.angle,
        "direction": rule.direction,
        "thresholds": {
            severity.label: {"on": one.on, "off": one.off, "source": one.source}
            for severity, one in rule.thresholds.items()
        },
        "maximum_sigma_deg": _number(rule.maximum_sigma_deg),
        "judged": rule.is_judged,
    }


def _number(number: Number) -> dict[str, Any]:
    return {"value": number.value, "source": number.source}


def _plain(value: Any) -> Any:
    """Turn enums into their values, round times and angles, and write null for NaN."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
