from __future__ import annotations

import http.server
import itertools
import threading
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.errors import SourceError
from formcoach.pose.quiet import DEAD_PROXY
from formcoach.video import SourceKind, open_source
from formcoach.video.camera import CameraSource
from formcoach.video.frame import IncreasingClock
from media import level, picture, rotate_metadata, sound_only, with_orientation, write_video
from webcam import DeadWebcam, Webcam

TIMES = [0.0, 0.033, 0.067, 0.2, 0.21, 0.5, 0.9, 1.0]


def read(source):
    with open_source(source) as opened:
        return opened.info, list(opened), opened.skipped_frames


def test_a_video_keeps_its_own_uneven_time_stamps(tmp_path):
    info, frames, skipped = read(write_video(tmp_path / "a.mp4", TIMES))
    assert [frame.time_s for frame in frames] == pytest.approx(TIMES, abs=1e-3)
    assert [round(level(frame.image)) for frame in frames] == list(range(len(TIMES)))
    assert [frame.index for frame in frames] == list(range(len(TIMES)))
    assert (info.kind, info.width, info.height, info.name) == (SourceKind.VIDEO, 96, 64, "a.mp4")
    assert skipped == 0


def test_a_video_that_starts_late_starts_at_zero(tmp_path):
    _, frames, _ = read(write_video(tmp_path / "a.mkv", [5.0, 5.1, 5.2]))
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.1, 0.2], abs=1e-3)


@pytest.mark.parametrize(
    ("quarters", "corner"), [(0, "top left"), (1, "bottom left"), (2, "bottom right"), (3, "top right")]
)
def test_rotation_metadata_is_applied(tmp_path, quarters, corner):
    path = write_video(tmp_path / "phone.mp4", [0.0, 0.1])
    rotate_metadata(path, quarters)
    info, frames, _ = read(path)
    assert info.rotation_deg == 90 * quarters
    assert (info.width, info.height) == ((96, 64) if quarters % 2 == 0 else (64, 96))
    image = frames[0].image
    assert image.shape == (info.height, info.width, 3)
    height, width = image.shape[:2]
    corners = {
        "top left": image[2, 2],
        "top right": image[2, width - 3],
        "bottom left": image[height - 3, 2],
        "bottom right": image[height - 3, width - 3],
    }
    assert max(corners, key=lambda name: int(corners[name].sum())) == corner


def test_an_animated_gif(tmp_path):
    info, frames, _ = read(write_video(tmp_path / "a.gif", [0.0, 0.1, 0.3], codec="gif"))
    assert info.kind is SourceKind.ANIMATION
    assert len(frames) == 3
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.1, 0.3], abs=0.02)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_photos(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), picture(5))
    info, frames, _ = read(path)
    assert info.kind is SourceKind.PHOTO
    assert len(frames) == 1
    assert frames[0].time_s == 0.0
    assert level(frames[0].image) == pytest.approx(5, abs=0.5)


def test_what_a_file_is_follows_from_its_content(tmp_path):
    path = tmp_path / "photo.mp4"
    _, encoded = cv2.imencode(".png", picture())
    path.write_bytes(encoded.tobytes())
    assert read(path)[0].kind is SourceKind.PHOTO


def test_the_orientation_mark_of_a_photo_is_applied(tmp_path):
    info, frames, _ = read(with_orientation(tmp_path / "phone.jpg", 6))
    assert (info.width, info.height) == (64, 96)
    assert frames[0].image[2, -3].mean() > 200  # the white corner, turned clockwise


def test_names_with_spaces_and_letters_of_other_languages(tmp_path):
    path = write_video(tmp_path / "Dehnübung 左 (1).mp4", [0.0, 0.1])
    assert len(read(path)[1]) == 2
    photo = tmp_path / "Bein hoch é.jpg"
    cv2.imencode(".jpg", picture())[1].tofile(photo)
    assert len(read(photo)[1]) == 1


def test_a_packet_that_cannot_be_decoded_is_skipped_and_counted(tmp_path):
    path = write_video(tmp_path / "a.mkv", [index / 10 for index in range(10)], codec="mjpeg")
    content = bytearray(path.read_bytes())
    starts = [at for at in range(len(content) - 3) if content[at : at + 3] == b"\xff\xd8\xff"]
    content[starts[4] : starts[5] - 40] = b"\x00" * (starts[5] - 40 - starts[4])
    path.write_bytes(content)
    _, frames, skipped = read(path)
    assert skipped == 1
    assert len(frames) == 9
    assert [frame.index for frame in frames] == list(range(9))
    assert round(frames[4].time_s, 1) == 0.5


