"""The page as text: its order, its safety, its size."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest

from formcoach.angles import Angle, Readings
from formcoach.coach.session.types import EventKind, SessionEvent, SymptomPlace
from formcoach.pose.landmarks import Side
from formcoach.sessions.remedies import REMEDIES
from formcoach.sessions.report import Remark, render_report
from formcoach.sessions.report.render import to_embedded_json
from formcoach.sessions.series import AngleSeries
from formcoach.stretch.types import NotChecked
from report_data import LIVE, MOMENTS, make_long_record, make_series, make_symptom
from sessions_data import NOTHING, RECORD

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})
SERIES = make_series(RECORD, moments=(), gap=(99.0, 99.0))
LIVE_SERIES = make_series()


def render(record=RECORD, series=SERIES, **changes):
    return render_report(record, series, **({"video": None, "picture": None} | changes))


class Checker(HTMLParser):
    """Complains about tags that do not match, and collects what the page says and would load."""

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.tags, self.text, self.inline_style = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        self.loads += [attributes[name] for name in ("src", "href") if name in attributes]
        self.inline_style += [value for name, value in attributes.items() if name == "style" or name.startswith("on")]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


def check(html):
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    return checker


@pytest.mark.parametrize(
    ("record", "series"),
    [
        (RECORD, SERIES),
        (NOTHING, AngleSeries(np.empty(0), Readings.unknown((0,)), np.empty(0, dtype=np.bool_))),
        (replace(RECORD, partial=True, flags=()), SERIES),
        (LIVE, LIVE_SERIES),
    ],
)
def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(record, series):
    checker = check(render(record, series, video="overlay.mp4", picture="overlay.png"))
    outside = [one for one in checker.loads if not one.startswith("#")]
    assert set(outside) <= {"overlay.mp4", "overlay.png"}
    assert "overlay.mp4" in outside
    assert checker.inline_style == []  # its own policy would stop them


def test_the_sections_stand_in_the_order_in_which_they_are_asked_for():
    html = render(LIVE, LIVE_SERIES, remarks=(Remark(None, "tired"),))
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", html)
    assert headings == [
        "What happened",
        "Holds",
        "Left and right",
        "Flags",
        "Angles over time",
        "Worst moments",
        "What you felt",
        "Not checked",
        "Notes",
        "Angles, settings and sources",
    ]
    assert html.count("<h1") == 1


def test_it_says_what_happened_what_to_change_and_what_was_not_checked():
    text = " ".join(check(render()).text)
    assert "One thing to change next time" in text
    assert "Chest long, hinge at hips" in text
    assert "cannot be seen from this side" in text
    assert "Not a medical device" in text
    assert all(sha256 in text for sha256 in RECORD.estimator_sha256.values())


def test_numbness_comes_before_anything_else():
    html = render(LIVE, LIVE_SERIES)
    assert html.index("Stop for today. If it lasts") < html.index("One thing to change next time")
    calm = replace(LIVE, symptoms=(make_symptom(55.0, Side.LEFT, 1, SymptomPlace.BACK_OF_THIGH),))
    assert "Before anything else" not in render(calm, LIVE_SERIES)


def test_what_is_never_judged_is_named_with_its_reason_and_what_to_watch_instead():
    html = render()
    row = html[html.index('id="unchecked"') :]
    row = row[row.index('<th scope="row">Toes straight</th>') :].partition("</tr>")[0]
    assert "not judged: no camera view shows it well enough yet" in row
    assert "Watch it yourself: Kneecap to the ceiling" in row
    assert RECORD.profile.flag("hip_medial_rotation").judged.source in html
    assert "Watch it yourself" not in render(NOTHING)
    unseen = tuple(replace(one, reason=NotChecked.OUT_OF_VIEW) for one in NOTHING.unchecked)
    page = render(replace(NOTHING, flags=(), unchecked=unseen))
    assert "<p>Watch it yourself: Kneecap to the ceiling.</p>" in page
    assert f"<li>{REMEDIES[NotChecked.OUT_OF_VIEW]}</li>" in page[page.index('id="unchecked"') :]


def test_a_session_that_was_stopped_says_so():
    assert "stopped before the end" in render(replace(RECORD, partial=True))
    assert "stopped before the end" not in render()


def test_when_it_was_is_said_where_it_is_known():
    assert "26 November 2026, 09:12" in render(started=datetime(2026, 11, 26, 9, 12))


def test_the_date_of_a_file_is_said_to_be_that_of_its_analysis():
    when = datetime(2026, 11, 26, 20, 50)
    assert "analysed 26 November 2026, 20:50" in render(started=when)
    live = replace(RECORD, events=(SessionEvent(1.0, EventKind.STAGE, None, 1, "framing"),))
    assert "analysed" not in check(render(live, started=when)).text[:20]


def test_a_photo_has_no_clock_that_stood_still():
    assert "the clock runs on" in render()
    photo = render(replace(NOTHING, flags=RECORD.flags))
    assert "clock" not in photo[photo.index('id="flags"') :].partition("</table>")[0]


def test_good_form_is_never_claimed_where_little_was_checked():
    blind = tuple(replace(NOTHING.unchecked[0], flag=rule.name, reason=NotChecked.WRONG_VIEW) for rule in
                  RECORD.profile.flags[:-2])  # fmt: skip
    html = render(replace(RECORD, unchecked=blind, flags=()))
    holds = html[html.index('id="holds"') : html.index('id="timeline"')]
    assert "not checked" in holds
    assert '<rect class="bar-good"' not in holds
    assert " counted, " in render(RECORD)
    assert not re.search(r"Hold, [^\"<]* counted, [^\"<]* good", html)


def test_tables_name_their_columns_and_rows_for_screen_readers():
    checker = check(render(LIVE, LIVE_SERIES))
    tables = sum(tag == "table" for tag, _ in checker.tags)
    assert tables >= 6
    assert sum(tag == "caption" for tag, _ in checker.tags) == tables
    assert all("scope" in attributes for tag, attributes in checker.tags if tag == "th")
    assert all(
        attributes.get("alt") or attributes.get("aria-hidden") for tag, attributes in checker.tags if tag == "img"
    )
    for tag, attributes in checker.tags:
        assert tag != "svg" or attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


# -- safety


def test_what_came_from_outside_is_escaped_wherever_it_stands():
    rules = tuple(
        replace(rule, label=EVIL, cue=EVIL, reason=EVIL, reminder=EVIL, maximum_sigma_deg=replace(
            rule.maximum_sigma_deg, source=EVIL)) for rule in LIVE.profile.flags
    )  # fmt: skip
    record = replace(
        LIVE,
        source=replace(LIVE.source, name=EVIL),
        notes=(EVIL,),
        profile=replace(LIVE.profile, title=EVIL, file=EVIL, flags=rules),
        versions={EVIL: EVIL},
        model=replace(LIVE.model, name=EVIL),
    )
    html = render(record, LIVE_SERIES, video=f"{EVIL}.mp4", remarks=(Remark(1.0, EVIL),))
    checker = check(html)
    assert "<img src=x" not in html
    assert "</script><script>document" not in html
    assert sum(tag == "script" for tag, _ in checker.tags) == 5  # the data, the chart library and our own three
    data = re.search(r'id="timeline-data">(.*?)</script>', html, re.DOTALL).group(1)
    assert EVIL in [lane["name"] for lane in json.loads(data)["lanes"]]


def test_pictures_that_were_kept_are_shown_where_they_lie_beside_the_report():
    names = ["snapshot-001.png", "snapshot-002.png"]
    events = tuple(
        SessionEvent(float(time_s), EventKind.SNAPSHOT, Side.LEFT, 1, name) for time_s, name in enumerate(names)
    )
    record = replace(RECORD, events=events)
    assert "Pictures that you kept" not in render(record)
    page = render(record, kept={names[1], "snapshot-009.png"})
    checker = Checker()
    checker.feed(page)
    assert [one for one in checker.loads if "snapshot" in one] == [names[1]]
    assert "Pictures that you kept" in page


def test_the_look_from_the_front_stands_in_its_section_and_beside_what_the_hold_could_not_check():
    details = ("hip_adduction: warn, hip_medial_rotation: not checked", "left out: did not turn")
    events = tuple(
        SessionEvent(9.0, EventKind.FRONT_CHECK, leg, 1, one) for leg, one in zip(Side, details, strict=True)
    )
    page = render(replace(RECORD, events=events))
    section = page[page.index('<section aria-labelledby="front"') :].partition("</section>")[0]
    words = " ".join(" ".join(check(f"{section}</section>").text).split())
    assert "Left , 9.0 s : Leg in line warn , Toes straight not checked" in words
    assert "Right , 9.0 s : left out (did not turn)" in words
    assert "Seen from the front before a hold: left leg warn" in page[page.index('id="unchecked"') :]
    assert 'id="front"' not in render()


def test_embedded_data_cannot_end_their_element():
    text = to_embedded_json({"a": "</script><!-- & \u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028"}


def test_the_policy_allows_what_is_there_and_nothing_else():
    html = render(video="overlay.mp4")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1).replace("&#39;", "'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith("default-src 'none';")
    assert policy.count("'sha256-") == 5


def test_the_chart_library_is_the_one_that_its_card_names():
    folder = resources.files("formcoach.sessions.report").joinpath("vendor")
    card = folder.joinpath("README.md").read_text(encoding="utf-8")
    for name in ("uPlot.iife.min.js", "uPlot.min.css"):
        content = folder.joinpath(name).read_bytes()
        assert hashlib.sha256(content).hexdigest() in card
        assert f"{len(content):,}" in card
    licence = folder.joinpath("LICENSE").read_text(encoding="utf-8")
    assert "Leon Sorokin" in licence
    assert "v1.6.32" in folder.joinpath("uPlot.iife.min.js").read_text(encoding="utf-8")[:80]


# -- size and time


def test_half_an_hour_is_small_and_quick():
    record = make_long_record(30)
    series = make_series(record, fps=30.0)
    picture = b"x" * 60_000
    start = time.perf_counter()
    html = render(record, replace(series, moments=MOMENTS), snapshots={one.time_s: picture for one in MOMENTS})
    seconds = time.perf_counter() - start
    assert len(html.encode()) < 1_500_000
    assert seconds < 3.0


def test_flickering_angles_of_half_an_hour_still_fit():
    record = make_long_record(30)
    series = make_series(record, fps=30.0)
    series.readings.value_deg[::3] = np.nan
    for angle in Angle:  # all of them known, all of them broken
        series.readings.value_deg[1::3, angle.column] = 100.0 + np.arange(len(series.time_s[1::3])) % 40
        series.readings.sigma_deg[1::3, angle.column] = 12.3
    assert len(render(record, series).encode()) < 1_500_000
