from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.analysis.options import result_names


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (["a.mp4"], ["a"]),
        (["a.mp4", "b.mp4"], ["a", "b"]),
        (["a.mp4", "a.mov"], ["a_mp4", "a_mov"]),
        (["one/a.mp4", "two/a.mp4"], ["a_mp4", "a_mp4_2"]),
        (["A.mp4", "a.mov"], ["A_mp4", "a_mov"]),
        (["a.mp4", "a.mov", "a_mov.avi"], ["a_mp4", "a_mov", "a_mov_2"]),
        (["0"], ["camera_0"]),
        (["http://me:secret@camera.lan:8080/video?key=1"], ["camera.lan_8080_video"]),
        (["rtsp://10.0.0.7/"], ["10.0.0.7"]),
        (["clip.tar.mp4"], ["clip.tar"]),
        (["ohne_endung"], ["ohne_endung"]),
    ],
)
def test_names_of_results(inputs, names):
    assert result_names(inputs) == names


@given(st.lists(st.from_regex(r"[ab]{1,2}\.(mp4|mov)", fullmatch=True), min_size=1, max_size=8))
def test_names_never_collide(inputs):
    names = result_names(inputs)
    assert len({name.lower() for name in names}) == len(inputs)
