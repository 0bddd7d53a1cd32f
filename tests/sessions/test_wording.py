from __future__ import annotations

from dataclasses import replace

from formcoach.sessions.wording import one_thing, praise, raised_spans, summarise, worst_flags
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.types import NotChecked
from sessions_data import NOTHING, RECORD

CLEAN = replace(RECORD, flags=())
ALL_UNCHECKED = tuple(Unchecked(rule.name, NotChecked.OUT_OF_VIEW, 1.0) for rule in RECORD.profile.flags)


def test_a_clean_stretch_is_praised_and_a_flagged_one_gets_one_thing_to_change():
    assert "Nothing to change" in summarise(CLEAN)
    assert "Do the same" in praise(CLEAN)
    assert one_thing(CLEAN) is None
    assert praise(RECORD) is None
    assert one_thing(RECORD).startswith(RECORD.profile.flag("lumbar_flexion").cue)


def test_what_was_not_seen_or_not_checked_is_never_praised():
    legs_only = replace(CLEAN, unchecked=ALL_UNCHECKED)
    assert praise(legs_only) is None
    assert "nothing of it could be checked" in summarise(legs_only)
    standing = replace(CLEAN, holds=(), unchecked=ALL_UNCHECKED)
    assert praise(standing) is None
    assert "No hold" in summarise(standing)
    photo = replace(NOTHING, flags=())
    assert praise(photo) is None
    assert "not seen in this picture" in summarise(photo)


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
