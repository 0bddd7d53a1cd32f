"""The one cue: what to say now, so that one change releases most."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from formcoach.stretch.profile import Profile
    from formcoach.stretch.types import FlagState


class CueKind(StrEnum):
    """What a cue is for."""

    CORRECT = "correct"
    EASE_OFF = "ease_off"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to say.

    Attributes
    ----------
    kind : CueKind
        What it is for.
    flag : str
        The flag that it is about.
    text : str
        At most five words.
    severity : Severity
        Of the flag at that moment.
    """

    kind: CueKind
    flag: str
    text: str
    severity: Severity


class CueChooser:
    """Chooses one cue at a time: strong before warn, then the order of the flags in the profile.

    Warnings that together count as strong first ask to ease off. The same cue does not come again within the
    cool-down; after too many repeats it becomes "ease up". A flag that was spoken of and is good again is praised once,
    when nothing else is raised. Tips are said once a hold.

    Parameters
    ----------
    profile
        Cues, their order and the timing.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._order = {rule.name: rank for rank, rule in enumerate(profile.flags)}
        self.reset()

    def reset(self) -> None:
        """Start afresh: a new hold."""
        self._last_said_s: dict[str, float] = {}
        self._repeats: dict[str, int] = {}
        self._spoken: set[str] = set()
        self._eased_off_s = float("-inf")
        self._quiet_until_s = float("-inf")

    def step(self, time_s: float, states: tuple[FlagState, ...], *, stacked: bool = False) -> Cue | None:
        """Return what is to be said at this moment, or None.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        states
            All flags of the frame.
        stacked
            Whether warnings together count as strong.
        """
        if time_s < self._quiet_until_s:
            return None
        raised = [state for state in states if state.severity.is_raised]
        raised.sort(key=lambda state: (-state.severity, self._order[state.name]))
        if raised:
            cue = (self._ease_off(time_s, raised[0]) if stacked else None) or self._correction(time_s, raised)
        else:
            cue = self._praise(states)
        if cue is not None:
            # One at a time: the next one waits until this one can have been heard and followed.
            self._quiet_until_s = time_s + self._profile.timing.cue_cooldown_s.value / 2
        return cue

    def _ease_off(self, time_s: float, first: FlagState) -> Cue | None:
        if time_s - self._eased_off_s < self._profile.timing.cue_cooldown_s.value:
            return None
        self._eased_off_s = time_s
        return Cue(CueKind.EASE_OFF, first.name, self._profile.stacking_cue, Severity.STRONG)

    def _correction(self, time_s: float, raised: list[FlagState]) -> Cue | None:
        for state in raised:
            if not self._may_say(time_s, state):
                continue
            self._last_said_s[state.name] = time_s
            self._repeats[state.name] = self._repeats.get(state.name, 0) + 1
            self._spoken.add(state.name)
            if self._repeats[state.name] > self._profile.timing.cue_repeats.value:
                return Cue(CueKind.EASE_OFF, state.name, self._profile.stacking_cue, state.severity)
            return Cue(CueKind.CORRECT, state.name, self._profile.flag(state.name).cue, state.severity)
        return None

    def _may_say(self, time_s: float, state: FlagState) -> bool:
        said_s = self._last_said_s.get(state.name)
        if said_s is None:
            return True
        if state.severity is Severity.TIP:
            return False
        return time_s - said_s >= self._profile.timing.cue_cooldown_s.value

    def _praise(self, states: tuple[FlagState, ...]) -> Cue | None:
        for state in states:
            if state.name in self._spoken and state.severity is Severity.GOOD:
                self._spoken.discard(state.name)
                self._repeats.pop(state.name, None)
                return Cue(CueKind.PRAISE, state.name, self._profile.flag(state.name).praise, state.severity)
        return None
