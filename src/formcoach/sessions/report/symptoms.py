"""What was felt, when, with the flags and the angles of that moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.sessions.wording import ADVICE, TRIGGERS, angle_text, angle_title, place_felt
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from formcoach.coach.session.types import Symptom
    from formcoach.pose.landmarks import Side
    from formcoach.sessions.record import SessionRecord

# A flag this long before the moment belongs to it: "I feel it" comes a moment after the feeling [D].
JUST_BEFORE_S = 2.0
_URGENCY = {
    SymptomPlace.BACK_OF_THIGH: Severity.GOOD,
    SymptomPlace.NOWHERE: Severity.GOOD,
    SymptomPlace.BEHIND_KNEE: Severity.WARN,
    SymptomPlace.CALF_OR_FOOT: Severity.WARN,
    SymptomPlace.LOWER_BACK: Severity.WARN,
    SymptomPlace.NUMB_OR_TINGLING: Severity.STRONG,
}


@dataclass(frozen=True, slots=True)
class SymptomRow:
    """One answer.

    Attributes
    ----------
    number : int
        From 1, as on the body map.
    place : SymptomPlace or None
        Where; None without an answer.
    where, why, advice : str
        In words: the place, what made the program ask, what to do.
    severity : Severity
        ``GOOD`` where it belongs, ``WARN`` to ease off, ``STRONG`` to stop, ``NOT_CHECKED`` without an answer.
    time_s : float
        The moment, seconds.
    leg : Side or None
        The raised leg.
    set_number : int or None
        From 1; None where there are no sets.
    whole_hold : bool
        Whether `flags` are those of the whole hold that was asked about, or else of the moment.
    flags : tuple of str
        Labels of the flags that stood then, with their severity.
    angles : tuple of (str, str)
        Name and value of each angle that a flag rests on.
    """

    number: int
    place: SymptomPlace | None
    where: str
    why: str
    advice: str
    severity: Severity
    time_s: float
    leg: Side | None
    set_number: int | None
    whole_hold: bool
    flags: tuple[str, ...]
    angles: tuple[tuple[str, str], ...]


def view_symptoms(record: SessionRecord) -> tuple[SymptomRow, ...]:
    """Return all answers in order of the record."""
    return tuple(_row(number, one, record) for number, one in enumerate(record.symptoms, start=1))


def _row(number: int, symptom: Symptom, record: SessionRecord) -> SymptomRow:
    place = symptom.place
    angles = []
    for angle in dict.fromkeys(rule.angle for rule in record.profile.flags):
        reading = symptom.readings.reading(angle)
        angles.append((angle_title(angle), angle_text(reading.value_deg, reading.sigma_deg)))
    hold = None if symptom.trigger is SymptomTrigger.FELT_IT else _span_asked_about(symptom, record)
    start_s, end_s = hold or (symptom.time_s - JUST_BEFORE_S, symptom.time_s)
    standing = [one for one in record.flags if one.start_s <= end_s and one.end_s >= start_s]
    worst = {name: max(one.severity for one in standing if one.flag == name) for name in {o.flag for o in standing}}
    return SymptomRow(
        number=number,
        place=place,
        where=place_felt(symptom),
        why=TRIGGERS[symptom.trigger],
        advice="" if place is None else ADVICE[place],
        severity=Severity.NOT_CHECKED if place is None else _URGENCY[place],
        time_s=symptom.time_s,
        leg=symptom.leg,
        set_number=symptom.set_number if record.sets else None,
        whole_hold=hold is not None,
        flags=tuple(f"{rule.label} ({worst[rule.name].label})" for rule in record.profile.flags if rule.name in worst),
        angles=tuple(angles),
    )


def _span_asked_about(symptom: Symptom, record: SessionRecord) -> tuple[float, float] | None:
    """Return from when to when the hold was that an answer is about: its set where there are sets; None unknown."""
    for one in record.sets:
        if (one.leg, one.number) == (symptom.leg, symptom.set_number):
            return one.start_s, one.end_s
    own = [hold for hold in record.holds if hold.start_s <= symptom.time_s and symptom.leg in (hold.leg, None)]
    return (own[-1].start_s, own[-1].end_s) if own else None
