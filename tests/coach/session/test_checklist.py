from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import GOOD, make_readings
from formcoach.angles import Angle, Status
from formcoach.coach.session.chatter import measure_speech_s
from formcoach.coach.session.checklist import Checklist, RecentReadings, make_steps
from formcoach.coach.session.course import Course, Now, SessionOptions
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Request, Stage
from formcoach.pose.landmarks import Side
from formcoach.stretch import Severity
from session_play import PROFILE, HandMade

REMINDER = PROFILE.flag("hip_medial_rotation").reminder
LABELS = ["Toes pointed", "Soft knee", "Pelvis forward", "Lean from the hips"]


def readings(sigma=2.0, **values):
    return make_readings(sigma=sigma, **{**GOOD, **values})


class Listed:
    """Somebody with the leg up, in the checklist."""

    def __init__(self, profile=PROFILE, *, ease_next=False, reminded=(REMINDER,)):
        self.coach = HandMade(profile)
        self.course = Course(profile, SessionOptions(leg=Side.LEFT))
        self.course.reminded |= set(reminded)
        self.course.ease_next = ease_next
        self.part = Checklist(self.course)
        self.said = []
        self.begun = False

    def run(self, seconds, one, *, raised=True, requests=()):
        """Go on for so long or until the stage is over; return the stage that follows."""
        for _ in range(round(seconds * self.coach.fps)):
            step = self.coach.step(leg=Side.LEFT, raised=raised, readings=one)
            now = Now(step.time_s, step, requests=requests)
            if not self.begun:
                self.begun = True
                self.part.begin(now)
            following = self.part.step(now)
            self.said += [(round(step.time_s, 2), said.text) for said in self.course.chatter.take(step.time_s)]
            if following is not None:
                return following
        return None

    @property
    def severities(self):
        return [item.severity for item in self.part.checklist]

    @property
    def current(self):
        return [item.label for item in self.part.checklist if item.current]


def test_the_steps_come_in_the_order_of_the_exercise():
    assert [step.label for step in make_steps(PROFILE, ask_for_lean=True)] == LABELS


def test_a_good_stretch_goes_straight_on_without_a_word():
    listed = Listed()
    assert listed.run(3.0, readings()) is Stage.COUNTDOWN
    assert listed.said == []
    assert listed.severities == [Severity.GOOD] * 4


@pytest.mark.parametrize(
    ("values", "label", "text"),
    [
        ({"ankle_dorsiflexion": 15.0}, LABELS[0], "Point your toes softly"),
        ({"ankle_dorsiflexion": -60.0}, LABELS[0], "Relax the toes"),
        ({"knee_flexion": -2.0}, LABELS[1], "Soften the knee"),
        ({"knee_flexion": 45.0}, LABELS[1], "Straighten the knee slowly"),
        ({"pelvic_tilt": -15.0}, LABELS[2], "Hips back, tailbone up"),
        ({"lumbar_flexion": 30.0}, LABELS[3], "Chest long, hinge at hips"),
        ({"trunk_lean": 2.0}, LABELS[3], Line.LEAN),
    ],
)
def test_what_is_not_right_is_said_shown_and_waited_for(values, label, text):
    listed = Listed()
    assert listed.run(5.0, readings(**values)) is None
    assert listed.said == [(pytest.approx(1.0, abs=0.3), text)]
    assert listed.current == [label]
    assert listed.part.caption == text
    assert listed.run(3.0, readings()) is Stage.COUNTDOWN
    assert len(listed.said) == 1


def test_the_first_of_several_comes_first_and_the_next_when_it_is_right():
    listed = Listed()
    both = {"knee_flexion": -2.0, "lumbar_flexion": 30.0}
    listed.run(4.0, readings(ankle_dorsiflexion=15.0, **both))
    listed.run(4.0, readings(**both))
    assert [text for _, text in listed.said] == ["Point your toes softly", "Soften the knee"]
    assert listed.current == [LABELS[1]]


def test_it_is_repeated_after_seven_seconds_and_given_up_after_twelve():
    listed = Listed()
    assert listed.run(20.0, readings(ankle_dorsiflexion=15.0)) is Stage.COUNTDOWN
    times = [time_s for time_s, _ in listed.said]
    assert len(times) == 2
    assert times[1] - times[0] == pytest.approx(7.0, abs=0.2)
    assert listed.coach.time_s == pytest.approx(1.0 + 12.0, abs=0.6)
    assert listed.severities[0] is Severity.STRONG


