"""``formcoach report`` as a user types it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from formcoach.sessions.store import SessionStore
from kept_sessions import analyse, keep_live


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def report(home, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "formcoach", "report", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"FORMCOACH_HOME": str(home)} | environment,
    )


def test_the_last_session_and_one_by_name(home, tmp_path):
    with SessionStore(home) as store:
        first, _ = keep_live(store)
        second, _ = keep_live(store, with_folder=True)
    path = home / "sessions" / second / "report.html"
    path.unlink()
    assert report(home).stdout == f"{path}\n"
    assert "<title>formcoach" in path.read_text()
    out = tmp_path / "mine.html"
    assert report(home, first, "--out", out).stdout == f"{out}\n"
    assert out.exists()
    assert report(home, path.parent).stdout == f"{path}\n"  # the folder of a session is the session


def test_a_session_that_was_killed_gets_a_report(home):
    with SessionStore(home) as store:
        session_id, _ = keep_live(store, frames=140, finish=False)
    done = report(home)
    assert f"The session '{session_id}' was cut off after" in done.stderr
    assert done.returncode == 0
    assert "was cut off after" in (home / "sessions" / session_id / "report.html").read_text()


def test_a_result_folder_without_any_store(home, tmp_path):
    folder = analyse(tmp_path / "clip").folder
    (folder / "report.html").unlink()
    assert report(home, folder).stdout == f"{folder / 'report.html'}\n"
    assert not home.exists()


def test_it_is_opened_in_the_browser(home, tmp_path):
    with SessionStore(home) as store:
        keep_live(store)
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    done = report(home, "--open", BROWSER=f"{browser} %s")
    assert done.returncode == 0
    assert seen.read_text().startswith("file:///")
    assert seen.read_text().strip().endswith("/report.html")


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("last", "No session has been recorded yet"),
        ("2026-01-01-0000-000", "There is no session '2026-01-01-0000-000'"),
        ("../no-such-folder", "There is no session '../no-such-folder'"),
        (".", "is no result of formcoach"),
    ],
)
def test_what_is_not_there_is_a_sentence(home, tmp_path, which, sentence):
    done = report(home, tmp_path if which == "." else which)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
