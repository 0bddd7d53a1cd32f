"""Random people: body, skin, hair and clothes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from people.body import BodyShape
from people.clothes import Garment, Look
from people.mesh import Material
from people.room import draw_colour

SKINS = {"caucasian": (0.84, 0.65, 0.55), "asian": (0.88, 0.72, 0.60), "african": (0.45, 0.31, 0.24)}
HAIR = (0.30, 0.20, 0.12)
WOMEN_HAIR = ("short", "bun", "ponytail", "half_long", "long", "long")
MEN_HAIR = ("short", "short", "short", "bald", "half_long")
# A top that stands off the skin by more than this hides the back's outline, metres.
LOOSE_M = 0.020
LONG_HAIR = ("half_long", "long")


@dataclass(frozen=True, slots=True)
class Person:
    """A body and what it wears."""

    shape: BodyShape
    look: Look

    @property
    def clearance_m(self) -> float:
        """How far the top keeps the hands from the skin, metres."""
        return self.look.top.offset_m

    @property
    def tags(self) -> list[str]:
        """What makes this person hard to measure."""
        look = self.look
        tags = {
            "long_hair": look.hair_style in LONG_HAIR,
            "loose_top": look.top.offset_m > LOOSE_M,
            "long_hem": look.top.long_hem,
            "hood": look.top.hood,
            "loose_trousers": look.bottom.kind == "trousers",
            "cap": look.cap is not None,
        }
        return [name for name, present in tags.items() if present]


def draw_person(rng: np.random.Generator) -> Person:
    """Return a random person."""
    ancestry = str(rng.choice(list(SKINS)))
    woman = bool(rng.random() < 0.5)
    shape = BodyShape(
        stature=float(rng.uniform(1.50, 1.80) if woman else rng.uniform(1.60, 1.98)),
        gender=float(woman),
        age=float(rng.uniform(0.55, 0.95)),
        muscle=float(rng.uniform(0.2, 0.9)),
        weight=float(rng.uniform(0.25, 1.2)),
        cupsize=float(rng.uniform(0.3, 0.7)) if woman else 0.5,
        proportions=float(rng.uniform(0.3, 0.7)),
        **{name: float(name == ancestry) for name in SKINS},
    )
    skin = np.clip(np.array(SKINS[ancestry]) * rng.uniform(0.85, 1.1), 0.0, 1.0)
    hair = np.array(HAIR) * rng.uniform(0.2, 1.6)
    if rng.random() < 0.12:
        hair = np.full(3, rng.uniform(0.45, 0.8))
    look = Look(
        skin=tuple(float(value) for value in skin),
        hair=tuple(float(value) for value in hair),
        hair_style=str(rng.choice(WOMEN_HAIR if woman else MEN_HAIR)),
        top=_draw_top(rng),
        bottom=_draw_bottom(rng),
        shoes=draw_colour(rng, 0.1, 0.95) if rng.random() < 0.5 else None,
        cap=draw_colour(rng, 0.1, 0.9) if rng.random() < 0.07 else None,
    )
    return Person(shape, look)


def _draw_top(rng: np.random.Generator) -> Garment:
    """Return a tight, normal or loose top; loose ones may be hooded sweaters."""
    fit = str(rng.choice(["tight", "normal", "loose"], p=[0.35, 0.35, 0.30]))
    offset = {"tight": (0.003, 0.007), "normal": (0.007, 0.016), "loose": (0.018, 0.035)}[fit]
    smoothing = {"tight": (2, 4), "normal": (4, 9), "loose": (8, 15)}[fit]
    kinds = ["tank", "tshirt", "long"] if fit == "tight" else ["tshirt", "tshirt", "long"]
    kind = str(rng.choice(kinds))
    materials = [Material.CLOTH, Material.STRIPED_CLOTH, Material.PRINTED_CLOTH]
    material = materials[rng.choice(3, p=[0.7, 0.15, 0.15])]
    hooded = fit == "loose" and kind == "long" and rng.random() < 0.5
    return Garment(
        kind=kind,
        colour=draw_colour(rng, 0.06, 0.9),
        offset_m=float(rng.uniform(*offset)),
        smoothing=int(rng.integers(*smoothing)),
        material=material,
        long_hem=bool(hooded or (fit != "tight" and rng.random() < 0.35)),
        hood=bool(hooded),
    )


def _draw_bottom(rng: np.random.Generator) -> Garment:
    kind = str(rng.choice(["short_shorts", "shorts", "capri", "leggings", "trousers"], p=[0.1, 0.25, 0.15, 0.3, 0.2]))
    if kind in ("capri", "leggings"):
        offset, smoothing = rng.uniform(0.002, 0.005), 2
    elif kind == "trousers":
        offset, smoothing = rng.uniform(0.010, 0.026), int(rng.integers(6, 12))
    else:
        offset, smoothing = rng.uniform(0.006, 0.014), int(rng.integers(4, 8))
    return Garment(kind, draw_colour(rng, 0.05, 0.6), float(offset), smoothing)
