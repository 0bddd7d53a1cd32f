"""What goes into the director of a session and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcoach.angles import Readings
    from formcoach.pose.landmarks import Side
    from formcoach.stretch import Severity
    from formcoach.video.health import PictureFault


class Stage(StrEnum):
    """Where in the session it is; the value is the word in records."""

    FRAMING = "framing"
    BASELINE = "baseline"
    FRONT_CHECK = "front_check"
    RAISE_LEG = "raise_leg"
    CHECKLIST = "checklist"
    COUNTDOWN = "countdown"
    HOLD = "hold"
    COME_UP = "come_up"
    QUESTION = "question"
    TURN_ROUND = "turn_round"
    AWAY = "away"
    PAUSED = "paused"
    DONE = "done"


LEG_STAGES = (Stage.RAISE_LEG, Stage.CHECKLIST, Stage.COUNTDOWN, Stage.HOLD)
"""In these the leg is to go up, or is up."""


class Request(StrEnum):
    """What the person asks for by a key; everything goes without one too."""

    PAUSE = "pause"
    BASELINE = "baseline"
    FELT_IT = "felt_it"
    SKIP = "skip"
    END = "end"
    CHOICE_1 = "choice_1"
    CHOICE_2 = "choice_2"
    CHOICE_3 = "choice_3"
    CHOICE_4 = "choice_4"
    CHOICE_5 = "choice_5"
    CHOICE_6 = "choice_6"


class SymptomPlace(StrEnum):
    """Where it was felt, in the order in which the choices are read aloud; the value is the word in records."""

    BACK_OF_THIGH = "back_of_thigh"
    BEHIND_KNEE = "behind_knee"
    CALF_OR_FOOT = "calf_or_foot"
    LOWER_BACK = "lower_back"
    NUMB_OR_TINGLING = "numb_or_tingling"
    NOWHERE = "nowhere"


class SymptomTrigger(StrEnum):
    """What made the program ask, or that nothing did."""

    AFTER_HOLD = "after_hold"
    FELT_IT = "felt_it"
    ADDED_LATER = "added_later"
    """It was written down when the session was looked back on."""


class EventKind(StrEnum):
    """What happened in a session, beside flags and symptoms."""

    STAGE = "stage"
    BASELINE_RETAKEN = "baseline_retaken"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"
    MODEL_CHANGED = "model_changed"
    PICTURE_RESIZED = "picture_resized"
    SNAPSHOT = "snapshot"
    FRONT_CHECK = "front_check"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that happened.

    Attributes
    ----------
    time_s : float
        Seconds since the session began.
    kind : EventKind
        What.
    leg : Side or None
        Of which leg.
    set_number : int
        In which set, from 1.
    detail : str
        The stage that begins, the file of a snapshot, and so on.
    """

    time_s: float
    kind: EventKind
    leg: Side | None
    set_number: int
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Symptom:
    """What somebody said they felt.

    Attributes
    ----------
    time_s : float
        The moment that they spoke of: when "I feel it" was said, or the end of the hold. Seconds.
    leg, set_number : Side or None, int
        During which hold.
    place : SymptomPlace or None
        Where; None when nobody answered.
    trigger : SymptomTrigger
        What made the program ask.
    readings : Readings
        All angles at that moment, of a single frame.
    """

    time_s: float
    leg: Side | None
    set_number: int
    place: SymptomPlace | None
    trigger: SymptomTrigger
    readings: Readings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the director hears of the world outside the pose.

    Attributes
    ----------
    camera_lost : bool
        No pictures come, or none that can be used (frozen, black).
    picture_fault : PictureFault or None
        What is wrong with the pictures.
    frame_rate_fps : float
        Processed frames a second over the last seconds; NaN unknown.
    camera_fps : float
        Pictures a second that the camera gives; NaN unknown.
    people : int
        How many people stay in the picture; 0 where nobody has looked.
    coach_number : int
        Which coach looks, from 1; 0 none yet. Another number with another pose model or size of the picture, and then
        nothing that was measured before can be compared.
    """

    camera_lost: bool = False
    picture_fault: PictureFault | None = None
    frame_rate_fps: float = float("nan")
    camera_fps: float = float("nan")
    people: int = 0
    coach_number: int = 0


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the director wants of the coach's next step; kept with the poses, so that a session can be computed again.

    Attributes
    ----------
    hold_allowed : bool
        Whether a raised leg may begin or go on with a hold.
    leg : Side or None
        The leg that alone is considered; None considers both.
    retake_baseline : bool
        Forget the baseline for how the person stands now.
    """

    hold_allowed: bool = True
    leg: Side | None = None
    retake_baseline: bool = False


FREE = Guidance()
"""Recordings: whoever raises a leg holds it."""


class Urgency(StrEnum):
    """What happens when something else is being said."""

    NOW = "now"
    """It is interrupted: stop, ease off, the camera is gone."""
    IN_TURN = "in_turn"
    """It waits."""
    IF_QUIET = "if_quiet"
    """It is left out."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing to be said.

    Attributes
    ----------
    text : str
        Plain and short. It is shown as a caption too.
    urgency : Urgency
        What happens when something else is being said.
    """

    text: str
    urgency: Urgency = Urgency.IN_TURN


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One step of the exercise before the hold.

    Attributes
    ----------
    label : str
        Such as "Toes pointed".
    severity : Severity
        ``GOOD`` done, ``NOT_CHECKED`` cannot be seen, otherwise what is still to be changed.
    current : bool
        Whether this is the one being spoken of.
    """

    label: str
    severity: Severity
    current: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose choices are read aloud; a raised hand takes the one that was just read.

    Attributes
    ----------
    text : str
        The question.
    choices : tuple of str
        In the order of reading; keys 1, 2, … take one.
    current : int or None
        Index of the choice that a raised hand takes now; None while the question itself is read.
    """

    text: str
    choices: tuple[str, ...]
    current: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """What the session wants at one moment.

    Attributes
    ----------
    time_s : float
        Seconds.
    stage : Stage
        Where it is.
    leg : Side or None
        The leg to be stretched now; None before it is known.
    set_number, sets : int
        Of how many.
    caption : str
        What the person is to do now; it stays as long as that holds.
    say : tuple of Utterance
        What begins to be said at this moment, in order; mostly empty.
    tone : bool
        Whether the quiet tone of good form sounds.
    sees_person : bool
        Whether the sign "I see you" is on.
    checklist : tuple of ChecklistItem
        While it is gone through.
    countdown : int or None
        3, 2, 1.
    question : Question or None
        While it is asked.
    guidance : Guidance
        For the coach's next step.
    events, symptoms : tuples
        What happened at this moment, to be recorded.
    counted_s, target_s : float
        Seconds of this hold that were counted so far, of how many. A pause ends the coach's hold and another one goes
        on after it; here they are one.
    """

    time_s: float
    stage: Stage
    leg: Side | None
    set_number: int
    sets: int
    caption: str
    say: tuple[Utterance, ...] = ()
    tone: bool = False
    sees_person: bool = False
    checklist: tuple[ChecklistItem, ...] = ()
    countdown: int | None = None
    question: Question | None = None
    guidance: Guidance = FREE
    events: tuple[SessionEvent, ...] = ()
    symptoms: tuple[Symptom, ...] = field(default=())
    counted_s: float = 0.0
    target_s: float = float("nan")
