from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from conftest import need
from formcoach.angles import Angle, Readings
from formcoach.sessions.report import MAXIMUM_POINTS, render_report
from formcoach.sessions.series import AngleSeries
from formcoach.stretch.types import NotChecked
from sessions_data import NOTHING, RECORD

CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=3000",
]


def series(count=200):
    readings = Readings.unknown((count,))
    for angle in (Angle.LUMBAR_FLEXION, Angle.KNEE_FLEXION):
        readings.value_deg[:, angle.column] = 20 * np.sin(np.arange(count) / 20)
        readings.sigma_deg[:, angle.column] = 4.0
    readings.value_deg[50:70, Angle.KNEE_FLEXION.column] = np.nan
    return AngleSeries(np.arange(count) / 15, readings, np.ones(count, dtype=np.bool_))


def render(record=RECORD, **changes):
    return render_report(record, changes.pop("series", series()), **({"video": None, "picture": None} | changes))


class Checker(HTMLParser):
    """Complains about tags that do not match, and collects what the page would load."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "rect", "line", "path"})

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        self.loads += [value for name, value in attributes if name in ("src", "href")]

    def handle_startendtag(self, tag, _attributes):
        assert tag in self.VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("record", [RECORD, NOTHING, replace(RECORD, partial=True, flags=())])
def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(record):
    checker = Checker()
    html = render(record, video="overlay.mp4")
    checker.feed(html)
    assert checker.open == []
    assert checker.loads == ["overlay.mp4"]
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?https?:", html)
    assert len(html) < 1_500_000


def test_it_says_what_happened_what_to_change_and_what_was_not_checked():
    html = render()
    order = [
        html.index(text)
        for text in (
            "What happened",
            "One thing to change",
            ">Holds<",
            ">Flags<",
            "Not checked",
            "Angles over time",
            "sources",
        )
    ]
    assert order == sorted(order)
    assert "cannot be seen from this side" in html
    assert "Not a medical device" in html
    assert all(sha256 in html for sha256 in RECORD.estimator_sha256.values())
    assert "Chest long, hinge at hips" in html


def test_what_is_never_judged_is_named_with_its_reason_and_what_to_watch_instead():
    html = render()
    row = html[html.index('id="unchecked"') :]
    row = row[row.index("<td>Toes straight</td>") :].partition("</tr>")[0]
    assert "not judged: no camera view shows it well enough yet" in row
    assert "Watch it yourself: Kneecap to the ceiling" in row
    assert RECORD.profile.flag("hip_medial_rotation").judged.source in html
    assert "Watch it yourself" not in render(NOTHING)
    unseen = tuple(replace(one, reason=NotChecked.OUT_OF_VIEW) for one in NOTHING.unchecked)
    assert "<p>Watch it yourself: Kneecap to the ceiling.</p>" in render(replace(NOTHING, flags=(), unchecked=unseen))


def test_a_session_that_was_stopped_says_so():
    assert "stopped before the end" in render(replace(RECORD, partial=True))
    assert "stopped before the end" not in render()


def test_what_came_from_outside_is_escaped():
    evil = "<script>alert(1)</script>.mp4"
    html = render(replace(RECORD, source=replace(RECORD.source, name=evil), notes=("<img src=x onerror=alert(1)>",)))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html


def test_long_sessions_are_reduced_and_keep_their_peaks():
    count = 30 * 60 * 30
    readings = Readings.unknown((count,))
    readings.value_deg[:, Angle.LUMBAR_FLEXION.column] = 2.0
    readings.sigma_deg[:, Angle.LUMBAR_FLEXION.column] = 4.0
    readings.value_deg[12_345, Angle.LUMBAR_FLEXION.column] = 77.0
    html = render(series=AngleSeries(np.arange(count) / 30, readings, np.ones(count, dtype=np.bool_)))
    assert len(html) < 1_500_000
    assert "from 2 to 77 degrees" in html
    path = re.search(r'class="value" d="([^"]*)"', html).group(1)
    assert path.count(",") <= MAXIMUM_POINTS


def test_gaps_are_gaps():
    html = render()
    knee = html[html.index("Knee flexion") :]
    assert re.search(r'class="value" d="([^"]*)"', knee).group(1).count("M") == 2


def dump(tmp_path, html):
    path = tmp_path / "report.html"
    path.write_text(html, encoding="utf-8")
    command = [need("chromium"), *CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_real_browser_shows_it_from_the_file_system(tmp_path):
    dom = dump(tmp_path, render())
    assert dom.count("<svg") == 2
    assert "One thing to change next time" in dom
    assert "<title>formcoach: clip.mp4</title>" in dom


def test_a_real_browser_runs_nothing_from_a_file_name(tmp_path):
    evil = replace(RECORD, source=replace(RECORD.source, name="<script>document.title='owned'</script>"))
    dom = dump(tmp_path, render(evil).replace("</body>", "<script>document.title='owned'</script></body>"))
    assert "<title>owned" not in dom  # what was smuggled in is stopped by the page's own policy
