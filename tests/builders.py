"""Poses made by trigonometry, so that every angle is known, and readings made by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from formcoach.angles import Angle, Readings, Status
from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.pose import N_OUTLINE, Pose

FRAME_SIZE = (640, 480)
TRUNK, THIGH, SHANK, FOOT, HALF_HIPS, HALF_SHOULDERS = 0.5, 0.42, 0.42, 0.2, 0.1, 0.18
ANKLE_TO_HEEL = 0.05


@dataclass(frozen=True)
class Figure:
    """A person of sticks. Angles in degrees, as in docs/angles.md; `thigh` is swung forward from hanging.

    `lumbar` is part of the lean that comes from a rounded back; only the networks see it, landmarks cannot. The same
    goes for `thoracic`, the rounding above it, and for `rotation`, by which the raised thigh is turned inwards.
    """

    azimuth: float = 90.0
    raised: Side = Side.LEFT
    thigh: float = 0.0
    knee: float = 0.0
    ankle: float = 0.0
    stance_thigh: float = 0.0
    stance_knee: float = 0.0
    stance_ankle: float = 0.0
    lean: float = 0.0
    lumbar: float = 0.0
    thoracic: float = 0.0
    neck: float = 0.0
    head: float = 0.0
    across: float = 0.0
    rotation: float = 0.0
    scale: float = 180.0
    centre: tuple[float, float] = (320.0, 240.0)


STANDING = Figure()
STRETCHING = Figure(thigh=60.0, knee=10.0, ankle=-25.0, lean=15.0)


def make_pose(figure: Figure = STANDING, *, back: float = 0.24, front: float = 0.36) -> Pose:
    """Return the pose of a figure, seen by a camera without perspective."""
    metres = _body(figure)
    azimuth = np.radians(figure.azimuth)
    forward, up, left = metres[:, 0], metres[:, 1], metres[:, 2]
    world = np.stack(
        [
            -np.sin(azimuth) * forward + np.cos(azimuth) * left,
            -up,
            -np.cos(azimuth) * forward - np.sin(azimuth) * left,
        ],
        axis=1,
    )
    points = np.array(figure.centre) + figure.scale * world[:, :2]
    outline = np.empty((2, N_OUTLINE))
    faces_right = figure.azimuth < 0
    outline[0], outline[1] = (back, front) if faces_right else (front, back)
    seen = np.ones(len(Landmark))
    trunk, legs = _seen_by_networks(figure)
    return Pose(*(one.astype(np.float32) for one in (points, world, seen, seen, outline, trunk, legs)))


def _seen_by_networks(figure: Figure, sigma: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """What networks without error would say of the figure."""
    raised = [figure.knee, figure.ankle, figure.across, figure.rotation]
    stance = [figure.stance_knee, figure.stance_ankle, 0.0, 0.0]
    pelvis = figure.lean - figure.lumbar
    trunk = [pelvis, figure.lumbar, figure.thoracic, figure.neck + figure.head, figure.lean, figure.thigh + pelvis]
    legs = [raised, stance] if figure.raised is Side.LEFT else [stance, raised]
    return (
        np.stack([trunk, np.full(len(trunk), sigma)]),
        np.stack([np.array(legs), np.full((2, 4), sigma)], axis=1),
    )


def make_figures(*parts: tuple[Figure, float], fps: float = 15.0) -> list[Figure]:
    """Return a figure a frame: each is held for so many seconds, with a half-second glide between."""
    figures: list[Figure] = []
    before = None
    for figure, seconds in parts:
        if before is not None:
            figures += [_between(before, figure, share) for share in np.linspace(0, 1, round(fps / 2) + 1)[1:-1]]
        figures += [figure] * round(seconds * fps)
        before = figure
    return figures


def make_clip(*parts: tuple[Figure, float], fps: float = 15.0) -> tuple[np.ndarray, Pose]:
    """Return times and poses of figures as `make_figures` gives them."""
    figures = make_figures(*parts, fps=fps)
    return np.arange(len(figures)) / fps, Pose.stack([make_pose(figure) for figure in figures])


def make_readings(sigma: float = 4.0, status: Status = Status.OK, **values: float) -> Readings:
    """Return readings of one frame: the named angles with their values, all others 0; NaN makes one unknown."""
    readings = Readings.unknown(status=Status.LOW_VISIBILITY)
    for angle in Angle:
        value = values.pop(angle.value, 0.0)
        if np.isfinite(value):
            readings.value_deg[angle.column] = value
            readings.sigma_deg[angle.column] = sigma
            readings.status[angle.column] = status
    assert not values, f"no such angle: {values}"
    return readings


GOOD = {"ankle_dorsiflexion": -25.0, "knee_flexion": 12.0, "hip_flexion": 70.0, "pelvic_tilt": 12.0, "trunk_lean": 25.0}


def _body(figure: Figure) -> np.ndarray:
    """Return all landmarks as (forward, up, left) in metres around the middle of the hips."""
    body = np.zeros((len(Landmark), 3))

    def place(mark: Landmark, forward: float, up: float, left: float) -> None:
        body[mark] = forward, up, left

    def turned(degrees: float, size: float) -> np.ndarray:
        return size * np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])

    shoulders = turned(figure.lean, TRUNK)
    head = shoulders + turned(figure.lean + figure.neck, 0.2)
    for name, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        side = Side(name.lower())
        own = side is figure.raised
        thigh, knee, ankle = (
            (figure.thigh, figure.knee, figure.ankle)
            if own
            else (figure.stance_thigh, figure.stance_knee, figure.stance_ankle)
        )
        hip_left = sign * HALF_HIPS
        inward = -sign * np.sin(np.radians(figure.across)) if own else 0.0
        narrow = np.cos(np.radians(figure.across)) if own else 1.0
        down = np.radians(thigh)
        at_knee = narrow * THIGH * np.array([np.sin(down), -np.cos(down)])
        shank = np.radians(thigh - knee)
        at_ankle = at_knee + narrow * SHANK * np.array([np.sin(shank), -np.cos(shank)])
        sole = np.radians(thigh - knee + ankle)
        along = np.array([np.cos(sole), np.sin(sole)])
        heel = at_ankle - ANKLE_TO_HEEL * along + 0.06 * np.array([np.sin(sole), -np.cos(sole)])
        toe = heel + FOOT * along
        place(Landmark[f"{name}_HIP"], 0.0, 0.0, hip_left)
        place(Landmark[f"{name}_KNEE"], *at_knee, hip_left + inward * THIGH)
        for mark, at in (("ANKLE", at_ankle), ("HEEL", heel), ("FOOT_INDEX", toe)):
            place(Landmark[f"{name}_{mark}"], *at, hip_left + inward * (THIGH + SHANK))
        place(Landmark[f"{name}_SHOULDER"], *shoulders, sign * HALF_SHOULDERS)
        for mark, down_the_arm in (("ELBOW", 0.28), ("WRIST", 0.52), ("PINKY", 0.6), ("INDEX", 0.6), ("THUMB", 0.58)):
            place(Landmark[f"{name}_{mark}"], shoulders[0] + 0.12, shoulders[1] - down_the_arm, sign * HALF_SHOULDERS)
        place(Landmark[f"{name}_EAR"], *head, sign * 0.07)
        pitch = np.radians(figure.lean + figure.neck + figure.head)
        ahead, above = np.array([np.cos(pitch), -np.sin(pitch)]), np.array([np.sin(pitch), np.cos(pitch)])
        for mark in ("EYE", "EYE_INNER", "EYE_OUTER"):
            place(Landmark[f"{name}_{mark}"], *(head + 0.09 * ahead + 0.03 * above), sign * 0.03)
        place(Landmark[f"MOUTH_{name}"], *(head + 0.09 * ahead - 0.05 * above), sign * 0.02)
        place(Landmark.NOSE, *(head + 0.12 * ahead), 0.0)
    return body


def _between(first: Figure, second: Figure, share: float) -> Figure:
    angles = (
        "thigh",
        "knee",
        "ankle",
        "stance_thigh",
        "stance_knee",
        "stance_ankle",
        "lean",
        "lumbar",
        "thoracic",
        "neck",
        "head",
        "across",
        "rotation",
    )
    mixed = {name: (1 - share) * getattr(first, name) + share * getattr(second, name) for name in angles}
    return replace(second, **mixed)
