"""Threads that keep what went wrong in them."""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from formcoach.live.session import LiveSession

_Result = TypeVar("_Result")
_TURN_S = 0.0005


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let Python's threads take turns ten times as often as usual.

    When the model is done, the session thread would else wait up to 5 ms for the thread that draws;
    `benchmarks/live.py` measures it.
    """
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


@contextmanager
def short_collections() -> Iterator[None]:
    """Leave everything that is loaded by now out of Python's collection of garbage.

    A full collection goes through all objects of the libraries, and nothing else runs meanwhile, for longer than two
    inferences of a small model; `benchmarks/live.py` prints the longest.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class SessionThread:
    """Calls a session's `turn` until it is over or something goes wrong.

    Parameters
    ----------
    session
        Not yet begun.
    """

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._ended = threading.Event()
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="formcoach session", daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self._ended.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is over, up to so many seconds; returns whether it is."""
        return self._ended.wait(timeout_s)

    def stop(self, timeout_s: float) -> bool:
        """End the session properly and wait for it; returns whether it ended in time."""
        self._session.stop()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._session.is_over:
                self._session.turn()
        except Exception as error:  # noqa: BLE001 - the room tells it
            self.error = error
            with suppress(Exception):  # the fault may be the voice's
                self._session.break_off()
        finally:
            self._ended.set()


class Preparation(Generic[_Result]):
    """Something that is made in a thread of its own while the main thread goes on.

    Parameters
    ----------
    make
        Makes it.
    name
        Of the thread.
    """

    def __init__(self, make: Callable[[], _Result], name: str) -> None:
        self._make = make
        self._made: _Result | None = None
        self.error: BaseException | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def wait(self, timeout_s: float) -> bool:
        """Wait for it, up to so many seconds; returns whether it is there or failed."""
        return self._ended.wait(timeout_s)

    def result(self) -> _Result:
        """Return what was made; raises what went wrong. Waits for it."""
        self._ended.wait()
        if self.error is not None:
            raise self.error
        return self._made  # type: ignore[return-value]  # set before the event, unless there is an error

    def _run(self) -> None:
        try:
            self._made = self._make()
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            self.error = error
        finally:
            self._ended.set()
