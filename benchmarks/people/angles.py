"""The angles that pose a body, and the side of the raised leg."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum


class Side(StrEnum):
    """The person's own left or right."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def letter(self) -> str:
        """As in the body model's bone names."""
        return "L" if self is Side.LEFT else "R"

    @property
    def sign(self) -> float:
        """+1 on the left, where x is positive."""
        return 1.0 if self is Side.LEFT else -1.0

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True)
class Angles:
    """Everything that poses trunk and legs, in degrees; zero and signs as in the package's docstring.

    Attributes
    ----------
    pelvic_tilt : float
        Of the pelvis to the vertical, anterior positive.
    lumbar_flexion, thoracic_flexion : float
        Thorax to pelvis across the lumbar spine; upper to lower thorax.
    cervical_flexion : float
        Head relative to the upper thorax.
    hip_flexion, hip_adduction, hip_rotation : float
        Raised leg, thigh to pelvis, in this order.
    knee_flexion, ankle_dorsiflexion : float
        Raised leg.
    stance_knee_flexion, stance_ankle_dorsiflexion : float
        Standing leg; the hip follows from them and the pelvis.
    stance_rotation : float
        Standing foot, toes inwards.
    head_forward : float
        The lower neck leans forward by this much and the head leans back by as much.
    foot_inversion : float
        Raised foot, about its long axis: it lays the sole flat when the leg is not quite upright.
    """

    pelvic_tilt: float = 0.0
    lumbar_flexion: float = 0.0
    thoracic_flexion: float = 0.0
    cervical_flexion: float = 0.0
    hip_flexion: float = 0.0
    hip_adduction: float = 0.0
    hip_rotation: float = 0.0
    knee_flexion: float = 0.0
    ankle_dorsiflexion: float = 0.0
    stance_knee_flexion: float = 0.0
    stance_ankle_dorsiflexion: float = 0.0
    stance_rotation: float = 0.0
    head_forward: float = 0.0
    foot_inversion: float = 0.0

    def plus(self, **changes: float) -> Angles:
        """Return a copy with the named angles enlarged by so many degrees."""
        return replace(self, **{name: getattr(self, name) + change for name, change in changes.items()})

    def mixed(self, other: Angles, share: float) -> Angles:
        """Return the posture on the way to another; 0 is this one, 1 the other."""
        mine, its = asdict(self), asdict(other)
        return Angles(**{name: (1.0 - share) * mine[name] + share * its[name] for name in mine})


ANGLE_NAMES = tuple(field.name for field in fields(Angles))
