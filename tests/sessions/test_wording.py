from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from formcoach.angles import Angle
from formcoach.coach.session.types import EventKind, SessionEvent, SymptomPlace
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import SetRecord
from formcoach.sessions.wording import (
    ADVICE,
    ANGLES,
    PLACES,
    REASONS,
    besides,
    checked_flags,
    clock,
    degrees,
    find_good_labels,
    lasting,
    one_thing,
    peak_deg,
    praise,
    raised_spans,
    reminder,
    reminders,
    span,
    stacking,
    stop_advice,
    summarise,
    unchecked_everywhere,
    worst_flags,
)
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.types import NotChecked
from report_data import make_symptom
from sessions_data import NOTHING, RECORD

CLEAN = replace(RECORD, flags=())
ROTATION = Unchecked("hip_medial_rotation", NotChecked.NOT_JUDGED, 1.0)
ALL_UNCHECKED = tuple(Unchecked(rule.name, NotChecked.OUT_OF_VIEW, 1.0) for rule in RECORD.profile.flags)


def test_a_clean_stretch_is_praised_and_a_flagged_one_gets_one_thing_to_change():
    assert "Nothing to change" in summarise(CLEAN)
    assert "Do the same" in praise(CLEAN)
    assert one_thing(CLEAN) is None
    assert praise(RECORD) is None
    assert one_thing(RECORD).startswith(RECORD.profile.flag("lumbar_flexion").cue)


def seen_from_the_front(record, word):
    return replace(record, events=(SessionEvent(3.0, EventKind.FRONT_CHECK, Side.LEFT, 1, f"hip_adduction: {word}"),))


def test_what_the_look_from_the_front_warned_of_is_the_thing_to_change_when_nothing_worse_is():
    warned = seen_from_the_front(CLEAN, "warn")
    assert one_thing(warned).startswith(RECORD.profile.flag("hip_adduction").cue)
    assert "To watch: leg in line (from the front)." in summarise(warned)
    assert praise(warned) is None
    assert praise(seen_from_the_front(CLEAN, "good")) is not None
    assert one_thing(seen_from_the_front(RECORD, "warn")) == one_thing(RECORD)
    felt = replace(warned, symptoms=(make_symptom(11.0, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE),))
    assert one_thing(felt).startswith("Lean less")
    tip = replace(warned, flags=(FlagPeriod("knee_bent", Severity.TIP, 5.0, 6.0, 25.0),))
    assert one_thing(tip) == one_thing(warned)


def test_a_flag_that_the_hold_could_not_check_says_how_it_was_from_the_front():
    (adduction, rotation) = RECORD.unchecked
    assert besides(seen_from_the_front(RECORD, "good"), adduction) == (
        "Seen from the front before a hold: left leg good",
    )
    assert besides(RECORD, adduction) == ()
    assert besides(seen_from_the_front(RECORD, "good"), rotation) == ("Watch it yourself: Kneecap to the ceiling",)


def test_a_hold_that_was_paused_is_one_hold():
    halves = (Hold(Side.LEFT, 4.0, 11.0, 7.0, 7.0), Hold(Side.LEFT, 20.0, 28.0, 8.0, 8.0))
    live = replace(RECORD, holds=halves, sets=(SetRecord(Side.LEFT, 1, 3.9, 28.1, 15.0, 15.0),))
    assert summarise(live).startswith("One hold, 15 s counted")
    assert summarise(replace(live, sets=())).startswith("2 holds, 15 s counted")


def test_what_was_not_seen_or_not_checked_is_never_praised():
    legs_only = replace(CLEAN, unchecked=ALL_UNCHECKED)
    assert praise(legs_only) is None
    assert "nothing of it could be checked" in summarise(legs_only)
    standing = replace(CLEAN, holds=(), unchecked=ALL_UNCHECKED)
    assert praise(standing) is None
    assert "nobody stood on one leg" in summarise(standing)
    # Of a live session the reason is not known: it may have been ended, or been stopped by hand.
    ended = SessionEvent(9.0, EventKind.ENDED, None, 1)
    assert "nobody" not in summarise(replace(standing, events=(ended,)))
    assert "No hold" in summarise(replace(standing, events=(ended,)))
    photo = replace(NOTHING, flags=())
    assert praise(photo) is None
    assert "not seen in this picture" in summarise(photo)


