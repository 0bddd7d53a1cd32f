from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import make_readings
from formcoach.coach.session.course import Course, Now, SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.front_check import FrontCheck
from formcoach.coach.session.lines import Line
from formcoach.coach.session.standing import after_baseline
from formcoach.coach.session.types import EventKind, Request, Stage, Surroundings
from formcoach.pose.landmarks import Side
from formcoach.sessions.front_look import find_front_warnings
from formcoach.stretch import Phase
from session_play import PROFILE, HandMade, Person, Play
from sessions_data import RECORD

GOOD = Surroundings(frame_rate_fps=15.0, people=1)
ADDUCTION = PROFILE.flag("hip_adduction")
ROTATION = PROFILE.flag("hip_medial_rotation")


class Checked:
    """Somebody in a front check who does what the captions say."""

    def __init__(self, readings=None, *, turns=True, raises=True, hand_at_s=None, skip_at_s=None):
        self.coach = HandMade(PROFILE)
        self.director = Director(PROFILE, SessionOptions(leg=Side.LEFT, sets=1, front_check=True))
        self.readings = readings
        self.turns, self.raises = turns, raises
        self.hand_at_s, self.skip_at_s = hand_at_s, skip_at_s
        self.hand = None
        self.directions = []
        self.begun_s = None

    def run(self, seconds):
        for _ in range(round(seconds * self.coach.fps)):
            self.frame()
        return self

    def frame(self):
        caption = self.directions[-1].caption if self.directions else ""
        checking = self.directions and self.directions[-1].stage is Stage.FRONT_CHECK
        if checking and self.begun_s is None:
            self.begun_s = self.coach.time_s
        since_s = self.coach.time_s - self.begun_s if checking else -1.0
        front = checking and self.turns and caption != Line.LEG_DOWN_SIDE_ON
        up = front and self.raises and caption in (Line.LEG_TOWARDS_ME, Line.KEEP_IT_THERE)
        hand = Side.RIGHT if checking and self.hand_at_s is not None and since_s >= self.hand_at_s else self.hand
        asks = (Request.SKIP,) if checking and self.skip_at_s is not None and since_s >= self.skip_at_s else ()
        readings = self.readings if up and self.readings is not None else make_readings(hip_adduction=np.nan)
        step = self.coach.step(
            azimuth=0.0 if front else 80.0, leg=Side.LEFT if up else None, raised=up, readings=readings, hand=hand
        )
        direction = self.director.step(step, GOOD, asks)
        self.coach.guidance = direction.guidance
        self.directions.append(direction)
        assert not direction.guidance.hold_allowed
        assert step.assessment.phase is not Phase.HOLD

    @property
    def said(self):
        return [one.text for direction in self.directions for one in direction.say]

    @property
    def details(self):
        return [
            one.detail for direction in self.directions for one in direction.events if one.kind is EventKind.FRONT_CHECK
        ]


def test_a_leg_in_line_is_praised_and_the_kneecap_left_to_the_person():
    check = Checked(make_readings(sigma=2.0, hip_adduction=1.0, hip_medial_rotation=0.0)).run(40.0)
    assert check.details == ["hip_adduction: good, hip_medial_rotation: not checked"]
    start = check.said.index(Line.FACE_ME)
    assert [text for text in check.said[start:] if text not in (Line.STAND_TALL, Line.KEEP_IT_THERE)][:4] == [
        Line.FACE_ME,
        Line.LEG_TOWARDS_ME,
        ADDUCTION.praise,
        ROTATION.reminder,
    ]
    assert check.directions[-1].stage is Stage.RAISE_LEG


def test_a_leg_across_the_midline_gets_its_cue():
    check = Checked(make_readings(sigma=2.0, hip_adduction=20.0)).run(40.0)
    assert check.details == ["hip_adduction: strong, hip_medial_rotation: not checked"]
    assert ADDUCTION.cue in check.said
    assert ADDUCTION.praise not in check.said


def test_what_was_found_can_be_read_in_the_record():
    check = Checked(make_readings(sigma=2.0, hip_adduction=20.0)).run(40.0)
    events = tuple(one for direction in check.directions for one in direction.events)
    assert find_front_warnings(replace(RECORD, events=events)) == ["hip_adduction"]


