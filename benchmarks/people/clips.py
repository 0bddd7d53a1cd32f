"""Clips of one person each: stand, leg on the bench, good or bad form, leg down."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from people.appearance import draw_person
from people.arms import Arms
from people.bystander import Bystander
from people.camera import CameraPlan, frame_person
from people.photography import draw_photography, photograph
from people.posing import all_angles
from people.room import draw_bench, draw_light, draw_room
from people.scene import PASSES, Actor, Stage
from people.standing import draw_neutral
from people.timeline import Timeline, draw_keyframes
from people.write import ClipWriter, plain, write_clip_truth, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from people.angles import Side
    from people.mesh import Mesh
    from people.photography import Photography
    from people.posing import Pose
    from people.render import Renderer
    from people.scene import Truth

VIEWS = {"side": 90.0, "oblique": 50.0, "front": 0.0}
AZIMUTH_SPREAD = 14.0
BYSTANDER_SHARE = 0.1
# A vertex that moves less than this during the exposure is as good as still, pixels.
SHARP_PX = 0.7
# The camera is set up for every so manieth of a second of the clip.
FRAMING_S = 0.5


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What one clip shows.

    Attributes
    ----------
    fault : str
        See ``people.timeline.draw_keyframes``.
    view : str
        See ``VIEWS``.
    raised : Side
    size : tuple of int
        Width and height in pixels.
    frames_per_second : int
    plain : bool
        No low light and nobody else: for tests that need the pose to be found.
    """

    fault: str
    view: str
    raised: Side
    size: tuple[int, int] = (640, 480)
    frames_per_second: int = 15
    plain: bool = False


def make_clip(plan: ClipPlan, person_name: str, seed: int, index: int, folder: Path, renderer: Renderer) -> str:
    """Write video, table and scene of one clip, the scene last; return its name."""
    rng = np.random.default_rng([seed, index])
    actor = Actor(draw_person(rng))
    neutral = draw_neutral(rng, actor.body, plan.raised)
    keyframes, tags = draw_keyframes(rng, neutral, plan.fault, actor.person.clearance_m)
    sway_deg = float(rng.uniform(0.4, 1.1))
    timeline = Timeline(actor.body, plan.raised, keyframes, sway_deg, int(rng.integers(1 << 30)))
    camera = _draw_camera(rng, plan, actor, timeline)
    room = draw_room(rng)
    bench = draw_bench(rng, -plan.raised.sign, front=plan.view == "front")
    light = draw_light(rng, plan.raised.sign * camera.azimuth)
    how = draw_photography(rng, sharp=True)
    exposure_s = float(rng.uniform(0.004, 0.035))
    crf = int(rng.integers(18, 29))
    accompanied = rng.random() < BYSTANDER_SHARE and not plan.plain
    if plan.plain:
        how = replace(how, gain=1.0, read_noise=0.006, shot_noise=0.006, chroma_noise=0.0, low_light=False)
    stage = Stage(actor, renderer, plan.raised, camera, room, bench, light)
    others = Bystander(rng).meshes(rng, stage.camera.world_azimuth, room.depth) if accompanied else []
    shooting = Shooting(stage, timeline, how, exposure_s, others, rng)
    name = f"{person_name}_{plan.fault.replace('+', '-')}_{plan.view}_{plan.raised}"
    folder.mkdir(parents=True, exist_ok=True)
    count = round(timeline.duration_s * plan.frames_per_second) + 1
    times_s = [frame / plan.frames_per_second for frame in range(count)]
    with ClipWriter(folder / f"{name}.mp4", plan.size, plan.frames_per_second, crf) as writer:
        truths = [shooting.frame(time_s, writer) for time_s in times_s]
    write_clip_truth(folder / f"{name}.csv", stage.camera, times_s, truths)
    resting = all_angles(actor.pose(neutral, plan.raised, Arms.both("hang")))
    tags = [*actor.person.tags, *tags, *how.tags, *["second_person"] * accompanied]
    scene = _describe(plan, name, person_name, timeline, resting, tags)
    scene |= {"body": plain(actor.person.shape), "look": plain(actor.person.look), "camera": _camera_row(camera)}
    scene |= {"room": plain(room), "photography": plain(how), "exposure_s": exposure_s, "sway": sway_deg}
    write_json(folder / f"{name}.scene.json", scene, indent=1)
    return name


