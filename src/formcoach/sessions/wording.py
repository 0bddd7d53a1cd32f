"""What people read: names, reasons and the one thing to change, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from formcoach.angles import Angle
from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.sessions.front_look import describe_front, find_front_warnings
from formcoach.sessions.record import count_holds
from formcoach.stretch.form import can_form_be_told, make_form_rules
from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from formcoach.coach.session.types import Symptom
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import FlagPeriod, Unchecked

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

# A flag that was unchecked for this share of the stretch does not count as checked (a choice).
HALF = 0.5
SHORTEST_STANDSTILL_S = 1.0  # what the hold clock stood still for less long is not worth a word (a choice)
MINUTE_S = 59.95  # is written as a minute
LONG_S = 180.0  # is no longer written in seconds

REASONS = {
    NotChecked.NOT_STRETCHING: "the stretch was not seen",
    NotChecked.OUT_OF_VIEW: "outside the picture",
    NotChecked.LOW_VISIBILITY: "covered",
    NotChecked.WRONG_VIEW: "cannot be seen from this side",
    NotChecked.DEGENERATE: "not measurable here",
    NotChecked.TOO_UNCERTAIN: "too uncertain to judge",
    NotChecked.TOO_CLOSE: "too close to the limit to tell",
    NotChecked.TOO_SHORT: "held too briefly to tell",
    NotChecked.NOT_APPLICABLE: "does not apply to this posture",
    NotChecked.NOT_JUDGED: "not judged: no camera view shows it well enough yet",
}

PLACES = {
    SymptomPlace.BACK_OF_THIGH: "back of the thigh",
    SymptomPlace.BEHIND_KNEE: "behind the knee",
    SymptomPlace.CALF_OR_FOOT: "calf or foot",
    SymptomPlace.LOWER_BACK: "lower back",
    SymptomPlace.NUMB_OR_TINGLING: "numbness or tingling",
    SymptomPlace.NOWHERE: "nowhere",
}
TRIGGERS = {
    SymptomTrigger.AFTER_HOLD: "asked after the hold",
    SymptomTrigger.FELT_IT: "you said that you felt it",
    SymptomTrigger.ADDED_LATER: "added later",
}


# What an angle says when it grows, for those who do not know its name; docs/angles.md has the exact words.
ANGLES = {
    Angle.ANKLE_DORSIFLEXION: "toes towards the shin; below zero they point away",
    Angle.KNEE_FLEXION: "how far the knee is bent; below zero it is over-straight",
    Angle.HIP_FLEXION: "thigh towards the belly, seen from the pelvis",
    Angle.HIP_TRUNK_FLEXION: "thigh towards the trunk as a whole",
    Angle.HIP_ADDUCTION: "leg across the middle of the body",
    Angle.HIP_MEDIAL_ROTATION: "leg turned inwards",
    Angle.PELVIC_TILT: "pelvis tipped forwards; below zero it is tipped backwards",
    Angle.LUMBAR_FLEXION: "how round the lower back is",
    Angle.CERVICAL_FLEXION: "chin towards the chest; below zero the head is up",
    Angle.TRUNK_LEAN: "how far the trunk leans forward: shown, never scored",
    Angle.STANCE_ANKLE_DORSIFLEXION: "the standing leg's ankle",
    Angle.STANCE_KNEE_FLEXION: "how far the standing knee is bent",
    Angle.STANCE_HIP_FLEXION: "the standing leg's hip",
}
SEVERITIES = {
    Severity.TIP: "worth a try; the clock runs on",
    Severity.WARN: "ease it; the clock runs on",
    Severity.STRONG: "the hold clock stood still",
}
# evidence.md §5: what to do about a feeling outside the back of the thigh.
LESS_NEXT_TIME = "lean less, with soft toes, and look slightly up"
ADVICE = {
    SymptomPlace.BACK_OF_THIGH: "That is where this stretch belongs.",
    SymptomPlace.BEHIND_KNEE: f"Ease off; next time {LESS_NEXT_TIME}.",
    SymptomPlace.CALF_OR_FOOT: f"Ease off; next time {LESS_NEXT_TIME}.",
    SymptomPlace.LOWER_BACK: f"Ease off; next time {LESS_NEXT_TIME}.",
    SymptomPlace.NUMB_OR_TINGLING: "Stop for today. If it lasts or returns, see a clinician.",
    SymptomPlace.NOWHERE: "That is fine too.",
}


def angle_title(angle: Angle) -> str:
    """Return the name of an angle as people write it."""
    return angle.replace("_", " ").capitalize()


def angle_text(value_deg: float, sigma_deg: float) -> str:
    """Write an angle with its uncertainty; one that is not known was not checked."""
    return "not checked" if math.isnan(value_deg) else f"{degrees(value_deg)} ± {degrees(sigma_deg)}"


def clock(seconds: float) -> str:
    """Write a moment: "12.3 s", from a minute on "1:05.3"."""
    tenths = round(seconds * 10)
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def lasting(seconds: float) -> str:
    """Write how long something lasted: "65.3 s", from three minutes on "3 min 30 s"."""
    if seconds < LONG_S:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60} min {round(seconds) % 60} s"


def span(start_s: float, end_s: float) -> str:
    """Write from when to when."""
    return f"{clock(start_s).removesuffix(' s') if end_s < MINUTE_S else clock(start_s)}–{clock(end_s)}"


def place_felt(symptom: Symptom) -> str:
    """Say where something was felt."""
    return "no answer" if symptom.place is None else PLACES[symptom.place]


def when_felt(symptom: Symptom) -> str:
    """Say in which hold of which leg, and at what second."""
    leg = "" if symptom.leg is None else f"{symptom.leg.value} leg, "
    return f"{leg}set {symptom.set_number}, {clock(symptom.time_s)}"


def degrees(angle_deg: float) -> str:
    """Write an angle as people read it: whole degrees, a true minus sign, never "-0"; NaN is a dash."""
    if math.isnan(angle_deg):
        return "–"
    return f"{round(angle_deg) + 0}°".replace("-", "−")


def summarise(record: SessionRecord) -> str:
    """Say in one to three sentences what happened."""
    if not _stretch_seen(record):
        if record.path == "still":
            return "The stretch was not seen in this picture: nobody stands on one leg with the other one up in front."
        if record.events:
            return "No hold was counted: the session ended before one began."
        return (
            "No hold of the stretch was seen: nobody stood on one leg with the other one up in front for long enough."
        )
    worst = worst_flags(record)
    if not worst and not checked_flags(record):
        reason = unchecked_everywhere(record)
        why = "" if reason is None else f": {REASONS[reason]}"
        return f"The stretch was seen, but nothing of it could be checked{why}."
    sentences = [f"{_what_was_seen(record)}."]
    in_front = [name for name in find_front_warnings(record) if name not in worst]
    if worst or in_front:
        watch = [*_labels(record, worst[:3]), *(f"{label} (from the front)" for label in _labels(record, in_front))]
        sentences.append(f"To watch: {', '.join(watch)}.")
    else:
        sentences.append(_nothing_wrong(record))
    if in_doubt(record):
        sentences.append(f"Too close to the limit to tell: {', '.join(_labels(record, in_doubt(record)))}.")
    return " ".join(sentences)


def _what_was_seen(record: SessionRecord) -> str:
    if record.path == "still":
        return "The picture shows the stretch"
    counted = sum(hold.counted_s for hold in record.holds)
    times = count_holds(record.holds, record.sets)
    number = "One hold" if times == 1 else f"{times} holds"
    good = f", {sum(hold.good_s for hold in record.holds):.0f} s of it in good form" if mostly_checked(record) else ""
    stood_s = sum(hold.end_s - hold.start_s for hold in record.holds) - counted
    stood = f"; the clock stood still for {stood_s:.0f} s" if stood_s >= SHORTEST_STANDSTILL_S else ""
    return f"{number}, {counted:.0f} s counted{good}{stood}"


def _nothing_wrong(record: SessionRecord) -> str:
    checked, all_flags = len(checked_flags(record)), len(record.profile.flags)
    if mostly_checked(record):
        return f"Nothing to change in the {checked} of {all_flags} things that could be checked."
    return f"Only {checked} of {all_flags} things could be checked from there; nothing to change in that."


def one_thing(record: SessionRecord) -> str | None:
    """Return the one thing to change next time, or None.

    Where nothing worse than a tip was raised, it is what follows from a feeling in another place than the back of the
    thigh, for some tips deepen the stretch; then what the look from the front warned of.
    """
    worst = worst_flags(record)
    if all(one.severity < Severity.WARN for one in record.flags):
        elsewhere = _felt_elsewhere(record)
        if elsewhere is not None:
            return f"{LESS_NEXT_TIME.capitalize()}. You felt it here: {PLACES[elsewhere]}."
        worst = [*find_front_warnings(record), *worst]
    if not worst:
        return None
    rule = record.profile.flag(worst[0])
    return f"{rule.cue}. {rule.reason}"


def stop_advice(record: SessionRecord) -> str | None:
    """Return what comes before anything else: to stop, after numbness or tingling; or None."""
    if all(one.place is not SymptomPlace.NUMB_OR_TINGLING for one in record.symptoms):
        return None
    return f"You felt numbness or tingling. {ADVICE[SymptomPlace.NUMB_OR_TINGLING]}"


def praise(record: SessionRecord) -> str | None:
    """Return a kind word when most of the stretch was in good form and nothing was raised or in doubt; or None."""
    counted_s, good_s = (sum(getattr(hold, name) for hold in record.holds) for name in ("counted_s", "good_s"))
    if (
        one_thing(record) is not None
        or stop_advice(record) is not None
        or in_doubt(record)
        or good_s < HALF * counted_s
        or not (_stretch_seen(record) and mostly_checked(record))
    ):
        return None
    return "Do the same next time. What could not be checked is listed below."


def stacking(record: SessionRecord) -> str | None:
    """Say when warnings counted as strong because they came together; None when they did not."""
    if not record.stacked:
        return None
    spans = ", ".join(span(start_s, end_s) for start_s, end_s in record.stacked)
    return f"Warnings add up: several at once counted as strong, and the hold clock stood still ({spans})."


def unchecked_everywhere(record: SessionRecord) -> NotChecked | None:
    """Return the reason why nothing at all was checked, where it is one and the same; or None.

    What is never judged says nothing about this input.
    """
    reasons = {one.reason for one in record.unchecked if one.share == 1.0}
    if len(reasons) > 1:
        reasons.discard(NotChecked.NOT_JUDGED)
    return reasons.pop() if len(reasons) == 1 and not checked_flags(record) and not record.flags else None


def reminder(record: SessionRecord, unchecked: Unchecked) -> str | None:
    """Return what to watch without the camera, where a flag was not checked for half of a stretch or more; or None."""
    text = record.profile.flag(unchecked.flag).reminder
    if text is None or unchecked.share < HALF or unchecked.reason is NotChecked.NOT_STRETCHING:
        return None
    return f"Watch it yourself: {text}"


def besides(record: SessionRecord, unchecked: Unchecked) -> tuple[str, ...]:
    """Return what else is known of a flag that was not checked: how it was found from the front, what to watch."""
    found = (describe_front(record, unchecked.flag), reminder(record, unchecked))
    return tuple(one for one in found if one is not None)


def reminders(record: SessionRecord) -> list[str]:
    """Return all that the user is to watch without the camera, in the order of the profile."""
    found = (reminder(record, one) for one in record.unchecked)
    return [one for one in found if one is not None]


def checked_flags(record: SessionRecord) -> list[str]:
    """Return the flags that were checked for a fair part of the stretch."""
    missing = {one.flag for one in record.unchecked if one.share >= HALF}
    return [rule.name for rule in record.profile.flags if rule.name not in missing]


def mostly_checked(record: SessionRecord) -> bool:
    """Tell whether good form can be spoken of: what it hangs on was seen for most of the stretch."""
    unseen = {one.flag: one.reason for one in record.unchecked if one.share >= HALF}
    return can_form_be_told(make_form_rules(record.profile), unseen)


def in_doubt(record: SessionRecord) -> list[str]:
    """Return the warnings that were not raised, though the angle was beyond the limit for a tenth of the stretch."""
    doubtful = {one.flag for one in record.unchecked if one.is_doubtful}
    doubtful -= {one.flag for one in record.flags}
    return [rule.name for rule in record.profile.flags if rule.name in doubtful and Severity.WARN in rule.thresholds]


def find_good_labels(record: SessionRecord) -> tuple[str, ...]:
    """Return what was never raised and checked for nine tenths of the time for which it applies, as people read it."""
    if not _stretch_seen(record):
        return ()
    other = {one.flag for one in record.flags}
    other |= {one.flag for one in record.unchecked if one.reason is not NotChecked.NOT_APPLICABLE or one.share >= HALF}
    return tuple(_labels(record, [rule.name for rule in record.profile.flags if rule.name not in other]))


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


def _felt_elsewhere(record: SessionRecord) -> SymptomPlace | None:
    """Return the first place, other than the back of the thigh, in which something was felt."""
    fine = (None, SymptomPlace.BACK_OF_THIGH, SymptomPlace.NOWHERE, SymptomPlace.NUMB_OR_TINGLING)
    return next((one.place for one in record.symptoms if one.place not in fine), None)


def _stretch_seen(record: SessionRecord) -> bool:
    if record.path != "still":
        return bool(record.holds)
    unseen = [one.reason is NotChecked.NOT_STRETCHING for one in record.unchecked]
    return not (unseen and all(unseen))


def _labels(record: SessionRecord, names: list[str]) -> list[str]:
    return [record.profile.flag(name).label.lower() for name in names]


def _seconds(periods: list[FlagPeriod], severity: Severity) -> float:
    return sum(one.end_s - one.start_s for one in periods if one.severity is severity)
