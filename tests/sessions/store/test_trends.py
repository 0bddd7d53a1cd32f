"""What lists and trends read of every session, and what is changed afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.errors import UsageError
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import Origin
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.edits import change_answer
from formcoach.sessions.store.trends import FeltRow, HeldRow, count_answers, is_form_checked, read_trends
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from formcoach.video import SourceKind
from report_data import LIVE
from review_store import add_session
from sessions_data import NOTHING, RECORD
from store_sessions import make_plan


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path) as opened:
        yield opened


def test_a_session_is_counted_as_the_report_counts_it(store):
    add_session(store, LIVE)
    (one,) = read_trends(store)
    assert one.title == LIVE.profile.title
    assert one.legs == (Side.LEFT, Side.RIGHT)
    assert one.hold_s == pytest.approx(35.0 + 31.0 + 12.0 + 28.0)
    # Ankle, back (warn that grew strong: once), neck, knee; the foot's is a tip.
    assert one.warnings == 4
    assert one.warnings_per_minute == pytest.approx(4 / 106.0 * 60.0)
    assert one.good_share == pytest.approx(64.6 / 90.8)
    assert (one.answered, one.symptom_free) == (3, 2)
    assert one.lean_deg == pytest.approx(1.0)


def test_with_less_than_half_checked_nothing_is_said_of_good_form(store):
    most = LIVE.profile.flags[: len(LIVE.profile.flags) // 2 + 1]
    unchecked = tuple(Unchecked(rule.name, NotChecked.WRONG_VIEW, 1.0) for rule in most)
    add_session(store, replace(LIVE, unchecked=unchecked))
    add_session(store, NOTHING)
    seen_from_the_front, nothing = read_trends(store)
    for one in (seen_from_the_front, nothing):
        assert not one.form_checked
        assert one.good_share != one.good_share
        assert one.warnings_per_minute != one.warnings_per_minute
    assert nothing.lean_deg != nothing.lean_deg


RULES = [
    *({"name": name, "angle": name, "judged": True, "thresholds": {"warn": {}, "strong": {}}} for name in "abc"),
    {"name": "d", "angle": "d", "judged": False, "thresholds": {"warn": {}}},
    {"name": "across", "angle": "hip_adduction", "judged": True, "thresholds": {"warn": {}}},
    *({"name": name, "angle": name, "judged": True, "thresholds": {"tip": {}}} for name in "efgh"),
]


def unchecked(names, reason="wrong_view", share=0.5):
    return [{"flag": name, "reason": reason, "share": share} for name in names]


@pytest.mark.parametrize(
    ("rows", "checked"),
    [
        (unchecked("a"), True),  # cannot be seen from there
        (unchecked("ab"), False),  # too little is left
        (unchecked("a", "out_of_view"), False),  # could be anything
        (unchecked("a", "too_uncertain"), False),
        (unchecked("a", "out_of_view", 0.4), True),
        (unchecked("a", "too_close"), True),  # seen, and in doubt
        (unchecked(["across", *"defgh"], "too_uncertain", 1.0), True),  # not what good form hangs on
        ([], True),
    ],
)
def test_form_is_checked_where_what_it_hangs_on_was_seen_most_of_the_time(rows, checked):
    assert is_form_checked(rows, RULES) is checked


def test_without_a_record_no_form_is_checked():
    assert not is_form_checked(None, RULES)
    assert not is_form_checked([], None)
    assert is_form_checked([], [{"name": "a", "angle": "a", "thresholds": {"tip": {}}}])


def test_a_session_that_is_being_recorded_is_among_them(store):
    with store.begin(make_plan()) as journal:
        (one,) = read_trends(store)
        assert one.summary.is_running
        assert one.source == ""
        with pytest.raises(UsageError, match="being recorded"):
            change_answer(store, journal.session_id, 1, None)


@pytest.mark.parametrize(
    ("felt", "expected"),
    [
        ([], (0, 0)),
        ([("left", 1, None)], (0, 0)),
        ([("left", 1, "back_of_thigh")], (1, 1)),
        ([("left", 1, "nowhere"), (None, 1, "lower_back")], (2, 0)),
        ([("left", 1, "back_of_thigh"), ("left", 1, "behind_knee"), ("right", 1, "nowhere")], (2, 1)),
        ([("left", 2, "behind_knee")], (0, 0)),
    ],
)
def test_holds_of_one_leg_in_one_set_are_one(felt, expected):
    holds = [held("left", 0.0), held("left", 20.0), held("right", 40.0)]
    assert count_answers(holds, [FeltRow(*one, 30.0) for one in felt], has_sets=True) == expected


def held(leg, start_s):
    return HeldRow(leg, 1, start_s, start_s + 12.0, 10.0, 8.0)


def test_each_hold_of_a_recording_has_its_own_answer():
    holds = [held("left", 0.0), held("left", 20.0), held(None, 40.0)]
    felt = [FeltRow("left", 1, "back_of_thigh", 12.0), FeltRow("left", 1, "behind_knee", 32.0)]
    assert count_answers(holds, felt, has_sets=False) == (2, 1)
    assert count_answers(holds, [*felt, FeltRow(None, 1, "nowhere", 52.0)], has_sets=False) == (3, 2)
    assert count_answers(holds, [FeltRow("left", 1, "nowhere", -1.0)], has_sets=False) == (0, 0)


def test_the_numbers_of_a_leg_are_those_of_its_holds_and_add_up(store):
    add_session(store, LIVE)
    add_session(store, replace(LIVE, holds=LIVE.holds[:2]))
    both, left_alone = read_trends(store)
    left, right = (both.of_leg(leg) for leg in (Side.LEFT, Side.RIGHT))
    assert left.good_share == pytest.approx(54.6 / 60.3)
    assert right.good_share == pytest.approx(10.0 / 30.5)
    assert (left.warnings, right.warnings) == (1, 3)
    assert (left.answered, left.symptom_free) == (2, 2)
    assert (right.answered, right.symptom_free) == (1, 0)
    assert left.hold_s + right.hold_s == pytest.approx(both.hold_s)
    assert left.legs == (Side.LEFT,)
    assert left.lean_deg != left.lean_deg  # the record has it of both together
    assert left_alone.of_leg(Side.LEFT) == left_alone


def test_where_a_session_comes_from(store):
    add_session(store, LIVE)
    for name, kind in (("clip.mp4", SourceKind.VIDEO), ("photo.jpg", SourceKind.PHOTO), ("0", SourceKind.CAMERA)):
        source = replace(RECORD.source, name=name, kind=kind)
        add_session(store, replace(RECORD, source=source), source=source)
    found = read_trends(store)
    assert [one.origin for one in found] == [Origin.LIVE, Origin.RECORDING, Origin.PHOTO, Origin.LIVE]
    assert [one.has_sets for one in found] == [True, False, False, False]
