"""Runs everything after the pose model on rendered people, in every way the program knows.

A clip is run live (causal) and as a recording (zero-phase), both with the standing at its beginning, from which the
program takes a baseline, and without: from the first frame to the last in which the leg is on the bench. A still is run
as a photo, without a baseline, and against the picture of the same person standing, where the program would take a
baseline of that: where the pose model sees somebody upright.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle, Readings
from formcoach.angles.baseline import find_standing
from formcoach.angles.estimate import OWN_ZERO, Situation, estimate_readings
from formcoach.angles.features import compute_features
from formcoach.coach import PathKind, RecordingReview, review_still
from formcoach.stretch import Observation
from formcoach.stretch.assess import assess_still
from formcoach.stretch.events import FlagLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    import truth
    from formcoach.angles.calibration import Calibration
    from formcoach.coach import CoachStep
    from formcoach.pose.pose import Pose
    from formcoach.stretch import Profile


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What the program said of one recording, and what was true.

    Attributes
    ----------
    recording : truth.Recording
        Without a baseline, a clip has only its stretch.
    true_deg : ndarray, shape (n, 13)
        One column an angle, with the zero that the program's angle has: the person's own standing, or anatomy.
    path : PathKind
        Causal or zero-phase for clips, still for stills.
    has_baseline : bool
        Whether the program was given the person's standing.
    readings : Readings, shape (n,)
        Of every frame or picture.
    severity : ndarray of int8, shape (n, flags)
        What every flag of the profile showed.
    azimuth_deg : ndarray, shape (n,)
        From where the program took the person to be seen.
    log : FlagLog or None
        Of a clip.
    baselines : int
        How many the program took.
    """

    recording: truth.Recording
    true_deg: np.ndarray
    path: PathKind
    has_baseline: bool
    readings: Readings
    severity: np.ndarray
    azimuth_deg: np.ndarray
    log: FlagLog | None
    baselines: int


@dataclass(frozen=True, slots=True)
class Memory:
    """Poses in memory, as the review reads them."""

    pose: Pose

    def chunks(self) -> Iterator[Pose]:
        """Yield all poses at once."""
        yield self.pose


def run_program(recording: truth.Recording, calibration: Calibration, profile: Profile) -> list[Run]:
    """Run everything after the pose model on one recording, in all ways: stills with a baseline last, if there is one.

    Raises
    ------
    ValueError
        When nothing shows how the person stands, from which some angles count.
    """
    if not recording.neutral.any():
        raise ValueError(f"{recording.name} shows no quiet standing: its angles have no zero")
    true_deg = np.stack([_true_angle(recording, angle) for angle in Angle], axis=-1)
    if recording.kind == "still":
        return _run_stills(recording, true_deg, calibration, profile)
    runs = _run_clip(recording, true_deg, calibration, profile, has_baseline=True)
    rows = recording.stretching
    if rows.any():
        runs += _run_clip(_cut(recording, rows), true_deg[rows], calibration, profile, has_baseline=False)
    return runs


def _true_angle(recording: truth.Recording, angle: Angle) -> np.ndarray:
    return recording.relative_truth(angle) if angle in OWN_ZERO else recording.truth[angle]


def _run_clip(
    recording: truth.Recording, true_deg: np.ndarray, calibration: Calibration, profile: Profile, *, has_baseline: bool
) -> list[Run]:
    review = RecordingReview(profile, calibration, recording.frame_size)
    live = [review.take(float(time_s), recording.pose[row]) for row, time_s in enumerate(recording.time_s)]
    recorded = list(review.steps(Memory(recording.pose)))
    runs = []
    for path, steps in ((PathKind.CAUSAL, live), (PathKind.ZERO_PHASE, recorded)):
        log = FlagLog(profile)
        for step in steps:
            log.step(step.assessment)
        run = _join(recording, true_deg, path, steps, has_baseline=has_baseline)
        runs.append(replace(run, log=log, baselines=len(review.baselines)))
    return runs


def _run_stills(
    recording: truth.Recording, true_deg: np.ndarray, calibration: Calibration, profile: Profile
) -> list[Run]:
    poses = [recording.pose[row] for row in range(len(recording.time_s))]
    alone = [review_still(pose, profile, calibration, recording.frame_size) for pose in poses]
    runs = [_join(recording, true_deg, PathKind.STILL, alone, has_baseline=False)]
    standing = recording.pose[np.flatnonzero(recording.neutral)[:1]]
    beside = [_review_beside(step, standing, recording.frame_size, calibration, profile) for step in alone]
    known = [step for step in beside if step is not None]
    if len(known) == len(alone):
        runs.append(_join(recording, true_deg, PathKind.STILL, known, has_baseline=True))
    return runs


def _review_beside(
    step: CoachStep, standing: Pose, frame_size: tuple[int, int], calibration: Calibration, profile: Profile
) -> CoachStep | None:
    """Estimate a reviewed photo again, now with the person's standing in another one; None without a baseline of it."""
    facing = 1.0 if np.isnan(step.facing) else step.facing
    baseline = find_standing(standing, compute_features(standing, facing))
    if baseline is None:
        return None
    situation = Situation(step.leg.leg, step.view, baseline, frame_size, still=True)
    readings = estimate_readings(step.pose, compute_features(step.pose, facing), situation, calibration)
    observation = Observation(
        time_s=0.0,
        person_seen=bool(step.pose.found),
        upright=step.upright,
        taking_baseline=False,
        leg=step.leg.leg,
        leg_raised=step.leg.raised,
        readings=readings,
    )
    return replace(step, readings=readings, assessment=assess_still(profile, observation))


def _join(
    recording: truth.Recording, true_deg: np.ndarray, path: PathKind, steps: list[CoachStep], *, has_baseline: bool
) -> Run:
    return Run(
        recording=recording,
        true_deg=true_deg,
        path=path,
        has_baseline=has_baseline,
        readings=Readings.stack([step.readings for step in steps]),
        severity=np.array([[flag.severity for flag in step.assessment.flags] for step in steps], dtype=np.int8),
        azimuth_deg=np.array([step.azimuth_deg for step in steps]),
        log=None,
        baselines=0,
    )


def _cut(recording: truth.Recording, rows: np.ndarray) -> truth.Recording:
    """Return some frames of a recording."""
    return replace(
        recording,
        pose=recording.pose[rows],
        time_s=recording.time_s[rows],
        truth={name: values[rows] for name, values in recording.truth.items()},
        neutral=recording.neutral[rows],
        stretching=recording.stretching[rows],
    )
