"""``angles.csv`` and ``flags.csv``."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Self

import numpy as np

from formcoach.angles import Angle, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from formcoach.angles import Readings
    from formcoach.pose.landmarks import Side
    from formcoach.stretch.events import FlagPeriod
    from formcoach.stretch.types import Phase

ANGLE_COLUMNS = [
    "frame",
    "time_s",
    "phase",
    "leg",
    *(f"{angle}_{part}" for angle in Angle for part in ("deg", "sigma_deg", "status")),
]
FLAG_COLUMNS = ["flag", "severity", "start_s", "end_s", "peak_deg"]
_LABELS = {int(status): status.label for status in Status}


class AnglesTable:
    """Writes ``angles.csv``, one row a frame as it comes; unknown values are empty cells.

    Parameters
    ----------
    path
        The file to write.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(ANGLE_COLUMNS)

    def write(self, frame: int, time_s: float, phase: Phase, leg: Side | None, readings: Readings) -> None:
        """Append the row of one frame.

        Parameters
        ----------
        frame
            Index in the source.
        time_s
            Seconds.
        phase
            Where in the exercise.
        leg
            The raised leg, empty before it is known.
        readings
            Of a single frame.
        """
        row: list[object] = [frame, f"{time_s:.4f}", phase.value, "" if leg is None else leg.value]
        for column in range(len(readings.value_deg)):
            row.append(_cell(readings.value_deg[column]))
            row.append(_cell(readings.sigma_deg[column]))
            row.append(_LABELS[int(readings.status[column])])
        self._writer.writerow(row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_flags(path: Path, periods: Iterable[FlagPeriod]) -> None:
    """Write ``flags.csv``, one row a period."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FLAG_COLUMNS)
        for one in periods:
            writer.writerow(
                [one.flag, one.severity.label, f"{one.start_s:.3f}", f"{one.end_s:.3f}", _cell(one.peak_deg)]
            )


def _cell(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else ""
