from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from feeds import END, LONG_S, QUICK, Clock, Opener, Source, take_all, until
from formcoach.errors import SourceError
from formcoach.video import SourceKind, open_source
from formcoach.video.live import FeedState, LiveFeed, Patience
from media import level, write_video

# Files


def test_a_file_plays_at_its_own_pace_and_ends(tmp_path):
    times_s = [0.0, 0.1, 0.15, 0.5, 0.8, 1.2]
    path = write_video(tmp_path / "a.mp4", times_s)
    began_s = time.monotonic()
    with LiveFeed(str(path)) as feed:
        frames = take_all(feed)
        assert time.monotonic() - began_s >= 1.2
        report = feed.report
    assert (report.state, report.problem, report.reconnections) == (FeedState.ENDED, None, 0)
    assert report.received == len(times_s)
    assert report.overtaken == len(times_s) - len(frames)
    assert frames[0].time_s == 0.0
    assert frames[-1].time_s == pytest.approx(1.2, abs=2e-3)
    for frame in frames:
        assert frame.time_s == pytest.approx(times_s[round(level(frame.image))], abs=2e-3)


def test_a_sample_plays(samples):
    with LiveFeed(str(samples / "good_side_left.mp4")) as feed:
        assert (feed.info.kind, feed.info.width, feed.info.fps) == (SourceKind.VIDEO, 640, 15.0)
        frames = []
        while feed.now() < 1.5:
            frame = feed.take(0.2)
            if frame is not None:
                assert feed.now() >= frame.time_s
                frames.append(frame)
        report = feed.report
    times = np.array([frame.time_s for frame in frames])
    assert len(frames) >= 5
    assert (np.diff(times) > 0).all()
    assert times * 15.0 == pytest.approx(np.round(times * 15.0), abs=0.02)
    with open_source(samples / "good_side_left.mp4") as source:
        shown = {frame.index: frame.image for frame in itertools.islice(source, 60)}
    assert all(np.array_equal(frame.image, shown[frame.index]) for frame in frames if frame.index < 60)
    assert report.fps == pytest.approx(15.0, rel=0.25)
    assert report.picture_fault is None


def test_a_file_waits_for_the_clock_and_passes_over_what_is_late(tmp_path):
    clock = Clock()
    path = write_video(tmp_path / "a.mp4", [index / 10 for index in range(31)])
    with LiveFeed(str(path), clock, patience=QUICK) as feed:
        assert feed.take(LONG_S).time_s == 0.0
        assert feed.take(0.4) is None
        clock.now_s += 1.55
        seen = []
        while feed.report.received < 16:
            seen.append(feed.take(0.02))
        seen = [frame.time_s for frame in [*seen, feed.take(0)] if frame is not None]
        assert seen[-1] == pytest.approx(1.5, abs=2e-3)
        assert min(seen) > 1.4  # 1.4 s is later than the time to the next frame
        assert feed.report.overtaken == 16 - 1 - len(seen)


def test_a_file_goes_on_where_it_was_after_the_computer_slept(tmp_path):
    clock = Clock()
    path = write_video(tmp_path / "a.mp4", [index / 10 for index in range(31)])
    with LiveFeed(str(path), clock, patience=QUICK) as feed:
        assert feed.take(LONG_S).index == 0
        clock.now_s += 3600.0
        frame = feed.take(LONG_S)
        assert (frame.index, frame.time_s) == (1, pytest.approx(3600.0))
        assert feed.take(0.4) is None
        clock.now_s += 0.11
        assert feed.take(LONG_S).time_s == pytest.approx(3600.1, abs=2e-3)
        assert feed.report.state is FeedState.RUNNING


def test_the_last_frame_can_be_taken_after_the_end(tmp_path):
    with LiveFeed(str(write_video(tmp_path / "a.mp4", [0.0, 0.1]))) as feed:
        until(lambda: feed.report.state is FeedState.ENDED)
        assert feed.take(0).index == 1
        assert feed.take(LONG_S) is None


