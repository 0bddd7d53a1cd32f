"""Random poses of the stretch: near the good form, with a big fault, or anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from people.arms import Arms
from people.posing import raised_foot_place, solve_contact
from people.standing import stand

if TYPE_CHECKING:
    import numpy as np

    from people.angles import Angles, Side
    from people.body import Body
    from people.rotations import Array

# Heights that a bench or chair can have, metres.
BENCH_M = (0.15, 0.85)
# The bench is clear of the standing foot by this much, metres.
BENCH_GAP_M = 0.12
# A fault on its own: angle, smallest and largest, degrees; on top of the neutral, knee and ankle (``ABSOLUTE``) not.
FAULTS = {
    "ankle": ("ankle_dorsiflexion", 5.0, 22.0),
    "lumbar": ("lumbar_flexion", 25.0, 50.0),
    "thoracic": ("thoracic_flexion", 18.0, 40.0),
    "cervical": ("cervical_flexion", 25.0, 45.0),
    "hiprot": ("hip_rotation", 20.0, 40.0),
    "hiprotout": ("hip_rotation", -35.0, -20.0),
    "hipadd": ("hip_adduction", 12.0, 24.0),
    "hipabd": ("hip_adduction", -24.0, -12.0),
    "kneelocked": ("knee_flexion", -8.0, 0.0),
    "kneebent": ("knee_flexion", 25.0, 55.0),
    "tucked": ("pelvic_tilt", -12.0, 2.0),
}
ABSOLUTE = ("knee_flexion", "ankle_dorsiflexion")
STRETCH_ARMS = ("hips", "thigh", "shin", "hang", "foot", "hips_back", "lower_back", "crossed")
STRETCH_ARM_SHARES = (0.20, 0.20, 0.15, 0.10, 0.08, 0.10, 0.10, 0.07)
STANDING_ARMS = ("hang", "hips", "hips_back", "crossed", "lower_back")
STANDING_ARM_SHARES = (0.30, 0.25, 0.15, 0.15, 0.15)
SEPARATE_ARMS_SHARE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One posture to be pictured.

    Attributes
    ----------
    angles : Angles
    arms : Arms
    contact : ndarray, shape (3,), or None
        Where the raised foot touches the bench; None when both feet are on the floor.
    tags : list of str
        What kind of posture it is.
    neutral : bool
        The person's quiet standing.
    """

    angles: Angles
    arms: Arms
    contact: Array | None
    tags: list[str]
    neutral: bool = False


def on_top(neutral: Angles, **movement: float) -> Angles:
    """Return a stretch posture: knee and ankle as given, everything else that much away from the person's neutral.

    The raised leg's angles that are not given are zero plus the neutral, never the standing leg's solution.
    """
    base = replace(neutral, hip_flexion=0.0, knee_flexion=0.0, ankle_dorsiflexion=0.0, foot_inversion=0.0)
    return base.plus(**movement)


def draw_arms(rng: np.random.Generator, clearance_m: float, standing: bool = False) -> Arms:
    """Return random arms: in three cases of ten each hand draws its own target, but nobody crosses one arm."""
    names, shares = (STANDING_ARMS, STANDING_ARM_SHARES) if standing else (STRETCH_ARMS, STRETCH_ARM_SHARES)
    left, right = (str(name) for name in rng.choice(names, 2, p=shares))
    if rng.random() >= SEPARATE_ARMS_SHARE or "crossed" in (left, right):
        right = left
    return Arms({left: 1.0}, {right: 1.0}, clearance_m)


def arm_tags(arms: Arms) -> list[str]:
    """Return what the arms hide."""
    used = {*arms.left, *arms.right}
    tags = ["hands_on_back"] * ("lower_back" in used) + ["elbows_back"] * ("hips_back" in used)
    return tags + ["arms_crossed"] * ("crossed" in used)


def draw_standing(rng: np.random.Generator, body: Body, neutral: Angles, raised: Side, clearance_m: float) -> Shot:
    """Return another moment of standing: a little sway, the head turned up or down, the arms elsewhere."""
    swayed = neutral.plus(
        pelvic_tilt=float(rng.normal(0.0, 2.0)),
        lumbar_flexion=float(rng.normal(0.0, 3.0)),
        thoracic_flexion=float(rng.normal(0.0, 2.5)),
        cervical_flexion=float(rng.normal(3.0, 10.0)),
        stance_knee_flexion=float(rng.normal(0.0, 2.0)),
    )
    angles = stand(body, swayed, raised, 0.01 * float(rng.normal()))
    arms = draw_arms(rng, clearance_m, standing=True)
    return Shot(angles, arms, None, ["standing", *arm_tags(arms)])


