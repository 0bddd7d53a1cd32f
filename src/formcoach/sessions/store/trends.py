"""What lists and trends show of every session, read in a few queries for all of them."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from formcoach.coach.session.types import SymptomPlace
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import TOLERANCE_S, Origin, find_origin
from formcoach.sessions.store.reader import read_summaries
from formcoach.sessions.wording import HALF
from formcoach.stretch.form import FormRule, can_form_be_told
from formcoach.stretch.types import NotChecked, Severity
from formcoach.video.frame import SourceKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from formcoach.sessions.store.store import SessionStore
    from formcoach.sessions.store.types import SessionSummary

# Felt here, or nowhere, a stretch is as it should be.
FINE_PLACES = (SymptomPlace.BACK_OF_THIGH, SymptomPlace.NOWHERE)
_WARNINGS = (Severity.WARN.label, Severity.STRONG.label)
_FACTS = """
    SELECT id, coalesce(json_extract(record, '$.exercise.title'), json_extract(profile, '$.title')),
        json_extract(record, '$.angles.trunk_lean.median_deg'),
        json_extract(record, '$.angles.trunk_lean.sigma_deg'), json_extract(record, '$.not_checked'),
        json_extract(record, '$.exercise.flags'), json_extract(record, '$.source.name'),
        json_extract(source, '$.kind'), EXISTS (SELECT 1 FROM events WHERE session = sessions.key)
    FROM sessions
"""
_HOLDS = """
    SELECT s.id, h.leg, h.set_number, h.start_s, h.end_s, h.counted_s, h.good_s
    FROM holds AS h JOIN sessions AS s ON s.key = h.session ORDER BY s.key, h.key
"""
_FLAGS = """
    SELECT s.id, f.flag, f.start_s, f.end_s FROM flags AS f JOIN sessions AS s ON s.key = f.session
    WHERE f.severity IN (?, ?) ORDER BY s.key, f.flag, f.start_s
"""
_SYMPTOMS = """
    SELECT s.id, m.leg, m.set_number, m.place, m.time_s FROM symptoms AS m JOIN sessions AS s ON s.key = m.session
    ORDER BY s.key, m.key
