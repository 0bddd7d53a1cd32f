"""Ctrl-C: once to stop and keep what there is, twice to end at once."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Counts Ctrl-C and polite kills while it is entered.

    A signal never raises by itself: an exception out of nowhere in the middle of a native library's call-back ends in a
    crash. The analysis asks `asked` after every frame, and `check` ends it at the next frame once somebody insists.
    """

    def __init__(self) -> None:
        self._count = 0

    @property
    def asked(self) -> bool:
        """Whether to stop and keep what there is."""
        return self._count >= 1

    @property
    def insisted(self) -> bool:
        """Whether to end at once."""
        return self._count >= 2

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` once somebody insisted."""
        if self.insisted:
            raise KeyboardInterrupt

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Who pressed twice may press on; the program is on its way out.
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_IGN if self.insisted else handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._count += 1
