"""Recordings of figures made by trigonometry, as ``benchmarks/truth.py`` reads them of rendered people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from builders import FRAME_SIZE, Figure, make_figures, make_pose
from formcoach.angles import Angle
from formcoach.pose.landmarks import ANKLE, HIP, KNEE, Side
from formcoach.pose.pose import Pose
from truth import NEUTRAL_S, Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

# Somebody who stands as nobody else does: every angle that has a zero of its own is away from the average one.
OWN_STANDING = Figure(
    thigh=1.0, stance_thigh=-1.0, knee=4.0, ankle=2.0, lean=4.0, lumbar=-3.0, neck=5.0, across=-2.0, rotation=3.0
)
# What makes a good stretch of it.
GOOD_STRETCH = {"thigh": 60.0, "knee": 6.0, "ankle": -25.0, "lean": 12.0}


def on_top(standing: Figure, **movement: float) -> Figure:
    """Return a figure that is so many degrees away from somebody's standing."""
    return replace(standing, **{name: getattr(standing, name) + value for name, value in movement.items()})


def true_angles(figure: Figure) -> dict[str, float]:
    """Return all angles of a figure, absolute, as the files of rendered people have them."""
    pelvis = figure.lean - figure.lumbar
    return {
        Angle.ANKLE_DORSIFLEXION: figure.ankle,
        Angle.KNEE_FLEXION: figure.knee,
        Angle.HIP_FLEXION: figure.thigh + pelvis,
        Angle.HIP_TRUNK_FLEXION: figure.thigh + figure.lean,
        Angle.HIP_ADDUCTION: figure.across,
        Angle.HIP_MEDIAL_ROTATION: figure.rotation,
        Angle.PELVIC_TILT: pelvis,
        Angle.LUMBAR_FLEXION: figure.lumbar,
        Angle.CERVICAL_FLEXION: figure.neck + figure.head,
        Angle.TRUNK_LEAN: figure.lean,
        Angle.STANCE_ANKLE_DORSIFLEXION: figure.stance_ankle,
        Angle.STANCE_KNEE_FLEXION: figure.stance_knee,
        Angle.STANCE_HIP_FLEXION: figure.stance_thigh + pelvis,
    }


def draw_standing(rng: np.random.Generator, azimuth: float = 90.0) -> Figure:
    """Return how somebody stands: a few degrees away from the average person in everything."""
    trunk, legs = ("lean", "lumbar", "thoracic", "neck"), ("thigh", "ankle", "stance_thigh", "stance_ankle")
    knees = {name: float(rng.normal(3.0, 3.0)) for name in ("knee", "stance_knee")}
    others = {name: float(rng.normal(0.0, 3.0)) for name in (*trunk, *legs, "across", "rotation")}
    return Figure(azimuth=azimuth, **knees, **others)


def draw_stretch(rng: np.random.Generator, standing: Figure) -> Figure:
    """Return a stretch in which every angle is drawn by itself."""
    ranges = {
        "thigh": (40.0, 75.0),
        "knee": (-5.0, 30.0),
        "ankle": (-35.0, 15.0),
        "lean": (0.0, 30.0),
        "lumbar": (-5.0, 30.0),
        "thoracic": (-5.0, 20.0),
        "neck": (-10.0, 30.0),
        "across": (-15.0, 15.0),
        "rotation": (-20.0, 20.0),
    }
    return on_top(standing, **{name: float(rng.uniform(*limits)) for name, limits in ranges.items()})


def make_stills(person: str, standing: Figure, stretches: Sequence[Figure], camera: int = 0) -> Recording:
    """Return pictures of one person from one camera: standing first, then stretches."""
    figures = [standing, *stretches]
    neutral = np.arange(len(figures)) == 0
    return _recording(f"{person}_c{camera}", person, "still", figures, np.zeros(len(figures)), neutral, ~neutral)


def with_standing_upside_down(recording: Recording) -> Recording:
    """Return the recording as a pose model may see it that takes a head for feet while the person stands."""
    points = recording.pose.points.copy()
    points[recording.neutral, :, 1] = points[recording.neutral, :, 1].max() - points[recording.neutral, :, 1]
    return replace(recording, pose=replace(recording.pose, points=points))


def with_far_leg_misplaced(recording: Recording) -> Recording:
    """Return the recording as a pose model may see it that cannot see the far leg while the person stands."""
    side = Side.RIGHT if recording.azimuth_deg > 0 else Side.LEFT
    points, visibility = recording.pose.points.copy(), recording.pose.visibility.copy()
    hip, knee, ankle = (mark[side.row] for mark in (HIP, KNEE, ANKLE))
    for row in np.flatnonzero(recording.neutral):
        visibility[row, [knee, ankle]] = 0.1
        points[row, ankle] += 0.9 * (points[row, hip] - points[row, ankle])
    return replace(recording, pose=replace(recording.pose, points=points, visibility=visibility))


def make_recorded_clip(
    person: str, standing: Figure, *parts: tuple[Figure, float], kind: str = "scripted", fps: float = 15.0
) -> Recording:
    """Return a clip of somebody who stands for 2.5 s, holds stretches for so many seconds each, and stands again."""
    figures = make_figures((standing, 2.5), *parts, (standing, 1.5), fps=fps)
    time_s = np.arange(len(figures)) / fps
    thigh = np.array([figure.thigh for figure in figures])
    on_bench = thigh >= min(figure.thigh for figure, _ in parts)
    neutral = (time_s > NEUTRAL_S[0]) & (time_s < NEUTRAL_S[1])
    return _recording(f"{person}_{kind}", person, kind, figures, time_s, neutral, on_bench)


def with_jitter(recording: Recording, rng: np.random.Generator) -> Recording:
    """Return the recording as a pose model sees it that errs a little, by half a pixel and half a centimetre."""
    pose = recording.pose
    points, world = (
        (values + rng.normal(0.0, size, values.shape)).astype(np.float32)
        for values, size in ((pose.points, 0.5), (pose.world, 0.005))
    )
    return replace(recording, pose=replace(pose, points=points, world=world))


def _recording(
    name: str,
    person: str,
    kind: str,
    figures: Sequence[Figure],
    time_s: np.ndarray,
    neutral: np.ndarray,
    stretching: np.ndarray,
) -> Recording:
    angles = [true_angles(figure) for figure in figures]
    return Recording(
        name=name,
        person=person,
        kind=kind,
        leg=figures[0].raised.value,
        azimuth_deg=figures[0].azimuth,
        pose=Pose.stack([make_pose(figure) for figure in figures]),
        time_s=time_s,
        truth={angle.value: np.array([one[angle] for one in angles]) for angle in Angle},
        neutral=neutral,
        stretching=stretching,
        frame_size=FRAME_SIZE,
    )
