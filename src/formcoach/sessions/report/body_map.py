"""Where it was felt, on a figure seen from behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.coach.session.types import SymptomPlace
from formcoach.pose.landmarks import Side

if TYPE_CHECKING:
    from formcoach.sessions.report.symptoms import SymptomRow
    from formcoach.stretch.types import Severity

# The figure stands in a box of 240 by 400 units, seen from behind: its left is on the left. Marks on the skin of the
# right leg; the left one is its mirror image. What has no place of its own stands beside the leg.
WIDTH, HEIGHT = 240, 400
MIDDLE = WIDTH / 2
_SPOTS = {
    SymptomPlace.LOWER_BACK: (0.0, 168.0),
    SymptomPlace.BACK_OF_THIGH: (22.0, 240.0),
    SymptomPlace.BEHIND_KNEE: (21.0, 284.0),
    SymptomPlace.CALF_OR_FOOT: (21.0, 322.0),
    SymptomPlace.NUMB_OR_TINGLING: (72.0, 300.0),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A spot on the figure.

    Attributes
    ----------
    x, y : float
        Units of the figure.
    severity : Severity
        How urgent.
    label : str
        The numbers of the answers.
    words : str
        The same for those who do not see it.
    """

    x: float
    y: float
    severity: Severity
    label: str
    words: str

    @property
    def width(self) -> float:
        """Of the mark, so that its numbers fit in."""
        return max(24.0, 11.0 + 8.0 * len(self.label))


def place_marks(symptoms: tuple[SymptomRow, ...]) -> tuple[Mark, ...]:
    """Return one mark for each place that was named, with the numbers of all answers that named it."""
    named: dict[tuple[SymptomPlace, Side | None], list[SymptomRow]] = {}
    for one in symptoms:
        if one.place in _SPOTS and one.place is not None:
            leg = None if one.place is SymptomPlace.LOWER_BACK else one.leg
            named.setdefault((one.place, leg), []).append(one)
    return tuple(_mark(place, leg, rows) for (place, leg), rows in named.items())


def _mark(place: SymptomPlace, leg: Side | None, rows: list[SymptomRow]) -> Mark:
    aside, y = _SPOTS[place]
    x = MIDDLE + {Side.LEFT: -aside, Side.RIGHT: aside, None: 0.0}[leg]
    label = ", ".join(str(row.number) for row in rows[:3]) + ("…" if len(rows) > 3 else "")
    words = f"{'' if leg is None else f'{leg.value} leg, '}{rows[0].where}: {len(rows)} time{'s' * (len(rows) > 1)}"
    return Mark(x, y, rows[0].severity, label, words)
