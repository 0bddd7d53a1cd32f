"""Draws a pose as lines: who looks at it sees the position, and nobody's face or room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle
from formcoach.angles.estimate import MINIMUM_VISIBILITY
from formcoach.pose.landmarks import ANKLE, EAR, FOOT_INDEX, HEEL, HIP, KNEE, SHOULDER, Landmark, Side, limb_bones
from formcoach.pose.outline import back_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

# Units of the drawing: the longer side of what is seen of the person.
SIZE = 300.0
MARGIN = 34.0
# Radius of the head in trunk lengths, where it cannot be told from the face [D].
_HEAD_RADIUS = 0.13
_STANCE_ANGLES = (Angle.STANCE_ANKLE_DORSIFLEXION, Angle.STANCE_KNEE_FLEXION, Angle.STANCE_HIP_FLEXION)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the drawing: which part, and its points as SVG writes them."""

    part: str
    points: str


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A drawing of one pose.

    Attributes
    ----------
    width, height : float
        Of the drawing, in its own units.
    lines : tuple of Line
        Parts: ``limb``, ``trunk``, ``raised``, ``back``, ``floor``; those drawn later lie on top.
    head : tuple of float, or None
        Centre and radius.
    spot : tuple of float, or None
        Where the angle is measured.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    head: tuple[float, float, float] | None
    spot: tuple[float, float] | None


def draw_skeleton(pose: Pose, leg: Side | None, angle: Angle, facing: float) -> Skeleton | None:
    """Draw a pose.

    Parameters
    ----------
    pose
        Of one frame.
    leg
        The raised leg.
    angle
        What is to be pointed at.
    facing
        +1 towards the right edge of the picture, -1 towards the left one, NaN unknown.

    Returns
    -------
    Skeleton or None
        Without landmarks that were guessed rather than seen; None where hardly anything was seen.
    """
    points = pose.points.astype(np.float64)
    points[~(pose.visibility >= MINIMUM_VISIBILITY)] = np.nan
    back = back_line(pose, faces_right=not facing < 0.0) if angle is Angle.LUMBAR_FLEXION else np.empty((0, 2))
    lines = _limbs(points, leg)
    head = _head(points)
    drawn = [line for _, line in lines] + [back[np.isfinite(back).all(axis=1)]]
    if head is not None:
        drawn.append(np.array([[head[0] - head[2], head[1] - head[2]], [head[0] + head[2], head[1] + head[2]]]))
    seen = np.concatenate(drawn)
    if len(lines) < 3:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = SIZE / max(float((high - low).max()), 1e-6)

    def place(where: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((where - low) * scale + MARGIN)

    width, height = ((high - low) * scale + 2.0 * MARGIN).tolist()
    floor = np.array([[0.0, height - MARGIN + 4.0], [width, height - MARGIN + 4.0]])
    parts = [Line("floor", _written(floor)), *(Line(part, _written(place(line))) for part, line in lines)]
    parts += [Line("back", _written(place(piece))) for piece in _pieces(back)]
    spot = _spot(points, back, angle, leg)
    return Skeleton(
        width=width,
        height=height,
        lines=tuple(parts),
        head=None if head is None else (*place(np.array(head[:2])).tolist(), head[2] * scale),
        spot=None if spot is None else (float(place(spot)[0]), float(place(spot)[1])),
    )


def _limbs(points: NDArray[np.float64], leg: Side | None) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the lines whose ends were seen, in pixels; the raised leg last."""
    lines: list[tuple[str, NDArray[np.float64]]] = []
    for first, second in (SHOULDER, HIP):
        lines.append(("trunk", points[[first, second]]))
    for side in sorted(Side, key=lambda side: side is leg):
        leg_marks = {pair[side.row] for pair in (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX)}
        for start, end in limb_bones(side):
            raised = side is leg and start in leg_marks
            trunk = {start, end} == {SHOULDER[side.row], HIP[side.row]}
            lines.append(("raised" if raised else "trunk" if trunk else "limb", points[[start, end]]))
    shoulders, ears = points[list(SHOULDER)], points[list(EAR)]
    if np.isfinite(shoulders).any(axis=0).all() and np.isfinite(ears).any(axis=0).all():
        neck = np.stack([np.nanmean(shoulders, axis=0), np.nanmean(ears, axis=0)])
        lines.append(("trunk", neck))
    return [(part, line) for part, line in lines if np.isfinite(line).all()]


def _head(points: NDArray[np.float64]) -> tuple[float, float, float] | None:
    face = points[[Landmark.NOSE, *EAR]]
    known = face[np.isfinite(face).all(axis=1)]
    if not len(known):
        return None
    centre = known.mean(axis=0)
    trunk = np.nanmean(points[list(SHOULDER)], axis=0) - np.nanmean(points[list(HIP)], axis=0) if _has(points) else None
    if trunk is None:
        return None
    return float(centre[0]), float(centre[1]), _HEAD_RADIUS * float(np.linalg.norm(trunk))


def _has(points: NDArray[np.float64]) -> bool:
    return all(bool(np.isfinite(points[list(pair)]).all(axis=1).any()) for pair in (SHOULDER, HIP))


def _spot(
    points: NDArray[np.float64], back: NDArray[np.float64], angle: Angle, leg: Side | None
) -> NDArray[np.float64] | None:
    """Return where an angle is measured, in pixels; None where that was not seen."""
    side = leg if leg is None or angle not in _STANCE_ANGLES else leg.other
    rows = [side.row] if side is not None else [0, 1]
    if angle is Angle.LUMBAR_FLEXION:
        known = back[np.isfinite(back).all(axis=1)]
        if len(known):
            return np.asarray(known[len(known) // 3])
    pair = {
        Angle.ANKLE_DORSIFLEXION: ANKLE,
        Angle.STANCE_ANKLE_DORSIFLEXION: ANKLE,
        Angle.KNEE_FLEXION: KNEE,
        Angle.STANCE_KNEE_FLEXION: KNEE,
        Angle.HIP_ADDUCTION: KNEE,
        Angle.HIP_MEDIAL_ROTATION: FOOT_INDEX,
        Angle.CERVICAL_FLEXION: EAR,
        Angle.TRUNK_LEAN: SHOULDER,
    }.get(angle, HIP)
    if pair is EAR or pair is SHOULDER or angle in (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION):
        rows = [0, 1]
    marks = points[[pair[row] for row in rows]]
    known = marks[np.isfinite(marks).all(axis=1)]
    return np.asarray(known.mean(axis=0)) if len(known) else None


def _pieces(line: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    known = np.flatnonzero(np.isfinite(line).all(axis=1))
    pieces = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [line[piece] for piece in pieces if piece.size > 1]


def _written(points: NDArray[np.float64]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
