"""What the stages of a session share: the options, the plan of holds, what was found out so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from formcoach.coach.session.chatter import Chatter
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Request, SessionEvent, Surroundings
from formcoach.stretch.cues import CueChooser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.angles import Readings
    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.types import (
        ChecklistItem,
        EventKind,
        Question,
        Stage,
        Symptom,
        SymptomPlace,
        SymptomTrigger,
    )
    from formcoach.pose.landmarks import Side
    from formcoach.stretch import Profile

# An instruction that is not followed is said again after 7 s (evidence.md §2), and after three times only every 15 s:
# whoever does not follow it by then looks for a bench or a lamp, and needs no hurry [D].
AGAIN_S = 7.0
OFTEN = 3
LATER_AGAIN_S = 15.0
# A key that is held down repeats, and one that was meant for the stage before must not leave out a whole hold [D].
SKIP_AFTER_S = 1.0


class HandMeans(Enum):
    """What a raised hand means in a stage."""

    STOP = auto()
    """Stop, I feel it."""
    SKIP = auto()
    """Leave this out; nothing is stretched yet."""
    NOTHING = auto()
    """It is not looked for, or the stage looks for it itself."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What was asked for.

    Attributes
    ----------
    leg : Side or None
        The leg to be stretched; None both, the nearer one first.
    sets : int
        How many sets, at least 1.
    hold_s : float
        Seconds to be held.
    front_check : bool
        Whether leg and foot are looked at from the front before the first hold of each leg.
    """

    leg: Side | None = None
    sets: int = 2
    hold_s: float = 30.0
    front_check: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """One moment as the stages get it.

    Attributes
    ----------
    time_s : float
        Seconds.
    step : CoachStep or None
        None where there is no new picture.
    surroundings : Surroundings
        What is known beside the pose.
    requests : sequence of Request
        Keys since the last moment.
    """

    time_s: float
    step: CoachStep | None
    surroundings: Surroundings = field(default_factory=Surroundings)
    requests: Sequence[Request] = ()

    @property
    def seen(self) -> bool:
        """Whether somebody is in the picture at this moment."""
        return self.step is not None and bool(self.step.pose.found)

    def asks(self, request: Request) -> bool:
        """Tell whether a key was pressed."""
        return request in self.requests


@dataclass(frozen=True, slots=True, eq=False)
class Felt:
    """A moment somebody is asked about.

    Attributes
    ----------
    time_s : float
        When it was, seconds.
    trigger : SymptomTrigger
        What makes us ask.
    readings : Readings
        All angles then.
    leg, set_number : Side or None, int
        Which hold it was in, or after.
    """

    time_s: float
    trigger: SymptomTrigger
    readings: Readings
    leg: Side | None
    set_number: int


class Course:
    """The memory of a session; stages read and change it.

    Parameters
    ----------
    profile, options
        As the director was given them.
    """

    def __init__(self, profile: Profile, options: SessionOptions) -> None:
        self.profile = profile
        self.options = options
        self.chatter = Chatter()
        self.cues = CueChooser(profile)
        self.leg = options.leg
        self.first_leg = options.leg
        self.set_number = 1
        self.has_baseline: set[Side] = set()
        self.without_baseline: set[Side] = set()
        self.suspected_baseline: set[Side] = set()
        self.front_checked: set[Side] = set()
        # What was said, once, of what no camera judges, or need not be said, for it was seen.
        self.reminded: set[str] = set()
        self.wants_front_check = options.front_check
        self.wants_baseline = False
        self.retake_baseline = False
        self.rests = False
        self.greeted = False
        self.accepted: set[Line] = set()
        self.counted_s = 0.0
        self.total_counted_s = 0.0
        self.holds_done: set[tuple[Side, int]] = set()
        self.slipped = False
        self.last_hold: tuple[Side, int] | None = None
        self._clock_s = 0.0
        self.held: Felt | None = None
        self.felt: Felt | None = None
        self.early_answer: SymptomPlace | None = None
        self.resume_at: Stage | None = None
        self.elsewhere = 0
        self.ease_next = False
        self.asked = 0
        self.end_reason = ""
        self.events: list[SessionEvent] = []
        self.symptoms: list[Symptom] = []

    def note(self, time_s: float, kind: EventKind, detail: str = "") -> None:
        """Record that something happened."""
        self.events.append(SessionEvent(time_s, kind, self.leg, self.set_number, detail))

    def follow_clock(self, counted_s: float) -> None:
        """Add what the coach's clock has counted since the last frame; it starts at 0 with each of its holds.

        A pause or a slow camera ends the coach's hold and another one begins after it: together they make this hold.
        """
        gained_s = counted_s - self._clock_s if counted_s >= self._clock_s else counted_s
        self.counted_s += gained_s
        self.total_counted_s += gained_s
        self._clock_s = counted_s

    def forget_baselines(self) -> None:
        """Begin anew with what was measured of either leg: another coach does not know it."""
        for legs in (self.has_baseline, self.without_baseline, self.suspected_baseline, self.front_checked):
            legs.clear()

    def note_hold(self) -> None:
        """Count this hold as done if some of it was, once, however often it was interrupted and gone on with."""
        if self.leg is not None and self.counted_s > 0.0:
            self.last_hold = self.leg, self.set_number
            self.holds_done.add(self.last_hold)

    def feel(self, time_s: float, trigger: SymptomTrigger, readings: Readings, *, between_holds: bool = False) -> Felt:
        """Return a moment to be asked about: of the hold that goes on or comes next, or else of the one before.

        Parameters
        ----------
        time_s, trigger, readings
            As `Felt` has them.
        between_holds
            Whether nothing of the coming hold has begun yet, so that what is felt was left by the one before.
        """
        leg, set_number = self.leg, self.set_number
        if between_holds and self.counted_s == 0.0 and self.last_hold is not None:
            leg, set_number = self.last_hold
        # Those of the leg that comes next would be shown as of the one that hurts.
        return Felt(time_s, trigger, readings if leg is self.leg else readings.without_legs(), leg, set_number)

    def next_hold(self) -> bool:
        """Go on to the next hold of the plan; False when there is none."""
        self.note_hold()
        self.counted_s = 0.0
        self.slipped = False
        self.cues.reset()
        if self.leg is None or self.first_leg is None:
            return True
        last_of_set = self.options.leg is not None or self.leg is not self.first_leg
        if last_of_set and self.set_number >= self.options.sets:
            return False
        if last_of_set:
            self.set_number += 1
        if self.options.leg is None:
            self.leg = self.leg.other
        return True


class Part:
    """One stage of a session while it lasts.

    A stage is made anew each time the session comes to it; `step` returns the stage that follows, or None to stay.
    """

    stage: Stage
    hold_allowed = False
    """Whether a hold may go on in it."""
    hand_means = HandMeans.STOP
    """What a hand that is raised for a second means in it."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.begun_s = 0.0
        self.caption = ""
        self.tone = False
        self.checklist: tuple[ChecklistItem, ...] = ()
        self.countdown: int | None = None
        self.question: Question | None = None
        self._instruction: Line | str | None = None
        self._instructed_s: list[float] = []

    def begin(self, now: Now) -> None:
        """Start at this moment."""
        self.begun_s = now.time_s

    def step(self, now: Now) -> Stage | None:
        """Take a moment and return the stage that follows, or None."""
        raise NotImplementedError

    def instruct(self, now: Now, text: Line | str, *, caption: str | None = None) -> None:
        """Show an instruction, say it, and say it again while it holds."""
        self.caption = str(text) if caption is None else caption
        if text != self._instruction:
            self._instruction, self._instructed_s = text, []
        again_s = AGAIN_S if len(self._instructed_s) < OFTEN else LATER_AGAIN_S
        due = not self._instructed_s or now.time_s - self._instructed_s[-1] >= again_s
        if due and self.course.chatter.say(now.time_s, str(text), of_stage=True):
            self._instructed_s.append(now.time_s)

    def is_left_out(self, now: Now) -> bool:
        """Tell whether the person asks to leave out what is asked of them, and say that it was heard."""
        left_out = now.asks(Request.SKIP) and self.lasted_s(now) >= SKIP_AFTER_S
        if left_out:
            self.course.chatter.forget()
            self.course.chatter.say(now.time_s, Line.SKIPPED)
        return left_out

    def lasted_s(self, now: Now) -> float:
        """Return how long the stage has lasted, seconds."""
        return now.time_s - self.begun_s


class Lasting:
    """How long something has been so without interruption."""

    def __init__(self) -> None:
        self._since: float | None = None

    def step(self, time_s: float, holds: bool) -> float:
        """Take a moment and return for how many seconds it has held; -1 while it does not."""
        if not holds:
            self._since = None
            return -1.0
        if self._since is None:
            self._since = time_s
        return time_s - self._since


class LastingValue:
    """How long a value has been the same."""

    def __init__(self) -> None:
        self._value: object = None
        self._since = float("nan")

    def step(self, time_s: float, value: object) -> float:
        """Take a moment and return for how many seconds the value has been what it is."""
        if value != self._value or self._since != self._since:
            self._value, self._since = value, time_s
        return time_s - self._since