def draw_stretch(rng: np.random.Generator, body: Body, neutral: Angles, raised: Side, clearance_m: float) -> Shot:
    """Return a random posture with the leg on a bench."""
    kind = rng.choice(["wide", "near_good", "big_fault"], p=[0.50, 0.35, 0.15])
    if kind == "wide":
        angles, tags = _draw_wide(rng, body, neutral, raised)
    else:
        angles, tags = _draw_near_good(rng, body, neutral, raised, faulty=kind == "big_fault")
    arms = draw_arms(rng, clearance_m)
    return Shot(angles, arms, raised_foot_place(body, angles, raised), [*tags, *arm_tags(arms)])


def good_form(rng: np.random.Generator) -> dict[str, float]:
    """Return small deviations around the good form, degrees."""
    return {
        "ankle_dorsiflexion": float(rng.normal(-25.0, 10.0)),
        "knee_flexion": float(rng.normal(10.0, 5.0)),
        "pelvic_tilt": float(rng.normal(15.0, 8.0)),
        "lumbar_flexion": float(rng.normal(0.0, 7.0)),
        "thoracic_flexion": float(rng.normal(0.0, 6.0)),
        "cervical_flexion": float(rng.normal(0.0, 8.0)),
        "hip_rotation": float(rng.normal(0.0, 7.0)),
        "hip_adduction": float(rng.normal(0.0, 6.0)),
    }


def draw_stance(rng: np.random.Generator, neutral: Angles) -> dict[str, float]:
    """Return how the standing leg differs from the neutral one, degrees."""
    knee = float(rng.uniform(-3.0, 9.0))
    ankle = knee / 2.0 + float(rng.uniform(-6.0, 4.0)) - 0.5 * neutral.stance_ankle_dorsiflexion
    return {"stance_knee_flexion": knee, "stance_ankle_dorsiflexion": ankle}


def _draw_near_good(
    rng: np.random.Generator, body: Body, neutral: Angles, raised: Side, faulty: bool
) -> tuple[Angles, list[str]]:
    while True:
        movement = good_form(rng)
        names = list(rng.choice(list(FAULTS), int(rng.integers(1, 3)), replace=False)) if faulty else []
        for name in names:
            angle, low, high = FAULTS[name]
            movement[angle] = float(rng.uniform(low, high))
        angles = on_top(neutral, **movement, **draw_stance(rng, neutral))
        angles = solve_contact(body, angles, raised, float(rng.uniform(0.25, 0.80)))
        if _is_usable(body, angles, raised):
            return angles, ["big_fault", *(f"fault_{name}" for name in names)] if faulty else ["near_good"]


def _draw_wide(rng: np.random.Generator, body: Body, neutral: Angles, raised: Side) -> tuple[Angles, list[str]]:
    """Return independent angles, drawn anew until some pelvic tilt brings the heel where a bench can be."""
    while True:
        spine, tags = _draw_spine(rng)
        movement = spine | {
            "cervical_flexion": float(rng.uniform(-25.0, 50.0)),
            "hip_rotation": float(rng.uniform(-30.0, 40.0)),
            "hip_adduction": float(rng.uniform(-20.0, 25.0)),
            "ankle_dorsiflexion": float(rng.uniform(-45.0, 25.0)),
            "knee_flexion": float(rng.uniform(-8.0, 15.0) if rng.random() < 0.4 else rng.uniform(-8.0, 60.0)),
            "hip_flexion": float(rng.uniform(40.0, 100.0)),
        }
        posture = on_top(neutral, **movement, **draw_stance(rng, neutral))
        for _ in range(40):
            angles = posture.plus(pelvic_tilt=float(rng.uniform(-10.0, 45.0)))
            if _is_usable(body, angles, raised):
                return angles, tags


def _draw_spine(rng: np.random.Generator) -> tuple[dict[str, float], list[str]]:
    """Return lumbar and thoracic flexion: one without the other in a fifth of the cases each, else independent."""
    kind = rng.random()
    if kind < 0.2:
        low, high, tags = (-5.0, 5.0), (15.0, 40.0), ["round_thorax_flat_lumbar"]
    elif kind < 0.4:
        low, high, tags = (20.0, 60.0), (-5.0, 3.0), ["round_lumbar_flat_thorax"]
    else:
        low, high, tags = (-12.0, 60.0), (-5.0, 35.0), []
    return {"lumbar_flexion": float(rng.uniform(*low)), "thoracic_flexion": float(rng.uniform(*high))}, tags


def _is_usable(body: Body, angles: Angles, raised: Side) -> bool:
    """Return whether the heel is at a bench's height, and in front of the standing foot."""
    place = raised_foot_place(body, angles, raised)
    in_front = place[1] + BENCH_GAP_M < body.joints["toe" + raised.letter][1]
    return bool(BENCH_M[0] < place[2] < BENCH_M[1] and in_front)
