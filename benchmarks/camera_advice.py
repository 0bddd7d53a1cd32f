"""Prints how well everything that matters is seen from where the camera stands, on rendered people.

    python benchmarks/render_people.py sweep SWEEP
    python benchmarks/camera_advice.py SWEEP --cache FOLDER [--model heavy]

The same people in the same postures, from many azimuths and heights at one distance and from several distances at the
side, each against their own standing from the same place, where the program takes a baseline of it. For every place:
mean absolute error and share of readings with a value of each angle that a flag uses, and two scores: the mean over
the angles of what is *not* told, where a reading without a value counts 1, one that errs by 10° or more (about the
way from warn to strong) counts 1 too, and a right one 0. The first score is that of the angles whose flags are judged
from the side, the second that of all.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import truth
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from runs import run_program
from tables import Table, show_number, show_share
from usage import STILLS

JUDGED_FROM_THE_SIDE = (
    Angle.ANKLE_DORSIFLEXION,
    Angle.KNEE_FLEXION,
    Angle.PELVIC_TILT,
    Angle.LUMBAR_FLEXION,
    Angle.CERVICAL_FLEXION,
)
MATTERING = (*JUDGED_FROM_THE_SIDE, Angle.HIP_ADDUCTION, Angle.HIP_MEDIAL_ROTATION)
# An error of this size makes a reading worthless for its flag, degrees: about the way from warn to strong.
MARGIN_DEG = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera stands: azimuth in degrees (90 the side of the raised leg), height and distance in metres."""

    azimuth_deg: int
    height_m: float
    distance_m: float


def read_places(folder: Path) -> dict[str, Place]:
    """Return the place of every recording of a sweep, by the recording's name."""
    rows = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {
        f"{row['person']}_c{row['cam']}": Place(
            round(row["azimuth"]), round(row["camera_height"], 2), round(row["camera_distance"], 2)
        )
        for row in rows
    }


def measure(folder: Path, variant: str, cache: Path) -> dict[Place, dict[Angle, tuple[np.ndarray, np.ndarray]]]:
    """Return measured and true angles of the stretches, by place and angle; NaN where nothing was measured."""
    places, calibration, profile = read_places(folder), load_calibration(variant), load_profile()
    found: dict[Place, dict[Angle, list[tuple[np.ndarray, np.ndarray]]]] = {}
    for recording in truth.read_stills(folder.parent, folder.name, variant, cache):
        *_, beside = run_program(recording, calibration, profile)  # without baseline where the program takes none
        rows = recording.stretching
        for angle in MATTERING:
            pair = (beside.readings.value_deg[rows, angle.column], beside.true_deg[rows, angle.column])
            found.setdefault(places[recording.name], {}).setdefault(angle, []).append(pair)
    return {
        place: {
            angle: tuple(np.concatenate(part) for part in zip(*pairs, strict=True)) for angle, pairs in angles.items()
        }
        for place, angles in found.items()
    }


def score(measured: np.ndarray, true: np.ndarray) -> float:
    """Return how much of an angle is not told, 0 to 1."""
    error = np.abs(measured - true)
    return float(np.where(np.isfinite(error), np.minimum(error / MARGIN_DEG, 1.0), 1.0).mean())


def make_table(found: dict[Place, dict[Angle, tuple[np.ndarray, np.ndarray]]]) -> Table:
    """Return one line a place, the best first."""
    lines = []
    for place, angles in found.items():
        cells = []
        for measured, true in angles.values():
            known = np.isfinite(measured)
            size = np.abs(measured - true)[known].mean() if known.any() else np.nan
            cells.append(f"{show_number(size)} {show_share(known.mean())}")
        missed = {angle: score(*pair) for angle, pair in angles.items()}
        side = float(np.mean([missed[angle] for angle in JUDGED_FROM_THE_SIDE]))
        both = (f"{side:.2f}", f"{np.mean(list(missed.values())):.2f}")
        lines.append((side, (str(place.azimuth_deg), str(place.height_m), str(place.distance_m), *cells, *both)))
    names = tuple(angle.value for angle in MATTERING)
    return Table(
        "Camera: mean absolute error in degrees and share of readings with a value, by place; not told: 0 best",
        ("azimuth", "height", "distance", *names, "side flags", "all"),
        tuple(cells for _, cells in sorted(lines)),
        words=0,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweep", type=STILLS, help="folder of the rendered set 'sweep'")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument("--model", choices=("heavy", "full", "lite"), default="heavy")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    print(make_table(measure(arguments.sweep.resolve(), arguments.model, arguments.cache)).render())


if __name__ == "__main__":
    main()
