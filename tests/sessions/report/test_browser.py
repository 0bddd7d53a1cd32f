"""The report in a real browser, opened from the file system."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from browser import open_browser
from formcoach.angles import Angle
from formcoach.sessions.report import Remark, render_report
from formcoach.video.writer import VideoWriter
from report_data import LIVE, make_series
from sessions_data import NOTHING, RECORD

LAPTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SERIES = make_series(RECORD, moments=(), gap=(99.0, 99.0))
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
BACK = '[data-angle="lumbar_flexion"]'
GREY_OF_THE_FILM = """() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
  const pen = canvas.getContext('2d');
  pen.drawImage(film, 0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data[0];
}"""


@pytest.fixture(scope="module")
def chromium():
    # So that a test may look into the video; what the page itself asks for is checked at the end.
    with open_browser("--allow-file-access-from-files") as browser:
        yield browser


@pytest.fixture
def show(chromium, tmp_path):
    """Open a report; at the end nothing may have been complained about, or asked for beyond the folder."""
    complaints, asked, contexts = [], [], []

    def opened(html, **options):
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        context = chromium.new_context(**({"viewport": LAPTOP} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append((request.resource_type, request.url.split(":")[0])))
        page.goto(path.as_uri())
        return page

    opened.complaints = complaints
    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert set(asked) <= {("document", "file"), ("media", "file"), ("image", "data")}


def html(record=LIVE, series=None, **changes):
    series = series or (make_series() if record is LIVE else SERIES)
    return render_report(record, series, **({"video": None, "picture": None} | changes))


def hover(page, figure, share):
    """Point at a chart, so far along its width; return the time there, in seconds."""
    over = page.locator(f"{figure} .u-over")
    over.evaluate("chart => chart.scrollIntoView({block: 'end'})")  # the video keeps to the top
    box = over.bounding_box()
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    return box


def wait_until(page, condition):
    """Wait until an expression is true; Playwright's own way needs an eval, which the page's policy forbids."""
    deadline = time.monotonic() + 20.0
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def readout(page, figure=BACK):
    return page.locator(f"{figure} .readout").inner_text()


def test_pointing_at_a_chart_shows_the_value_at_that_time_in_all_of_them(show):
    page = show(html())
    series = make_series()
    hover(page, BACK, 165.5 / 209.9)
    row = int(np.abs(series.time_s - 165.5).argmin())
    expected = series.readings.value_deg[row, Angle.LUMBAR_FLEXION.column]
    number = re.match(r"(−?\d+)° ± (\d+)° · strong", readout(page))
    assert number is not None, readout(page)
    assert float(number[1].replace("−", "-")) == pytest.approx(expected, abs=4.0)
    assert "Back: strong, 41°" in readout(page, "#overview")
    knee = series.readings.value_deg[row, Angle.KNEE_FLEXION.column]
    shown = re.match(r"(−?\d+)°", readout(page, '[data-angle="knee_flexion"]'))
    assert float(shown[1].replace("−", "-")) == pytest.approx(knee, abs=3.0)
    assert page.locator("#clock").inner_text().startswith("2:4")


def test_unknown_is_not_checked_and_never_the_last_value(show):
    page = show(html())
    hover(page, BACK, 141.5 / 209.9)  # nobody was seen
    assert readout(page) == "not checked"
    hover(page, BACK, 63.0 / 209.9)  # no frame came
    assert readout(page) == "not checked"


def test_dragging_zooms_all_charts_and_a_double_click_shows_all_again(show):
    page = show(html())
    everything = page.locator('[data-do="all"]')
    assert everything.is_disabled()
    box = hover(page, BACK, 0.75)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.85 * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    wait_until(page, "document.querySelector('[data-do=\"all\"]').disabled === false")
    hover(page, '[data-angle="knee_flexion"]', 0.5)  # the middle of another chart is the middle of what was dragged
    assert page.locator("#clock").inner_text() in ("2:47.8", "2:47.9", "2:48.0")
    hover(page, BACK, 0.5)
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 20)
    wait_until(page, "document.querySelector('[data-do=\"all\"]').disabled")
    hover(page, BACK, 0.999)
    assert page.locator("#clock").inner_text().startswith("3:29")


def test_everything_can_be_done_from_the_keyboard(show):
    page = show(html())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # it comes into view
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.do || ''"))
        if reached[-1] == "now":
            break
    assert "now" in reached
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("ArrowRight")
    before = page.locator("#clock").inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator("#clock").inner_text() != before
    spoken = page.locator("#now").get_attribute("aria-valuetext")
    assert "Hold, 30.2 s counted" in spoken
    page.keyboard.press("+")
    wait_until(page, "document.querySelector('[data-do=\"all\"]').disabled === false")
    page.keyboard.press("0")
    wait_until(page, "document.querySelector('[data-do=\"all\"]').disabled")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.do") == "earlier"


def test_a_time_in_the_text_leads_to_that_moment(show):
    page = show(html())
    page.locator("#flags ~ .scroll a.moment").nth(1).click()
    assert page.locator("#clock").inner_text() == "2:44.0"
    assert page.evaluate("document.activeElement.id") == "now"
    assert page.locator('[data-do="all"]').is_enabled()
    assert re.match(r"\d+° ± \d+° · ", readout(page))


@pytest.fixture(params=["of a recording", "of a live session"])
def film(tmp_path, request):
    """A video that begins late, as a camera's does, and whose grey tells the time."""
    live = request.param == "of a live session"
    with VideoWriter(tmp_path / "overlay.mp4", (160, 120), 10.0, crash_safe=live) as writer:
        for time_s in np.arange(1.0, 12.0, 0.1):
            writer.write(np.full((120, 160, 3), round(20 * time_s), np.uint8), float(time_s))


