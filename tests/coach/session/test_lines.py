from __future__ import annotations

import pytest

from formcoach.coach.session.lines import CHOICES, Line, all_texts, side_to_camera
from formcoach.coach.session.types import SymptomPlace
from formcoach.pose.landmarks import Side
from formcoach.stretch import load_profile

PROFILE = load_profile()
TURNS = {Line.LEFT_SIDE, Line.RIGHT_SIDE}


@pytest.mark.parametrize("text", all_texts(PROFILE))
def test_what_is_said_is_short_and_promises_nothing(text):
    assert 1 <= len(text.split()) <= (6 if text in TURNS else 5)
    assert text.strip() == text
    for word in ("tuck", "damage", "nerve", "tension", "diagnos", "treat"):
        assert word not in text.lower()


def test_every_text_is_there_once():
    texts = all_texts(PROFILE, PROFILE)
    assert len(texts) == len(set(texts))
    assert {*Line, *CHOICES.values()} <= set(texts)
    for rule in PROFILE.flags:
        assert {rule.cue, rule.praise} <= set(texts)
    assert PROFILE.stacking_cue in texts
    assert all(type(text) is str for text in texts)


def test_the_choices_come_in_the_order_of_the_places():
    assert tuple(CHOICES) == tuple(SymptomPlace)


def test_the_side_is_named_where_it_matters():
    assert "left" in side_to_camera(Side.LEFT)
    assert "right" in side_to_camera(Side.RIGHT)
    assert side_to_camera(None) is Line.SIDE_ON
