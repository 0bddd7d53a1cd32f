"""Photos, several people, cut-off people, odd sizes and streams, with the real model."""

from __future__ import annotations

import csv
import http.server
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from formcoach.analysis import AnalysisOptions, analyze_input
from formcoach.errors import ModelError, NoPersonError, OutputError
from formcoach.pose.landmarks import Side
from formcoach.pose.model_files import load_model_file
from formcoach.stretch import Severity, load_profile
from formcoach.video import open_source
from formcoach.video.writer import VideoWriter
from media import write_video

STRETCH = "standing_gastrocnemius_calf_stretch_0.jpg"
# Clip 19 of `render_people.py clips --seed 7`, nine seconds of it, smaller.
SECOND_PERSON = Path(__file__).parents[1] / "data" / "second_person.mp4"


def options(tmp_path, model="heavy", **changes):
    return AnalysisOptions(tmp_path / "out", load_model_file(model), load_profile(), **changes)


def frames_of(path, start, count):
    with open_source(path) as source:
        return [frame.image for frame in source][start : start + count]


def clip(path, images, fps=15.0):
    height, width = images[0].shape[:2]
    with VideoWriter(path, (width, height), fps) as writer:
        for index, image in enumerate(images):
            writer.write(image, index / fps)
    return str(path)


def raised(result):
    return {one.flag for one in result.record.flags if one.severity >= Severity.WARN}


def test_a_photo_of_the_stretch(samples, tmp_path):
    result = analyze_input(str(samples / "photos" / STRETCH), "photo", options(tmp_path))
    assert result.record.path == "still"
    assert result.record.leg is Side.RIGHT
    assert raised(result) == {"lumbar_flexion"}
    # One hand holds the toes, which are pulled up: in such doubt the ankle may be anything but good.
    assert {one.flag: one.reason for one in result.record.unchecked}["ankle_dorsiflexion"] == "too_close"
    seen_by_networks = {"lumbar_flexion", "cervical_flexion", "ankle_dorsiflexion", "knee_flexion", "pelvic_tilt"}
    with (result.folder / "angles.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert all(row[f"{name}_deg"] for name in seen_by_networks)
    files = {path.name for path in result.folder.iterdir()}
    assert files == {"session.json", "angles.csv", "flags.csv", "landmarks.npz", "overlay.png", "report.html"}
    assert cv2.imread(str(result.folder / "overlay.png")).shape == (567, 850, 3)
    assert len((result.folder / "angles.csv").read_text(encoding="utf-8").splitlines()) == 2
    assert 'src="overlay.png"' in (result.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "runners_stretch_0.jpg",
        "chair_leg_extended_stretch_0.jpg",
        "standing_elevated_quad_stretch_0.jpg",
        "seated_hamstring_1.jpg",
    ],
)
def test_photos_of_other_things_raise_nothing(samples, tmp_path, name):
    result = analyze_input(str(samples / "photos" / name), "photo", options(tmp_path))
    assert result.record.flags == ()
    assert {one.reason for one in result.record.unchecked} == {"not_stretching"}
    assert "was not seen in this picture" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_a_cut_off_person_gets_a_note(samples, tmp_path):
    result = analyze_input(str(samples / "photos" / "runners_stretch_0.jpg"), "photo", options(tmp_path))
    assert any("step back" in note for note in result.record.notes)


def test_a_very_large_photo(samples, tmp_path):
    image = cv2.imread(str(samples / "photos" / STRETCH))
    large = cv2.resize(image, (8000, 6000), interpolation=cv2.INTER_LINEAR)
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    result = analyze_input(str(tmp_path / "large.jpg"), "photo", options(tmp_path))
    assert (result.record.source.width, result.record.source.height) == (8000, 6000)
    assert result.record.leg is Side.RIGHT
    assert max(cv2.imread(str(result.folder / "overlay.png")).shape) <= 4096


def test_two_people_and_the_one_who_stretches_is_followed(samples, tmp_path):
    stretching = frames_of(samples / "toes_up_side_left.mp4", 0, 130)
    standing = frames_of(samples / "good_side_left.mp4", 0, 1)[0]
    # Whoever stands still is the larger one, and nearer to the middle.
    small = [cv2.resize(image[:, 120:520], None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA) for image in stretching]
    both = [np.hstack([np.vstack([image, image[-96:][::-1]]), standing[:, 220:560]]) for image in small]
    result = analyze_input(clip(tmp_path / "two.mp4", both), "two", options(tmp_path, model="full"))
    assert result.record.people == 2
    assert any("2 people are in the picture" in note for note in result.record.notes)
    assert result.record.leg is Side.LEFT
    assert len(result.record.holds) == 1


