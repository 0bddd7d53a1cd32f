"""What the session thread shows, and how it is handed on: the newest only."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction
    from formcoach.video import Frame

_Content = TypeVar("_Content")


@dataclass(frozen=True, slots=True, eq=False)
class LiveMoment:
    """Everything known at one moment.

    Attributes
    ----------
    frame : Frame or None
        The newest picture that was looked at; a moment without a new one has it again. None before the first.
    step : CoachStep or None
        What is known of that picture; None before the first.
    direction : Direction
        What the session wants.
    notices : tuple of str
        Sentences about the program itself: no sound, a recording that falls behind.
    camera_lost : bool
        Whether no pictures come: the frame is an old one.
    """

    frame: Frame | None
    step: CoachStep | None
    direction: Direction
    notices: tuple[str, ...] = ()
    camera_lost: bool = False


class Slot(Generic[_Content]):
    """A place for one thing: who puts never waits, who takes gets the newest and each only once."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._content: _Content | None = None

    def put(self, content: _Content) -> None:
        """Put something in; what nobody took is gone."""
        with self._condition:
            self._content = content
            self._condition.notify()

    def take(self, timeout_s: float) -> _Content | None:
        """Take what is there; wait up to so many seconds for it, then return None."""
        with self._condition:
            if self._content is None:
                self._condition.wait(timeout_s)
            content, self._content = self._content, None
            return content
