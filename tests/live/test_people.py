from __future__ import annotations

from dataclasses import replace

import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.live.people import SAMPLE_EVERY_S, SAMPLES, PeopleWatch, PersonGuard
from formcoach.pose.pose import Pose
from live_parts import make_frame

HERE = make_pose(STANDING)
ELSEWHERE = make_pose(replace(STANDING, centre=(1000.0, 240.0)))
PET = make_pose(replace(STANDING, scale=30.0, centre=(320.0, 380.0)))


def test_the_same_person_is_accepted_also_while_a_leg_is_raised_and_the_trunk_leans():
    guard = PersonGuard()
    assert guard.accepts(0.0, HERE)
    assert guard.accepts(0.1, make_pose(STRETCHING))
    assert guard.accepts(0.6, HERE)


@pytest.mark.parametrize("other", [ELSEWHERE, PET], ids=["mirror", "pet"])
def test_a_jump_is_not_seen_for_two_seconds_and_then_is(other):
    guard = PersonGuard()
    guard.accepts(0.0, HERE)
    refused = [time_s for time_s in (0.1, 0.5, 0.9, 1.3, 1.9) if not guard.accepts(time_s, other)]
    assert refused == [0.1, 0.5, 0.9, 1.3, 1.9]
    assert guard.accepts(2.0, other)
    assert not guard.accepts(2.1, HERE)


def test_who_is_back_where_they_were_is_seen_at_once():
    guard = PersonGuard()
    guard.accepts(0.0, HERE)
    assert not guard.accepts(0.1, ELSEWHERE)
    assert guard.accepts(0.2, HERE)
    assert not guard.accepts(0.3, ELSEWHERE)


def test_who_was_away_for_more_than_a_second_may_come_back_anywhere():
    guard = PersonGuard()
    guard.accepts(0.0, HERE)
    assert guard.accepts(0.5, Pose.missing())
    assert guard.accepts(1.1, ELSEWHERE)


def test_nobody_is_no_jump_and_reset_forgets():
    guard = PersonGuard()
    guard.accepts(0.0, HERE)
    assert guard.accepts(0.1, Pose.missing())
    guard.reset()
    assert guard.accepts(0.2, ELSEWHERE)


class Detector:
    """Finds the same people in every picture."""

    def __init__(self, *poses):
        self.poses = poses
        self.closed = False

    def detect_people(self, image):  # noqa: ARG002
        return list(self.poses)

    def close(self):
        self.closed = True


def wait_for(watch, frames, seconds=20.0):
    """Give pictures one after the other, each once the one before was taken, until there is a result."""
    for index in range(frames):
        watch.show(make_frame(index, index * SAMPLE_EVERY_S, (480, 480)))
        found = watch._results.take(seconds if index == frames - 1 else 0.5)
        if found is not None:
            return found
    return None


def test_two_people_are_counted_and_one_of_them_is_followed():
    detector = Detector(
        make_pose(replace(STRETCHING, centre=(150.0, 240.0))), make_pose(replace(STANDING, centre=(400.0, 240.0)))
    )
    watch = PeopleWatch(lambda: detector)
    watch.look()
    choice = wait_for(watch, SAMPLES)
    watch.close()
    assert choice.people == 2
    assert choice.region.left < 150 < choice.region.right
    assert detector.closed


def test_pictures_are_taken_only_when_asked_for():
    watch = PeopleWatch(lambda: Detector(HERE))
    watch.show(make_frame(0, 0.0))
    assert watch._frames.take(0.0) is None
    watch.look()
    watch.show(make_frame(1, 0.1))
    watch.show(make_frame(2, 0.2))  # too soon after the last one
    assert watch._wanted == SAMPLES - 1
    watch.close()


def test_what_goes_wrong_is_told_and_stops_nothing():
    watch = PeopleWatch(lambda: 1 / 0)
    watch.look()
    watch.show(make_frame(0, 0.0))
    watch._thread.join(10.0)
    assert isinstance(watch.error, ZeroDivisionError)
    assert watch.result() is None
    watch.close()
