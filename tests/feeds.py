"""Sources that a test holds in its hand, for live feeds."""

from __future__ import annotations

import http.server
import itertools
import queue
import threading
import time

import cv2

from formcoach.errors import SourceError
from formcoach.video import Frame, SourceInfo, SourceKind
from formcoach.video.frame import SourceBase
from formcoach.video.live import FeedState, Patience
from media import picture

LONG_S = 60.0
QUICK = Patience(silence_s=LONG_S, opening_s=LONG_S, pauses_s=(0.01,))
"""Tests in which nothing is to be lost by itself."""
END = object()


class Clock:
    """Seconds that a test sets."""

    def __init__(self, now_s=100.0):
        self.now_s = now_s

    def __call__(self):
        return self.now_s


class Source(SourceBase):
    """A camera that gives what a test puts in; its read hangs while there is nothing."""

    def __init__(self, *given, kind=SourceKind.CAMERA, name="camera 3", duration_s=None):
        super().__init__(SourceInfo(name, kind, 96, 64, fps=30.0, duration_s=duration_s))
        self._given = queue.SimpleQueue()
        self.closed = threading.Event()
        self.give(*given)

    def give(self, *items):
        for item in items:
            self._given.put(item)

    def __iter__(self):
        for index in itertools.count():
            item = self._given.get()
            if item is END:
                return
            if isinstance(item, Exception):
                raise item
            yield Frame(index, float(index), picture(item) if isinstance(item, int) else item)

    def close(self):
        self.closed.set()


class Opener:
    """Opens one source after the other; an error is raised, and an event hangs until it is set."""

    def __init__(self, *given):
        self.given = given
        self._left = list(given)
        self.times_s, self.threads = [], []

    def __call__(self):
        self.times_s.append(time.monotonic())
        self.threads.append(threading.current_thread())
        if not self._left:
            raise SourceError("Camera 3 cannot be opened: it is gone.")
        item = self._left.pop(0)
        if isinstance(item, threading.Event):
            item.wait(LONG_S)
            raise SourceError("Camera 3 cannot be opened: it took too long.")
        if isinstance(item, Exception):
            raise item
        return item

    @property
    def calls(self):
        return len(self.times_s)


def until(condition, limit_s=LONG_S):
    """Wait for what no event tells."""
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "waited for too long"
        time.sleep(0.005)


def give_in_turn(feed, source, clock, step_s, pictures):
    """Give pictures one by one, each so long after the one before."""
    for one in pictures:
        clock.now_s += step_s
        expected = feed.report.received + 1
        source.give(one)
        until(lambda expected=expected: feed.report.received == expected)


def take_all(feed):
    """Take frames until no more will come."""
    frames = []
    until_s = time.monotonic() + LONG_S
    while time.monotonic() < until_s:
        frame = feed.take(0.05)
        if frame is not None:
            frames.append(frame)
        elif feed.report.state is FeedState.ENDED:
            break
    return frames


class CameraServer(http.server.ThreadingHTTPServer):
    """Serves JPEG pictures on loopback as a network camera does; tests switch it."""

    daemon_threads = True

    def __init__(self, folder):
        self.is_on, self.is_sending = threading.Event(), threading.Event()
        self.is_on.set()
        self.is_sending.set()
        self.connections = 0
        server = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def do_GET(self):
                if self.path.startswith("/camera"):
                    self.send_pictures()
                else:
                    super().do_GET()

            def send_pictures(self):
                if not server.is_on.is_set():
                    self.send_error(503)
                    return
                server.connections += 1
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                index = 0
                while server.is_on.is_set():
                    server.is_sending.wait(LONG_S)
                    jpeg = cv2.imencode(".jpg", picture(index))[1].tobytes()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    try:
                        self.wfile.write(head.encode() + jpeg + b"\r\n")
                    except OSError:
                        return
                    index += 1
                    time.sleep(0.02)

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request, client_address):
        pass  # who is cut off complains
