"""The whole report as data: what the templates are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.coach.session.types import EventKind
from formcoach.sessions.front_look import FrontLook, find_front_looks
from formcoach.sessions.remedies import find_remedies
from formcoach.sessions.report.body_map import Mark, place_marks
from formcoach.sessions.report.charts import Chart, Overview, draw_chart, draw_overview
from formcoach.sessions.report.comparison import ComparisonView, view_comparison
from formcoach.sessions.report.flags import FlagRow, view_flags
from formcoach.sessions.report.holds import HoldsView, view_holds
from formcoach.sessions.report.moments import MomentCard, view_moments
from formcoach.sessions.report.settings import SettingsView, view_settings
from formcoach.sessions.report.symptoms import SymptomRow, view_symptoms
from formcoach.sessions.report.timeline import TimelineView, view_timeline
from formcoach.sessions.wording import (
    REASONS,
    besides,
    find_good_labels,
    one_thing,
    praise,
    reminders,
    stacking,
    stop_advice,
    summarise,
    unchecked_everywhere,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime

    from formcoach.pose.landmarks import Side
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.series import AngleSeries


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote about the session: of one moment (seconds), or of the whole of it (None)."""

    time_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture of the screen that was asked for during the session; it lies beside the report."""

    name: str
    time_s: float
    leg: Side | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened, in words.

    Attributes
    ----------
    sentences : str
        One to three.
    good : tuple of str
        The flags that were checked and never raised.
    stop : str or None
        What comes before anything else.
    change, praise : str or None
        The one thing to change next time, else a kind word, else nothing.
    """

    sentences: str
    good: tuple[str, ...]
    stop: str | None
    change: str | None
    praise: str | None


@dataclass(frozen=True, slots=True)
class UncheckedRow:
    """What could not be checked.

    Attributes
    ----------
    label, reason : str
        The flag; why.
    besides : tuple of str
        How it was found from the front; what to watch without the camera.
    share : float
        Part of the stretch, 0 to 1.
    """

    label: str
    reason: str
    besides: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class UncheckedView:
    """The section on what could not be checked: one reason for everything, or a row for each flag; what would help."""

    everywhere: str | None
    reminders: tuple[str, ...]
    rows: tuple[UncheckedRow, ...]
    remedies: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Everything that the report shows, in its order.

    Attributes
    ----------
    record : SessionRecord
        For the plain facts at the top.
    started : datetime or None
        When the session began.
    summary, holds, comparison, flags, stacking, front, timeline, charts, overview, moments, kept, symptoms,
    marks, unchecked, settings, remarks
        The sections; None or empty where there is nothing to show.
    video, picture : str or None
        Names of the files beside the report.
    """

    record: SessionRecord
    started: datetime | None
    summary: Summary
    holds: HoldsView
    comparison: ComparisonView | None
    flags: tuple[FlagRow, ...]
    stacking: str | None
    front: tuple[FrontLook, ...]
    timeline: TimelineView | None
    charts: tuple[Chart, ...]
    overview: Overview | None
    moments: tuple[MomentCard, ...]
    kept: tuple[KeptPicture, ...]
    symptoms: tuple[SymptomRow, ...]
    marks: tuple[Mark, ...]
    unchecked: UncheckedView
    settings: SettingsView
    remarks: tuple[Remark, ...]
    video: str | None
    picture: str | None

    @property
    def is_still(self) -> bool:
        """Whether it is about a photo, which has no time."""
        return self.record.path == "still"


def build_page(
    record: SessionRecord,
    series: AngleSeries,
    *,
    video: str | None,
    picture: str | None,
    snapshots: Mapping[float, bytes],
    kept: Container[str],
    started: datetime | None,
    remarks: tuple[Remark, ...],
) -> Page:
    """Put the report together; parameters as in `render_report`."""
    timeline = view_timeline(record, series)
    symptoms = view_symptoms(record)
    return Page(
        record=record,
        started=started,
        summary=Summary(
            summarise(record), find_good_labels(record), stop_advice(record), one_thing(record), praise(record)
        ),
        holds=view_holds(record),
        comparison=view_comparison(record, series),
        flags=view_flags(record),
        stacking=stacking(record),
        front=find_front_looks(record),
        timeline=timeline,
        charts=() if timeline is None else tuple(draw_chart(track, timeline) for track in timeline.tracks),
        overview=None if timeline is None else draw_overview(timeline),
        moments=view_moments(record, series, snapshots),
        kept=tuple(
            KeptPicture(event.detail, event.time_s, event.leg)
            for event in record.events
            if event.kind is EventKind.SNAPSHOT and event.detail in kept
        ),
        symptoms=symptoms,
        marks=place_marks(symptoms),
        unchecked=_view_unchecked(record),
        settings=view_settings(record),
        remarks=remarks,
        video=video,
        picture=picture,
    )


def _view_unchecked(record: SessionRecord) -> UncheckedView:
    everywhere = unchecked_everywhere(record)
    rows = tuple(
        UncheckedRow(record.profile.flag(one.flag).label, REASONS[one.reason], besides(record, one), one.share)
        for one in record.unchecked
    )
    reason = None if everywhere is None else REASONS[everywhere]
    return UncheckedView(reason, tuple(reminders(record)), rows, find_remedies(record))
