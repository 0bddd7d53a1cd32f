"""What somebody asked of a live session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from formcoach.errors import UsageError
from formcoach.stretch.profile import Number

if TYPE_CHECKING:
    from pathlib import Path

    from formcoach.pose.landmarks import Side
    from formcoach.stretch import Profile

AUTO_MODEL = "auto"
# Choices [D]: a hold is 30 s in the trials and never longer than two minutes; more than ten sets are no home exercise.
HOLD_LIMITS_S = (3.0, 120.0)
SET_LIMITS = (1, 10)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Options of a live session.

    Attributes
    ----------
    source : str
        A camera's number or name, the address of a stream, or a file that is played at its own pace.
    profile : Profile
        The exercise, with the target of the hold that was asked for.
    leg : Side or None
        The leg that alone is stretched; None both.
    sets : int
        How many sets.
    model : str
        ``auto``, a name or the path of a pose model.
    voice : str
        ``cues``, ``system`` or ``off``.
    mirror : bool
        Whether the preview is mirrored; what is measured never is.
    record : bool
        Whether a video is kept.
    window : bool
        Whether there is a window.
    front_check : bool
        Whether the session has the check from the front.
    full_screen : bool
        Whether the window fills the screen.
    folder : Path
        Where sessions are kept.
    """

    source: str
    profile: Profile
    folder: Path
    leg: Side | None = None
    sets: int = 2
    model: str = AUTO_MODEL
    voice: str = "cues"
    mirror: bool = True
    record: bool = False
    window: bool = True
    front_check: bool = True
    full_screen: bool = False

    @property
    def seconds(self) -> float | None:
        """None: a session ends when it is over."""
        return None

    @property
    def hold_s(self) -> float:
        """How long a hold is, in counted seconds."""
        return self.profile.hold.target_s.value


def with_hold(profile: Profile, hold_s: float | None) -> Profile:
    """Return the profile with another target of the hold; the profile's own for None.

    Raises
    ------
    UsageError
        Outside `HOLD_LIMITS_S`.
    """
    if hold_s is None:
        return profile
    low, high = HOLD_LIMITS_S
    if not low <= hold_s <= high:
        raise UsageError(f"--hold {hold_s:g} makes no sense: a hold is {low:g} to {high:g} seconds.")
    return replace(profile, hold=replace(profile.hold, target_s=Number(float(hold_s), "asked for with --hold")))


def check_sets(sets: int) -> int:
    """Return the number of sets.

    Raises
    ------
    UsageError
        Outside `SET_LIMITS`.
    """
    low, high = SET_LIMITS
    if not low <= sets <= high:
        raise UsageError(f"--sets {sets} makes no sense: {low} to {high} sets.")
    return sets
