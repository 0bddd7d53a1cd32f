"""The one cue: what to say now, so that one change releases most."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _always(cue: Cue) -> bool:
    del cue
    return True


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

    def step(
        self,
        time_s: float,
        states: tuple[FlagState, ...],
        *,
        stacked: bool = False,
        can_say: Callable[[Cue], bool] = _always,
    ) -> Cue | None:
        """Return what is to be said at this moment, or None.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        states
            All flags of the frame.
        stacked
            Whether warnings together count as strong.
        can_say
            Whether a cue would be heard at this moment: one that would not does not count as said.
        """
        if time_s < self._quiet_until_s:
            return None
        raised = [state for state in states if state.severity.is_raised]
        raised.sort(key=lambda state: (-state.severity, self._order[state.name]))
        if raised:
            cue = self._ease_off(time_s, raised[0], can_say) if stacked else None
            cue = cue or self._correction(time_s, raised, can_say)
        else:
            cue = self._praise(states, can_say)
        if cue is not None:
            # One at a time: the next one waits until this one can have been heard and followed.
            self._quiet_until_s = time_s + self._profile.timing.cue_cooldown_s.value / 2
        return cue

    def _ease_off(self, time_s: float, first: FlagState, can_say: Callable[[Cue], bool]) -> Cue | None:
        cue = Cue(CueKind.EASE_OFF, first.name, self._profile.stacking_cue, Severity.STRONG)
        if time_s - self._eased_off_s < self._profile.timing.cue_cooldown_s.value or not can_say(cue):
            return None
        self._eased_off_s = time_s
        return cue

    def _correction(self, time_s: float, raised: list[FlagState], can_say: Callable[[Cue], bool]) -> Cue | None:
        for state in raised:
            cue = self._make_correction(state)
            if not self._is_due(time_s, state) or not can_say(cue):
                continue
            self._last_said_s[state.name] = time_s
            self._repeats[state.name] = self._repeats.get(state.name, 0) + 1
            self._spoken.add(state.name)
            return cue
        return None

    def _make_correction(self, state: FlagState) -> Cue:
        if self._repeats.get(state.name, 0) >= self._profile.timing.cue_repeats.value:
            return Cue(CueKind.EASE_OFF, state.name, self._profile.stacking_cue, state.severity)
        return Cue(CueKind.CORRECT, state.name, self._profile.flag(state.name).cue, state.severity)

    def _is_due(self, time_s: float, state: FlagState) -> bool:
        said_s = self._last_said_s.get(state.name)
        if said_s is None:
            return True
        if state.severity is Severity.TIP:
            return False
        return time_s - said_s >= self._profile.timing.cue_cooldown_s.value

    def _praise(self, states: tuple[FlagState, ...], can_say: Callable[[Cue], bool]) -> Cue | None:
        doubtful = {self._profile.flag(one.name).angle for one in states if one.reason is NotChecked.TOO_CLOSE}
        for state in states:
            if self._profile.flag(state.name).angle in doubtful:
                continue  # a knee that bends too far is no longer locked, and nothing to be praised for
            cue = Cue(CueKind.PRAISE, state.name, self._profile.flag(state.name).praise, state.severity)
            if state.name in self._spoken and state.severity is Severity.GOOD and can_say(cue):
                self._spoken.discard(state.name)
                self._repeats.pop(state.name, None)
                return cue
        return None