def test_what_was_too_close_to_tell_is_said_and_not_praised():
    doubtful = replace(CLEAN, unchecked=(Unchecked("cervical_flexion", NotChecked.TOO_CLOSE, 0.2),))
    assert praise(doubtful) is None
    assert "Too close to the limit to tell: neck." in summarise(doubtful)
    assert "cervical_flexion" in checked_flags(doubtful)


def test_little_that_was_checked_is_not_called_good_form():
    front = replace(CLEAN, unchecked=tuple(one for one in ALL_UNCHECKED if one.flag != "hip_adduction"))
    assert praise(front) is None
    assert "good form" not in summarise(front)
    assert f"Only 1 of {len(ALL_UNCHECKED)} things could be checked" in summarise(front)


def test_stacked_warnings_are_explained():
    assert stacking(CLEAN) is None
    assert "(5.0–8.2 s)" in stacking(replace(CLEAN, stacked=((5.0, 8.2),)))


def test_one_reason_for_everything():
    assert unchecked_everywhere(replace(NOTHING, flags=())) is NotChecked.NOT_STRETCHING
    assert unchecked_everywhere(CLEAN) is None
    assert unchecked_everywhere(replace(NOTHING, flags=(), unchecked=NOTHING.unchecked[1:])) is None


def test_what_is_never_judged_does_not_hide_the_one_reason_for_the_rest():
    rest = [one for one in ALL_UNCHECKED if one.flag != ROTATION.flag]
    assert unchecked_everywhere(replace(CLEAN, unchecked=(*rest, ROTATION))) is NotChecked.OUT_OF_VIEW


def test_what_no_view_shows_is_said_and_left_to_the_user():
    assert REASONS[ROTATION.reason] == "not judged: no camera view shows it well enough yet"
    assert reminder(RECORD, ROTATION) == "Watch it yourself: Kneecap to the ceiling"
    assert reminders(RECORD) == ["Watch it yourself: Kneecap to the ceiling"]
    assert reminder(RECORD, replace(ROTATION, share=0.2)) is None
    assert reminder(RECORD, Unchecked("hip_adduction", NotChecked.WRONG_VIEW, 1.0)) is None  # it has none
    assert reminders(NOTHING) == []  # where no stretch was seen there is nothing to watch


def test_a_photo_of_the_stretch_is_praised_for_what_could_be_checked():
    photo = replace(NOTHING, flags=(), unchecked=RECORD.unchecked)
    assert "picture shows the stretch" in summarise(photo)
    assert praise(photo) is not None


def test_strong_comes_first_then_the_longest():
    flags = (
        FlagPeriod("ankle_dorsiflexion", Severity.WARN, 0.0, 2.0, 6.0),
        FlagPeriod("cervical_flexion", Severity.WARN, 0.0, 5.0, 30.0),
        FlagPeriod("lumbar_flexion", Severity.STRONG, 0.0, 1.0, 40.0),
    )
    assert worst_flags(replace(RECORD, flags=flags)) == ["lumbar_flexion", "cervical_flexion", "ankle_dorsiflexion"]


def test_warn_and_strong_in_a_row_are_one_span():
    assert raised_spans(RECORD, "lumbar_flexion") == [(6.0, 8.0)]


@pytest.mark.parametrize(("angle", "text"), [(41.6, "42°"), (-4.6, "−5°"), (-0.2, "0°"), (float("nan"), "–")])
def test_degrees_are_written_as_people_read_them(angle, text):
    assert degrees(angle) == text


