from __future__ import annotations

import csv
import functools
import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import truth
from formcoach.pose.pose import Pose
from people.angles import Side
from people.camera import Camera, CameraPlan
from people.posing import all_angles, pose_body
from people.scene import Truth
from people.sets import near
from people.standing import draw_neutral
from people.stills import SMALL_SIZES, StillPlan, make_stills
from people.write import ClipWriter, merge, person_file, plain, write_clip_truth, write_json, write_stills
from stick_body import GreyRenderer, stick_body

PLAN = StillPlan((near(90, 15.0), near(0, 15.0)), stretches=2, standing=True, sizes=SMALL_SIZES)
FOLDER, PEOPLE = "side", ("a_0000", "a_0001", "a_0002")


def rows(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@functools.cache
def make_all():
    return {name: list(make_stills(PLAN, 3, index, GreyRenderer())) for index, name in enumerate(PEOPLE)}


@pytest.fixture
def stills(request):
    """Every person's stills, by name."""
    request.getfixturevalue("all_sticks")
    return make_all()


@pytest.fixture
def no_poses(monkeypatch):
    """The pose model sees nobody, at once."""
    monkeypatch.setattr(truth, "read_poses", lambda paths, *_, **__: Pose.stack([Pose.missing()] * len(paths)))


@pytest.mark.usefixtures("no_poses")
def test_stills_come_back_as_they_were(tmp_path, stills):
    out = tmp_path / FOLDER
    for name, of_person in stills.items():
        assert write_stills(out, name, of_person) == len(of_person) == 8
    assert merge(out) == len(stills)
    recordings = {one.name: one for one in truth.read_stills(tmp_path, FOLDER, "heavy", tmp_path)}
    assert len(recordings) == 2 * len(stills)
    for name, of_person in stills.items():
        for camera in (0, 1):
            taken = [still for still in of_person if still.camera_index == camera]
            read = recordings[f"{name}_c{camera}"]
            assert (read.person, read.kind, read.leg) == (name, "still", str(taken[0].raised))
            assert read.azimuth_deg == pytest.approx(taken[0].raised.sign * taken[0].camera.azimuth, abs=1e-4)
            assert read.frame_size == taken[0].camera.size
            assert read.neutral.tolist() == [True, False, False, False]
            assert read.stretching.tolist() == [False, False, True, True]
            for ours, theirs in truth.TRUTH_NAMES.items():
                expected = [still.truth.angles[theirs] for still in taken]
                assert read.truth[ours] == pytest.approx(expected, abs=1e-4), ours
            assert read.relative_truth("lumbar_flexion")[0] == 0.0


@pytest.mark.usefixtures("no_poses")
def test_the_hip_to_trunk_angle_is_that_of_the_joint_centres(tmp_path, stills):
    of_person = stills["a_0000"]
    write_stills(tmp_path / FOLDER, "a_0000", of_person)
    merge(tmp_path / FOLDER)
    read = next(truth.read_stills(tmp_path, FOLDER, "heavy", tmp_path))
    expected = []
    for still in of_person[:4]:
        at = {name: point[1:] for name, point in still.truth.world.items()}
        trunk = sum(at[f"{side}_shoulder"] - at[f"{side}_hip"] for side in Side)
        thigh = at[f"{still.raised}_hip"] - at[f"{still.raised}_knee"]
        ahead = np.degrees(np.arctan2(-trunk[0], trunk[1]) - np.arctan2(-thigh[0], thigh[1]))
        expected.append(ahead)
    assert read.truth["hip_trunk_flexion"] == pytest.approx(expected, abs=0.01)


def test_a_row_has_all_that_is_known_about_its_picture(tmp_path, stills):
    write_stills(tmp_path, "a_0000", stills["a_0000"])
    merge(tmp_path)
    for row, still in zip(rows(tmp_path), stills["a_0000"], strict=True):
        assert (row["person"], row["cam"], row["view"]) == ("a_0000", still.camera_index, still.view)
        assert (row["leg"], row["elevated"]) == (still.raised.letter, str(still.raised))
        assert row["tags"] == still.tags
        assert row["arms"] == still.shot.arms.label
        assert row["neutral_angles"] == pytest.approx(still.neutral_angles, abs=1e-4)
        assert row["body_pixel_box"] == pytest.approx(still.truth.body_box.ravel(), abs=0.051)
        for kind, tolerance in (("world", 1e-5), ("camera", 1e-5), ("pixel", 0.01)):
            expected = getattr(still.truth, kind)
            assert row[kind].keys() == expected.keys()
            for point, place in row[kind].items():
                assert place == pytest.approx(expected[point], abs=tolerance), (kind, point)
        plan = still.camera
        numbers = (row["azimuth"], row["camera_height"], row["camera_distance"], row["field_of_view"], row["roll"])
        expected = (plan.azimuth, plan.height, plan.distance, plan.field_of_view, plan.roll)
        assert numbers == pytest.approx(expected, abs=1e-4)


def test_pictures_can_be_read_and_have_their_size(tmp_path, stills):
    write_stills(tmp_path, "a_0000", stills["a_0000"])
    merge(tmp_path)
    names = [row["image"] for row in rows(tmp_path)]
    assert sorted(names) == sorted(path.name for path in tmp_path.glob("*.jpg"))
    for row, still in zip(rows(tmp_path), stills["a_0000"], strict=True):
        image = cv2.imread(str(tmp_path / row["image"]))
        assert [image.shape[1], image.shape[0]] == row["size"]
        assert np.abs(image[..., ::-1].astype(float) - still.image).mean() < 12.0


def test_a_person_who_was_begun_is_not_there(tmp_path, stills):
    write_stills(tmp_path, "a_0000", stills["a_0000"])

    def interrupted():
        yield from stills["a_0001"][:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_stills(tmp_path, "a_0001", interrupted())
    assert len(list(tmp_path.glob("a_0001*.jpg"))) == 3
    assert not person_file(tmp_path, "a_0001").exists()
    assert merge(tmp_path) == 1
    assert {row["person"] for row in rows(tmp_path)} == {"a_0000"}


def test_gathering_again_adds_the_new_ones_in_order(tmp_path, stills):
    assert merge(tmp_path) == 0
    assert not (tmp_path / "truth.json").exists()
    for count, name in enumerate(reversed(PEOPLE), start=1):
        write_stills(tmp_path, name, stills[name])
        assert merge(tmp_path) == count
        assert len(rows(tmp_path)) == 8 * count
    people = [row["person"] for row in rows(tmp_path)]
    assert people == sorted(people)
    assert rows(tmp_path) == [
        row for name in PEOPLE for row in json.loads(person_file(tmp_path, name).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("cut", ["write_text", "replace"])
def test_a_file_is_never_seen_half_written(tmp_path, monkeypatch, cut):
    path = tmp_path / "deep" / "a.json"
    write_json(path, {"whole": True})
    seen = []

    def fail(self, *_, **__):
        self.write_bytes(b'{"wh')
        seen.append(path.read_text(encoding="utf-8"))
        raise OSError("no space left")

    monkeypatch.setattr(Path, cut, fail)
    with pytest.raises(OSError, match="no space left"):
        write_json(path, {"whole": False})
    monkeypatch.undo()
    assert [json.loads(text) for text in seen] == [{"whole": True}]
    assert json.loads(path.read_text(encoding="utf-8")) == {"whole": True}


def test_leftovers_of_a_file_that_broke_off_do_not_count(tmp_path, stills, monkeypatch):
    write_stills(tmp_path, "a_0000", stills["a_0000"])
    monkeypatch.setattr(Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        write_stills(tmp_path, "a_0001", stills["a_0001"])
    monkeypatch.undo()
    assert not person_file(tmp_path, "a_0001").exists()
    assert merge(tmp_path) == 1


def make_truth(angles, side, camera):
    pose = pose_body(stick_body(), angles, side)
    skin = pose.skin()
    pixels = camera.project(skin)
    world = {"left_knee": skin[3], "nose": skin[50]}
    return Truth(
        all_angles(pose),
        world,
        {name: camera.see(point) for name, point in world.items()},
        {name: camera.project(point) for name, point in world.items()},
        np.stack([pixels.min(axis=0), pixels.max(axis=0)]),
    )


def test_a_clips_table_has_a_row_a_frame(tmp_path):
    camera = Camera.of(CameraPlan(90.0, 3.0, 1.0, 60.0, 0.0, (640, 480)), Side.LEFT)
    neutral = draw_neutral(np.random.default_rng(0), stick_body(), Side.LEFT)
    truths = [make_truth(neutral.plus(lumbar_flexion=float(index)), Side.LEFT, camera) for index in range(4)]
    truths[2].body_box[0] = -3.0
    times = [0.0, 0.1, 0.23456, 0.4]
    write_clip_truth(tmp_path / "a.csv", camera, times, truths)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["frame"] for row in table] == ["0", "1", "2", "3"]
    assert [float(row["t"]) for row in table] == pytest.approx(times, abs=1e-4)
    assert [row["cut_off"] for row in table] == ["0", "0", "1", "0"]
    for row, known in zip(table, truths, strict=True):
        for name, value in known.angles.items():
            assert float(row[name]) == pytest.approx(value, abs=1e-4)
        for point in known.world:
            pixel = [float(row[f"{point}_{axis}"]) for axis in "uv"]
            seen = [float(row[f"{point}_c{axis}"]) for axis in "xyz"]
            world = [float(row[f"{point}_w{axis}"]) for axis in "xyz"]
            assert pixel == pytest.approx(known.pixel[point], abs=0.01)
            assert seen == pytest.approx(known.camera[point], abs=1e-5)
            assert world == pytest.approx(known.world[point], abs=1e-5)


def picture(level):
    return np.full((48, 64, 3), level, dtype=np.uint8)


def test_a_clip_has_its_frames_at_its_rate(tmp_path):
    path = tmp_path / "a.mp4"
    levels = [20, 60, 100, 140, 180, 220]
    with ClipWriter(path, (64, 48), 10, 20) as writer:
        for level in levels:
            writer.write(picture(level))
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp4"]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 64, 48)
        frames = list(container.decode(stream))
    assert [frame.time for frame in frames] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=1e-3)
    assert [frame.to_ndarray(format="rgb24").mean() for frame in frames] == pytest.approx(levels, abs=4.0)


def write_a_lot(writer):
    """So much that not all of it is kept in memory."""
    rng = np.random.default_rng(0)
    for _ in range(60):
        writer.write(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))


def test_a_clip_that_is_being_written_is_not_found(tmp_path):
    with ClipWriter(tmp_path / "a.mp4", (64, 48), 10, 20) as writer:
        write_a_lot(writer)
        assert len(list(tmp_path.iterdir())) == 1
        assert list(tmp_path.glob("*.mp4")) == []


def test_a_clip_that_broke_off_leaves_nothing(tmp_path):
    def shoot():
        with ClipWriter(tmp_path / "a.mp4", (64, 48), 10, 20) as writer:
            write_a_lot(writer)
            assert list(tmp_path.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shoot()
    assert list(tmp_path.iterdir()) == []


def test_plans_become_something_that_json_holds(person):
    described = plain(person.look)
    assert json.loads(json.dumps(described)) == described
    assert described["top"]["kind"] == person.look.top.kind
    assert described["top"]["material"] == int(person.look.top.material)
