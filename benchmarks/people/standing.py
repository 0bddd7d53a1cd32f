"""Standing on both feet, balanced: what a person's neutral posture looks like and how the legs follow from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.posing import Pose, pose_body, raised_thigh
from people.rotations import rotation

if TYPE_CHECKING:
    from people.body import Body

# Standard deviations between people, degrees (sway and lean in a second standing picture are a part of them).
SPREAD = {
    "pelvic_tilt": 5.0,
    "lumbar_flexion": 8.0,
    "thoracic_flexion": 6.0,
    "cervical_flexion": 7.0,
    "hip_rotation": 6.0,
    "hip_adduction": 2.0,
    "stance_knee_flexion": 3.0,
    "stance_rotation": 5.0,
}
HEAD_FORWARD = (5.0, 6.0)
# Of pelvic tilt, lumbar, thoracic and cervical flexion: who tilts the pelvis forward has a hollower back, who rounds
# the thorax hollows the back and lifts the chin. Without it people would lean by 10 degrees and more.
CORRELATION = np.array(
    [[1.0, -0.40, -0.10, -0.10], [-0.40, 1.0, -0.45, -0.10], [-0.10, -0.45, 1.0, -0.40], [-0.10, -0.10, -0.40, 1.0]]
)
# None of these is more than this many standard deviations from the average.
SPREAD_LIMIT = 2.6
# The weight lies this far from the average person's place over the feet, metres (one standard deviation).
BALANCE_SPREAD_M = 0.012
BALANCE_STEPS = 6
# Share of the body's mass, bone that carries it, and rest joints between which its centre lies.
MASSES = (
    (0.08, "head", "head", "head"),
    (0.32, "spine01", "spine01", "neck01"),
    (0.14, "spine03", "spine03", "spine02"),
    (0.13, "root", "root", "spine04"),
    (0.11, "upperleg02.L", "hipL", "kneeL"),
    (0.11, "upperleg02.R", "hipR", "kneeR"),
    (0.055, "lowerleg01.L", "kneeL", "ankleL"),
    (0.055, "lowerleg01.R", "kneeR", "ankleR"),
)


def draw_neutral(rng: np.random.Generator, body: Body, raised: Side) -> Angles:
    """Return how this person stands, seen as one whose ``raised`` leg will go up."""
    draws = rng.normal(size=len(SPREAD))
    draws[: len(CORRELATION)] = np.linalg.cholesky(CORRELATION) @ draws[: len(CORRELATION)]
    draws = np.clip(draws, -SPREAD_LIMIT, SPREAD_LIMIT)
    posture = Angles(**{name: spread * float(draw) for (name, spread), draw in zip(SPREAD.items(), draws, strict=True)})
    forward = max(0.0, HEAD_FORWARD[0] + HEAD_FORWARD[1] * float(rng.normal()))
    return stand(body, replace(posture, head_forward=forward), raised, BALANCE_SPREAD_M * float(rng.normal()))


def for_other_leg(body: Body, neutral: Angles, raised: Side, rng: np.random.Generator) -> Angles:
    """Return the same person's neutral standing with the other leg, ``raised``, taken as the raised one."""
    lean_m = _weight_place(body, neutral, raised.other) - _weight_place(body, Angles(), raised.other)
    swapped = replace(
        neutral,
        hip_rotation=neutral.stance_rotation,
        stance_rotation=neutral.hip_rotation,
        hip_adduction=SPREAD["hip_adduction"] * float(rng.normal()),
    )
    return stand(body, swapped, raised, lean_m)


def stand(body: Body, posture: Angles, raised: Side, lean_m: float = 0.0) -> Angles:
    """Put both feet flat on the floor, knees alike, so that the weight is over them.

    Parameters
    ----------
    body : Body
    posture : Angles
        Spine, pelvis, rotations, adduction and ``stance_knee_flexion`` are kept; the rest of the legs follows.
    raised : Side
    lean_m : float, optional
        How far the weight is behind its place in the zero posture, metres.
    """
    goal = _weight_place(body, Angles(), raised) + lean_m
    low, high = -12.0, 14.0
    angles = posture
    for _ in range(3 * BALANCE_STEPS):
        # Dorsiflexion moves everything forward, to smaller y.
        middle = (low + high) / 2.0
        angles = _with_feet_flat(posture, raised, middle)
        low, high = (middle, high) if _weight_place(body, angles, raised) > goal else (low, middle)
    return angles


def _with_feet_flat(posture: Angles, raised: Side, dorsiflexion: float) -> Angles:
    """Return the legs of a standing person whose standing ankle is bent so far."""
    knee = posture.stance_knee_flexion
    angles = replace(
        posture,
        stance_ankle_dorsiflexion=dorsiflexion,
        knee_flexion=knee,
        hip_flexion=posture.pelvic_tilt + knee - dorsiflexion,
    )
    shank = raised_thigh(angles, raised) @ rotation("x", knee)
    # The vertical in the shank's frame says how the foot must lie on it for a level sole.
    up = shank.T @ np.array([0.0, 0.0, 1.0])
    ankle = float(np.degrees(np.arctan2(up[1], up[2])))
    return replace(angles, ankle_dorsiflexion=ankle, foot_inversion=raised.sign * float(np.degrees(np.arcsin(up[0]))))


def _weight_place(body: Body, angles: Angles, raised: Side) -> float:
    """Return where the weight is, metres along y (backwards)."""
    pose: Pose = pose_body(body, angles, raised)
    return sum(
        share * pose.point(bone, (body.joints[start] + body.joints[end]) / 2.0)[1] for share, bone, start, end in MASSES
    )
