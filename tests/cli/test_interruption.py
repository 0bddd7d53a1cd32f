from __future__ import annotations

import signal

import pytest

from formcoach.cli.interruption import Interruption


def test_once_asks_twice_insists_and_neither_raises_by_itself():
    with Interruption() as interruption:
        assert not interruption.asked
        signal.raise_signal(signal.SIGINT)
        assert interruption.asked
        assert not interruption.insisted
        interruption.check()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def test_the_handlers_come_back():
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) != before
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before
