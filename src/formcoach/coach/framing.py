"""Where the person or the camera should stand for everything to be seen: one instruction, the most useful first.

The limits are those of ``benchmarks/camera_advice.py`` (docs/accuracy.md, "Where to put the camera").
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import View
from formcoach.angles.estimate import compute_crown
from formcoach.pose.facing import compute_middle
from formcoach.pose.landmarks import ANKLE, HIP, KNEE, SHOULDER, Landmark
from formcoach.pose.outline import is_trunk_cut_off

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

# From nose to ankles of somebody who stands upright: between that at 4 m from a 640 × 480 camera (170 and more) and
# that at 5.5 m (150 and less), where every eighth reading is missing and the others are worse.
MINIMUM_FIGURE_PX = 160.0
# Landmarks less likely than this to lie in the picture are outside it.
MINIMUM_PRESENCE = 0.5
_HEAD, _FEET = [Landmark.NOSE, *SHOULDER], [*ANKLE]


class FramingFault(StrEnum):
    """What keeps the camera from seeing; the value is the word for files."""

    CUT_OFF = "cut_off"
    TOO_FAR = "too_far"
    FROM_THE_FRONT = "from_the_front"
    FROM_THE_BACK = "from_the_back"
    AT_A_SLANT = "at_a_slant"
    FAR_LEG = "far_leg"

    @property
    def advice(self) -> str:
        """One sentence: what it costs, and what to do."""
        return _ADVICE[self]


_ADVICE = {
    FramingFault.CUT_OFF: (
        "Part of the body is outside the picture, and what hangs on it was not checked: step back, or to the middle, so"
        " that all of you is in view, head and feet too."
    ),
    FramingFault.TOO_FAR: (
        "The person is small in the picture, and the angles are less sure for it: come closer, or bring the camera"
        " closer, as long as head and feet stay in view."
    ),
    FramingFault.FROM_THE_FRONT: (
        "From the front only the leg across the midline can be checked, with the lite pose model not even that: for"
        " back, neck and ankle stand side-on, the stretched leg nearer to the camera."
    ),
    FramingFault.FROM_THE_BACK: (
        "Nothing is checked from behind, or turned away from the camera by more than about 20°: stand side-on, the"
        " stretched leg nearer to the camera."
    ),
    FramingFault.AT_A_SLANT: (
        "Seen at a slant the angles are less sure: turn until you stand side-on, the stretched leg nearer to the"
        " camera."
    ),
    FramingFault.FAR_LEG: (
        "Nothing is checked while the stretched leg is the one farther from the camera: turn round and stand side-on,"
        " so that it is the nearer one."
    ),
}
_VIEW_FAULTS = {
    View.FRONT: FramingFault.FROM_THE_FRONT,
    View.BACK: FramingFault.FROM_THE_BACK,
    View.OBLIQUE: FramingFault.AT_A_SLANT,
}


def is_cut_off(pose: Pose, frame_size: tuple[float, float]) -> bool:
    """Tell whether head, feet, back or belly of a single pose lie outside a picture of so many pixels."""
    seen = pose.points, pose.presence, frame_size
    trunk = bool(is_trunk_cut_off(pose.points, pose.outline, frame_size))
    return are_feet_cut_off(*seen) or is_head_cut_off(*seen) or trunk


def is_head_cut_off(
    points: NDArray[np.floating], presence: NDArray[np.floating], frame_size: tuple[float, float]
) -> bool:
    """Tell whether the head to its top, or a shoulder, lies outside the picture.

    Where the picture cuts a head off, the pose model squeezes the face below the edge: its top shows what is missing.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (33, 2).
    presence
        How likely each lies in the picture, shape (33,).
    frame_size
        Width and height in pixels.
    """
    marks = np.vstack([points[_HEAD], compute_crown(points)])
    return _are_outside(marks, frame_size) or bool((presence[_HEAD] < MINIMUM_PRESENCE).any())


def are_feet_cut_off(
    points: NDArray[np.floating], presence: NDArray[np.floating], frame_size: tuple[float, float]
) -> bool:
    """Tell whether an ankle lies outside the picture; parameters as of `is_head_cut_off`."""
    return _are_outside(points[_FEET], frame_size) or bool((presence[_FEET] < MINIMUM_PRESENCE).any())


def measure_figure_px(points: NDArray[np.floating]) -> float:
    """Return how far the lower ankle lies below the nose, pixels, of landmarks of shape (33, 2); NaN unknown."""
    return float(points[list(ANKLE), 1].max() - points[Landmark.NOSE, 1])


def measure_body_px(points: NDArray[np.floating]) -> float:
    """Return how long somebody is along the body: nose, shoulders, hips, and down the longer leg.

    That is about what `measure_figure_px` says of them upright, also while they lean, raise a leg or sit.
    Towards the camera it is less.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (33, 2).

    Returns
    -------
    float
        Pixels; NaN unknown.
    """
    shoulders, hips = (compute_middle(points, pair) for pair in (SHOULDER, HIP))
    trunk = _distance(points[Landmark.NOSE], shoulders) + _distance(shoulders, hips)
    hip, knee, ankle = (points[list(pair)] for pair in (HIP, KNEE, ANKLE))
    return float((trunk + _distance(hip, knee) + _distance(knee, ankle)).max())


def find_framing_fault(view: View, figure_px: float, *, cut_off: bool, far_leg: bool = False) -> FramingFault | None:
    """Return what should be changed first, or None.

    Parameters
    ----------
    view
        How the person stands to the camera.
    figure_px
        Of the person standing upright (`measure_figure_px`), or about that (`measure_body_px`), pixels; NaN unknown.
    cut_off
        Whether a part of the body lies outside the picture (`is_cut_off`).
    far_leg
        Whether the stretched leg is the one farther from the camera.
    """
    if cut_off:
        return FramingFault.CUT_OFF
    if far_leg and view in (View.SIDE, View.OBLIQUE):
        return FramingFault.FAR_LEG
    if figure_px < MINIMUM_FIGURE_PX:
        return FramingFault.TOO_FAR
    return _VIEW_FAULTS.get(view)


def _are_outside(marks: NDArray[np.floating], frame_size: tuple[float, float]) -> bool:
    return bool(((marks < 0.0) | (marks > np.array(frame_size))).any())


def _distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.hypot(*(second - first).T))
