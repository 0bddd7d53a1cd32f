"""What the server answers, byte for byte: what is escaped, what is changed, what is sent."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import tempfile
import zipfile
from dataclasses import replace
from io import BytesIO

from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live
from review_server import serving
from review_store import EVIL, make_record, outline
from store_sessions import MODEL, make_frames, make_plan, write_frames


def raw(client, path, **headers):
    """Return the bytes of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", client.access.port)
    connection.request("GET", path, headers={"Cookie": client.cookie} | headers)
    content = connection.getresponse().read()
    connection.close()
    return content


def test_what_came_from_outside_is_escaped(one):
    trends = [f"/sessions/{one.name}", "/", "/trends", f"/sessions/{one.name}/delete"]
    pages = {path: one.ask(path).body for path in trends}
    for body in pages.values():
        assert "alert(1)</script>" not in body
        assert "<b>x" not in body
    assert pages[f"/sessions/{one.name}"].count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3  # title, file, note twice
    for field in ("from", "to", "exercise", "leg", "show", "done"):
        assert "<script>alert" not in one.ask(f"/?{field}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").body


def test_the_report_is_made_with_notes_and_under_its_own_policy(tmp_path):
    with SessionStore(tmp_path) as store:
        name, _ = keep_live(store)
        store.add_note(name, EVIL)
    with serving(tmp_path) as client:
        client.enter()
        number = re.search(r"/answers/(\d+)", client.ask(f"/sessions/{name}").body)[1]
        assert client.post(f"/sessions/{name}/answers/{number}", {"place": "lower_back"}).status == 303
        answer = client.ask(f"/sessions/{name}/report/")
    assert answer.status == 200
    assert "&lt;script&gt;alert(1)" in answer.body
    assert "alert(1)</script>" not in answer.body
    assert "Lower back" in answer.body or "lower back" in answer.body
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"script-src 'sha256-", policy)
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'none'")


def test_notes_are_kept_changed_and_removed(one):
    path = f"/sessions/{one.name}/notes"
    answer = one.post(path, {"text": " two\r\nlines — ü "})
    assert answer.status == 303
    assert answer.headers["Location"] == f"/sessions/{one.name}?done=note-added#notes"
    first, second = outline(one.folder, one.name).notes
    assert second.text == "two\nlines — ü"
    assert one.post(path, {"text": " \r\n "}).status == 409
    assert one.post(path).status == 409
    one.post(f"{path}/{second.key}", {"text": "other", "do": "save"})
    one.post(f"{path}/{first.key}", {"do": "remove"})
    assert [(note.key, note.text) for note in outline(one.folder, one.name).notes] == [(second.key, "other")]
    assert one.post(f"{path}/{first.key}", {"text": "x"}).status == 409
    assert "no longer there" in one.post(f"{path}/999", {"do": "remove"}).body
    assert one.post(f"{path}/-1", {"text": "x"}).status == 404
    assert one.post(f"{path}/99999999999999999999999", {"text": "x"}).status in (404, 409)


def test_what_was_felt_is_changed_in_the_record_too(one):
    body = one.ask(f"/sessions/{one.name}").body
    numbers = [int(number) for number in re.findall(r"/answers/(\d+)", body)]
    before = outline(one.folder, one.name)
    assert one.post(f"/sessions/{one.name}/answers/{numbers[1]}", {"place": "numb_or_tingling"}).status == 303
    assert one.post(f"/sessions/{one.name}/answers/{numbers[2]}", {"place": ""}).status == 303
    assert one.post(f"/sessions/{one.name}/answers/{numbers[0]}", {"do": "remove"}).status == 303
    assert one.post(f"/sessions/{one.name}/answers/{numbers[1]}", {"place": "elsewhere"}).status == 409
    after = outline(one.folder, one.name)
    places = [SymptomPlace.NUMB_OR_TINGLING, None, *(each.place for each in before.symptoms[3:])]
    assert [each.place for each in after.symptoms] == places
    assert [each["place"] for each in after.record["symptoms"]] == places
    assert after.symptoms[0].time_s == before.symptoms[1].time_s


