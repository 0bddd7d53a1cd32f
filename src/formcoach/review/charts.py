"""Trends as SVG: a point for each session, and a line through their running median."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from formcoach.sessions.wording import degrees

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from formcoach.sessions.store.trends import SessionTrend

WIDTH, HEIGHT = 720, 180
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 12, 26
# The line is the median of this many sessions, the last of which it stands at [D].
MEDIAN_OF = 5
# Dates closer to each other than this would touch.
_LABEL_WIDTH = 76
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_GRID_LINES = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A session in a chart: its place, its name, and what a reader is told of it."""

    x: float
    y: float
    session_id: str
    words: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """What changes from session to session.

    Attributes
    ----------
    name, title, explanation : str
        For links; what is shown; how it is counted.
    latest, before : str
        Median of the last five sessions, and of the five before; empty where there are too few.
    points : tuple of Point
        Sessions in which it is known.
    line : str
        Path of the running median; empty below three points.
    ticks, days : tuple of (float, str)
        Marks of the axes.
    unknown : int
        Sessions in which it is not known.
    is_scored : bool
        Whether more or less of it is better.
    """

    name: str
    title: str
    explanation: str
    latest: str
    before: str
    points: tuple[Point, ...]
    line: str
    ticks: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    unknown: int
    is_scored: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a session that is followed.

    Attributes
    ----------
    name, title, explanation : str
        As in `TrendChart`.
    read : callable
        Session to number; NaN where it is not known.
    write : callable
        Number to text.
    highest : float or None
        Of the axis; None follows the numbers.
    is_scored : bool
        Whether more or less of it is better.
    """

    name: str
    title: str
    explanation: str
    read: Callable[[SessionTrend], float]
    write: Callable[[float], str]
    highest: float | None = None
    is_scored: bool = True


def percent(share: float) -> str:
    """Write a share; NaN is a dash."""
    return "–" if math.isnan(share) else f"{share * 100:.0f} %"


def rate(number: float) -> str:
    """Write a number of warnings a minute; NaN is a dash."""
    return "–" if math.isnan(number) else f"{number:.1f}"


MEASURES = (
    Measure(
        "good-form",
        "Time in good form",
        "Part of the counted time. Sessions in which too little could be checked are left out.",
        lambda one: one.good_share,
        percent,
        1.0,
    ),
    Measure(
        "flags",
        "Flags per minute",
        "Warnings and strong flags for each minute of holding; tips do not count. Fewer is better.",
        lambda one: one.warnings_per_minute,
        rate,
    ),
    Measure(
        "felt",
        "Holds felt in the right place",
        "Symptom-free: felt in the back of the thigh or nowhere. Only holds after which you answered count.",
        lambda one: one.symptom_free_share,
        percent,
        1.0,
    ),
    Measure(
        "lean",
        "Depth of lean",
        "How far the trunk leans forward while holding (median). Shown, never scored: more is not better.",
        lambda one: one.lean_deg,
        degrees,
        is_scored=False,
    ),
)


def draw_trend(measure: Measure, sessions: Sequence[SessionTrend]) -> TrendChart:
    """Lay a measure of sessions, the oldest first, out as a chart."""
    known = [(one, measure.read(one)) for one in sessions if not math.isnan(measure.read(one))]
    values = [value for _, value in known]
    lowest, highest, step = _scale(values, measure.highest)
    place_x = _time_axis([one.summary.started.timestamp() for one, _ in known])

    def place_y(value: float) -> float:
        return TOP + (highest - value) / (highest - lowest) * (HEIGHT - TOP - BOTTOM)

    columns = [place_x(one.summary.started.timestamp()) for one, _ in known]
    points = tuple(
        Point(x, place_y(value), one.summary.session_id, f"{one.summary.started:%d %b %Y}: {measure.write(value)}")
        for x, (one, value) in zip(columns, known, strict=True)
    )
    medians = [median(values[max(0, end - MEDIAN_OF) : end]) for end in range(1, len(values) + 1)]
    line = " ".join(
        f"{'L' if number else 'M'}{point.x:.1f},{place_y(value):.1f}"
        for number, (point, value) in enumerate(zip(points, medians, strict=True))
    )
    ticks = [lowest + step * number for number in range(round((highest - lowest) / step) + 1)]
    return TrendChart(
        name=measure.name,
        title=measure.title,
        explanation=measure.explanation,
        latest=measure.write(median(values[-MEDIAN_OF:])) if values else "",
        before=measure.write(median(values[-2 * MEDIAN_OF : -MEDIAN_OF])) if len(values) >= 2 * MEDIAN_OF else "",
        points=points,
        line=line if len(points) > 2 else "",
        ticks=tuple((place_y(one), measure.write(one)) for one in ticks),
        days=_label_days([(x, one.summary.started.date()) for x, (one, _) in zip(columns, known, strict=True)]),
        unknown=len(sessions) - len(known),
        is_scored=measure.is_scored,
    )


def _scale(values: Sequence[float], highest: float | None) -> tuple[float, float, float]:
    """Return the lowest and highest number of an axis and the step between its lines."""
    if highest is not None:
        return 0.0, highest, highest / _GRID_LINES
    top, bottom = max(values, default=1.0), min([*values, 0.0])
    rough = max(top - bottom, 1.0) / _GRID_LINES
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * nice for nice in _NICE if size * nice >= rough * 0.999)
    return step * math.floor(bottom / step), step * max(math.ceil(top / step), 1), step


def _time_axis(moments: Sequence[float]) -> Callable[[float], float]:
    first, last = min(moments, default=0.0), max(moments, default=0.0)
    width = WIDTH - LEFT - RIGHT
    if first == last:
        return lambda _: LEFT + width / 2
    inset = 8.0
    return lambda moment: LEFT + inset + (moment - first) / (last - first) * (width - 2 * inset)


def _label_days(days: Sequence[tuple[float, date]]) -> tuple[tuple[float, str], ...]:
    """Return days that stand below the axis without touching each other: the last one, then backwards."""
    labels: list[tuple[float, str]] = []
    years = {day.year for _, day in days}
    for x, day in reversed(days):
        if not labels or labels[-1][0] - x >= _LABEL_WIDTH:
            labels.append((x, f"{day:%d %b %y}" if len(years) > 1 else f"{day:%d %b}"))
    return tuple(reversed(labels))


def describe_change(chart: TrendChart) -> str:
    """Say in words where it is now and where it was before."""
    if not chart.latest:
        return "Not known yet."
    if not chart.before:
        return f"{chart.latest} lately."
    return f"{chart.latest} lately, {chart.before} before."
