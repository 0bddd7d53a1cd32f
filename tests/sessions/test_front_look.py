from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.coach.session.types import EventKind, SessionEvent
from formcoach.pose.landmarks import Side
from formcoach.sessions.front_look import (
    FrontLook,
    describe_front,
    find_front_looks,
    find_front_results,
    find_front_warnings,
)
from formcoach.stretch import Severity
from report_data import LIVE


def looked(*details, legs=(Side.LEFT, Side.RIGHT)):
    """A session with these looks from the front, one leg after the other."""
    events = tuple(
        SessionEvent(5.0 + 10.0 * number, EventKind.FRONT_CHECK, legs[number % len(legs)], 1, detail)
        for number, detail in enumerate(details)
    )
    return replace(LIVE, events=events)


def test_looks_are_read_with_those_that_were_left_out():
    record = looked("hip_adduction: warn, hip_medial_rotation: not checked", "left out: did not turn")
    assert find_front_looks(record) == (
        FrontLook(
            5.0, Side.LEFT, (("hip_adduction", Severity.WARN), ("hip_medial_rotation", Severity.NOT_CHECKED)), ""
        ),
        FrontLook(15.0, Side.RIGHT, (), "did not turn"),
    )


@pytest.mark.parametrize("detail", ["nothing to check", "", "other_flag: good", "hip_adduction: superb"])
def test_what_tells_nothing_is_no_look(detail):
    assert find_front_looks(looked(detail)) == ()


def test_the_last_look_at_each_leg_counts_and_what_was_not_judged_is_no_result():
    warn, good = "hip_adduction: warn, hip_medial_rotation: not checked", "hip_adduction: good"
    record = looked(warn, warn, good)
    assert find_front_results(record) == {"hip_adduction": ((Side.LEFT, Severity.GOOD), (Side.RIGHT, Severity.WARN))}
    assert find_front_warnings(record) == ["hip_adduction"]
    assert find_front_warnings(looked(warn, good, good)) == []
    assert describe_front(record, "hip_adduction") == "Seen from the front before a hold: left leg good, right leg warn"
    assert describe_front(record, "hip_medial_rotation") is None
