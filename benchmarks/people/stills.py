"""Stills of one person: from every camera a neutral standing picture, perhaps another one, and random stretches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.appearance import draw_person
from people.arms import Arms
from people.bystander import Bystander
from people.camera import CameraPlan, frame_person
from people.movement import Shot, draw_standing, draw_stretch
from people.photography import Photography, draw_photography, photograph
from people.posing import all_angles
from people.room import RoomPlan, draw_bench, draw_light, draw_room
from people.scene import Actor, Stage, Truth
from people.standing import draw_neutral, for_other_leg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from people.render import Renderer

    # Draws a nominal view (degrees) and the true azimuth near it.
    AzimuthDraw = Callable[[np.random.Generator], tuple[int, float]]

# Width, height and share of the pictures.
SIZES = (
    ((480, 360), 0.34),
    ((640, 480), 0.20),
    ((640, 360), 0.18),
    ((360, 640), 0.11),
    ((854, 480), 0.05),
    ((480, 854), 0.05),
    ((960, 540), 0.03),
    ((1280, 720), 0.04),
)
SMALL_SIZES = (((400, 300), 0.6), ((320, 240), 0.2), ((300, 400), 0.2))
# Cameras are no farther away than where 1.7 m are this tall, pixels (but for small pictures, see ``draw_camera``).
LEAST_TALL_PX = 190.0
# Share of the cameras that stand too close, and of the pictures with somebody else.
CUT_OFF_SHARE = 0.08
BYSTANDER_SHARE = 0.08
# Random streams of one person, besides those numbered by the camera.
_PERSON, _BYSTANDER = 1_000, 1_001


@dataclass(frozen=True, slots=True)
class StillPlan:
    """What is pictured of one person.

    Attributes
    ----------
    cameras : tuple of callable
        Each draws a nominal view and an azimuth, degrees; the raised leg changes from camera to camera.
    stretches : int
        Random stretches from every camera.
    standing : bool
        Whether every camera takes a second standing picture.
    sizes : tuple
        Picture sizes and their shares.
    """

    cameras: tuple[AzimuthDraw, ...]
    stretches: int = 8
    standing: bool = False
    sizes: tuple[tuple[tuple[int, int], float], ...] = SIZES


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A finished picture and all that is written about it."""

    image: NDArray[np.uint8]
    quality: int
    camera_index: int
    picture_index: int
    view: int
    camera: CameraPlan
    raised: Side
    shot: Shot
    truth: Truth
    neutral_angles: dict[str, float]
    tags: list[str]


def make_stills(plan: StillPlan, seed: int, index: int, renderer: Renderer) -> Iterator[Still]:
    """Yield all stills of one person; the same seed and index give the same pictures."""
    rng = np.random.default_rng([seed, index, _PERSON])
    actor = Actor(draw_person(rng))
    neutral = draw_neutral(rng, actor.body, Side.LEFT)
    first = int(rng.integers(2))
    series = Series(actor, renderer, seed, index)
    for number, draw_azimuth in enumerate(plan.cameras):
        rng = np.random.default_rng([seed, index, number])
        raised = list(Side)[(first + number) % 2]
        own = neutral if raised is Side.LEFT else for_other_leg(actor.body, neutral, raised, rng)
        shots = _draw_shots(rng, plan, actor, own, raised)
        view, azimuth = draw_azimuth(rng)
        camera = draw_camera(rng, plan, azimuth)
        outlines = [actor.outline(shot.angles, raised, shot.arms) for shot in shots]
        camera = place_camera(rng, camera, raised, np.vstack(outlines))
        yield from series.take(rng, number, view, camera, raised, own, shots)


