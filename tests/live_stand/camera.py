"""A camera on the loopback: shows a reel to whoever connects, and fails in every way that cameras fail."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import numpy as np

from live_stand.reel import Reel, encode

if TYPE_CHECKING:
    from types import TracebackType

BOUNDARY = "picture"
# Where the film waits it runs to and fro over so long, for a living person never stands still like a picture.
LINGER_S = 1.5
END = float("inf")


class Picture(StrEnum):
    """What is sent instead of the film's next picture."""

    FILM = "film"
    FROZEN = "frozen"
    BLACK = "black"
    NOTHING = "nothing"


class Film:
    """Where a film is: it plays up to a mark and then waits there, to and fro, until it is sent on.

    Parameters
    ----------
    duration_s
        Length.
    """

    def __init__(self, duration_s: float) -> None:
        self._duration_s = duration_s
        self._from_s, self._since_s = min(LINGER_S, duration_s), time.monotonic()
        self._mark_s = self._from_s
        self._linger_s = LINGER_S
        self._stopped_s: float | None = None

    def play_to(self, mark_s: float, linger_s: float = LINGER_S) -> None:
        """Go on from here and wait at a mark, to and fro over so many seconds before it."""
        self._from_s, self._since_s = self.position_s(), self._now_s()
        self._mark_s = max(self._from_s, min(mark_s, self._duration_s))
        self._linger_s = linger_s

    def jump_to(self, position_s: float) -> None:
        """Go to a position and wait there."""
        self._from_s = self._mark_s = min(position_s, self._duration_s)
        self._since_s, self._linger_s = self._now_s(), LINGER_S

    def stop(self) -> None:
        """Stop the film's time."""
        if self._stopped_s is None:
            self._stopped_s = time.monotonic()

    def go_on(self) -> None:
        """Let the film's time go on."""
        if self._stopped_s is not None:
            self._since_s += time.monotonic() - self._stopped_s
            self._stopped_s = None

    @property
    def is_waiting(self) -> bool:
        """Whether the mark has been reached."""
        return self._played_s() >= self._mark_s - self._from_s

    def position_s(self) -> float:
        """Return which moment of the film is shown now."""
        over_s = self._played_s() - (self._mark_s - self._from_s)
        if over_s <= 0.0:
            return self._mark_s + over_s
        window_s = min(self._linger_s, self._mark_s)
        if window_s <= 0.0:
            return self._mark_s
        there_and_back = over_s % (2.0 * window_s)
        return self._mark_s - min(there_and_back, 2.0 * window_s - there_and_back)

    def _played_s(self) -> float:
        return self._now_s() - self._since_s

    def _now_s(self) -> float:
        return time.monotonic() if self._stopped_s is None else self._stopped_s


class LoopbackCamera:
    """Serves a reel as a stream of JPEG pictures at the film's own pace; a context manager.

    At first the film waits at its beginning: ``play_to`` sends it on.

    Parameters
    ----------
    reel
        What is shown.
    """

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._film = Film(reel.duration_s)
        self._change = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._picture, self._frozen = Picture.FILM, b""
        self._size: tuple[int, int] | None = None
        self._fps = reel.fps
        self.served = 0
        self.visits = 0

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    @property
    def url(self) -> str:
        """The stream's address; it stays the same when the camera comes back."""
        return f"http://127.0.0.1:{self._port}/video.mjpg"

    @property
    def position_s(self) -> float:
        """Moment of the film that is shown now."""
        with self._change:
            return self._film.position_s()

    # -- the film

    def play_to(self, mark_s: float = END, linger_s: float = LINGER_S) -> None:
        """Send the film on; it waits at the mark, moving to and fro over so many seconds before it."""
        with self._changing():
            self._film.play_to(mark_s, linger_s)

    def jump_to(self, position_s: float) -> None:
        """Cut to another moment of the film, and wait there."""
        with self._changing():
            self._film.jump_to(position_s)

    def wait_for_mark(self, timeout_s: float = 120.0) -> None:
        """Wait until the film has come to its mark."""
        deadline_s = time.monotonic() + timeout_s
        while not self._film.is_waiting:
            assert time.monotonic() < deadline_s, f"the film is at {self.position_s:.1f} s and does not reach its mark"
            time.sleep(0.02)

    # -- what goes wrong

    def cut(self, *, film_goes_on: bool = True) -> None:
        """Close all connections and refuse new ones."""
        if not film_goes_on:
            self._film.stop()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        self._hang_up()

    def restore(self) -> None:
        """Be a healthy camera again, whatever was wrong."""
        with self._changing():
            self._film.go_on()
            self._picture, self._size, self._fps = Picture.FILM, None, self._reel.fps
        if self._server is None:
            self._open()

    def freeze(self) -> None:
        """Send the same picture for ever."""
        with self._changing():
            self._frozen, self._picture = self._file(), Picture.FROZEN

    def black(self) -> None:
        """Send black pictures."""
        with self._changing():
            width, height = self._size or self._reel.size
            self._frozen, self._picture = encode(np.zeros((height, width, 3), np.uint8)), Picture.BLACK

    def hang(self) -> None:
        """Keep connections open, take new ones, and send nothing."""
        with self._changing():
            self._picture = Picture.NOTHING

    def resize(self, width: int, height: int) -> None:
        """Send pictures of another size from now on, on the same connection."""
        with self._changing():
            self._size = (width, height)

    def slow(self, fps: float) -> None:
        """Send fewer pictures a second; the film keeps its pace."""
        with self._changing():
            self._fps = fps

    # -- serving

    def _open(self) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        server.daemon_threads = True
        self._port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def _hang_up(self) -> None:
        with self._changing():
            for connection in self._connections:
                # The other end may have gone already.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _changing(self):
        with self._change:
            yield
            self._change.notify_all()

    def _file(self) -> bytes:
        if self._picture in (Picture.FROZEN, Picture.BLACK):
            return self._frozen
        return self._reel.file(self._reel.index(self._film.position_s()), self._size)

    def stream(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one visitor until the connection ends."""
        with self._change:
            self._connections.add(handler.connection)
            self.visits += 1
        try:
            self._send(handler)
        except OSError:
            pass
        finally:
            with self._change:
                self._connections.discard(handler.connection)

    def _send(self, handler: BaseHTTPRequestHandler) -> None:
        self._wait_while_hanging()
        handler.send_response(200)
        handler.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        handler.end_headers()
        due_s = time.monotonic()
        while True:
            self._wait_while_hanging()
            with self._change:
                picture, period_s = self._file(), 1.0 / self._fps
                self.served += 1
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            handler.wfile.write(head.encode() + picture + b"\r\n")
            due_s = max(due_s + period_s, time.monotonic())
            time.sleep(due_s - time.monotonic() if due_s > time.monotonic() else 0.0)

    def _wait_while_hanging(self) -> None:
        with self._change:
            self._change.wait_for(lambda: self._picture is not Picture.NOTHING or self._server is None)


def _handler(camera: LoopbackCamera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            camera.stream(self)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    return Handler
