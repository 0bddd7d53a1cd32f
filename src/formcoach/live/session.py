"""The session thread's work: newest frame, pose, coach, director, and what they want done. Without the thread."""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from formcoach.coach import Coach
from formcoach.coach.session.interruptions import is_camera_lost
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import (
    FREE,
    EventKind,
    Request,
    SessionEvent,
    Stage,
    Surroundings,
    Urgency,
    Utterance,
)
from formcoach.live.files import Outcome
from formcoach.live.moment import LiveMoment
from formcoach.live.people import PersonGuard, whom_to_look_for
from formcoach.live.rates import FrameRate, SlownessWatch
from formcoach.pose.pose import Pose
from formcoach.video.feed import FeedState

if TYPE_CHECKING:
    from formcoach.angles.baseline import Baseline
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction, Guidance, Symptom
    from formcoach.live.engine import PoseEngine
    from formcoach.live.moment import Slot
    from formcoach.live.options import LiveOptions
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.people import PersonChoice
    from formcoach.stretch.phases import Hold
    from formcoach.video import Frame
    from formcoach.video.feed import FeedReport

# The director is asked so often when no picture comes [D].
TICK_S = 0.1
# A picture older than so many inferences is not looked at: what is said of it would be late [D].
OLDEST_INFERENCES = 2.0
# With a model that takes less than half of this, what passes in waking a thread would count as age [D].
YOUNG_ENOUGH_S = 0.02
# So long after people were looked for they are looked for again: it takes a part of the machine [D].
LOOK_AGAIN_S = 4.0
LOOK_AGAIN_BUSY_S = 10.0


class Feed(Protocol):
    """Where the pictures come from."""

    @property
    def report(self) -> FeedReport:
        """How it is doing."""

    def take(self, timeout_s: float) -> Frame | None:
        """Return the newest frame that was not taken before; None when none comes in time."""

    def now(self) -> float:
        """Return the time on the clock of the frames, seconds."""


class Guide(Protocol):
    """The director."""

    @property
    def done(self) -> bool:
        """Whether the session is over."""

    def step(self, step: CoachStep, surroundings: Surroundings, requests: tuple[Request, ...]) -> Direction:
        """Take a frame that was looked at."""

    def tick(self, time_s: float, surroundings: Surroundings, requests: tuple[Request, ...]) -> Direction:
        """Take a moment without a frame."""


class Speaker(Protocol):
    """The voice."""

    @property
    def problem(self) -> str | None:
        """One sentence when there is no sound."""

    def say(self, utterance: Utterance) -> None:
        """Begin to say something; returns at once."""

    def set_tone(self, on: bool) -> None:
        """Let the tone of good form sound or not."""


class Recorder(Protocol):
    """What keeps the session; nothing here waits."""

    @property
    def notice(self) -> str | None:
        """One sentence when something is wrong with it."""

    def begin_segment(self, model: ModelInfo, size: tuple[int, int]) -> None:
        """A coach begins afresh."""

    def add(self, frame: Frame, pose: Pose, guidance: Guidance, step: CoachStep, direction: Direction) -> None:
        """Take a frame that was looked at."""

    def note(self, events: tuple[SessionEvent, ...], symptoms: tuple[Symptom, ...] = ()) -> None:
        """Take what happened without a frame."""


class People(Protocol):
    """Looks for people beside the session."""

    @property
    def problem(self) -> str | None:
        """One sentence when nobody is looked for any more."""

    def look(self) -> None:
        """Look at the next pictures."""

    def show(self, frame: Frame) -> None:
        """Give a picture."""

    def result(self) -> PersonChoice | None:
        """Return what was found since the last call."""


