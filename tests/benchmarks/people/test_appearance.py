from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.appearance import LOOSE_M, MEN_HAIR, SKINS, WOMEN_HAIR, draw_person
from people.clothes import LEG_ENDS, SLEEVE_ENDS
from people.head import HAIR_OFFSETS_M
from people.mesh import Material

DRAWN = [draw_person(np.random.default_rng([7, index])) for index in range(600)]
PLAIN = replace(
    DRAWN[0],
    look=replace(
        DRAWN[0].look,
        hair_style="short",
        cap=None,
        top=replace(DRAWN[0].look.top, kind="tank", offset_m=0.005, long_hem=False, hood=False),
        bottom=replace(DRAWN[0].look.bottom, kind="shorts"),
    ),
)


def share(of):
    return float(np.mean([of(person) for person in DRAWN]))


@given(seed=st.integers(0, 2**40), index=st.integers(0, 500))
def test_seed_and_index_alone_make_a_person(seed, index):
    assert draw_person(np.random.default_rng([seed, index])) == draw_person(np.random.default_rng([seed, index]))


def test_no_two_are_alike():
    assert len({person.shape for person in DRAWN}) == len(DRAWN)


def test_bodies_are_in_range():
    for person in DRAWN:
        shape = person.shape
        shortest, tallest = (1.50, 1.80) if shape.gender == 1.0 else (1.60, 1.98)
        assert shortest <= shape.stature <= tallest
        assert 0.25 <= shape.weight <= 1.2
        assert shape.african + shape.asian + shape.caucasian == 1.0
        assert shape.gender == 1.0 or shape.cupsize == 0.5


def test_looks_can_be_dressed():
    for person in DRAWN:
        look = person.look
        assert look.top.kind in SLEEVE_ENDS
        assert look.bottom.kind in LEG_ENDS
        assert look.hair_style in {*HAIR_OFFSETS_M, "bald"}
        assert look.hair_style in (WOMEN_HAIR if person.shape.gender else MEN_HAIR)
        colours = [look.skin, look.hair, look.top.colour, look.bottom.colour, look.shoes or (0.0,), look.cap or (0.0,)]
        assert all(0.0 <= value <= 1.0 for colour in colours for value in colour)
        assert 0.0 < look.bottom.offset_m < look.top.offset_m + 0.03 < 0.07
        assert look.bottom.material is Material.CLOTH
        assert not look.bottom.long_hem
        assert not look.bottom.hood


def test_a_hood_comes_with_a_loose_long_sweater():
    hooded = [person.look.top for person in DRAWN if person.look.top.hood]
    assert hooded
    for top in hooded:
        assert top.kind == "long"
        assert top.long_hem
        assert top.offset_m >= 0.018


@pytest.mark.parametrize(
    ("expected", "of"),
    [
        (0.5, lambda person: person.shape.gender),
        (1.0 / 3.0, lambda person: person.shape.african),
        (1.0 / 3.0, lambda person: person.shape.asian),
        (0.5, lambda person: person.look.shoes is not None),
        (0.07, lambda person: person.look.cap is not None),
        (0.30, lambda person: person.look.top.offset_m >= 0.018),
        (0.15, lambda person: person.look.top.material is Material.STRIPED_CLOTH),
        (0.20, lambda person: person.look.bottom.kind == "trousers"),
    ],
    ids=["women", "african", "asian", "shoes", "cap", "loose", "striped", "trousers"],
)
def test_shares_are_as_intended(expected, of):
    # Three standard deviations of 600 draws.
    assert share(of) == pytest.approx(expected, abs=3.0 * np.sqrt(expected * (1.0 - expected) / len(DRAWN)))


def test_skin_follows_the_ancestry():
    brightness = {
        name: np.mean([np.mean(person.look.skin) for person in DRAWN if getattr(person.shape, name)]) for name in SKINS
    }
    assert brightness["african"] < 0.7 * min(brightness["asian"], brightness["caucasian"])


def test_someone_in_shorts_and_a_tight_top_is_not_hard_to_measure():
    assert PLAIN.tags == []


@pytest.mark.parametrize(
    ("part", "change", "tag"),
    [
        (None, {"hair_style": "half_long"}, "long_hair"),
        (None, {"cap": (0.1, 0.1, 0.1)}, "cap"),
        ("top", {"offset_m": LOOSE_M + 0.001}, "loose_top"),
        ("top", {"long_hem": True}, "long_hem"),
        ("top", {"hood": True}, "hood"),
        ("bottom", {"kind": "trousers"}, "loose_trousers"),
    ],
)
def test_what_makes_a_person_hard_to_measure_is_a_tag(part, change, tag):
    look = PLAIN.look
    look = replace(look, **{part: replace(getattr(look, part), **change)}) if part else replace(look, **change)
    assert replace(PLAIN, look=look).tags == [tag]


def test_the_top_keeps_the_hands_off():
    assert all(asdict(person.look.top)["offset_m"] == person.clearance_m for person in DRAWN)
