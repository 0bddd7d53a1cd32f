from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.checks import Verdict, cameras
from formcoach.checks.cameras import check_cameras, judge_camera
from formcoach.errors import SourceError
from formcoach.video.camera import CameraSource
from formcoach.video.cameras import CameraDevice
from formcoach.video.health import PictureFault
from formcoach.video.probe import CameraHealth
from webcam import DeadWebcam, Webcam

GOOD = CameraHealth(1280, 720, 29.8, 29.8, None)
WEBCAM = CameraDevice(2, "HD Webcam")


def judge(**changes):
    return judge_camera("camera 2", WEBCAM, replace(GOOD, **changes), 30.0)


@pytest.fixture
def plugged_in(monkeypatch):
    """Plug in cameras of a test, by name and number."""

    def plug(**captures):
        devices = tuple(CameraDevice(number, name) for number, name in enumerate(captures))

        def open_camera(number):
            capture = captures[devices[number].name]
            return CameraSource(number, capture, capture.clock)

        monkeypatch.setattr("formcoach.video.cameras.list_cameras", lambda: devices)
        monkeypatch.setattr("formcoach.video.camera.CameraSource", open_camera)

    return plug


class Unopened(Webcam):
    """A camera that another program holds."""

    def isOpened(self):  # noqa: N802
        return False


def test_a_good_camera_is_told_by_name_size_and_true_rate():
    check = judge()
    assert check.verdict is Verdict.OK
    assert check.sentence == "HD Webcam, 1280×720, 29.8 pictures a second (30 promised), good light"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fault": PictureFault.BLACK}, ("black", "cover")),
        ({"fault": PictureFault.FROZEN, "fps": 0.0}, ("frozen", "plug it in again")),
        ({"fault": PictureFault.TOO_DARK}, ("too dark", "lamp in front of you")),
        ({"fault": PictureFault.TOO_BRIGHT}, ("too bright", "out of its view")),
        ({"fault": PictureFault.UNSTEADY}, ("unsteady", "even light")),
        ({"fps": 7.5, "delivered_fps": 7.5}, ("7.5 pictures a second (30 promised), too few", "more light")),
        ({"fps": 7.4}, ("7.4 pictures a second and 22.4 repeats", "more light")),
        ({"width": 640, "height": 360}, ("640×360", "at least 640×480")),
    ],
)
def test_every_fault_says_what_to_do(changes, words):
    check = judge(**changes)
    assert check.verdict is Verdict.HINT
    assert [word for word in words if word not in check.sentence] == []


def test_every_fault_of_a_picture_has_a_remedy():
    assert set(cameras._REMEDIES) == {fault.value for fault in PictureFault}


@pytest.mark.parametrize("promised_fps", [None, -1.0])
def test_a_camera_that_promises_nothing(promised_fps):
    assert "promised" not in judge_camera("camera 2", WEBCAM, GOOD, promised_fps).sentence


def test_each_camera_is_looked_through_and_given_back(plugged_in):
    good, dark, silent = Webcam(20.0), Webcam(20.0, 30), DeadWebcam(fps=1000.0)
    plugged_in(Good=good, Dark=dark, Silent=silent, Busy=Unopened())
    checks = list(check_cameras())
    assert [one.name for one in checks] == ["camera 0", "camera 1", "camera 2", "camera 3"]
    assert [one.verdict for one in checks] == [Verdict.OK, *[Verdict.HINT] * 3]
    for word, check in zip(("Good, 640×480", "too dark", "gives no pictures", "Busy cannot be"), checks, strict=True):
        assert word in check.sentence
    assert good.released
    assert dark.released
    assert silent.released


@pytest.mark.parametrize(
    ("system", "word"),
    [
        ("Linux", "usermod -aG video"),
        ("Darwin", "System Settings"),
        ("Windows", "desktop apps"),
        ("BSD", "may use it"),
    ],
)
def test_a_camera_that_cannot_be_opened_says_what_to_look_at_on_this_system(plugged_in, monkeypatch, system, word):
    plugged_in(Busy=Unopened())
    monkeypatch.setattr("formcoach.checks.cameras.platform.system", lambda: system)
    (check,) = check_cameras()
    assert check.verdict is Verdict.HINT
    assert word in check.remedy


def test_no_camera_is_a_hint(plugged_in):
    plugged_in()
    (check,) = check_cameras()
    assert check.verdict is Verdict.HINT
    assert "No camera was found" in check.sentence


def test_one_camera_that_fails_does_not_keep_the_next_from_being_looked_at(plugged_in, monkeypatch):
    plugged_in(First=Webcam(20.0), Second=Webcam(20.0))

    def measure(camera):
        if camera.info.name == "camera 0":
            raise SourceError("Camera 0 gives no pictures: plug it in again.")
        return GOOD

    monkeypatch.setattr("formcoach.video.probe.measure_camera", measure)
    assert [one.verdict for one in check_cameras()] == [Verdict.HINT, Verdict.OK]
