from __future__ import annotations

import sys

import cv2
import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras import CameraInfo

from formcoach.errors import MissingLibraryError, SourceError
from formcoach.video import SourceKind, open_source
from formcoach.video.cameras import CameraDevice, find_camera, list_cameras
from media import write_video
from webcam import Webcam

PLUGGED_IN = {4: "HD Webcam", 0: "Integrated Camera", 2: "HD Webcam C270", 10: "Twin", 6: "Twin"}


@pytest.fixture
def asked(monkeypatch):
    """Plug in cameras; return which system libraries were asked for them."""
    backends = []

    def enumerate_cameras(backend):
        backends.append(backend)
        return [CameraInfo(number, name, None, None, None, backend) for number, name in PLUGGED_IN.items()]

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    return backends


@pytest.fixture
def opened(monkeypatch):
    """Return the numbers of the cameras that were opened."""
    numbers = []

    def open_camera(number):
        numbers.append(number)
        return Webcam()

    monkeypatch.setattr("formcoach.video.camera._open_camera", open_camera)
    return numbers


def test_cameras_are_listed_by_number_as_opencv_counts_them(asked, monkeypatch):
    monkeypatch.setattr(cv2.videoio_registry, "getCameraBackends", lambda: [cv2.CAP_OBSENSOR, cv2.CAP_V4L2, 1800])
    monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", (1800, cv2.CAP_V4L2))
    assert list_cameras() == tuple(CameraDevice(number, PLUGGED_IN[number]) for number in (0, 2, 4, 6, 10))
    assert asked == [cv2.CAP_V4L2]


def test_a_camera_without_a_name_is_called_by_its_number(monkeypatch):
    nameless = CameraInfo(3, None, None, None, None, cv2.CAP_V4L2)
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: [nameless])
    assert list_cameras() == (CameraDevice(3, "camera 3"),)


def test_listing_the_real_cameras_opens_none(opened):
    numbers = [one.number for one in list_cameras()]
    assert numbers == sorted(set(numbers))
    assert opened == []


def test_a_list_that_cannot_be_read_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    with pytest.raises(MissingLibraryError, match="use the camera's number"):
        list_cameras()
    assert find_camera("Integrated Camera") is None


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Integrated Camera", 0),
        ("integrated", 0),
        (" CAMERA ", 0),
        ("c270", 2),
        ("hd webcam", 4),  # the whole name of one, part of another
        ("webcam c", 2),
        ("stretch", None),
        ("in", None),  # too short to be meant as a name
        ("", None),
    ],
)
def test_a_camera_is_found_by_its_name(name, number):
    found = find_camera(name)
    assert (found.number if found else None) == number


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("name", "listed"),
    [("webcam", "(2 is HD Webcam C270, 4 is HD Webcam)"), ("Twin", "(6 is Twin, 10 is Twin)")],
)
def test_a_name_of_several_cameras_is_refused_with_their_numbers(name, listed):
    with pytest.raises(SourceError) as caught:
        open_source(name)
    assert listed in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("asked")
def test_open_source_opens_the_camera_of_that_name(opened):
    with open_source("hd webcam") as source:
        assert source.info.kind is SourceKind.CAMERA
        assert source.info.name == "camera 4"
    assert opened == [4]


@pytest.mark.usefixtures("asked")
def test_a_file_of_that_name_goes_first(opened, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "a.mp4", [0.0, 0.1]).rename(tmp_path / "Twin")
    with open_source("Twin") as source:
        assert source.info.kind is SourceKind.VIDEO
    assert opened == []


@pytest.mark.usefixtures("asked")
def test_a_missing_file_is_a_missing_file_where_no_camera_is_called_so(opened, tmp_path):
    for source in ("gone.mp4", tmp_path / "webcam", "http"):
        with pytest.raises(SourceError, match="There is no file"):
            open_source(source)
    with pytest.raises(SourceError, match=r"no file and no camera 'Logitech': .*formcoach doctor"):
        open_source("Logitech")
    assert opened == []
