"""All angles over time, reduced to what a screen shows: for the interactive timeline and for print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles import Angle
from formcoach.coach.session.types import SymptomPlace
from formcoach.sessions.report.reduce import break_gaps, reduce_rows
from formcoach.sessions.wording import (
    ANGLES,
    angle_title,
    clock,
    degrees,
    mostly_checked,
    place_felt,
    span,
    worst_flags,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.series import AngleSeries
    from formcoach.stretch.phases import Hold
    from formcoach.stretch.profile import FlagRule

# So many columns of pixels are shown at most, each from its smallest to its largest value.
BUCKETS = 1000
# Nothing is drawn across a longer time without a frame [D].
MAXIMUM_GAP_S = 1.0
# What was known for a shorter time is no line to look at [D].
MINIMUM_KNOWN, MINIMUM_KNOWN_S = 3, 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold: its angle in degrees, its words, and whether the fault lies below it."""

    at_deg: float
    words: str
    below: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts.

    Attributes
    ----------
    kind : str
        ``hold``, ``felt``, or the severity of a flag.
    start_s, end_s : float
        Seconds.
    words : str
        What it is.
    """

    kind: str
    start_s: float
    end_s: float
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the overview: its name and its bars."""

    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One angle.

    Attributes
    ----------
    angle : Angle
        Which.
    title, meaning, summary : str
        Its name; what it says; its course in words.
    watched : bool
        Whether a flag rests on it.
    time_s, value_deg, sigma_deg : ndarray, shape (n,)
        The rows to be drawn; NaN where unknown.
    low_deg, high_deg : float
        What the chart must show: band and thresholds.
    limits : tuple of Limit
        Thresholds of its flags.
    flags : tuple of Bar
        When they were raised.
    """

    angle: Angle
    title: str
    meaning: str
    summary: str
    watched: bool
    time_s: NDArray[np.float64]
    value_deg: NDArray[np.float64]
    sigma_deg: NDArray[np.float64]
    low_deg: float
    high_deg: float
    limits: tuple[Limit, ...]
    flags: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The section with the timeline.

    Attributes
    ----------
    start_s, end_s : float
        Of the session.
    holds : tuple of Bar
        All holds.
    lanes : tuple of Lane
        The overview: holds by leg, symptoms, each flag that was raised.
    tracks : tuple of Track
        Those that a flag rests on first.
    """

    start_s: float
    end_s: float
    holds: tuple[Bar, ...]
    lanes: tuple[Lane, ...]
    tracks: tuple[Track, ...]

    @property
    def watched(self) -> tuple[Track, ...]:
        """Angles that a flag rests on."""
        return tuple(track for track in self.tracks if track.watched)

    @property
    def others(self) -> tuple[Track, ...]:
        """The other ones."""
        return tuple(track for track in self.tracks if not track.watched)

    def as_data(self) -> dict[str, Any]:
        """Return what the script needs: times in milliseconds after the row before, angles in tenths of a degree."""
        return {
            "start": round(self.start_s, 3),
            "end": round(self.end_s, 3),
            "holds": [_bar_data(bar) for bar in self.holds],
            "lanes": [{"name": lane.name, "bars": [_bar_data(bar) for bar in lane.bars]} for lane in self.lanes],
            "tracks": [_track_data(track) for track in self.tracks],
        }


def view_timeline(record: SessionRecord, series: AngleSeries) -> TimelineView | None:
    """Return the timeline; None for a photo and where no angle was known for long enough to be a line."""
    if len(series.time_s) < MINIMUM_KNOWN or not series.time_s[-1] > series.time_s[0]:
        return None
    time_s, (value, sigma) = break_gaps(
        series.time_s, (series.readings.value_deg, series.readings.sigma_deg), MAXIMUM_GAP_S
    )
    watched = list(dict.fromkeys(rule.angle for rule in record.profile.flags))
    frames = MINIMUM_KNOWN_S * len(series.time_s) / float(np.ptp(series.time_s))
    enough = max(MINIMUM_KNOWN, min(frames, len(series.time_s) / 2))  # a clip may be shorter than that
    tracks = []
    for angle in [*watched, *(one for one in Angle if one not in watched)]:
        own, own_sigma = value[:, angle.column], sigma[:, angle.column]
        if np.isfinite(own).sum() >= enough:
            rows = reduce_rows(time_s, own, BUCKETS)
            tracks.append(_track(angle, record, time_s[rows], own[rows], own_sigma[rows]))
    if not tracks:
        return None
    holds = tuple(
        Bar("hold", one.start_s, one.end_s, f"{'' if one.leg is None else f'{one.leg.value} leg, '}hold")
        for one in record.holds
    )
    return TimelineView(float(time_s[0]), float(time_s[-1]), holds, _lanes(record), tuple(tracks))


