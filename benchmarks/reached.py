"""Measures the angles of the set ``ci`` and draws the limits of the test of accuracy tighter.

    python benchmarks/reached.py [--cache FOLDER]

runs the whole program on everybody in ``tests/data/people``, prints what is reached beside the limits and writes both
to ``tests/accuracy/limits.csv``. A limit lies just above what was reached (`limit_deg`), or where it lay before if that
was tighter: run it when angles get better. Only for a row that was deleted the limit is drawn anew. Delete rows for
other people, or for networks and a calibration that err less on the many people of ``docs/accuracy.md`` and more on
these few; the change that does it says so.
"""

from __future__ import annotations

import argparse
import csv
import math
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import truth
from angle_tables import KINDS, VIEWS, measure, select, ways_of
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from runs import run_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runs import Run

TESTS = Path(__file__).parents[1] / "tests"
PEOPLE, LIMITS = TESTS / "data" / "people", TESTS / "accuracy" / "limits.csv"
MODEL = "heavy"
# Another processor's pose model differs in its last digits. A grey level of noise on every pixel, which is more, moved
# what was reached by 0.1° on average and by 0.7° at most.
SPARE_SHARE, SPARE_DEG = 0.15, 0.4
# One picture of the stills, two or three frames of a clip.
SPARE_CHECKED = 0.05
# The aim is kept where it is reached.
AIM_CHECKED = 0.8
# What is checked more rarely hangs on single pictures and has no limit.
RARELY = 0.6


@dataclass(frozen=True, slots=True)
class Limit:
    """How well an angle is measured on one way through the program, and how well it has to be.

    Attributes
    ----------
    view, kind, way, angle : str
        As in the tables of ``accuracy.py``.
    people : int
        In whom it is measured.
    checked : float
        Share of readings with a value, 0 to 1.
    error_deg : float
        Mean absolute error.
    least_checked, most_deg : float
        The least share and the largest error that pass.
    """

    view: str
    kind: str
    way: str
    angle: str
    people: int
    checked: float
    error_deg: float
    least_checked: float
    most_deg: float

    def __str__(self) -> str:
        return f"{self.view}, {self.kind}, {self.way}: {self.angle}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is measured."""
        return self.view, self.kind, self.way, self.angle


def limit_deg(error_deg: float) -> float:
    """Return the largest error that is as good as the one reached: so much more, up to a whole tenth of a degree."""
    most = max(error_deg * (1.0 + SPARE_SHARE), error_deg + SPARE_DEG)
    return math.ceil(round(10.0 * most, 6)) / 10.0


def least_checked(checked: float) -> float:
    """Return the smallest share that is as good as the one reached."""
    return round(max(checked - SPARE_CHECKED, AIM_CHECKED if checked >= AIM_CHECKED else 0.0), 3)


def run_everybody(cache: Path) -> list[Run]:
    """Run the whole program on the set, in every way."""
    calibration, profile = load_calibration(MODEL), load_profile()
    recordings = truth.read_all(PEOPLE, MODEL, cache)
    return [run for recording in recordings for run in run_program(recording, calibration, profile)]


def measure_all(runs: Sequence[Run], before: Iterable[Limit] = ()) -> list[Limit]:
    """Return every angle that is not rarely checked, with limits that are no looser than before.

    Raises
    ------
    SystemExit
        When an angle that had a limit is hardly checked any more, or in fewer people: that takes a limit away.
    """
    known = {one.key: one for one in before}
    found: list[Limit] = []
    for view in VIEWS:
        for kind in KINDS:
            for way in ways_of(kind):
                some = select(runs, view, way, kind)
                for angle in Angle if some else ():
                    one = measure(angle, some)
                    if one.checked >= RARELY:
                        key = view.value, kind, way.label, angle.value
                        found.append(_limit(key, one.people, one.checked, one.mean_absolute_deg, known.get(key)))
    people = {one.key: one.people for one in found}
    lost = [str(one) for one in known.values() if people.get(one.key, 0) < one.people]
    if lost:
        raise SystemExit(f"less is checked than before, delete these rows if that is meant: {'; '.join(lost)}")
    return found


def read_limits(path: Path = LIMITS) -> list[Limit]:
    """Read the limits."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Limit(*row[:4], int(row[4]), *map(float, row[5:])) for row in list(csv.reader(file))[1:]]


def write_limits(limits: Iterable[Limit], path: Path = LIMITS) -> None:
    """Write the limits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Limit))
        writer.writerows(map(astuple, limits))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everybody, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="folder that keeps what the pose model sees")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        limits = measure_all(run_everybody(options.cache or Path(folder)), read_limits())
    for one in limits:
        print(
            f"{one}: {one.error_deg:.2f} of {one.most_deg:.1f}°, {one.checked:.0%} checked of {one.least_checked:.0%}"
        )
    write_limits(limits)


def _limit(key: tuple[str, ...], people: int, checked: float, error_deg: float, before: Limit | None) -> Limit:
    least, most = least_checked(checked), limit_deg(error_deg)
    if before is not None:
        least, most = max(least, before.least_checked), min(most, before.most_deg)
    return Limit(*key, people, round(checked, 3), round(error_deg, 2), least, most)


if __name__ == "__main__":
    main()