def test_what_was_felt_is_added_to_a_hold(one):
    before = outline(one.folder, one.name)
    hold, path = before.holds[1], f"/sessions/{one.name}/answers"
    assert f'value="{hold.hold.end_s}"' in one.ask(f"/sessions/{one.name}").body
    chosen = {"hold": str(hold.hold.end_s), "place": "calf_or_foot"}
    assert one.post(path, chosen).headers["Location"] == f"/sessions/{one.name}?done=answer-added#felt"
    for wrong in ({}, {"place": ""}, {"hold": "x"}, {"hold": "nan"}, {"hold": str(hold.hold.end_s + 0.5)}):
        assert one.post(path, chosen | wrong if wrong else {}).status == 409
    after = outline(one.folder, one.name)
    (added,) = (each for each in after.symptoms if each.trigger is SymptomTrigger.ADDED_LATER)
    assert (added.place, added.time_s) == (SymptomPlace.CALF_OR_FOOT, hold.hold.end_s)
    assert (added.leg, added.set_number) == (hold.hold.leg, hold.set_number)
    assert [each.time_s for each in after.symptoms] == sorted(
        [*(each.time_s for each in before.symptoms), added.time_s]
    )
    assert [each["place"] for each in after.record["symptoms"]] == [each.place for each in after.symptoms]
    assert "added later" in one.ask(f"/sessions/{one.name}").body


def test_a_session_is_deleted_after_a_question(one):
    (one.folder / "sessions" / one.name).mkdir(parents=True)
    (one.folder / "sessions" / one.name / "overlay.mp4").write_bytes(b"x" * 2_500_000)
    asked = one.ask(f"/sessions/{one.name}/delete").body
    assert "overlay.mp4" in asked
    assert "2.5 MB" in asked
    assert outline(one.folder, one.name).notes
    answer = one.post(f"/sessions/{one.name}/delete")
    assert (answer.status, answer.headers["Location"]) == (303, "/?done=deleted")
    assert one.ask(f"/sessions/{one.name}").status == 404
    assert not (one.folder / "sessions" / one.name).exists()
    assert "No session has been recorded yet" in one.ask("/?done=deleted").body


def test_the_video_is_sent_in_parts(one):
    path = f"/sessions/{one.name}/report/overlay.mp4"
    assert one.ask(path).status == 404
    (one.folder / "sessions" / one.name).mkdir(parents=True)
    (one.folder / "sessions" / one.name / "overlay.mp4").write_bytes(b"0123456789")
    answer = one.ask(path, Range="bytes=3-5")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (206, "345", "video/mp4")
    (one.folder / "sessions" / one.name / "overlay.mp4").unlink()
    (one.folder / "sessions" / one.name / "overlay.mp4").symlink_to(one.folder / "sessions.sqlite")
    assert one.ask(path).status == 404


def test_kept_pictures_are_sent_and_nothing_else_of_the_folder(one):
    folder = one.folder / "sessions" / one.name
    folder.mkdir(parents=True)
    for name in ("snapshot-001.png", "session.json", "snapshot-001.png.txt"):
        (folder / name).write_text("content", encoding="utf-8")
    answer = one.ask(f"/sessions/{one.name}/report/snapshot-001.png")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, "content", "image/png")
    for other in ("session.json", "snapshot-001.png.txt", "snapshot-002.png", "..%2Fsession.json", "%2Fetc%2Fpasswd"):
        assert one.ask(f"/sessions/{one.name}/report/{other}").status == 404, other


def test_exports_are_files_and_nothing_of_them_stays(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with SessionStore(tmp_path) as store:
        name, _ = keep_live(store)
    with serving(tmp_path) as client:
        client.enter()
        for asked in ("bytes=0-9", "bytes=999999999-", "lines=1"):
            assert zipfile.is_zipfile(BytesIO(raw(client, f"/sessions/{name}/export/zip", Range=asked)))
        for kind in ("zip", "csv"):
            answer = client.ask(f"/sessions/{name}/export/{kind}")
            assert answer.status == 200
            assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}')
        assert json.loads(client.ask(f"/sessions/{name}/export/json").body)["schema"] == "formcoach.session"
        assert client.ask(f"/sessions/{name}/export/exe").status == 404
    assert list(temporary.iterdir()) == []


