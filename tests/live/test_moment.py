from __future__ import annotations

import threading

from formcoach.live.moment import Slot


def test_only_the_newest_is_there_and_only_once():
    slot: Slot[int] = Slot()
    slot.put(1)
    slot.put(2)
    assert slot.take(0.0) == 2
    assert slot.take(0.0) is None


def test_who_waits_is_woken():
    slot: Slot[str] = Slot()
    got = []
    waiting = threading.Thread(target=lambda: got.append(slot.take(30.0)))
    waiting.start()
    slot.put("here")
    waiting.join(10.0)
    assert got == ["here"]
