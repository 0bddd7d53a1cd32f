"""Which features make which angle in which view: what ``fit_calibration.py`` fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from formcoach.angles import Angle, View
from formcoach.angles.estimate import RAISED_COUNTERPART
from formcoach.angles.features import LATERAL_FEATURES, TRUNK_FEATURES
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES

# How strongly weights are held back, as a share of a standardised feature's variance [D], a choice: hardly, so that
# features which say nearly the same do not work against each other, and weights do not follow the few.
RIDGE = 0.02
# The same for what the networks read (a plan with a ``start``), [D]: they have seen many times as many people as the
# calibration, so its fit may bend their readings only a little. With 0.02 the plain people were read worse by a
# calibration of the others.
READ_RIDGE = 0.5
TRUNK = tuple(f"trunk.{name}" for name in TRUNK_FEATURES)
TRUNK_WORLD = tuple(f"trunk_world.{name}" for name in TRUNK_FEATURES)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which features make which angle in a view.

    Attributes
    ----------
    view, angle : View, Angle
    features : tuple of str
    own_zero : bool
        Whether the angle's zero is the person's own posture.
    stance : bool
        Whether it is the standing leg's.
    own_share : float or None
        How much of the standing reading's deviation from the average person's is taken away; None all of it with an
        own zero, otherwise as much as is the sensor's error.
    start : tuple of (str, float)
        Features that have a weight before anything is fitted, and that weight; the others have none.

    Raises
    ------
    ValueError
        When a feature has a weight to start from that the plan does not have.
    """

    view: View
    angle: Angle
    features: tuple[str, ...]
    own_zero: bool
    stance: bool = False
    own_share: float | None = None
    start: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        strange = {name for name, _ in self.start}.difference(self.features)
        if strange:
            raise ValueError(f"{self.angle}, {self.view} view: nothing starts from {', '.join(sorted(strange))}")

    @property
    def start_weights(self) -> np.ndarray:
        """The weights before the fit, shape (k,)."""
        start = dict(self.start)
        return np.array([start.get(name, 0.0) for name in self.features])

    @property
    def ridge(self) -> float:
        """How strongly weights are held back to where they start."""
        return READ_RIDGE if self.start else RIDGE


PIXELS = tuple(f"pixels.{name}" for name in TRUNK_ESTIMATES)
TRUNK_PIXELS = PIXELS[:-1]
# Landmarks put the hip too far forward or back, in one person always the same way; the trunk network does less so.
# In standing most of what these say is posture: nothing of it is taken away.
THIGH_AND_TRUNK = (
    "leg.hip_trunk_flexion",
    "leg.thigh",
    "pixels.hip_flexion",
    "pixels.pelvic_tilt",
    "pixels.trunk_lean",
)
ADDUCTION = (
    "leg_pixels.hip_adduction",
    "leg_pixels.hip_medial_rotation",
    *(f"lateral.{name}" for name in LATERAL_FEATURES),
)
# The hip is read twice: as such, and as the pelvis against the line of the thigh. Left to themselves, with nothing but
# these three, weights came out near this [D].
_HIP_START = (("pixels.hip_flexion", 2 / 3), ("pixels.pelvic_tilt", 1 / 3), ("leg.thigh", 1 / 3))
# The standing leg's is read once, as the pelvis against the line of the thigh; that thigh hardly moves, and most of
# what landmarks show of it is their own error: it counts as little as the raised one's [D].
_STANCE_HIP_START = (("pixels.pelvic_tilt", 1.0), ("leg.thigh", 1 / 3))
# Whose uncertainty an angle borrows that no network names: the part of it that a network sees.
_BORROWED_SIGMA = {
    Angle.STANCE_HIP_FLEXION: "pixels_sigma.pelvic_tilt",
    Angle.HIP_TRUNK_FLEXION: "pixels_sigma.hip_flexion",
}


def _trunk_plans(view: View, more: tuple[str, ...] = ()) -> tuple[Plan, ...]:
    angles = (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN)
    hip = (*PIXELS, *TRUNK, *more, "leg.thigh")
    return (
        *(
            Plan(view, angle, TRUNK_PIXELS + TRUNK + more, own_zero=True, start=((f"pixels.{angle}", 1.0),))
            for angle in angles
        ),
        Plan(view, Angle.HIP_FLEXION, hip, own_zero=True, start=_HIP_START),
    )


PLANS = (
    *_trunk_plans(View.SIDE),
    *_trunk_plans(View.OBLIQUE, TRUNK_WORLD),
    Plan(
        View.SIDE,
        Angle.STANCE_HIP_FLEXION,
        (*TRUNK_PIXELS, *TRUNK, "leg.thigh"),
        own_zero=True,
        stance=True,
        start=_STANCE_HIP_START,
    ),
    *(
        Plan(view, Angle.HIP_TRUNK_FLEXION, THIGH_AND_TRUNK, own_zero=False, own_share=0.0)
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
    Plan(View.OBLIQUE, Angle.HIP_ADDUCTION, ADDUCTION, own_zero=True),
    # People hardly differ in how far a leg goes across while they stand: much of what is read there is the reading's
    # error. Left out in turn, people err least with about half of it (0, 0.3, 0.5, 0.7 and 1 were tried) [D].
    Plan(View.FRONT, Angle.HIP_ADDUCTION, ADDUCTION, own_zero=True, own_share=0.5),
    *(
        Plan(view, Angle.HIP_MEDIAL_ROTATION, ("leg_pixels.hip_medial_rotation",), own_zero=True)
        for view in (View.SIDE, View.OBLIQUE, View.FRONT)
    ),
)

# What a pose model reads more than one and a half times as far off as heavy: it is not fitted, so not judged with it
# (docs/accuracy.md, "Pose models").
_NOT_WITH = {"lite": frozenset({(View.FRONT, Angle.HIP_ADDUCTION)})}


def plans_for(variant: str) -> tuple[Plan, ...]:
    """Return the plans of a pose model: all but what it reads too badly."""
    unfit = _NOT_WITH.get(variant, frozenset())
    return tuple(plan for plan in PLANS if (plan.view, plan.angle) not in unfit)


def sigma_feature(plan: Plan) -> str | None:
    """Return the network's own uncertainty of a plan's angle, or None where no network has a part in it."""
    angle = RAISED_COUNTERPART.get(plan.angle, plan.angle)
    for group, names in (("pixels", TRUNK_ESTIMATES), ("leg_pixels", LEG_ESTIMATES)):
        if angle.value in names and f"{group}.{angle.value}" in plan.features:
            return f"{group}_sigma.{angle.value}"
    return _BORROWED_SIGMA.get(plan.angle)
