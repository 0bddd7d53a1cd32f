"""A whole session taken to another store and back; and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import struct
import zipfile

import pytest

from formcoach.errors import OutputError, UsageError
from formcoach.sessions.export import archive as archive_module
from formcoach.sessions.export.archive import read_archive, write_archive
from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live, same_measured
from store_sessions import same_poses


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def other(tmp_path):
    with SessionStore(tmp_path / "other") as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store with a session with everything in it, its name, and the file that it was exported to."""
    home = tmp_path_factory.mktemp("kept") / "home"
    with SessionStore(home) as store:
        session_id, _ = keep_live(store, with_folder=True)
        folder = store.folder_of(session_id)
        (folder / "overlay.mp4").write_bytes(os.urandom(5000))
        (folder / "snapshot-001.png").write_bytes(os.urandom(300))
        (folder / "my own.txt").write_text("stays here")
        store.add_note(session_id, "stiff <today> ü", 3.5)
        path = home.with_name("session.zip")
        write_archive(store, session_id, path)
        yield store, session_id, path


@pytest.fixture
def exported(kept, tmp_path):
    """The name of a session, and a file of its own that it is in."""
    _, session_id, path = kept
    return session_id, shutil.copy(path, tmp_path / "session.zip")


def rewritten(path, changes=(), *, more=(), manifest=None, without=()):
    """Write the archive anew with some files replaced, added or left out."""
    with zipfile.ZipFile(path) as archive:
        files = {one.filename: archive.read(one) for one in archive.infolist()}
    files = {name: content for name, content in files.items() if name not in without}
    files.update(dict(changes))
    if manifest is not None:
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | manifest).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name, content in more:
            archive.writestr(name, content)


def fits(path):
    """Make size and hash in the manifest those of the files, as somebody who means harm would."""
    with zipfile.ZipFile(path) as archive:
        names = [one for one in archive.namelist() if one != "manifest.json"]
        files = {n: archive.read(n) for n in names}
    entries = {n: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()}
    rewritten(path, manifest={"files": entries})


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def is_untouched(other):
    folder = other.path.parent
    return other.list() == () and not list(folder.glob("sessions/*")) and not list(folder.glob("sessions/.*"))


def test_a_session_is_the_same_elsewhere(kept, other):
    store, session_id, path = kept
    assert read_archive(other, path) == (session_id, True)
    here, there = store.load(session_id), other.load(session_id)
    for one, another in zip(here.segments, there.segments, strict=True):
        assert same_poses(one.frames.pose, another.frames.pose)
        assert one.frames.time_s.tobytes() == another.frames.time_s.tobytes()
        assert one.frames.index.tolist() == another.frames.index.tolist()
        assert one.frames.guidance == another.frames.guidance
        assert (one.model, one.estimator, one.frame_size) == (another.model, another.estimator, another.frame_size)
    for name in ("started", "state", "program_version", "events", "flags", "holds", "record", "damaged_chunks"):
        assert getattr(here, name) == getattr(there, name)
    assert here.plan.profile == there.plan.profile
    assert here.plan.source == there.plan.source
    assert [(n.written, n.time_s, n.text) for n in here.notes] == [(n.written, n.time_s, n.text) for n in there.notes]
    assert [s.readings.value_deg.tobytes() for s in here.symptoms] == [
        s.readings.value_deg.tobytes() for s in there.symptoms
    ]
    assert store.list() == other.list()
    assert same_measured(store.load_result(session_id).measured, other.load_result(session_id).measured)
    found = {one.name: one.read_bytes() for one in other.folder_of(session_id).iterdir()}
    originals = {name: (store.folder_of(session_id) / name).read_bytes() for name in found}
    assert found == originals
    assert set(found) == {"overlay.mp4", "snapshot-001.png"}


def test_exported_again_it_has_the_same_content(other, exported, tmp_path):
    session_id, path = exported
    read_archive(other, path)
    write_archive(other, session_id, tmp_path / "again.zip")
    assert contents(tmp_path / "again.zip") == contents(path)


