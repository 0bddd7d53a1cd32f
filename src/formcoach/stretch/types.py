"""Words that the rooms of the exercise share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcoach.angles import Reading


class Severity(IntEnum):
    """How a flag stands; higher is more urgent, and what cannot be seen is never `GOOD`."""

    NOT_CHECKED = -1
    GOOD = 0
    TIP = 1
    WARN = 2
    STRONG = 3

    @property
    def label(self) -> str:
        """The word for files and people."""
        return self.name.lower().replace("_", " ")

    @property
    def is_raised(self) -> bool:
        """Whether there is something to change."""
        return self > Severity.GOOD


class Phase(StrEnum):
    """Where in the exercise a frame is; the value is the word in ``angles.csv``."""

    FRAMING = "framing"
    BASELINE = "baseline"
    READY = "ready"
    LEG_UP = "leg_up"
    HOLD = "hold"
    PAUSED = "paused"
    RELEASED = "released"
    LOST = "lost"

    @property
    def is_judged(self) -> bool:
        """Whether flags are judged in it."""
        return self in (Phase.HOLD, Phase.PAUSED)


class NotChecked(StrEnum):
    """Why a flag could not be judged; the value is the word in ``session.json``."""

    NOT_STRETCHING = "not_stretching"
    OUT_OF_VIEW = "out_of_view"
    LOW_VISIBILITY = "low_visibility"
    WRONG_VIEW = "wrong_view"
    DEGENERATE = "degenerate"
    TOO_UNCERTAIN = "too_uncertain"
    TOO_CLOSE = "too_close"
    NOT_APPLICABLE = "not_applicable"
    TOO_SHORT = "too_short"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class FlagState:
    """One flag at one moment.

    Attributes
    ----------
    name : str
        The flag's name in the profile.
    severity : Severity
        How it stands.
    reading : Reading
        The angle under it.
    reason : NotChecked or None
        Why it is not checked; None when it is.
    since_s : float
        When the condition that it shows began, seconds: before its dwell time; NaN while it was never raised in this
        hold.
    """

    name: str
    severity: Severity
    reading: Reading
    reason: NotChecked | None
    since_s: float
