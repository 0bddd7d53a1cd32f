"""Threads, and what keeps them from waiting."""

from __future__ import annotations

import gc
import sys

from formcoach.live.worker import quick_turns, short_collections


def test_what_is_loaded_is_left_out_of_collections_while_a_session_goes_on():
    gc.unfreeze()
    loaded = len(gc.get_objects())
    with short_collections():
        assert len(gc.get_objects()) < 0.1 * loaded
    assert len(gc.get_objects()) > 0.9 * loaded


def test_turns_are_quick_while_a_session_goes_on():
    before_s = sys.getswitchinterval()
    with quick_turns():
        assert sys.getswitchinterval() < before_s
    assert sys.getswitchinterval() == before_s
