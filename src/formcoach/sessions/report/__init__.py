"""``report.html``: one file that opens offline.

Pure functions make a view of each section from the record and the angles over time; templates write them; a small
script draws the timeline with uPlot (``vendor``).
"""

from formcoach.sessions.report.moments import choose_moments
from formcoach.sessions.report.page import Remark
from formcoach.sessions.report.render import find_policy, render_report
from formcoach.sessions.report.snapshots import read_snapshots

__all__ = ["Remark", "choose_moments", "find_policy", "read_snapshots", "render_report"]
