"""From features to readings: calibration, baseline, and the gates that say "not checked"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.calibration import select_features
from formcoach.angles.geometry import length
from formcoach.angles.types import Angle, Readings, Status, View
from formcoach.angles.view import is_far_leg
from formcoach.pose.landmarks import ANKLE, EAR, FOOT_INDEX, HEEL, HIP, KNEE, SHOULDER, Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles.calibration import Calibration, LinearEstimate
    from formcoach.angles.features import Features
    from formcoach.pose.landmarks import Landmark
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
_TRUNK_POINTS = (SHOULDER, HIP, EAR)
_WHOLE_TRUNK_POINTS = (SHOULDER, HIP)
# Landmarks that must be seen, on the leg's side for legs and on the camera's side for the trunk.
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
        landmark or the top of the head outside the picture), ``WRONG_VIEW`` (cannot be judged from this side, or the
        raised leg is the one farther from the camera), ``LOW_VISIBILITY`` (a needed landmark covered), ``DEGENERATE``
        (points coincide, a network refuses the picture, or the pose looks like nothing that the calibration knows),
        ``NO_BASELINE`` (an estimate against the average person's neutral), ``OK``.
    """
    readings = Readings.unknown(pose.leading_shape)
    common = _judge_common(pose, features, situation)
    for angle in Angle:
        value, sigma, status = _estimate(angle, pose, features, situation, calibration, common)
        column = angle.column
        readings.value_deg[..., column] = value
        readings.sigma_deg[..., column] = sigma
        readings.status[..., column] = status
    return readings


@dataclass(frozen=True, slots=True, eq=False)
class _Common:
    """What all angles of a pose have in common; shape (...)."""

    trunk_outside: NDArray[np.bool_]
    trunk_covered: NDArray[np.bool_]
    whole_trunk_outside: NDArray[np.bool_]
    wrong_side: NDArray[np.bool_]
    odd_figure: NDArray[np.bool_]


def _judge_common(pose: Pose, features: Features, situation: Situation) -> _Common:
    outside, covered = _trunk_gates(pose, features, situation, _TRUNK_POINTS)
    whole_outside, _ = _trunk_gates(pose, features, situation, _WHOLE_TRUNK_POINTS)
    # A view without proportions has no estimates either.
    shortest, longest = PROPORTIONS.get(situation.view, (np.nan, np.nan))
    odd = ~((features.proportion >= shortest) & (features.proportion <= longest))
    return _Common(
        trunk_outside=outside | _crown_is_outside(pose, situation.frame_size),
        trunk_covered=covered,
        whole_trunk_outside=whole_outside,
        wrong_side=_raises_far_leg(features, situation),
        odd_figure=odd | _neck_is_squeezed(pose, situation),
    )


