"""``formcoach doctor``."""

from __future__ import annotations

import json as json_format
from typing import TYPE_CHECKING, Any

import typer

from formcoach.cli.options import JsonOption  # noqa: TC001 -- typer reads it when the program starts
from formcoach.errors import FormCoachError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from formcoach.checks import Check

_STYLES = {"ok": "green", "hint": "yellow", "failure": "bold red"}
_SUMMARIES = {
    "ok": "All is well.",
    "hint": "Recordings can be analysed; the hints say what else could be better.",
    "failure": "Something that is needed is missing: mend what is marked as failure.",
}
_NAME_WIDTH = 22


def doctor(json: JsonOption = False) -> None:
    """Check this computer: parts, pose models, cameras and light, sound, display, data folder.

    Every line is `ok`, or a `hint` or `failure` with what to do. A failure keeps recordings from being analysed (exit
    code 1), a hint does not (0). Each camera is looked through for two seconds; no picture is kept, nothing leaves this
    computer and no folder is made.
    """
    from formcoach.checks import Verdict, run_checks, worst_verdict

    checks = _print_json(run_checks()) if json else _print_lines(run_checks())
    if worst_verdict(checks) is Verdict.FAILURE:
        raise typer.Exit(code=FormCoachError.exit_code)


def _print_json(running: Iterable[Check]) -> list[Check]:
    from formcoach.checks import worst_verdict

    checks = list(running)
    entries: list[dict[str, Any]] = [
        {"name": one.name, "verdict": one.verdict, "detail": one.detail, "remedy": one.remedy} for one in checks
    ]
    print(json_format.dumps({"verdict": worst_verdict(checks), "checks": entries}, indent=2))  # noqa: T201
    return checks


def _print_lines(running: Iterable[Check]) -> list[Check]:
    from rich.console import Console

    from formcoach.checks import worst_verdict

    console = Console(markup=False, highlight=False)
    checks = []
    for check in running:
        checks.append(check)
        _print_line(console, check)
    console.print(_SUMMARIES[worst_verdict(checks)], soft_wrap=True)
    return checks


def _print_line(console: Console, check: Check) -> None:
    """Print a check: on one line for programs that read lines, else in columns."""
    from rich.table import Table
    from rich.text import Text

    verdict = Text(f"{check.verdict:<8}", _STYLES[check.verdict])
    if not console.is_terminal:
        console.print(Text.assemble(verdict, f" {check.name}: {check.sentence}"), soft_wrap=True)
        return
    row = Table.grid(padding=(0, 1))
    row.add_column(width=8)
    row.add_column(width=_NAME_WIDTH)
    row.add_column(overflow="fold")
    row.add_row(verdict, check.name, Text(check.sentence))
    console.print(row)
