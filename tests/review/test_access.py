"""Who is let in, and what is refused."""

from __future__ import annotations

import pytest

from formcoach.review.access import OPEN_FILES, Access
from review_server import Client
from review_store import EVIL, outline


def test_the_link_is_exchanged_for_a_cookie_that_opens_the_pages(many):
    fresh = Client(many.access)
    assert fresh.ask("/").status == 403
    answer = fresh.enter()
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 200
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    token = many.access.link.partition("token=")[2]
    assert len(token) >= 43
    assert token not in cookie
    assert token not in answer.body
    assert "Your sessions" in fresh.ask("/").body


def test_a_link_for_a_browser_holds_once(many):
    path = many.access.link_for_browser.removeprefix(many.origin)
    assert path not in many.access.link
    fresh = Client(many.access)
    assert fresh.ask(path).status == 200
    assert "holds no longer" in fresh.ask(path).body
    assert fresh.ask(many.access.link.removeprefix(many.origin)).status == 200


@pytest.mark.parametrize(
    "cookie",
    [None, "", "formcoach_review_1=x", "formcoach_review_{port}=", "formcoach_review_{port}=wrong", "\"';=,", "é=ü"],
)
def test_without_the_cookie_nothing_is_shown(many, cookie):
    fresh = Client(many.access, None if cookie is None else cookie.format(port=many.access.port))
    for path in ("/", "/trends", f"/sessions/{many.names[0]}", f"/sessions/{many.names[0]}/report/", "/nothing"):
        answer = fresh.ask(path)
        assert answer.status == 403
        assert many.names[0] not in answer.body
    assert fresh.ask("/?token=wrong").status == 403
    assert "Set-Cookie" not in fresh.ask("/?token=wrong").headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_a_foreign_host_is_refused_even_with_the_token(many, host):
    host = host.format(port=many.access.port)
    assert many.ask("/", Host=host).status == 421
    answer = many.ask(many.access.link.removeprefix(many.origin), Host=host)
    assert answer.status == 421
    assert "Set-Cookie" not in answer.headers
    assert many.ask("/", Host=f"localhost:{many.access.port}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "http://127.0.0.1:{port}.evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_other_sites_neither_read_nor_change(one, headers):
    headers = {name: value.format(port=one.access.port) for name, value in headers.items()}
    assert one.ask("/", **headers).status == 403
    assert one.ask(OPEN_FILES + "review.js", **headers).status == 403
    assert one.post(f"/sessions/{one.name}/notes", {"text": "from elsewhere"}, **headers).status == 403
    assert one.post(f"/sessions/{one.name}/delete", **headers).status == 403
    assert [note.text for note in outline(one.folder, one.name).notes] == [EVIL]


def test_a_form_must_say_where_it_comes_from_and_be_one(one):
    path = f"/sessions/{one.name}/notes"
    assert one.post(path, {"text": "x"}, Origin=None).status == 403
    for kind in ("text/plain", "application/json", "multipart/form-data; boundary=x", ""):
        assert one.post(path, {"text": "x"}, **{"Content-Type": kind}).status == 409
    assert one.post(path, {"text": "x" * 200_000}).status == 413
    assert Client(one.access).post(path, {"text": "x"}).status == 403
    assert len(outline(one.folder, one.name).notes) == 1


def test_nothing_is_changed_by_reading(one):
    for path in (f"/sessions/{one.name}/delete", f"/sessions/{one.name}/notes", f"/sessions/{one.name}/answers/1"):
        assert one.ask(path).status in (200, 405)
        assert one.ask(path, "HEAD").status in (200, 405)
    assert outline(one.folder, one.name).notes
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert one.ask(f"/sessions/{one.name}", method, Origin=one.origin).status == 405
    assert one.post("/").status == 405


@pytest.mark.parametrize(
    "name",
    ["..", "../..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e%2fsessions.sqlite", "x", "a'b", "%00", "%ff", "A" * 300,
     "{good}%00", "{good}/..", "{good}.", "%3Cscript%3E"],
)  # fmt: skip
def test_odd_names_of_sessions_lead_nowhere(many, name):
    name = name.format(good=many.names[0])
    for path in (f"/sessions/{name}", f"/sessions/{name}/report/", f"/sessions/{name}/export/zip", f"/static/{name}"):
        answer = many.ask(path)
        assert answer.status == 404, (path, answer.status)
        assert "SQLite" not in answer.body
        assert "Traceback" not in answer.body
    assert many.post(f"/sessions/{name}/delete").status == 404
    assert many.ask(f"/compare?session={name}&session={many.names[0]}").status == 409


def test_every_answer_has_the_headers(many):
    name = many.names[-1]
    for path in (
        "/",
        "/trends",
        f"/sessions/{name}",
        "/nothing",
        f"{OPEN_FILES}report.css",
        f"/sessions/{name}/export/zip",
    ):
        headers = many.ask(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "Access-Control-Allow-Origin" not in headers
        assert "uvicorn" not in str(headers).lower()


@pytest.mark.parametrize("other", ['theme={"dark":1}', "flag", "a=b; ;=;", 'x="unclosed'])
def test_cookies_of_other_programs_on_this_computer_are_in_nobodys_way(many, other):
    name, ticket = many.cookie.split("=", 1)
    fresh = Client(many.access)
    fresh.cookie = f"{other}; {name}={ticket}"
    assert fresh.ask("/").status == 200
    fresh.cookie = f"{other}; {name}={ticket[:-1]}"
    assert fresh.ask("/").status == 403


def test_a_browser_leaves_out_the_usual_port():
    assert "127.0.0.1" in Access(80).hosts
    assert "127.0.0.1" not in Access(8080).hosts
