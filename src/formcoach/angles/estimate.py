"""From features to readings: calibration, baseline, and the gates that say "not checked"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.calibration import flatten_features, select_flat
from formcoach.angles.geometry import length
from formcoach.angles.types import N_ANGLES, Angle, Readings, Status, View
from formcoach.angles.view import is_far_leg
from formcoach.pose.facing import compute_middle
from formcoach.pose.landmarks import ANKLE, EAR, FOOT_INDEX, HEEL, HIP, KNEE, SHOULDER, Side
from formcoach.pose.outline import is_trunk_cut_off

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles.calibration import Calibration, LinearEstimate
    from formcoach.angles.features import Features
    from formcoach.pose.pose import Pose

# evidence.md §4: points below 0.5 to 0.6 are dropped; MediaPipe's visibility lags by about a third of a second.
MINIMUM_VISIBILITY = 0.5
# Estimates from many features (trunk, hip) are refused where these lie as far from everything in the fit as this, root
# mean square in standard deviations: 99.9 % of the fit's own poses lie below 4 (benchmarks/fit_calibration.py prints
# the strangest). Estimates from a few angles hold over their whole range and are bounded by what a body can do.
MAXIMUM_STRANGENESS = 4.0
_MANY_FEATURES = 8
# Trunk over leg, as in `Features.proportion`: outside these limits the figure is cut off or squeezed by the model's
# imagination. On the rendered people side-on 0.43 to 0.76; leaning towards or away from the camera shortens the trunk.
PROPORTIONS = {View.SIDE: (0.38, 0.90), View.OBLIQUE: (0.22, 1.00), View.FRONT: (0.15, 1.10)}
# Side-on the ears lie at least 0.30 trunk lengths from the shoulders on the rendered people, 0.32 on the photograph of
# the stretch. Where the picture cuts the trunk off, the pose model squeezes shoulders and head below the cut, often
# nearer together. A head that hangs as in a toe touch (0.21) is refused with them.
SHORTEST_NECK = 0.28
# The top of the head lies about so far beyond the ears, in trunk lengths (13 cm of 50 cm): it must be in the picture.
CROWN_BEYOND_EARS = 0.26

# A reading beyond what a body can do, with room for the sensor's error, is a blunder and no reading: normal ranges
# (evidence.md §1, AAOS type) widened by 15° and more.
PLAUSIBLE_DEG = {
    Angle.ANKLE_DORSIFLEXION: (-75.0, 45.0),
    Angle.KNEE_FLEXION: (-30.0, 160.0),
    Angle.HIP_FLEXION: (-50.0, 160.0),
    Angle.HIP_TRUNK_FLEXION: (-60.0, 175.0),
    Angle.HIP_ADDUCTION: (-60.0, 50.0),
    Angle.HIP_MEDIAL_ROTATION: (-70.0, 70.0),
    Angle.PELVIC_TILT: (-50.0, 80.0),
    Angle.LUMBAR_FLEXION: (-45.0, 80.0),
    Angle.CERVICAL_FLEXION: (-85.0, 75.0),
    Angle.TRUNK_LEAN: (-45.0, 140.0),
}

# The raised leg's angle that each of the standing leg's is like.
RAISED_COUNTERPART = {
    Angle.STANCE_ANKLE_DORSIFLEXION: Angle.ANKLE_DORSIFLEXION,
    Angle.STANCE_KNEE_FLEXION: Angle.KNEE_FLEXION,
    Angle.STANCE_HIP_FLEXION: Angle.HIP_FLEXION,
}
# Landmarks that must be seen: on the camera's side for the trunk (left, right; the first two for the whole of it), on
# the leg's side for legs.
_TRUNK_MARKS = np.array([SHOULDER, HIP, EAR], dtype=np.intp).T
_WHOLE_TRUNK = 2
_LEG_POINTS = {
    Angle.ANKLE_DORSIFLEXION: (KNEE, ANKLE, HEEL, FOOT_INDEX),
    Angle.KNEE_FLEXION: (HIP, KNEE, ANKLE),
    Angle.HIP_FLEXION: (HIP, KNEE),
    Angle.HIP_TRUNK_FLEXION: (SHOULDER, HIP, KNEE),
    Angle.HIP_ADDUCTION: (HIP, KNEE, ANKLE),
    Angle.HIP_MEDIAL_ROTATION: (KNEE, ANKLE, HEEL, FOOT_INDEX),
}
# Angles whose zero is the person's own neutral standing (design.md §4); the others have an anatomical zero.
OWN_ZERO = frozenset(
    {
        Angle.PELVIC_TILT,
        Angle.LUMBAR_FLEXION,
        Angle.CERVICAL_FLEXION,
        Angle.TRUNK_LEAN,
        Angle.HIP_FLEXION,
        Angle.HIP_ADDUCTION,
        Angle.HIP_MEDIAL_ROTATION,
        Angle.STANCE_HIP_FLEXION,
    }
)


# Statuses as arrays have them, and the mark of an angle without an estimate, which is no status.
_DEGENERATE, _LOW_VISIBILITY, _WRONG_VIEW, _OUT_OF_VIEW = (
    np.int8(one) for one in (Status.DEGENERATE, Status.LOW_VISIBILITY, Status.WRONG_VIEW, Status.OUT_OF_VIEW)
)
_NO_ESTIMATE = np.int8(-1)


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What holds for a stretch of frames.

    Attributes
    ----------
    leg : Side or None
        The raised leg; None while it is not known, so that no leg angle can be given.
    view : View
        How the person stands to the camera.
    baseline : Features or None
        Their features in quiet neutral standing, without leading axes.
    frame_size : tuple of int
        Width and height of the picture in pixels.
    still : bool
        Whether the picture stands alone, so that no time steadies the reading.
    """

    leg: Side | None
    view: View
    baseline: Features | None
    frame_size: tuple[int, int]
    still: bool = False


