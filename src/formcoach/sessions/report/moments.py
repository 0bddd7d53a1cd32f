"""The worst moments as pictures."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.sessions.report.skeleton import draw_skeleton
from formcoach.sessions.wording import angle_text, angle_title, clock, worst_flags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from formcoach.pose.landmarks import Side
    from formcoach.sessions.moments import WorstMoment
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.report.skeleton import Skeleton
    from formcoach.sessions.series import AngleSeries
    from formcoach.stretch.types import Severity

# More pictures are not looked at [D].
SHOWN = 6


@dataclass(frozen=True, slots=True)
class MomentCard:
    """One picture.

    Attributes
    ----------
    label : str
        Of the flag.
    severity : Severity
        The worst of that period.
    time_s : float
        When, seconds.
    leg : Side or None
        The raised leg.
    angle, value : str
        Name of the angle; its value with its uncertainty.
    cue : str
        What to do.
    words : str
        The picture for those who do not see it.
    skeleton : Skeleton or None
        The drawing; None where hardly anything was seen.
    snapshot : str or None
        The picture itself as a ``data:`` address, where video was recorded.
    """

    label: str
    severity: Severity
    time_s: float
    leg: Side | None
    angle: str
    value: str
    cue: str
    words: str
    skeleton: Skeleton | None
    snapshot: str | None


def choose_moments(record: SessionRecord, series: AngleSeries) -> tuple[WorstMoment, ...]:
    """Return the moments to be shown: the worst of each flag and leg, the most urgent flags first."""
    order = {name: rank for rank, name in enumerate(worst_flags(record))}
    best: dict[tuple[str, Side | None], WorstMoment] = {}
    for one in series.moments:
        if one.flag not in order:
            continue  # too short to be a period of the record
        sign = record.profile.flag(one.flag).sign
        held = best.get((one.flag, one.leg))
        if held is None or (one.severity, sign * one.value_deg) > (held.severity, sign * held.value_deg):
            best[one.flag, one.leg] = one
    chosen = sorted(best.values(), key=lambda one: (-int(one.severity), order[one.flag], one.time_s))
    return tuple(chosen[:SHOWN])


def view_moments(
    record: SessionRecord, series: AngleSeries, snapshots: Mapping[float, bytes]
) -> tuple[MomentCard, ...]:
    """Return the pictures; `snapshots` has JPEG files by their time in seconds."""
    return tuple(_card(one, record, snapshots.get(one.time_s)) for one in choose_moments(record, series))


def _card(one: WorstMoment, record: SessionRecord, snapshot: bytes | None) -> MomentCard:
    rule = record.profile.flag(one.flag)
    value = angle_text(one.value_deg, one.sigma_deg)
    when = "in this picture" if record.path == "still" else f"at {clock(one.time_s)}"
    return MomentCard(
        label=rule.label,
        severity=one.severity,
        time_s=one.time_s,
        leg=one.leg,
        angle=angle_title(one.angle),
        value=value,
        cue=rule.cue,
        words=f"Skeleton {when}: {angle_title(one.angle).lower()} {value}, {one.severity.label}.",
        skeleton=draw_skeleton(one.pose, one.leg, one.angle, one.facing),
        snapshot=None if snapshot is None else f"data:image/jpeg;base64,{base64.b64encode(snapshot).decode()}",
    )
