"""The newest frame of a camera, a stream or a file that plays, whatever happens to its source."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import TYPE_CHECKING, Self

from formcoach.errors import FormCoachError, SourceError, UsageError
from formcoach.video.feed import FeedReport, FeedState, Patience
from formcoach.video.frame import Frame, SourceKind, SteadyClock
from formcoach.video.health import compute_frame_rate
from formcoach.video.live_sources import must_open_on_main_thread, open_live, refuse_photo, tell_lost, tell_silent
from formcoach.video.picture_watch import PictureWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.video.frame import FrameSource, SourceInfo
    from formcoach.video.health import PictureFault

__all__ = ["FeedReport", "FeedState", "LiveFeed", "Patience"]

logger = logging.getLogger(__name__)

# All choices [D]. The smallest step is that of `IncreasingClock`: MediaPipe's clock ticks in whole milliseconds.
MINIMUM_STEP_S = 1e-3
# A frame of a file that is later than this (or than the next one) is passed over: the next is due as well.
LATE_S = 0.1
# A file that is behind by more was stopped (the computer slept): it goes on from there instead of racing through.
PAUSE_S = 2.0
RATE_WINDOW_S = 2.0
MINIMUM_RATE_SPAN_S = 0.4
JUDGED_EVERY_S = 1.0
# Compressed still pictures repeat to the last bit where a sensor's never do.
FROZEN_CAMERA_S = 2.0
FROZEN_OTHER_S = 3.0
# A recording behind an address that breaks off earlier before its end was cut off.
END_MARGIN_S = 1.0
# After a connection that held so long the pauses between attempts begin anew.
STEADY_S = 5.0
CLOSING_S = 0.8
# So many threads may hang in a driver at once; then no new attempt is made before one comes back.
MAXIMUM_HANGING = 4
# A condition is looked at this often at least: the clock may jump while somebody waits for it.
_TICK_S = 0.25
# Silence is counted in so many waits, not read from the clock, or a computer that wakes would find its camera silent.
_WAITS = 8


@dataclass(slots=True, eq=False)
class _Line:
    """One connection to the source; its own thread opens, reads and closes it."""

    watch: PictureWatch = field(default_factory=lambda: PictureWatch(FROZEN_OTHER_S))
    frames: int = 0
    start_s: float = 0.0
    is_waiting: bool = False
    is_over: bool = False
    has_ended: bool = False
    error: Exception | None = None
    thread: threading.Thread | None = None


class LiveFeed:
    """Reads a source in a thread of its own and keeps only its newest frame.

    Cameras and streams that stop, hang or are unplugged are lost and opened again, over and over; files, and recordings
    behind an address, play at their own pace and end. Only `start` raises; everything later is in the report.

    Parameters
    ----------
    source
        What `open_source` takes, apart from photos.
    clock
        Returns seconds; should be monotonic. Jumps forward become gaps, jumps back are evened out.
    opener
        Opens the source instead, each time (for tests and unusual cameras).
    patience
        How long it waits.
    """

    def __init__(
        self,
        source: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        opener: Callable[[], FrameSource] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._source = source
        self._clock = SteadyClock(clock)
        self._opener = opener or (lambda: open_live(source))
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._changed = threading.Condition(self._lock)
        self._supervisor: threading.Thread | None = None
        self._hanging: list[threading.Thread] = []
        self._line: _Line | None = None
        self._info: SourceInfo | None = None
        self._is_closed = False
        self._state = FeedState.RUNNING
        self._problem: str | None = None
        self._fault: PictureFault | None = None
        self._newest: Frame | None = None
        self._received = self._overtaken = self._reconnections = 0
        self._arrivals: deque[float] = deque(maxlen=256)
        self._stamped_s = float("-inf")

    @property
    def info(self) -> SourceInfo:
        """What the source said of itself when it was first opened; the size may change later, as each frame tells.

        Raises
        ------
        UsageError
            Before `start`.
        """
        if self._info is None:
            raise UsageError("The source is not open yet: start() comes first.")
        return self._info

    @property
    def report(self) -> FeedReport:
        """How the feed is doing now."""
        with self._lock:
            is_known = self._arrivals and self._arrivals[-1] - self._arrivals[0] >= MINIMUM_RATE_SPAN_S
            return FeedReport(
                self._state,
                self._problem,
                compute_frame_rate(self._arrivals) if is_known else float("nan"),
                self._received,
                self._overtaken,
                self._reconnections,
                self._fault,
            )

    def start(self) -> Self:
        """Open the source and wait for its first frame; call it on the main thread, where macOS asks for permission.

        Raises
        ------
        SourceError
            When the source cannot be opened or gives no frame; the feed is closed then.
        UsageError
            When it was started before.
        """
        if self._line is not None or self._is_closed:
            raise UsageError("A feed starts once: make a new one.")
        try:
            line = self._connect(self._opener() if must_open_on_main_thread(self._source) else None)
            with self._lock:
                self._changed.wait_for(
                    lambda: line.frames or line.has_ended or self._is_closed, self._patience.opening_s
                )
            if not line.frames:
                if isinstance(line.error, (FormCoachError, ImportError)):
                    raise line.error
                raise SourceError(tell_silent(self._source, self._info)) from line.error
        except BaseException:
            self.close()
            raise
        self._supervisor = threading.Thread(target=self._supervise, name="feed supervisor", daemon=True)
        self._supervisor.start()
        return self

    def take(self, timeout_s: float) -> Frame | None:
        """Return the newest frame, unless it was taken before.

        Parameters
        ----------
        timeout_s
            Wait for it so long, in seconds; 0 does not wait.

        Returns
        -------
        Frame or None
            Its ``time_s`` is on the clock of `now`: when it arrived, or for a file when it was due. None when none
            came in time, and at once when no more will come.
        """
        with self._lock:
            self._arrived.wait_for(lambda: self._newest is not None or self._state is FeedState.ENDED, timeout_s)
            frame, self._newest = self._newest, None
            return frame

    def now(self) -> float:
        """Return the seconds since the source was first opened, on the clock of the frames; 0 before."""
        with self._lock:
            return self._clock.now()

    def close(self) -> None:
        """Let go of the source, within about a second even where it hangs; may be called twice."""
        with self._lock:
            self._is_closed = True
            self._state, self._newest, self._fault = FeedState.ENDED, None, None
            reader = self._line.thread if self._line else None
            self._arrived.notify_all()
            self._changed.notify_all()
        until_s = time.monotonic() + CLOSING_S
        for thread in (self._supervisor, reader):
            if thread is not None and thread.is_alive():
                thread.join(max(0.0, until_s - time.monotonic()))

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What follows runs in the reader's thread.

    def _read(self, line: _Line, opened: FrameSource | None) -> None:
        try:
            with self._opener() if opened is None else opened as source:
                refuse_photo(source.info)
                if self._enter(line, source.info):
                    line.is_over = self._hand_over(line, source)
        except Exception as error:  # noqa: BLE001 -- whatever a driver or decoder raises, the session goes on
            logger.info("reading stopped: %r", error)
            line.error = error
        finally:
            with self._lock:
                line.has_ended = True
                self._changed.notify_all()

    def _enter(self, line: _Line, info: SourceInfo) -> bool:
        with self._lock:
            if not self._is_current(line):
                return False
            line.watch = PictureWatch(FROZEN_CAMERA_S if info.kind is SourceKind.CAMERA else FROZEN_OTHER_S)
            if self._info is None:
                self._info = info
            line.start_s = self._clock.now()
            self._clock.start()
            return True

    def _hand_over(self, line: _Line, source: FrameSource) -> bool:
        """Return whether a recording was read to its end."""
        info, last_s = source.info, 0.0
        has_own_pace = info.kind in (SourceKind.VIDEO, SourceKind.ANIMATION) or info.duration_s is not None
        tolerance_s = max(LATE_S, 1.0 / info.fps if info.fps else 0.0)
        for frame in source:
            due_s, late_s, last_s = None, 0.0, frame.time_s
            if has_own_pace:
                due_s, late_s = self._await_due(line, frame.time_s)
            stamp_s = self._deliver(line, frame.image, due_s, is_offered=late_s <= tolerance_s)
            if stamp_s is None:
                return False
            line.watch.add(frame.image, stamp_s)
        return has_own_pace and (not info.kind.is_live or last_s >= (info.duration_s or 0.0) - END_MARGIN_S)

    def _await_due(self, line: _Line, time_s: float) -> tuple[float, float]:
        """Wait until a frame of a recording is due; return when that is and how much later it is now."""
        with self._lock:
            line.is_waiting = True
            while (late_s := self._clock.now() - line.start_s - time_s) < 0.0 and self._is_current(line):
                self._changed.wait(min(max(-late_s, MINIMUM_STEP_S), _TICK_S))
            line.is_waiting = False
            if late_s > PAUSE_S:
                line.start_s += late_s
                late_s = 0.0
            return line.start_s + time_s, late_s

    def _deliver(self, line: _Line, image: NDArray[np.uint8], due_s: float | None, *, is_offered: bool) -> float | None:
        """Put a frame in its place and return its stamp; None when nobody wants the frames of this line any more."""
        with self._lock:
            if not self._is_current(line):
                return None
            stamp_s = max(self._clock.now() if due_s is None else due_s, self._stamped_s + MINIMUM_STEP_S)
            self._stamped_s = stamp_s
            self._note_arrival(line, stamp_s)
            if not is_offered:
                self._overtaken += 1
                return stamp_s
            self._overtaken += self._newest is not None
            self._newest = Frame(self._received - 1, stamp_s, image)
            self._arrived.notify_all()
            return stamp_s

    def _note_arrival(self, line: _Line, stamp_s: float) -> None:
        if not line.frames:
            self._reconnections += self._received > 0
            self._changed.notify_all()
        line.frames += 1
        self._received += 1
        self._state, self._problem = FeedState.RUNNING, None
        self._arrivals.append(stamp_s)
        while stamp_s - self._arrivals[0] > RATE_WINDOW_S:
            self._arrivals.popleft()

    # What follows runs in the supervisor's thread, apart from `_connect`, which `start` calls too.

    def _supervise(self) -> None:
        pauses_s = self._pauses_s()
        while (line := self._line) is not None:
            self._watch(line)
            is_live = self.info.kind.is_live
            with self._lock:
                if self._is_closed:
                    return
                if line.is_over or (line.has_ended and not is_live):
                    self._end(None if line.is_over else f"'{self.info.name}' broke off: record or copy it again.")
                    return
                self._lose(line)
                if line.frames and self._stamped_s - line.start_s > STEADY_S:
                    pauses_s = self._pauses_s()
            if not self._pause(next(pauses_s)):
                return
            self._connect()

    def _watch(self, line: _Line) -> None:
        """Return when a line has ended or is silent for too long, or the feed is closed."""
        seen, silent_s, judged_s = -1, 0.0, self.now()
        tick_s = min(self._patience.silence_s / _WAITS, _TICK_S)
        while True:
            with self._lock:
                if line.has_ended or self._is_closed:
                    return
                silent_s = silent_s + tick_s if line.frames == seen and not line.is_waiting else 0.0
                seen = line.frames
                if silent_s > (self._patience.silence_s if seen else self._patience.opening_s):
                    if self.info.kind.is_live:
                        return
                    self._mark_lost()  # a file is not opened again: its disk or network may come back
                self._changed.wait(tick_s)
                now_s = self._clock.now()
            if now_s - judged_s >= JUDGED_EVERY_S:
                judged_s = now_s
                fault = line.watch.judge()
                with self._lock:
                    self._fault = fault if self._state is FeedState.RUNNING else None

    def _connect(self, opened: FrameSource | None = None) -> _Line:
        line = _Line()
        line.thread = threading.Thread(target=self._read, args=(line, opened), name="feed reader", daemon=True)
        with self._lock:
            self._line = line
            if not self._is_closed:
                line.thread.start()
        return line

    def _lose(self, line: _Line) -> None:
        """Give a line up: a thread that hangs in it is left behind, and what it may still deliver is thrown away."""
        self._line = None
        if line.thread is not None and not line.has_ended:
            self._hanging.append(line.thread)
        self._mark_lost()

    def _mark_lost(self) -> None:
        self._state, self._problem, self._fault = FeedState.LOST, tell_lost(self.info), None
        self._overtaken += self._newest is not None
        self._newest = None
        self._arrivals.clear()

    def _end(self, problem: str | None) -> None:
        self._state, self._problem, self._fault = FeedState.ENDED, problem, None
        self._arrived.notify_all()

    def _pauses_s(self) -> Iterator[float]:
        return chain(self._patience.pauses_s, repeat(self._patience.pauses_s[-1]))

    def _pause(self, pause_s: float) -> bool:
        """Wait before the next attempt; return False when the feed was closed."""
        with self._lock:
            while True:
                if self._changed.wait_for(lambda: self._is_closed, pause_s):
                    return False
                self._hanging = [one for one in self._hanging if one.is_alive()]
                if len(self._hanging) < MAXIMUM_HANGING:
                    return True

    # What follows is called with the lock held.

    def _is_current(self, line: _Line) -> bool:
        return line is self._line and not self._is_closed
