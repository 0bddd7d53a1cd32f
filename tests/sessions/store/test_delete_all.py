"""Everything deleted: nothing stays behind, and nobody loses a session to it."""

from __future__ import annotations

import pytest

from formcoach.errors import OutputError, UsageError
from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live
from store_sessions import make_plan


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_nothing_stays_behind(home):
    with SessionStore(home) as store:
        session_id, _ = keep_live(store, with_folder=True)
        keep_live(store, frames=20, finish=False)
        (store.folder_of(session_id) / "overlay.mp4").write_bytes(b"video")
        (store.folder_of(session_id) / "of the user.txt").write_text("in a session's folder")
        (home / "sessions-damaged-20261126-100000.sqlite").write_bytes(b"set aside")
        (home / "sessions.recovering-journal").write_bytes(b"cut off")
        store.delete_all()
    assert not home.exists()
    with SessionStore(home) as store:
        assert store.list() == ()


def test_what_is_not_ours_stays(home):
    with SessionStore(home) as store:
        keep_live(store)
        mine = [home / "holiday.mp4", home / "sessions" / "thesis" / "a.txt", home / "running" / "marathon.lock"]
        for one in mine:
            one.parent.mkdir(parents=True, exist_ok=True)
            one.write_text("mine")
        store.unfinished()  # sweeps what is left of sessions
        store.delete_all()
    assert sorted(one for one in home.rglob("*") if one.is_file()) == sorted(mine)


def test_what_is_left_of_sessions_that_are_in_the_store_no_more_goes_too(home):
    with SessionStore(home) as store:
        for name in ("2026-11-26-0912-k3f", ".2026-11-26-0912-k3f.0a1b2c3d.partial"):
            (home / "sessions" / name).mkdir(parents=True)
            (home / "sessions" / name / "overlay.mp4").write_bytes(b"video")
        store.delete_all()
    assert not home.exists()


def test_a_running_session_refuses(home):
    with SessionStore(home) as store, SessionStore(home) as other, other.begin(make_plan()) as journal:
        with pytest.raises(UsageError, match=f"'{journal.session_id}' is being recorded"):
            store.delete_all()
        assert [one.session_id for one in store.list()] == [journal.session_id]


def test_another_program_that_has_it_open_refuses(home):
    with SessionStore(home) as store, SessionStore(home) as other:
        session_id, _ = keep_live(store)
        with pytest.raises(OutputError, match="Another program has the sessions"):
            store.delete_all()
        assert [one.session_id for one in other.list()] == [session_id]
    with SessionStore(home) as store:
        assert [one.session_id for one in store.list()] == [session_id]
        store.delete_all()
    assert not home.exists()