def test_the_peak_is_the_worst_in_the_direction_of_the_flag():
    flags = tuple(FlagPeriod("knee_locked", Severity.WARN, 0.0, 1.0, peak) for peak in (2.0, -3.0, float("nan")))
    locked = replace(RECORD, flags=flags)
    assert peak_deg(locked, "knee_locked") == -3.0
    assert np.isnan(peak_deg(locked, "lumbar_flexion"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0.0 s"), (9.96, "10.0 s"), (59.94, "59.9 s"), (59.96, "1:00.0"), (65.3, "1:05.3"), (1799.97, "30:00.0")],
)
def test_moments_are_written_as_people_read_them(seconds, text):
    assert clock(seconds) == text


def test_spans_and_lengths():
    assert span(4.56, 10.31) == "4.6–10.3 s"
    assert span(58.0, 63.0) == "58.0 s–1:03.0"
    assert span(61.0, 63.0) == "1:01.0–1:03.0"
    assert lasting(65.25) in ("65.2 s", "65.3 s")
    assert lasting(210.4) == "3 min 30 s"


def felt(*places):
    return replace(CLEAN, symptoms=tuple(make_symptom(5.0, Side.LEFT, 1, place) for place in places))


def test_a_feeling_in_another_place_is_the_one_thing_where_no_flag_was_raised():
    record = felt(SymptomPlace.BACK_OF_THIGH, SymptomPlace.BEHIND_KNEE)
    assert one_thing(record).startswith("Lean less")
    assert "behind the knee" in one_thing(record)
    assert praise(record) is None
    assert one_thing(replace(record, flags=RECORD.flags)) == one_thing(RECORD)
    tip = FlagPeriod("knee_bent", Severity.TIP, 3.0, 5.0, 40.0)
    assert one_thing(replace(record, flags=(tip,))) == one_thing(record)  # straighter would be more of it
    assert one_thing(felt(SymptomPlace.BACK_OF_THIGH, SymptomPlace.NOWHERE, None)) is None


def test_numbness_is_told_to_stop_and_never_praised():
    record = felt(SymptomPlace.BACK_OF_THIGH, SymptomPlace.NUMB_OR_TINGLING)
    assert "Stop for today" in stop_advice(record)
    assert praise(record) is None
    assert stop_advice(felt(SymptomPlace.BEHIND_KNEE)) is None


def test_every_angle_and_place_has_its_words():
    assert set(ANGLES) == set(Angle)
    assert set(ADVICE) == set(PLACES) == set(SymptomPlace)


def test_what_was_checked_nearly_all_the_time_and_never_raised_is_named():
    doubtful = Unchecked("cervical_flexion", NotChecked.TOO_CLOSE, 0.2)
    briefly = Unchecked("knee_locked", NotChecked.LOW_VISIBILITY, 0.3)
    upright = Unchecked("pelvis_tucked", NotChecked.NOT_APPLICABLE, 0.3)
    record = replace(RECORD, unchecked=(*RECORD.unchecked, doubtful, briefly, upright))
    assert find_good_labels(record) == ("knee extended", "foot", "pelvis", "leg height")
    assert find_good_labels(NOTHING) == ()


@pytest.mark.parametrize(
    ("unseen", "told"),
    [(NotChecked.LOW_VISIBILITY, False), (NotChecked.OUT_OF_VIEW, False), (NotChecked.TOO_CLOSE, True)],
)
def test_good_form_is_not_spoken_of_where_the_back_was_not_seen(unseen, told):
    covered = Unchecked("lumbar_flexion", unseen, 0.6)
    record = replace(CLEAN, unchecked=(*RECORD.unchecked, covered))
    assert ("good form" in summarise(record)) == told
    assert praise(record) is None
    assert "good form" in summarise(replace(CLEAN, unchecked=(*RECORD.unchecked, replace(covered, share=0.4))))


def test_little_good_form_is_not_praised():
    (hold,) = CLEAN.holds
    assert praise(replace(CLEAN, holds=(replace(hold, good_s=0.6 * hold.counted_s),))) is not None
    assert praise(replace(CLEAN, holds=(replace(hold, good_s=0.4 * hold.counted_s),))) is None


def test_doubt_is_told_beside_another_reason():
    both = Unchecked("lumbar_flexion", NotChecked.LOW_VISIBILITY, 0.4, in_doubt=0.15)
    record = replace(CLEAN, unchecked=(*RECORD.unchecked, both))
    assert "Too close to the limit to tell: back." in summarise(record)
    assert praise(record) is None


@pytest.mark.parametrize(("end_s", "words"), [(9.9, "form."), (10.5, "form; the clock stood still for 2 s.")])
def test_time_that_did_not_count_is_named_beside_the_time_that_did(end_s, words):
    """A strong flag stops the clock: good form out of what counted alone would look the better the worse it was."""
    held = replace(CLEAN, holds=(Hold(Side.LEFT, 4.0, end_s, 5.0, 4.0),))
    assert summarise(held).startswith(f"One hold, 5 s counted, 4 s of it in good {words}")
