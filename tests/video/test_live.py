from __future__ import annotations

import math
import subprocess
import sys
import threading
import time

import cv2
import numpy as np
import pytest

from feeds import END, LONG_S, QUICK, Clock, Opener, Source, give_in_turn, until
from formcoach.errors import MissingLibraryError, SourceError, UsageError
from formcoach.video import SourceKind
from formcoach.video.camera import CameraSource
from formcoach.video.frame import SteadyClock
from formcoach.video.health import PictureFault
from formcoach.video.live import FeedState, LiveFeed, Patience
from media import level, picture
from webcam import DeadWebcam, Webcam

# The newest frame


def test_only_the_newest_frame_is_kept_and_taken_once(feeds):
    source = Source(0, 1, 2, 3, 4)
    feed = feeds(source)
    until(lambda: feed.report.received == 5)
    frame = feed.take(0)
    assert round(level(frame.image)) == 4
    assert frame.index == 4
    assert feed.report.overtaken == 4
    assert feed.take(0) is None
    assert feed.report.state is FeedState.RUNNING
    assert feed.report.problem is None


def test_take_waits_for_the_next_frame(feeds):
    source = Source(0)
    feed = feeds(source)
    assert feed.take(LONG_S).index == 0
    timer = threading.Timer(0.1, source.give, [1])
    timer.start()
    began_s = time.monotonic()
    assert round(level(feed.take(LONG_S).image)) == 1
    assert time.monotonic() - began_s < LONG_S / 2
    timer.join()


def test_the_size_may_change_in_mid_stream(feeds):
    source = Source(picture(1))
    feed = feeds(source)
    assert feed.take(LONG_S).size == (96, 64)
    source.give(picture(2, (160, 120)))
    assert feed.take(LONG_S).size == (160, 120)
    assert (feed.info.width, feed.info.height) == (96, 64)


# Time


def test_frames_are_stamped_when_they_arrive_and_clock_jumps_are_gaps(feeds):
    clock, source = Clock(), Source(0)
    feed = feeds(source, clock=clock)
    times = [feed.take(LONG_S).time_s]
    for jump_s in (0.5, 0.0, 3600.0, -5000.0, 1.0):
        give_in_turn(feed, source, clock, jump_s, [1])
        times.append(feed.take(0).time_s)
    assert times == pytest.approx([0.0, 0.5, 0.501, 3600.5, 3600.501, 3601.5])
    assert feed.now() == pytest.approx(3601.5)
    assert feed.report.state is FeedState.RUNNING


def test_a_computer_that_wakes_does_not_lose_its_camera(feeds):
    clock, source = Clock(), Source(0)
    opener = Opener(source, Source(0))
    feed = feeds(opener, clock=clock, patience=Patience(2.0, LONG_S, (0.01,)))
    clock.now_s += 8 * 3600.0
    time.sleep(0.6)  # the supervisor looks twice
    source.give(1)
    until(lambda: feed.report.received == 2)
    assert feed.report.state is FeedState.RUNNING
    assert opener.calls == 1


def test_a_steady_clock_starts_at_zero_and_never_goes_back():
    clock = Clock(7.0)
    steady = SteadyClock(clock)
    clock.now_s = 9.0
    assert steady.now() == 0.0
    steady.start()
    seen = []
    for now_s in (9.0, 10.0, 4.0, 5.0, 500.0):
        clock.now_s = now_s
        steady.start()
        seen.append(steady.now())
    assert seen == [0.0, 1.0, 1.0, 2.0, 497.0]


def test_the_rate_of_arrival_is_measured(feeds):
    clock, source = Clock(), Source(0)
    feed = feeds(source, clock=clock)
    assert math.isnan(feed.report.fps)
    give_in_turn(feed, source, clock, 0.1, [1] * 15)
    assert feed.report.fps == pytest.approx(10.0)
    give_in_turn(feed, source, clock, 0.5, [1] * 6)
    assert feed.report.fps == pytest.approx(2.0)
    give_in_turn(feed, source, clock, 3600.0, [1])
    assert math.isnan(feed.report.fps)
    give_in_turn(feed, source, clock, 0.5, [1] * 3)
    assert feed.report.fps == pytest.approx(2.0)
    source.give(END)
    until(lambda: feed.report.state is FeedState.LOST)
    assert math.isnan(feed.report.fps)


