"""Rooms: walls, floor, furniture along the back wall, and the bench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from people.mesh import Material, Mesh, box, ellipsoid
from people.render import Light

if TYPE_CHECKING:
    from collections.abc import Callable

    from people.rotations import Array

    Colour = tuple[float, float, float]

FLOORS = (Material.PLANKS, Material.PLANKS, Material.TILES, Material.CARPET, Material.PLAIN, Material.CHECKS)
WALLS = (Material.PLASTER, Material.PLASTER, Material.PLASTER, Material.WALLPAPER, Material.BRICKS, Material.TILES)
# The walls are higher than a room, or a low camera would look over them.
EXTENT_M, WALL_M = 14.0, 14.0
# A bench lower than this has no legs.
LOW_BENCH_M = 0.22
MOST_CLUTTER = 6


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """What a room looks like.

    Attributes
    ----------
    wall, floor : tuple of float
        Colours.
    wall_material, floor_material : Material
    mat : tuple of float or None
        Colour of the mat that the person stands on.
    clutter : int
        Pieces of furniture.
    depth : float
        From the person to the back wall, metres.
    seed : int
        Of the furniture.
    """

    wall: Colour
    floor: Colour
    wall_material: Material
    floor_material: Material
    mat: Colour | None
    clutter: int
    depth: float
    seed: int


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """What the leg lies on: colour, width across the leg and shift of its middle to the person's left, metres."""

    colour: Colour
    width: float
    shift: float


def draw_colour(rng: np.random.Generator, low: float, high: float) -> Colour:
    """Return a random colour."""
    return tuple(float(value) for value in rng.uniform(low, high, 3))


def draw_room(rng: np.random.Generator) -> RoomPlan:
    """Return a random room: mostly pale walls, some of a strong colour."""
    saturated = rng.random() < 0.3
    shade, hue = rng.uniform(0.5, 0.92), rng.uniform(-0.06, 0.06, 3)
    pale = tuple(float(value) for value in np.clip(shade + hue, 0.0, 0.95))
    wall = draw_colour(rng, 0.12, 0.85) if saturated else pale
    wooden = tuple(float(value) for value in rng.uniform(0.3, 0.7) * np.array([1.0, 0.8, 0.6]))
    floor = wooden if rng.random() < 0.6 else draw_colour(rng, 0.2, 0.75)
    return RoomPlan(
        wall=wall,
        floor=floor,
        wall_material=WALLS[rng.integers(len(WALLS))],
        floor_material=FLOORS[rng.integers(len(FLOORS))],
        mat=draw_colour(rng, 0.15, 0.75) if rng.random() < 0.45 else None,
        clutter=int(rng.integers(0, MOST_CLUTTER + 1)),
        depth=float(rng.uniform(1.5, 3.2)),
        seed=int(rng.integers(1 << 30)),
    )


def draw_bench(rng: np.random.Generator, inwards: float, front: bool) -> BenchPlan:
    """Return a random bench; from the front it is narrow, so that it hides less.

    Parameters
    ----------
    rng : Generator
    inwards : float
        +1 where the body's middle is to the left of the raised leg, else -1.
    front : bool
    """
    width = float(rng.uniform(0.4, 0.7) if front else rng.uniform(0.45, 1.1))
    return BenchPlan(draw_colour(rng, 0.15, 0.8), width, 0.0 if front else inwards * 0.25 * width)


def draw_light(rng: np.random.Generator, world_azimuth: float) -> Light:
    """Return random light that comes from the camera's side of the room."""
    around = np.radians(world_azimuth + rng.uniform(-70.0, 70.0))
    up = np.radians(rng.uniform(25.0, 65.0))
    direction = (float(np.sin(around) * np.cos(up)), float(-np.cos(around) * np.cos(up)), float(np.sin(up)))
    warm = float(rng.uniform(-0.12, 0.06))
    return Light(
        direction,
        power=float(rng.uniform(0.35, 1.3)),
        sky=float(rng.uniform(0.6, 1.1)),
        ambient=float(rng.uniform(0.15, 0.35)),
        size=float(rng.uniform(0.1, 0.4)),
        tint=(1.0, 0.97 + 0.3 * warm, 0.95 + warm),
    )


