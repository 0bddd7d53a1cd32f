"""Tables as plain text or as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

# What stands in a cell of which nothing is known.
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first columns hold words, the others numbers.

    Attributes
    ----------
    title : str
        One line.
    columns : tuple of str
        Their heads.
    rows : tuple of tuple of str
        One cell a column.
    notes : tuple of str
        Lines below it.
    words : int
        So many columns are aligned to the left.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    words: int = 1

    def render(self, *, markdown: bool = False) -> str:
        """Return the table with title and notes, without a line break at the end."""
        body = self._markdown() if markdown else self._plain()
        return "\n".join([*body, *self.notes])

    def _plain(self) -> list[str]:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        return [self.title, *("  " + self._aligned(line, widths) for line in lines)]

    def _aligned(self, line: tuple[str, ...], widths: list[int]) -> str:
        cells = [
            cell.ljust(width) if column < self.words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    def _markdown(self) -> list[str]:
        marks = ["---" if column < self.words else "---:" for column in range(len(self.columns))]
        lines = ["| " + " | ".join(line) + " |" for line in (self.columns, marks, *self.rows)]
        return [f"**{self.title}**", "", *lines, ""]


def show_number(value: float, form: str = ".1f") -> str:
    """Return a number for a cell; `NOTHING` for NaN."""
    return NOTHING if value != value else format(value, form)


def show_share(value: float) -> str:
    """Return a share as a percentage."""
    return show_number(value, ".0%")
