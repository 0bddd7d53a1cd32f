"""Angles, what is known of each, and how sure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Angle(StrEnum):
    """The angles, in the order of the columns of ``angles.csv``; ``docs/angles.md`` fixes zero and sign of each."""

    ANKLE_DORSIFLEXION = "ankle_dorsiflexion"
    KNEE_FLEXION = "knee_flexion"
    HIP_FLEXION = "hip_flexion"
    HIP_TRUNK_FLEXION = "hip_trunk_flexion"
    HIP_ADDUCTION = "hip_adduction"
    HIP_MEDIAL_ROTATION = "hip_medial_rotation"
    PELVIC_TILT = "pelvic_tilt"
    LUMBAR_FLEXION = "lumbar_flexion"
    CERVICAL_FLEXION = "cervical_flexion"
    TRUNK_LEAN = "trunk_lean"
    STANCE_ANKLE_DORSIFLEXION = "stance_ankle_dorsiflexion"
    STANCE_KNEE_FLEXION = "stance_knee_flexion"
    STANCE_HIP_FLEXION = "stance_hip_flexion"

    @property
    def column(self) -> int:
        """Index of the angle in arrays that have one column an angle."""
        return _COLUMNS[self]

    @property
    def is_of_leg(self) -> bool:
        """Whether it is measured at one leg, raised or stance, and not at trunk or neck."""
        return self not in _OF_TRUNK


_COLUMNS = {angle: column for column, angle in enumerate(Angle)}
N_ANGLES = len(Angle)
_OF_TRUNK = frozenset({Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN})


class Status(IntEnum):
    """Whether a reading can be used, and if not, why."""

    OK = 0
    NO_BASELINE = 1
    LOW_VISIBILITY = 2
    OUT_OF_VIEW = 3
    WRONG_VIEW = 4
    DEGENERATE = 5

    @property
    def label(self) -> str:
        """The word in ``angles.csv``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Reading:
    """One angle at one moment.

    Attributes
    ----------
    value_deg : float
        Degrees; NaN when unknown.
    sigma_deg : float
        One standard deviation of the error, degrees; NaN when unknown.
    status : Status
        ``OK``; ``NO_BASELINE``: measured against an average person's neutral posture; otherwise why it is unknown.
    """

    value_deg: float
    sigma_deg: float
    status: Status

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value_deg)


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """All angles of one frame or of many: arrays of shape (..., 13), one column an angle.

    Attributes
    ----------
    value_deg : ndarray of float64
        Degrees, NaN where unknown.
    sigma_deg : ndarray of float64
        One standard deviation of the error, degrees, NaN where unknown.
    status : ndarray of int8
        Values of `Status`.
    """

    value_deg: NDArray[np.float64]
    sigma_deg: NDArray[np.float64]
    status: NDArray[np.int8]

    @classmethod
    def unknown(cls, shape: tuple[int, ...] = (), status: Status = Status.OUT_OF_VIEW) -> Self:
        """Return readings of the given leading shape of which nothing is known."""
        full = (*shape, N_ANGLES)
        return cls(np.full(full, np.nan), np.full(full, np.nan), np.full(full, status, dtype=np.int8))

    @classmethod
    def stack(cls, readings: list[Self]) -> Self:
        """Join readings of single frames along a new first axis."""
        return cls(
            np.stack([one.value_deg for one in readings]),
            np.stack([one.sigma_deg for one in readings]),
            np.stack([one.status for one in readings]),
        )

    def __len__(self) -> int:
        return len(self.value_deg)

    def __getitem__(self, index: int | slice) -> Readings:
        return Readings(self.value_deg[index], self.sigma_deg[index], self.status[index])

    def reading(self, angle: Angle) -> Reading:
        """Return one angle of a single frame."""
        column = angle.column
        return Reading(float(self.value_deg[column]), float(self.sigma_deg[column]), Status(int(self.status[column])))

    def without_legs(self) -> Readings:
        """Return the same with the angles of both legs unknown."""
        known = np.array([not angle.is_of_leg for angle in Angle])
        return Readings(
            np.where(known, self.value_deg, np.nan),
            np.where(known, self.sigma_deg, np.nan),
            np.where(known, self.status, np.int8(Status.OUT_OF_VIEW)),
        )

    def items(self) -> Iterator[tuple[Angle, Reading]]:
        """Yield every angle of a single frame with its reading."""
        for angle in Angle:
            yield angle, self.reading(angle)


class View(StrEnum):
    """How the person stands to the camera."""

    SIDE = "side"
    OBLIQUE = "oblique"
    FRONT = "front"
    BACK = "back"
    UNKNOWN = "unknown"