def _track(
    angle: Angle,
    record: SessionRecord,
    time_s: NDArray[np.float64],
    value: NDArray[np.float64],
    sigma: NDArray[np.float64],
) -> Track:
    rules = [rule for rule in record.profile.flags if rule.angle is angle and rule.is_judged]
    limits = tuple(
        Limit(threshold.on, f"{severity.label} {degrees(threshold.on)}", rule.sign < 0.0)
        for rule in rules
        for severity, threshold in rule.thresholds.items()
    )
    # A threshold far from anything that was measured would only flatten the line; the first ones are always shown.
    first = [rule.first_threshold.on for rule in rules]
    room = np.nan_to_num(sigma)
    low, high = float(np.nanmin(value - room)), float(np.nanmax(value + room))
    return Track(
        angle=angle,
        title=angle_title(angle),
        meaning=ANGLES[angle],
        summary=_summary(angle, value, rules),
        watched=any(rule.angle is angle for rule in record.profile.flags),
        time_s=time_s,
        value_deg=value,
        sigma_deg=sigma,
        low_deg=min([low, *first]) - 3.0,
        high_deg=max([high, *first]) + 3.0,
        limits=limits,
        flags=tuple(bar for rule in rules for bar in _flag_bars(record, rule)),
    )


def _summary(angle: Angle, value: NDArray[np.float64], rules: list[FlagRule]) -> str:
    limits = "; ".join(
        f"{rule.label.lower()}: "
        + ", ".join(
            f"{severity.label} {'from' if rule.sign > 0 else 'below'} {degrees(threshold.on)}"
            for severity, threshold in rule.thresholds.items()
        )
        for rule in rules
    )
    course = f"{angle_title(angle)} from {degrees(float(np.nanmin(value)))} to {degrees(float(np.nanmax(value)))}."
    return f"{course} Thresholds: {limits}." if limits else course


def _flag_bars(record: SessionRecord, rule: FlagRule) -> list[Bar]:
    return [
        Bar(one.severity.label, one.start_s, one.end_s, f"{rule.label}: {one.severity.label}, {degrees(one.peak_deg)}")
        for one in record.flags
        if one.flag == rule.name
    ]


def _lanes(record: SessionRecord) -> tuple[Lane, ...]:
    lanes = []
    form_known = mostly_checked(record)
    for leg in dict.fromkeys(one.leg for one in record.holds):
        bars = tuple(
            Bar("hold", one.start_s, one.end_s, _describe_hold(one, form_known=form_known))
            for one in record.holds
            if one.leg is leg
        )
        lanes.append(Lane("Hold" if leg is None else f"Hold, {leg.value}", bars))
    for name in worst_flags(record):
        rule = record.profile.flag(name)
        lanes.append(Lane(rule.label, tuple(_flag_bars(record, rule))))
    felt = tuple(
        Bar("felt", one.time_s, one.time_s, f"Felt: {place_felt(one)}")
        for one in record.symptoms
        if one.place not in (None, SymptomPlace.NOWHERE)
    )
    if felt:
        lanes.append(Lane("You felt", felt))
    return tuple(lanes)


def _describe_hold(hold: Hold, *, form_known: bool) -> str:
    good = f", {clock(hold.good_s)} good" if form_known else ""
    return f"Hold, {clock(hold.counted_s)} counted{good}"


def describe_lanes(lanes: tuple[Lane, ...]) -> str:
    """Return the overview in words."""
    parts = [f"{lane.name}: {', '.join(span(bar.start_s, bar.end_s) for bar in lane.bars[:5])}" for lane in lanes]
    return "; ".join(parts) + "." if parts else "Nothing was held and no flag was raised."


def _bar_data(bar: Bar) -> dict[str, Any]:
    return {"kind": bar.kind, "start": round(bar.start_s, 3), "end": round(bar.end_s, 3), "words": bar.words}


def _track_data(track: Track) -> dict[str, Any]:
    ticks = np.round(track.time_s * 1000.0).astype(np.int64)
    return {
        "angle": track.angle.value,
        "low": round(track.low_deg, 1),
        "high": round(track.high_deg, 1),
        "ticks": np.diff(ticks, prepend=0).tolist(),
        "value": _tenths(track.value_deg),
        "sigma": _tenths(track.sigma_deg),
        "limits": [{"at": limit.at_deg, "words": limit.words, "below": limit.below} for limit in track.limits],
        "flags": [_bar_data(bar) for bar in track.flags],
    }


def _tenths(values: NDArray[np.float64]) -> list[int | None]:
    known = np.isfinite(values)
    whole = np.round(np.where(known, values, 0.0) * 10.0).astype(np.int64)
    return [number if seen else None for number, seen in zip(whole.tolist(), known.tolist(), strict=True)]
