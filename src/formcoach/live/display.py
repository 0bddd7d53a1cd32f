"""The window of a session: draws the newest moment, turns keys into requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from formcoach.coach.session.types import EventKind, Request, SessionEvent, Stage
from formcoach.feedback.keys import Key
from formcoach.feedback.overlay.live_screen import LiveScreen
from formcoach.feedback.window import LiveWindow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from formcoach.coach.session.types import Direction
    from formcoach.live.moment import LiveMoment
    from formcoach.live.options import LiveOptions
    from formcoach.live.recording import Recording
    from formcoach.live.session import LiveSession

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


# What is being said stays on the screen so long, then what is to be done is back; spoken, the longest takes 2 s [D].
SAID_SHOWN_S = 2.5
PICTURE_KEPT = "Picture kept"


class Voice(Protocol):
    """What a key can silence."""

    muted: bool


class Display:
    """The window with everything that is drawn in it. Main thread only.

    Parameters
    ----------
    options
        What was asked for.
    """

    def __init__(self, options: LiveOptions) -> None:
        self._screen = LiveScreen(options.profile, mirror=options.mirror)
        self._window = LiveWindow(full_screen=options.full_screen)
        self._session: LiveSession | None = None
        self._recording: Recording | None = None
        self._voice: Voice | None = None
        self._moment: LiveMoment | None = None
        self._shown: NDArray[np.uint8] | None = None
        self._said = ""
        self._said_s = float("-inf")
        self._draw()

    @property
    def is_open(self) -> bool:
        """Whether the window is there; False once somebody closed it."""
        return self._window.is_open

    def attach(self, session: LiveSession, recording: Recording, voice: Voice) -> None:
        """From now on keys have a meaning."""
        self._session, self._recording, self._voice = session, recording, voice

    def show(self, moment: LiveMoment | None) -> None:
        """Draw a moment, if there is a new one, and follow the keys; the window lives only while this is called."""
        if moment is not None:
            self._note_said(moment.direction)
            self._moment = moment
            self._draw()
        key = self._window.read_key()
        if key is not None:
            self._follow(key)

    def close(self) -> None:
        """Close the window."""
        self._window.close()

    def _draw(self) -> None:
        moment = self._moment
        if moment is None:
            self._shown = self._screen.draw(None, None, None, size=self._window.size)
        else:
            image = None if moment.frame is None else moment.frame.image
            direction = moment.direction
            self._shown = self._screen.draw(
                image,
                moment.step,
                direction,
                self._said if direction.time_s - self._said_s < SAID_SHOWN_S else None,
                self._notices(moment),
                self._window.size,
                camera_lost=moment.camera_lost,
            )
        self._window.show(self._shown)

    def _note_said(self, direction: Direction) -> None:
        """Show what is said in place of what is to be done; but at the end it is the closing line that is read."""
        if direction.stage is not Stage.DONE:
            if direction.say:
                self._said, self._said_s = direction.say[-1].text, direction.time_s
        elif self._moment is not None and self._moment.direction.stage is not Stage.DONE:
            self._said_s = float("-inf")

    def _notices(self, moment: LiveMoment) -> tuple[str, ...]:
        muted = self._voice is not None and self._voice.muted
        return (*moment.notices, *(("Muted",) if muted else ()))

    def _follow(self, key: Key) -> None:
        if self._session is None or self._recording is None or self._voice is None:
            if key is Key.END:  # nothing has begun that could be ended in another way
                self._window.close()
            return
        if key in _REQUESTS:
            self._session.ask(_REQUESTS[key])
        elif key is Key.MUTE:
            self._voice.muted = not self._voice.muted
        elif key is Key.SNAPSHOT:
            self._keep(self._recording)

    def _keep(self, recording: Recording) -> None:
        if self._moment is None or self._shown is None or recording.error is not None:
            return
        direction = self._moment.direction
        name = recording.snapshot(self._shown)
        self._said, self._said_s = PICTURE_KEPT, direction.time_s
        event = SessionEvent(direction.time_s, EventKind.SNAPSHOT, direction.leg, direction.set_number, name)
        recording.note((event,))
