"""``formcoach sessions`` as a user types it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib import resources

import pytest

from builders import make_readings
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.trends import read_trends
from formcoach.stretch import load_profile
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from kept_sessions import keep_live
from report_data import LIVE
from review_store import add_session
from sessions_data import NOTHING, RECORD
from store_sessions import MODEL, make_frames, make_plan, make_symptom, write_frames


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def formcoach(home, *arguments, answer=""):
    return subprocess.run(
        [sys.executable, "-m", "formcoach", "sessions", *arguments],
        input=answer,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"FORMCOACH_HOME": str(home)},
    )


def record_session(home, *, finish=True):
    times_s, poses, guidance = make_frames()
    with SessionStore(home) as store, store.begin(make_plan()) as journal:
        journal.begin_segment(MODEL, (640, 480))
        write_frames(journal, times_s[:40], poses[:40], guidance[:40])
        journal.note_symptom(make_symptom(2.5, make_readings()))
        if finish:
            journal.finish(replace(RECORD, duration_s=times_s[39]))
        return journal.session_id


def test_list_show_and_delete(home):
    first, second = record_session(home), record_session(home)
    with SessionStore(home) as store:
        store.add_note(second, "stiff\x1b[2J today")
    listed = formcoach(home, "list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [first, second]
    assert "1 hold, 5 s counted, 4 s in good form" in listed.stdout
    shown = formcoach(home, "show", "last").stdout
    assert shown.startswith(f"{second}: ")
    assert "Hold: left leg, at 4 s, 5 s counted, 4 s in good form" in shown
    assert "Not checked: Leg in line, cannot be seen from this side" in shown
    assert "Felt: behind knee, at 2.5 s" in shown
    assert "Note: stiff [2J today" in shown

    refused = formcoach(home, "delete", first, answer="n\n")
    assert (refused.returncode, refused.stdout.strip()) == (1, "")
    assert "Nothing was deleted." in refused.stderr
    assert formcoach(home, "delete", first, answer="y\n").stdout.strip() == f"Deleted {first}."
    assert formcoach(home, "delete", first, "--yes").returncode == 2
    assert formcoach(home, "delete", "last", second, "--yes").stdout == f"Deleted {second}.\n"
    assert "No session has been recorded yet" in formcoach(home, "list").stdout


def test_of_form_that_was_not_checked_nothing_is_said(home):
    unchecked = tuple(Unchecked(rule.name, NotChecked.WRONG_VIEW, 1.0) for rule in RECORD.profile.flags)
    record = replace(RECORD, flags=(), unchecked=unchecked, notes=("From the front only.",))
    with SessionStore(home) as store:
        add_session(store, replace(record, sets=LIVE.sets))
        add_session(store, record, source=RECORD.source)
        add_session(store, NOTHING, source=NOTHING.source)
    live, clip, photo = formcoach(home, "list").stdout.splitlines()
    assert live.endswith("standing_raised_leg  12 s, 1 hold, 5 s counted, form not checked")
    assert clip.endswith("standing_raised_leg  clip.mp4, 12 s, 1 hold, 5 s counted, form not checked")
    assert photo.endswith("standing_raised_leg  photo.jpg, a photo")
    names = [one.split()[0] for one in (live, clip, photo)]
    live, clip, photo = (formcoach(home, "show", one).stdout.splitlines() for one in names)
    assert "Hold: left leg, set 1, at 4 s, 5 s counted, form not checked" in live
    assert ", clip.mp4, analysed " in clip[0]
    assert "analysed" not in live[0]
    assert "Hold: left leg, at 4 s, 5 s counted, form not checked" in clip
    assert "Not checked: Back, cannot be seen from this side" in clip
    assert "Remark: From the front only." in clip
    assert photo[1:3] == ["a photo", "Flag: Knee extended, tip"]
    entries = json.loads(formcoach(home, "list", "--json").stdout)
    assert [(one["origin"], one["source"], one["good_s"]) for one in entries] == [
        ("live", "clip.mp4", None),
        ("recording", "clip.mp4", None),
        ("photo", "photo.jpg", None),
    ]


def test_for_programs(home):
    session_id = record_session(home)
    (entry,) = json.loads(formcoach(home, "list", "--json").stdout)
    assert (entry["id"], entry["state"], entry["holds"], entry["symptoms"]) == (session_id, "finished", 1, 1)
    shown = json.loads(formcoach(home, "show", session_id, "--json").stdout)
    assert shown["record"]["schema"] == "formcoach.session"
    assert shown["id"] == session_id


def test_a_session_that_was_cut_off_is_closed_by_the_next_command(home):
    session_id = record_session(home, finish=False)
    listed = formcoach(home, "list")
    assert f"The session '{session_id}' was cut off after" in listed.stderr
    assert ", cut off" in listed.stdout
    again = formcoach(home, "list")
    assert (again.stderr, again.stdout) == ("", listed.stdout)


def test_recorded_video_is_listed_with_its_size_and_deleted_with_its_session(home):
    session_id = record_session(home)
    folder = home / "sessions" / session_id
    folder.mkdir(parents=True)
    (folder / "overlay.mp4").write_bytes(b"0" * 12_340_000)
    (folder / "snapshot-001.png").write_bytes(b"0" * 250_000)
    assert formcoach(home, "list").stdout.rstrip().endswith(", video of 12.3 MB, 1 snapshot of 0.2 MB")
    assert "Recorded: video of 12.3 MB" in formcoach(home, "show", "last").stdout
    (entry,) = json.loads(formcoach(home, "list", "--json").stdout)
    assert (entry["video_bytes"], entry["snapshots"], entry["snapshots_bytes"]) == (12_340_000, 1, 250_000)
    formcoach(home, "delete", "last", "--yes")
    assert not folder.exists()


def test_pictures_that_a_killed_session_left_are_listed_with_it_and_deleted_with_it(home):
    with SessionStore(home) as store:
        session_id, _ = keep_live(store, frames=140, finish=False)
    left = home / "sessions" / f".{session_id}.0123abcd.partial"
    left.mkdir(parents=True)
    (left / "snapshot-001.png").write_bytes(b"0" * 250_000)
    (left / "overlay.mp4").write_bytes(b"nothing that can be played")
    assert "1 snapshot of 0.2 MB" in formcoach(home, "list").stdout
    folder = home / "sessions" / session_id
    assert {"report.html", "snapshot-001.png"} < {one.name for one in folder.iterdir()}
    assert not (folder / "overlay.mp4").exists()
    formcoach(home, "delete", "last", "--yes")
    assert list((home / "sessions").iterdir()) == []


@pytest.mark.parametrize("first", ["list", "delete"])
def test_what_was_never_published_of_a_closed_session_is_swept_away(home, first):
    session_id = record_session(home)
    left = home / "sessions" / f".{session_id}.0123abcd.partial"
    left.mkdir(parents=True)
    (left / "overlay.mp4").write_bytes(b"video")
    formcoach(home, *((first,) if first == "list" else ("delete", session_id, "--yes")))
    assert not left.exists()


def test_delete_all_leaves_nothing_behind(home):
    session_id = record_session(home)
    record_session(home, finish=False)
    (home / "sessions" / session_id).mkdir(parents=True)
    (home / "sessions" / session_id / "overlay.mp4").write_bytes(b"video")
    refused = formcoach(home, "delete", "--all", answer="n\n")
    assert "Delete all 2 sessions and everything else that formcoach keeps in" in refused.stderr
    assert refused.returncode == 1
    assert len(formcoach(home, "list").stdout.splitlines()) == 2
    done = formcoach(home, "delete", "--all", answer="y\n")
    assert (done.returncode, done.stdout.strip()) == (0, f"Deleted everything in '{home}'.")
    assert not home.exists()
    assert formcoach(home, "delete", "--all", "--yes").stdout.startswith("Nothing is kept")
    assert not home.exists()
    SessionStore(home).close()
    assert f"Delete everything that formcoach keeps in '{home}'" in formcoach(home, "delete", "--all").stderr


def test_delete_all_refuses_while_a_session_is_being_recorded(home):
    with SessionStore(home) as store, store.begin(make_plan()) as journal:
        store.close()
        refused = formcoach(home, "delete", "--all", "--yes")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"'{journal.session_id}' is being recorded" in refused.stderr
    assert formcoach(home, "list").stdout.startswith(journal.session_id)


def keep(home, **more):
    with SessionStore(home) as store:
        return keep_live(store, **more)


def test_exported_and_imported(home, tmp_path):
    session_id, _ = keep(home)
    out = tmp_path / "out"
    done = formcoach(home, "export", "last", "--format", "zip", "-f", "mot", "-f", "json", "--out", str(out))
    written = [out / f"{session_id}{ending}" for ending in (".zip", "_left.mot", ".json")]
    assert done.stdout.splitlines() == [str(path) for path in written]
    other = tmp_path / "other"
    assert formcoach(other, "import", str(written[0])).stdout == f"Imported {session_id}.\n"
    again = formcoach(other, "import", str(written[0]), str(written[2]))
    assert again.stdout == f"The session {session_id} is here already and stays as it is.\n"
    assert (again.returncode, "is no session that formcoach exported" in again.stderr) == (1, True)
    assert formcoach(other, "list").stdout == formcoach(home, "list").stdout

    refused = formcoach(home, "export", "--all", "-f", "zip", "--out", str(out))
    assert (refused.returncode, "add --overwrite" in refused.stderr) == (1, True)
    assert formcoach(home, "export", "--all", "-f", "zip", "--out", str(out), "--overwrite").returncode == 0


def test_judged_anew(home, tmp_path):
    session_id, live = keep(home)
    with SessionStore(home) as store:
        store.add_note(session_id, "Stiff after a long drive.")
    same = formcoach(home, "rescore", "last")
    assert same.stdout == "Nothing is different: flags and holds are the same to the last bit.\n"

    profile = resources.files("formcoach.stretch").joinpath("profiles", "standing_raised_leg.toml").read_text()
    assert "warn = { on = 0, off = -5," in profile
    lenient = tmp_path / "lenient.toml"
    lenient.write_text(
        profile.replace("warn = { on = 0, off = -5,", "warn = { on = 60, off = 55,")
        .replace("strong = { on = 10, off = 5,", "strong = { on = 70, off = 65,")
        .replace('name = "standing_raised_leg"', 'name = "lenient"')
        .replace(f'title = "{load_profile().title}"', 'title = "Lenient"')
    )
    done = formcoach(home, "rescore", session_id, "--exercise", str(lenient), "--out", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    label = live.profile.flag("ankle_dorsiflexion").label
    assert lines[0].startswith("Judged by lenient.toml")
    assert any(re.fullmatch(rf"{label}: none; before .*warn for \d+\.\d s\.", line) for line in lines)
    good = next(re.search(r"in good form: ([\d.]+), before (\d+\.\d)", line) for line in lines if "good form" in line)
    assert float(good[1]) > float(good[2])
    folder = tmp_path / "new" / session_id
    assert {one.name for one in folder.iterdir()} == {"angles.csv", "flags.csv", "session.json", "report.html"}
    assert "Stiff after a long drive." in (folder / "report.html").read_text(encoding="utf-8")
    assert formcoach(home, "rescore", "last").stdout == same.stdout  # nothing was kept

    assert "Kept with" in formcoach(home, "rescore", "last", "--exercise", str(lenient), "--keep").stdout
    assert formcoach(home, "list").stdout.split()[1] == "lenient"
    assert formcoach(home, "show", "last").stdout.startswith(f"{session_id}: Lenient,")
    with SessionStore(home) as store:
        assert [one.title for one in read_trends(store)] == ["Lenient"]
    assert "ankle_dorsiflexion" not in {one["flag"] for one in shown(home)["record"]["flags"]}
    formcoach(home, "rescore", "last", "--keep")
    assert shown(home)["record"]["exercise"]["name"] == "standing_raised_leg"


def shown(home):
    return json.loads(formcoach(home, "show", "last", "--json").stdout)


def test_none_of_it_is_made_by_looking_for_it(home):
    assert formcoach(home, "path").stdout == f"{home}\n"
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "last"), "No session has been recorded yet"),
        (("show", "2026-01-01-0000-000"), "There is no session '2026-01-01-0000-000'"),
        (("delete", "../x", "--yes"), "There is no session '../x'"),
        (("delete", "--yes"), "Name the sessions to delete, or say --all"),
        (("delete", "last", "--all"), "Name the sessions to delete, or say --all"),
        (("export", "last", "-f", "zip"), "No session has been recorded yet"),
        (("export", "--all", "-f", "zip"), "No session has been recorded yet"),
        (("export", "-f", "zip"), "Name the sessions to export"),
        (("import", "none.zip"), "There is no file 'none.zip'"),
        (("rescore", "last"), "No session has been recorded yet"),
        (("rescore", "last", "--exercise", "none"), "There is no exercise profile 'none'"),
    ],
)
def test_what_is_not_there_is_a_sentence(home, arguments, sentence):
    run = formcoach(home, *arguments)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


def test_who_deletes_a_session_is_told_of_a_store_that_was_set_aside(home):
    session_id = record_session(home)
    aside = home / "sessions-damaged-20261126-100000.sqlite"
    aside.write_bytes(b"damaged")
    done = formcoach(home, "delete", session_id, "--yes")
    assert done.stdout.splitlines() == [
        f"Deleted {session_id}.",
        f"Note: '{aside}' was set aside as damaged and may still have it: delete that file too.",
    ]


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps folders of a user from others by itself")
def test_others_cannot_read_what_is_kept_in_a_folder_that_was_there_before(home):
    home.mkdir(mode=0o755)
    session_id = record_session(home)
    (home / "sessions" / session_id).mkdir(parents=True, exist_ok=True)
    for path in (home / "sessions", home / "running", home / "sessions.sqlite"):
        assert path.stat().st_mode & 0o077 == 0, path
