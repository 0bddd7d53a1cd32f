"""Writes the pages from templates; everything is escaped unless it is a template's own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from formcoach.review import charts
from formcoach.review.charts import describe_change, percent, rate
from formcoach.sessions.report.render import make_environment
from formcoach.sessions.wording import DISCLAIMER, EASE_OFF, PLACES, TRIGGERS

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """Return a page as HTML."""
    return _environment().get_template(template).render(**values)


def size_text(size: int) -> str:
    """Write the size of a file as people read it."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(size / 1e3, 0.1):.1f} kB"


@cache
def _environment() -> Environment:
    import jinja2

    environment = make_environment(
        jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("formcoach.review", "html"),
                # Shapes and badges, as reports have them.
                jinja2.PackageLoader("formcoach.sessions.report"),
            ]
        )
    )
    environment.filters.update(percent=percent, rate=rate, size_text=size_text, describe_change=describe_change)
    environment.globals.update(
        disclaimer=DISCLAIMER,
        ease_off=EASE_OFF,
        places=PLACES,
        triggers=TRIGGERS,
        chart={
            "width": charts.WIDTH,
            "height": charts.HEIGHT,
            "left": charts.LEFT,
            "right": charts.RIGHT,
            "bottom": charts.BOTTOM,
        },
    )
    return environment
