from __future__ import annotations

import pytest

from formcoach.errors import UsageError
from formcoach.live.options import check_sets, with_hold
from formcoach.stretch import load_profile

PROFILE = load_profile()


def test_the_hold_is_the_exercises_own_unless_it_is_asked_for():
    assert with_hold(PROFILE, None) is PROFILE
    asked = with_hold(PROFILE, 45.0)
    assert asked.hold.target_s.value == 45.0
    assert "--hold" in asked.hold.target_s.source
    assert asked.flags == PROFILE.flags


@pytest.mark.parametrize("hold_s", [0.0, 2.9, 121.0, -5.0, float("nan"), float("inf")])
def test_a_hold_without_sense_is_refused(hold_s):
    with pytest.raises(UsageError, match="3 to 120 seconds"):
        with_hold(PROFILE, hold_s)


@pytest.mark.parametrize("sets", [0, -1, 11])
def test_sets_without_sense_are_refused(sets):
    with pytest.raises(UsageError, match="1 to 10 sets"):
        check_sets(sets)


def test_sensible_sets_are_taken():
    assert [check_sets(sets) for sets in (1, 2, 10)] == [1, 2, 10]
