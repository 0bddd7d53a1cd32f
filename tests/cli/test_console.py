"""What a terminal shows of a record: green is for what was seen to be good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.cli.console import flag_table
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
