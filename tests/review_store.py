"""A store as somebody has it who stretched for weeks: both legs, getting better, with notes here and there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle
from formcoach.coach.session.types import EventKind, SessionEvent, Stage, SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import AngleSummary, SetRecord
from formcoach.sessions.store import SessionStore
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.types import NotChecked
from report_data import BASE, LIVE, make_symptom
from store_sessions import MODEL, make_plan

if TYPE_CHECKING:
    from pathlib import Path

    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store import StoredSession

FIRST = datetime(2026, 9, 14, 7, 40, tzinfo=timezone(timedelta(hours=2)))
PITFALLS = (
    ("ankle_dorsiflexion", Severity.WARN, 5.0),
    ("lumbar_flexion", Severity.STRONG, 38.0),
    ("cervical_flexion", Severity.WARN, 23.0),
    ("knee_locked", Severity.WARN, 1.0),
)
NOTES = (
    "Stiff after a long drive.",
    "Used the lower step today: much easier to keep the back long.",
    "Slept badly.\nBack of the knee was pulling at first, better after pointing the toes.",
    "Second set felt easy.",
)
# Names and notes that want to be code.
EVIL = "<script>alert(1)</script>\"'&<b>x</b>"


class Clock:
    """The time at which sessions begin."""

    def __init__(self, first: datetime = FIRST) -> None:
        self.now = first

    def __call__(self) -> datetime:
        return self.now


def make_record(seed: int, *, progress: float = 0.5, legs=(Side.LEFT, Side.RIGHT), sets: int = 2) -> SessionRecord:
    """Return a session that is the better the larger `progress`, 0 to 1, is."""
    random = np.random.default_rng(seed)
    holds, flags, symptoms, set_records = [], [], [], []
    start_s = 22.0
    for number in range(1, sets + 1):
        for leg in legs:
            counted_s = float(np.clip(random.normal(24.0 + 8.0 * progress, 4.0), 8.0, 30.4))
            good_s = counted_s * float(np.clip(random.normal(0.45 + 0.45 * progress, 0.12), 0.05, 1.0))
            end_s = start_s + counted_s + float(random.uniform(0.5, 5.0))
            holds.append(Hold(leg, start_s, end_s, counted_s, good_s))
            set_records.append(SetRecord(leg, number, start_s, end_s, counted_s, good_s))
            for name, severity, peak_deg in PITFALLS:
                if random.random() < 0.55 - 0.45 * progress:
                    at_s = start_s + float(random.uniform(1.0, counted_s - 6.0))
                    flags.append(FlagPeriod(name, Severity.WARN, at_s, at_s + 2.0, peak_deg - 3.0))
                    if severity is Severity.STRONG:
                        flags.append(FlagPeriod(name, severity, at_s + 2.0, at_s + 4.0, peak_deg))
            odds = random.random()
            place = SymptomPlace.BACK_OF_THIGH
            if odds < 0.35 - 0.3 * progress:
                place = SymptomPlace.BEHIND_KNEE
            elif odds > 0.95:
                place = None
            symptoms.append(make_symptom(end_s + 4.0, leg, number, place))
            start_s = end_s + 45.0
    if seed % 11 == 3:
        symptoms.insert(1, make_symptom(40.0, legs[0], 1, SymptomPlace.CALF_OR_FOOT, SymptomTrigger.FELT_IT))
    angles = tuple(
        AngleSummary(
            angle,
            0.9 if angle in BASE else 0.0,
            BASE.get(angle, float("nan"))
            + float(random.normal(0.0, 3.0))
            + 6.0 * progress * (angle is Angle.TRUNK_LEAN),
            BASE.get(angle, float("nan")) - 5.0,
            BASE.get(angle, float("nan")) + 5.0,
            4.0 if angle in BASE else float("nan"),
        )
        for angle in Angle
    )
    unchecked = (
        Unchecked("hip_adduction", NotChecked.WRONG_VIEW, 1.0),
        Unchecked("hip_medial_rotation", NotChecked.NOT_JUDGED, 1.0),
    )
    return replace(
        LIVE,
        duration_s=start_s,
        frames=int(start_s * 15),
        leg=legs[0],
        holds=tuple(holds),
        flags=tuple(sorted(flags, key=lambda one: one.start_s)),
        sets=tuple(set_records),
        stacked=(),
        symptoms=tuple(sorted(symptoms, key=lambda one: one.time_s)),
        angles=angles,
        unchecked=unchecked,
        notes=(),
    )


def add_session(store: SessionStore, record: SessionRecord, **plan) -> str:
    """Write a session without frames, as a live one does; return its name."""
    with store.begin(make_plan(**plan)) as journal:
        journal.begin_segment(MODEL, (1280, 720))
        for one in record.sets:
            journal.note_event(SessionEvent(one.start_s, EventKind.STAGE, one.leg, one.number, Stage.HOLD.value))
        for one in record.symptoms:
            journal.note_symptom(one)
        journal.finish(record)
        return journal.session_id


def fill_store(folder: Path, sessions: int = 42, *, days: float = 1.6) -> list[str]:
    """Make a store of many sessions over weeks; return their names, the oldest first."""
    clock, random, names = Clock(), np.random.default_rng(5), []
    with SessionStore(folder, now=clock) as store:
        for number in range(sessions):
            legs = (Side.LEFT, Side.RIGHT) if number % 7 else (Side.RIGHT,)
            record = make_record(number, progress=number / max(sessions - 1, 1), legs=legs, sets=1 + number % 2)
            if number == sessions // 3:  # seen from the front: little could be checked
                unchecked = tuple(Unchecked(one.name, NotChecked.WRONG_VIEW, 1.0) for one in record.profile.flags)
                record = replace(record, flags=(), unchecked=unchecked, view="front")
            names.append(add_session(store, record, leg=legs[0] if len(legs) == 1 else None))
            if number % 4 == 1:
                store.add_note(names[-1], NOTES[number // 4 % len(NOTES)])
            step = timedelta(days=float(random.uniform(0.5, 2 * days - 0.5)))
            clock.now = (FIRST if number == 0 else clock.now) + step
            clock.now = clock.now.replace(hour=int(random.choice([7, 8, 18, 19])), minute=int(random.integers(60)))
    return names


def utc(*numbers: int) -> datetime:
    """Return a moment."""
    return datetime(*numbers, tzinfo=UTC)


def outline(folder: Path, name: str) -> StoredSession:
    """Return a session without its frames, as the store has it now."""
    with SessionStore(folder) as store:
        return store.load(name, with_frames=False)
