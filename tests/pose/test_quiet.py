"""Silence that two threads want at once."""

import os
import threading

from formcoach.pose.quiet import silenced_stderr


def test_two_threads_may_want_silence_and_the_last_one_ends_it(capfd, monkeypatch):
    monkeypatch.delenv("FORMCOACH_DEBUG", raising=False)
    inside, leave = threading.Event(), threading.Event()

    def be_quiet():
        with silenced_stderr():
            inside.set()
            leave.wait(10.0)

    other = threading.Thread(target=be_quiet)
    with silenced_stderr():
        other.start()
        inside.wait(10.0)
        os.write(2, b"both ")
    os.write(2, b"one ")
    leave.set()
    other.join()
    os.write(2, b"none")
    assert capfd.readouterr().err == "none"