def test_a_pause_in_a_file_is_no_loss(tmp_path):
    path = write_video(tmp_path / "a.mp4", [0.0, 1.0, 1.1])
    lost = []
    with LiveFeed(str(path), patience=Patience(0.3, LONG_S, (0.01,))) as feed:
        while feed.report.received < 2:
            lost.append(feed.report.state is FeedState.LOST)
            feed.take(0.02)
    assert not any(lost)


def test_a_file_whose_disk_hangs_is_lost_until_it_goes_on(feeds):
    clock, source = Clock(), Source(0, kind=SourceKind.VIDEO, name="a.mp4")
    opener = Opener(source)
    feed = feeds(opener, clock=clock, patience=Patience(0.1, LONG_S, (0.01,)))
    until(lambda: feed.report.state is FeedState.LOST)
    assert feed.report.problem.startswith("'a.mp4' cannot be read at the moment: check the disk")
    clock.now_s += 1.5
    source.give(1, RuntimeError("the disk is gone"))
    until(lambda: feed.report.state is FeedState.ENDED)
    assert feed.report.received == 2
    assert feed.report.problem == "'a.mp4' broke off: record or copy it again."
    assert (opener.calls, feed.report.reconnections) == (1, 0)


# Streams


def address(server, path="camera"):
    return f"http://me:secret@127.0.0.1:{server.server_port}/{path}"


def test_a_stream_that_is_cut_comes_back(server):
    with LiveFeed(address(server), patience=Patience(LONG_S, LONG_S, (0.05,))) as feed:
        assert feed.info.kind is SourceKind.STREAM
        assert feed.info.name == f"http://127.0.0.1:{server.server_port}/camera"
        before = [feed.take(LONG_S) for _ in range(10)][-1]
        server.is_on.clear()
        until(lambda: feed.report.state is FeedState.LOST)
        problem = feed.report.problem
        assert problem.startswith(f"The stream '{feed.info.name}' gives no pictures: ")
        assert "secret" not in problem
        server.is_on.set()
        after = feed.take(LONG_S)
        assert after.time_s > before.time_s
        assert feed.report.state is FeedState.RUNNING
        assert feed.report.reconnections == 1
        assert server.connections >= 2


def test_a_stream_that_hangs_is_opened_anew(server):
    with LiveFeed(address(server), patience=Patience(0.5, LONG_S, (0.05,))) as feed:
        assert feed.take(LONG_S) is not None
        server.is_sending.clear()
        until(lambda: feed.report.state is FeedState.LOST)
        server.is_sending.set()
        until(lambda: feed.report.state is FeedState.RUNNING)
        assert feed.report.reconnections >= 1


def test_nothing_at_the_address(server):
    with pytest.raises(SourceError, match=r"^The stream .* cannot be opened: check the address") as caught:
        LiveFeed(address(server, "nothing")).start()
    assert "secret" not in str(caught.value)


def test_a_recording_behind_an_address_plays_at_its_own_pace_and_ends(server, tmp_path):
    write_video(tmp_path / "a.mp4", [index / 10 for index in range(11)])
    began_s = time.monotonic()
    with LiveFeed(address(server, "a.mp4")) as feed:
        frames = take_all(feed)
        assert time.monotonic() - began_s >= 1.0
        assert (feed.report.state, feed.report.reconnections) == (FeedState.ENDED, 0)
    assert frames[-1].time_s == pytest.approx(1.0, abs=2e-3)


def test_a_recording_behind_an_address_that_breaks_off_is_played_again_in_later_time(feeds):
    clock = Clock()
    cut, again = (
        Source(*given, kind=SourceKind.STREAM, name="http://h/a.mp4", duration_s=9.0) for given in ((0, 1), (5,))
    )
    feed = feeds(cut, again, clock=clock, name="http://h/a.mp4")
    clock.now_s += 1.5
    until(lambda: feed.report.received == 2)
    cut.give(END)
    until(lambda: feed.report.reconnections == 1)
    frame = feed.take(LONG_S)
    assert (round(level(frame.image)), frame.time_s) == (5, 1.5)
