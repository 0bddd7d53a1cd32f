from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.angles import View
from formcoach.coach import FramingFault
from formcoach.coach.session.types import EventKind, SessionEvent
from formcoach.pose.landmarks import Side
from formcoach.sessions.remedies import FROM_THE_FRONT, REMEDIES, find_remedies
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from sessions_data import RECORD


def unchecked(*rows, view=View.SIDE, **changes):
    rows = tuple(Unchecked(flag, reason, 0.6) for flag, reason in rows)
    return replace(RECORD, view=view, unchecked=rows, notes=(), events=(), **changes)


@pytest.mark.parametrize("reason", list(REMEDIES))
def test_every_reason_that_one_can_do_something_about_has_a_sentence_that_says_what(reason):
    assert find_remedies(unchecked(("lumbar_flexion", reason))) == (REMEDIES[reason],)


@pytest.mark.parametrize("reason", [NotChecked.TOO_CLOSE, NotChecked.NOT_JUDGED, NotChecked.NOT_APPLICABLE])
def test_nothing_is_advised_where_nothing_helps(reason):
    assert find_remedies(unchecked(("lumbar_flexion", reason))) == ()


def test_the_same_advice_is_given_once_in_the_order_of_the_flags():
    order = [rule.name for rule in RECORD.profile.flags]
    rows = [(name, NotChecked.LOW_VISIBILITY) for name in order[:3]]
    rows = [(order[5], NotChecked.DEGENERATE), *rows]
    expected = (REMEDIES[NotChecked.LOW_VISIBILITY], REMEDIES[NotChecked.DEGENERATE])
    assert find_remedies(unchecked(*rows)) == expected


def test_side_on_the_leg_in_line_is_sent_to_the_front_unless_somebody_looked_from_there():
    across = ("hip_adduction", NotChecked.WRONG_VIEW)
    assert find_remedies(unchecked(across)) == (FROM_THE_FRONT,)
    looked = SessionEvent(3.0, EventKind.FRONT_CHECK, Side.LEFT, 1, "hip_adduction: good")
    assert find_remedies(replace(unchecked(across), events=(looked,))) == ()
    assert find_remedies(unchecked(across, view=View.BACK)) == ()
    assert find_remedies(unchecked(("lumbar_flexion", NotChecked.WRONG_VIEW))) == ()


def test_what_a_note_says_is_not_said_again():
    outside = unchecked(("lumbar_flexion", NotChecked.OUT_OF_VIEW))
    assert find_remedies(replace(outside, notes=(FramingFault.CUT_OFF.advice,))) == ()
    assert find_remedies(replace(outside, notes=(FramingFault.TOO_FAR.advice,))) == (REMEDIES[NotChecked.OUT_OF_VIEW],)
    uncertain = unchecked(("lumbar_flexion", NotChecked.TOO_UNCERTAIN), view=View.OBLIQUE)
    assert find_remedies(replace(uncertain, notes=(FramingFault.AT_A_SLANT.advice,))) == ()
