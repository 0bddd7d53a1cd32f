"""The keys of the live window."""

from __future__ import annotations

from enum import Enum


class Key(Enum):
    """The keys; the value is what to press, as on the screen."""

    END = "Q"
    PAUSE = "Space"
    MUTE = "M"
    BASELINE = "B"
    SNAPSHOT = "S"
    FELT_IT = "T"
    FULL_SCREEN = "F"
    SKIP = "N"
    CHOICE_1 = "1"
    CHOICE_2 = "2"
    CHOICE_3 = "3"
    CHOICE_4 = "4"
    CHOICE_5 = "5"
    CHOICE_6 = "6"


_OF_CHARACTERS = {"\x1b": Key.END, " ": Key.PAUSE} | {key.value.lower(): key for key in Key if len(key.value) == 1}


def find_key(character: str) -> Key | None:
    """Return the key that a typed character stands for, small or large; None for one without meaning.

    Examples
    --------
    >>> find_key("M"), find_key("Ä")
    (<Key.MUTE: 'M'>, None)
    """
    return _OF_CHARACTERS.get(character.lower())
