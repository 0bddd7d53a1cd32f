from __future__ import annotations

import av
import pytest

from formcoach.errors import OutputError
from formcoach.video import open_source
from formcoach.video.writer import VideoWriter
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