class Shooting:
    """Takes a clip frame by frame."""

    def __init__(
        self,
        stage: Stage,
        timeline: Timeline,
        how: Photography,
        exposure_s: float,
        others: list[Mesh],
        rng: np.random.Generator,
    ) -> None:
        self._stage, self._timeline, self._how = stage, timeline, how
        self._exposure_s, self._others, self._rng = exposure_s, others, rng

    def frame(self, time_s: float, writer: ClipWriter) -> Truth:
        """Write the frame whose exposure has its middle at a time, and return the truth at the middle."""
        truth_pose = self._pose(time_s)
        picture = self._stage.picture(self._exposed(time_s, truth_pose), self._timeline.contact, self._others)
        writer.write(photograph(picture, self._how, self._rng))
        return self._stage.truth(truth_pose)

    def _exposed(self, time_s: float, middle: Pose) -> list[Pose]:
        """Return the poses of the exposure, or just its middle when nothing moves."""
        half = self._exposure_s / 2.0
        ends = [self._pose(time_s - half), self._pose(time_s + half)]
        first, last = (self._stage.camera.project(pose.skin(every=50)) for pose in ends)
        if np.linalg.norm(last - first, axis=1).max() < SHARP_PX:
            return [middle]
        inner = np.linspace(time_s - half, time_s + half, PASSES)[1:-1]
        return [ends[0], *(self._pose(float(moment)) for moment in inner), ends[1]]

    def _pose(self, time_s: float) -> Pose:
        angles, arms = self._timeline.at(time_s)
        return self._stage.actor.pose(angles, self._stage.raised, arms)


def _draw_camera(rng: np.random.Generator, plan: ClipPlan, actor: Actor, timeline: Timeline) -> CameraPlan:
    camera = CameraPlan(
        azimuth=VIEWS[plan.view] + float(rng.uniform(-AZIMUTH_SPREAD, AZIMUTH_SPREAD)),
        distance=float(rng.uniform(2.2, 3.4)),
        height=float(rng.uniform(0.5, 1.6)),
        field_of_view=float(rng.uniform(52.0, 74.0)),
        roll=float(np.clip(rng.normal(0.0, 2.0), -5.0, 5.0)),
        size=plan.size,
    )
    moments = np.arange(0.0, timeline.duration_s, FRAMING_S)
    postures = [timeline.at(float(moment)) for moment in moments]
    outlines = [actor.outline(angles, plan.raised, arms) for angles, arms in postures]
    aside = tuple(float(value) for value in rng.uniform(-0.6, 0.6, 2))
    return frame_person(camera, plan.raised, np.vstack(outlines), aside)


def _describe(
    plan: ClipPlan,
    name: str,
    person_name: str,
    timeline: Timeline,
    neutral_angles: dict[str, float],
    tags: list[str],
) -> dict[str, Any]:
    return {
        "name": name,
        "fault": plan.fault,
        "person": person_name,
        "view": plan.view,
        "elevated": str(plan.raised),
        "fps": plan.frames_per_second,
        "size": list(plan.size),
        "tags": tags,
        "neutral_angles": neutral_angles,
        "bench_top": [round(float(value), 4) for value in timeline.contact],
        "keyframes": [
            {
                "t": keyframe.time_s,
                "angles": asdict(keyframe.angles),
                "arms": keyframe.arms.label,
                "contact": keyframe.contact,
            }
            for keyframe in timeline.keyframes
        ],
    }


def _camera_row(camera: CameraPlan) -> dict[str, Any]:
    return {
        "azimuth": camera.azimuth,
        "distance": camera.distance,
        "height": camera.height,
        "field_of_view": camera.field_of_view,
        "roll": camera.roll,
        "size": list(camera.size),
        "look_at": list(camera.look_at),
    }
