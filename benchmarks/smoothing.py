"""Prints what the cut-off frequency of the filter for recordings does to the errors of the angles.

    python benchmarks/smoothing.py FOLDER [FOLDER ...] --cache CACHE

Side clips of rendered people through the whole program with the calibration that ships, with baseline, filtered at each
frequency: only differences between the columns mean something where the calibration has seen the people.
"""

from __future__ import annotations

import argparse
from functools import partial
from itertools import chain
from pathlib import Path
from unittest import mock

import truth
from angle_tables import CLIP_WAYS, measure, select
from formcoach.angles import Angle, View
from formcoach.angles.calibration import load_calibration
from formcoach.angles.filters import smooth_zero_phase
from formcoach.coach import recording as reviewing
from formcoach.stretch import load_profile
from runs import Run, run_program
from tables import Table, show_number
from usage import PEOPLE

CUTOFFS_HZ = (3.0, 2.0, 1.5, 1.0, 0.7)
ANGLES = (
    Angle.KNEE_FLEXION,
    Angle.ANKLE_DORSIFLEXION,
    Angle.HIP_FLEXION,
    Angle.LUMBAR_FLEXION,
    Angle.CERVICAL_FLEXION,
    Angle.PELVIC_TILT,
)


def run_filtered(recordings: list[truth.Recording], model: str, cutoff_hz: float) -> list[Run]:
    """Run the program on recordings with another cut-off frequency."""
    calibration, profile = load_calibration(model), load_profile()
    with mock.patch.object(reviewing, "smooth_zero_phase", partial(smooth_zero_phase, cutoff_hz=cutoff_hz)):
        return [run for one in recordings for run in run_program(one, calibration, profile)]


def make_table(recordings: list[truth.Recording], model: str, kind: str) -> Table:
    """Return the mean absolute errors of one kind of side clips, one column a frequency."""
    columns = [select(run_filtered(recordings, model, one), View.SIDE, CLIP_WAYS[0], kind) for one in CUTOFFS_HZ]
    rows = [
        (angle.value, *(show_number(measure(angle, some).mean_absolute_deg, ".2f") for some in columns))
        for angle in ANGLES
    ]
    heads = tuple(f"{one:g} Hz" for one in CUTOFFS_HZ)
    return Table(f"Mean absolute error in degrees, {kind} side clips", ("angle", *heads), tuple(rows))


def main() -> None:
    """Print a table for scripted and one for free clips."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=PEOPLE, nargs="+")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument("--model", choices=("heavy", "full", "lite"), default="heavy")
    arguments = parser.parse_args()
    recordings = list(chain(*truth.read_folders(arguments.folders, arguments.model, arguments.cache)))
    for kind in ("scripted", "free"):
        some = [one for one in recordings if one.kind == kind]
        if some:
            print(make_table(some, arguments.model, kind).render() + "\n", flush=True)


if __name__ == "__main__":
    main()