def draw_camera(rng: np.random.Generator, plan: StillPlan, azimuth: float) -> CameraPlan:
    """Return a random camera that does not yet look at anything."""
    sizes, shares = zip(*plan.sizes, strict=True)
    size = sizes[rng.choice(len(sizes), p=shares)]
    camera = CameraPlan(
        azimuth=azimuth,
        distance=1.8 + 3.2 * float(rng.random()) ** 2,
        height=float(rng.uniform(0.4, 1.8)),
        field_of_view=float(rng.uniform(50.0, 78.0)),
        roll=float(np.clip(rng.normal(0.0, 2.5), -6.0, 6.0)),
        size=size,
    )
    farthest = 1.7 * camera.focal_px / LEAST_TALL_PX
    return replace(camera, distance=max(1.8, min(camera.distance, farthest)))


def place_camera(rng: np.random.Generator, camera: CameraPlan, raised: Side, points: NDArray[np.float64]) -> CameraPlan:
    """Return the camera looking at the person, who is in the picture with all postures; a few stand too close."""
    aside = tuple(float(value) for value in rng.uniform(-0.8, 0.8, 2))
    framed = frame_person(camera, raised, points, aside)
    if rng.random() >= CUT_OFF_SHARE:
        return framed
    x, y, z = framed.look_at
    look_at = (x, y, z + float(rng.choice([-0.1, 0.12])))
    closer = framed.distance * float(rng.uniform(0.72, 0.92))
    return replace(framed, distance=closer, look_at=look_at)


def _draw_shots(rng: np.random.Generator, plan: StillPlan, actor: Actor, neutral: Angles, raised: Side) -> list[Shot]:
    clearance = actor.person.clearance_m
    shots = [Shot(neutral, Arms.both("hang", clearance), None, [], neutral=True)]
    if plan.standing:
        shots.append(draw_standing(rng, actor.body, neutral, raised, clearance))
    return shots + [draw_stretch(rng, actor.body, neutral, raised, clearance) for _ in range(plan.stretches)]


class Series:
    """Takes the pictures of one person, whatever the camera; ``clean`` ones are sharp, bright and of nobody else."""

    def __init__(self, actor: Actor, renderer: Renderer, seed: int, index: int, clean: bool = False) -> None:
        self._actor, self._renderer = actor, renderer
        self._seed, self._index, self._clean = seed, index, clean
        self._bystander: Bystander | None = None

    def take(
        self,
        rng: np.random.Generator,
        number: int,
        view: int,
        camera: CameraPlan,
        raised: Side,
        neutral: Angles,
        shots: list[Shot],
    ) -> Iterator[Still]:
        """Yield the stills of one camera, all in one room and light."""
        room = draw_room(rng)
        bench = draw_bench(rng, -raised.sign, front=abs(view) < 45)
        light = draw_light(rng, raised.sign * camera.azimuth)
        stage = Stage(self._actor, self._renderer, raised, camera, room, bench, light)
        resting = all_angles(self._actor.pose(neutral, raised, Arms.both("hang")))
        for picture_index, shot in enumerate(shots):
            own = np.random.default_rng([self._seed, self._index, number, picture_index])
            image, how, tags, truth = self._picture(own, stage, room, shot)
            yield Still(image, how.quality, number, picture_index, view, camera, raised, shot, truth, resting, tags)

    def _picture(
        self, rng: np.random.Generator, stage: Stage, room: RoomPlan, shot: Shot
    ) -> tuple[NDArray[np.uint8], Photography, list[str], Truth]:
        how = Photography() if self._clean else draw_photography(rng)
        accompanied = rng.random() < BYSTANDER_SHARE and not self._clean
        others = self._others(rng, stage.camera.world_azimuth, room.depth) if accompanied else []
        pose = self._actor.pose(shot.angles, stage.raised, shot.arms)
        truth = stage.truth(pose)
        image = photograph(stage.picture([pose], shot.contact, others), how, rng)
        tags = [*self._actor.person.tags, *shot.tags, *how.tags]
        tags += ["second_person"] * accompanied + ["cut_off"] * truth.is_cut_off(stage.camera.size)
        return image, how, tags, truth

    def _others(self, rng: np.random.Generator, world_azimuth: float, depth: float) -> list:
        if self._bystander is None:
            self._bystander = Bystander(np.random.default_rng([self._seed, self._index, _BYSTANDER]))
        return self._bystander.meshes(rng, world_azimuth, depth)
