"""Away, paused, done: what is not part of the exercise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.coach.session.course import HandMeans, Lasting, Part
from formcoach.coach.session.lines import Line
from formcoach.coach.session.question import FINISHED, record_symptom
from formcoach.coach.session.standing import is_leg_up
from formcoach.coach.session.types import LEG_STAGES, EventKind, Request, Stage, SymptomPlace, Urgency
from formcoach.video.health import PictureFault

if TYPE_CHECKING:
    from formcoach.coach.session.course import Course, Now
    from formcoach.coach.session.types import Surroundings

# Somebody who comes back is there when they have been seen for so long; a single frame may be a chair [D].
BACK_S = 0.5
# So often it is said again to somebody who does not know that they are not seen [D].
AWAY_AGAIN_S = 25.0
# To come up, look at the screen and read the closing line [D].
CLOSING_S = 8.0


def is_camera_lost(surroundings: Surroundings) -> bool:
    """Tell whether no pictures come, or none that show anything new."""
    return surroundings.camera_lost or surroundings.picture_fault in _USELESS


_USELESS = {PictureFault.BLACK: Line.ONLY_BLACK, PictureFault.FROZEN: Line.PICTURE_FROZEN}


def resume(before: Part, now: Now) -> Stage:
    """Return the stage to go on with when the person comes back from a pause or from out of sight.

    It is the one that was interrupted, or the last before it in which nothing is expected of the leg.

    Parameters
    ----------
    before
        The stage that was interrupted.
    now
        The moment of coming back.
    """
    if before.course.wants_baseline and before.stage in (*LEG_STAGES, Stage.BASELINE):
        return Stage.BASELINE
    if before.stage is Stage.HOLD:
        up = now.step is not None and is_leg_up(now.step, before.course)
        return Stage.HOLD if up else Stage.RAISE_LEG
    if before.stage is Stage.FRONT_CHECK:
        before.course.note(now.time_s, EventKind.FRONT_CHECK, "left out: interrupted")
    return _RESUMED.get(before.stage, before.stage)


_RESUMED = {
    Stage.FRONT_CHECK: Stage.FRAMING,
    Stage.CHECKLIST: Stage.RAISE_LEG,
    Stage.COUNTDOWN: Stage.RAISE_LEG,
    Stage.COME_UP: Stage.QUESTION,
}


class Away(Part):
    """Nobody is seen, or nothing: everything waits, and goes on where it was.

    Parameters
    ----------
    course
        Of the session.
    before
        The stage that was interrupted.
    """

    stage = Stage.AWAY
    hand_means = HandMeans.NOTHING

    def __init__(self, course: Course, before: Part) -> None:
        super().__init__(course)
        self.before = before
        # The coach's clock waits by itself for somebody who is not seen, and a leg that stayed up goes on.
        self.hold_allowed = before.hold_allowed
        self._back = Lasting()
        self._lost: Line | None = None
        self._said_s = 0.0

    def begin(self, now: Now) -> None:
        """Say what is the matter; nothing where the time itself jumped, for it is over then."""
        super().begin(now)
        self.course.chatter.forget()
        self._said_s = now.time_s
        if is_camera_lost(now.surroundings):
            self._lose_camera(now)
        else:
            self.caption = Line.CANNOT_SEE
            if not now.seen:
                self.course.chatter.say(now.time_s, Line.CANNOT_SEE, Urgency.NOW)

    def step(self, now: Now) -> Stage | None:
        """Wait until the person is there again."""
        lost = is_camera_lost(now.surroundings)
        if lost:
            self._lose_camera(now)
        elif self._lost is not None:
            self._lost = None
            self.caption = Line.CANNOT_SEE
            self.course.note(now.time_s, EventKind.CAMERA_BACK)
        if now.time_s - self._said_s >= AWAY_AGAIN_S and not now.seen:
            self._said_s = now.time_s
            self.course.chatter.say(now.time_s, self.caption)
        if now.step is None and not lost:
            return None
        if self._back.step(now.time_s, now.seen and not lost) >= BACK_S:
            self.course.chatter.say(now.time_s, Line.SEE_AGAIN)
            return resume(self.before, now)
        return None

    def _lose_camera(self, now: Now) -> None:
        """Say why nothing is seen, once for each reason."""
        fault = now.surroundings.picture_fault
        why = Line.CAMERA_LOST if fault is None else _USELESS.get(fault, Line.CAMERA_LOST)
        if why is self._lost:
            return
        if self._lost is None:
            self.course.note(now.time_s, EventKind.CAMERA_LOST)
        self._lost, self._said_s = why, now.time_s
        self.caption = why
        self.course.chatter.say(now.time_s, why, Urgency.NOW)


class Paused(Part):
    """Paused by a key, until the key is pressed again.

    Parameters
    ----------
    course
        Of the session.
    before
        The stage that was interrupted.
    """

    stage = Stage.PAUSED

    def __init__(self, course: Course, before: Part) -> None:
        super().__init__(course)
        self.before = before

    def begin(self, now: Now) -> None:
        """Say that it was heard."""
        super().begin(now)
        self.caption = Line.PAUSED
        self.course.chatter.forget()
        self.course.chatter.say(now.time_s, Line.PAUSED, Urgency.NOW, again_s=0.0)

    def step(self, now: Now) -> Stage | None:
        """Go on where it was when the key is pressed again."""
        if now.asks(Request.PAUSE):
            self.course.chatter.say(now.time_s, Line.GOING_ON, Urgency.NOW, again_s=0.0)
            return resume(self.before, now)
        return None


class Done(Part):
    """The end, and what was done."""

    stage = Stage.DONE

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self.until_s = 0.0

    def begin(self, now: Now) -> None:
        """Say goodbye, and record what is still open."""
        super().begin(now)
        course = self.course
        # Whoever ended it has no need to read, and nobody does where nobody is.
        self.until_s = now.time_s + (0.0 if course.end_reason in (ENDED, NOBODY) else CLOSING_S)
        course.note_hold()
        record_symptom(course, None)
        course.note(now.time_s, EventKind.ENDED, course.end_reason)
        self.caption = summarise(course)
        if course.end_reason == FINISHED:
            course.chatter.say(now.time_s, Line.ALL_DONE if course.holds_done else Line.ENDED)
        elif course.end_reason in (ENDED, NOBODY):
            course.chatter.forget()
            course.chatter.say(now.time_s, Line.ENDED, Urgency.NOW)


ENDED = "ended by request"
NOBODY = "nobody was there"


def summarise(course: Course) -> str:
    """Return the closing line for the screen."""
    done = len(course.holds_done)
    holds = "1 hold" if done == 1 else f"{done} holds"
    counted = f"{holds}, {course.total_counted_s:.0f} s counted." if done else "No hold was counted."
    if course.end_reason == SymptomPlace.NUMB_OR_TINGLING.value:
        # evidence.md §5.
        return f"Stop for today. If it lasts or returns, see a clinician. {counted}"
    return f"Well done: {counted}" if course.end_reason == FINISHED and done else counted
