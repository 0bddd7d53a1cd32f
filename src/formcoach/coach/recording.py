"""The offline path: the decisions of the causal path for a whole recording, then a zero-phase pass.

A recording is gone through twice. First every pose goes through the causal `Coach`, which decides who faces where,
which leg is raised and what is neutral. Then all angles are estimated again with those decisions known from the first
frame on, smoothed without delay, and assessed. Poses are read back in chunks, so memory does not grow with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, tee
from typing import TYPE_CHECKING, Protocol

import numpy as np

from formcoach.angles import Readings, View
from formcoach.angles.baseline import SAME_AZIMUTH_DEG
from formcoach.angles.estimate import Situation, estimate_readings
from formcoach.angles.features import compute_features
from formcoach.angles.filters import smooth_zero_phase
from formcoach.angles.geometry import wrap_deg
from formcoach.coach.coach import Coach, CoachStep, with_legs_swapped
from formcoach.stretch import Assessor, Observation
from formcoach.stretch.assess import assess_still
from formcoach.stretch.hindsight import with_hindsight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.angles.baseline import Baseline
    from formcoach.angles.calibration import Calibration
    from formcoach.angles.tracking import LegState
    from formcoach.pose.landmarks import Side
    from formcoach.pose.pose import Pose
    from formcoach.stretch import Assessment, Profile


class PathKind(StrEnum):
    """Which way the numbers took; the word in ``session.json``."""

    CAUSAL = "causal"
    ZERO_PHASE = "zero_phase"
    STILL = "still"


class StoredPoses(Protocol):
    """Poses of a recording that can be read again, in order, a chunk at a time."""

    def chunks(self) -> Iterator[Pose]:
        """Yield poses with a leading axis of frames."""


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the causal path found in one frame; small, because there is one a frame."""

    time_s: float
    state: LegState
    view: View
    azimuth_deg: float
    facing: float
    upright: bool
    taking_baseline: bool