class LiveSession:
    """One session, frame by frame.

    `turn` does what there is to do and returns; one thread calls it until `is_over`. `ask` and `stop` may be called
    from others.

    Parameters
    ----------
    options
        What was asked for.
    feed, engine, director, voice, recording, people
        The parts.
    moments
        Gets the newest moment, to be shown.
    """

    def __init__(
        self,
        options: LiveOptions,
        *,
        feed: Feed,
        engine: PoseEngine,
        director: Guide,
        voice: Speaker,
        recording: Recorder,
        people: People,
        moments: Slot[LiveMoment],
    ) -> None:
        self._options = options
        self._feed = feed
        self._engine = engine
        self._director = director
        self._voice = voice
        self._recording = recording
        self._people = people
        self._moments = moments
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Utterance] = queue.SimpleQueue()
        self._guard = PersonGuard()
        self._rate = FrameRate()
        self._slowness = SlownessWatch()
        self._coach: Coach | None = None
        self._coach_number = 0
        self._size: tuple[int, int] | None = None
        self._guidance: Guidance = FREE
        self._last: LiveMoment | None = None
        self._last_s = float("-inf")
        self._people_seen = 0
        self._people_most = 1
        self._looked_s = float("-inf")
        self._baselines: list[Baseline] = []
        self._holds: list[Hold] = []
        self._stopping = False
        self.frames = 0
        self.is_over = False

    # -- for other threads

    def ask(self, request: Request) -> None:
        """Pass on what the person asks for."""
        self._requests.put(request)

    def stop(self) -> None:
        """End properly, and without waiting for anything to be answered."""
        self._stopping = True

    def break_off(self) -> None:
        """Let nobody hold on in silence, or to the tone of good form, when the session cannot go on."""
        ended = Utterance(Line.ENDED, Urgency.NOW)
        self._voice.set_tone(False)
        self._voice.say(ended)
        self._said.put(ended)

    def said(self) -> list[Utterance]:
        """Return what was begun to be said since the last call, in order."""
        found = []
        while not self._said.empty():
            found.append(self._said.get())
        return found

    @property
    def model_name(self) -> str:
        """The pose model in use."""
        return self._engine.info.name

    # -- for the session thread

    def turn(self) -> None:
        """Look at the newest frame, or tell the director that there is none."""
        if self.is_over:
            return
        frame = None if self._stopping else self._feed.take(TICK_S)
        report = self._feed.report
        if self._stopping or (frame is None and report.state is FeedState.ENDED):
            self._end(report)
        elif frame is not None and self.is_fresh(frame):
            self.look_at(frame, report)
        elif frame is None or self._feed.now() - self._last_s >= TICK_S:
            self._tick(report)
        self.is_over |= self._director.done

    def is_fresh(self, frame: Frame) -> bool:
        """Tell whether a frame is young enough to be looked at, and younger than the last one."""
        age_s = self._feed.now() - frame.time_s
        oldest_s = max(OLDEST_INFERENCES * self._engine.inference_s, YOUNG_ENOUGH_S)
        return frame.time_s > self._last_s and age_s <= oldest_s

    def look_at(self, frame: Frame, report: FeedReport) -> None:
        """Take one frame through model, coach and director."""
        coach = self._coach_for(frame)
        surroundings = self._look_round(frame, report)
        pose = Pose.missing() if surroundings.camera_lost else self._engine.detect(frame)
        if not self._guard.accepts(frame.time_s, pose):
            pose = Pose.missing()
        guidance = self._guidance
        step = coach.step(frame.time_s, pose, guidance)
        direction = self._director.step(step, surroundings, self._take_requests())
        self._recording.add(frame, pose, guidance, step, direction)
        self.frames += 1
        self._rate.note(frame.time_s)
        self._publish(LiveMoment(frame, step, direction, self._notices(report), surroundings.camera_lost))
        if self._slowness.step(frame.time_s, direction.stage, report.fps) and self._engine.smaller is not None:
            self._change_model(direction)

    def outcome(self, skipped_frames: int = 0) -> Outcome:
        """Return what is known at the end."""
        self._close_coach()
        return Outcome(
            baselines=tuple(self._baselines),
            holds=tuple(self._holds),
            people=self._people_most,
            skipped_frames=skipped_frames,
        )

    def _tick(self, report: FeedReport) -> None:
        surroundings = self._surroundings(report)
        direction = self._director.tick(self._feed.now(), surroundings, self._take_requests())
        self._recording.note(direction.events, direction.symptoms)
        before = self._last
        frame, step = (None, None) if before is None else (before.frame, before.step)
        self._publish(LiveMoment(frame, step, direction, self._notices(report), surroundings.camera_lost))

    def _end(self, report: FeedReport) -> None:
        """Let the director close what is open, at once."""
        self.ask(Request.END)
        self._tick(report)
        self.is_over = True

    def _publish(self, moment: LiveMoment) -> None:
        direction = moment.direction
        for utterance in direction.say:
            self._voice.say(utterance)
            self._said.put(utterance)
        self._voice.set_tone(direction.tone)
        self._look_for_people(direction)
        self._guidance = direction.guidance
        self._last = moment
        self._last_s = direction.time_s
        self._moments.put(moment)

    # -- what surrounds the pose

    def _look_round(self, frame: Frame, report: FeedReport) -> Surroundings:
        self._people.show(frame)
        choice = self._people.result()
        if choice is not None:
            self._people_seen = choice.people
            self._looked_s = frame.time_s
            if choice.people:
                self._people_most = max(self._people_most, choice.people)
                before = None if self._last is None or self._last.step is None else self._last.step.pose
                self._engine.follow(choice.region, whom_to_look_for(choice, frame.time_s, before))
                self._guard.reset()
        return self._surroundings(report)

    def _look_for_people(self, direction: Direction) -> None:
        """Look who is there while the person finds their place, when they come back, and while they are not alone."""
        before = None if self._last is None else self._last.direction.stage
        waited_s = direction.time_s - self._looked_s
        came_back = before is Stage.AWAY and direction.stage is not Stage.AWAY
        framing = direction.stage is Stage.FRAMING and waited_s >= LOOK_AGAIN_S
        if came_back or framing or (self._people_seen > 1 and waited_s >= LOOK_AGAIN_BUSY_S):
            self._people.look()

    def _surroundings(self, report: FeedReport) -> Surroundings:
        around = Surroundings(
            camera_lost=report.state is FeedState.LOST,
            picture_fault=report.picture_fault,
            frame_rate_fps=self._rate.fps(),
            camera_fps=report.fps,
            people=self._people_seen,
            coach_number=self._coach_number,
        )
        return replace(around, camera_lost=is_camera_lost(around))

    def _notices(self, report: FeedReport) -> tuple[str, ...]:
        problems = report.problem, self._voice.problem, self._recording.notice, self._people.problem
        return tuple(one for one in problems if one is not None)

    def _take_requests(self) -> tuple[Request, ...]:
        found = []
        while not self._requests.empty():
            found.append(self._requests.get())
        return tuple(found)

    # -- coaches, one after the other

    def _coach_for(self, frame: Frame) -> Coach:
        if self._coach is not None and frame.size == self._size:
            return self._coach
        resized = self._size is not None
        self._size = frame.size
        coach = self._begin_coach(frame.size)
        if resized:
            width, height = frame.size
            self._engine.follow(None)
            self._note(frame.time_s, EventKind.PICTURE_RESIZED, f"{width}x{height}")
        return coach

    def _change_model(self, direction: Direction) -> None:
        """Take the next smaller model; what was measured with the other one is not compared with it."""
        self._engine.step_down()
        if self._size is not None:
            self._begin_coach(self._size)
        self._note(direction.time_s, EventKind.MODEL_CHANGED, self._engine.info.name)

    def _begin_coach(self, size: tuple[int, int]) -> Coach:
        self._close_coach()
        self._coach = Coach(self._options.profile, self._engine.calibration, size, self._options.leg)
        self._coach_number += 1
        self._guard.reset()
        self._recording.begin_segment(self._engine.info, size)
        return self._coach

    def _close_coach(self) -> None:
        if self._coach is not None:
            self._baselines.extend(self._coach.baselines)
            self._holds.extend(self._coach.assessor.holds)
            self._coach = None

    def _note(self, time_s: float, kind: EventKind, detail: str) -> None:
        direction = None if self._last is None else self._last.direction
        leg, number = (None, 0) if direction is None else (direction.leg, direction.set_number)
        self._recording.note((SessionEvent(time_s, kind, leg, number, detail),))
