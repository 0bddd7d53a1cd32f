"""``formcoach analyze``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from formcoach.cli.options import (
    ExerciseOption,
    JsonOption,
    LegChoice,
    LegOption,
    ModelOption,
    OutOption,
    OverwriteOption,
    SaveOption,
    SecondsOption,
    VideoOption,
)
from formcoach.errors import FormCoachError
from formcoach.libraries import explained_imports

if TYPE_CHECKING:
    from formcoach.analysis import AnalysisOptions

InputsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="CLIP…", help="Videos, animated GIFs, photos; a camera's number or name, an http or rtsp address."
    ),
]


def analyze(
    clips: InputsArgument,
    out: OutOption = Path("formcoach-out"),
    model: ModelOption = "heavy",
    exercise: ExerciseOption = "standing_raised_leg",
    leg: LegOption = LegChoice.AUTO,
    video: VideoOption = True,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
    seconds: SecondsOption = None,
    save: SaveOption = False,
) -> None:
    """Measure the stretch in recorded videos or photos and write a report for each.

    `DIR/<clip>/` gets session.json, angles.csv, flags.csv, landmarks.npz, overlay.mp4 and report.html. Ctrl-C keeps
    what was measured so far, marked as partial, without the overlay of a recording.
    """
    with explained_imports():
        from formcoach.cli.batch import run_batch

        options = make_options(out, model, exercise, leg, video=video, overwrite=overwrite, seconds=seconds, save=save)
        failed = run_batch(clips, options, as_json=json)
    if failed:
        raise typer.Exit(code=FormCoachError.exit_code)


def make_options(
    out: Path,
    model: str,
    exercise: str,
    leg: LegChoice,
    *,
    video: bool,
    overwrite: bool,
    seconds: float | None = None,
    save: bool = False,
) -> AnalysisOptions:
    """Turn what stands on the command line into options; raises what is wrong with it before anything is read."""
    from formcoach.analysis import AnalysisOptions
    from formcoach.angles.calibration import load_calibration
    from formcoach.pose.estimates import check_networks
    from formcoach.pose.landmarks import Side
    from formcoach.pose.model_files import load_model_file
    from formcoach.sessions.store import SessionStore
    from formcoach.stretch import load_profile

    options = AnalysisOptions(
        out=out,
        profile=load_profile(exercise),
        model=load_model_file(model),
        leg=None if leg is LegChoice.AUTO else Side(leg.value),
        video=video,
        overwrite=overwrite,
        seconds=seconds,
        save=save,
    )
    check_networks(load_calibration(options.model.variant).networks)
    if options.save:
        with SessionStore():  # whether it can be written is known before the work, not after it
            pass
    return options
