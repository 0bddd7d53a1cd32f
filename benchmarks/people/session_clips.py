"""Films a whole session: one camera in front of the room, two benches, and the truth of every frame."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from people.appearance import draw_person
from people.camera import CameraPlan, frame_person
from people.clothes import Garment
from people.mesh import Material
from people.photography import Photography, photograph
from people.posing import all_angles
from people.render import Light
from people.room import BenchPlan, RoomPlan, build_bench
from people.scene import PASSES, Actor, Stage
from people.session import SCRIPTS, Figure, Performance, Script, turn_pose, turned
from people.write import ClipWriter
from truth import TRUTH_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from people.angles import Side
    from people.appearance import Person
    from people.mesh import Mesh
    from people.posing import Pose
    from people.render import Renderer

SIZE, FRAMES_PER_SECOND = (640, 480), 15
DISTANCE_M, HEIGHT_M, FIELD_OF_VIEW = 3.0, 0.95, 58.0
# Little noise: it is most of a clip's size.
CAMERA = Photography(read_noise=0.002, shot_noise=0.003)
EXPOSURE_S, CRF = 0.010, 27
# A vertex that moves less than this during the exposure is as good as still, pixels.
SHARP_PX = 0.7
ROOM = RoomPlan(
    wall=(0.80, 0.82, 0.80),
    floor=(0.55, 0.44, 0.33),
    wall_material=Material.PLASTER,
    floor_material=Material.PLANKS,
    mat=(0.25, 0.35, 0.45),
    clutter=3,
    depth=2.2,
    seed=7,
)
LIGHT = Light(direction=(-0.4, -0.7, 0.6), power=0.8, sky=0.9)
BENCH = BenchPlan(colour=(0.45, 0.30, 0.20), width=0.5, shift=0.0)
# Snug clothes: the outline of the back is seen.
TOP = Garment("tshirt", (0.75, 0.30, 0.25), 0.005, 3)
BOTTOM = Garment("leggings", (0.15, 0.17, 0.25), 0.003, 2)
# The camera is set up for every so manieth of a second of the clip.
FRAMING_S = 0.5


@dataclass(frozen=True, slots=True)
class SessionSet:
    """Clips of whole sessions, each of another person.

    Attributes
    ----------
    name : str
        Clips are called after it and their scripts.
    seed : int
    scripts : tuple of Script
    frames_per_second : int
    folder : str
        Below the output folder; empty is the output folder itself.
    """

    name: str
    seed: int
    scripts: tuple[Script, ...] = SCRIPTS
    frames_per_second: int = FRAMES_PER_SECOND
    folder: str = ""

    @property
    def people(self) -> int:
        """Number of clips."""
        return len(self.scripts)

    def person(self, index: int) -> str:
        """Return a clip's name."""
        return f"{self.name}_{self.scripts[index].name}"

    def is_done(self, out: Path, index: int) -> bool:
        """Return whether a clip has been rendered."""
        return (out / self.folder / f"{self.person(index)}.csv").exists()

    def render(self, out: Path, index: int, renderer: Renderer) -> int:
        """Render one clip and return 1."""
        film = Film(self.scripts[index], draw_fitted(self.seed, index), self.seed, renderer)
        film.write(out / self.folder / self.person(index), self.frames_per_second)
        return 1

    def merge(self, out: Path) -> None:
        """Clips stand on their own."""


class Film:
    """One person's session before one camera."""

    def __init__(self, script: Script, person: Person, seed: int, renderer: Renderer) -> None:
        self._actor = Actor(person)
        self.performance = Performance(script, self._actor.body, person.clearance_m, seed)
        self._rng = np.random.default_rng(seed)
        raised = script.parts[0].raised
        self._stage = Stage(self._actor, renderer, raised, self._set_up(raised), ROOM, BENCH, LIGHT)
        self._benches: list[Mesh] = [
            mesh.moved(turned(azimuth))
            for contact, azimuth in self.performance.benches
            for mesh in build_bench(BENCH, contact)
        ]

    def write(self, path: Path, frames_per_second: int) -> None:
        """Write ``path`` with the endings mp4 and csv, the table last."""
        path.parent.mkdir(parents=True, exist_ok=True)
        count = round(self.performance.duration_s * frames_per_second) + 1
        times_s = [frame / frames_per_second for frame in range(count)]
        with ClipWriter(path.with_suffix(".mp4"), SIZE, frames_per_second, CRF) as writer:
            for time_s in times_s:
                writer.write(self.picture(time_s))
        _write_truth(path.with_suffix(".csv"), times_s, [self.truth(time_s) for time_s in times_s])

    def picture(self, time_s: float) -> np.ndarray:
        """Return the frame whose exposure has its middle at a time, (height, width, 3), red first."""
        poses = self._exposed(time_s)
        return photograph(self._stage.picture(poses, None, self._benches), CAMERA, self._rng)

    def truth(self, time_s: float) -> dict[str, str | float]:
        """Return leg, azimuth and angles in degrees at a time, by the table's columns."""
        figure = self.performance.at(time_s)
        angles = all_angles(self.pose(figure))
        row = {"leg": str(figure.raised), "azimuth_deg": round(figure.azimuth, 2)}
        return row | {f"{column}_deg": round(angles[name], 2) for column, name in TRUTH_NAMES.items()}

    def _exposed(self, time_s: float) -> list[Pose]:
        """Return the poses of the exposure, or just its middle when nothing moves."""
        moments = np.linspace(time_s - EXPOSURE_S / 2.0, time_s + EXPOSURE_S / 2.0, PASSES)
        figures = [self.performance.at(float(moment)) for moment in moments]
        first, last = (self.pose(figure) for figure in (figures[0], figures[-1]))
        start, end = (self._stage.camera.project(pose.skin(every=50)) for pose in (first, last))
        if np.linalg.norm(end - start, axis=1).max() < SHARP_PX or figures[0].raised is not figures[-1].raised:
            return [self.pose(self.performance.at(time_s))]
        return [first, *(self.pose(figure) for figure in figures[1:-1]), last]

    def pose(self, figure: Figure) -> Pose:
        """Return the body as it stands in the room."""
        return turn_pose(self._actor.pose(figure.angles, figure.raised, figure.arms), figure.azimuth)

    def _set_up(self, raised: Side) -> CameraPlan:
        camera = CameraPlan(0.0, DISTANCE_M, HEIGHT_M, FIELD_OF_VIEW, 0.0, SIZE)
        moments = np.arange(0.0, self.performance.duration_s, FRAMING_S)
        skins = [self.pose(self.performance.at(float(moment))).skin(every=23) for moment in moments]
        return frame_person(camera, raised, np.vstack(skins))


def draw_fitted(seed: int, index: int) -> Person:
    """Return a random person in snug clothes, without a cap."""
    person = draw_person(np.random.default_rng([seed, index]))
    look = replace(person.look, top=TOP, bottom=BOTTOM, hair_style="short", cap=None)
    return replace(person, look=look)


def _write_truth(path: Path, times_s: Sequence[float], rows: Sequence[dict[str, str | float]]) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["frame", "time_s", *rows[0]])
        for frame, (time_s, row) in enumerate(zip(times_s, rows, strict=True)):
            writer.writerow([frame, round(time_s, 4), *row.values()])
    unfinished.replace(path)
