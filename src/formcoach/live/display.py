"""The window of a session: draws the newest moment, turns keys into requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.coach.session.types import EventKind, Request, SessionEvent
from formcoach.feedback.overlay.live_screen import LiveScreen
from formcoach.feedback.window import Key, LiveWindow, check_display

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from formcoach.live.moment import LiveMoment
    from formcoach.live.options import LiveOptions
    from formcoach.live.recording import Recording
    from formcoach.live.session import LiveSession
    from formcoach.video import SourceInfo

_REQUESTS = {
    Key.END: Request.END,
    Key.PAUSE: Request.PAUSE,
    Key.BASELINE: Request.BASELINE,
    Key.FELT_IT: Request.FELT_IT,
    Key.SKIP: Request.SKIP,
    Key.CHOICE_1: Request.CHOICE_1,
    Key.CHOICE_2: Request.CHOICE_2,
    Key.CHOICE_3: Request.CHOICE_3,
    Key.CHOICE_4: Request.CHOICE_4,
    Key.CHOICE_5: Request.CHOICE_5,
    Key.CHOICE_6: Request.CHOICE_6,
}


class Muteable:
    """What a key can silence."""

    muted: bool


class Display:
    """A window with what is drawn in it. Main thread only.

    Parameters
    ----------
    options
        What was asked for.
    """

    def __init__(self, options: LiveOptions) -> None:
        self._options = options
        self._screen = LiveScreen(options.profile, mirror=options.mirror)
        self._window: LiveWindow | None = None
        self._session: LiveSession | None = None
        self._recording: Recording | None = None
        self._voice: Muteable | None = None
        self._shown: NDArray[np.uint8] | None = None
        self._last: LiveMoment | None = None
        # A new picture ends the wait at once; without one the window still has to be kept alive.
        self.wait_s = 0.02

    @property
    def is_open(self) -> bool:
        """Whether the window is there; false once somebody closed it."""
        return self._window is not None and self._window.is_open
