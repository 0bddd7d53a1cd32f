"""Stand-ins for the parts of a live session, on a clock that is moved by hand: nothing waits."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from builders import STANDING, make_pose
from formcoach.coach.session.types import Direction, EventKind, Request, SessionEvent, Stage
from formcoach.live.engine import PoseEngine
from formcoach.live.moment import Slot
from formcoach.live.options import LiveOptions
from formcoach.live.session import LiveSession
from formcoach.pose.model import ModelInfo
from formcoach.stretch import load_profile
from formcoach.video import Frame
from formcoach.video.feed import FeedReport, FeedState

RUNNING = FeedReport(FeedState.RUNNING, None, 30.0, 1, 0, 0, None)
LOST = replace(RUNNING, state=FeedState.LOST, problem="The camera gives no pictures: plug it in again.")
ENDED = replace(RUNNING, state=FeedState.ENDED)


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def make_frame(index: int, time_s: float, size: tuple[int, int] = (640, 480)) -> Frame:
    return Frame(index, time_s, np.full((size[1], size[0], 3), index % 256, np.uint8))


class FakeFeed:
    """Has what is put into it; a wait that ends with nothing takes its time on the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.newest: Frame | None = None
        self.report = RUNNING

    def arrive(self, frame: Frame) -> None:
        self.newest = frame

    def take(self, timeout_s):
        frame, self.newest = self.newest, None
        if frame is None:
            self.clock.now_s += timeout_s
        return frame

    def now(self):
        return self.clock.now_s


class FakeModel:
    """Finds the same pose in every picture and takes so long for it."""

    def __init__(self, name: str, clock: Clock, takes_s: float = 0.05, pose=None) -> None:
        self.info = ModelInfo(name, name, f"{name}.task", "0" * 64, known=True, library="none 1.0")
        self.clock, self.takes_s = clock, takes_s
        self.pose = make_pose(STANDING) if pose is None else pose
        self.seen: list[float] = []
        self.regions: list[object] = []
        self.sightings: list[object] = []
        self.forgotten = 0
        self.closed = False

    def detect(self, frame):
        assert not self.closed
        self.seen.append(frame.time_s)
        self.clock.now_s += self.takes_s
        return self.pose

    def follow(self, region, sighting=None):
        self.regions.append(region)
        self.sightings.append(sighting)

    def forget(self):
        self.forgotten += 1

    def close(self):
        self.closed = True


class FakeDirector:
    """Says what the script says; remembers what it was told."""

    def __init__(self) -> None:
        self.stage = Stage.FRAMING
        self.say: tuple = ()
        self.done = False
        self.heard: list[tuple[str, float, object, tuple[Request, ...]]] = []
        self.steps: list[object] = []

    def step(self, step, surroundings, requests):
        self.steps.append(step)
        return self._direct("step", step.time_s, surroundings, requests)

    def tick(self, time_s, surroundings, requests):
        return self._direct("tick", time_s, surroundings, requests)

    def _direct(self, kind, time_s, surroundings, requests):
        self.heard.append((kind, time_s, surroundings, requests))
        self.done |= Request.END in requests
        events = (SessionEvent(time_s, EventKind.ENDED, None, 1),) if Request.END in requests else ()
        return Direction(time_s, self.stage, None, 1, 2, "caption", say=self.say, events=events)


@dataclass
class FakeVoice:
    problem: str | None = None
    muted: bool = False
    spoken: list[str] = field(default_factory=list)
    tone: bool = False

    def say(self, utterance):
        self.spoken.append(utterance.text)

    def set_tone(self, on):
        self.tone = on


@dataclass
class FakeRecording:
    notice: str | None = None
    segments: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    events: list = field(default_factory=list)

    def begin_segment(self, model, size):
        self.segments.append((model.name, size))

    def add(self, frame, pose, guidance, step, direction):  # noqa: ARG002
        self.rows.append((frame.time_s, bool(pose.found), guidance))
        self.events.extend(direction.events)

    def note(self, events, symptoms=()):  # noqa: ARG002
        self.events.extend(events)


class FakePeople:
    def __init__(self) -> None:
        self.looks = 0
        self.problem: str | None = None
        self.found: deque = deque()

    def look(self):
        self.looks += 1

    def show(self, frame):
        pass

    def result(self):
        return self.found.popleft() if self.found else None


class Stand:
    """A session with all its parts."""

    def __init__(self, tmp_path, *, smaller=(), takes_s=0.05, **options) -> None:
        self.clock = Clock()
        self.feed = FakeFeed(self.clock)
        self.model = FakeModel("heavy", self.clock, takes_s)
        self.opened: list[FakeModel] = []
        self.engine = PoseEngine(self.model, self._open, smaller, clock=self.clock)
        self.director, self.voice, self.recording = FakeDirector(), FakeVoice(), FakeRecording()
        self.people = FakePeople()
        self.moments: Slot = Slot()
        self.session = LiveSession(
            LiveOptions("0", load_profile(), tmp_path, **options),
            feed=self.feed,
            engine=self.engine,
            director=self.director,
            voice=self.voice,
            recording=self.recording,
            people=self.people,
            moments=self.moments,
        )
        self._index = 0

    def _open(self, name):
        self.opened.append(FakeModel(name, self.clock))
        return self.opened[-1]

    def frame(self, *, age_s: float = 0.0, size=(640, 480), wait_s: float = 1 / 30) -> None:
        """Let time pass, let a frame arrive and let the session have its turn."""
        self.clock.now_s += wait_s
        self.feed.arrive(make_frame(self._index, self.clock.now_s - age_s, size))
        self._index += 1
        self.session.turn()

    def events(self, kind):
        return [one for one in self.recording.events if one.kind is kind]
