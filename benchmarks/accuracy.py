"""Prints how far the program's angles are from the truth, and which flags it raises, on people it was not fitted on.

    python benchmarks/accuracy.py [FITTED_FOLDER...] --cache FOLDER [--strangers FOLDER...]
        [--calibration FILE] [--model heavy|full|lite|all] [--sports2d COMMAND] [--photographs FOLDER] [--plots FOLDER]
        [--markdown]

Every rendered person goes through the whole program (leg, facing, view, baseline, causal and zero-phase path; stills as
photos). Strangers are in no fit and are measured with the calibration that ships, or with another one. The fitted
folders are all those that ``fit_calibration.py`` saw: each person in them is measured with a calibration, uncertainties
too, from which that person was left out. Every folder has ``clips``, ``side``, ``front`` or some of these; the same
name is the same person everywhere. The cache keeps what the pose model saw.

Tables: angles by view, kind of recording and way through the program (people weigh alike), the azimuth, the flags, and
for every clip what was wrong in truth against what was flagged; Sports2D on the same frames (see ``sports2d.py``); the
labelled photographs of real people (see ``photographs.py``).
"""

from __future__ import annotations

import argparse
import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import sports2d
import truth
from angle_tables import (
    CLIP_WAYS,
    KINDS,
    VIEWS,
    make_angle_tables,
    make_azimuth_table,
    make_model_table,
    make_summary,
    select,
)
from flag_tables import EXPLANATION, make_clip_listing, make_flag_tables
from formcoach.angles import View
from formcoach.angles.calibration import load_calibration, read_calibration
from formcoach.angles.view import classify_view
from formcoach.stretch import load_profile
from held_out import HeldOut
from photographs import make_tables, score_photographs
from plots import write_plots
from runs import Run, run_program
from usage import PEOPLE, folder_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.angles.calibration import Calibration
    from tables import Table

PROFILE = load_profile()
MODELS = ("heavy", "full", "lite")
LEGEND = """\
Angles in degrees while stretching; people weigh alike. checked: share of readings with a value. 95 % limits of
agreement: bias ± 1.96 SD. r, slope: of measured on true; – where the truth hardly varies. sigma: mean stated
uncertainty. 1 s, 2 s: share of errors within one and two of it; * where that is not 60 to 76 % and 90 to 98 %."""


def run_everybody(
    fitted: list[truth.Recording], strangers: list[truth.Recording], model: str, calibration: Calibration | None = None
) -> list[Run]:
    """Run the program on everybody, with calibrations that have not seen them; strangers by default with ours."""
    people = sorted({one.person for one in fitted})
    held_out = HeldOut(fitted, model) if people else None
    calibrations = {person: held_out.without(person) for person in people}
    shipped = load_calibration(model) if calibration is None else calibration
    return [
        run
        for recording in (*fitted, *strangers)
        for run in run_program(recording, calibrations.get(recording.person, shipped), PROFILE)
    ]


def report_folders(runs: Sequence[Run], names: dict[str, set[str]], *, markdown: bool) -> None:
    """Print the errors side-on of each folder for itself: some people are easier than others."""
    for folder, recordings in names.items():
        some = [run for run in runs if run.recording.name in recordings]
        _print(make_summary(some, View.SIDE, f"{folder}, "), markdown=markdown)


def report(runs: Sequence[Run], model: str, *, markdown: bool) -> None:
    """Print the tables of one pose model."""
    people = {run.recording.person for run in runs}
    _heading(f"Pose model {model}: {len(people)} people, none of them in the fit that measures them", markdown=markdown)
    elsewhere = {run.recording.name for run in runs if classify_view(run.recording.azimuth_deg) not in VIEWS}
    if elsewhere:
        print(f"In no table, since nothing is judged from behind: {', '.join(sorted(elsewhere))}\n")
    for view in VIEWS:
        _print(make_summary(runs, view), markdown=markdown)
    print(LEGEND + "\n")
    for table in (*make_angle_tables(runs), make_azimuth_table(runs)):
        _print(table, markdown=markdown)
    print(EXPLANATION + "\n")
    for table in make_flag_tables(runs, PROFILE):
        _print(table, markdown=markdown)
    listing = make_clip_listing(runs, PROFILE)
    print(f"```\n{listing}\n```\n" if markdown else f"{listing}\n")


