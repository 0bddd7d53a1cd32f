"""Clips as keyframes, and the postures in between."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from people.angles import ANGLE_NAMES, Angles
from people.arms import Arms
from people.movement import ABSOLUTE, FAULTS, arm_tags, draw_arms, draw_stance, on_top
from people.posing import raised_foot_place, solve_contact

if TYPE_CHECKING:
    from people.angles import Side
    from people.body import Body
    from people.rotations import Array

GOOD, FREE = "good", "free"
# Ranges of a free clip's angles: knee and ankle absolute, the others on top of the neutral, degrees.
FREE_RANGES = {
    "ankle_dorsiflexion": (-42.0, 22.0),
    "knee_flexion": (-8.0, 45.0),
    "pelvic_tilt": (-8.0, 35.0),
    "lumbar_flexion": (-8.0, 52.0),
    "thoracic_flexion": (-5.0, 30.0),
    "cervical_flexion": (-20.0, 45.0),
    "hip_rotation": (-25.0, 35.0),
    "hip_adduction": (-15.0, 22.0),
}
FREE_POSES = 7
# Frequencies of the natural sway, hertz.
SWAY_HZ = (0.23, 0.41, 0.67)


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """A posture at a time; ``contact`` is whether the raised foot lies on the bench."""

    time_s: float
    angles: Angles
    arms: Arms
    contact: bool


class Timeline:
    """The whole movement of one clip.

    Attributes
    ----------
    contact : ndarray, shape (3,)
        Where the foot touches the bench, world.
    """

    def __init__(self, body: Body, raised: Side, keyframes: list[Keyframe], sway_deg: float, seed: int) -> None:
        self._body, self._raised, self._sway_deg = body, raised, sway_deg
        first = next(keyframe for keyframe in keyframes if keyframe.contact)
        top = raised_foot_place(body, first.angles, raised)[2]
        self._top = float(top)
        self.keyframes = [
            replace(frame, angles=solve_contact(body, frame.angles, raised, self._top)) if frame.contact else frame
            for frame in keyframes
        ]
        self.contact: Array = raised_foot_place(body, first.angles, raised)
        self._phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (len(ANGLE_NAMES), len(SWAY_HZ)))
        self._times_s = [keyframe.time_s for keyframe in keyframes]

    @property
    def duration_s(self) -> float:
        """Time of the last keyframe."""
        return self._times_s[-1]

    def at(self, time_s: float) -> tuple[Angles, Arms]:
        """Return the posture at a time: eased from keyframe to keyframe, swaying, the foot kept on the bench."""
        index = min(max(bisect.bisect_right(self._times_s, time_s) - 1, 0), len(self.keyframes) - 2)
        start, end = self.keyframes[index], self.keyframes[index + 1]
        share = float(np.clip((time_s - start.time_s) / (end.time_s - start.time_s), 0.0, 1.0))
        share = share * share * (3.0 - 2.0 * share)
        angles = start.angles.mixed(end.angles, share)
        angles = angles.plus(**self._sway(time_s))
        if start.contact and end.contact:
            angles = solve_contact(self._body, angles, self._raised, self._top)
        return angles, start.arms.mixed(end.arms, share)

    def _sway(self, time_s: float) -> dict[str, float]:
        waves = np.sin(2.0 * np.pi * np.array(SWAY_HZ) * time_s + self._phases).mean(axis=1)
        return {
            name: self._sway_deg * float(wave)
            for name, wave in zip(ANGLE_NAMES, waves, strict=True)
            if not name.startswith("stance")
        }


def draw_keyframes(
    rng: np.random.Generator, neutral: Angles, fault: str, clearance_m: float
) -> tuple[list[Keyframe], list[str]]:
    """Return a random clip and its tags.

    Stand, leg up on the bench, lean, fault ramps in and out, leg down; or, for a free clip, every angle wanders.

    Parameters
    ----------
    rng : Generator
    neutral : Angles
        The person's own standing.
    fault : str
        ``good``, ``free``, or names of ``people.movement.FAULTS`` joined by ``+``.
    clearance_m : float
        Thickness of the clothes under the hands.
    """
    good = {"ankle_dorsiflexion": float(rng.uniform(-32.0, -15.0)), "knee_flexion": float(rng.uniform(6.0, 16.0))}
    up = on_top(neutral, **good, hip_flexion=float(rng.uniform(52.0, 70.0)))
    stance = draw_stance(rng, neutral)
    lean = {"pelvic_tilt": float(rng.uniform(8.0, 22.0)), "hip_flexion": 70.0}
    lean |= {name: float(rng.normal(0.0, 3.0)) for name in ("lumbar_flexion", "thoracic_flexion", "cervical_flexion")}
    hold = on_top(neutral, **good, **stance, **lean)
    lift = on_top(neutral, hip_flexion=72.0, knee_flexion=80.0, ankle_dorsiflexion=-10.0)
    if fault == FREE:
        return _free_clip(rng, neutral, up, lift, stance, clearance_m)
    bad = hold if fault == GOOD else _with_faults(rng, hold, neutral, fault.split("+"))
    waits = [
        rng.uniform(1.9, 2.6), 0.8, 0.7, rng.uniform(0.3, 0.8), rng.uniform(0.8, 1.4), rng.uniform(0.5, 1.5),
        rng.uniform(0.6, 1.2), rng.uniform(1.8, 2.6), 0.7, rng.uniform(0.5, 1.0), 0.7, 0.7, 0.4,
    ]  # fmt: skip
    times = np.cumsum([0.0, *waits]).round(2)
    postures = [neutral, neutral, lift, up, up, hold, hold, bad, bad, hold, up, lift, neutral, neutral]
    hang, hips = Arms.both("hang", clearance_m), Arms.both("hips", clearance_m)
    held = draw_arms(rng, clearance_m)
    arms = [hang, hang, hang, hips, hips, *[held] * 5, hips, hang, hang, hang]
    keyframes = [
        Keyframe(float(time), posture, hands, 3 <= index <= 10)
        for index, (time, posture, hands) in enumerate(zip(times, postures, arms, strict=True))
    ]
    return keyframes, arm_tags(held)


def _with_faults(rng: np.random.Generator, hold: Angles, neutral: Angles, faults: list[str]) -> Angles:
    changes = {}
    for fault in faults:
        angle, low, high = FAULTS[fault]
        own = 0.0 if angle in ABSOLUTE else getattr(neutral, angle)
        changes[angle] = own + float(rng.uniform(low, high))
    return replace(hold, **changes)


def _free_clip(
    rng: np.random.Generator, neutral: Angles, up: Angles, lift: Angles, stance: dict[str, float], clearance_m: float
) -> tuple[list[Keyframe], list[str]]:
    hang = Arms.both("hang", clearance_m)
    frames = [(0.0, neutral, hang), (2.0, neutral, hang), (2.8, lift, hang), (3.5, up, Arms.both("hips", clearance_m))]
    tags: list[str] = []
    for index in range(FREE_POSES):
        movement = {name: float(rng.uniform(*limits)) for name, limits in FREE_RANGES.items()}
        arms = draw_arms(rng, clearance_m)
        frames.append((round(4.6 + 1.3 * index, 2), on_top(neutral, **movement, **stance, hip_flexion=70.0), arms))
        tags += arm_tags(arms)
    frames += [(13.2, lift, hang), (13.9, neutral, hang), (14.3, neutral, hang)]
    last = 3 + FREE_POSES
    keyframes = [Keyframe(*frame, contact=3 <= index <= last) for index, frame in enumerate(frames)]
    return keyframes, list(dict.fromkeys(tags))
