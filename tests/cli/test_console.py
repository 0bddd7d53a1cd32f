"""What a terminal shows of a record: green is for what was seen to be good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.cli.console import flag_table
from formcoach.cli.live_session import set_table
from formcoach.cli.sessions_rescore import describe_differences
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import SetRecord
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from sessions_data import RECORD


def shown(*unchecked):
    """Return result, its style and the remark of the soft knee, which was never raised."""
    table = flag_table(replace(RECORD, flags=(), unchecked=unchecked))
    labels, results, _, remarks = (list(column.cells) for column in table.columns)
    row = labels.index("Soft knee")
    return results[row].plain, str(results[row].style), remarks[row].plain


def test_what_was_seen_throughout_is_good():
    assert shown() == ("good", "green", "")


@pytest.mark.parametrize(
    ("reason", "share", "in_doubt", "result", "remark"),
    [
        (NotChecked.LOW_VISIBILITY, 0.3, 0.0, "good in part", "not checked for 30%: covered"),
        (NotChecked.LOW_VISIBILITY, 0.4, 0.15, "in doubt", "not checked for 40%: too close to the limit to tell"),
        (NotChecked.TOO_CLOSE, 0.3, 0.3, "in doubt", "not checked for 30%: too close to the limit to tell"),
        (NotChecked.LOW_VISIBILITY, 0.6, 0.0, "not checked", "covered"),
    ],
)
def test_what_was_not_seen_in_part_or_in_doubt_is_not_green(reason, share, in_doubt, result, remark):
    found, style, words = shown(Unchecked("knee_locked", reason, share, in_doubt))
    assert (found, words) == (result, remark)
    assert "green" not in style


def test_what_does_not_apply_for_a_while_is_good_all_the_same():
    result, style, remark = shown(Unchecked("knee_locked", NotChecked.NOT_APPLICABLE, 0.3))
    assert (result, style) == ("good", "green")
    assert remark == "not checked for 30%: does not apply to this posture"


COVERED = Unchecked("lumbar_flexion", NotChecked.LOW_VISIBILITY, 0.6)


def test_of_a_set_whose_form_was_not_seen_no_good_seconds_are_told():
    record = replace(RECORD, sets=(SetRecord(Side.LEFT, 1, 4.0, 11.0, 5.0, 4.0),))
    for unchecked, told in (((), "4 s"), ((COVERED,), "not checked")):
        table = set_table(replace(record, unchecked=unchecked))
        assert [next(iter(column.cells)) for column in table.columns] == ["left", "1", "5 s", told]


def test_a_session_judged_anew_tells_what_was_not_seen_as_such():
    before = replace(RECORD, flags=(), unchecked=())
    (hold,) = before.holds
    after = replace(before, unchecked=(COVERED,), holds=(replace(hold, counted_s=3.0, good_s=1.0),))
    lines = list(describe_differences(before, after))
    assert lines == ["Back: not checked; before none.", "Seconds counted: 3.0, before 5.0."]
    seen = list(describe_differences(before, replace(after, unchecked=())))
    assert seen == ["Seconds counted: 3.0, before 5.0.", "Seconds in good form: 1.0, before 4.0."]
