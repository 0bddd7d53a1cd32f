"""Locks that end with their process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from formcoach.errors import OutputError
from formcoach.sessions.store.lock import FileLock, held

HOLDER = """
import sys, time
from pathlib import Path
from formcoach.sessions.store.lock import FileLock
lock = FileLock.take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_one_alone_holds_it(tmp_path):
    path = tmp_path / "x.lock"
    assert not FileLock.is_held(path)
    assert not path.exists()
    lock = FileLock.take(path)
    assert FileLock.take(path) is None
    assert FileLock.is_held(path)
    lock.release()
    lock.release()
    assert not path.exists()
    again = FileLock.take(path)
    assert again is not None
    again.release()


def test_a_killed_process_holds_nothing(tmp_path):
    path = tmp_path / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout.readline() == b"held\n"
        assert FileLock.is_held(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.exists()
    assert not FileLock.is_held(path)
    lock = FileLock.take(path)
    assert lock is not None
    lock.release()


def test_a_lock_on_a_file_that_was_removed_excludes_nobody_and_is_not_given(tmp_path, monkeypatch):
    path = tmp_path / "x.lock"
    first = FileLock.take(path)
    real_open = os.open

    def open_then_lose(*arguments, **more):
        descriptor = real_open(*arguments, **more)
        if first._descriptor is not None:
            first.release()  # between our opening and our locking
        return descriptor

    monkeypatch.setattr(os, "open", open_then_lose)
    second = FileLock.take(path)
    assert second is not None
    assert path.exists()
    assert FileLock.take(path) is None
    second.release()


def test_who_waits_too_long_gets_a_sentence(tmp_path):
    with held(tmp_path / "x.lock", 0.0), pytest.raises(OutputError, match="busy"), held(tmp_path / "x.lock", 0.05):
        pass
    with held(tmp_path / "x.lock", 0.0):
        pass
