"""What the terminal shows: progress on standard error, results on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from formcoach.analysis import Monitor
from formcoach.errors import printable
from formcoach.sessions.remedies import find_remedies
from formcoach.sessions.wording import (
    REASONS,
    besides,
    checked_flags,
    degrees,
    one_thing,
    peak_deg,
    raised_spans,
    reminders,
    stacking,
    stop_advice,
    summarise,
    unchecked_everywhere,
    worst_flags,
)
from formcoach.stretch.types import NotChecked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Task

    from formcoach.analysis import AnalysisResult
    from formcoach.cli.interruption import Interruption
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import Unchecked

_SEVERITY_STYLE = {"tip": "cyan", "warn": "yellow", "strong": "bold red"}


class FramesPerSecondColumn(ProgressColumn):
    """Frames per second of a stage."""

    def render(self, task: Task) -> Text:
        """Return the speed, once there is one."""
        return Text("" if not task.speed else f"{task.speed:.1f} frames/s", style="dim")


class ProgressMonitor(Monitor):
    """Shows a bar with frames per second and time left, on a terminal; passes Ctrl-C on to the analysis."""

    def __init__(self, progress: Progress, label: str, interruption: Interruption) -> None:
        self._progress = progress
        self._label = printable(label)
        self._interruption = interruption
        self._task = progress.add_task(self._label, total=None)

    def stage(self, name: str, total: int | None) -> None:
        """Start the bar of a stage."""
        self._interruption.check()
        self._progress.remove_task(self._task)
        description = f"{self._label}: {name.lower()}"
        if self._interruption.asked:
            description += " (stopping, keeping what there is)"
        self._task = self._progress.add_task(description, total=total)

    def advance(self) -> None:
        """Move the bar by one frame."""
        self._interruption.check()
        self._progress.advance(self._task)

    def should_stop(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interruption.asked

    def finish(self) -> None:
        """Take the bar away."""
        self._progress.remove_task(self._task)


def make_progress() -> Progress:
    """Return the bars, on standard error; disabled where that is no terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        FramesPerSecondColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def print_result(result: AnalysisResult) -> None:
    """Print what was found in one input."""
    record = result.record
    console = Console(markup=False)  # names of files may hold brackets
    console.print()
    console.print(Text.assemble((printable(record.source.name), "bold"), f": {summarise(record)}"))
    print_findings(console, record)
    if record.partial:
        console.print("Stopped before the end: this is the part before.")
    console.print(f"Report: {printable(str(result.folder / 'report.html'))}", soft_wrap=True)


def print_findings(console: Console, record: SessionRecord) -> None:
    """Print what follows from a record: what to do first and next time, every flag, and the notes."""
    stop = stop_advice(record)
    if stop is not None:
        console.print(f"Before anything else: {stop}")
    change = one_thing(record)
    if change is not None:
        console.print(f"Next time: {change}")
    console.print(flag_table(record))
    for note in (stacking(record), *record.notes):
        if note is not None:
            console.print(f"Note: {note}")
    for remedy in find_remedies(record):
        console.print(f"To check more: {remedy}")


def flag_table(record: SessionRecord) -> Table:
    """Return every flag of a record: raised, good or not checked, and why."""
    table = Table(box=None, pad_edge=False)
    for header, align in (("Flag", "left"), ("Result", "left"), ("Peak", "right"), ("When", "left")):
        table.add_column(header, justify=align)  # type: ignore[arg-type]
    everywhere = unchecked_everywhere(record)
    if everywhere is not None:
        table.add_row("All", Text("not checked", "dim"), "", _with_reminders(REASONS[everywhere], reminders(record)))
        return table
    raised = worst_flags(record)
    for name in raised:
        severity = max(one.severity for one in record.flags if one.flag == name)
        spans = [] if record.path == "still" else raised_spans(record, name)
        when = ", ".join(f"{start_s:.1f}–{end_s:.1f} s" for start_s, end_s in spans)
        result = Text(severity.label, _SEVERITY_STYLE[severity.label])
        table.add_row(record.profile.flag(name).label, result, degrees(peak_deg(record, name)), when)
    unchecked = {one.flag: one for one in record.unchecked}
    checked = checked_flags(record)
    for rule in record.profile.flags:
        if rule.name not in raised:
            table.add_row(rule.label, *_unraised(record, unchecked.get(rule.name), checked=rule.name in checked))
    return table


def _unraised(record: SessionRecord, unchecked: Unchecked | None, *, checked: bool) -> tuple[Text, str, Text]:
    """Return the cells of a flag that was not raised: result, peak, and what was not checked."""
    if unchecked is None:
        return Text("good", "green"), "", Text("")
    reason = REASONS[unchecked.reason]
    if checked:
        result = Text("good in part")
        if unchecked.reason is NotChecked.NOT_APPLICABLE:
            result = Text("good", "green")
        elif unchecked.is_doubtful:
            result, reason = Text("in doubt"), REASONS[NotChecked.TOO_CLOSE]
        return result, "", Text(f"not checked for {unchecked.share:.0%}: {reason}", "dim")
    return Text("not checked", "dim"), "", _with_reminders(reason, besides(record, unchecked))


def _with_reminders(reason: str, reminders: Sequence[str]) -> Text:
    """Return why something was not checked, and on lines of their own what to watch instead."""
    return Text("\n").join([Text(reason, "dim"), *(Text(one) for one in reminders)])
