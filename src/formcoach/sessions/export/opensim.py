"""A session as OpenSim's marker file (``.trc``) and motion file (``.mot``).

Markers are the 33 landmarks in metres, each called as MediaPipe calls it, around the middle of the hips: a single
camera does not tell how the person moves through the room. MediaPipe's axes (x to the right of the picture, y down, z
away from the camera) become OpenSim's: Y up, Z to the person's right, X to where they face while the leg that was up
longest is up (the right edge of the picture where that is not known). Who turns round in a session faces -X then.
Depth is the least certain: it is lifted from one picture.

What was not seen is ``NaN``. Left and right are as the pose model gave them.

Angles are ours, in degrees with the zeros and signs of docs/angles.md, each with ``_l`` or ``_r`` for its side; those
of the trunk stand for themselves. They are not called as coordinates of OpenSim's models, which have other zeros and
signs (our pelvic tilt is positive forwards and 0 in the person's own standing, OpenSim's ``pelvis_tilt`` negative
forwards and 0 upright). Each leg has a file of its own. OpenSim's ``Storage``, which its window reads with, stops
without a word at the first ``NaN`` of a ``.mot`` (its ``TimeSeriesTable`` does not), so there is none: the angles that
are known in most of the held frames are in the file, and of the frames those in which all of these are known.

Frames have the times at which they were taken; the data rate is the median one. ``benchmarks/check_opensim.py`` loads
the files with OpenSim (done with 4.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import Angle
from formcoach.pose.landmarks import Landmark, Side
from formcoach.sessions.measured import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose
    from formcoach.sessions.measured import Measured

MARKERS = tuple(landmark.name.lower() for landmark in Landmark)
# An angle that is known in less of the held frames is not in a .mot [D].
KNOWN_SHARE = 0.8
_STANCE = "stance_"
_OF_THE_TRUNK = (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN)
_ENDINGS = {Side.LEFT: "_l", Side.RIGHT: "_r"}


def make_trc(name: str, time_s: NDArray[np.float64], poses: Pose, facing: str) -> bytes:
    """Return a ``.trc`` file of the landmarks, in metres.

    Parameters
    ----------
    name
        Of the file.
    time_s
        Seconds, shape (n,).
    poses
        Leading shape (n,).
    facing
        ``left``, ``right`` or ``unknown``: the edge of the picture that the person faces.
    """
    markers = to_opensim_axes(poses.world, facing)
    rate, count = _rate(time_s), len(time_s)
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{count}\t{len(MARKERS)}\tm\t{rate}\t1\t{count}",
        "\t".join(["Frame#", "Time", *(cell for marker in MARKERS for cell in (marker, "", ""))]),
        "\t".join(["", "", *(f"{axis}{number}" for number in range(1, len(MARKERS) + 1) for axis in "XYZ")]),
        "",
    ]
    for number, (at_s, row) in enumerate(zip(time_s.tolist(), markers.reshape(count, -1).tolist(), strict=True), 1):
        lines.append("\t".join([str(number), f"{at_s:.6f}", *_cells(row, 6)]))
    return ("\n".join(lines) + "\n").encode()


def to_opensim_axes(world: NDArray[np.float32], facing: str) -> NDArray[np.float64]:
    """Turn MediaPipe's axes into OpenSim's.

    Parameters
    ----------
    world
        Metres, shape (..., 3): x to the right of the picture, y down, z away from the camera.
    facing
        ``left``, ``right`` or ``unknown``, which counts as right.

    Returns
    -------
    ndarray, shape (..., 3)
        Metres: X to where the person faces, Y up, Z to their right.
    """
    forward = -1.0 if facing == "left" else 1.0
    return np.asarray(world.astype(np.float64) * np.array([forward, -1.0, -forward]))


def make_mot(name: str, measured: Measured, leg: Side) -> bytes | None:
    """Return a ``.mot`` file of the angles while one leg was the one to be stretched, in degrees.

    Parameters
    ----------
    name
        Of the motion.
    measured
        Frame by frame.
    leg
        The leg.

    Returns
    -------
    bytes or None
        None where hardly anything was measured of that leg.
    """
    columns = _columns(measured, leg)
    rows = measured.leg == SIDES.index(leg)
    held = rows & measured.series.judged
    asked = held if held.any() else rows
    known = {name: np.isfinite(values) for name, values in columns.items()}
    kept = [name for name in columns if asked.any() and known[name][asked].mean() >= KNOWN_SHARE]
    for one in kept:
        rows = rows & known[one]
    if not kept or not rows.any():
        return None
    lines = [
        name,
        "version=1",
        f"nRows={int(rows.sum())}",
        f"nColumns={len(kept) + 1}",
        "inDegrees=yes",
        "",
        "endheader",
        "\t".join(["time", *kept]),
    ]
    table = np.column_stack([columns[one][rows] for one in kept])
    for at_s, row in zip(measured.series.time_s[rows].tolist(), table.tolist(), strict=True):
        lines.append("\t".join([f"{at_s:.6f}", *_cells(row, 3)]))
    return ("\n".join(lines) + "\n").encode()


def _columns(measured: Measured, leg: Side) -> dict[str, NDArray[np.float64]]:
    values = measured.series.readings.value_deg
    columns = {}
    for angle in Angle:
        if angle in _OF_THE_TRUNK:
            name: str = angle
        elif angle.startswith(_STANCE):
            name = f"{angle.removeprefix(_STANCE)}{_ENDINGS[leg.other]}"
        else:
            name = f"{angle}{_ENDINGS[leg]}"
        columns[str(name)] = values[:, angle.column]
    return columns


def _rate(time_s: NDArray[np.float64]) -> str:
    """Return frames a second; the time stamps of cameras vary."""
    return f"{1.0 / float(np.median(np.diff(time_s))):.6g}" if len(time_s) > 1 else "1"


def _cells(row: Iterable[float], digits: int) -> list[str]:
    return ["NaN" if value != value else f"{value:.{digits}f}" for value in row]
