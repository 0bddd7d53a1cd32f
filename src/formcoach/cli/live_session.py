"""One live session in the terminal: what is said before, meanwhile and at the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from formcoach.cli.console import print_findings
from formcoach.cli.interruption import Interruption
from formcoach.coach.session.types import SymptomPlace
from formcoach.errors import FormCoachError, printable
from formcoach.live.journal import close_left_over
from formcoach.live.room import LiveResult, run_live
from formcoach.sessions.wording import (
    DISCLAIMER,
    EASE_OFF,
    mostly_checked,
    place_felt,
    summarise,
    when_felt,
)

if TYPE_CHECKING:
    from formcoach.live.engine import PreparedEngine
    from formcoach.live.options import LiveOptions
    from formcoach.sessions.record import SessionRecord


def run_session(options: LiveOptions, prepared: PreparedEngine) -> bool:
    """Run one session and print what came of it.

    Parameters
    ----------
    options
        What was asked for.
    prepared
        The model on its way.

    Returns
    -------
    bool
        Whether it went as it should; what did not has been printed.

    Raises
    ------
    FormCoachError
        When it cannot begin, or nobody was ever seen.
    """
    console = Console(markup=False, highlight=False)
    _print_before(console, options)
    for sentence in close_left_over(options.folder):
        console.print(f"Note: {sentence}", soft_wrap=True)
    with Interruption() as interruption:
        terminal = _Terminal(console, interruption, captions=not options.window)
        try:
            result = run_live(options, prepared, terminal)
        except KeyboardInterrupt:
            _complain(
                "Stopped at once: what was seen until then is kept, and the next command closes it."
                if terminal.has_begun
                else "Stopped before the session began; nothing was kept."
            )
            return False
    _print_after(console, result)
    if result.error is not None:
        if os.environ.get("FORMCOACH_DEBUG"):
            raise result.error
        _complain(_explain(result.error))
    return result.error is None


class _Terminal:
    """Prints what is said where there is no window to read it from; passes Ctrl-C on."""

    def __init__(self, console: Console, interruption: Interruption, *, captions: bool) -> None:
        self._console = console
        self._interruption = interruption
        self._captions = captions
        self.has_begun = False

    def begins(self, model: str) -> None:
        """Say which model looks."""
        self.has_begun = True
        if self._captions:
            self._console.print(f"Watching with the {model} model; Ctrl-C ends the session.", style="dim")

    def said(self, text: str) -> None:
        """Print what is said."""
        if self._captions:
            self._console.print(text)

    def noticed(self, text: str) -> None:
        """Print what is wrong with the program's surroundings."""
        if self._captions:
            self._console.print(f"Note: {text}", style="dim", soft_wrap=True)

    def should_stop(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._interruption.asked

    def check(self) -> None:
        """End at once when Ctrl-C was pressed again."""
        self._interruption.check()


def _print_before(console: Console, options: LiveOptions) -> None:
    console.print(DISCLAIMER, style="dim")
    console.print(EASE_OFF, style="dim")
    kept = "A video of you is kept too (--record)." if options.record else "No video of you is kept."
    if options.window:
        kept += " The key s keeps a picture of the screen."
    console.print(
        f"Angles, flags and answers are kept in {printable(str(options.folder))}. {kept} Nothing leaves this computer.",
        style="dim",
        soft_wrap=True,
    )


def _print_after(console: Console, result: LiveResult) -> None:
    record = result.record
    console.print()
    console.print(summarise(record))
    if record.sets:
        console.print(set_table(record))
    for symptom in record.symptoms:
        if symptom.place is None:
            continue  # nobody answered
        place = place_felt(symptom)
        where = place if symptom.place is SymptomPlace.NOWHERE else f"here: {place}"
        console.print(f"You felt it {where} ({when_felt(symptom)})")
    print_findings(console, record)
    console.print(f"Report: {printable(str(result.folder / 'report.html'))}", soft_wrap=True)


def set_table(record: SessionRecord) -> Table:
    """Return the sets of a session: how long each counted, and how much of it was in good form, where that is known."""
    table = Table(box=None, pad_edge=False)
    for head in ("Leg", "Set", "Counted", "In good form"):
        table.add_column(head, justify="left" if head == "Leg" else "right")
    for one in record.sets:
        leg = "–" if one.leg is None else one.leg.value
        good = f"{one.good_s:.0f} s" if mostly_checked(record) else "not checked"
        table.add_row(leg, str(one.number), f"{one.counted_s:.0f} s", good)
    return table


def _explain(error: Exception) -> str:
    if isinstance(error, FormCoachError):
        return f"{error} What was recorded until then is kept."
    return (
        f"The session ended because of a fault in formcoach ({type(error).__name__}: {error}): what was recorded until"
        " then is kept; please report it, FORMCOACH_DEBUG=1 shows where it is."
    )


def _complain(sentence: str) -> None:
    print(f"formcoach: {sentence}", file=sys.stderr)  # noqa: T201
