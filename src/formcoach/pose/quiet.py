"""Keeps MediaPipe from talking: to Google's hosts, and to the terminal."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing listens on the discard port of a desktop: a connection there is refused at once, on this machine.
DEAD_PROXY = "http://127.0.0.1:9"
_DEBUG = "FORMCOACH_DEBUG"


def block_usage_reporting() -> None:
    """Keep MediaPipe's usage reporting from leaving this machine; to be called before the library loads.

    MediaPipe >= 0.10.30 looks up and contacts a Google host when a landmarker closes (mediapipe#6291) and has no
    switch for it. It goes through libcurl, which heeds ``https_proxy``; pointing that at a dead port on this machine
    ends it before any name is looked up. Entries of ``no_proxy`` that would let a Google host go past the proxy are
    taken out for this process, the others stay: FFmpeg, which opens streams, reads ``http_proxy`` and ``no_proxy``
    but not ``https_proxy``, so streams still open.
    """
    for name in ("https_proxy", "HTTPS_PROXY"):
        os.environ[name] = DEAD_PROXY
    for name in ("no_proxy", "NO_PROXY"):
        entries = os.environ.get(name)
        if entries is not None:
            os.environ[name] = ",".join(entry for entry in entries.split(",") if not _lets_google_through(entry))


def _lets_google_through(entry: str) -> bool:
    domain = entry.strip().strip(".").lower()
    return domain in ("*", "com") or "google" in domain


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Send what C++ code writes to file descriptor 2 nowhere, for a short while.

    MediaPipe logs its start-up from C++ and heeds no variable or Python setting, so the descriptor itself is
    redirected. Setting the environment variable ``FORMCOACH_DEBUG`` leaves it alone.
    """
    if os.environ.get(_DEBUG):
        yield
        return
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()


class _Silence:
    """Redirects descriptor 2 as long as anybody wants that.

    Two threads may at once: were each to restore what it found, one could restore the other's silence for good.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = 0
        self._kept: int | None = None

    def begin(self) -> None:
        with self._lock:
            self._wanted += 1
            if self._wanted > 1:
                return
            if sys.stderr is not None:
                sys.stderr.flush()
            try:
                self._kept = os.dup(2)
            except OSError:  # there is no descriptor 2: a windowed program
                return
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, 2)
            finally:
                os.close(nowhere)

    def end(self) -> None:
        with self._lock:
            self._wanted -= 1
            if self._wanted or self._kept is None:
                return
            os.dup2(self._kept, 2)
            os.close(self._kept)
            self._kept = None


_silence = _Silence()