def estimate_readings(pose: Pose, features: Features, situation: Situation, calibration: Calibration) -> Readings:
    """Estimate all angles.

    Parameters
    ----------
    pose, features
        Of any leading shape (...), the features of the poses.
    situation
        What holds for all of them.
    calibration
        Of the pose model that gave the poses.

    Returns
    -------
    Readings, shape (..., 13)
        Values are NaN unless the status has a value. In order of precedence: ``OUT_OF_VIEW`` (nobody found, a needed
        landmark, the top of the head, back or belly outside the picture), ``WRONG_VIEW`` (cannot be judged from this
        side, or the raised leg is the one farther from the camera), ``LOW_VISIBILITY`` (a needed landmark covered),
        ``DEGENERATE`` (points coincide, a network refuses the picture, or the pose looks like nothing that the
        calibration knows), ``NO_BASELINE`` (an estimate against the average person's neutral), ``OK``.
    """
    shape = pose.leading_shape
    gates = _judge(pose, features, situation)
    flat = flatten_features(features)
    standing = None if situation.baseline is None else flatten_features(situation.baseline)
    value, sigma = np.full((*shape, N_ANGLES), np.nan), np.full((*shape, N_ANGLES), np.nan)
    usual, strange = np.full(N_ANGLES, _NO_ESTIMATE), np.zeros((*shape, N_ANGLES), dtype=np.bool_)
    for angle in Angle:
        column, row = angle.column, _leg_row(angle, situation.leg)
        estimate, baseline = _choose(angle, row, situation, standing, calibration)
        if estimate is None or (angle.is_of_leg and situation.leg is None):
            continue
        selected = select_flat(flat, estimate.features, row)
        value[..., column], strangeness = estimate.apply(selected, baseline)
        if len(estimate.features) >= _MANY_FEATURES:
            strange[..., column] = ~(strangeness <= MAXIMUM_STRANGENESS)
        own_sigma = None
        if estimate.sigma_feature is not None:
            own_sigma = select_flat(flat, (estimate.sigma_feature,), row)[..., 0]
        sigma[..., column] = estimate.compute_sigma_deg(own_sigma, still=situation.still)
        usual[column] = Status.OK if baseline is not None or angle not in OWN_ZERO else Status.NO_BASELINE
    strange |= ~((value >= _PLAUSIBLE_LOW) & (value <= _PLAUSIBLE_HIGH)) | gates.odd_figure[..., None]
    # The first that applies; `numpy.select` says the same and takes four times as long for one frame.
    status = np.where(strange, _DEGENERATE, usual)
    status = np.where(gates.covered, _LOW_VISIBILITY, status)
    status = np.where(gates.wrong_side[..., None] | (usual == _NO_ESTIMATE), _WRONG_VIEW, status)
    status = np.where(gates.outside, _OUT_OF_VIEW, status)
    known = status == usual
    return Readings(np.where(known, value, np.nan), np.where(known, sigma, np.nan), status)


@dataclass(frozen=True, slots=True, eq=False)
class _Gates:
    """What speaks against reading an angle.

    Attributes
    ----------
    outside, covered : ndarray, shape (..., 13)
        Whether a landmark that the angle needs, or a part of the trunk, lies outside the picture; whether a landmark
        is covered.
    wrong_side, odd_figure : ndarray, shape (...)
        Whether the raised leg is the far one; whether the figure is none that a body can have. For all angles.
    """

    outside: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    wrong_side: NDArray[np.bool_]
    odd_figure: NDArray[np.bool_]


