from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys

import pytest

from formcoach.errors import OutputError
from formcoach.sessions.folder import ResultFolder, explain_write_error


def make(path, *, overwrite=False, text="new"):
    with ResultFolder(path, overwrite=overwrite) as folder:
        (folder.path / "session.json").write_text(text)
        return folder.publish()


def test_it_appears_whole(tmp_path):
    target = make(tmp_path / "out" / "clip")
    assert (target / "session.json").read_text() == "new"
    assert [one.name for one in target.parent.iterdir()] == ["clip"]


def fail_half_way(target):
    with ResultFolder(target, overwrite=False) as folder:
        (folder.path / "angles.csv").write_text("half")
        raise RuntimeError("half way")


def test_an_error_leaves_nothing_behind(tmp_path):
    with pytest.raises(RuntimeError, match="half way"):
        fail_half_way(tmp_path / "clip")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_result_is_refused_and_untouched(tmp_path):
    make(tmp_path / "clip", text="old")
    with pytest.raises(OutputError, match="--overwrite"):
        make(tmp_path / "clip")
    assert (tmp_path / "clip" / "session.json").read_text() == "old"


def test_overwrite_replaces_it_as_a_whole(tmp_path):
    make(tmp_path / "clip", text="old")
    (tmp_path / "clip" / "overlay.mp4").write_text("old")
    make(tmp_path / "clip", overwrite=True)
    assert [one.name for one in (tmp_path / "clip").iterdir()] == ["session.json"]
    assert (tmp_path / "clip" / "session.json").read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["clip"]


def test_a_failed_overwrite_keeps_the_old_result(tmp_path):
    make(tmp_path / "clip", text="old")
    with pytest.raises(RuntimeError), ResultFolder(tmp_path / "clip", overwrite=True):
        raise RuntimeError
    assert (tmp_path / "clip" / "session.json").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["clip"]


def test_overwrite_never_removes_what_is_not_ours(tmp_path):
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not a result of formcoach"):
        make(tmp_path / "clip", overwrite=True)
    assert (tmp_path / "clip" / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot be"):
        make(tmp_path / "out" / "clip")


def test_a_folder_that_may_not_be_written(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from formcoach.sessions.folder import ResultFolder\n"
        "from formcoach.errors import OutputError\n"
        "os.setuid(65534) if os.getuid() == 0 else None\n"
        "try:\n    ResultFolder(Path(sys.argv[1]) / 'clip', overwrite=False)\n"
        "except OutputError as error:\n    print(error)\n"
    )
    tmp_path.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
        )
    finally:
        tmp_path.chmod(0o755)
    assert "choose another --out, or change its permissions" in done.stdout, done.stderr


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named(tmp_path, number):
    assert "disk is full" in str(explain_write_error(OSError(number, "x"), tmp_path / "clip"))


def test_a_file_that_may_not_grow_leaves_nothing_behind(tmp_path):
    """The system's limit on the size of files stands for a full disk: both stop a write in the middle."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    script = (
        "import sys; from pathlib import Path\n"
        "from formcoach.sessions.folder import ResultFolder, explained_writing\n"
        "target = Path(sys.argv[1]) / 'clip'\n"
        "with ResultFolder(target, overwrite=False) as folder, explained_writing(target):\n"
        "    (folder.path / 'big').write_bytes(b'x' * 100_000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, preexec_fn=limit, check=False
    )
    assert "OutputError: The disk is full" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_said_and_no_folder_is_left(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        ResultFolder(tmp_path / "out" / ("n" * 250), overwrite=False)
    assert not (tmp_path / "out").exists()