def test_who_stretches_is_followed_though_somebody_easier_to_find_stands_where_the_foot_goes(tmp_path):
    result = analyze_input(str(SECOND_PERSON), "near", options(tmp_path, model="full"))
    assert result.record.people == 2
    assert result.record.leg is Side.RIGHT
    (hold,) = result.record.holds
    assert hold.end_s - hold.start_s > 3.0


def test_legs_only_measure_nothing_that_hangs_on_the_rest(samples, tmp_path):
    legs = [image[200:] for image in frames_of(samples / "toes_up_side_left.mp4", 0, 175)]
    result = analyze_input(clip(tmp_path / "legs.mp4", legs), "legs", options(tmp_path))
    assert result.record.flags == ()
    assert {one.checked_share for one in result.record.angles} == {0.0}
    assert any("so that all of you is in view, head and feet too" in note for note in result.record.notes)
    assert sum(hold.good_s for hold in result.record.holds) == 0.0


def test_feet_alone_are_nobody(samples, tmp_path):
    feet = [image[280:] for image in frames_of(samples / "toes_up_side_left.mp4", 60, 40)]
    with pytest.raises(NoPersonError, match="whole body, head to feet"):
        analyze_input(clip(tmp_path / "feet.mp4", feet), "feet", options(tmp_path))
    assert not (tmp_path / "out" / "feet").exists()


def test_nobody_in_a_video_is_one_sentence_and_leaves_nothing(tmp_path):
    path = write_video(tmp_path / "room.mp4", [index / 15 for index in range(20)], size=(320, 240))
    with pytest.raises(NoPersonError, match=r"No person was found in 'room\.mp4'"):
        analyze_input(str(path), "room", options(tmp_path, model="lite"))
    assert not (tmp_path / "out").exists()


def test_nobody_in_a_photo(tmp_path):
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((480, 640, 3), 90, np.uint8))
    with pytest.raises(NoPersonError):
        analyze_input(str(tmp_path / "wall.png"), "wall", options(tmp_path, model="lite"))


def test_an_existing_result_is_refused_before_anything_is_read(samples, tmp_path):
    (tmp_path / "out" / "clip").mkdir(parents=True)
    with pytest.raises(OutputError, match="not a result of formcoach"):
        analyze_input(str(samples / "no such clip.mp4"), "clip", options(tmp_path, model="lite"))
    (tmp_path / "out" / "clip" / "session.json").write_text("{}")
    with pytest.raises(OutputError, match="--overwrite"):
        analyze_input(str(samples / "no such clip.mp4"), "clip", options(tmp_path, model="lite"))


def test_a_model_that_mediapipe_refuses_leaves_nothing(samples, tmp_path):
    from dataclasses import replace

    broken = replace(load_model_file("lite"), content=b"PK\x05\x06" + b"\x00" * 18, name="broken")
    chosen = replace(options(tmp_path, model="lite"), model=broken)
    with pytest.raises(ModelError):
        analyze_input(str(samples / "good_side_left.mp4"), "clip", chosen)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["good_side_left.mp4", f"photos/{STRETCH}"])
def test_networks_that_the_calibration_does_not_know_leave_nothing(samples, tmp_path, monkeypatch, name):
    monkeypatch.setattr("formcoach.pose.estimates._load", lambda network: network.encode())
    with pytest.raises(ModelError, match="The network 'trunk' is damaged"):
        analyze_input(str(samples / name), "clip", options(tmp_path, model="lite"))
    assert not (tmp_path / "out").exists()


def test_an_animated_gif(samples, tmp_path):
    import av

    images = frames_of(samples / "good_side_left.mp4", 0, 175)[::5]
    path = tmp_path / "stretch.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=3)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "rgb8"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    result = analyze_input(str(path), "gif", options(tmp_path, model="full"))
    assert result.record.source.kind == "animation"
    assert result.record.leg is Side.LEFT
    assert len(result.record.holds) == 1


def test_a_stream_goes_the_causal_way(samples, tmp_path):
    # A server that cannot skip needs a file whose index comes first.
    (tmp_path / "served").mkdir()
    clip(tmp_path / "served" / "clip.mp4", frames_of(samples / "rounded_back_side_left.mp4", 0, 175))

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path / "served"))

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/clip.mp4"
        result = analyze_input(address, "stream", options(tmp_path, model="full"))
        server.shutdown()
        thread.join()
    assert result.record.path == "causal"
    assert result.record.source.kind == "stream"
    assert "lumbar_flexion" in raised(result)
    assert not result.record.partial
    assert (result.folder / "overlay.mp4").stat().st_size > 10_000