def _judge(pose: Pose, features: Features, situation: Situation) -> _Gates:
    size = np.array(situation.frame_size, dtype=np.float32)
    trunk, neck = _trunk_and_neck(pose.points)
    trunk_length, neck_length = length(trunk), length(neck)
    with np.errstate(invalid="ignore", divide="ignore"):
        outside = _any(~((pose.points >= 0.0) & (pose.points <= size)))
        covered = ~(pose.visibility >= MINIMUM_VISIBILITY)
        crown = compute_crown(pose.points)
        crown_outside = _any(~((crown >= 0.0) & (crown <= size)))
    near_left = (features.azimuth_deg >= 0.0)[..., None]
    trunk_outside, trunk_covered = (
        np.where(near_left, seen[..., _TRUNK_MARKS[0]], seen[..., _TRUNK_MARKS[1]]) for seen in (outside, covered)
    )
    # A figure cut off above the hips misplaces the legs too: the pose model looks for the whole body.
    whole_trunk_outside = _any(trunk_outside[..., :_WHOLE_TRUNK])
    marks = _LEG_MARKS[situation.leg]
    shortest, longest = PROPORTIONS.get(situation.view, (np.nan, np.nan))  # without them there are no estimates either
    odd_figure = ~((features.proportion >= shortest) & (features.proportion <= longest))
    if situation.view is View.SIDE:
        odd_figure |= neck_length < SHORTEST_NECK * trunk_length
    return _Gates(
        outside=np.where(
            _IS_OF_LEG,
            whole_trunk_outside[..., None] | _any(outside[..., marks]),
            (_any(trunk_outside) | crown_outside)[..., None],
        )
        | (is_trunk_cut_off(pose.points, pose.outline, situation.frame_size)[..., None] & _SEES_TRUNK),
        covered=np.where(_IS_OF_LEG, _any(covered[..., marks]), _any(trunk_covered)[..., None]),
        wrong_side=_raises_far_leg(features, situation),
        odd_figure=odd_figure,
    )


def _any(values: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell whether any along the last axis is true."""
    return np.asarray(values.any(axis=-1))


def _choose(
    angle: Angle, row: int, situation: Situation, standing: NDArray[np.float64] | None, calibration: Calibration
) -> tuple[LinearEstimate | None, NDArray[np.float64] | None]:
    """Choose the estimate, and the baseline's features for it where they were seen."""
    if standing is not None:
        estimate = calibration.find(situation.view, angle, has_baseline=True)
        if estimate is not None:
            baseline = select_flat(standing, estimate.features, row)
            if np.isfinite(baseline).all():
                return estimate, baseline
    return calibration.find(situation.view, angle, has_baseline=False), None


def _leg_row(angle: Angle, leg: Side | None) -> int:
    """Return the row of the leg that an angle is of; 0 while the raised leg is not known."""
    if leg is None:
        return 0
    return leg.other.row if angle in RAISED_COUNTERPART else leg.row


def _raises_far_leg(features: Features, situation: Situation) -> NDArray[np.bool_]:
    """Tell where the raised leg is the one farther from the camera: nothing was fitted or measured on that."""
    if situation.leg is None or situation.view is View.FRONT:
        return np.zeros(features.azimuth_deg.shape, dtype=bool)
    return is_far_leg(situation.leg, features.azimuth_deg)


def compute_crown(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute where the top of the head is: as far beyond the ears, away from the shoulders, as it usually is.

    Parameters
    ----------
    points
        Landmarks in pixels, shape (..., 33, 2).

    Returns
    -------
    ndarray, shape (..., 2)
        Pixels; NaN for NaN, or where ears and shoulders coincide.
    """
    trunk, neck = _trunk_and_neck(points)
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = CROWN_BEYOND_EARS * (length(trunk) / length(neck))[..., None] * neck
    return np.asarray(compute_middle(points, EAR) + beyond, dtype=np.float64)


def _trunk_and_neck(points: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors from hips to shoulders and from shoulders to ears, pixels, shape (..., 2)."""
    points = points.astype(np.float64)
    hips, shoulders, ears = (compute_middle(points, pair) for pair in (HIP, SHOULDER, EAR))
    return shoulders - hips, ears - shoulders


def _find_leg_marks(leg: Side | None) -> NDArray[np.intp]:
    """Return the landmarks that each angle of a leg needs, shape (13, 4); fewer are repeated, trunk angles have any."""
    table = np.zeros((N_ANGLES, 4), dtype=np.intp)
    for angle in filter(lambda angle: angle.is_of_leg, Angle):
        pairs = _LEG_POINTS[RAISED_COUNTERPART.get(angle, angle)]
        table[angle.column] = np.resize([pair[_leg_row(angle, leg)] for pair in pairs], 4)
    return table


# Angles in which the network that looks at the trunk has a part.
_SEES_TRUNK = np.array(
    [
        not angle.is_of_leg or angle in (Angle.HIP_FLEXION, Angle.HIP_TRUNK_FLEXION, Angle.STANCE_HIP_FLEXION)
        for angle in Angle
    ]
)
_IS_OF_LEG = np.array([angle.is_of_leg for angle in Angle])
_LEG_MARKS = {leg: _find_leg_marks(leg) for leg in (None, *Side)}
_PLAUSIBLE_LOW, _PLAUSIBLE_HIGH = np.transpose([PLAUSIBLE_DEG[RAISED_COUNTERPART.get(angle, angle)] for angle in Angle])