def test_a_video_cut_short_gives_what_is_left(tmp_path):
    path = write_video(tmp_path / "a.mkv", [index / 30 for index in range(60)], keyframes=5)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    _, frames, _ = read(path)
    assert 5 < len(frames) < 60


def text_file(path):
    path.write_text("no video at all\n" * 20)


def empty_file(path):
    path.write_bytes(b"")


def without_index(path):
    write_video(path, [index / 30 for index in range(60)])
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 8])


def damaged_photo(path):
    path.write_bytes(b"\xff\xd8\xff\xe0" + b"\x00" * 200)


BAD = {
    "text": ("a.mp4", text_file, "another kind of file"),
    "empty": ("a.mp4", empty_file, "is empty"),
    "folder": ("a.mp4", lambda path: path.mkdir(), "is a folder"),
    "missing": ("a.mp4", lambda path: None, "There is no file"),
    "cut before its index": ("a.mp4", without_index, "damaged or cut short"),
    "sound only": ("a.wav", sound_only, "no picture"),
    "damaged photo": ("a.jpg", damaged_photo, "cannot be read as a photo"),
    "tiny photo": ("a.png", lambda path: cv2.imwrite(str(path), picture(size=(16, 16))), "only 16×16 pixels"),
    "tiny video": ("a.mp4", lambda path: write_video(path, [0.0], size=(32, 32)), "only 32×32 pixels"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_one_sentence(tmp_path, kind):
    name, make, expected = BAD[kind]
    path = tmp_path / name
    make(path)
    with pytest.raises(SourceError) as caught:
        open_source(path)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_camera_that_is_not_there():
    with pytest.raises(SourceError, match="Camera 97 cannot be opened"):
        open_source("97")


class Asked(Webcam):
    """A camera that notes what it is asked for; `bears` tells whether its driver bears it."""

    def __init__(self, *, bears=True):
        super().__init__()
        self._bears, self.asked = bears, []

    def set(self, what, value):
        self.asked.append((what, value))
        return False

    def isOpened(self):  # noqa: N802
        return self._bears or not self.asked


def open_asked(monkeypatch, *captures):
    left = iter(captures)
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: next(left))
    with CameraSource(0) as camera:
        next(iter(camera))


def test_a_camera_is_asked_for_what_a_coach_needs(monkeypatch):
    capture = Asked()
    open_asked(monkeypatch, capture)
    jpeg = int.from_bytes(b"MJPG", "little")
    assert capture.asked[0] == (cv2.CAP_PROP_FOURCC, jpeg)  # sizes and rates depend on it
    assert dict(capture.asked[1:]) == {
        cv2.CAP_PROP_FRAME_WIDTH: 1280,
        cv2.CAP_PROP_FRAME_HEIGHT: 720,
        cv2.CAP_PROP_FPS: 30.0,
        cv2.CAP_PROP_BUFFERSIZE: 2,
    }


def test_a_camera_that_does_not_bear_to_be_asked_is_taken_as_it_is(monkeypatch):
    upset, again = Asked(bears=False), Asked()
    open_asked(monkeypatch, upset, again)
    assert upset.asked
    assert not again.asked
    assert again.released


def test_a_camera_of_a_negative_number_is_refused_before_opencv_crashes():
    with pytest.raises(SourceError, match="There is no camera -1"):
        open_source(-1)


def test_a_camera_that_falls_silent_is_not_waited_for_thirty_times(monkeypatch):
    monkeypatch.setattr("formcoach.video.camera.MAXIMUM_SILENCE_S", 0.25)
    began_s = time.monotonic()
    with CameraSource(0, capture=DeadWebcam(fps=10.0, in_real_time=True)) as camera:
        assert list(camera) == []
    assert time.monotonic() - began_s < 1.0


def test_a_slow_reader_does_not_make_a_camera_silent(monkeypatch):
    monkeypatch.setattr("formcoach.video.camera.MAXIMUM_SILENCE_S", 0.25)
    capture = Webcam(fps=100.0)
    answers = iter([(True, capture.picture(0)), (False, None), (True, capture.picture(1))])
    capture.read = lambda: next(answers, (False, None))
    with CameraSource(0, capture=capture) as camera:
        frames = []
        for frame in camera:
            frames.append(frame)
            time.sleep(0.4)
    assert len(frames) == 2
    assert camera.skipped_frames == 1


def test_a_camera_hands_over_frames_with_the_clock_s_time(tmp_path):
    path = write_video(tmp_path / "camera.avi", [index / 30 for index in range(6)], codec="mjpeg")
    ticks = iter([10.0, 10.1, 10.1, 10.3, 10.2, 10.5])
    with CameraSource(0, capture=cv2.VideoCapture(str(path)), clock=lambda: next(ticks)) as camera:
        frames = list(camera)
    assert camera.info.kind is SourceKind.CAMERA
    assert camera.info.kind.is_live
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.1, 0.101, 0.3, 0.301, 0.5])


