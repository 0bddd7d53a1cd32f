"""What people read: names, reasons and the one thing to change, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import FlagPeriod

# evidence.md §5: wellness wording.
DISCLAIMER = (
    "Form coach for general fitness. Not a medical device. It does not diagnose, treat or prevent any condition and"
    " cannot measure nerve tension or pain. Angles are estimates from one camera (often ±5–10°). Ask a clinician first"
    " if you have sciatica, back or hip surgery, recent hamstring injury, diabetes with nerve damage, osteoporosis,"
    " balance problems, or are pregnant. Use a stable support; keep a hand on something firm."
)
EASE_OFF = (
    "Ease off when you feel a pull or burn behind the knee, in the calf or the foot. Stop for today with numbness,"
    " tingling, electric or shooting pain, weakness, sharp pain or dizziness; if it lasts or returns, see a clinician."
)

# A flag that was unchecked for this share of the stretch was as good as never checked.
NEARLY_ALL = 0.8

REASONS = {
    NotChecked.NOT_STRETCHING: "the stretch was not seen",
    NotChecked.OUT_OF_VIEW: "outside the picture",
    NotChecked.LOW_VISIBILITY: "covered",
    NotChecked.WRONG_VIEW: "cannot be seen from this side",
    NotChecked.DEGENERATE: "not measurable here",
    NotChecked.TOO_UNCERTAIN: "too uncertain to judge",
}


def degrees(angle_deg: float) -> str:
    """Write an angle as people read it: whole degrees, a true minus sign, never "-0"; NaN is a dash."""
    if math.isnan(angle_deg):
        return "–"
    return f"{round(angle_deg) + 0}°".replace("-", "−")


def summarise(record: SessionRecord) -> str:
    """Say in one or two sentences what happened."""
    if not _stretch_seen(record):
        if record.path == "still":
            return "The stretch was not seen in this picture: nobody stands on one leg with the other one up in front."
        return (
            "No hold of the stretch was seen: nobody stood on one leg with the other one up in front for long enough."
        )
    worst = worst_flags(record)
    if not worst and not _something_checked(record):
        return "The stretch was seen, but nothing of it could be checked."
    if record.path == "still":
        held = "The picture shows the stretch"
    else:
        counted = sum(hold.counted_s for hold in record.holds)
        good = sum(hold.good_s for hold in record.holds)
        number = "one hold" if len(record.holds) == 1 else f"{len(record.holds)} holds"
        held = f"{number.capitalize()}, {counted:.0f} s counted, {good:.0f} s of it in good form"
    if not worst:
        return f"{held}. Nothing to change in what could be checked."
    names = [record.profile.flag(one).label.lower() for one in worst[:3]]
    return f"{held}. To watch: {', '.join(names)}."


def one_thing(record: SessionRecord) -> str | None:
    """Return the one thing to change next time, or None."""
    worst = worst_flags(record)
    if not worst:
        return None
    rule = record.profile.flag(worst[0])
    return f"{rule.cue}. {rule.reason}"


def praise(record: SessionRecord) -> str | None:
    """Return a kind word when the stretch was seen, something of it was checked, and nothing was raised; or None."""
    if worst_flags(record) or not (_stretch_seen(record) and _something_checked(record)):
        return None
    return "Do the same next time. What could not be checked is listed below."


def worst_flags(record: SessionRecord) -> list[str]:
    """Return the flags that were raised, most urgent first, then longest, then in the order of the profile."""
    order = {rule.name: rank for rank, rule in enumerate(record.profile.flags)}

    def urgency(name: str) -> tuple[int, float, int]:
        own = [one for one in record.flags if one.flag == name]
        severity = max(one.severity for one in own)
        return -int(severity), -_seconds(own, severity), order[name]

    return sorted({one.flag for one in record.flags}, key=urgency)


def peak_deg(record: SessionRecord, name: str) -> float:
    """Return the worst angle while a flag was raised, in degrees; NaN when it never was."""
    sign = record.profile.flag(name).sign
    peaks = [sign * one.peak_deg for one in record.flags if one.flag == name]
    return sign * max((peak for peak in peaks if not math.isnan(peak)), default=math.nan)


def raised_spans(record: SessionRecord, name: str) -> list[tuple[float, float]]:
    """Return from when to when a flag was raised, whatever its severity, in seconds."""
    spans: list[tuple[float, float]] = []
    for one in sorted((one for one in record.flags if one.flag == name), key=lambda one: one.start_s):
        if spans and one.start_s <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], one.end_s))
        else:
            spans.append((one.start_s, one.end_s))
    return spans


def _stretch_seen(record: SessionRecord) -> bool:
    if record.path != "still":
        return bool(record.holds)
    unseen = [one.reason is NotChecked.NOT_STRETCHING for one in record.unchecked]
    return not (unseen and all(unseen))


def _something_checked(record: SessionRecord) -> bool:
    return sum(one.share >= NEARLY_ALL for one in record.unchecked) < len(record.profile.flags)


def _seconds(periods: list[FlagPeriod], severity: Severity) -> float:
    return sum(one.end_s - one.start_s for one in periods if one.severity is severity)