def test_a_second_time_it_stays_as_it_is(other, exported):
    session_id, path = exported
    read_archive(other, path)
    other.add_note(session_id, "of here")
    assert read_archive(other, path) == (session_id, False)
    assert other.load(session_id).notes[-1].text == "of here"


def test_one_without_pictures_makes_no_folder(store, other, tmp_path):
    session_id, _ = keep_live(store)
    write_archive(store, session_id, tmp_path / "x.zip")
    read_archive(other, tmp_path / "x.zip")
    assert not other.folder_of(session_id).exists()


def test_a_running_session_is_not_exported(store, tmp_path):
    session_id, _ = keep_live(store, frames=20, finish=False)
    with pytest.raises(UsageError, match="is being recorded"):
        write_archive(store, session_id, tmp_path / "x.zip")
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil", "..\\evil.txt", "sub/overlay.mp4", "report.html", "overlay.mp4/", "a" * 300]
)
def test_files_that_no_session_has_are_not_unpacked(other, exported, tmp_path, name):
    _, path = exported
    rewritten(path, more=[(name, b"evil")])
    fits(path)
    with pytest.raises(UsageError, match="holds files that no session has"):
        read_archive(other, path)
    assert is_untouched(other)
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_is_unpacked_as_a_file(other, exported):
    session_id, path = exported
    rewritten(path, without=["snapshot-001.png"])
    link = zipfile.ZipInfo("snapshot-001.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, b"/etc/passwd")
    fits(path)
    read_archive(other, path)
    found = other.folder_of(session_id) / "snapshot-001.png"
    assert not found.is_symlink()
    assert found.read_bytes() == b"/etc/passwd"


def test_a_name_that_stands_there_twice_is_refused(other, exported):
    _, path = exported
    with pytest.warns(UserWarning, match="Duplicate name"):
        rewritten(path, more=[("overlay.mp4", b"x")])
    with pytest.raises(UsageError, match="holds files that no session has"):
        read_archive(other, path)
    assert is_untouched(other)


def test_a_bomb_is_not_unpacked(other, exported):
    _, path = exported
    rewritten(path, [("overlay.mp4", b"\0" * (1 << 25))])
    fits(path)
    with pytest.raises(UsageError, match="would unpack to more"):
        read_archive(other, path)
    assert is_untouched(other)


def test_too_large_a_part_is_refused(other, exported, monkeypatch):
    _, path = exported
    monkeypatch.setitem(archive_module.LIMITS, "rows.json", 1000)
    with pytest.raises(UsageError, match="would unpack to more"):
        read_archive(other, path)


def test_a_size_that_is_a_lie_is_noticed(other, exported):
    _, path = exported
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("overlay.mp4")
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"overlay.mp4"))
    assert struct.unpack_from("<I", content, place + 24)[0] == info.file_size
    for field in (20, 24):
        content = content[: place + field] + struct.pack("<I", info.file_size + 10) + content[place + field + 4 :]
    path.write_bytes(content)
    with pytest.raises(UsageError, match="damaged"):
        read_archive(other, path)
    assert is_untouched(other)


def test_where_the_disk_is_too_full_nothing_is_unpacked(other, exported, monkeypatch):
    _, path = exported
    usage = archive_module.shutil.disk_usage(other.path.parent)
    monkeypatch.setattr(archive_module.shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(OutputError, match="too full"):
        read_archive(other, path)
    assert is_untouched(other)


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ({"version": 2}, "written by a newer formcoach"),
        ({"store_version": 99}, "written by a newer formcoach"),
        ({"format": "photos"}, "is no session that formcoach exported"),
        ({"session": "../../x"}, "damaged"),
        ({"session": 7}, "or it is damaged"),
        ({"files": {}}, "damaged"),
        ({"files": 3}, "or it is damaged"),
        ({"damaged_chunks": 3}, "not all of it can be read"),
        ({"session": "2026-01-01-0000-zzz"}, "its name differs"),
    ],
)
def test_another_kind_or_a_newer_version_is_refused(other, exported, manifest, problem):
    _, path = exported
    rewritten(path, manifest=manifest)
    with pytest.raises(UsageError, match=problem):
        read_archive(other, path)
    assert is_untouched(other)