@pytest.fixture
def server(tmp_path):
    """Serve a folder and a camera of JPEG pictures on loopback."""
    folder = str(tmp_path)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

        def do_GET(self):
            if self.path != "/camera":
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            for index in range(12):
                jpeg = cv2.imencode(".jpg", picture(index))[1].tobytes()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()
        thread.join()


def test_streams_open_although_usage_reporting_is_blocked(tmp_path, server, monkeypatch):
    monkeypatch.setenv("https_proxy", DEAD_PROXY)
    monkeypatch.setenv("HTTPS_PROXY", DEAD_PROXY)
    write_video(tmp_path / "a.mp4", TIMES)
    info, frames, _ = read(f"{server}/a.mp4?user=1")
    assert info.kind is SourceKind.STREAM
    assert info.name == f"{server}/a.mp4"
    assert [frame.time_s for frame in frames] == pytest.approx(TIMES, abs=1e-3)


def test_a_camera_over_http_gives_increasing_times_of_arrival(server):
    _, frames, _ = read(f"{server}/camera")
    times = [frame.time_s for frame in frames]
    assert len(frames) >= 10
    assert all(later > before for before, later in itertools.pairwise(times))
    assert times[-1] < 5.0


def test_a_stream_that_does_not_answer(server):
    with pytest.raises(SourceError, match="cannot be opened"):
        open_source(f"{server}/nothing.mp4")


def test_an_address_that_is_none():
    with pytest.raises(SourceError, match="check its spelling") as caught:
        open_source("http://me:secret@[::1")
    assert "secret" not in str(caught.value)


def test_credentials_are_not_shown(server):
    with pytest.raises(SourceError) as caught:
        open_source(server.replace("http://", "http://me:secret@") + "/nothing.mp4")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("step_s", [0.1, 3.0], ids=["2 s", "75 s"])
@pytest.mark.parametrize("keyframes", [1, 8, 250])
def test_samples_are_spread_over_a_recording(tmp_path, keyframes, step_s):
    times = [step_s * index for index in range(25)]
    with open_source(write_video(tmp_path / "a.mp4", times, keyframes=keyframes)) as source:
        found = [(time_s, level(image)) for time_s, image in source.sample(5)]
    assert [one for _, one in found] == pytest.approx([2.5, 7.5, 12.5, 17.5, 22.5], abs=1.0)
    assert [time_s / step_s for time_s, _ in found] == pytest.approx([one for _, one in found], abs=0.6)


def test_samples_of_a_recording_of_unknown_length_are_its_first_pictures(tmp_path):
    with open_source(write_video(tmp_path / "a.mp4", [index / 10 for index in range(25)])) as source:
        source._info = replace(source.info, duration_s=None)
        assert [level(image) for _, image in source.sample(4)] == pytest.approx([0, 1, 2, 3], abs=0.5)


def test_closing_twice_is_no_problem(tmp_path):
    source = open_source(write_video(tmp_path / "a.mp4", [0.0, 0.1]))
    source.close()
    source.close()


@given(st.lists(st.one_of(st.none(), st.floats(-5, 100)), min_size=1, max_size=40))
def test_times_start_at_zero_and_strictly_increase(raw):
    clock = IncreasingClock(1 / 30)
    times = [clock.stamp(one) for one in raw]
    assert times[0] == 0.0
    assert all(later - before >= 0.999e-3 for before, later in itertools.pairwise(times))


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=30), st.floats(-50, 50))
def test_good_times_are_only_moved_to_zero(steps, start):
    raw = start + np.cumsum([0.0, *steps])
    clock = IncreasingClock(1 / 30)
    assert [clock.stamp(float(one)) for one in raw] == pytest.approx(list(raw - raw[0]), abs=2e-3)
