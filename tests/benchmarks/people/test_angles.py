from __future__ import annotations

from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.angles import ANGLE_NAMES, Angles, Side

DEGREES = st.floats(-90.0, 90.0)
POSTURES = st.builds(Angles, **dict.fromkeys(ANGLE_NAMES, DEGREES))


def test_sides():
    assert [side.letter for side in Side] == ["L", "R"]
    assert [side.sign for side in Side] == [1.0, -1.0]
    assert [side.other for side in Side] == [Side.RIGHT, Side.LEFT]


def test_nothing_but_degrees_and_zero_unless_said():
    assert tuple(field.name for field in fields(Angles)) == ANGLE_NAMES
    assert set(asdict(Angles()).values()) == {0.0}


@given(posture=POSTURES, name=st.sampled_from(ANGLE_NAMES), change=DEGREES)
def test_a_change_touches_only_its_angle_and_leaves_the_original(posture, name, change):
    before = asdict(posture)
    after = asdict(posture.plus(**{name: change}))
    assert after.pop(name) == pytest.approx(before[name] + change)
    assert asdict(posture) == before
    assert after == {other: value for other, value in before.items() if other != name}


def test_an_unknown_angle_is_refused():
    with pytest.raises(AttributeError):
        Angles().plus(elbow_flexion=3.0)


@given(start=POSTURES, end=POSTURES, share=st.floats(0.0, 1.0))
def test_the_way_between_two_postures_is_straight(start, end, share):
    assert asdict(start.mixed(end, 0.0)) == pytest.approx(asdict(start))
    assert asdict(start.mixed(end, 1.0)) == pytest.approx(asdict(end))
    there, back = asdict(start.mixed(end, share)), asdict(end.mixed(start, 1.0 - share))
    assert there == pytest.approx(back, abs=1e-9)
    for name in ANGLE_NAMES:
        low, high = sorted((getattr(start, name), getattr(end, name)))
        assert low - 1e-9 <= there[name] <= high + 1e-9
