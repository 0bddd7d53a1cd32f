"""What there is to show on the live screen at one moment, and what of it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Stage
from formcoach.stretch import Severity

if TYPE_CHECKING:
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction
    from formcoach.stretch import FlagState, Profile

CAMERA_LOST: str = Line.CAMERA_LOST.value
STARTING = "Starting the camera…"
ANSWER: str = Line.RAISE_A_HAND.value
DIMMED = (Stage.PAUSED, Stage.AWAY, Stage.DONE)


@dataclass(frozen=True, slots=True, eq=False)
class LiveScene:
    """What there is to show at one moment.

    Attributes
    ----------
    profile : Profile
        The exercise.
    step : CoachStep or None
        As it lies in the picture that is shown; None before the first one and while the camera is lost.
    direction : Direction or None
        What the session wants; None before it began.
    caption : str or None
        What is being said.
    notices : tuple of str
        Small lines.
    camera_lost : bool
        Whether no pictures come.
    starting : bool
        Whether none has come yet.
    """

    profile: Profile
    step: CoachStep | None
    direction: Direction | None
    caption: str | None
    notices: tuple[str, ...]
    camera_lost: bool
    starting: bool

    @property
    def stage(self) -> Stage | None:
        """Where the session is."""
        return None if self.direction is None else self.direction.stage

    @property
    def sentence(self) -> str | None:
        """What stands large on the dimmed picture; None where the picture is not dimmed for it."""
        if self.starting:
            return STARTING
        if self.camera_lost:
            if self.direction is not None and self.stage is Stage.AWAY:
                return self.direction.caption
            return CAMERA_LOST
        return self.direction.caption if self.direction is not None and self.stage in DIMMED else None

    @property
    def text(self) -> str:
        """What stands in the strip: what is being said, otherwise what is to be done."""
        if self.caption or self.direction is None or self.starting:
            wanted = self.caption or ""
        else:
            wanted = self.direction.caption
        if self.direction is not None and self.direction.question is not None:
            return ANSWER if wanted == self.direction.question.text else wanted
        return "" if wanted == self.sentence else wanted

    @property
    def has_clock(self) -> bool:
        """Whether the hold clock is shown."""
        return self.step is not None and self.stage in (Stage.HOLD, Stage.COME_UP)

    @property
    def flags(self) -> tuple[FlagState, ...]:
        """The flags that are shown: warnings have their place during the whole hold, tips only while they stand."""
        if self.step is None or self.stage is not Stage.HOLD or not self.step.assessment.phase.is_judged:
            return ()
        return tuple(
            state
            for state in self.step.assessment.flags
            if Severity.TIP not in self.profile.flag(state.name).thresholds or state.severity.is_raised
        )

    @property
    def text_severity(self) -> Severity | None:
        """How urgent the text is, where it is a cue or the praise of a flag; None for everything else."""
        if self.step is None or self.stage is not Stage.HOLD:
            return None
        assessment = self.step.assessment
        if self.text == self.profile.stacking_cue:
            return Severity.STRONG
        for state in assessment.flags:
            rule = self.profile.flag(state.name)
            if self.text == rule.cue and state.severity.is_raised:
                return state.severity
            if self.text == rule.praise and state.severity is Severity.GOOD:
                return Severity.GOOD
        return None
