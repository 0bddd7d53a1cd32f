"""The review in a real browser: nothing is refused by its own policy, and it works as a person uses it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from browser import open_browser
from formcoach.coach.session.types import SymptomPlace
from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live
from review_server import serving
from review_store import fill_store

PATIENCE_MS = 60_000  # on a busy machine


@pytest.fixture(scope="module")
def chromium():
    with open_browser() as browser:
        yield browser


@pytest.fixture
def stand(tmp_path):
    """Four sessions without frames and, the newest, one of which a report can be made."""
    fill_store(tmp_path, 4)
    with SessionStore(tmp_path) as store:
        name, _ = keep_live(store)
    with serving(tmp_path) as client:
        yield client, tmp_path, name


@contextmanager
def opened(chromium, client, **how):
    """Open the link in a fresh profile; nothing may be complained of and nothing asked of another host."""
    context = chromium.new_context(**how)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints, asked = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(client.access.link)
    page.wait_for_selector("h1:has-text('Your sessions')")
    yield page
    assert complaints == []
    assert [url for url in asked if not url.startswith((client.origin, "data:"))] == []
    context.close()


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_the_link_stays_nowhere(chromium, stand):
    client, _, _ = stand
    with opened(chromium, client) as page:
        assert page.url == f"{client.origin}/"
        page.go_back()
        assert "token" not in page.url
        page.goto(client.origin)
        assert page.evaluate("document.cookie") == ""  # scripts do not see it


def test_a_person_filters_compares_writes_and_deletes(chromium, stand):
    client, folder, name = stand
    with opened(chromium, client) as page:
        assert page.locator(".sessions tbody tr").count() == 5
        page.fill("input[name=from]", name[:10])
        page.click("text=Show >> nth=0")
        page.wait_for_selector("caption:has-text('1 of 5 sessions')")
        page.click("text=Show all")
        page.wait_for_selector("caption:text-matches('^5 sessions')")

        # The button works without a script, so it is only disabled once the page's script has run: wait for it.
        button = page.get_by_role("button", name="Side by side")
        expect(button).to_be_disabled(timeout=PATIENCE_MS)
        for number in (1, 3):
            page.locator(".sessions input").nth(number).check()
        expect(button).to_be_enabled(timeout=PATIENCE_MS)
        page.locator(".sessions input").nth(2).check()
        expect(button).to_be_disabled(timeout=PATIENCE_MS)
        page.locator(".sessions input").nth(2).uncheck()
        button.click()
        page.wait_for_selector("h1:has-text('Side by side')")
        assert page.locator("table.pair").count() >= 3

        page.goto(f"{client.origin}/sessions/{name}")
        page.get_by_label("New note").fill("Easier <b>today</b>.")
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_selector("[role=status]:has-text('The note is kept.')")
        assert page.locator("#notes ~ .edits .written").inner_text() == "Easier <b>today</b>."
        page.locator("#notes ~ .edits summary").click()
        page.locator("#notes ~ .edits textarea").fill("Easier today.")
        page.locator("#notes ~ .edits").get_by_role("button", name="Save").click()
        page.wait_for_selector("[role=status]:has-text('The note is changed.')")
        assert page.locator("#notes ~ .edits .written").inner_text() == "Easier today."

        felt = page.locator("section[aria-labelledby=felt]")
        felt.get_by_text("Change", exact=True).click()
        felt.locator("li select").select_option("calf_or_foot")
        felt.get_by_role("button", name="Save").click()
        page.wait_for_selector("[role=status]:has-text('What you felt is changed.')")
        felt.get_by_text("Add an answer").click()
        felt.get_by_role("button", name="Keep it").click()  # the browser asks for a place first
        felt.locator("select[name=place]").last.select_option("lower_back")
        felt.get_by_role("button", name="Keep it").click()
        page.wait_for_selector("[role=status]:has-text('What you felt is kept.')")
        with SessionStore(folder) as store:
            places = [one.place for one in store.load(name).symptoms]
        assert sorted(places) == [SymptomPlace.CALF_OR_FOOT, SymptomPlace.LOWER_BACK]

        page.once("dialog", lambda dialog: dialog.dismiss())
        page.locator("#notes ~ .edits summary").click()
        page.locator("#notes ~ .edits").get_by_role("button", name="Remove").click()
        assert page.locator("#notes ~ .edits .written").count() == 1

        page.click("text=Delete this session")
        page.wait_for_selector("h1:has-text('Delete')")
        page.click("text=Keep it")
        page.wait_for_selector("#numbers")
        page.click("text=Delete this session")
        page.get_by_role("button", name="Delete for good").click()
        page.wait_for_selector("[role=status]:has-text('The session is deleted.')")
        assert page.locator(".sessions tbody tr").count() == 4


def test_the_report_runs_its_own_script_and_no_other(chromium, stand):
    client, folder, name = stand
    with SessionStore(folder) as store:
        store.add_note(name, "Seen <script>alert(1)</script>")
    with opened(chromium, client) as page:
        page.click(f"a[href='/sessions/{name}']")
        page.click("text=Whole report")
        page.wait_for_selector(".charted .live canvas")
        assert "Seen <script>" in page.locator("#remarks ~ ul").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(chromium, stand, scheme):
    client, _, name = stand
    how = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "color_scheme": scheme}
    with opened(chromium, client, **how) as page:
        other = page.locator(".sessions input").nth(2).get_attribute("value")
        one, two = f"/sessions/{name}", f"/sessions/{other}"
        for path in ("/", "/trends", one, two, f"/compare?session={name}&session={other}", f"{two}/delete"):
            page.goto(client.origin + path)
            assert wide(page) <= 0, path


def test_the_scale_of_a_trend_stays_in_sight_on_a_phone(chromium, stand):
    client, _, _ = stand
    with opened(chromium, client, viewport={"width": 360, "height": 740}, is_mobile=True) as page:
        page.goto(f"{client.origin}/trends")
        plot = page.locator(".trend .scroll").first
        assert plot.evaluate("one => one.scrollLeft") > 100  # the latest session is shown
        scale, chart = (plot.locator(one).bounding_box() for one in (".scale", ".chart"))
        assert 0.0 <= scale["x"] < 30.0
        assert scale["height"] == pytest.approx(chart["height"], abs=1.0)  # else words would not stand at their lines


def test_it_works_without_a_script(chromium, stand):
    client, _, name = stand
    with opened(chromium, client, java_script_enabled=False) as page:
        page.locator(".sessions input").nth(0).check()
        page.locator(".sessions input").nth(2).check()
        page.get_by_role("button", name="Side by side").click()
        page.wait_for_selector("h1:has-text('Side by side')")
        page.goto(f"{client.origin}/sessions/{name}")
        page.get_by_label("New note").fill("Plain")
        page.get_by_role("button", name="Keep it").click()
        page.wait_for_selector(".written:has-text('Plain')")


def test_the_keyboard_is_enough(chromium, stand):
    client, _, _ = stand
    with opened(chromium, client) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.locator(".sessions input").nth(0).focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.href").startswith(f"{client.origin}/sessions/")
        page.keyboard.press("Enter")
        page.wait_for_selector("#numbers")


def test_another_page_on_this_computer_changes_nothing(chromium, stand, tmp_path_factory):
    """A page of another origin posts a form with the browser's cookies, as well as a browser lets it."""
    client, folder, name = stand
    page_file = tmp_path_factory.mktemp("other") / "other.html"
    page_file.write_text(
        f"<form method=post action='{client.origin}/sessions/{name}/delete'></form>"
        "<script>document.forms[0].submit()</script>"
    )
    context = chromium.new_context()
    page = context.new_page()
    page.goto(client.access.link)
    page.wait_for_selector("h1:has-text('Your sessions')")
    page.goto(page_file.as_uri())
    page.wait_for_selector("h1:has-text('Not here')")
    with SessionStore(folder) as store:
        store.require(name)
    context.close()
