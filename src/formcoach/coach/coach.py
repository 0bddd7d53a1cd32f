"""The causal path: one step a frame, for cameras, and the decisions of recordings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Readings
from formcoach.angles.baseline import Baseline, BaselineFinder, is_upright
from formcoach.angles.estimate import Situation, estimate_readings
from formcoach.angles.features import Features, compute_features
from formcoach.angles.filters import CausalSmoother
from formcoach.angles.tracking import FacingLock, LegState, LegTracker, ViewTracker
from formcoach.angles.types import N_ANGLES
from formcoach.coach.session.types import FREE
from formcoach.pose.facing import compute_facing
from formcoach.pose.landmarks import LOWER_LEG_LANDMARKS, Side
from formcoach.stretch import Assessment, Assessor, Observation

if TYPE_CHECKING:
    from formcoach.angles import View
    from formcoach.angles.calibration import Calibration
    from formcoach.coach.session.types import Guidance
    from formcoach.pose.pose import Pose
    from formcoach.stretch import Profile


@dataclass(frozen=True, slots=True, eq=False)
class CoachStep:
    """Everything known at one frame.

    Attributes
    ----------
    time_s : float
        Seconds.
    pose : Pose
        With left and right put right where the model had swapped the legs.
    leg : LegState
        Which leg, whether it is up.
    view : View
        How the person stands to the camera.
    azimuth_deg : float
        From where they are seen, averaged over a second; NaN unknown.
    facing : float
        +1 right edge, -1 left edge, NaN unknown.
    baseline : Baseline or None
        For how they stand now.
    taking_baseline : bool
        One is being taken.
    upright : bool
        Standing on both feet.
    readings : Readings
        Smoothed.
    assessment : Assessment
        How the stretch stands.
    frame_size : tuple of int or None
        Width and height of the picture in pixels; None unknown.
    """

    time_s: float
    pose: Pose
    leg: LegState
    view: View
    azimuth_deg: float
    facing: float
    baseline: Baseline | None
    taking_baseline: bool
    upright: bool
    readings: Readings
    assessment: Assessment
    frame_size: tuple[int, int] | None = None


class Coach:
    """Follows one person through a session, frame by frame.

    Parameters
    ----------
    profile
        The exercise.
    calibration
        Of the pose model in use.
    frame_size
        Width and height of the picture in pixels.
    leg
        The leg to be stretched; None finds it.
    """

    def __init__(
        self, profile: Profile, calibration: Calibration, frame_size: tuple[int, int], leg: Side | None = None
    ) -> None:
        self._calibration = calibration
        self._frame_size = frame_size
        self._facing = FacingLock()
        self._views = ViewTracker()
        self._legs = LegTracker(leg)
        self._baselines = BaselineFinder()
        self._smoother = CausalSmoother()
        self._assessor = Assessor(profile)
        self._leg_before: Side | None = None

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """All baselines so far."""
        return self._baselines.taken

    def find_baseline(self, azimuth_deg: float) -> Baseline | None:
        """Return the baseline for somebody who is seen from there, or None."""
        return self._baselines.find(azimuth_deg)

    @property
    def assessor(self) -> Assessor:
        """What assesses the stretch; it knows the holds."""
        return self._assessor

    def step(self, time_s: float, pose: Pose, guidance: Guidance = FREE) -> CoachStep:
        """Take one frame.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        pose
            Of one frame; all NaN where nobody was found.
        guidance
            What a session wants: whether holds are allowed, which leg is looked at, a new baseline.
        """
        facing = self._facing.step(time_s, float(compute_facing(pose.points)))
        # In a front view nothing tells the direction, and nothing that depends on it is judged.
        features = compute_features(pose, 1.0 if np.isnan(facing) else facing)
        view = self._views.step(time_s, float(features.azimuth_deg))
        if guidance.retake_baseline:
            self._baselines.forget(self._views.azimuth_deg)
        baseline = self._baselines.step(time_s, pose, features, self._views.azimuth_deg)
        standing_elevation = None if baseline is None else baseline.features.elevation
        leg = self._legs.step(time_s, features, view, standing_elevation, guidance.leg)
        if leg.swapped:
            pose = with_legs_swapped(pose)
            features = compute_features(pose, features.facing)
        readings = self._read(time_s, pose, features, leg, view, baseline)
        observation = Observation(
            time_s=time_s,
            person_seen=bool(pose.found),
            upright=is_upright(pose, features),
            taking_baseline=self._baselines.is_taking,
            leg=leg.leg,
            leg_raised=leg.raised,
            readings=readings,
            hold_allowed=guidance.hold_allowed,
        )
        return CoachStep(
            time_s=time_s,
            pose=pose,
            leg=leg,
            view=view,
            azimuth_deg=self._views.azimuth_deg,
            facing=facing,
            baseline=baseline,
            taking_baseline=self._baselines.is_taking,
            upright=observation.upright,
            readings=readings,
            assessment=self._assessor.step(observation),
            frame_size=self._frame_size,
        )

    def _read(
        self, time_s: float, pose: Pose, features: Features, leg: LegState, view: View, baseline: Baseline | None
    ) -> Readings:
        if leg.leg is not self._leg_before:
            self._smoother.reset()
            self._leg_before = leg.leg
        situation = Situation(leg.leg, view, None if baseline is None else baseline.features, self._frame_size)
        raw = estimate_readings(pose, features, situation, self._calibration)
        # Each signal is filtered on its own; all in one call take half the time.
        smooth = self._smoother.filter(time_s, np.concatenate([raw.value_deg, raw.sigma_deg]))
        return Readings(smooth[:N_ANGLES], smooth[N_ANGLES:], raw.status)


def with_legs_swapped(pose: Pose) -> Pose:
    """Return a pose in which left and right leg, from the knees down, have changed places.

    That is what a pose model gets wrong when it takes one leg for the other: on the rendered people hips and shoulders
    kept their sides in all such frames.
    """
    order = np.arange(pose.points.shape[-2])
    left, right = (list(LOWER_LEG_LANDMARKS[side]) for side in (Side.LEFT, Side.RIGHT))
    order[left], order[right] = right, left
    return replace(
        pose,
        points=pose.points[..., order, :],
        world=pose.world[..., order, :],
        visibility=pose.visibility[..., order],
        presence=pose.presence[..., order],
        leg_estimate=pose.leg_estimate[..., ::-1, :, :],
    )
