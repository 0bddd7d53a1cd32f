"""The same postures of the same people from many places: what the camera's position does to an estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from people.angles import Angles, Side
from people.appearance import draw_person
from people.arms import Arms
from people.camera import CameraPlan
from people.movement import Shot, on_top
from people.posing import raised_foot_place, solve_contact
from people.scene import Actor
from people.standing import draw_neutral
from people.stills import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from people.body import Body
    from people.render import Renderer
    from people.stills import Still

AZIMUTHS = (90, 75, 60, 45, 30, 15, 0, 105, 120)
HEIGHTS_M = (0.5, 1.0, 1.5)
DISTANCE_M, HEIGHT_M = 2.8, 1.0
OTHER_DISTANCES_M = (1.8, 4.0, 5.5)
SIZE, FIELD_OF_VIEW = (640, 480), 65.0
BENCH_M = 0.5
LOOK_AT_M = (0.0, -0.3, 0.9)
GOOD = {"ankle_dorsiflexion": -25.0, "knee_flexion": 10.0, "pelvic_tilt": 15.0}
POSES = {
    "good": {},
    "lumbar": {"lumbar_flexion": 35.0},
    "cervical": {"cervical_flexion": 35.0},
    "ankle": {"ankle_dorsiflexion": 12.0},
    "kneelocked": {"knee_flexion": -3.0},
    "hip": {"hip_rotation": 25.0, "hip_adduction": 15.0},
}


def sweep_cameras() -> list[CameraPlan]:
    """Return all cameras: azimuths and heights at one distance, then other distances from the side."""
    places = [(float(azimuth), height, DISTANCE_M) for azimuth in AZIMUTHS for height in HEIGHTS_M]
    places += [(90.0, HEIGHT_M, distance) for distance in OTHER_DISTANCES_M]
    return [
        CameraPlan(azimuth, distance, height, FIELD_OF_VIEW, 0.0, SIZE, LOOK_AT_M)
        for azimuth, height, distance in places
    ]


def make_sweep(seed: int, index: int, renderer: Renderer) -> Iterator[Still]:
    """Yield the stills of one person: from every camera the neutral standing and the fixed postures."""
    rng = np.random.default_rng([seed, index])
    actor = Actor(draw_person(rng))
    raised = list(Side)[index % 2]
    neutral = draw_neutral(rng, actor.body, raised)
    series = Series(actor, renderer, seed, index, clean=True)
    shots = [Shot(neutral, Arms.both("hang"), None, [], neutral=True)]
    shots += [_shot(actor.body, neutral, raised, name, actor.person.clearance_m) for name in POSES]
    for number, camera in enumerate(sweep_cameras()):
        # The same room and light for all cameras of one person; they turn with the camera.
        yield from series.take(
            np.random.default_rng([seed, index, 0]), number, round(camera.azimuth), camera, raised, neutral, shots
        )


def _shot(body: Body, neutral: Angles, raised: Side, name: str, clearance_m: float) -> Shot:
    angles = solve_contact(body, on_top(neutral, **(GOOD | POSES[name])), raised, BENCH_M)
    return Shot(angles, Arms.both("hips", clearance_m), raised_foot_place(body, angles, raised), [f"pose_{name}"])
