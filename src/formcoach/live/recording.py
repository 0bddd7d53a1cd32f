"""Keeps a session as it happens, in a thread of its own: the session never waits for the disk."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import av.error

from formcoach.errors import FormCoachError, NoPersonError, OutputError
from formcoach.live.files import Happened, Outcome, Row, Segment, SessionFiles, Snapshot
from formcoach.sessions.folder import SESSIONS_FOLDER, ResultFolder, explain_write_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction, Guidance, SessionEvent, Symptom
    from formcoach.live.journal import KeptSession
    from formcoach.live.options import LiveOptions
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.sessions.record import SessionRecord
    from formcoach.video import Frame, SourceInfo

# Who is further behind than this is told so [D].
BEHIND_S = 3.0
# Rows are small: ten minutes of them fit. Pictures are not: two seconds of a camera (about 160 MB of 720p) [D].
MAXIMUM_ROWS = 10_000
MAXIMUM_PICTURES = 60
# So often the thread that waits for the end looks whether somebody insists, and so long it waits when they do [D].
_WAIT_S = 0.05
ABANDON_S = 5.0


class Recording:
    """The files of a session's folder and its journal, written by a thread.

    All methods but `finish` return at once and may be called from any thread.

    Parameters
    ----------
    options
        What was asked for.
    source
        Where the pictures come from.
    keep
        Begins the session in the store; used in the thread alone.
    clock
        Returns seconds.

    Raises
    ------
    OutputError
        When the folder of sessions cannot be written.
    """

    def __init__(
        self,
        options: LiveOptions,
        source: SourceInfo,
        keep: Callable[[], AbstractContextManager[KeptSession]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._source = source
        self._keep = keep
        self._clock = clock
        self._queue: queue.Queue[Row | Segment | Happened | Snapshot | Outcome | None] = queue.Queue()
        self._pictures = 0
        self._left_out = 0
        self._lost_rows = 0
        self._waiting_since_s: deque[float] = deque()
        self._trouble: str | None = None
        self._snapshots = 0
        self._error: Exception | None = None
        self._result: tuple[Path, SessionRecord] | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="formcoach recording", daemon=True)
        self._thread.start()
        self._begun.wait()
        if self._error is not None:
            raise self._error

    # -- for the session thread and the window

    @property
    def error(self) -> Exception | None:
        """What went wrong; nothing more is written then."""
        return self._error

    @property
    def notice(self) -> str | None:
        """A sentence for the screen when something is not as it should be."""
        if self._error is not None:
            return "The session is no longer recorded."
        if self._trouble is not None:
            return self._trouble
        if self._behind_s() > BEHIND_S:
            return "The recording is behind; it catches up."
        if self._left_out:
            return f"{self._left_out} pictures are missing in the video."
        return None

    def begin_segment(self, model: ModelInfo, size: tuple[int, int]) -> None:
        """A coach begins afresh with the next frame."""
        self._put(Segment(model, size))

    def add(self, frame: Frame, pose: Pose, guidance: Guidance, step: CoachStep, direction: Direction) -> None:
        """Take a frame that was looked at, with the pose that the coach was given: a stranger's is left out of it."""
        image = frame.image if self._options.record else None
        if image is not None and self._pictures >= MAXIMUM_PICTURES:
            image = None
            self._left_out += 1
        if self._queue.qsize() >= MAXIMUM_ROWS:
            self._lost_rows += 1
            self.note(direction.events, direction.symptoms)
            return
        self._pictures += image is not None
        self._put(Row(frame.index, pose, guidance, step, direction, image))

    def note(self, events: tuple[SessionEvent, ...], symptoms: tuple[Symptom, ...] = ()) -> None:
        """Take what happened without a frame."""
        if events or symptoms:
            self._put(Happened(events, symptoms))

    def snapshot(self, image: NDArray[np.uint8]) -> str:
        """Keep a picture of the screen; returns the name of its file."""
        self._snapshots += 1
        name = f"snapshot-{self._snapshots:03d}.png"
        self._put(Snapshot(name, image))
        return name

    def finish(self, outcome: Outcome, meanwhile: Callable[[], None] = lambda: None) -> tuple[Path, SessionRecord]:
        """Write everything that is left and close; waits for it.

        Parameters
        ----------
        outcome
            What is known at the end.
        meanwhile
            Called again and again until it is done; what it raises ends the waiting.

        Returns
        -------
        folder : Path
            Where the files stand.
        record : SessionRecord
            The content of ``session.json``.

        Raises
        ------
        NoPersonError
            When nobody was ever seen: nothing is kept.
        OutputError
            When there is no folder; where there is one, what went wrong besides is in `error`.
        """
        self._put(outcome)
        while self._thread.is_alive():
            self._thread.join(_WAIT_S)
            meanwhile()
        if self._result is not None:
            return self._result
        if isinstance(self._error, FormCoachError):
            raise self._error
        if self._error is not None:
            raise OutputError(
                f"The session could not be written because of a fault in formcoach ({type(self._error).__name__}:"
                f" {self._error}): the next command keeps what was recorded until then; please report it."
            ) from self._error
        raise NoPersonError(
            f"Nobody was seen in '{self._source.name}', and nothing was kept: the whole body, head to feet, must be in"
            " the picture, well lit and at least a third of its height."
        )

    def abandon(self) -> None:
        """Close without a report; store and folder keep what they have, and the next command closes it.

        A disk that hangs is not waited for.
        """
        self._put(None)
        self._thread.join(ABANDON_S)

    def _put(self, item: Row | Segment | Happened | Snapshot | Outcome | None) -> None:
        if self._error is None or item is None:
            self._waiting_since_s.append(self._clock())
            self._queue.put(item)

    def _behind_s(self) -> float:
        """Return how long what is being written, or written next, has waited."""
        try:
            return self._clock() - self._waiting_since_s[0]
        except IndexError:
            return 0.0

    # -- the thread

    def _run(self) -> None:
        try:
            self._record()
        except FormCoachError as error:
            self._error = error
        except (OSError, av.error.FFmpegError) as error:
            self._error = explain_write_error(error, self._options.folder)
        except Exception as error:  # noqa: BLE001 - told by `finish`; the session goes on
            self._error = error
        finally:
            self._begun.set()

    def _record(self) -> None:
        with self._keep() as kept:
            target = self._options.folder / SESSIONS_FOLDER / kept.journal.session_id
            with ResultFolder(target, overwrite=False) as folder:
                files = SessionFiles(folder.path, self._options, self._source, kept.journal)
                # Whatever goes wrong from here on, the next command makes a session of what is in it.
                folder.leave()
                self._begun.set()
                try:
                    while not isinstance(item := self._queue.get(), Outcome):
                        if item is None:
                            return
                        self._take(files, item)
                        self._waiting_since_s.popleft()
                    record = files.write_report(replace(item, notes=(*item.notes, *self._losses())))
                finally:
                    files.close()
                if record is None:
                    folder.discard()
                    kept.drop()
                else:
                    # In this order: what is unpublished and in no session that is open is swept away by others.
                    self._result = folder.publish(), record
                    files.keep(record)

    def _take(self, files: SessionFiles, item: Row | Segment | Happened | Snapshot) -> None:
        match item:
            case Row():
                files.add(item)
                self._pictures -= item.image is not None
            case Segment():
                files.begin_segment(item)
            case Happened():
                files.note(item.events, item.symptoms)
            case Snapshot():
                files.save(item)
        self._trouble = files.trouble

    def _losses(self) -> tuple[str, ...]:
        losses = []
        if self._left_out:
            losses.append(f"{self._left_out} pictures are missing in the video: the computer was too slow for it.")
        if self._lost_rows:
            losses.append(f"{self._lost_rows} frames were seen but not recorded: the disk was too slow.")
        return tuple(losses)