class RecordingReview:
    """Takes the poses of a recording, then gives every frame with what the whole recording tells about it.

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
        self._profile = profile
        self._calibration = calibration
        self._frame_size = frame_size
        self._leg = leg
        self._coach = Coach(profile, calibration, frame_size, leg)
        self._decisions: list[_Decision] = []
        self._assessor = Assessor(profile)

    @property
    def assessor(self) -> Assessor:
        """What assesses the stretch; it knows the holds once `steps` has run."""
        return self._assessor

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """All baselines that were taken."""
        return self._coach.baselines

    def take(self, time_s: float, pose: Pose) -> CoachStep:
        """Take the pose of one frame and return what the causal path says of it."""
        step = self._coach.step(time_s, pose)
        self._decisions.append(
            _Decision(
                time_s=time_s,
                state=step.leg,
                view=step.view,
                azimuth_deg=step.azimuth_deg,
                facing=step.facing,
                upright=step.upright,
                taking_baseline=step.taking_baseline,
            )
        )
        return step

    def steps(self, poses: StoredPoses) -> Iterator[CoachStep]:
        """Yield every frame, assessed with what the whole recording tells.

        Parameters
        ----------
        poses
            The poses that were taken, in the same order.
        """
        found = self._decisions if self._leg is not None else _with_majority_leg(self._decisions)
        decisions = _filled_back(found)
        readings = self._smoothed_readings(decisions, poses)
        judging, drawing = tee(_frames(decisions, poses, readings))
        judged = (self._assessor.judge(self._observe(*frame)) for frame in judging)
        for (decision, pose, reading), judgement in zip(drawing, with_hindsight(judged, self._profile), strict=True):
            yield self._step(decision, pose, reading, self._assessor.conclude(judgement))

    def _observe(self, decision: _Decision, pose: Pose, readings: Readings) -> Observation:
        state = decision.state
        return Observation(
            time_s=decision.time_s,
            person_seen=bool(pose.found),
            upright=decision.upright,
            taking_baseline=decision.taking_baseline,
            leg=state.leg,
            leg_raised=state.raised,
            readings=readings,
        )

    def _step(self, decision: _Decision, pose: Pose, readings: Readings, assessment: Assessment) -> CoachStep:
        state = decision.state
        return CoachStep(
            time_s=decision.time_s,
            pose=with_legs_swapped(pose) if state.swapped else pose,
            leg=state,
            view=decision.view,
            azimuth_deg=decision.azimuth_deg,
            facing=decision.facing,
            baseline=self._coach.find_baseline(decision.azimuth_deg),
            taking_baseline=decision.taking_baseline,
            upright=decision.upright,
            readings=readings,
            assessment=assessment,
            frame_size=self._frame_size,
        )

    def _smoothed_readings(self, decisions: list[_Decision], poses: StoredPoses) -> Readings:
        readings = Readings.unknown((len(decisions),))
        start = 0
        for chunk in poses.chunks():
            end = min(start + chunk.leading_shape[0], len(decisions))
            self._estimate_into(readings, decisions[start:end], chunk, start)
            start = end
        time_s = np.array([decision.time_s for decision in decisions])
        first = 0
        for _, group in groupby(decisions, key=lambda decision: decision.state.leg):
            last = first + len(list(group))
            part = slice(first, last)
            readings.value_deg[part] = smooth_zero_phase(time_s[part], readings.value_deg[part])
            # As logarithms: beside a jump the filter swings below its input, and sigma must not come near zero there.
            readings.sigma_deg[part] = np.exp(smooth_zero_phase(time_s[part], np.log(readings.sigma_deg[part])))
            first = last
        return readings

    def _estimate_into(self, readings: Readings, decisions: list[_Decision], chunk: Pose, offset: int) -> None:
        first = 0
        for key, group in groupby(decisions, key=self._situation_key):
            last = first + len(list(group))
            leg, view, facing, swapped, baseline = key
            part = chunk[first:last]
            if swapped:
                part = with_legs_swapped(part)
            features = compute_features(part, facing or 1.0)
            situation = Situation(leg, view, baseline.features if baseline else None, self._frame_size)
            found = estimate_readings(part, features, situation, self._calibration)
            rows = slice(offset + first, offset + last)
            readings.value_deg[rows] = found.value_deg
            readings.sigma_deg[rows] = found.sigma_deg
            readings.status[rows] = found.status
            first = last

    def _situation_key(self, decision: _Decision) -> tuple[Side | None, View, float | None, bool, Baseline | None]:
        # NaN is not equal to itself and would split every frame off.
        facing = None if np.isnan(decision.facing) else decision.facing
        baseline = self._coach.find_baseline(decision.azimuth_deg)
        return decision.state.leg, decision.view, facing, decision.state.swapped, baseline


def review_still(
    pose: Pose, profile: Profile, calibration: Calibration, frame_size: tuple[int, int], leg: Side | None = None
) -> CoachStep:
    """Review a photo: one pose, no baseline, no dwell times.

    Parameters are those of `RecordingReview`, and the pose of the photo.
    """
    coach = Coach(profile, calibration, frame_size, leg)
    first = coach.step(0.0, pose)
    # Half a second of the same picture settles which leg is raised; nothing is smoothed or invented by it.
    settled = [first, *(coach.step(0.1 * count, pose) for count in range(1, 6))][-1]
    features = compute_features(settled.pose, 1.0 if np.isnan(settled.facing) else settled.facing)
    situation = Situation(settled.leg.leg if settled.leg.raised else leg, settled.view, None, frame_size, still=True)
    readings = estimate_readings(settled.pose, features, situation, calibration)
    observation = Observation(
        time_s=0.0,
        person_seen=bool(pose.found),
        upright=settled.upright,
        taking_baseline=False,
        leg=situation.leg,
        leg_raised=settled.leg.raised,
        readings=readings,
    )
    return replace(
        settled,
        time_s=0.0,
        leg=replace(settled.leg, leg=situation.leg),
        baseline=None,
        taking_baseline=False,
        readings=readings,
        assessment=assess_still(profile, observation),
    )


def _frames(
    decisions: list[_Decision], poses: StoredPoses, readings: Readings
) -> Iterator[tuple[_Decision, Pose, Readings]]:
    stored = (chunk[row] for chunk in poses.chunks() for row in range(chunk.leading_shape[0]))
    for index, (decision, pose) in enumerate(zip(decisions, stored, strict=False)):
        yield decision, pose, readings[index]


def _with_majority_leg(decisions: list[_Decision]) -> list[_Decision]:
    """Correct the leg of each raise to the other one where that was clearly higher in most of its frames."""
    corrected: list[_Decision] = []
    for (leg, _), group in groupby(decisions, key=lambda decision: (decision.state.leg, decision.state.raised)):
        frames = list(group)
        against = sum(frame.state.swapped for frame in frames)
        if leg is not None and against > len(frames) / 2:
            frames = [replace(frame, state=replace(frame.state, leg=leg.other)) for frame in frames]
        corrected += frames
    return corrected


def _filled_back(decisions: list[_Decision]) -> list[_Decision]:
    """Give the frames before a raise the leg that is raised next and the view then, and what was not known at first.

    The azimuth is read less well in standing than with the leg up, so the view of the stretch holds for the standing
    before it too, unless the person turned in between.
    """
    filled: list[_Decision] = []
    leg: Side | None = None
    facing = float("nan")
    view, azimuth_deg = View.UNKNOWN, float("nan")
    for decision in reversed(decisions):
        state = decision.state
        if state.raised or leg is None:
            leg = state.leg
        if state.raised:
            view, azimuth_deg = decision.view, decision.azimuth_deg
        if not np.isnan(decision.facing):
            facing = decision.facing
        turned = abs(wrap_deg(np.asarray(decision.azimuth_deg - azimuth_deg)))
        filled.append(
            replace(
                decision,
                state=replace(state, leg=leg or state.leg),
                facing=facing,
                view=view if turned <= SAME_AZIMUTH_DEG else decision.view,
            )
        )
    filled.reverse()
    return filled
