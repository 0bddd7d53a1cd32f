"""What the tests of live feeds share."""

from __future__ import annotations

import threading
import time

import pytest

from feeds import END, QUICK, CameraServer, Opener, Source
from formcoach.video.live import LiveFeed


@pytest.fixture
def feeds():
    """Start feeds, and close them in the end."""
    started, used = [], []

    def start(*sources, clock=time.monotonic, patience=QUICK, name="3"):
        opener = sources[0] if len(sources) == 1 and isinstance(sources[0], Opener) else Opener(*sources)
        feed = LiveFeed(name, clock, opener=opener, patience=patience)
        started.append(feed)
        used.extend(one for one in opener.given if isinstance(one, Source))
        return feed.start()

    yield start
    for source in used:
        source.give(END)  # closing need not wait for a read that hangs
    for feed in started:
        feed.close()


@pytest.fixture
def server(tmp_path):
    with CameraServer(tmp_path) as one:
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield one
        one.is_on.clear()
        one.is_sending.set()
        one.shutdown()
        thread.join()