def change_rows(path, change):
    with zipfile.ZipFile(path) as archive:
        rows = json.loads(archive.read("rows.json"))
    change(rows)
    rewritten(path, [("rows.json", json.dumps(rows).encode())])
    fits(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows["sessions"].clear(),
        lambda rows: rows["sessions"][0].update(state="open"),
        lambda rows: rows["sessions"][0].update(state="odd"),
        lambda rows: rows["sessions"][0].update(record='{"schema": "other"}'),
        lambda rows: rows["sessions"][0].update(profile="{}"),
        lambda rows: rows["sessions"][0].update({"sets); DROP TABLE sessions; --": 1}),
        lambda rows: rows["sessions"][0].update(started_local="2026-01-01T10:00:00"),
        lambda rows: rows["chunks"][2]["block"]["blob"].__setitem__(1, 10**9),
        lambda rows: rows["chunks"][2]["block"].update(blob=[0, 10]),
        lambda rows: rows["chunks"][2].update(frames=10**9),
        lambda rows: rows["chunks"].reverse() or [one.update(number=n) for n, one in enumerate(rows["chunks"])],
        lambda rows: rows["segments"][0].update(layout='{"points": [99999, 99999]}'),
        lambda rows: rows["segments"][0].update(estimator="[1]"),
        lambda rows: rows["events"][0].update(time_s="now"),
        lambda rows: rows["events"][0].update(kind="odd"),
        lambda rows: rows["symptoms"][0].update(readings="{}x"),
        lambda rows: rows["notes"][0].update(written_utc="yesterday"),
        lambda rows: rows["results"][0].update(layout="{}"),
        lambda rows: rows["results"][0].update(moments='[{"flag": 3}]'),
        lambda rows: rows["results"][0].update(frames=-1),
        lambda rows: rows["flags"][0].update(severity="odd"),
        lambda rows: rows["flags"][0].pop("flag"),
        lambda rows: rows.update(flags=3),
    ],
)
def test_of_a_damaged_one_nothing_is_kept(other, exported, change):
    _, path = exported
    change_rows(path, change)
    with pytest.raises(UsageError, match="damaged"):
        read_archive(other, path)
    assert is_untouched(other)


def test_flipped_bytes_are_noticed(other, exported, tmp_path):
    session_id, path = exported
    content, whole = path.read_bytes(), contents(path)
    for place in range(50, len(content) - 10, len(content) // 25):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            _, added = read_archive(other, path)
        except UsageError:
            assert is_untouched(other)
        else:  # it hit what says nothing of the content, such as the time of a file
            assert added
            write_archive(other, session_id, tmp_path / "again.zip")
            assert contents(tmp_path / "again.zip") == whole
            other.delete(session_id)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_archive_is_a_sentence(other, tmp_path, content):
    path = tmp_path / "x.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"is no session|There is no file"):
        read_archive(other, path)


def test_cut_off_anywhere_it_is_refused(other, exported):
    _, path = exported
    content = path.read_bytes()
    for share in (0.1, 0.5, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(UsageError):
            read_archive(other, path)
    assert is_untouched(other)


def test_an_older_store_had_no_results(other, exported):
    session_id, path = exported
    change_rows(path, lambda rows: rows.pop("results"))
    rewritten(path, manifest={"store_version": 1})
    assert read_archive(other, path) == (session_id, True)
    assert other.load_result(session_id) is None


def test_nothing_stays_where_the_last_step_fails(other, exported, monkeypatch):
    session_id, path = exported

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive_module.ResultFolder, "publish", fail)
    with pytest.raises(OutputError):
        read_archive(other, path)
    monkeypatch.undo()
    assert is_untouched(other)
    assert read_archive(other, path) == (session_id, True)


def test_two_at_once_are_one_after_the_other(other, exported):
    session_id, path = exported
    with other.reserved(session_id), pytest.raises(UsageError, match="Another program is busy with the session"):
        read_archive(other, path)
    assert is_untouched(other)
    assert read_archive(other, path) == (session_id, True)
