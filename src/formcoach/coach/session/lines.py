"""Every sentence that the director can say, beside the cues, praises and reminders of the exercise's profile.

Plain, kind and at most five words, so that it can be followed while it is heard (evidence.md §6); "to me" is a sixth
where it says which way to turn.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from formcoach.coach.session.types import SymptomPlace
from formcoach.pose.landmarks import Side

if TYPE_CHECKING:
    from formcoach.stretch import Profile


class Line(StrEnum):
    """What can be said; the value is the text."""

    # Framing: one instruction each.
    NOBODY = "Step into the picture"
    ONE_PERSON = "One person only, please"
    MORE_LIGHT = "More light, please"
    LESS_LIGHT = "Less light, please"
    TOO_SLOW = "Close other programs, please"
    STEP_BACK = "Step back a little"
    FEET_TOO = "Show your feet, step back"
    HEAD_TOO = "Show your head, step back"
    COME_CLOSER = "Come a little closer"
    LEFT_SIDE = "Turn your left side to me"
    RIGHT_SIDE = "Turn your right side to me"
    SIDE_ON = "Stand side-on to me"
    I_SEE_YOU = "I see you, stand tall"
    CANNOT_CHECK = "Keep your body in sight"

    # Baseline.
    STAND_TALL = "Stand tall and still"
    BOTH_FEET = "Both feet down, stand tall"
    KEEP_STILL = "Just stay still a moment"
    ONCE_MORE = "Once more, stand tall"
    NO_BASELINE = "We go on without it"

    # Front check.
    FACE_ME = "Turn to face me"
    LEG_TOWARDS_ME = "Raise your leg towards me"
    KEEP_IT_THERE = "Keep it there"
    LEG_DOWN_SIDE_ON = "Leg down, side-on again"
    SKIPPED = "Okay, we skip that"

    # The leg and the steps before the hold.
    RAISE_LEG = "Raise your leg"
    NEARER_LEG = "The leg nearer to me"
    SHORT_REST = "Rest for a moment"
    LEAN = "Lean from the hips"
    LESS_LEAN = "Less lean this time"
    TOES_AND_LOOK = "Toes pointed, look ahead"

    # Countdown and hold.
    FIVE = "five"
    FOUR = "four"
    THREE = "three"
    TWO = "two"
    ONE = "one"
    HOLD = "Hold"
    HALF_WAY = "Half way"
    CLOCK_WAITS = "The clock is waiting"

    # The end of a hold.
    COME_UP = "Come up slowly"
    OKAY_COME_UP = "Okay, come up slowly"

    # The question and what follows from its answer.
    WHERE = "Where did you feel it?"
    RAISE_A_HAND = "Raise a hand to answer"
    NO_ANSWER = "No answer, that's fine"
    RIGHT_PLACE = "That is the right place"
    EASE_NEXT = "Less lean next time"
    NOWHERE_FINE = "That is fine too"
    TRY_LYING = "Try the lying version"
    OR_STOP = "Or stop for today"
    STOP_TODAY = "Stop for today, please"
    IF_IT_LASTS = "If it lasts or returns"
    SEE_CLINICIAN = "Please see a clinician"

    # Between holds.
    TURN_ROUND = "Turn round, other leg"

    # Away, paused, done.
    CAMERA_LOST = "I lost the camera"
    ONLY_BLACK = "I only see black"
    PICTURE_FROZEN = "The picture stands still"
    CANNOT_SEE = "I can't see you"
    SEE_AGAIN = "I see you again"
    PAUSED = "Paused"
    GOING_ON = "Going on"
    ALL_DONE = "All done, well done"
    ENDED = "Session ended"


CHOICES: dict[SymptomPlace, str] = {
    SymptomPlace.BACK_OF_THIGH: "Back of the thigh",
    SymptomPlace.BEHIND_KNEE: "Behind the knee",
    SymptomPlace.CALF_OR_FOOT: "Calf or foot",
    SymptomPlace.LOWER_BACK: "Lower back",
    SymptomPlace.NUMB_OR_TINGLING: "Numb or tingling",
    SymptomPlace.NOWHERE: "Nowhere",
}
"""The answers to `Line.WHERE`, in the order in which they are read aloud."""

COUNT = {5: Line.FIVE, 4: Line.FOUR, 3: Line.THREE, 2: Line.TWO, 1: Line.ONE}
"""How the seconds before and at the end of a hold are counted."""


def side_to_camera(side: Side | None) -> Line:
    """Return what asks somebody to stand side-on, with that side to the camera where it matters."""
    if side is None:
        return Line.SIDE_ON
    return Line.LEFT_SIDE if side is Side.LEFT else Line.RIGHT_SIDE


def all_texts(*profiles: Profile) -> tuple[str, ...]:
    """Return everything that can be said in sessions with these exercises, each once, in a fixed order."""
    texts: list[str] = [*Line, *CHOICES.values()]
    for profile in profiles:
        texts.append(profile.stacking_cue)
        for rule in profile.flags:
            texts += [rule.cue, rule.praise, *([rule.reminder] if rule.reminder else [])]
    return tuple(dict.fromkeys(str(text) for text in texts))
