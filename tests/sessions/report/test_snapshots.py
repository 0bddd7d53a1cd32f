from __future__ import annotations

import cv2
import numpy as np

from formcoach.sessions.report import read_snapshots
from formcoach.sessions.report.snapshots import LONGEST_SIDE_PX
from media import level, write_video


def decoded(content):
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def test_each_moment_gets_its_own_picture(tmp_path):
    video = write_video(tmp_path / "a.mp4", [0.1 * index for index in range(20)])
    found = read_snapshots(video, [1.5, 0.3, 0.7])
    assert {time_s: round(level(decoded(content))) for time_s, content in found.items()} == {0.3: 3, 0.7: 7, 1.5: 15}


def test_moments_far_apart_are_found_without_decoding_all_of_it(tmp_path):
    video = write_video(tmp_path / "a.mp4", [0.5 * index for index in range(200)], keyframes=12)
    found = read_snapshots(video, [2.0, 60.0, 96.5])
    assert {time_s: round(level(decoded(one))) for time_s, one in found.items()} == {2.0: 4, 60.0: 20, 96.5: 18}


def test_a_large_video_gives_small_pictures(tmp_path):
    video = write_video(tmp_path / "a.mp4", [0.0, 0.1], size=(1280, 720))
    assert decoded(read_snapshots(video, [0.1])[0.1]).shape[:2] == (LONGEST_SIDE_PX * 720 // 1280, LONGEST_SIDE_PX)


def test_a_report_does_without_what_cannot_be_read(tmp_path):
    assert read_snapshots(tmp_path / "none.mp4", [1.0]) == {}
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    assert read_snapshots(broken, [1.0]) == {}
    short = write_video(tmp_path / "a.mp4", [0.0, 0.1])
    assert read_snapshots(short, [5.0]) == {}