def build_bench(plan: BenchPlan, contact: Array) -> list[Mesh]:
    """Return a bench whose top meets the contact point of the foot: a slab on four legs, or a box when low."""
    x, y, top = contact
    x += plan.shift
    left, right, front, back = x - plan.width / 2.0, x + plan.width / 2.0, y - 0.30, y + 0.10
    if top < LOW_BENCH_M:
        return [box((left, front, 0.0), (right, back, top), plan.colour, Material.WOOD)]
    meshes = [box((left, front, top - 0.07), (right, back, top), plan.colour, Material.WOOD)]
    dark = np.multiply(plan.colour, 0.7)
    for across in (left + 0.01, right - 0.06):
        for along in (front + 0.01, back - 0.06):
            leg = box((across, along, 0.0), (across + 0.05, along + 0.05, top - 0.07), dark, Material.WOOD)
            meshes.append(leg)
    return meshes


def room_frame(world_azimuth: float, yaw: float = 0.0) -> Array:
    """Return the map (4, 4) from the room's axes (x to the camera's right, y away from it, z up) to the world."""
    angle = np.radians(world_azimuth) + yaw
    frame = np.eye(4)
    frame[:3, 0] = [np.cos(angle), np.sin(angle), 0.0]
    frame[:3, 1] = [-np.sin(angle), np.cos(angle), 0.0]
    return frame


def build_room(plan: RoomPlan, world_azimuth: float) -> list[Mesh]:
    """Return the room behind the person as a camera at this azimuth sees it."""
    rng = np.random.default_rng(plan.seed)
    frame = room_frame(world_azimuth, float(rng.uniform(-0.2, 0.2)))
    depth, wall = plan.depth, plan.wall
    corner = float(rng.choice([-1.0, 1.0])) * rng.uniform(2.3, 3.6)
    side_wall = np.multiply(wall, rng.uniform(0.8, 1.0))
    meshes = [
        box((-EXTENT_M, -EXTENT_M, -0.1), (EXTENT_M, EXTENT_M, 0.0), plan.floor, plan.floor_material),
        box((-EXTENT_M, depth, 0.0), (EXTENT_M, depth + 0.1, WALL_M), wall, plan.wall_material),
        box((-EXTENT_M, depth - 0.02, 0.0), (EXTENT_M, depth, 0.10), (0.9, 0.9, 0.88)),
        box((corner - 0.05, -EXTENT_M, 0.0), (corner + 0.05, depth, WALL_M), side_wall, plan.wall_material),
    ]
    for _ in range(plan.clutter):
        furniture = FURNITURE[rng.integers(len(FURNITURE))]
        meshes += furniture(rng, float(rng.uniform(-2.2, 2.2)), depth)
    meshes = [mesh.moved(frame) for mesh in meshes]
    if plan.mat:
        meshes.append(box((-0.45, -0.5, 0.0), (0.45, 0.6, 0.006), plan.mat, Material.CLOTH))
    return meshes


