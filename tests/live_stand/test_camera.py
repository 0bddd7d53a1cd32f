from __future__ import annotations

import http.client
import socket
import threading
import time
import urllib.parse
from collections import deque
from itertools import pairwise

import cv2
import numpy as np
import pytest

from live_stand.camera import LINGER_S, Film, LoopbackCamera
from live_stand.reel import Reel
from media import level, picture

FPS, COUNT, SIZE = 20.0, 24, (64, 48)
PATIENCE_S = 10.0


class Viewer:
    """Reads the stream in a thread and keeps what has come."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
        self.pictures, self.arrivals, self.ended = deque(), deque(), threading.Event()
        self.thread = threading.Thread(target=self._read, args=(parts.path,), daemon=True)
        self.thread.start()

    def _read(self, path):
        try:
            self.connection.request("GET", path)
            answer = self.connection.getresponse()
            while True:
                line = answer.readline()
                if not line:
                    break
                if line.startswith(b"Content-Length"):
                    length = int(line.split(b":")[1])
                    answer.readline()
                    content = answer.read(length)
                    self.arrivals.append(time.monotonic())
                    self.pictures.append(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
        except (OSError, http.client.HTTPException):
            pass
        self.ended.set()

    def wait(self, condition, timeout_s=PATIENCE_S):
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline_s
            time.sleep(0.01)

    def wait_for_more(self, count=2):
        wanted = len(self.pictures) + count
        self.wait(lambda: len(self.pictures) >= wanted)
        return self.pictures[-1]


@pytest.fixture
def camera():
    with LoopbackCamera(Reel((picture(index, SIZE) for index in range(COUNT)), FPS)) as one:
        yield one


@pytest.fixture
def viewer(camera):
    return Viewer(camera.url)


def test_a_film_waits_moving_to_and_fro_and_plays_to_its_mark_at_its_own_pace(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("live_stand.camera.time.monotonic", lambda: now[0])
    film = Film(10.0)
    assert film.position_s() == LINGER_S
    now[0] += LINGER_S
    assert film.position_s() == pytest.approx(0.0)
    now[0] += 0.5
    assert film.position_s() == pytest.approx(0.5)
    film.play_to(5.0)
    now[0] += 2.0
    assert (film.position_s(), film.is_waiting) == (pytest.approx(2.5), False)
    now[0] += 3.0
    assert (film.position_s(), film.is_waiting) == (pytest.approx(4.5), True)
    film.play_to(8.0, linger_s=3.0)
    now[0] += 3.5 + 3.0
    assert film.position_s() == pytest.approx(5.0)
    film.jump_to(99.0)
    assert film.position_s() == 10.0


def test_a_stopped_film_goes_on_where_it_was(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("live_stand.camera.time.monotonic", lambda: now[0])
    film = Film(10.0)
    film.play_to(9.0)
    now[0] += 1.0
    film.stop()
    now[0] += 30.0
    assert film.position_s() == pytest.approx(2.5)
    film.go_on()
    now[0] += 1.0
    assert film.position_s() == pytest.approx(3.5)


def test_a_clip_is_read_with_its_rate_size_and_part(samples):
    reel = Reel.of_clip(samples / "good_side_left.mp4", 1.0, 3.0)
    assert (reel.fps, reel.size, reel.duration_s) == (15.0, (640, 480), pytest.approx(2.0))
    assert reel.index(1.0) == 15
    shown = cv2.imdecode(np.frombuffer(reel.file(3, (320, 240)), np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (240, 320, 3)


def test_opencv_reads_the_stream_as_it_reads_a_network_camera(camera):
    capture = cv2.VideoCapture(camera.url)
    try:
        read, image = capture.read()
    finally:
        capture.release()
    assert read
    assert image.shape == (SIZE[1], SIZE[0], 3)


def test_pictures_come_in_order_at_the_film_s_pace(camera, viewer):
    camera.jump_to(0.0)
    viewer.wait_for_more()
    first = len(viewer.pictures) - 1
    camera.play_to()
    viewer.wait(lambda: level(viewer.pictures[-1]) > COUNT - 1.5)
    levels, times = list(viewer.pictures)[first:], list(viewer.arrivals)[first:]
    shown = [level(one) for one in levels]
    assert all(later > earlier - 0.6 for earlier, later in pairwise(shown))
    assert len(shown) > 0.7 * COUNT
    assert times[-1] - times[0] == pytest.approx((COUNT - 1) / FPS, abs=0.3)


def test_a_camera_that_was_cut_takes_nobody_until_it_is_restored(camera, viewer):
    viewer.wait_for_more()
    camera.cut()
    assert viewer.ended.wait(PATIENCE_S)
    port = urllib.parse.urlsplit(camera.url).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    camera.restore()
    Viewer(camera.url).wait_for_more()


@pytest.mark.parametrize("goes_on", [True, False])
def test_while_it_is_cut_the_film_goes_on_or_stops_as_asked(camera, monkeypatch, goes_on):
    now = [time.monotonic()]
    monkeypatch.setattr("live_stand.camera.time.monotonic", lambda: now[0])
    camera.jump_to(0.0)
    camera.play_to()
    camera.cut(film_goes_on=goes_on)
    now[0] += 0.5
    camera.restore()
    assert camera.position_s == pytest.approx(0.5 if goes_on else 0.0)


def test_a_frozen_camera_sends_the_same_picture_and_a_restored_one_others(camera, viewer):
    viewer.wait_for_more()
    camera.freeze()
    viewer.wait_for_more(2)
    still = viewer.wait_for_more(1)
    assert (viewer.wait_for_more(5) == still).all()
    camera.restore()
    viewer.wait(lambda: abs(level(viewer.pictures[-1]) - level(still)) > 1.0)


def test_a_black_camera_sends_black(camera, viewer):
    viewer.wait_for_more()
    camera.black()
    assert viewer.wait_for_more(4).max() < 3


def test_a_hanging_camera_keeps_the_connection_and_sends_nothing(camera, viewer):
    viewer.wait_for_more()
    camera.hang()
    time.sleep(0.3)
    count = len(viewer.pictures)
    assert not viewer.ended.wait(0.5)
    assert len(viewer.pictures) == count
    late = Viewer(camera.url)
    assert not late.ended.wait(0.3)
    assert not late.pictures
    camera.restore()
    viewer.wait_for_more()
    late.wait_for_more()


def test_the_size_changes_on_the_same_connection(camera, viewer):
    viewer.wait_for_more()
    camera.resize(32, 24)
    assert viewer.wait_for_more(4).shape == (24, 32, 3)
    assert camera.visits == 1


def test_a_slow_camera_sends_fewer_pictures_and_the_film_keeps_its_pace(camera, viewer):
    viewer.wait_for_more()
    camera.slow(4.0)
    viewer.wait_for_more(2)
    before = len(viewer.pictures)
    viewer.wait(lambda: len(viewer.pictures) >= before + 4)
    some = list(viewer.arrivals)[before : before + 4]
    assert (some[-1] - some[0]) / 3 == pytest.approx(0.25, rel=0.3)


@pytest.mark.parametrize("hanging", [True, False])
def test_leaving_ends_all_connections(hanging):
    with LoopbackCamera(Reel([picture(0, SIZE)], FPS)) as camera:
        viewer = Viewer(camera.url)
        viewer.wait_for_more()
        if hanging:
            camera.hang()
    assert viewer.ended.wait(PATIENCE_S)
