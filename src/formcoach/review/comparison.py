"""Two sessions side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.angles import Angle
from formcoach.review.charts import percent, rate
from formcoach.review.details import view_flag_lines
from formcoach.sessions.report.comparison import SIGMAS
from formcoach.sessions.wording import PLACES, angle_text, angle_title, degrees, lasting

if TYPE_CHECKING:
    from collections.abc import Callable

    from formcoach.review.details import FlagLine
    from formcoach.sessions.store.outline import SessionOutline
    from formcoach.sessions.store.trends import SessionTrend

TOO_SMALL = "too small to tell"
NOT_KNOWN = "not known in both"


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared: its name, the earlier session, the later one, and how far they differ, in words."""

    name: str
    first: str
    second: str
    difference: str


@dataclass(frozen=True, slots=True)
class FlagCell:
    """A flag in one session: its line, or None and why.

    Attributes
    ----------
    line : FlagLine or None
        None where it was not raised.
    words : str
        What stands there instead: not raised, or why nothing is known of it.
    """

    line: FlagLine | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag in both sessions."""

    label: str
    first: FlagCell
    second: FlagCell


@dataclass(frozen=True, slots=True, eq=False)
class PairView:
    """Two sessions, the earlier one first.

    Attributes
    ----------
    trends : pair of SessionTrend
        For names and dates.
    numbers, angles : tuple of Row
        What is counted; medians of the angles while holding.
    flags : tuple of FlagRow
        All that were raised in one of them.
    felt : pair of tuples of str
        Where something was felt, in order.
    """

    trends: tuple[SessionTrend, SessionTrend]
    numbers: tuple[Row, ...]
    angles: tuple[Row, ...]
    flags: tuple[FlagRow, ...]
    felt: tuple[tuple[str, ...], tuple[str, ...]]


def view_pair(trends: tuple[SessionTrend, SessionTrend], outlines: tuple[SessionOutline, SessionOutline]) -> PairView:
    """Make the view of two sessions, the earlier one first."""
    one, two = trends
    return PairView(
        trends=trends,
        numbers=(
            Row("Legs", " and ".join(one.legs) or "–", " and ".join(two.legs) or "–", ""),
            _row("Counted", one.summary.counted_s, two.summary.counted_s, lasting, lasting),
            _row("In good form", one.good_share, two.good_share, _checked(percent), _points),
            _row("Flags per minute", one.warnings_per_minute, two.warnings_per_minute, _checked(rate), rate),
            Row("Holds felt in the right place", _felt(one), _felt(two), ""),
        ),
        angles=tuple(_angle(angle, *outlines) for angle in Angle if _is_known(angle, *outlines)),
        flags=_flags(*outlines),
        felt=(_places(outlines[0]), _places(outlines[1])),
    )


def _row(
    name: str, first: float, second: float, write: Callable[[float], str], write_difference: Callable[[float], str]
) -> Row:
    difference = second - first
    if math.isnan(difference):
        return Row(name, write(first), write(second), NOT_KNOWN)
    return Row(name, write(first), write(second), _signed(difference, write_difference))


def _signed(difference: float, write: Callable[[float], str]) -> str:
    words = write(abs(difference))
    if not any(sign in "123456789" for sign in words):
        return "the same"
    return f"{'+' if difference > 0 else '−'}{words}"


def _points(share: float) -> str:
    return f"{share * 100:.0f} points"


def _checked(write: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: "not checked" if math.isnan(value) else write(value)


def _felt(one: SessionTrend) -> str:
    return f"{one.symptom_free} of {one.answered}" if one.answered else "no answers"


def _angle(angle: Angle, first: SessionOutline, second: SessionOutline) -> Row:
    (one_deg, one_sigma), (two_deg, two_sigma) = _median(first, angle), _median(second, angle)
    difference = two_deg - one_deg
    if math.isnan(difference):
        words = NOT_KNOWN
    elif abs(difference) <= SIGMAS * math.hypot(one_sigma, two_sigma):
        words = TOO_SMALL
    else:
        words = _signed(difference, degrees)
    return Row(angle_title(angle), angle_text(one_deg, one_sigma), angle_text(two_deg, two_sigma), words)


def _is_known(angle: Angle, *outlines: SessionOutline) -> bool:
    return any(not math.isnan(_median(one, angle)[0]) for one in outlines)


def _median(outline: SessionOutline, angle: Angle) -> tuple[float, float]:
    found = (outline.session.record or {}).get("angles", {}).get(angle.value, {})
    value, sigma = found.get("median_deg"), found.get("sigma_deg")
    return math.nan if value is None else value, math.nan if sigma is None else sigma


def _flags(first: SessionOutline, second: SessionOutline) -> tuple[FlagRow, ...]:
    lines = [{line.label: line for line in view_flag_lines(one)} for one in (first, second)]
    labels = dict.fromkeys([*lines[0], *lines[1]])
    return tuple(
        FlagRow(label, _cell(first, label, lines[0].get(label)), _cell(second, label, lines[1].get(label)))
        for label in labels
    )


def _cell(outline: SessionOutline, label: str, line: FlagLine | None) -> FlagCell:
    if line is not None:
        return FlagCell(line)
    if all(rule.label != label for rule in outline.profile.flags):
        return FlagCell(None, "not part of the exercise")
    reason = dict(outline.unchecked).get(label)
    return FlagCell(None, "not raised" if reason is None else f"not checked: {reason.removeprefix('not judged: ')}")


def _places(outline: SessionOutline) -> tuple[str, ...]:
    return tuple("no answer" if one.place is None else PLACES[one.place] for one in outline.session.symptoms)
