"""Charts as SVG: for print, and where no script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.sessions.report.reduce import reduce_rows
from formcoach.sessions.wording import clock, degrees

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.sessions.report.timeline import Bar, Limit, TimelineView, Track

# Units of a chart; a printed page is no finer than the columns that are kept.
WIDTH, HEIGHT = 720, 130
LEFT, TOP, BOTTOM = 46, 14, 20
BAR_HEIGHT, LANE_HEIGHT = 6.0, 22.0
LANE_LEFT = 104
BUCKETS = 240
# Of the words at a line, and how wide a letter of theirs is at most, on average.
WORDS_HEIGHT, LETTER_WIDTH = 11.0, 6.5
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a chart: kind of bar, left, top, width, height."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """An angle over time.

    Attributes
    ----------
    band, line : str
        Paths: the ±1 σ band; the value. Broken where it is unknown.
    limits : tuple of PlacedLimit
        Thresholds.
    holds, flags : tuple of Box
        Backgrounds of holds; bars of flags along the top.
    ticks, seconds : tuple of (float, str)
        Marks of the axes.
    """

    band: str
    line: str
    limits: tuple[PlacedLimit, ...]
    holds: tuple[Box, ...]
    flags: tuple[Box, ...]
    ticks: tuple[tuple[float, str], ...]
    seconds: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class PlacedLimit:
    """The line of a threshold and where its words stand.

    Attributes
    ----------
    height : float
        Of the line.
    foot, right : float
        Where the words stand and end.
    words : str
        Name and angle.
    """

    height: float
    foot: float
    right: float
    words: str

    @property
    def left(self) -> float:
        """Where the words begin, or a little farther left."""
        return self.right - LETTER_WIDTH * len(self.words)


@dataclass(frozen=True, slots=True)
class Overview:
    """Holds, flags and symptoms over time.

    Attributes
    ----------
    height : float
        Of the whole.
    lanes : tuple of (float, str, tuple of Box)
        Height of the words, the words, the bars.
    seconds : tuple of (float, str)
        Marks of the time axis.
    """

    height: float
    lanes: tuple[tuple[float, str, tuple[Box, ...]], ...]
    seconds: tuple[tuple[float, str], ...]


def draw_chart(track: Track, timeline: TimelineView) -> Chart:
    """Draw one angle."""
    rows = reduce_rows(track.time_s, track.value_deg, BUCKETS)
    time_s, value, sigma = track.time_s[rows], track.value_deg[rows], track.sigma_deg[rows]
    low, high = track.low_deg, track.high_deg
    foot = HEIGHT - BOTTOM

    def y(angle_deg: NDArray[np.float64]) -> NDArray[np.float64]:
        return foot - (angle_deg - low) / (high - low) * (foot - TOP)

    x = _along(timeline, LEFT, time_s)
    inside = [limit for limit in track.limits if low <= limit.at_deg <= high]
    return Chart(
        band=_band_path(x, y(value - sigma), y(value + sigma)),
        line=_line_path(x, y(value)),
        limits=_place_limits([(float(y(np.array(limit.at_deg))), limit) for limit in inside]),
        holds=tuple(_box(bar, timeline, LEFT, TOP, foot - TOP) for bar in timeline.holds),
        flags=tuple(_box(bar, timeline, LEFT, TOP - BAR_HEIGHT - 2.0, BAR_HEIGHT) for bar in track.flags),
        ticks=tuple((float(y(np.array(tick))), degrees(tick)) for tick in nice_ticks(low, high, 4)),
        seconds=_seconds(timeline, LEFT),
    )


def draw_overview(timeline: TimelineView) -> Overview:
    """Draw the lanes."""
    lanes = []
    for row, lane in enumerate(timeline.lanes):
        top = row * LANE_HEIGHT
        bars = tuple(_box(bar, timeline, LANE_LEFT, top + 5.0, LANE_HEIGHT - 9.0) for bar in lane.bars)
        lanes.append((top + 15.0, lane.name, bars))
    return Overview(len(lanes) * LANE_HEIGHT + BOTTOM, tuple(lanes), _seconds(timeline, LANE_LEFT))


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Return round numbers between two, `count` at most or one more."""
    span = max(high - low, 1e-6)
    raw = span / count
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)
    first = np.ceil(low / step) * step
    return [float(one) + 0.0 for one in np.arange(first, high + 1e-9, step)]


def _along(timeline: TimelineView, left: float, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    share = (time_s - timeline.start_s) / max(timeline.end_s - timeline.start_s, 1e-9)
    return left + np.clip(share, 0.0, 1.0) * (WIDTH - left)


def _seconds(timeline: TimelineView, left: float) -> tuple[tuple[float, str], ...]:
    length_s = timeline.end_s - timeline.start_s
    step = next((one for one in _STEPS_S if length_s / one <= 8.0), _STEPS_S[-1])
    ticks = np.arange(np.ceil(timeline.start_s / step) * step, timeline.end_s + 1e-9, step)
    marks = zip(_along(timeline, left, ticks).tolist(), ticks.tolist(), strict=True)
    # The last mark would stand out of the picture.
    return tuple((mark, clock(tick).replace(".0", "")) for mark, tick in marks if mark <= WIDTH - 14)


def _place_limits(limits: list[tuple[float, Limit]]) -> tuple[PlacedLimit, ...]:
    """Put words above or below their lines; where neither side is free, beside the words that stand there."""
    placed: list[PlacedLimit] = []
    for y, limit in limits:
        below = limit.below if TOP + 12.0 < y < HEIGHT - BOTTOM - 12.0 else y < HEIGHT / 2.0
        sides = (y + WORDS_HEIGHT, y - 3.0) if below else (y - 3.0, y + WORDS_HEIGHT)
        foot = next((side for side in sides if not _in_the_way(placed, side)), sides[0])
        right = min([WIDTH - 4.0, *(one.left - 8.0 for one in _in_the_way(placed, foot))])
        placed.append(PlacedLimit(y, foot, right, limit.words))
    return tuple(placed)


def _in_the_way(placed: list[PlacedLimit], foot: float) -> list[PlacedLimit]:
    return [one for one in placed if abs(one.foot - foot) < WORDS_HEIGHT]


def _box(bar: Bar, timeline: TimelineView, left: float, top: float, height: float) -> Box:
    start, end = _along(timeline, left, np.array([bar.start_s, bar.end_s])).tolist()
    narrow = 4.0 if bar.kind == "felt" else 1.5
    return Box(bar.kind, min(start, WIDTH - narrow), top, max(end - start, narrow), height)


def _pieces(known: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    rows = np.flatnonzero(known)
    return [piece for piece in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if piece.size]


def _line_path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    return " ".join("M" + " L".join(f"{x[row]:.1f},{y[row]:.1f}" for row in piece) for piece in _pieces(np.isfinite(y)))


def _band_path(x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> str:
    paths = []
    for piece in _pieces(np.isfinite(low) & np.isfinite(high)):
        upper = [f"{x[row]:.1f},{high[row]:.1f}" for row in piece]
        lower = [f"{x[row]:.1f},{low[row]:.1f}" for row in piece[::-1]]
        paths.append("M" + " L".join(upper + lower) + " Z")
    return " ".join(paths)
