from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.angles import View
from formcoach.coach import FramingFault
from formcoach.coach.session.types import EventKind, SessionEvent
from formcoach.pose.landmarks import Side
from formcoach.sessions.remedies import (
    ANOTHER_MODEL,
    FACE_SQUARELY,
    FROM_THE_FRONT,
    REMEDIES,
    SIDE_ON,
    SIDE_ON_AND_NEAR,
    STAND_TALL,
    find_remedies,
)
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from sessions_data import RECORD

WRONG, UNSURE = NotChecked.WRONG_VIEW, NotChecked.TOO_UNCERTAIN


def unchecked(*rows, view=View.SIDE, **changes):
    rows = tuple(Unchecked(flag, reason, 0.6) for flag, reason in rows)
    return replace(RECORD, view=view, unchecked=rows, **({"notes": (), "events": ()} | changes))


@pytest.mark.parametrize("reason", list(REMEDIES))
def test_every_reason_that_one_can_do_something_about_has_a_sentence_that_says_what(reason):
    assert find_remedies(unchecked(("lumbar_flexion", reason))) == (REMEDIES[reason],)


@pytest.mark.parametrize("reason", [NotChecked.TOO_CLOSE, NotChecked.NOT_JUDGED, NotChecked.NOT_APPLICABLE])
@pytest.mark.parametrize("flag", ["lumbar_flexion", "hip_adduction"])
def test_nothing_is_advised_where_nothing_helps(flag, reason):
    assert find_remedies(unchecked((flag, reason), baselines=())) == ()


def test_the_same_advice_is_given_once_in_the_order_of_the_flags():
    order = [rule.name for rule in RECORD.profile.flags]
    rows = [(name, NotChecked.LOW_VISIBILITY) for name in order[:3]]
    rows = [(order[5], NotChecked.DEGENERATE), *rows]
    expected = (REMEDIES[NotChecked.LOW_VISIBILITY], REMEDIES[NotChecked.DEGENERATE])
    assert find_remedies(unchecked(*rows)) == expected


@pytest.mark.parametrize(
    ("flag", "reason", "view", "expected"),
    [
        # A leg across is read from the front, and from there alone well.
        ("hip_adduction", WRONG, View.SIDE, FROM_THE_FRONT),
        ("hip_adduction", WRONG, View.BACK, FROM_THE_FRONT),
        ("hip_adduction", UNSURE, View.OBLIQUE, FROM_THE_FRONT),
        ("hip_adduction", UNSURE, View.FRONT, FACE_SQUARELY),
        ("hip_adduction", WRONG, View.FRONT, FACE_SQUARELY),
        # Everything else from the side.
        ("lumbar_flexion", WRONG, View.FRONT, SIDE_ON),
        ("ankle_dorsiflexion", WRONG, View.BACK, SIDE_ON),
        ("knee_locked", WRONG, View.SIDE, SIDE_ON),  # the stretched leg was the farther one
        ("lumbar_flexion", UNSURE, View.OBLIQUE, SIDE_ON),
        ("knee_locked", UNSURE, View.UNKNOWN, SIDE_ON),
        ("lumbar_flexion", UNSURE, View.SIDE, SIDE_ON_AND_NEAR),
    ],
)
def test_where_to_stand_hangs_on_what_was_not_seen_and_from_where(flag, reason, view, expected):
    assert find_remedies(unchecked((flag, reason), view=view)) == (expected,)


@pytest.mark.parametrize("flag", ["lumbar_flexion", "cervical_flexion", "pelvis_tucked"])
@pytest.mark.parametrize("view", [View.SIDE, View.OBLIQUE])
def test_without_a_neutral_posture_of_their_own_people_are_asked_to_stand_tall_first(flag, view):
    assert find_remedies(unchecked((flag, UNSURE), view=view, baselines=())) == (STAND_TALL,)
    assert STAND_TALL not in find_remedies(unchecked((flag, UNSURE), view=view))


def test_standing_tall_is_not_asked_for_where_it_changes_nothing():
    assert find_remedies(unchecked(("lumbar_flexion", UNSURE), baselines=(), path="still")) == (SIDE_ON_AND_NEAR,)
    assert find_remedies(unchecked(("knee_locked", UNSURE), baselines=())) == (SIDE_ON_AND_NEAR,)
    assert find_remedies(unchecked(("hip_adduction", UNSURE), view=View.FRONT, baselines=())) == (FACE_SQUARELY,)
    covered = unchecked(("lumbar_flexion", NotChecked.LOW_VISIBILITY), baselines=())
    assert find_remedies(covered) == (REMEDIES[NotChecked.LOW_VISIBILITY],)


@pytest.mark.parametrize("view", [View.SIDE, View.FRONT])
def test_with_lite_no_view_shows_whether_the_leg_is_in_line(view):
    across = unchecked(("hip_adduction", WRONG), view=view)
    assert find_remedies(replace(across, model=replace(across.model, variant="lite"))) == (ANOTHER_MODEL,)
    assert ANOTHER_MODEL not in find_remedies(replace(across, model=replace(across.model, variant="full")))


@pytest.mark.parametrize("view", [View.SIDE, View.FRONT])
def test_nobody_is_sent_to_the_front_who_was_looked_at_from_there(view):
    looked = SessionEvent(3.0, EventKind.FRONT_CHECK, Side.LEFT, 1, "hip_adduction: good")
    assert find_remedies(unchecked(("hip_adduction", WRONG), view=view, events=(looked,))) == ()
    outside = unchecked(("hip_adduction", NotChecked.OUT_OF_VIEW), view=view, events=(looked,))
    assert find_remedies(outside) == (REMEDIES[NotChecked.OUT_OF_VIEW],)


@pytest.mark.parametrize(
    ("row", "view", "says_it"),
    [
        (("lumbar_flexion", NotChecked.OUT_OF_VIEW), View.SIDE, {FramingFault.CUT_OFF, FramingFault.TOO_FAR}),
        (("lumbar_flexion", UNSURE), View.SIDE, set(FramingFault)),
        (
            ("lumbar_flexion", WRONG),
            View.FRONT,
            {FramingFault.FROM_THE_FRONT, FramingFault.FROM_THE_BACK, FramingFault.AT_A_SLANT, FramingFault.FAR_LEG},
        ),
        (("hip_adduction", UNSURE), View.OBLIQUE, set()),
        (("hip_adduction", UNSURE), View.FRONT, set()),
        (("lumbar_flexion", NotChecked.LOW_VISIBILITY), View.SIDE, set()),
    ],
)
def test_what_a_note_says_is_not_said_again_and_the_rest_is(row, view, says_it):
    assert len(find_remedies(unchecked(row, view=view))) == 1
    for fault in FramingFault:
        found = find_remedies(unchecked(row, view=view, notes=("Something else.", fault.advice)))
        assert len(found) == (fault not in says_it), fault


def test_a_note_about_the_camera_leaves_room_for_the_own_posture():
    unsure = unchecked(("lumbar_flexion", UNSURE), view=View.OBLIQUE, baselines=())
    assert find_remedies(replace(unsure, notes=(FramingFault.AT_A_SLANT.advice,))) == (STAND_TALL,)
