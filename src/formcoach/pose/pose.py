"""What the pose model saw of one person: landmarks, how well they are seen, and the outline of the trunk."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from formcoach.pose.landmarks import N_LANDMARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Where the outline is measured along the trunk axis: 0 at the middle of the hips, 1 at the middle of the shoulders.
OUTLINE_POSITIONS: NDArray[np.float64] = np.linspace(-0.4, 1.2, 41)
N_OUTLINE = len(OUTLINE_POSITIONS)
# What formcoach's own networks estimate from pixels, in degrees with the signs of docs/angles.md, absolute (the average
# person's neutral posture is 0). The hip is that of the leg that is raised.
TRUNK_ESTIMATES = (
    "pelvic_tilt",
    "lumbar_flexion",
    "thoracic_flexion",
    "cervical_flexion",
    "trunk_lean",
    "hip_flexion",
)
LEG_ESTIMATES = ("knee_flexion", "ankle_dorsiflexion", "hip_adduction", "hip_medial_rotation")


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One person in one frame, or in many: all arrays may have any leading axes ``(...)``.

    Where nobody was found everything is NaN. Values are float32 as the model gave them, so that a stored pose
    is the same to the last bit.

    Attributes
    ----------
    points : ndarray, shape (..., 33, 2)
        Landmarks in pixels of the upright, un-mirrored frame: x to the right, y down.
    world : ndarray, shape (..., 33, 3)
        Landmarks in metres around the middle of the hips: x to the right of the picture, y down, z away from the
        camera. MediaPipe lifts them from one picture; z is the least certain.
    visibility : ndarray, shape (..., 33)
        0 to 1: how likely the landmark is in view and not covered.
    presence : ndarray, shape (..., 33)
        0 to 1: how likely the landmark lies inside the frame.
    outline : ndarray, shape (..., 2, 41)
        Distance from the trunk axis (middle of hips to middle of shoulders) to the edge of the body, perpendicular
        to the axis at `OUTLINE_POSITIONS`, in trunk lengths; row 0 to the left of a walker from hips to shoulders
        (in the picture, y down), row 1 to the right. NaN where the edge was not found or lies outside the frame.
    trunk_estimate : ndarray, shape (..., 2, 6)
        Values and standard deviations of `TRUNK_ESTIMATES` as the trunk network gives them, degrees; NaN where it
        refused the picture.
    leg_estimate : ndarray, shape (..., 2, 2, 4)
        For the left and the right leg: values and standard deviations of `LEG_ESTIMATES`.
    """

    points: NDArray[np.float32]
    world: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    outline: NDArray[np.float32]
    trunk_estimate: NDArray[np.float32]
    leg_estimate: NDArray[np.float32]

    @property
    def leading_shape(self) -> tuple[int, ...]:
        """Shape of the leading axes: () for one frame, (n,) for a clip."""
        return self.points.shape[:-2]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Whether a person was found, shape (...)."""
        return np.isfinite(self.points[..., 0, 0])

    @classmethod
    def missing(cls, shape: tuple[int, ...] = ()) -> Self:
        """Return poses of the given leading shape in which nobody was found."""
        return cls(*(np.full((*shape, *tail), np.nan, dtype=np.float32) for tail in FIELD_SHAPES.values()))

    @classmethod
    def stack(cls, poses: Sequence[Self]) -> Self:
        """Join poses along a new first axis."""
        return cls(*(np.stack([getattr(pose, name) for pose in poses]) for name in FIELD_SHAPES))

    def moved(self, dx: float, dy: float) -> Self:
        """Return the poses moved in the picture by so many pixels."""
        return replace(self, points=self.points + np.array([dx, dy], dtype=np.float32))

    def __getitem__(self, index: int | slice | NDArray[np.generic]) -> Self:
        return type(self)(*(getattr(self, field.name)[index] for field in fields(self)))


FIELD_SHAPES: dict[str, tuple[int, ...]] = {
    "points": (N_LANDMARKS, 2),
    "world": (N_LANDMARKS, 3),
    "visibility": (N_LANDMARKS,),
    "presence": (N_LANDMARKS,),
    "outline": (2, N_OUTLINE),
    "trunk_estimate": (2, len(TRUNK_ESTIMATES)),
    "leg_estimate": (2, 2, len(LEG_ESTIMATES)),
}