# Lost and found


def test_a_camera_that_stops_is_lost_and_found_again(feeds):
    clock, first, second = Clock(), Source(0, 1), Source()
    feed = feeds(first, SourceError("Camera 3 cannot be opened."), second, clock=clock)
    until(lambda: feed.report.received == 2)
    before = feed.take(0)
    first.give(END)
    until(lambda: feed.report.state is FeedState.LOST)
    assert first.closed.wait(LONG_S)
    problem = feed.report.problem
    assert problem.startswith("Camera 3 gives no pictures: ")
    assert problem.count(".") == 1
    assert feed.take(0) is None
    assert math.isnan(feed.report.fps)
    second.give(7)
    after = feed.take(LONG_S)
    assert round(level(after.image)) == 7
    assert (after.index, after.time_s) == (2, pytest.approx(before.time_s + 1e-3))
    report = feed.report
    assert (report.state, report.problem, report.reconnections) == (FeedState.RUNNING, None, 1)


def test_a_frame_that_nobody_took_before_the_loss_is_not_handed_out(feeds):
    source = Source(0)
    feed = feeds(source)
    source.give(END)
    until(lambda: feed.report.state is FeedState.LOST)
    assert feed.take(0) is None
    assert feed.report.overtaken == feed.report.received == 1


def test_a_driver_that_raises_anything_is_a_lost_camera(feeds):
    first, second = Source(0), Source(5)
    feed = feeds(first, second)
    first.give(cv2.error("the driver is upset"))
    until(lambda: feed.report.reconnections == 1)
    assert round(level(feed.take(LONG_S).image)) == 5


def test_a_read_that_hangs_is_left_behind_and_its_late_frames_are_thrown_away(feeds):
    first, second = Source(0), Source(5)
    feed = feeds(first, second, patience=Patience(0.2, LONG_S, (0.01,)))
    until(lambda: feed.report.reconnections == 1)
    assert not first.closed.is_set()
    received = feed.report.received
    first.give(1, 2, 3)
    assert first.closed.wait(LONG_S)  # the old reader has seen that it is not wanted, and closed its source itself
    second.give(*[6] * 3)
    until(lambda: feed.report.received >= received + 3)
    assert feed.report.received == received + 3
    assert round(level(feed.take(0).image)) == 6


def test_silence_is_lost_before_the_camera_is_back():
    opener = Opener(Source(0), *[threading.Event()] * 2)
    with LiveFeed("3", opener=opener, patience=Patience(0.2, LONG_S, (0.01,))) as feed:
        assert feed.report.state is FeedState.RUNNING
        until(lambda: opener.calls == 2)
        assert feed.report.state is FeedState.LOST


def test_a_camera_that_is_slow_to_come_back_is_waited_for(feeds):
    slow = Source()
    feed = feeds(Source(0), slow, patience=Patience(0.1, LONG_S, (0.01,)))
    until(lambda: feed.report.state is FeedState.LOST)
    timer = threading.Timer(1.0, slow.give, [1])
    timer.start()
    until(lambda: feed.report.received == 2)
    assert feed.report.reconnections == 1
    timer.join()


def test_attempts_become_rarer_and_the_last_pause_is_repeated(feeds):
    opener = Opener(Source(0, END))
    feed = feeds(opener, patience=Patience(LONG_S, LONG_S, (0.05, 0.1, 0.3)))
    until(lambda: opener.calls == 6)
    pauses_s = np.diff(opener.times_s)
    assert (pauses_s >= [0.05, 0.1, 0.3, 0.3, 0.3]).all()
    assert feed.report.state is FeedState.LOST
    assert feed.report.reconnections == 0


