"""A person of sticks who does what a session's director says, and the whole play in simulated time."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from builders import FRAME_SIZE, STANDING, STRETCHING, Figure, make_pose, make_readings
from formcoach.angles.baseline import Baseline
from formcoach.angles.calibration import load_calibration
from formcoach.angles.features import compute_features
from formcoach.angles.tracking import LegState
from formcoach.angles.view import classify_view
from formcoach.coach import Coach, CoachStep
from formcoach.coach.session.course import SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import FREE, Direction, EventKind, Request, Stage, Surroundings
from formcoach.pose.landmarks import ELBOW, SHOULDER, WRIST, Side
from formcoach.pose.pose import Pose
from formcoach.stretch import Assessor, Observation, load_profile

if TYPE_CHECKING:
    from formcoach.angles import Readings

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
FPS = 8.0
GLIDE_S = 0.8
# To hear a choice and have a hand above the head.
REACTION_S = 1.0
GOOD_STRETCH = replace(STRETCHING, lean=20.0)


def with_hand_up(pose: Pose, side: Side, height: float = 0.55) -> Pose:
    """Return the pose with one arm straight up: elbow and wrist over the shoulder, in trunk lengths."""
    points = pose.points.copy()
    trunk = np.linalg.norm(points[11] - points[23])
    shoulder = points[SHOULDER[side.row]]
    points[ELBOW[side.row]] = shoulder - np.array([0.0, 0.5 * trunk])
    points[WRIST[side.row]] = shoulder - np.array([0.0, (0.5 + height) * trunk])
    return replace(pose, points=points)


_WAITS_FOR = {Stage.TURN_ROUND: Line.TURN_ROUND, Stage.RAISE_LEG: Line.RAISE_LEG}


@dataclass
class Person:
    """Somebody who follows: what they do in each stage can be replaced.

    `figures` maps a stage to the figure taken in it; `hand_at` names the choice at which a hand goes up.
    """

    near: Side = Side.LEFT
    stretch: Figure = GOOD_STRETCH
    turns_to_front: bool = True
    hand_at: int | None = None
    absent: bool = False
    hand: Side | None = None
    figure: Figure = field(default_factory=lambda: STANDING)
    _target: Figure = field(default_factory=lambda: STANDING)
    _from: Figure = field(default_factory=lambda: STANDING)
    _moved_s: float = 0.0
    _stage: Stage | None = None
    _heard: bool = True
    _heard_s: float = 0.0

    def pose(self, time_s: float, direction: Direction | None) -> Pose:
        target = self.wanted(direction)
        if target != self._target:
            self._from, self._target, self._moved_s = self.figure, target, time_s
        share = min((time_s - self._moved_s) / GLIDE_S, 1.0)
        self.figure = between(self._from, self._target, share)
        if self.absent:
            return Pose.missing()
        pose = make_pose(self.figure)
        hand = self.hand or (Side.RIGHT if self._answers(time_s, direction) else None)
        return pose if hand is None else with_hand_up(pose, hand)

    def _answers(self, time_s: float, direction: Direction | None) -> bool:
        question = None if direction is None else direction.question
        if question is None or self.hand_at is None or question.current != self.hand_at:
            self._heard_s = time_s
        return time_s - self._heard_s >= REACTION_S

    def wanted(self, direction: Direction | None) -> Figure:
        azimuth = 90.0 if self.near is Side.LEFT else -90.0
        standing = replace(STANDING, raised=self.near, azimuth=azimuth)
        if direction is None:
            return standing
        if direction.leg is not None:
            self.near = direction.leg
            azimuth = 90.0 if self.near is Side.LEFT else -90.0
            standing = replace(STANDING, raised=self.near, azimuth=azimuth)
        stretching = replace(self.stretch, raised=self.near, azimuth=azimuth)
        if not self._has_heard(direction):
            return self._target
        if direction.stage is Stage.FRONT_CHECK and self.turns_to_front:
            return self._in_front(direction.caption, standing, stretching)
        if direction.stage in (Stage.RAISE_LEG, Stage.CHECKLIST, Stage.COUNTDOWN, Stage.HOLD):
            return standing if direction.caption.startswith("Rest") else stretching
        if direction.stage in (Stage.PAUSED, Stage.AWAY):
            return self._target
        return standing

    def _has_heard(self, direction: Direction) -> bool:
        """Tell whether what is to be done was said: people turn and raise a leg when they are asked to."""
        line = _WAITS_FOR.get(direction.stage)
        if direction.stage is not self._stage:
            self._stage, self._heard = direction.stage, line is None
        self._heard |= any(one.text == line for one in direction.say)
        return self._heard

    def _in_front(self, caption: str, standing: Figure, stretching: Figure) -> Figure:
        if caption in ("Raise your leg towards me", "Keep it there"):
            return replace(stretching, azimuth=0.0, lean=0.0)
        return standing if caption == "Leg down, side-on again" else replace(standing, azimuth=0.0)


def between(first: Figure, second: Figure, share: float) -> Figure:
    """Return the figure on its way from one to the other; turns go by the front."""
    if share >= 1.0:
        return second
    mixed = {
        one.name: (1 - share) * getattr(first, one.name) + share * getattr(second, one.name)
        for one in fields(Figure)
        if isinstance(getattr(first, one.name), float)
    }
    return replace(second, **mixed)


class Play:
    """A session in simulated time: the person, the coach and the director."""

    def __init__(self, person: Person | None = None, *, profile=PROFILE, fps: float = FPS, **options: object) -> None:
        self.person = person or Person()
        self.options = SessionOptions(**{"sets": 1, "hold_s": 12.0, "front_check": False, **options})
        hold = replace(profile.hold, target_s=replace(profile.hold.target_s, value=self.options.hold_s))
        self.profile = replace(profile, hold=hold)
        self.coach = Coach(self.profile, CALIBRATION, FRAME_SIZE)
        self.director = Director(self.profile, self.options)
        self.fps = fps
        self.time_s = 0.0
        self.surroundings = Surroundings(frame_rate_fps=fps, people=1)
        self.directions: list[Direction] = []
        self.steps = []
        self.pending: list[Request] = []

    @property
    def last(self) -> Direction | None:
        return self.directions[-1] if self.directions else None

    def press(self, *requests: Request) -> None:
        self.pending += requests

    def renew_coach(self) -> None:
        """Let another coach look from now on, as after a change of model or of the picture's size."""
        self.coach = Coach(self.profile, CALIBRATION, FRAME_SIZE)
        self.surroundings = replace(self.surroundings, coach_number=self.surroundings.coach_number + 1)

    def frame(self) -> Direction:
        pose = self.person.pose(self.time_s, self.last)
        guidance = FREE if self.last is None else self.last.guidance
        step = self.coach.step(self.time_s, pose, guidance)
        self.steps.append(step)
        return self._note(self.director.step(step, self.surroundings, self._requests()))

    def tick(self) -> Direction:
        return self._note(self.director.tick(self.time_s, self.surroundings, self._requests()))

    def _requests(self) -> tuple[Request, ...]:
        requests, self.pending = tuple(self.pending), []
        return requests

    def _note(self, direction: Direction) -> Direction:
        self.directions.append(direction)
        self.time_s += 1.0 / self.fps
        return direction

    def run(self, seconds: float) -> Play:
        for _ in range(round(seconds * self.fps)):
            self.frame()
        return self

    def until(self, stage: Stage, limit_s: float = 120.0) -> Play:
        """Go on until the stage begins; fails when it does not."""
        end_s = self.time_s + limit_s
        while self.time_s < end_s:
            if self.frame().stage is stage:
                return self
        raise AssertionError(f"{stage} did not come within {limit_s} s: {self.stages}, said {self.said[-10:]}")

    def to_the_end(self, limit_s: float = 900.0) -> Play:
        end_s = self.time_s + limit_s
        while not self.director.done:
            assert self.time_s < end_s, f"no end: {self.stages[-8:]}, said {self.said[-10:]}"
            self.frame()
        return self

    @property
    def stages(self) -> list[Stage]:
        found = [one.stage for one in self.directions]
        return [one for index, one in enumerate(found) if index == 0 or one is not found[index - 1]]

    @property
    def said(self) -> list[str]:
        return [utterance.text for one in self.directions for utterance in one.say]

    @property
    def said_at(self) -> list[tuple[float, str]]:
        return [(round(one.time_s, 2), utterance.text) for one in self.directions for utterance in one.say]

    @property
    def events(self):
        return [event for one in self.directions for event in one.events]

    @property
    def symptoms(self):
        return [symptom for one in self.directions for symptom in one.symptoms]

    def saying_since(self, time_s: float) -> list[str]:
        return [utterance.text for one in self.directions if one.time_s >= time_s for utterance in one.say]


