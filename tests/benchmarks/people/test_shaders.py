from __future__ import annotations

import re

import pytest

from people.clothes import Garment
from people.mesh import Material
from people.room import FLOORS, WALLS
from people.shaders import LIGHT_PEOPLE, LIGHT_ROOM, PAINT_ROOM, SHADOW_VERTEX, VERTEX, fragment_source

WORN = {Material.SKIN, Material.HAIR, Material.EYE, Garment.__dataclass_fields__["material"].default}
PATTERNED = {Material.STRIPED_CLOTH, Material.PRINTED_CLOTH, Material.WOOD}
FURNISHED = {*FLOORS, *WALLS, Material.WOOD, Material.LEAVES, Material.BRIGHT, Material.BOOKS, Material.PAINTING}


def painted(mode):
    return {Material(int(number)) for number in re.findall(r"\bM == (\d+)", fragment_source(mode))}


@pytest.mark.parametrize("mode", [LIGHT_PEOPLE, PAINT_ROOM, LIGHT_ROOM])
def test_every_mode_is_a_program_of_its_own(mode):
    source = fragment_source(mode)
    assert source.startswith("#version 330\n")
    assert f"#define MODE {mode}\n" in source
    assert "MATERIALS" not in source
    assert source.count("{") == source.count("}")
    assert ("void paint(" in source) == (mode != LIGHT_ROOM)


def test_people_and_rooms_have_the_materials_they_are_made_of():
    assert painted(LIGHT_PEOPLE) >= WORN | PATTERNED
    assert painted(PAINT_ROOM) >= FURNISHED
    assert painted(LIGHT_ROOM) == set()


def test_shaders_begin_with_their_version():
    assert VERTEX.startswith("#version 330\n")
    assert SHADOW_VERTEX.startswith("#version 330\n")