def wait_until_it_shows(page, time_s):
    """Wait until the grey of the film's picture tells a time.

    The picture is taken from the film itself: a browser without a screen may leave an old one on the page for ever.
    """
    wait_until(page, "!film.seeking && film.readyState >= 2")
    wait_until(page, f"Math.abs(({GREY_OF_THE_FILM})() / 20 - {time_s}) < 0.25")


@pytest.mark.usefixtures("film")
def test_the_video_and_the_timeline_go_together(show):
    page = show(html(RECORD, video="overlay.mp4"))
    wait_until(page, "film.readyState >= 2 && !film.seeking")
    assert page.evaluate("film.currentTime") == pytest.approx(RECORD.holds[0].start_s)  # where the timeline begins
    hover(page, BACK, 0.5)
    page.mouse.down()
    page.mouse.up()
    time_s = page.evaluate("film.currentTime")
    assert time_s == pytest.approx(6.0, abs=0.2)
    wait_until_it_shows(page, time_s)
    page.mouse.move(5, 5)
    assert page.locator("#clock").inner_text() == f"{time_s:.1f} s"
    page.evaluate("film.muted = true; film.play()")
    wait_until(page, f"film.currentTime > {time_s + 0.5}")
    page.evaluate("film.pause()")
    wait_until(page, "Math.abs(Number(now.value) - film.currentTime) < 0.15")
    assert float(page.locator("#now").input_value()) > time_s + 0.4
    page.locator("#now").focus()
    page.keyboard.press("ArrowLeft")
    wait_until(page, "Math.abs(Number(now.value) - film.currentTime) < 0.01")


def test_a_video_that_is_gone_is_not_missed(show):
    page = show(html(RECORD, video="overlay.mp4"))
    wait_until(page, "film.hidden")
    hover(page, BACK, 0.5)
    assert "±" in readout(page)
    assert len(show.complaints) == 1
    assert "ERR_FILE_NOT_FOUND" in show.complaints.pop()


def is_light(path):
    picture = cv2.imread(str(path))
    return float(np.median(picture)) > 240.0 and float((picture.min(axis=2) < 60).mean()) < 0.15


def test_it_prints_on_white_paper_with_everything_unfolded(show, tmp_path):
    page = show(html(), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#overview svg.still").is_visible()
    assert not page.locator("#overview .live").is_visible()
    assert not page.locator(".controls").is_visible()
    page.screenshot(path=tmp_path / "print.png", full_page=True)
    assert is_light(tmp_path / "print.png")
    printed = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 14
    assert page.locator("details:not([open])").count() > 0  # and folded again


def test_dark_is_dark_and_follows_a_change(show, tmp_path):
    page = show(html(), color_scheme="dark")
    page.screenshot(path=tmp_path / "dark.png", full_page=True)
    assert float(np.median(cv2.imread(str(tmp_path / "dark.png")))) < 40.0
    page.emulate_media(color_scheme="light")
    page.screenshot(path=tmp_path / "light.png", full_page=True)
    assert is_light(tmp_path / "light.png")


@pytest.mark.parametrize("record", [LIVE, NOTHING, RECORD])
def test_a_phone_needs_no_sideways_scrolling(show, record):
    page = show(html(record, picture=None), viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('.scroll')]
          .filter(e => e.checkVisibility({contentVisibilityAuto: true}) && e.scrollWidth > e.clientWidth)
          .map(e => e.closest('section').querySelector('h2').textContent + ' ' + (e.scrollWidth - e.clientWidth))"""
    )
    assert too_wide == []


def test_without_scripts_the_drawings_are_there(show):
    page = show(html(), java_script_enabled=False)
    assert page.locator("#overview svg.still").is_visible()
    assert page.locator(f"{BACK} svg.still").is_visible()
    assert not page.locator(".controls").is_visible()


def test_words_are_readable_in_both_themes(show):
    for scheme in ("light", "dark"):
        page = show(html(), color_scheme=scheme)
        contrasts = page.evaluate(
            """() => {
              const light = c => { const v = c.match(/\\d+/g).slice(0, 3).map(n => n / 255)
                .map(n => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
                return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
              const ground = light(getComputedStyle(document.body).backgroundColor);
              return [...document.querySelectorAll('.badge, .soft, .under, .readout, a, caption, footer')].map(e => {
                const ink = light(getComputedStyle(e).color);
                return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05); });
            }"""
        )
        assert min(contrasts) >= 4.5


def test_nothing_that_came_from_outside_runs(chromium, tmp_path):
    record = replace(
        LIVE,
        source=replace(LIVE.source, name=EVIL),
        notes=(EVIL,),
        profile=replace(LIVE.profile, title=EVIL, flags=tuple(replace(r, label=EVIL) for r in LIVE.profile.flags)),
    )
    text = html(record, make_series(), remarks=(Remark(1.0, EVIL),))
    # And even what was smuggled in is stopped by the page's own policy.
    text = text.replace(
        "</body>", "<script>document.title='owned'</script><p id=p onclick=\"document.title='owned'\">x</p></body>"
    )
    path = tmp_path / "report.html"
    path.write_text(text, encoding="utf-8")
    page = chromium.new_page()
    blocked = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(path.as_uri())
    page.locator("#p").click()
    assert page.title() == f"formcoach: {EVIL}"
    assert len([one for one in blocked if "Content Security Policy" in one]) == 2
    hover(page, BACK, 0.5)
    assert "°" in readout(page)
    page.close()
