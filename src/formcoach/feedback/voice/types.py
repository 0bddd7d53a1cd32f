"""What a voice is asked for, whoever speaks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from formcoach.coach.session.types import Utterance


class VoiceKind(StrEnum):
    """Who speaks; the value is the word on the command line."""

    CUES = "cues"
    """The WAV files in the package."""
    SYSTEM = "system"
    """The operating system's own voice."""
    OFF = "off"
    """Nobody: captions only."""


class Voice(Protocol):
    """Says things, one at a time, and holds the quiet tone of good form.

    All of it may be called from any thread, and returns at once.
    """

    muted: bool
    """Nothing is heard while it is set, and what is said meanwhile is not said later."""

    @property
    def problem(self) -> str | None:
        """One sentence while there is no sound, or another one than was asked for; None when all is well."""
        ...

    def say(self, utterance: Utterance) -> None:
        """Say something.

        ``NOW`` cuts off what is being said, and nothing that waited is said any more: of two at the same moment only
        the second is heard. ``IN_TURN`` waits for its turn and is dropped when that comes too late. ``IF_QUIET`` is
        left out while something is being said or waits.
        """
        ...

    def set_tone(self, on: bool) -> None:
        """Fade the quiet tone in or out."""
        ...

    def wait_until_quiet(self, timeout_s: float) -> bool:
        """Wait until everything has been said, at most so many seconds; return whether it has.

        The one call that waits: for the last words before `close`.
        """
        ...

    def close(self) -> None:
        """Stop all sound; within a second, and as often as wanted."""
        ...
