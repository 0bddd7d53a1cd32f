"""``report.html``: one file that opens offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.sessions.wording import (
    DISCLAIMER,
    EASE_OFF,
    REASONS,
    TRIGGERS,
    degrees,
    one_thing,
    peak_deg,
    place_felt,
    praise,
    reminder,
    reminders,
    stacking,
    summarise,
    unchecked_everywhere,
    when_felt,
    worst_flags,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles import Angle
    from formcoach.coach.session.types import Symptom
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.series import AngleSeries
    from formcoach.stretch.profile import FlagRule
    from formcoach.stretch.types import Severity

# A chart shows at most so many points: more than a screen has pixels for it.
MAXIMUM_POINTS = 600
CHART_WIDTH, CHART_HEIGHT = 720, 120
_MARGIN_LEFT, _MARGIN_BOTTOM, _MARGIN_TOP = 44, 20, 8


@dataclass(frozen=True, slots=True)
class Chart:
    """An angle over time as SVG paths.

    Attributes
    ----------
    title : str
        Name of the angle with its flag.
    band, line : str
        Paths: the ±1 σ band; the value. Broken where it is unknown.
    thresholds : tuple of (float, str)
        Height and word of each threshold line.
    shades : tuple of (float, float, str)
        Left, width and severity of each flag period.
    holds : tuple of (float, float)
        Left and width of each hold.
    ticks : tuple of (float, str)
        Marks of the vertical axis.
    seconds : tuple of (float, str)
        Marks of the time axis.
    summary : str
        The chart in words, for those who do not see it.
    """

    title: str
    band: str
    line: str
    thresholds: tuple[tuple[float, str], ...]
    shades: tuple[tuple[float, float, str], ...]
    holds: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    seconds: tuple[tuple[float, str], ...]
    summary: str


def render_report(record: SessionRecord, series: AngleSeries, *, video: str | None, picture: str | None) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    record
        The session.
    series
        Its angles over time.
    video, picture
        Names of files beside the report to show, or None.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("formcoach.sessions"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["degrees"] = degrees
    everywhere = unchecked_everywhere(record)
    return environment.get_template("report.html").render(
        record=record,
        summary=summarise(record),
        one_thing=one_thing(record),
        praise=praise(record),
        flags=_flag_rows(record),
        unchecked_everywhere=None if everywhere is None else REASONS[everywhere],
        stacking=stacking(record),
        reminders=reminders(record),
        unchecked=[
            (record.profile.flag(one.flag), REASONS[one.reason], reminder(record, one), one.share)
            for one in record.unchecked
        ],
        felt=_felt_rows(record),
        charts=_charts(record, series),
        video=video,
        picture=picture,
        disclaimer=DISCLAIMER,
        ease_off=EASE_OFF,
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        plot_left=_MARGIN_LEFT,
        plot_bottom=CHART_HEIGHT - _MARGIN_BOTTOM,
    )


def _flag_rows(record: SessionRecord) -> list[tuple[FlagRule, Severity, float, float, list[str]]]:
    """Return, worst first: the flag, its worst severity, seconds raised, peak, and when."""
    rows = []
    for name in worst_flags(record):
        own = [one for one in record.flags if one.flag == name]
        rule = record.profile.flag(name)
        seconds = sum(one.end_s - one.start_s for one in own)
        when = [f"{one.start_s:.1f}–{one.end_s:.1f} s ({one.severity.label})" for one in own]
        rows.append((rule, max(one.severity for one in own), seconds, peak_deg(record, name), when))
    return rows


def _felt_rows(record: SessionRecord) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return of every symptom: where, when, why it was asked, and each angle that a flag rests on at that moment."""
    angles = list(dict.fromkeys(rule.angle for rule in record.profile.flags))
    return [
        (place_felt(one), when_felt(one), TRIGGERS[one.trigger], [_felt_angle(angle, one) for angle in angles])
        for one in record.symptoms
    ]


