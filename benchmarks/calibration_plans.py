"""Which features make which angle in which view: what ``fit_calibration.py`` fits."""

from __future__ import annotations

from dataclasses import dataclass

from formcoach.angles import Angle, View
from formcoach.angles.estimate import RAISED_COUNTERPART
from formcoach.angles.features import LATERAL_FEATURES, TRUNK_FEATURES
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES

# How strongly weights are held back, as a share of a standardised feature's variance [D], a choice: hardly, so that
# features which say nearly the same do not work against each other, and weights do not follow the few.
RIDGE = 0.02
TRUNK = tuple(f"trunk.{name}" for name in TRUNK_FEATURES)
TRUNK_WORLD = tuple(f"trunk_world.{name}" for name in TRUNK_FEATURES)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which features make which angle in a view, and whether its zero is the person's own posture."""

    view: View
    angle: Angle
    features: tuple[str, ...]
    own_zero: bool
    stance: bool = False


PIXELS = tuple(f"pixels.{name}" for name in TRUNK_ESTIMATES)
TRUNK_PIXELS = PIXELS[:-1]
ADDUCTION = (
    "leg_pixels.hip_adduction",
    "leg_pixels.hip_medial_rotation",
    *(f"lateral.{name}" for name in LATERAL_FEATURES),
)
# Whose uncertainty an angle borrows that no network names: the part of it that a network sees.
_BORROWED_SIGMA = {Angle.STANCE_HIP_FLEXION: "pixels_sigma.pelvic_tilt"}


def _trunk_plans(view: View, more: tuple[str, ...] = ()) -> tuple[Plan, ...]:
    angles = (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN)
    hip = (*PIXELS, *TRUNK, *more, "leg.thigh")
    return (
        *(Plan(view, angle, TRUNK_PIXELS + TRUNK + more, own_zero=True) for angle in angles),
        Plan(view, Angle.HIP_FLEXION, hip, own_zero=True),
    )


PLANS = (
    *_trunk_plans(View.SIDE),
    *_trunk_plans(View.OBLIQUE, TRUNK_WORLD),
    Plan(View.SIDE, Angle.STANCE_HIP_FLEXION, (*TRUNK_PIXELS, *TRUNK, "leg.thigh"), own_zero=True, stance=True),
    *(
        Plan(view, Angle.HIP_TRUNK_FLEXION, ("leg.hip_trunk_flexion",), own_zero=False)
        for view in (View.SIDE, View.OBLIQUE)
    ),
    Plan(View.SIDE, Angle.KNEE_FLEXION, ("leg.knee_flexion", "leg_pixels.knee_flexion"), own_zero=False),
    Plan(
        View.SIDE,
        Angle.ANKLE_DORSIFLEXION,
        ("leg.ankle_dorsiflexion", "leg_pixels.ankle_dorsiflexion"),
        own_zero=False,
    ),
    Plan(
        View.OBLIQUE,
        Angle.KNEE_FLEXION,
        ("leg.knee_flexion", "leg_world.knee_flexion", "leg_pixels.knee_flexion"),
        own_zero=False,
    ),
    Plan(
        View.OBLIQUE,
        Angle.ANKLE_DORSIFLEXION,
        ("leg.ankle_dorsiflexion", "leg_world.ankle_dorsiflexion", "leg_pixels.ankle_dorsiflexion"),
        own_zero=False,
    ),
    *(Plan(view, Angle.HIP_ADDUCTION, ADDUCTION, own_zero=True) for view in (View.OBLIQUE, View.FRONT)),
    *(
        Plan(view, Angle.HIP_MEDIAL_ROTATION, ("leg_pixels.hip_medial_rotation",), own_zero=True)
        for view in (View.SIDE, View.OBLIQUE, View.FRONT)
    ),
)


def sigma_feature(plan: Plan) -> str | None:
    """Return the network's own uncertainty of a plan's angle, or None where no network has a part in it."""
    angle = RAISED_COUNTERPART.get(plan.angle, plan.angle)
    for group, names in (("pixels", TRUNK_ESTIMATES), ("leg_pixels", LEG_ESTIMATES)):
        if angle.value in names and f"{group}.{angle.value}" in plan.features:
            return f"{group}_sigma.{angle.value}"
    return _BORROWED_SIGMA.get(plan.angle)