def _picture(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    width, height, low = rng.uniform(0.3, 1.0), rng.uniform(0.3, 0.8), rng.uniform(1.0, 1.5)
    material = [Material.PAINTING, Material.CHECKS, Material.WALLPAPER][rng.integers(3)]
    low_corner, high_corner = (x, depth - 0.03, low), (x + width, depth - 0.012, low + height)
    frame_low, frame_high = (
        (x - 0.03, depth - 0.025, low - 0.03),
        (x + width + 0.03, depth - 0.005, low + height + 0.03),
    )
    return [
        box(low_corner, high_corner, draw_colour(rng, 0.1, 0.85), material),
        box(frame_low, frame_high, draw_colour(rng, 0.05, 0.3)),
    ]


def _cupboard(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    width, height = rng.uniform(0.3, 0.7), rng.uniform(0.45, 2.0)
    colour = draw_colour(rng, 0.25, 0.75)
    meshes = [box((x - width, depth - 0.45, 0.0), (x + width, depth - 0.03, height), colour, Material.WOOD)]
    seam = np.multiply(colour, 0.4)
    meshes.append(box((x - 0.006, depth - 0.455, 0.05), (x + 0.006, depth - 0.45, height - 0.05), seam))
    return meshes


def _bookshelf(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    width, height = rng.uniform(0.3, 0.8), rng.uniform(0.9, 2.1)
    colour = draw_colour(rng, 0.2, 0.6)
    return [box((x - width, depth - 0.32, 0.0), (x + width, depth - 0.03, height), colour, Material.BOOKS)]


def _chair(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    y, colour = depth - rng.uniform(0.5, 0.8), draw_colour(rng, 0.1, 0.7)
    meshes = [
        box((x - 0.22, y - 0.22, 0.43), (x + 0.22, y + 0.22, 0.47), colour, Material.WOOD),
        box((x - 0.22, y + 0.18, 0.47), (x + 0.22, y + 0.22, 0.92), colour, Material.WOOD),
    ]
    for across in (-0.21, 0.17):
        for along in (-0.21, 0.17):
            low, high = (x + across, y + along, 0.0), (x + across + 0.04, y + along + 0.04, 0.43)
            meshes.append(box(low, high, np.multiply(colour, 0.8), Material.WOOD))
    return meshes


def _plant(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    y, height = depth - 0.4, rng.uniform(0.5, 1.3)
    green = np.array([0.2, 0.5, 0.15]) * rng.uniform(0.6, 1.4)
    pot = box((x - 0.14, y - 0.14, 0.0), (x + 0.14, y + 0.14, 0.3), draw_colour(rng, 0.2, 0.8))
    crowns = [
        ellipsoid(
            (x + rng.normal(0.0, 0.12), y + rng.normal(0.0, 0.06), height + rng.normal(0.0, 0.15)),
            rng.uniform(0.1, 0.26, 3),
            green * rng.uniform(0.8, 1.2),
            Material.LEAVES,
            rings=9,
        )
        for _ in range(4)
    ]
    return [pot, box((x - 0.02, y - 0.02, 0.3), (x + 0.02, y + 0.02, height), (0.3, 0.2, 0.1)), *crowns]


def _window(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    width, low, high = rng.uniform(0.4, 0.8), rng.uniform(0.7, 1.0), rng.uniform(1.9, 2.3)
    pane = box((x - width, depth - 0.02, low), (x + width, depth - 0.01, high), (0.75, 0.85, 0.95), Material.BRIGHT)
    frame = (0.92, 0.92, 0.90)
    bars = [
        box((x - 0.025, depth - 0.03, low), (x + 0.025, depth - 0.01, high), frame),
        box((x - width - 0.05, depth - 0.05, low - 0.06), (x + width + 0.05, depth - 0.01, low), frame),
        box((x - width - 0.05, depth - 0.03, high), (x + width + 0.05, depth - 0.01, high + 0.05), frame),
    ]
    cloth = draw_colour(rng, 0.2, 0.9)
    curtains = [
        box((x + end - 0.2, depth - 0.1, 0.1), (x + end + 0.2, depth - 0.05, high + 0.15), cloth, Material.WALLPAPER)
        for end in (-width - 0.1, width + 0.1)
    ]
    return [pane, *bars, *(curtains if rng.random() < 0.6 else [])]


def _sofa(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    colour, y = draw_colour(rng, 0.1, 0.7), depth - 0.05
    parts = [
        ((x - 0.9, y - 0.75, 0.0), (x + 0.9, y, 0.42)),
        ((x - 0.9, y - 0.2, 0.42), (x + 0.9, y, 0.85)),
        ((x - 1.05, y - 0.75, 0.0), (x - 0.9, y, 0.6)),
        ((x + 0.9, y - 0.75, 0.0), (x + 1.05, y, 0.6)),
    ]
    return [box(low, high, colour, Material.CARPET) for low, high in parts]


def _ball(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    radius = rng.uniform(0.12, 0.35)
    return [ellipsoid((x, depth - radius - 0.05, radius), [radius] * 3, draw_colour(rng, 0.1, 0.9), Material.PLAIN)]


def _lamp(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    y, height = depth - 0.3, rng.uniform(1.3, 1.7)
    return [
        box((x - 0.012, y - 0.012, 0.0), (x + 0.012, y + 0.012, height), (0.2, 0.2, 0.2)),
        ellipsoid((x, y, height), [0.17, 0.17, 0.13], (0.98, 0.93, 0.8), Material.PLAIN),
        ellipsoid((x, y, 0.0), [0.14, 0.14, 0.03], (0.2, 0.2, 0.2), Material.PLAIN),
    ]


def _boxes(rng: np.random.Generator, x: float, depth: float) -> list[Mesh]:
    """Return a pile of things."""
    meshes, top = [], 0.0
    for _ in range(int(rng.integers(1, 4))):
        wide, deep, high = rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.2), rng.uniform(0.08, 0.35)
        y = depth - 0.3
        meshes.append(box((x - wide, y - deep, top), (x + wide, y + deep, top + high), draw_colour(rng, 0.1, 0.9)))
        top += high
    return meshes


FURNITURE: tuple[Callable[[np.random.Generator, float, float], list[Mesh]], ...] = (
    _picture,
    _picture,
    _cupboard,
    _bookshelf,
    _chair,
    _plant,
    _window,
    _sofa,
    _ball,
    _lamp,
    _boxes,
)
