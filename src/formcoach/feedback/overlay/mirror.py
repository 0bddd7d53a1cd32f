"""Turns what was measured in the camera's picture into what is drawn on the picture that is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from formcoach.coach import CoachStep


def mirror_step(step: CoachStep, width: int) -> CoachStep:
    """Return a step as it looks in the mirrored picture; for drawing alone.

    Points, the outline's rows and the facing change sides; left and right stay the person's own, and so do the angles
    and all that was measured in metres.

    Parameters
    ----------
    step
        Of the picture as the camera took it.
    width
        Of that picture in pixels.
    """
    points = step.pose.points.copy()
    points[..., 0] = np.float32(width) - points[..., 0]
    pose = replace(step.pose, points=points, outline=step.pose.outline[..., ::-1, :].copy())
    return replace(step, pose=pose, facing=-step.facing)


def scale_step(step: CoachStep, scale: tuple[float, float]) -> CoachStep:
    """Return a step as it looks in the picture after that was scaled along x and y; for drawing alone."""
    points = step.pose.points * np.array(scale, dtype=np.float32)
    return replace(step, pose=replace(step.pose, points=points))