def test_pauses_begin_anew_after_a_steady_connection(feeds):
    clock, steady = Clock(), Source(1)
    opener = Opener(Source(0, END), SourceError("gone"), steady, Source(2))
    feed = feeds(opener, clock=clock, patience=Patience(LONG_S, LONG_S, (0.01, 0.01, 2 * LONG_S)))
    until(lambda: feed.report.reconnections == 1)
    give_in_turn(feed, steady, clock, 6.0, [1])
    steady.give(END)
    until(lambda: feed.report.reconnections == 2)


def test_only_so_many_threads_are_left_hanging(feeds):
    hanging = [threading.Event() for _ in range(9)]
    opener = Opener(Source(0), *hanging)
    feeds(opener, patience=Patience(0.05, 0.05, (0.01,)))
    until(lambda: opener.calls == 4)
    time.sleep(0.5)  # time enough for many more
    assert opener.calls == 4
    hanging[0].set()
    until(lambda: opener.calls == 5)
    for one in hanging:
        one.set()


# The beginning and the end


def test_a_camera_that_cannot_be_opened_is_told_to_who_starts(feeds):
    with pytest.raises(SourceError, match=r"^Camera 3 cannot be opened: it is gone"):
        feeds(Opener())


def test_a_missing_library_is_told_as_such(feeds):
    for error in (MissingLibraryError("libGL is missing."), ImportError("libGL.so.1")):
        with pytest.raises(type(error), match="libGL"):
            feeds(error)


@pytest.mark.parametrize("given", [threading.Event(), Source(), Source(END), Source(RuntimeError("driver"))])
def test_a_camera_that_gives_nothing_at_the_start_is_told(feeds, given):
    with pytest.raises(SourceError, match=r"^Camera 3 gives no pictures: .*USB port\.$"):
        feeds(given, patience=Patience(LONG_S, 0.3, (0.01,)))
    if isinstance(given, threading.Event):
        given.set()
    else:
        given.give(END)


def test_a_dead_webcam_at_the_start(feeds):
    with pytest.raises(SourceError, match="Camera 3 gives no pictures"):
        feeds(CameraSource(3, capture=DeadWebcam(fps=1000.0)))


def test_no_such_camera_and_no_such_file(tmp_path):
    with pytest.raises(SourceError, match="Camera 97 cannot be opened"):
        LiveFeed("97").start()
    with pytest.raises(SourceError, match="There is no file"):
        LiveFeed(str(tmp_path / "gone.mp4")).start()


def test_a_photo_is_refused(tmp_path):
    path = tmp_path / "me.png"
    cv2.imwrite(str(path), picture())
    with pytest.raises(SourceError, match=r"^'me.png' is a photo .*: use formcoach analyze for it\.$"):
        LiveFeed(str(path)).start()


def test_a_feed_starts_once_and_knows_nothing_before():
    feed = LiveFeed("3", opener=Opener(Source(0), Source(0)), patience=QUICK)
    with pytest.raises(UsageError, match="not open yet"):
        _ = feed.info
    assert feed.now() == 0.0
    with feed, pytest.raises(UsageError, match="starts once"):
        feed.start()
    with pytest.raises(UsageError, match="starts once"):
        feed.start()


@pytest.mark.parametrize(
    ("platform", "source", "is_here"), [("darwin", "3", True), ("darwin", "http://h/", False), ("linux", "3", False)]
)
def test_macos_is_asked_for_the_camera_by_the_thread_that_starts(feeds, monkeypatch, platform, source, is_here):
    monkeypatch.setattr("formcoach.video.live_sources.sys.platform", platform)
    opener = Opener(Source(0))
    feeds(opener, name=source)
    assert (opener.threads[0] is threading.current_thread()) == is_here


def test_closing_does_not_wait_for_a_read_that_hangs(feeds):
    feed = feeds(Source(0))
    began_s = time.monotonic()
    feed.close()
    assert time.monotonic() - began_s < 3.0  # it waits for 0.8 s; the rest is for a busy machine
    assert feed.report.state is FeedState.ENDED
    assert feed.take(LONG_S) is None
    assert time.monotonic() - began_s < LONG_S / 2
    feed.close()


