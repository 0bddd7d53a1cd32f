"""From data to one HTML file."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from formcoach.sessions.report import charts
from formcoach.sessions.report.page import build_page
from formcoach.sessions.report.timeline import describe_lanes
from formcoach.sessions.wording import (
    DISCLAIMER,
    EASE_OFF,
    SEVERITIES,
    angle_text,
    angle_title,
    clock,
    degrees,
    lasting,
    span,
)

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime

    from jinja2 import BaseLoader, Environment

    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.report.page import Remark
    from formcoach.sessions.series import AngleSeries


def render_report(
    record: SessionRecord,
    series: AngleSeries,
    *,
    video: str | None,
    picture: str | None,
    snapshots: Mapping[float, bytes] | None = None,
    kept: Container[str] = (),
    started: datetime | None = None,
    remarks: tuple[Remark, ...] = (),
) -> str:
    """Return the report as HTML: one file that opens offline.

    Parameters
    ----------
    record
        The session.
    series
        Its angles over time, and the poses of its worst moments.
    video, picture
        Names of files beside the report to show, or None. The video's time stamps are those of the session.
    snapshots
        JPEG files by the time in seconds of the moments in `choose_moments`, where video was recorded.
    kept
        Names of pictures beside the report that were asked for during the session; others are not shown.
    started
        When the session began, in the local time of then and there.
    remarks
        What somebody wrote about it.
    """
    from markupsafe import Markup

    page = build_page(
        record,
        series,
        video=video,
        picture=picture,
        snapshots=snapshots or {},
        kept=kept,
        started=started,
        remarks=remarks,
    )
    styles, scripts = _assets(with_timeline=page.timeline is not None)
    data = None if page.timeline is None else Markup(to_embedded_json(page.timeline.as_data()))
    return (
        _environment()
        .get_template("report.html")
        .render(
            page=page,
            record=record,
            styles=Markup(styles),
            scripts=[Markup(script) for script in scripts],
            policy=content_policy(styles, scripts),
            data=data,
            disclaimer=DISCLAIMER,
            ease_off=EASE_OFF,
            severities=SEVERITIES,
        )
    )


def find_policy(report: str) -> str | None:
    """Return the Content-Security-Policy of a report that this version wrote; None for any other text.

    What is served under that policy runs this version's scripts and no others, whatever else stands in it.
    """
    from markupsafe import escape

    policies = (content_policy(*_assets(with_timeline=known)) for known in (True, False))
    return next((one for one in policies if f'content="{escape(one)}"' in report), None)


def to_embedded_json(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the script element that it stands in, whatever its texts contain."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def content_policy(styles: str, scripts: tuple[str, ...]) -> str:
    """Return a Content-Security-Policy under which nothing runs but what is named here, and nothing is fetched.

    Pictures and video may come from beside the report, snapshots from within it.
    """
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(styles)}; img-src 'self' file: data:;"
        " media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


def _assets(*, with_timeline: bool) -> tuple[str, tuple[str, ...]]:
    """Return the style and the scripts of a report."""
    styles = _read("vendor/uPlot.min.css") + _read("assets/report.css")
    names = ("vendor/uPlot.iife.min.js", "assets/drawing.js", "assets/timeline.js") if with_timeline else ()
    return styles, tuple(_read(name) for name in ("assets/page.js", *names))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _read(name: str) -> str:
    return resources.files(__package__).joinpath(*name.split("/")).read_text(encoding="utf-8")


def make_environment(loader: BaseLoader) -> Environment:
    """Return what turns templates of pages into HTML: everything is escaped, and a name that is not known is an error.

    Parameters
    ----------
    loader
        Finds the templates; the filters for numbers and times are those of reports.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(degrees=degrees, clock=clock, lasting=lasting, span=span, angle_text=angle_text)
    return environment


@cache
def _environment() -> Environment:
    import jinja2

    environment = make_environment(jinja2.PackageLoader(__package__))
    environment.filters.update(angle_title=angle_title, describe_lanes=describe_lanes)
    environment.globals["size"] = {
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "lane_left": charts.LANE_LEFT,
    }
    return environment