class HandMade:
    """Makes steps of the coach by hand: what is seen is said, not computed; hold and flags are the real ones."""

    def __init__(self, profile=PROFILE, fps: float = FPS) -> None:
        self.profile, self.fps, self.time_s = profile, fps, 0.0
        self._assessor = Assessor(profile)
        self.guidance = FREE
        self.baseline_s: float | None = None

    def step(
        self,
        *,
        seen: bool = True,
        leg: Side | None = None,
        raised: bool = False,
        azimuth: float = 80.0,
        readings: Readings | None = None,
        baseline: bool = True,
        taking: bool = False,
        hand: Side | None = None,
        pose: Pose | None = None,
    ) -> CoachStep:
        pose = _STANDING_POSE if pose is None else pose
        pose = pose if hand is None else with_hand_up(pose, hand)
        pose = pose if seen else Pose.missing()
        readings = make_readings() if readings is None else readings
        if self.guidance.retake_baseline or self.baseline_s is None:
            self.baseline_s = self.time_s
        old = baseline and self.time_s - self.baseline_s >= 1.2
        observation = Observation(
            time_s=self.time_s,
            person_seen=seen,
            upright=not raised,
            taking_baseline=taking,
            leg=leg,
            leg_raised=raised,
            readings=readings,
            hold_allowed=self.guidance.hold_allowed,
        )
        step = CoachStep(
            time_s=self.time_s,
            pose=pose,
            leg=LegState(leg, raised, higher=None),
            view=classify_view(azimuth),
            azimuth_deg=azimuth,
            facing=-1.0,
            baseline=Baseline(_STANDING_FEATURES, self.baseline_s, self.time_s, 12, azimuth) if old else None,
            taking_baseline=taking,
            upright=not raised,
            readings=readings,
            assessment=self._assessor.step(observation),
            frame_size=FRAME_SIZE,
        )
        self.time_s += 1.0 / self.fps
        return step


_STANDING_POSE = make_pose(STANDING)
_STANDING_FEATURES = compute_features(_STANDING_POSE)


def holds(play: Play) -> list[tuple[Side | None, int]]:
    """Return leg and set of each hold that came up for its question."""
    return [(one.leg, one.set_number) for one in play.events if one.detail == Stage.QUESTION]


def ended(play: Play) -> list[str]:
    return [event.detail for event in play.events if event.kind is EventKind.ENDED]


@cache
def _begun(stage: Stage, hold_s: float) -> Play:
    return Play(hold_s=hold_s).until(stage)


def begun(stage: Stage, hold_s: float = 12.0) -> Play:
    """Return a play at the first moment of a stage; each caller gets one of their own."""
    return deepcopy(_begun(stage, hold_s))


def holding(hold_s: float = 15.0) -> Play:
    return begun(Stage.HOLD, hold_s)