"""


class HeldRow(NamedTuple):
    """A hold as the store has it."""

    leg: str | None
    set_number: int
    start_s: float
    end_s: float
    counted_s: float
    good_s: float


class FeltRow(NamedTuple):
    """An answer as the store has it."""

    leg: str | None
    set_number: int
    place: str | None
    time_s: float


@dataclass(frozen=True, slots=True)
class LegNumbers:
    """What is counted of one leg; as in `SessionTrend`."""

    counted_s: float
    good_s: float
    hold_s: float
    warnings: int
    answered: int
    symptom_free: int


@dataclass(frozen=True, slots=True)
class SessionTrend:
    """A session in a list, with what is compared from one to the next.

    Attributes
    ----------
    summary : SessionSummary
        As the list of the store has it.
    title : str
        Of the exercise, for people.
    source : str
        Camera or file; not safe to be shown without escaping; empty until the session is closed.
    origin : Origin
        Where it comes from.
    has_sets : bool
        Whether its holds belong to sets; not in what was analysed.
    legs : tuple of Side
        The legs that were held, in order; empty where none was.
    hold_s : float
        Seconds from the beginning to the end of each hold, all together; the clock may have stood still in them.
    warnings : int
        How often a warning or more was raised; tips do not count, and a flag that went on counts once.
    answered, symptom_free : int
        Holds after or in which it is known where the stretch was felt; those of them in which that was nowhere but in
        the back of the thigh. The holds of one leg in one set are one: a pause does not end it for the person.
    by_leg : dict
        The same numbers of each leg that was held.
    form_checked : bool
        Whether half of the flags or more were checked; with less, nothing is said of good form.
    lean_deg, lean_sigma_deg : float
        Median forward lean of the trunk while holding, and its uncertainty, degrees; NaN unknown.
    """

    summary: SessionSummary
    title: str
    source: str
    origin: Origin
    has_sets: bool
    legs: tuple[Side, ...]
    hold_s: float
    warnings: int
    answered: int
    symptom_free: int
    by_leg: dict[Side, LegNumbers]
    form_checked: bool
    lean_deg: float
    lean_sigma_deg: float

    @property
    def good_share(self) -> float:
        """Part of the counted time that was in good form, 0 to 1; NaN where nothing was counted or checked."""
        counted_s = self.summary.counted_s
        return self.summary.good_s / counted_s if self.form_checked and counted_s > 0.0 else math.nan

    @property
    def warnings_per_minute(self) -> float:
        """Warnings for each minute of holding; NaN where nothing was held or checked."""
        return self.warnings / self.hold_s * 60.0 if self.form_checked and self.hold_s > 0.0 else math.nan

    @property
    def symptom_free_share(self) -> float:
        """Part of the answered holds that were felt in no other place, 0 to 1; NaN without answers."""
        return self.symptom_free / self.answered if self.answered else math.nan

    def of_leg(self, leg: Side) -> SessionTrend:
        """Return it with the numbers of one leg; depth of lean is not known of one alone where both were held."""
        if leg not in self.by_leg or len(self.legs) < 2:
            return self
        own = self.by_leg[leg]
        return replace(
            self,
            summary=replace(self.summary, counted_s=own.counted_s, good_s=own.good_s),
            legs=(leg,),
            hold_s=own.hold_s,
            warnings=own.warnings,
            answered=own.answered,
            symptom_free=own.symptom_free,
            lean_deg=math.nan,
            lean_sigma_deg=math.nan,
        )


def read_trends(store: SessionStore) -> tuple[SessionTrend, ...]:
    """Return all sessions, the oldest first.

    Raises
    ------
    OutputError
        When the store cannot be read.
    """
    with store.connected() as connection:
        connection.execute("BEGIN")  # all of it from one moment, also while somebody writes
        try:
            return _read(connection, read_summaries(connection, store.is_running))
        finally:
            connection.execute("COMMIT")


def _read(connection: sqlite3.Connection, summaries: Sequence[SessionSummary]) -> tuple[SessionTrend, ...]:
    facts = {row[0]: row[1:] for row in connection.execute(_FACTS)}
    holds = _by_session(connection.execute(_HOLDS))
    flags = _by_session(connection.execute(_FLAGS, _WARNINGS))
    symptoms = _by_session(connection.execute(_SYMPTOMS))
    trends = []
    for one in summaries:
        title, lean_deg, sigma_deg, not_checked, rules, source, kind, has_sets = facts[one.session_id]
        own = [HeldRow(*row) for row in holds.get(one.session_id, [])]
        felt = [FeltRow(*row) for row in symptoms.get(one.session_id, [])]
        raised = flags.get(one.session_id, [])
        legs = tuple(Side(leg) for leg in dict.fromkeys(row.leg for row in own) if leg)
        everything = _count(own, raised, felt, has_sets=bool(has_sets))
        trends.append(
            SessionTrend(
                summary=one,
                title=title or one.exercise,
                source=source or "",
                origin=find_origin(SourceKind(kind), led=bool(has_sets)),
                has_sets=bool(has_sets),
                legs=legs,
                hold_s=everything.hold_s,
                warnings=_count_raised(raised),
                answered=everything.answered,
                symptom_free=everything.symptom_free,
                by_leg={leg: _of_leg(leg, own, raised, felt, has_sets=bool(has_sets)) for leg in legs},
                form_checked=is_form_checked(
                    *(None if one is None else json.loads(one) for one in (not_checked, rules))
                ),
                lean_deg=math.nan if lean_deg is None or not own else lean_deg,
                lean_sigma_deg=math.nan if sigma_deg is None else sigma_deg,
            )
        )
    return tuple(trends)


def _of_leg(
    leg: Side,
    holds: Sequence[HeldRow],
    raised: Sequence[tuple[Any, ...]],
    felt: Sequence[FeltRow],
    *,
    has_sets: bool,
) -> LegNumbers:
    own = [one for one in holds if one.leg == leg]
    in_them = [row for row in raised if any(one.start_s <= row[1] <= one.end_s + TOLERANCE_S for one in own)]
    return _count(own, in_them, [one for one in felt if one.leg in (leg, None)], has_sets=has_sets)


def _count(
    holds: Sequence[HeldRow], raised: Sequence[tuple[Any, ...]], felt: Sequence[FeltRow], *, has_sets: bool
) -> LegNumbers:
    answered, free = count_answers(holds, felt, has_sets=has_sets)
    return LegNumbers(
        counted_s=math.fsum(one.counted_s for one in holds),
        good_s=math.fsum(one.good_s for one in holds),
        hold_s=math.fsum(one.end_s - one.start_s for one in holds),
        warnings=_count_raised(raised),
        answered=answered,
        symptom_free=free,
    )


def is_form_checked(not_checked: Iterable[dict[str, Any]] | None, rules: Iterable[dict[str, Any]] | None) -> bool:
    """Tell from a record whether good form can be spoken of: what it hangs on was seen for most of the stretch.

    Parameters
    ----------
    not_checked
        ``not_checked`` of the document; None without a record.
    rules
        ``exercise.flags`` of the document; None without a record.
    """
    if not_checked is None or rules is None:
        return False
    form_rules = [
        FormRule(one["name"], one["angle"], one.get("judged", True), Severity.WARN.label in one["thresholds"])
        for one in rules
    ]
    unseen = {one["flag"]: NotChecked(one["reason"]) for one in not_checked if one["share"] >= HALF}
    return can_form_be_told(form_rules, unseen)


def count_answers(holds: Sequence[HeldRow], felt: Sequence[FeltRow], *, has_sets: bool) -> tuple[int, int]:
    """Return in how many holds it is known where the stretch was felt, and in how many only where it belongs.

    Parameters
    ----------
    holds
        In order of time.
    felt
        The answers.
    has_sets
        Whether an answer is of a leg's set; else it is of the last hold that had begun.
    """
    places: dict[object, set[str]] = defaultdict(set)
    for one in felt:
        if one.place is None:
            continue
        own = [hold for hold in holds if one.leg in (hold.leg, None) or hold.leg is None]
        if has_sets:
            own = [hold for hold in own if hold.set_number == one.set_number]
        else:
            own = [hold for hold in own if hold.start_s <= one.time_s][-1:]
        for hold in own:
            places[(hold.leg, hold.set_number) if has_sets else hold.start_s].add(one.place)
    return len(places), sum(found <= {*FINE_PLACES} for found in places.values())


def _count_raised(periods: Iterable[tuple[str, float, float]]) -> int:
    """Return how often flags were raised; periods that follow each other without a gap are one."""
    count, name, until_s = 0, None, -math.inf
    for flag, start_s, end_s in periods:
        count += flag != name or start_s > until_s
        until_s = end_s if flag != name else max(until_s, end_s)
        name = flag
    return count


def _by_session(rows: Iterator[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for session_id, group in groupby(rows, key=lambda row: str(row[0])):
        found[session_id] += [row[1:] for row in group]
    return found
