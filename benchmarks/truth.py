"""Reads rendered people of known angles, and caches what the pose model sees in them.

The folder has ``clips/`` (one ``.csv`` and ``.scene.json`` a clip), ``side/`` and ``front/`` (stills with one
``truth.json`` each); see the README there for what the numbers mean.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.geometry import compute_hip_trunk_flexion_deg
from rendered_poses import read_poses
from usage import has_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

# Our name -> the name in the truth files.
TRUTH_NAMES = {
    "ankle_dorsiflexion": "ankle_dorsiflexion",
    "knee_flexion": "knee_flexion",
    "hip_flexion": "hip_flexion",
    "hip_adduction": "hip_adduction",
    "hip_medial_rotation": "hip_rotation",
    "pelvic_tilt": "pelvic_tilt",
    "lumbar_flexion": "lumbar_flexion",
    "cervical_flexion": "cervical_flexion",
    "trunk_lean": "trunk_lean",
    "stance_ankle_dorsiflexion": "stance_ankle_dorsiflexion",
    "stance_knee_flexion": "stance_knee_flexion",
    "stance_hip_flexion": "stance_hip_flexion",
}
# Quiet standing at the start of every clip, seconds.
NEUTRAL_S = (0.3, 1.7)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One clip, or all stills of one person from one camera.

    Attributes
    ----------
    name, person : str
        ``kind`` is ``scripted``, ``free`` or ``still``.
    leg : str
        Raised leg, ``left`` or ``right``.
    azimuth_deg : float
        As in formcoach: +90 shows the left side.
    pose : Pose
        Leading shape (n,).
    time_s : ndarray, shape (n,)
        0 for stills.
    truth : dict of ndarray, shape (n,)
        Degrees, by our names.
    neutral, stretching : ndarray of bool, shape (n,)
        Quiet standing; leg on the bench.
    frame_size : tuple of int
        Width and height of the picture in pixels.
    """

    name: str
    person: str
    kind: str
    leg: str
    azimuth_deg: float
    pose: Pose
    time_s: NDArray[np.float64]
    truth: dict[str, NDArray[np.float64]]
    neutral: NDArray[np.bool_]
    stretching: NDArray[np.bool_]
    frame_size: tuple[int, int]

    def relative_truth(self, angle: str) -> NDArray[np.float64]:
        """Return the truth relative to the person's own quiet standing, shape (n,)."""
        return self.truth[angle] - np.median(self.truth[angle][self.neutral])


def read_clips(folder: Path, model: str, cache: Path) -> Iterator[Recording]:
    """Yield the clips with the poses that the model gives in video mode."""
    for path in sorted((folder / "clips").glob("*.mp4")):
        scene = json.loads(path.with_suffix(".scene.json").read_text(encoding="utf-8"))
        with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        pose = read_poses([path], model, cache / f"{path.stem}.{model}", video=True, count=len(rows))
        time_s = np.array([float(row["t"]) for row in rows])
        truth = {ours: np.array([float(row[name]) for row in rows]) for ours, name in TRUTH_NAMES.items()}
        truth["hip_trunk_flexion"] = _hip_trunk_flexion(
            scene["elevated"],
            lambda point, rows=rows: [[float(row[f"{point}_w{axis}"]) for axis in "yz"] for row in rows],
        )
        contact = [frame["t"] for frame in scene["keyframes"] if frame.get("contact")]
        sign = 1.0 if scene["elevated"] == "left" else -1.0
        yield Recording(
            name=path.stem,
            person=scene["person"],
            kind="free" if scene["fault"] == "free" else "scripted",
            leg=scene["elevated"],
            azimuth_deg=sign * scene["camera"]["azimuth"],
            pose=pose,
            time_s=time_s,
            truth=truth,
            neutral=(time_s > NEUTRAL_S[0]) & (time_s < NEUTRAL_S[1]),
            stretching=(time_s > min(contact) + 0.2) & (time_s < max(contact) - 0.2),
            frame_size=tuple(scene["camera"]["size"]),
        )


def read_stills(folder: Path, view: str, model: str, cache: Path) -> Iterator[Recording]:
    """Yield the stills of ``side`` or ``front``, one recording a person and camera."""
    rows = json.loads((folder / view / "truth.json").read_text(encoding="utf-8"))
    paths = [folder / view / row["image"] for row in rows]
    poses = read_poses(paths, model, cache / f"stills_{view}.{model}", video=False, count=len(rows))
    groups: dict[tuple[str, int], list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault((row["person"], row["cam"]), []).append(index)
    for (person, camera), indices in groups.items():
        some = [rows[index] for index in indices]
        sign = 1.0 if some[0]["elevated"] == "left" else -1.0
        truth = {ours: np.array([row["angles"][name] for row in some]) for ours, name in TRUTH_NAMES.items()}
        truth["hip_trunk_flexion"] = _hip_trunk_flexion(
            some[0]["elevated"], lambda point, some=some: [row["world"][point][1:] for row in some]
        )
        yield Recording(
            name=f"{person}_c{camera}",
            person=person,
            kind="still",
            leg=some[0]["elevated"],
            azimuth_deg=sign * some[0]["azimuth"],
            pose=poses[np.array(indices)],
            time_s=np.zeros(len(indices)),
            truth=truth,
            neutral=np.array([row["neutral"] for row in some]),
            stretching=np.array([not row["neutral"] and "standing" not in row.get("tags", ()) for row in some]),
            frame_size=tuple(some[0].get("size", (640, 480))),
        )


def read_all(folder: Path, model: str, cache: Path) -> list[Recording]:
    """Return all clips and stills that a folder has."""
    cache = cache / folder.name
    cache.mkdir(parents=True, exist_ok=True)
    views = [view for view in ("side", "front") if has_content(folder / view / "truth.json")]
    stills = [recording for view in views for recording in read_stills(folder, view, model, cache)]
    return [*read_clips(folder, model, cache), *stills]


def read_folders(folders: Sequence[Path], model: str, cache: Path) -> list[list[Recording]]:
    """Return the recordings of every folder; in the cache they are told apart by the folders' names.

    Raises
    ------
    SystemExit
        When two folders or two clips have the same name.
    """
    clips = [path.name for folder in folders for path in (folder / "clips").glob("*.mp4")]
    for names, what in (([folder.name for folder in folders], "folders"), (clips, "clips")):
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        if twice:
            raise SystemExit(f"Two {what} have the same name and would be mixed up, rename one: {', '.join(twice[:3])}")
    return [read_all(folder, model, cache) for folder in folders]


def _hip_trunk_flexion(leg: str, points: Callable[[str], list[list[float]]]) -> NDArray[np.float64]:
    """Return the thigh's angle to the hip-shoulder line from joint centres in the world (-y forward, z up)."""
    at = {
        name: np.array(points(name)) * [-1.0, 1.0]
        for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip", f"{leg}_knee")
    }
    trunk = at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"]
    hip = at[f"{leg}_hip"]
    return compute_hip_trunk_flexion_deg(hip + trunk, hip, at[f"{leg}_knee"])