def _felt_angle(angle: Angle, symptom: Symptom) -> tuple[str, str]:
    reading = symptom.readings.reading(angle)
    known = np.isfinite(reading.value_deg)
    value = f"{degrees(reading.value_deg)} ± {degrees(reading.sigma_deg)}" if known else "not checked"
    return angle.replace("_", " "), value


def _charts(record: SessionRecord, series: AngleSeries) -> list[Chart]:
    if len(series.time_s) < 3:
        return []
    charts = []
    shown: set[Angle] = set()
    for rule in record.profile.flags:
        known = np.isfinite(series.readings.value_deg[:, rule.angle.column])
        if rule.angle in shown or known.sum() < 3:
            continue
        shown.add(rule.angle)
        rules = [one for one in record.profile.flags if one.angle is rule.angle]
        charts.append(_chart(rule.angle, rules, record, series))
    return charts


def _chart(angle: Angle, rules: list[FlagRule], record: SessionRecord, series: AngleSeries) -> Chart:
    time_s, value, sigma = _reduced(series, angle)
    start_s, end_s = float(series.time_s[0]), float(series.time_s[-1])
    limits = [threshold.on for rule in rules for severity, threshold in rule.thresholds.items() if severity.is_raised]
    low = min(float(np.nanmin(value - sigma)), *limits) - 3.0
    high = max(float(np.nanmax(value + sigma)), *limits) + 3.0

    def x(seconds: NDArray[np.float64] | float) -> NDArray[np.float64]:
        share = (np.asarray(seconds, dtype=np.float64) - start_s) / max(end_s - start_s, 1e-9)
        return _MARGIN_LEFT + share * (CHART_WIDTH - _MARGIN_LEFT)

    def y(degrees: NDArray[np.float64] | float) -> NDArray[np.float64]:
        share = (np.asarray(degrees, dtype=np.float64) - low) / (high - low)
        return CHART_HEIGHT - _MARGIN_BOTTOM - share * (CHART_HEIGHT - _MARGIN_BOTTOM - _MARGIN_TOP)

    names = {rule.name for rule in rules}
    thresholds = [
        (float(y(threshold.on)), f"{severity.label} {degrees(threshold.on)}")
        for rule in rules
        for severity, threshold in rule.thresholds.items()
    ]
    shades = [
        (float(x(one.start_s)), float(x(one.end_s) - x(one.start_s)), one.severity.label)
        for one in record.flags
        if one.flag in names
    ]
    title = angle.replace("_", " ").capitalize()
    return Chart(
        title=title,
        band=_band_path(x(time_s), y(value - sigma), y(value + sigma)),
        line=_line_path(x(time_s), y(value)),
        thresholds=tuple(thresholds),
        shades=tuple(shades),
        holds=tuple((float(x(one.start_s)), float(x(one.end_s) - x(one.start_s))) for one in record.holds),
        ticks=tuple((float(y(tick)), degrees(tick)) for tick in _nice_ticks(low, high, 4)),
        seconds=tuple((float(x(tick)), f"{tick:g} s") for tick in _nice_ticks(start_s, end_s, 8)),
        summary=f"{title} over time, from {np.nanmin(value):.0f} to {np.nanmax(value):.0f} degrees.",
    )


def _reduced(series: AngleSeries, angle: Angle) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Keep of each stretch of frames its smallest and largest value, so that no peak is lost."""
    value = series.readings.value_deg[:, angle.column]
    sigma = series.readings.sigma_deg[:, angle.column]
    if len(value) <= MAXIMUM_POINTS:
        return series.time_s, value, sigma
    kept: list[int] = []
    for rows in np.array_split(np.arange(len(value)), MAXIMUM_POINTS // 2):
        known = rows[np.isfinite(value[rows])]
        pair = (known[value[known].argmin()], known[value[known].argmax()]) if known.size else (rows[0], rows[-1])
        kept += sorted({int(one) for one in pair})
    return series.time_s[kept], value[kept], sigma[kept]


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


def _nice_ticks(low: float, high: float, count: int) -> list[float]:
    span = max(high - low, 1e-6)
    raw = span / count
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)
    first = np.ceil(low / step) * step
    return [float(one) + 0.0 for one in np.arange(first, high + 1e-9, step)]
