"""What the terminal shows: progress on standard error, results on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from formcoach.analysis import Monitor
from formcoach.sessions.wording import REASONS, degrees, one_thing, peak_deg, raised_spans, summarise, worst_flags

if TYPE_CHECKING:
    from rich.progress import Task

    from formcoach.analysis import AnalysisResult
    from formcoach.cli.interruption import Interruption
    from formcoach.sessions.record import SessionRecord

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
        self._label = label
        self._interruption = interruption
        self._task = progress.add_task(label, total=None)

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
        TextColumn("{task.description}"),
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
    console = Console()
    console.print()
    console.print(f"[bold]{_escape(record.source.name)}[/bold]: {_escape(summarise(record))}")
    change = one_thing(record)
    if change is not None:
        console.print(f"Next time: {_escape(change)}")
    console.print(_flag_table(record))
    for note in record.notes:
        console.print(f"Note: {_escape(note)}")
    if record.partial:
        console.print("Stopped before the end: this is the part before.")
    console.print(f"Report: {result.folder / 'report.html'}", soft_wrap=True)


def _flag_table(record: SessionRecord) -> Table:
    table = Table(box=None, pad_edge=False)
    for header, align in (("Flag", "left"), ("Result", "left"), ("Peak", "right"), ("When", "left")):
        table.add_column(header, justify=align)  # type: ignore[arg-type]
    unchecked = {one.flag: one for one in record.unchecked}
    raised = worst_flags(record)
    for name in raised:
        rule = record.profile.flag(name)
        own = [one for one in record.flags if one.flag == name]
        severity = max(one.severity for one in own)
        spans = [] if record.path == "still" else raised_spans(record, name)
        when = ", ".join(f"{start_s:.1f}–{end_s:.1f} s" for start_s, end_s in spans)
        style = _SEVERITY_STYLE[severity.label]
        table.add_row(rule.label, f"[{style}]{severity.label}[/{style}]", degrees(peak_deg(record, name)), when)
    for rule in record.profile.flags:
        if rule.name in raised:
            continue
        if rule.name in unchecked:
            reason = REASONS[unchecked[rule.name].reason]
            table.add_row(rule.label, "[dim]not checked[/dim]", "", f"[dim]{reason}[/dim]")
        else:
            table.add_row(rule.label, "[green]good[/green]", "", "")
    return table


def _escape(text: str) -> str:
    return text.replace("[", r"\[")