def report_sports2d(runs: Sequence[Run], arguments: argparse.Namespace) -> None:
    """Run Sports2D on the side clips where it has not yet been, and print both side by side."""
    results = arguments.sports2d_results or arguments.cache / "sports2d"
    clips = {
        path.stem: path
        for folder in (*arguments.truth, *arguments.strangers)
        for path in (folder / "clips").glob("*.mp4")
    }
    recordings = {run.recording.name: run.recording for run in runs}.values()
    files = sports2d.measure_clips(recordings, clips, results, arguments.sports2d)
    version = sports2d.find_version(arguments.sports2d)
    for way in CLIP_WAYS[:2]:
        for kind in KINDS:
            some = [run for run in select(runs, View.SIDE, way, kind) if run.recording.name in files]
            if some:
                table = sports2d.make_table(f"{kind} clips, ours {way.label}", version, some, files)
                _print(table, markdown=arguments.markdown)


def _print(table: Table | None, *, markdown: bool) -> None:
    if table is not None and table.rows:
        print(table.render(markdown=markdown) + "\n", flush=True)


def _heading(text: str, *, markdown: bool) -> None:
    print(f"## {text}\n" if markdown else f"{text}\n{'=' * len(text)}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=PEOPLE, nargs="*", help="folders of rendered people: all that the fit saw")
    parser.add_argument("--strangers", type=PEOPLE, nargs="+", default=[], help="folders of people who are in no fit")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument(
        "--calibration", type=Path, help="what fit_calibration.py wrote, to measure strangers with instead of ours"
    )
    parser.add_argument("--model", choices=(*MODELS, "all"), default="heavy")
    parser.add_argument("--sports2d", type=Path, help="its command, or the Python of the environment that has it")
    parser.add_argument("--sports2d-results", type=Path, help="folder for its angles; default: sports2d in the cache")
    parser.add_argument(
        "--photographs", type=folder_with("labels.csv"), help="folder with labels.csv and the photographs that it names"
    )
    parser.add_argument("--plots", type=Path, help="folder for Bland-Altman plots")
    parser.add_argument("--markdown", action="store_true", help="print tables for documents")
    arguments = parser.parse_args()
    if not arguments.truth and not arguments.strangers:
        parser.error("name folders of rendered people: those of the fit, or --strangers")
    for name in ("truth", "strangers"):
        setattr(arguments, name, [folder.resolve() for folder in getattr(arguments, name)])
    return arguments


def main() -> None:
    """Print all tables."""
    arguments = _arguments()
    everything: dict[str, Sequence[Run]] = {}
    for model in MODELS if arguments.model == "all" else (arguments.model,):
        sets = truth.read_folders([*arguments.truth, *arguments.strangers], model, arguments.cache)
        fitted, strangers = sets[: len(arguments.truth)], sets[len(arguments.truth) :]
        other = arguments.calibration and read_calibration(json.loads(arguments.calibration.read_text("utf-8")), model)
        runs = run_everybody(list(chain(*fitted)), list(chain(*strangers)), model, other)
        everything[model] = runs
        report(runs, model, markdown=arguments.markdown)
        folders = (*arguments.truth, *arguments.strangers)
        names = {folder.name: {one.name for one in some} for folder, some in zip(folders, sets, strict=True)}
        report_folders(runs, names, markdown=arguments.markdown)
        if arguments.sports2d or arguments.sports2d_results:
            report_sports2d(runs, arguments)
        if arguments.photographs:
            for table in make_tables(score_photographs(arguments.photographs, model, PROFILE)):
                _print(table, markdown=arguments.markdown)
        if arguments.plots:
            print(f"Plots: {write_plots(runs, model, arguments.plots)}\n")
    for view in VIEWS:
        _print(make_model_table(everything, view), markdown=arguments.markdown)


if __name__ == "__main__":
    main()
