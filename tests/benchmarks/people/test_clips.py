from __future__ import annotations

import json
from dataclasses import replace

import av
import numpy as np
import pytest

import people.bystander
import people.clips
import truth
from formcoach.pose.pose import Pose
from people.angles import Side
from people.clips import SHARP_PX, ClipPlan, make_clip
from people.photography import Photography
from people.scene import PASSES
from people.sets import ClipSet
from people.timeline import FREE_POSES
from people.write import ClipWriter
from stick_body import GreyRenderer, StickActor

SIZE, FPS = (64, 48), 3
SCRIPTED = ClipPlan("lumbar+cervical", "side", Side.RIGHT, SIZE, FPS, plain=True)
FREE = ClipPlan("free", "front", Side.LEFT, SIZE, FPS)
# For what is the same in all frames.
FEW_FRAMES = 1
RENDERERS = (GreyRenderer(), GreyRenderer())

pytestmark = pytest.mark.usefixtures("all_sticks")


class Interrupted(GreyRenderer):
    def render(self, *arguments):
        if len(self.moments) == 3:
            raise KeyboardInterrupt
        return super().render(*arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two clips."""
    out = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        for module in (people.clips, people.bystander):
            patch.setattr(module, "Actor", StickActor)
        # What counts as moving in a picture of 640 pixels.
        patch.setattr(people.clips, "SHARP_PX", SHARP_PX * SIZE[0] / 640.0)
        for index, plan in enumerate((SCRIPTED, FREE)):
            make_clip(plan, f"clip_{index:04d}", 5, index, out / "clips", RENDERERS[index])
    return out


@pytest.fixture
def recordings(folder, monkeypatch):
    """What a reader makes of the clips: a scripted and a free one."""
    monkeypatch.setattr(truth, "read_poses", lambda *_, **__: Pose.missing())
    return list(truth.read_clips(folder, "heavy", folder))


def scene_of(folder, name):
    return json.loads((folder / f"{name}.scene.json").read_text(encoding="utf-8"))


def test_a_reader_finds_what_was_planned(recordings):
    scripted, free = recordings
    assert (scripted.name, scripted.person) == ("clip_0000_lumbar-cervical_side_right", "clip_0000")
    assert (scripted.kind, scripted.leg) == ("scripted", "right")
    assert (free.kind, free.leg) == ("free", "left")
    assert scripted.azimuth_deg == pytest.approx(-90.0, abs=people.clips.AZIMUTH_SPREAD)
    assert free.azimuth_deg == pytest.approx(0.0, abs=people.clips.AZIMUTH_SPREAD)
    for one in recordings:
        assert one.frame_size == SIZE
        assert np.diff(one.time_s) == pytest.approx(1.0 / FPS, abs=1e-4)


def test_the_truth_shows_standing_then_the_fault_on_the_bench(recordings):
    read = recordings[0]
    quiet, bench = read.neutral, read.stretching
    assert quiet.sum() > 2
    assert bench.sum() > 8
    for name in ("lumbar_flexion", "cervical_flexion", "hip_flexion", "knee_flexion"):
        assert np.ptp(read.truth[name][quiet]) < 2.5, name
    assert read.relative_truth("lumbar_flexion")[bench].max() > 20.0
    assert read.relative_truth("cervical_flexion")[bench].max() > 20.0
    assert read.truth["hip_flexion"][bench].min() > 30.0 > read.truth["hip_flexion"][quiet].max()


def test_a_clip_has_as_many_frames_as_rows_and_a_scene_that_says_what_was_asked(recordings, folder):
    read = recordings[1]
    with av.open(str(folder / "clips" / f"{read.name}.mp4")) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == len(read.time_s)
    assert (frames[0].width, frames[0].height) == SIZE
    scene = scene_of(folder / "clips", read.name)
    assert (scene["fault"], scene["view"], scene["elevated"], scene["fps"]) == ("free", "front", "left", FPS)
    assert sum(frame["contact"] for frame in scene["keyframes"]) == FREE_POSES + 1
    assert scene["keyframes"][-1]["t"] == pytest.approx(read.time_s[-1], abs=0.5 / FPS)
    quiet = np.median(read.truth["lumbar_flexion"][read.neutral])
    assert scene["neutral_angles"]["lumbar_flexion"] == pytest.approx(quiet, abs=1.2)
    assert 0.1 < scene["bench_top"][2] < 1.2


def test_the_same_seed_and_index_give_the_same_frames_and_truth(tmp_path, monkeypatch):
    # The encoder gives other bytes for the same frames at times.
    class Recorder(ClipWriter):
        def write(self, image):
            frames.append(image)
            super().write(image)

    monkeypatch.setattr(people.clips, "ClipWriter", Recorder)
    results = []
    plan = replace(FREE, frames_per_second=FEW_FRAMES)
    for index in (7, 7, 8):
        frames: list[np.ndarray] = []
        out = tmp_path / str(len(results))
        name = make_clip(plan, "clip", 5, index, out, GreyRenderer())
        texts = [(out / f"{name}.{ending}").read_bytes() for ending in ("csv", "scene.json")]
        results.append((np.stack(frames), *texts))
    first, again, other = results
    assert (first[0] == again[0]).all()
    assert (first[0] != other[0]).any()
    assert first[1:] == again[1:]
    assert first[1] != other[1]
    assert first[2] != other[2]


@pytest.mark.usefixtures("folder")
def test_moving_frames_are_blurred_and_still_ones_are_not():
    for renderer in RENDERERS:
        assert set(renderer.moments) == {1, PASSES}
        # Nobody moves much at first.
        assert renderer.moments[:4] == [1] * 4


@pytest.mark.parametrize("plain", [True, False])
def test_a_plain_clip_is_bright_and_of_one_person(tmp_path, monkeypatch, plain):
    monkeypatch.setattr(people.clips, "BYSTANDER_SHARE", 1.0)
    dark = Photography(gain=0.5, read_noise=0.03, chroma_noise=0.03, low_light=True)
    monkeypatch.setattr(people.clips, "draw_photography", lambda rng, sharp: dark)
    plan = replace(SCRIPTED, plain=plain, frames_per_second=FEW_FRAMES)
    scene = scene_of(tmp_path, make_clip(plan, "clip", 5, 0, tmp_path, GreyRenderer()))
    assert {"second_person", "low_light"} & {*scene["tags"]} == (set() if plain else {"second_person", "low_light"})
    taken = scene["photography"]
    assert taken["low_light"] is not plain
    assert (taken["gain"] == 1.0, taken["chroma_noise"] == 0.0, taken["read_noise"] < 0.01) == (plain,) * 3


def test_a_clip_that_broke_off_is_made_again(tmp_path):
    plans = tuple(replace(plan, frames_per_second=FEW_FRAMES) for plan in (SCRIPTED, FREE))
    chosen = ClipSet("clip", 5, plans, "clips")
    with pytest.raises(KeyboardInterrupt):
        chosen.render(tmp_path, 0, Interrupted())
    assert list((tmp_path / "clips").iterdir()) == []
    assert not chosen.is_done(tmp_path, 0)
    assert chosen.render(tmp_path, 0, GreyRenderer()) == 1
    assert chosen.is_done(tmp_path, 0)
    assert not chosen.is_done(tmp_path, 1)
    assert len(list((tmp_path / "clips").iterdir())) == 3
