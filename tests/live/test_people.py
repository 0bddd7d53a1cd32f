from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace

import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.live import people as module
from formcoach.live.people import FRESH_S, SAMPLE_EVERY_S, SAMPLES, PeopleWatch, PersonGuard, whom_to_look_for
from formcoach.pose.people import PersonChoice, Sighting
from formcoach.pose.pose import Pose
from formcoach.pose.region import Region
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


def test_others_are_hidden_only_while_the_chosen_one_is_not_followed_and_it_is_known_where_they_are():
    latest = Sighting(5.0, Region.around(HERE.points), (Region.around(ELSEWHERE.points),))
    choice = PersonChoice(2, Region(0, 0, 500, 480), (Sighting(4.3, latest.region, ()), latest))
    assert whom_to_look_for(choice, 5.5, ELSEWHERE) is latest
    assert whom_to_look_for(choice, 5.5, Pose.missing()) is latest
    assert whom_to_look_for(choice, 5.5, None) is latest
    assert whom_to_look_for(choice, 5.5, HERE) is None
    assert whom_to_look_for(choice, 5.1 + FRESH_S, ELSEWHERE) is None
    assert whom_to_look_for(PersonChoice(1, None), 5.5, ELSEWHERE) is None


class Detector:
    """Finds the same people in every picture."""

    def __init__(self, *poses):
        self.poses = poses
        self.closed = False

    def detect_people(self, image):  # noqa: ARG002
        return list(self.poses)

    def close(self):
        self.closed = True


def wait_for(watch, seconds=30.0):
    """Give pictures, fast, until there is a result."""
    until_s = time.monotonic() + seconds
    for index in itertools.count():
        assert time.monotonic() < until_s
        watch.show(make_frame(index, index * 0.1, (480, 480)))
        found = watch._results.take(0.005)
        if found is not None:
            return found
    return None


def test_two_people_are_counted_and_one_of_them_is_followed():
    detector = Detector(
        make_pose(replace(STRETCHING, centre=(150.0, 240.0))), make_pose(replace(STANDING, centre=(400.0, 240.0)))
    )
    watch = PeopleWatch(lambda: detector)
    watch.look()
    choice = wait_for(watch)
    watch.close()
    assert choice.people == 2
    assert choice.region.left < 150 < choice.region.right
    assert detector.closed


@pytest.fixture
def once(monkeypatch):
    """One look at each picture, not one at each of its parts too."""
    monkeypatch.setattr(module, "find_people", lambda detector, image: detector.detect_people(image))


class SlowDetector(Detector):
    """Takes one picture after the other when it is told to."""

    def __init__(self, *poses):
        super().__init__(*poses)
        self.turn = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.looked = 0

    def detect_people(self, image):
        self.begun.release()
        self.turn.acquire(timeout=30.0)
        self.looked += 1
        return super().detect_people(image)


@pytest.mark.usefixtures("once")
def test_pictures_are_taken_only_when_asked_for_and_not_too_soon_after_each_other():
    detector = SlowDetector(HERE)
    watch = PeopleWatch(lambda: detector)
    watch.show(make_frame(0, 0.0))
    assert not detector.begun.acquire(timeout=0.5)
    watch.look()
    watch.show(make_frame(1, 0.1))
    assert detector.begun.acquire(timeout=30.0)
    detector.turn.release()
    assert watch._ready.wait(30.0)
    watch.show(make_frame(2, 0.2))
    assert not detector.begun.acquire(timeout=0.5)
    watch.show(make_frame(3, 0.1 + SAMPLE_EVERY_S))
    assert detector.begun.acquire(timeout=30.0)
    detector.turn.release(SAMPLES)
    watch.close()


@pytest.mark.usefixtures("once")
def test_a_detector_that_is_slower_than_it_is_asked_comes_to_a_result():
    detector = SlowDetector(HERE)
    watch = PeopleWatch(lambda: detector)
    for second in range(SAMPLES):
        for part in range(10):  # asked again with every picture, each of them seconds before the one before is done
            watch.look()
            watch.show(make_frame(10 * second + part, 6.0 * second + 0.6 * part))
        assert detector.begun.acquire(timeout=30.0)
        watch.look()
        detector.turn.release()
        assert watch._ready.wait(30.0)
    assert watch._results.take(30.0).people == 1
    assert detector.looked == SAMPLES
    watch.close()


@pytest.mark.usefixtures("once")
def test_a_detector_that_hangs_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(module, "CLOSING_S", 0.1)
    detector = SlowDetector(HERE)
    watch = PeopleWatch(lambda: detector)
    watch.look()
    watch.show(make_frame(0, 0.0))
    assert detector.begun.acquire(timeout=30.0)
    began_s = time.monotonic()
    watch.close()
    assert time.monotonic() - began_s < 10.0
    detector.turn.release()


def test_what_goes_wrong_is_told_and_stops_nothing():
    watch = PeopleWatch(lambda: 1 / 0)
    watch.look()
    watch.show(make_frame(0, 0.0))
    watch._thread.join(10.0)
    assert isinstance(watch.error, ZeroDivisionError)
    assert watch.problem == "Other people in the picture are not noticed: stand in it alone."
    assert watch.result() is None
    watch.close()