def _estimate(
    angle: Angle,
    pose: Pose,
    features: Features,
    situation: Situation,
    calibration: Calibration,
    common: _Common,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    unknown = np.full(pose.leading_shape, np.nan)
    out_of_view, covered = _gates(angle, pose, situation, common)
    row = _leg_row(angle, situation.leg)
    estimate, baseline = _choose(angle, row, situation, calibration)
    needs_leg = angle in _LEG_POINTS or angle in RAISED_COUNTERPART
    if estimate is None or (needs_leg and situation.leg is None):
        return unknown, unknown, np.where(out_of_view, Status.OUT_OF_VIEW, Status.WRONG_VIEW).astype(np.int8)
    value, strangeness = estimate.apply(select_features(features, estimate.features, row), baseline)
    low, high = PLAUSIBLE_DEG[RAISED_COUNTERPART.get(angle, angle)]
    strange = ~((value >= low) & (value <= high))
    if len(estimate.features) >= _MANY_FEATURES:
        strange |= ~(strangeness <= MAXIMUM_STRANGENESS)
    strange |= common.odd_figure
    usual = Status.OK if baseline is not None or angle not in OWN_ZERO else Status.NO_BASELINE
    # The first that applies; `numpy.select` says the same and takes four times as long for one frame.
    status = np.where(strange, np.int8(Status.DEGENERATE), np.int8(usual))
    status = np.where(covered, np.int8(Status.LOW_VISIBILITY), status)
    status = np.where(common.wrong_side, np.int8(Status.WRONG_VIEW), status)
    status = np.where(out_of_view, np.int8(Status.OUT_OF_VIEW), status)
    known = status == usual
    own_sigma = None
    if estimate.sigma_feature is not None:
        own_sigma = select_features(features, (estimate.sigma_feature,), row)[..., 0]
    sigma = estimate.compute_sigma_deg(own_sigma, still=situation.still)
    return np.where(known, value, np.nan), np.where(known, sigma, np.nan), status


def _choose(
    angle: Angle, row: int, situation: Situation, calibration: Calibration
) -> tuple[LinearEstimate | None, NDArray[np.float64] | None]:
    """Choose the estimate, and the baseline's features for it where they were seen."""
    if situation.baseline is not None:
        estimate = calibration.find(situation.view, angle, has_baseline=True)
        if estimate is not None:
            baseline = select_features(situation.baseline, estimate.features, row)
            if np.isfinite(baseline).all():
                return estimate, baseline
    return calibration.find(situation.view, angle, has_baseline=False), None


def _leg_row(angle: Angle, leg: Side | None) -> int:
    """Return the row of the leg that an angle is of; 0 while the raised leg is not known."""
    if leg is None:
        return 0
    return leg.other.row if angle in RAISED_COUNTERPART else leg.row


def _gates(
    angle: Angle, pose: Pose, situation: Situation, common: _Common
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell where needed landmarks lie outside the picture, and where they are covered."""
    leg_angle = RAISED_COUNTERPART.get(angle, angle)
    if leg_angle not in _LEG_POINTS:
        return common.trunk_outside, common.trunk_covered
    marks = [pair[_leg_row(angle, situation.leg)] for pair in _LEG_POINTS[leg_angle]]
    # A figure cut off above the hips misplaces the legs too: the pose model looks for the whole body.
    return common.whole_trunk_outside | _outside(pose, marks, situation.frame_size), _covered(pose, marks)


def _raises_far_leg(features: Features, situation: Situation) -> NDArray[np.bool_]:
    """Tell where the raised leg is the one farther from the camera: nothing was fitted or measured on that."""
    if situation.leg is None or situation.view is View.FRONT:
        return np.zeros(features.azimuth_deg.shape, dtype=bool)
    return is_far_leg(situation.leg, features.azimuth_deg)


def _neck_is_squeezed(pose: Pose, situation: Situation) -> NDArray[np.bool_]:
    if situation.view is not View.SIDE:
        return np.zeros(pose.leading_shape, dtype=bool)
    trunk, neck = _trunk_and_neck(pose)
    return np.asarray(length(neck) < SHORTEST_NECK * length(trunk))


def _crown_is_outside(pose: Pose, frame_size: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell where the top of the head, as far beyond the ears as it usually is, lies outside the picture."""
    trunk, neck = _trunk_and_neck(pose)
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = CROWN_BEYOND_EARS * (length(trunk) / length(neck))[..., None] * neck
        crown = pose.points[..., EAR, :].mean(axis=-2) + beyond
        inside = (crown >= 0.0) & (crown <= np.array(frame_size, dtype=np.float32))
    return np.asarray(~inside.all(axis=-1))


def _trunk_and_neck(pose: Pose) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vectors from hips to shoulders and from shoulders to ears, pixels, shape (..., 2)."""
    hips, shoulders, ears = (
        pose.points[..., pair, :].astype(np.float64).mean(axis=-2) for pair in (HIP, SHOULDER, EAR)
    )
    return shoulders - hips, ears - shoulders


def _trunk_gates(
    pose: Pose, features: Features, situation: Situation, pairs: tuple[tuple[Landmark, Landmark], ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Look at the side of the trunk that is nearer to the camera."""
    near_left = features.azimuth_deg >= 0.0
    left, right = ([pair[row] for pair in pairs] for row in (0, 1))
    outside = np.where(
        near_left, _outside(pose, left, situation.frame_size), _outside(pose, right, situation.frame_size)
    )
    return outside, np.where(near_left, _covered(pose, left), _covered(pose, right))


def _outside(pose: Pose, marks: list[Landmark], frame_size: tuple[int, int]) -> NDArray[np.bool_]:
    points = pose.points[..., marks, :]
    with np.errstate(invalid="ignore"):
        inside = (points >= 0.0) & (points <= np.array(frame_size, dtype=np.float32))
    return np.asarray(~inside.all(axis=(-2, -1)))


def _covered(pose: Pose, marks: list[Landmark]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        seen = pose.visibility[..., marks] >= MINIMUM_VISIBILITY
    return np.asarray(~seen.all(axis=-1))