def test_what_cannot_be_checked_is_passed_over_and_never_green():
    listed = Listed()
    unknown = readings(ankle_dorsiflexion=np.nan, knee_flexion=np.nan, pelvic_tilt=np.nan, lumbar_flexion=np.nan)
    assert listed.run(3.0, unknown) is Stage.COUNTDOWN
    assert listed.severities == [Severity.NOT_CHECKED] * 4
    assert listed.said == []


def test_an_unsure_reading_is_no_fault_and_not_green_either():
    listed = Listed()
    assert listed.run(3.0, readings(sigma=10.0, ankle_dorsiflexion=3.0)) is Stage.COUNTDOWN
    assert listed.severities[0] is Severity.NOT_CHECKED


def test_a_moment_is_no_fault():
    listed = Listed()
    for _ in range(3):
        listed.run(0.2, readings(ankle_dorsiflexion=25.0))
        following = listed.run(0.6, readings())
    assert listed.said == []
    assert following is Stage.COUNTDOWN or listed.run(1.0, readings()) is Stage.COUNTDOWN


def test_after_an_answer_elsewhere_less_lean_is_asked_for_and_more_is_not():
    listed = Listed(ease_next=True)
    assert listed.run(8.0, readings(trunk_lean=2.0)) is Stage.COUNTDOWN
    assert [text for _, text in listed.said] == [Line.LESS_LEAN, Line.TOES_AND_LOOK]


def test_what_cannot_be_checked_is_left_to_the_person_once_and_heard_before_the_countdown():
    listed = Listed(reminded=())
    assert listed.run(8.0, readings()) is Stage.COUNTDOWN
    ((said_s, text),) = listed.said
    assert text == REMINDER
    assert listed.part.caption == REMINDER
    assert listed.coach.time_s - said_s >= measure_speech_s(text)
    listed.part = Checklist(listed.course)
    listed.begun = False
    assert listed.run(3.0, readings()) is Stage.COUNTDOWN
    assert len(listed.said) == 1


def test_a_reminder_waits_for_what_is_not_right():
    listed = Listed(reminded=())
    listed.run(5.0, readings(ankle_dorsiflexion=15.0))
    assert listed.run(8.0, readings()) is Stage.COUNTDOWN
    assert [text for _, text in listed.said] == ["Point your toes softly", REMINDER]


def test_nobody_is_reminded_of_what_is_seen_or_was_left_out():
    rules = [replace(rule, judged=None) for rule in PROFILE.flags]
    judged = replace(PROFILE, flags=tuple(rules))
    listed = Listed(judged, reminded=())
    assert listed.run(3.0, readings(hip_medial_rotation=0.0)) is Stage.COUNTDOWN
    assert listed.said == []
    unseen = Listed(judged, reminded=())
    assert unseen.run(8.0, readings(hip_medial_rotation=np.nan)) is Stage.COUNTDOWN
    assert [text for _, text in unseen.said] == [REMINDER]
    skipped = Listed(reminded=())
    skipped.run(1.0, readings(), requests=(Request.SKIP,))
    assert skipped.said == []
    assert REMINDER not in skipped.course.reminded  # it comes before the next hold


def test_a_leg_that_comes_down_leads_back():
    listed = Listed()
    listed.run(2.0, readings(ankle_dorsiflexion=15.0))
    assert listed.run(1.0, readings(), raised=False) is Stage.RAISE_LEG


def test_it_can_be_skipped():
    listed = Listed()
    assert listed.run(1.0, readings(ankle_dorsiflexion=15.0), requests=(Request.SKIP,)) is Stage.COUNTDOWN


def test_the_median_knows_what_was_mostly_known():
    recent = RecentReadings(0.5)
    for index, value in enumerate([10.0, np.nan, 14.0, 12.0, np.nan]):
        recent.step(index / 10, readings(knee_flexion=value))
    knee = recent.median().reading(Angle.KNEE_FLEXION)
    assert (knee.value_deg, knee.status) == (12.0, Status.OK)
    for index in range(5, 9):
        recent.step(index / 10, readings(knee_flexion=np.nan))
    knee = recent.median().reading(Angle.KNEE_FLEXION)
    assert np.isnan(knee.value_deg)
    assert knee.status is Status.LOW_VISIBILITY


def test_no_tick_stays_green_for_what_is_out_of_sight():
    """The median of half a second ends first; no dwell time comes on top of it."""
    listed = Listed()
    listed.run(3.0, readings(ankle_dorsiflexion=15.0))
    assert listed.severities[1] is Severity.GOOD
    listed.run(0.4, readings(ankle_dorsiflexion=15.0, knee_flexion=float("nan")))
    assert listed.severities[1] is Severity.NOT_CHECKED
