"""What keeps the camera from seeing, as one instruction, and the stages in which the person finds their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles import View
from formcoach.angles.view import is_far_leg
from formcoach.coach.framing import MINIMUM_FIGURE_PX, are_feet_cut_off, is_head_cut_off, measure_body_px
from formcoach.coach.session.course import Lasting, LastingValue, Part
from formcoach.coach.session.lines import Line, side_to_camera
from formcoach.coach.session.question import after_hold
from formcoach.coach.session.types import Request, Stage
from formcoach.pose.landmarks import Side
from formcoach.pose.outline import is_trunk_cut_off
from formcoach.video.health import PictureFault

if TYPE_CHECKING:
    from collections.abc import Set

    from formcoach.coach.coach import CoachStep
    from formcoach.coach.session.course import Course, Now
    from formcoach.coach.session.types import Surroundings

# Up to about 20° from the side the angles hold (evidence.md §3.4); a place that was found counts as lost only a little
# beyond that, as a view of `ViewTracker` does [D].
SIDE_ON_WITHIN_DEG = 20.0
LOST_BEYOND_DEG = 30.0
# People who stand side-on are read as turned to the front by 10° (7 to 16° on seven rendered ones), not with a leg up.
STANDING_SIDE_ON_DEG = 80.0
# Below 5 pictures a second little can be judged: a strong fault lasts 0.4 s. A camera that gives 5 wavers by a tenth:
# it is too few below 4.5, and well again where that camera comes to, or it would flicker [D].
MINIMUM_RATE = 4.5
GOOD_RATE = 4.8
# What is wrong must have been so for this long before it is said, and right for this long before it counts: single
# frames err, and people who walk into their place pass through everything [D].
WRONG_FOR_S = 0.7
RIGHT_FOR_S = 0.7
# A mirror behind the person or a picture on the wall never leaves: then the one who was found is followed [D].
PEOPLE_PATIENCE_S = 25.0
# Rooms are small: with feet or height that never come right the session goes on, and what is not seen is not checked.
# Two rounds of hints of 15 s each [D].
ROOM_PATIENCE_S = 45.0
_ROOM = (Line.FEET_TOO, Line.HEAD_TOO, Line.STEP_BACK, Line.COME_CLOSER)
# A dark room may still be light enough for the pose model: who is found in it goes on as in a small one.
_LIGHT = {PictureFault.TOO_DARK: Line.MORE_LIGHT, PictureFault.TOO_BRIGHT: Line.LESS_LIGHT}


class RateWatch:
    """Whether enough pictures come a second, with hysteresis.

    Parameters
    ----------
    after_s
        So long they must be too few, seconds.
    """

    def __init__(self, after_s: float = 0.0) -> None:
        self.too_slow = False
        self._after_s = after_s
        self._few = Lasting()

    def step(self, time_s: float, rate_fps: float) -> bool:
        """Take the rate at a moment, NaN unknown, and return whether it is too low."""
        if self._few.step(time_s, rate_fps < MINIMUM_RATE) >= self._after_s:
            self.too_slow = True
        elif rate_fps >= GOOD_RATE:
            self.too_slow = False
        return self.too_slow


def find_slow_cause(surroundings: Surroundings) -> Line:
    """Return what helps where too few pictures are looked at: light, where the camera gives no more.

    Many cameras expose for longer in the dark.

    Parameters
    ----------
    surroundings
        What is known beside the pose.
    """
    return Line.MORE_LIGHT if surroundings.camera_fps < GOOD_RATE else Line.TOO_SLOW


def find_picture_obstacle(surroundings: Surroundings, accepted: Set[Line], *, seen: bool) -> Line | None:
    """Return what is wrong with the picture or with who is in it, as an instruction, or None.

    Parameters
    ----------
    surroundings
        What is known beside the pose.
    accepted
        What is no obstacle any more.
    seen
        Whether a person is found.
    """
    light = _LIGHT.get(surroundings.picture_fault) if surroundings.picture_fault is not None else None
    if light is not None and light not in accepted:
        return light
    if not seen:
        return Line.NOBODY
    return Line.ONE_PERSON if surroundings.people > 1 and Line.ONE_PERSON not in accepted else None


def find_cut_off(step: CoachStep) -> Line | None:
    """Return what asks to bring head, feet and the whole trunk into the picture, or None."""
    seen = step.pose.points, step.pose.presence, step.frame_size or (np.inf, np.inf)
    feet, head = are_feet_cut_off(*seen), is_head_cut_off(*seen)
    if feet != head:
        return Line.FEET_TOO if feet else Line.HEAD_TOO
    size = step.frame_size
    trunk = size is not None and is_trunk_cut_off(step.pose.points, step.pose.outline, size)
    return Line.STEP_BACK if feet or trunk else None


def find_turn(step: CoachStep, near: Side | None) -> Line | None:
    """Return what asks to stand side-on with one side to the camera, or None.

    Parameters
    ----------
    step
        Of somebody who is found.
    near
        The side that has to be the nearer one; None either.
    """
    return None if _is_side_on(step, near, SIDE_ON_WITHIN_DEG) else side_to_camera(near)


def _is_side_on(step: CoachStep, near: Side | None, within_deg: float) -> bool:
    azimuth_deg = step.azimuth_deg
    if near is not None and is_far_leg(near, np.asarray(azimuth_deg)):
        return False
    if step.leg.raised:
        return step.view is View.SIDE
    return bool(abs(abs(azimuth_deg) - STANDING_SIDE_ON_DEG) <= within_deg)


def find_obstacle(step: CoachStep, near: Side | None) -> Line | None:
    """Return the first instruction to somebody who is found: in view, near enough, side-on; None when all is right."""
    cut_off = find_cut_off(step)
    if cut_off is not None:
        return cut_off
    if measure_body_px(step.pose.points) < MINIMUM_FIGURE_PX:
        return Line.COME_CLOSER
    return find_turn(step, near)


def find_lost_view(step: CoachStep, course: Course) -> Line | None:
    """Return the instruction to somebody who had found their place and is no longer well seen, or None.

    Less strict than `find_obstacle`, so that nobody is sent to and fro.
    """
    cut_off = find_cut_off(step)
    if cut_off is not None and cut_off not in course.accepted:
        return cut_off
    return None if _is_side_on(step, course.leg, LOST_BEYOND_DEG) else side_to_camera(course.leg)


class Framing(Part):
    """The person finds their place."""

    stage = Stage.FRAMING

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._rate = RateWatch()
        self._obstacle: Line | None = None
        self._for = LastingValue()
        self._right = Lasting()
        self._room_s, self._people_s = Lasting(), Lasting()
        self._light_s, self._seen_s = Lasting(), Lasting()

    def step(self, now: Now) -> Stage | None:
        """Say what is in the way, one thing at a time; when nothing is, go on to the baseline or the leg."""
        if now.asks(Request.SKIP):
            self.course.accepted |= {*_ROOM, *_LIGHT.values(), Line.ONE_PERSON}
        if now.step is None:
            return None
        found = self._find(now, now.step)
        if self._right.step(now.time_s, found is None) >= RIGHT_FOR_S:
            return self._go_on(now.step)
        if self._for.step(now.time_s, found) >= WRONG_FOR_S:
            self._obstacle = found
        if self._obstacle is not None:
            self.instruct(now, self._obstacle)
        return None

    def _find(self, now: Now, step: CoachStep) -> Line | None:
        if self._rate.step(now.time_s, now.surroundings.frame_rate_fps):
            return find_slow_cause(now.surroundings)
        accepted = self.course.accepted
        found = find_picture_obstacle(now.surroundings, accepted, seen=now.seen)
        if self._people_s.step(now.time_s, found is Line.ONE_PERSON) >= PEOPLE_PATIENCE_S:
            accepted.add(Line.ONE_PERSON)
        seen_s = self._seen_s.step(now.time_s, now.seen)
        waited_s = self._light_s.step(now.time_s, found in _LIGHT.values())
        if found is not None and waited_s >= ROOM_PATIENCE_S and seen_s >= RIGHT_FOR_S:
            accepted.add(found)
        if found is not None and found not in accepted:
            return found
        found = find_obstacle(step, self.course.leg)
        if self._room_s.step(now.time_s, found in _ROOM) >= ROOM_PATIENCE_S:
            self.course.accepted |= set(_ROOM)
        return find_turn(step, self.course.leg) if found in self.course.accepted else found

    def _go_on(self, step: CoachStep) -> Stage:
        course = self.course
        if course.leg is None:
            # The leg to be stretched is the one that is nearer the camera.
            course.leg = course.first_leg = Side.LEFT if step.azimuth_deg > 0.0 else Side.RIGHT
        return after_framing(course)


def after_framing(course: Course) -> Stage:
    """Return what comes when the person stands in their place: the baseline, or the leg where there is one."""
    leg = course.leg
    if course.wants_baseline or (leg not in course.has_baseline and leg not in course.without_baseline):
        return Stage.BASELINE
    return Stage.RAISE_LEG


class TurnRound(Part):
    """The other side comes to the camera."""

    stage = Stage.TURN_ROUND

    def __init__(self, course: Course) -> None:
        super().__init__(course)
        self._right = Lasting()
        self._said = False

    def step(self, now: Now) -> Stage | None:
        """Ask to turn round, and wait until the other leg is the nearer one."""
        if self.is_left_out(now):
            return after_hold(self.course, left_out=True)
        if now.step is None:
            return None
        turned = now.seen and find_turn(now.step, self.course.leg) is None
        if self._right.step(now.time_s, turned) >= RIGHT_FOR_S:
            return Stage.FRAMING if find_cut_off(now.step) else after_framing(self.course)
        if not self._said:
            self.caption = Line.TURN_ROUND
            self._said = self.course.chatter.say(now.time_s, Line.TURN_ROUND, again_s=0.0, of_stage=True)
            self.begun_s = now.time_s
        elif self.lasted_s(now) >= TURN_PATIENCE_S:
            self.instruct(now, side_to_camera(self.course.leg))
        return None


# To turn round and find the place again takes a few seconds; then it is said more exactly [D].
TURN_PATIENCE_S = 8.0
