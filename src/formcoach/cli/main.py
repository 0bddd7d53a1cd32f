"""The entry point: the commands, ``--version``, and how errors become sentences and exit codes."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from formcoach import __version__
from formcoach.cli import analyze, demo, doctor, live, report, review, sessions
from formcoach.cli.memory import use_one_heap
from formcoach.errors import FormCoachError

app = typer.Typer(
    name="formcoach",
    help="A form coach for the standing hamstring stretch with one leg raised. Everything stays on this computer."
    " Not a medical device.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="analyze")(analyze.analyze)
app.command(name="demo")(demo.demo)
app.command(name="doctor")(doctor.doctor)
app.command(name="live")(live.live)
app.command(name="report")(report.report)
app.command(name="review")(review.review)
app.add_typer(sessions.app, name="sessions")


def _print_version(value: bool) -> None:
    if value:
        typer.echo("\n".join(version_lines()))
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print versions and leave.")
    ] = False,
) -> None:
    """Exit codes: 0 done, 1 failed, 2 the call cannot be carried out as written."""


def version_lines() -> list[str]:
    """Return the versions of formcoach and of the parts that matter, one a line; nothing heavy is loaded."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    lines = [
        f"formcoach {__version__}",
        f"python {platform.python_version()} ({platform.system()} {platform.machine()})",
    ]
    for name in ("mediapipe", "opencv-contrib-python", "av", "numpy", "scipy"):
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return lines


def run() -> None:
    """Run the command line; what formcoach raises on purpose is printed as a sentence."""
    use_one_heap()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a sign shows a mark in its place
    try:
        app()
    except FormCoachError as error:
        _complain(str(error))
        sys.exit(error.exit_code)


def _complain(sentence: str) -> None:
    print(f"formcoach: {sentence}", file=sys.stderr)  # noqa: T201
