"""The room itself: opens the parts, runs the session thread, shows and reads keys in the main thread, ends it all."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from formcoach.angles import Angle, View
from formcoach.coach.session.course import SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.lines import all_texts
from formcoach.errors import SourceError
from formcoach.feedback.display import check_display
from formcoach.feedback.voice import VoiceKind, open_voice
from formcoach.live.display import Display
from formcoach.live.journal import keep_session
from formcoach.live.moment import LiveMoment, Slot
from formcoach.live.people import PeopleWatch
from formcoach.live.recording import Recording
from formcoach.live.session import LiveSession
from formcoach.live.worker import Preparation, SessionThread, quick_turns, short_collections
from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
from formcoach.pose.model_files import load_model_file
from formcoach.video.live import LiveFeed
from formcoach.video.live_sources import must_open_on_main_thread
from formcoach.video.sources import is_stream

if TYPE_CHECKING:
    from formcoach.angles.calibration import Calibration
    from formcoach.feedback.voice import Voice
    from formcoach.live.engine import PoseEngine, PreparedEngine
    from formcoach.live.options import LiveOptions
    from formcoach.sessions.record import SessionRecord

# So long the main thread waits at a time, and so long the last words may take [D].
_WAIT_S = 0.05
# A new moment ends the wait at once; without one the window still has to be kept alive.
_WINDOW_WAIT_S = 0.02
LAST_WORDS_S = 4.0
# A turn of the session thread is over in far less; who is later hangs in a driver [D].
STOP_S = 10.0
# Who insists waits for no more than one turn of a slow machine [D].
INSISTED_S = 2.0
_DETECTOR = "full"
_HANGS = "The camera or the pose model no longer answers: unplug the camera, plug it in again, then start anew."

_Result = TypeVar("_Result")


class Listener(Protocol):
    """Hears what a session does, and can ask it to end."""

    def begins(self, model: str) -> None:
        """The first frame was looked at."""

    def said(self, text: str) -> None:
        """Something begins to be said."""

    def noticed(self, text: str) -> None:
        """A sentence about the program itself."""

    def should_stop(self) -> bool:
        """Whether to end properly."""

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` to end at once."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveResult:
    """What a session leaves.

    Attributes
    ----------
    folder : Path
        Where its files stand.
    record : SessionRecord
        The content of ``session.json``.
    error : Exception or None
        What went wrong in a thread; what was recorded until then is in the folder.
    """

    folder: Path
    record: SessionRecord
    error: Exception | None = field(default=None)


def run_live(options: LiveOptions, prepared: PreparedEngine, listener: Listener) -> LiveResult:
    """Run one session from start to report.

    Parameters
    ----------
    options
        What was asked for.
    prepared
        The model on its way; whoever began it closes it.
    listener
        Hears what it does; all calls come from the calling thread, which must be the main one.

    Returns
    -------
    LiveResult
        With the folder in place.

    Raises
    ------
    FormCoachError
        When it cannot begin, or when nobody was ever seen.
    KeyboardInterrupt
        When `Listener.check` raised it: the journal keeps what there is.
    """
    return _Room(options, prepared, listener).run()


class _Room:
    def __init__(self, options: LiveOptions, prepared: PreparedEngine, listener: Listener) -> None:
        self._options = options
        self._prepared = prepared
        self._listener = listener
        self._moments: Slot[LiveMoment] = Slot()
        self._notices: set[str] = set()
        self._display: Display | None = None

    def run(self) -> LiveResult:
        with ExitStack() as stack:
            stack.enter_context(quick_turns())
            if self._options.window:
                self._wait_for(Preparation(check_display, "formcoach display"))
                self._display = Display(self._options)
                stack.callback(self._display.close)
            voice = open_voice(VoiceKind(self._options.voice), all_texts(self._options.profile))
            stack.callback(voice.close)
            self._prepared.rest_is_loaded()
            feed = self._open_feed()
            stack.callback(feed.close)
            engine = self._wait_for(self._prepared.preparation)
            stack.enter_context(short_collections())
            return self._run(feed, engine, voice)

    # -- opening

    def _open_feed(self) -> LiveFeed:
        source = self._options.source
        feed = LiveFeed(source)
        if Path(source).exists() and not is_stream(source):
            # A file plays from its first picture on: they are not to pass by unseen.
            self._wait_for(self._prepared.preparation)
        if must_open_on_main_thread(source):
            return feed.start()
        opening = Preparation(feed.start, "formcoach source")
        try:
            return self._wait_for(opening)
        except BaseException:
            feed.close()
            raise

    def _wait_for(self, preparing: Preparation[_Result]) -> _Result:
        there = False
        while not there:
            there = preparing.wait(_WAIT_S)
            self._listener.check()
            self._show(None)
            if self._should_stop():
                raise KeyboardInterrupt
        return preparing.result()

    # -- the session

    def _run(self, feed: LiveFeed, engine: PoseEngine, voice: Voice) -> LiveResult:
        options = self._options
        recording = Recording(options, feed.info, lambda: keep_session(options, feed.info))
        people = PeopleWatch(lambda: MediaPipePeopleDetector(load_model_file(_DETECTOR)))
        session = LiveSession(
            options,
            feed=feed,
            engine=engine,
            director=Director(options.profile, make_session_options(options, engine.calibration)),
            voice=voice,
            recording=recording,
            people=people,
            moments=self._moments,
        )
        thread = SessionThread(session)
        try:
            if self._display is not None:
                self._display.attach(session, recording, voice)
            self._attend(session, thread)
            self._last_words(voice)
        except BaseException:
            thread.stop(INSISTED_S)
            recording.abandon()
            raise
        finally:
            people.close()
        folder, record = recording.finish(session.outcome(), self._listener.check)
        hangs = None if thread.has_ended else SourceError(_HANGS)
        return LiveResult(folder, record, thread.error or recording.error or hangs)

    def _attend(self, session: LiveSession, thread: SessionThread) -> None:
        """Show, read keys and listen until the session is over, or hangs when it is to end."""
        begun = False
        until_s = float("inf")
        while not thread.has_ended and time.monotonic() < until_s:
            self._listener.check()
            self._show(self._moments.take(_WAIT_S if self._display is None else _WINDOW_WAIT_S))
            self._tell(session)
            if not begun and session.frames:
                begun = True
                self._listener.begins(session.model_name)
            if until_s == float("inf") and self._should_stop():
                session.stop()
                until_s = time.monotonic() + STOP_S
        if not thread.has_ended:
            session.break_off()
        self._show(self._moments.take(0.0))
        self._tell(session)

    def _should_stop(self) -> bool:
        closed = self._display is not None and not self._display.is_open
        return closed or self._listener.should_stop()

    def _show(self, moment: LiveMoment | None) -> None:
        for notice in () if moment is None else moment.notices:
            if notice not in self._notices:
                self._notices.add(notice)
                self._listener.noticed(notice)
        if self._display is not None:
            self._display.show(moment)

    def _tell(self, session: LiveSession) -> None:
        for utterance in session.said():
            self._listener.said(utterance.text)

    def _last_words(self, voice: Voice) -> None:
        """Let the voice finish what it says."""
        until_s = time.monotonic() + LAST_WORDS_S
        while not voice.wait_until_quiet(_WAIT_S) and time.monotonic() < until_s and not self._should_stop():
            self._listener.check()
            self._show(None)


def make_session_options(options: LiveOptions, calibration: Calibration) -> SessionOptions:
    """Return what the director is asked for; no look from the front with a pose model that shows nothing there."""
    front_check = options.front_check and calibration.reads(View.FRONT, Angle.HIP_ADDUCTION)
    return SessionOptions(options.leg, options.sets, options.hold_s, front_check)
