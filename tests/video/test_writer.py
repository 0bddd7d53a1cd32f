from __future__ import annotations

import os
import signal

import av
import pytest

from formcoach.errors import OutputError
from formcoach.video import open_source
from formcoach.video.remux import make_seekable
from formcoach.video.writer import FRAGMENT_S, VideoWriter
from media import level, picture


def test_it_writes_h264_that_browsers_play_with_the_times_it_was_given(tmp_path):
    path = tmp_path / "a.mp4"
    times = [0.0, 0.04, 0.1, 0.1, 0.35]
    with VideoWriter(path, (97, 65), 30.0) as writer:
        for index, time_s in enumerate(times):
            writer.write(picture(index, (97, 65)), time_s)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (98, 66)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # it can be played while it loads
    with open_source(path) as source:
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.04, 0.1, 0.101, 0.35], abs=2e-3)
    assert [round(level(frame.image)) for frame in frames] == [0, 1, 2, 3, 4]


def test_a_video_that_begins_late_shows_its_first_picture_from_the_start(tmp_path):
    path = tmp_path / "a.mp4"
    with VideoWriter(path, (96, 64), 30.0) as writer:
        for index, time_s in enumerate([2.5, 2.6]):
            writer.write(picture(index), time_s)
    with open_source(path) as source:
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 2.5, 2.6], abs=2e-3)
    assert [round(level(frame.image)) for frame in frames] == [0, 0, 1]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OutputError, match=r"'a\.mp4' cannot be written"):
        VideoWriter(tmp_path / "no" / "a.mp4", (64, 64), 30.0)


def write_and_be_killed(path):
    child = os.fork()
    if child == 0:
        try:
            writer = VideoWriter(path, (96, 64), 30.0, crash_safe=True)
            for index in range(100):
                writer.write(picture(index), 2.0 + index / 10)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork")
def test_a_crash_safe_video_can_be_played_up_to_the_last_second_when_its_writer_is_killed(tmp_path):
    path = tmp_path / "a.mp4"
    write_and_be_killed(path)
    with open_source(path) as source:
        before = [(frame.time_s, level(frame.image)) for frame in source]
    assert before[0] == (0.0, pytest.approx(0, abs=1))
    assert before[1][0] == pytest.approx(2.0, abs=2e-3)
    assert before[-1][0] > 11.9 - 2 * FRAGMENT_S
    content = path.read_bytes()
    path.write_bytes(content[:-200])  # the last one was only half on the disk
    assert make_seekable(path)
    assert b"moof" not in path.read_bytes()
    with open_source(path) as source:
        after = [(frame.time_s, level(frame.image)) for frame in source]
    assert 0.8 * len(before) < len(after) <= len(before)
    assert after == before[: len(after)]
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]


def test_a_crash_safe_video_that_was_closed_is_one_that_players_can_seek_in(tmp_path):
    path = tmp_path / "a.mp4"
    with VideoWriter(path, (97, 65), 30.0, crash_safe=True) as writer:
        for index in range(40):
            writer.write(picture(index, (97, 65)), index / 10)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"moof" not in content
    with open_source(path) as source:
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx([index / 10 for index in range(40)], abs=2e-3)
    assert [round(level(frame.image)) for frame in frames] == [index % 25 for index in range(40)]


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_what_has_no_picture_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert not make_seekable(path)
    assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]


def test_where_the_copy_cannot_be_written_the_video_stays(tmp_path):
    path = tmp_path / "a.mp4"
    with VideoWriter(path, (97, 65), 30.0, crash_safe=True) as writer:
        for index in range(10):
            writer.write(picture(index, (97, 65)), index / 10)
    content = path.read_bytes()
    (tmp_path / ".a.mp4.whole").mkdir()  # in the way of the copy
    assert make_seekable(path)
    assert path.read_bytes() == content
