from __future__ import annotations

import csv

import av
import numpy as np
import pytest

import people.session_clips
from formcoach.angles import Angle
from people.angles import Side
from people.clothes import LEG_ENDS, SLEEVE_ENDS
from people.scene import PASSES
from people.session import FRONT, LEFT_SIDE, RIGHT_SIDE, STAND, Moment, Part, Script
from people.session_clips import SIZE, Film, SessionSet, draw_fitted
from stick_body import GreyRenderer, StickActor

FPS = 4
SCRIPT = Script(
    "quick",
    (
        Part(
            Side.LEFT,
            (
                Moment(0.0, STAND, LEFT_SIDE),
                Moment(0.5, STAND, LEFT_SIDE),
                Moment(1.0, "rounded", LEFT_SIDE, "hips", "overhead"),
                Moment(1.5, STAND, FRONT),
            ),
        ),
        Part(
            Side.RIGHT,
            (Moment(1.5, STAND, FRONT), Moment(2.0, "good", RIGHT_SIDE), Moment(3.0, STAND, RIGHT_SIDE)),
        ),
    ),
)


@pytest.fixture(autouse=True)
def _sticks(monkeypatch):
    monkeypatch.setattr(people.session_clips, "Actor", StickActor)


@pytest.fixture
def chosen():
    return SessionSet("session", 5, (SCRIPT,), FPS, "clips")


def test_a_clip_has_as_many_frames_as_rows_and_the_truth_of_each(tmp_path, chosen):
    assert chosen.render(tmp_path, 0, GreyRenderer()) == 1
    path = tmp_path / "clips" / "session_quick.mp4"
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(frames) == len(rows) == 3 * FPS + 1
    assert (frames[0].width, frames[0].height) == SIZE
    assert [float(row["time_s"]) for row in rows] == pytest.approx(np.arange(len(rows)) / FPS)
    assert [row["leg"] for row in rows] == ["left"] * 7 + ["right"] * 6
    azimuths = [float(row["azimuth_deg"]) for row in rows]
    assert (azimuths[0], azimuths[6], azimuths[-1]) == (LEFT_SIDE, FRONT, RIGHT_SIDE)
    assert float(rows[4]["lumbar_flexion_deg"]) == pytest.approx(38.0, abs=1.0)
    assert float(rows[8]["lumbar_flexion_deg"]) == pytest.approx(0.0, abs=1.0)
    assert float(rows[8]["knee_flexion_deg"]) == pytest.approx(11.0, abs=1.0)


def test_the_table_names_angles_as_the_program_does():
    row = Film(SCRIPT, draw_fitted(5, 0), 5, GreyRenderer()).truth(0.0)
    names = {name.removesuffix("_deg") for name in row} - {"leg", "azimuth"}
    assert names == {angle.value for angle in Angle} - {Angle.HIP_TRUNK_FLEXION}


def test_a_clip_is_done_when_its_table_is_written_which_is_last(tmp_path, chosen):
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "session_quick.mp4").touch()
    assert not chosen.is_done(tmp_path, 0)
    (folder / "session_quick.csv").touch()
    assert chosen.is_done(tmp_path, 0)


def test_moving_frames_are_blurred_and_still_ones_are_not():
    renderer = GreyRenderer()
    film = Film(SCRIPT, draw_fitted(5, 0), 5, renderer)
    for time_s in (0.25, 0.75):
        film.picture(time_s)
    assert renderer.moments == [1, PASSES]


def test_everything_the_person_does_is_in_the_picture():
    film = Film(SCRIPT, draw_fitted(5, 0), 5, renderer := GreyRenderer())
    (camera,) = renderer.cameras
    for time_s in np.arange(0.0, 3.0, 0.1):
        figure = film.performance.at(float(time_s))
        pixels = camera.project(film.pose(figure).skin())
        assert (pixels > 0.0).all()
        assert (pixels < SIZE).all()


@pytest.mark.parametrize("index", range(3))
def test_clothes_are_snug(index):
    look = draw_fitted(5, index).look
    assert look.top.kind in SLEEVE_ENDS
    assert look.bottom.kind in LEG_ENDS
    assert max(look.top.offset_m, look.bottom.offset_m) < 0.007
    assert look.cap is None
