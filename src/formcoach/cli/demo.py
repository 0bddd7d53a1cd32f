"""``formcoach demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from formcoach.cli.analyze import make_options
from formcoach.cli.options import LegChoice, ModelOption
from formcoach.errors import FormCoachError
from formcoach.libraries import explained_imports

DemoOutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder for the result; an earlier demo is replaced.")]


def demo(out: DemoOutOption = Path("formcoach-demo"), model: ModelOption = "heavy") -> None:
    """Run the bundled sample clip through everything: no camera, no screen, no network."""
    with explained_imports():
        from importlib import resources

        from formcoach.cli.batch import run_batch

        options = make_options(out, model, "standing_raised_leg", LegChoice.AUTO, video=True, overwrite=True)
        clip = resources.files("formcoach").joinpath("data", "demo.mp4")
        with resources.as_file(clip) as path:
            failed = run_batch([str(path)], options, as_json=False)
    if failed:
        raise typer.Exit(code=FormCoachError.exit_code)
