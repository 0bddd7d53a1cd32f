from __future__ import annotations

import pytest

from formcoach.feedback.keys import Key, find_key


@pytest.mark.parametrize("key", [key for key in Key if len(key.value) == 1])
def test_every_letter_counts_small_and_large(key):
    assert find_key(key.value) is key
    assert find_key(key.value.lower()) is key


def test_keys_without_a_letter():
    assert find_key(" ") is Key.PAUSE
    assert find_key("\x1b") is Key.END


@pytest.mark.parametrize("character", ["", "x", "7", "\r", "ß", "Space"])
def test_others_have_no_meaning(character):
    assert find_key(character) is None