def test_closing_ends_the_wait_of_who_takes_and_the_wait_before_an_attempt():
    opener = Opener(Source(0, END))
    feed = LiveFeed("3", opener=opener, patience=Patience(LONG_S, LONG_S, (LONG_S,))).start()
    until(lambda: feed.report.state is FeedState.LOST)
    timer = threading.Timer(0.1, feed.close)
    timer.start()
    began_s = time.monotonic()
    assert feed.take(LONG_S) is None
    assert time.monotonic() - began_s < LONG_S / 2
    timer.join(LONG_S / 2)
    assert not timer.is_alive()
    until(lambda: not feed._supervisor.is_alive())
    assert opener.calls == 1


def test_a_source_is_closed_by_the_thread_that_read_it(feeds):
    source = Source(0)
    source.close = lambda: (setattr(source, "closer", threading.current_thread()), source.closed.set())
    feed = feeds(source)
    reader = feed._line.thread
    feed.close()
    source.give(1)
    assert source.closed.wait(LONG_S)
    assert source.closer is reader


def test_no_thread_keeps_the_process_alive():
    program = (
        "import threading, numpy\n"
        "from formcoach.video import Frame, SourceInfo, SourceKind\n"
        "from formcoach.video.frame import SourceBase\n"
        "from formcoach.video.live import LiveFeed\n"
        "class Hanging(SourceBase):\n"
        "    def __iter__(self):\n"
        "        yield Frame(0, 0.0, numpy.zeros((64, 64, 3), numpy.uint8))\n"
        "        threading.Event().wait()\n"
        "feed = LiveFeed('0', opener=lambda: Hanging(SourceInfo('camera 0', SourceKind.CAMERA, 64, 64)))\n"
        "print(feed.start().take(60).size)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_S, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "(64, 64)\n", "")


# Pictures that are no use


def test_a_fault_of_the_pictures_is_reported_until_it_is_over(feeds):
    clock, source = Clock(), Source(np.zeros((64, 96, 3), np.uint8))
    feed = feeds(source, clock=clock)
    give_in_turn(feed, source, clock, 0.2, [np.zeros((64, 96, 3), np.uint8)] * 8)
    until(lambda: feed.report.picture_fault is PictureFault.BLACK)
    assert feed.report.state is FeedState.RUNNING
    noise = np.random.default_rng(0)
    give_in_turn(feed, source, clock, 0.2, [noise.integers(90, 150, (64, 96, 3), np.uint8) for _ in range(20)])
    until(lambda: feed.report.picture_fault is None)
    give_in_turn(feed, source, clock, 0.2, [np.zeros((64, 96, 3), np.uint8)] * 8)
    until(lambda: feed.report.picture_fault is PictureFault.BLACK)
    source.give(END)
    until(lambda: feed.report.state is FeedState.LOST)
    assert feed.report.picture_fault is None


@pytest.mark.parametrize(("kind", "frozen_s"), [(SourceKind.CAMERA, 2.0), (SourceKind.STREAM, 3.0)])
def test_a_still_picture_is_frozen_after_its_time(feeds, kind, frozen_s):
    clock, source = Clock(), Source(0, kind=kind)
    feed = feeds(source, clock=clock)
    still = np.full((64, 96, 3), 120, np.uint8)
    give_in_turn(feed, source, clock, 0.2, [still] * 60)
    until(lambda: feed.report.picture_fault is PictureFault.FROZEN)
    assert feed._line.watch._frozen_after_s == frozen_s


# A camera made of code


def test_a_webcam_in_real_time(feeds):
    capture = Webcam(fps=20.0, in_real_time=True)
    feed = feeds(CameraSource(3, capture=capture))
    times = [feed.take(LONG_S).time_s for _ in range(25)]
    assert (np.diff(times) > 0).all()
    assert times[-1] - times[0] > 24 / 20.0 * 0.8
    assert feed.report.fps == pytest.approx(20.0, rel=0.5)
    feed.close()
    until(lambda: capture.released)
