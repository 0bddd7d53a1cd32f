"""``formcoach sessions`` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from builders import make_readings
from formcoach.sessions.store import SessionStore
from sessions_data import RECORD
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
    assert "Hold: left leg, set 1, at 4 s, 5 s counted, 4 s in good form" in shown
    assert "Felt: behind knee, at 2.5 s" in shown
    assert "Note: stiff [2J today" in shown

    refused = formcoach(home, "delete", first, answer="n\n")
    assert (refused.returncode, refused.stdout.strip()) == (1, "")
    assert "Nothing was deleted." in refused.stderr
    assert formcoach(home, "delete", first, answer="y\n").stdout.strip() == f"Deleted {first}."
    assert formcoach(home, "delete", first, "--yes").returncode == 2
    assert formcoach(home, "delete", "last", second, "--yes").stdout == f"Deleted {second}.\n"
    assert "No session has been recorded yet" in formcoach(home, "list").stdout


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


def test_none_of_it_is_made_by_looking_for_it(home):
    assert formcoach(home, "path").stdout == f"{home}\n"
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "last"), "No session has been recorded yet"),
        (("show", "2026-01-01-0000-000"), "There is no session '2026-01-01-0000-000'"),
        (("delete", "../x", "--yes"), "There is no session '../x'"),
    ],
)
def test_what_is_not_there_is_a_sentence(home, arguments, sentence):
    run = formcoach(home, *arguments)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