def test_a_session_that_is_being_recorded_is_shown_and_stays(tmp_path):
    times_s, poses, guidance = make_frames()
    with SessionStore(tmp_path) as store, store.begin(make_plan()) as journal, serving(tmp_path) as client:
        journal.begin_segment(MODEL, (640, 480))
        write_frames(journal, times_s[:60], poses[:60], guidance[:60])
        client.enter()
        name = journal.session_id
        assert "being recorded" in client.ask("/").body
        page = client.ask(f"/sessions/{name}")
        assert "still being recorded" in page.body
        assert "Delete this session" not in page.body
        assert client.post(f"/sessions/{name}/delete").status == 409
        assert "being recorded" in client.ask(f"/sessions/{name}/report/").body
        assert client.ask("/trends").status == 200
        assert client.post(f"/sessions/{name}/notes", {"text": "while it goes on"}).status == 303
        write_frames(journal, times_s[60:], poses[60:], guidance[60:], first=60)
        journal.finish(replace(make_record(1), duration_s=times_s[-1]))
        assert "being recorded" not in client.ask("/").body
        assert "while it goes on" in client.ask(f"/sessions/{name}").body


def test_a_damaged_store_and_a_newer_one_are_explained(one):
    store = one.folder / "sessions.sqlite"
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    answer = one.ask("/")
    assert answer.status == 503
    assert "newer formcoach" in answer.body
    store.write_bytes(b"this is no database" * 1000)
    for each in one.folder.glob("sessions.sqlite-*"):
        each.unlink()
    answer = one.ask("/")
    assert answer.status == 200
    assert 'class="note"' in answer.body  # says what was set aside
    assert "No session has been recorded yet" in answer.body


def test_filters(many):
    def names(query):
        return re.findall(r'name="session" value="([^"]+)"', many.ask(f"/{query}").body)

    newest_first = many.names[::-1]
    assert names("") == newest_first
    day = many.names[3][:10]
    assert names(f"?from={day}") == [one for one in newest_first if one[:10] >= day]
    assert names(f"?to={day}") == [one for one in newest_first if one[:10] <= day]
    assert names("?from=nonsense&leg=middle") == newest_first
    assert names("?leg=left") == newest_first[:-1]  # the first was of the right leg alone
    assert names("?exercise=supine") == []
    assert names("?exercise=standing_raised_leg&leg=right") == newest_first


def test_two_side_by_side(many):
    first, second = many.names[0], many.names[4]
    body = many.ask(f"/compare?session={second}&session={first}").body
    assert body.index(f"/sessions/{first}") < body.index(f"/sessions/{second}")
    assert "In good form" in body
    for wrong in ("", f"?session={first}", "&".join(["?x=1", *(f"session={one}" for one in many.names[:3])])):
        assert many.ask(f"/compare{wrong}").status == 409
    assert many.ask(f"/compare?session={first}&session={first}").status == 409


def test_a_whole_session_comes_out_as_it_is(tmp_path):
    with SessionStore(tmp_path) as store:
        name, _ = keep_live(store)
    with serving(tmp_path) as client:
        client.enter()
        content = raw(client, f"/sessions/{name}/export/csv")
    assert {"angles.csv", "flags.csv"} <= set(zipfile.ZipFile(BytesIO(content)).namelist())


def test_looking_at_a_report_writes_nothing(one):
    before = sorted(one.folder.rglob("*"))
    assert one.ask(f"/sessions/{one.name}/report/").status == 200
    assert sorted(path for path in one.folder.rglob("*") if ".sqlite-" not in path.name) == [
        path for path in before if ".sqlite-" not in path.name
    ]
