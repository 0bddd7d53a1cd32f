from __future__ import annotations

import pytest

from formcoach.errors import SourceError
from formcoach.video.camera import CameraSource
from formcoach.video.health import PictureFault
from formcoach.video.probe import measure_camera
from webcam import DeadWebcam, Webcam


def look(capture, warm_up_s=0.1):
    with CameraSource(3, capture=capture, clock=capture.clock) as camera:
        return measure_camera(camera, warm_up_s)


@pytest.mark.parametrize("fps", [8.0, 20.0])
def test_the_rate_is_measured_not_believed(fps):
    health = look(Webcam(fps, promised_fps=60.0, in_real_time=True))
    assert health.fps == pytest.approx(fps, rel=0.2)
    assert health.delivered_fps == pytest.approx(health.fps)
    assert health.fault is None


def test_repeats_do_not_count():
    health = look(Webcam(24.0, every=2))
    assert health.delivered_fps == pytest.approx(24.0)
    assert health.fps == pytest.approx(12.0, abs=1.0)
    assert health.fault is None


def test_a_frozen_camera():
    health = look(Webcam(every=0))
    assert health.fault is PictureFault.FROZEN
    assert health.fps == 0.0


def test_the_size_is_that_of_the_pictures():
    capture = Webcam(size=(160, 120))
    capture.get = lambda what: 999.0
    health = look(capture)
    assert (health.width, health.height) == (160, 120)


def test_the_first_pictures_are_not_looked_at():
    """Exposure climbs from black within the first half second, as webcams do."""
    dark_start = lambda number: min(120, 10 * number)  # noqa: E731
    assert look(Webcam(24.0, dark_start), warm_up_s=0.0).fault is PictureFault.UNSTEADY
    assert look(Webcam(24.0, dark_start), warm_up_s=0.6).fault is None


def test_a_camera_that_gives_nothing_is_told_by_name():
    capture = DeadWebcam(fps=1000.0)
    with pytest.raises(SourceError, match=r"^Camera 3 gives no pictures: .*USB port\.$"):
        look(capture)
    assert capture.released


def test_a_camera_that_stops_at_once_is_told_too():
    capture = Webcam(fps=100.0)
    pictures = iter([(True, capture.picture(0))])
    capture.read = lambda: next(pictures, (False, None))
    with pytest.raises(SourceError, match="gives no pictures"):
        look(capture, warm_up_s=0.0)