def test_what_cannot_be_read_is_not_checked():
    check = Checked(make_readings(hip_adduction=np.nan)).run(40.0)
    assert check.details == ["hip_adduction: not checked, hip_medial_rotation: not checked"]
    assert ADDUCTION.praise not in check.said
    assert ADDUCTION.cue not in check.said


def test_single_frames_do_not_decide():
    check = Checked(make_readings(sigma=2.0, hip_adduction=1.0))
    bad = make_readings(sigma=2.0, hip_adduction=30.0)
    for frame in range(400):
        check.readings = bad if frame % 4 == 0 else make_readings(sigma=2.0, hip_adduction=1.0)
        check.frame()
    assert check.details == ["hip_adduction: good, hip_medial_rotation: not checked"]


@pytest.mark.parametrize(
    ("check", "why", "limit_s"),
    [
        (lambda: Checked(hand_at_s=0.4), "skipped", 1.8),
        (lambda: Checked(skip_at_s=1.0), "skipped", 1.5),
        (lambda: Checked(turns=False), "did not turn", 8.5),
        (lambda: Checked(raises=False), "no leg came up", 18.0),
    ],
    ids=["hand", "key", "no turn", "no leg"],
)
def test_it_can_be_left_out(check, why, limit_s):
    check = check().run(40.0)
    assert check.details == [f"left out: {why}"]
    times = [one.time_s for one in check.directions if one.stage is Stage.FRONT_CHECK]
    assert times[-1] - times[0] <= limit_s
    assert Line.SKIPPED in check.said
    assert check.directions[-1].stage is Stage.RAISE_LEG
    assert check.said.count(Line.OKAY_COME_UP) == 0


@pytest.mark.parametrize(
    ("caption", "stage", "said"),
    [
        (Line.LEG_TOWARDS_ME, Stage.COME_UP, Line.OKAY_COME_UP),
        (Line.KEEP_IT_THERE, Stage.COME_UP, Line.OKAY_COME_UP),
        # Side-on again by then, with both feet down: there is nothing to come up from.
        (Line.LEG_DOWN_SIDE_ON, Stage.QUESTION, Line.WHERE),
    ],
)
def test_a_hand_once_the_leg_is_asked_for_means_stop_and_asks(caption, stage, said):
    check = Checked(make_readings(sigma=2.0, hip_adduction=1.0))
    check.raises = caption != Line.LEG_TOWARDS_ME
    while not check.directions or check.directions[-1].caption != caption:
        check.frame()
        assert check.coach.time_s < 40.0
    check.hand, raised_s = Side.RIGHT, check.coach.time_s
    while check.directions[-1].stage is not stage and check.coach.time_s < raised_s + 3.0:
        check.frame()
    assert check.directions[-1].stage is stage
    assert check.coach.time_s - raised_s <= 1.3
    check.frame()
    assert said in check.said[-1:]
    assert Line.SKIPPED not in check.said
    check.hand = None
    check.run(60.0)
    (symptom,) = [one for direction in check.directions for one in direction.symptoms]
    assert symptom.time_s == pytest.approx(raised_s, abs=0.15)
    assert check.directions[-1].stage is Stage.RAISE_LEG  # the check is over, and the leg is still to be stretched


def test_who_leaves_it_out_is_not_asked_again_for_the_other_leg():
    course = Course(PROFILE, SessionOptions())
    course.leg = Side.LEFT
    assert after_baseline(course) is Stage.FRONT_CHECK
    part = FrontCheck(course)
    now = Now(0.0, HandMade(PROFILE).step(), requests=(Request.SKIP,))
    part.begin(now)
    assert part.step(now) is Stage.FRAMING
    course.leg = Side.RIGHT
    assert after_baseline(course) is Stage.RAISE_LEG


def test_a_whole_session_with_it():
    play = Play(Person(hand_at=0), hold_s=3.0, front_check=True, sets=2)
    play.to_the_end()
    checks = [event.leg for event in play.events if event.kind is EventKind.FRONT_CHECK]
    assert checks == [Side.LEFT, Side.RIGHT]
    assert len([event for event in play.events if event.detail == Stage.HOLD]) == 4
    assert all(hold.counted_s == pytest.approx(3.0, abs=0.3) for hold in play.coach.assessor.holds)
