"""One of several people is followed, whoever the pose model changes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.pose.following import AWAY_S, STALE_S, PersonFollower
from formcoach.pose.mediapipe_model import HIDDEN_S
from formcoach.pose.people import SAME_PERSON_OVERLAP, PersonChoice, Sighting
from formcoach.pose.pose import Pose
from formcoach.pose.region import Region
from formcoach.video import Frame

WHOLE = Region(0, 0, 640, 480)
BLANK = np.zeros((480, 640, 3), dtype=np.uint8)


def at(figure, x):
    return make_pose(replace(figure, centre=(x, 240.0), scale=120.0))


def box(pose):
    return Region.around(pose.points)


THEM, LEANING, OTHER = at(STANDING, 200.0), at(STRETCHING, 200.0), at(STANDING, 400.0)
NOBODY = Pose.missing()


class Script:
    """Gives the poses of a script, whatever it is told."""

    def __init__(self, *poses):
        self.poses = list(poses)
        self.told = []

    def detect(self, frame):
        return self.poses[frame.index]

    def follow(self, region, sighting=None):
        self.told.append((region, sighting))


class Sticky:
    """Sticks to whoever it has, and finds the first of those who are not hidden from it: the easiest one to find.

    `there` tells from a time who is there, the easiest to find first: names and poses.
    """

    def __init__(self, there):
        self.there = there
        self.has = self.sighting = self.since_s = None
        self.now_s = 0.0

    def follow(self, region, sighting=None):  # noqa: ARG002
        self.has, self.sighting, self.since_s = None, sighting, None

    def is_hidden(self, pose):
        if self.sighting is None or self.now_s - self.since_s > HIDDEN_S:
            return False
        covered = any(box(pose).overlap(one) > 0.5 for one in self.sighting.others)
        return covered and self.sighting.place.inside_share(box(pose)) < 0.9

    def detect(self, frame):
        self.now_s = frame.time_s
        self.since_s = self.now_s if self.since_s is None else self.since_s
        people = dict(self.there(frame.time_s))
        if self.has not in people:
            free = [name for name, pose in people.items() if not self.is_hidden(pose)]
            self.has = free[0] if free else None
            self.sighting = None if free else self.sighting
        return people.get(self.has, NOBODY)


def sighting(time_s, pose=THEM, others=(OTHER,)):
    return Sighting(time_s, box(pose), tuple(box(one) for one in others))


def follow(model, sightings, times_s):
    follower = PersonFollower(model, PersonChoice(2, WHOLE, tuple(sightings)))
    return [follower.detect(Frame(index, float(time_s), BLANK)) for index, time_s in enumerate(times_s)]


def script(*poses, sightings=None, step_s=0.1):
    model = Script(*poses)
    found = follow(model, [sighting(0.0)] if sightings is None else sightings, np.arange(len(poses)) * step_s)
    return model, [bool(one.found) for one in found]


def test_who_is_alone_is_taken_as_they_come():
    model = Script(THEM, OTHER, NOBODY)
    follower = PersonFollower(model, PersonChoice(1, None))
    assert [follower.detect(Frame(index, float(index), BLANK)) for index in range(3)] == model.poses
    assert model.told == []


def test_the_model_is_told_who_else_is_there_before_the_first_frame():
    model, found = script(THEM, LEANING, THEM)
    assert model.told == [(WHOLE, sighting(0.0))]
    assert found == [True, True, True]


def test_somebody_else_is_nobody_and_the_model_is_sent_back_to_where_the_person_was():
    moved = at(STANDING, 206.0)
    model, found = script(THEM, moved, OTHER, moved)
    assert found == [True, True, False, True]
    assert model.told[1:] == [(WHOLE, replace(sighting(0.1, moved), others=(box(OTHER),)))]


def test_the_model_is_not_sent_back_with_every_frame():
    model, found = script(THEM, *[OTHER] * 30)
    assert not any(found[1:])
    assert len(model.told) == 1 + 3


def test_who_reaches_over_to_somebody_else_is_still_told_from_them():
    reaching = at(STRETCHING, 480.0)
    assert box(reaching).overlap(box(OTHER)) > SAME_PERSON_OVERLAP
    _, found = script(reaching, OTHER, reaching, sightings=[sighting(0.0, reaching)])
    assert found == [True, False, True]


@pytest.mark.parametrize("back_s", [6.0, 30.0])
def test_who_was_lost_is_found_again_though_the_model_sticks_to_somebody_else(back_s):
    model = Sticky(lambda time_s: [("other", OTHER), *([] if 5.0 <= time_s < back_s else [("them", THEM)])])
    times_s = np.arange(0.0, 40.0, 0.1)
    found = follow(model, [sighting(0.0)], times_s)
    assert [one is THEM for one in found] == [not 5.0 <= time_s < back_s for time_s in times_s]


def test_a_camera_does_not_change_to_somebody_else_long_after_it_chose():
    model = Sticky(lambda time_s: [("other", OTHER), *([] if 190.0 <= time_s < 203.0 else [("them", THEM)])])
    times_s = np.arange(0.0, 240.0, 0.2)
    found = follow(model, [sighting(0.0), sighting(0.1)], times_s)
    assert [one is THEM for one in found] == [not 190.0 <= time_s < 203.0 for time_s in times_s]


def test_somebody_else_is_never_taken_for_them_while_they_are_away():
    walking = [at(STANDING, x) for x in np.linspace(400.0, 600.0, 300)]
    model = Sticky(lambda time_s: [("other", walking[int(10 * time_s)]), *([("them", THEM)] if time_s < 5.0 else [])])
    found = follow(model, [sighting(0.0)], np.arange(0.0, 20.0, 0.1))
    assert sum(bool(one.found) for one in found) == 50


def test_one_who_comes_late_is_waited_for():
    model = Sticky(lambda time_s: [("other", OTHER), *([("them", THEM)] if time_s >= 8.0 else [])])
    times_s = np.arange(0.0, 20.0, 0.1)
    found = follow(model, [sighting(10.0), sighting(12.0)], times_s)
    assert [one is THEM for one in found] == [time_s >= 8.0 for time_s in times_s]


@pytest.mark.parametrize("others", [(), (OTHER,)], ids=["alone", "two"])
def test_who_stands_a_step_from_where_they_are_seen_later_is_still_them(others):
    aside = at(STANDING, 280.0)
    model = Sticky(lambda time_s: [("them", aside if time_s < 20.0 else THEM), *[("other", one) for one in others]])
    found = follow(model, [sighting(25.0), sighting(35.0)], np.arange(0.0, 19.0, 0.1))
    assert all(one is aside for one in found)


def test_nobody_is_hidden_where_others_stand_only_long_after():
    model = Sticky(lambda time_s: [("them", OTHER if time_s < 10.0 else THEM)])
    found = follow(model, [sighting(STALE_S + 10.0)], np.arange(0.0, 9.0, 0.1))
    assert all(one is OTHER for one in found)


def test_somebody_who_walks_by_far_from_where_they_were_is_nobody():
    passing = at(STANDING, 560.0)
    model = Sticky(lambda time_s: [("them", THEM)] if time_s < 5.0 else [("passing", passing)] if time_s > 8.0 else [])
    found = follow(model, [sighting(0.0, THEM, ())], np.arange(0.0, 20.0, 0.1))
    assert sum(bool(one.found) for one in found) == 50


def test_after_sightings_that_were_believed_the_person_may_move_on():
    wrong = [sighting(time_s, OTHER, (THEM,)) for time_s in (1.0, 2.0)]
    walk = [at(STANDING, x) for x in np.linspace(200.0, 0.0, 40)]
    poses = [*[THEM] * 100, *walk]
    _, found = script(*poses, sightings=[sighting(0.0), *wrong, sighting(9.5)], step_s=0.06)
    refused_s = [0.06 * index for index, one in enumerate(found) if not one]
    # From the second of them until the next sighting is the nearer one.
    assert refused_s[0] == pytest.approx(2.0, abs=0.1)
    assert refused_s[-1] == pytest.approx(5.75, abs=0.1)


def test_far_from_all_sightings_everybody_is_taken_as_they_come():
    elsewhere = at(STANDING, 500.0)
    model = Sticky(lambda time_s: [("them", elsewhere if time_s < 100.0 else THEM)])
    times_s = np.arange(0.0, 200.0, 0.5)
    found = follow(model, [sighting(150.0)], times_s)
    early = times_s < 150.0 - STALE_S
    assert all(one.found for one in np.array(found, dtype=object)[early])
    assert found[-1] is THEM


def test_who_has_gone_is_no_hindrance_to_who_walks_to_their_place():
    walk = [at(STANDING, x) for x in np.linspace(200.0, 400.0, 100)]
    poses = [THEM] * 20 + walk + [walk[-1]] * 20
    _, found = script(*poses)
    assert all(found)


def test_two_sightings_in_a_row_tell_that_somebody_else_was_followed():
    model = Sticky(lambda time_s: [("other", OTHER), ("them", THEM)])
    wrong = sighting(0.0, OTHER, (THEM,))
    times_s = np.arange(0.0, 8.0, 0.1)
    found = follow(model, [wrong, sighting(2.05), sighting(4.05), sighting(6.05)], times_s)
    assert found[10] is OTHER
    assert [one is THEM for one in found[45:]] == [True] * len(found[45:])


def test_one_sighting_of_somebody_else_may_be_a_mistake():
    wrong = sighting(0.15, OTHER, (THEM,))
    _, found = script(*[THEM] * 6, sightings=[sighting(0.0), wrong, sighting(0.35)])
    assert all(found)


def test_whose_place_is_in_front_of_somebody_is_found_there_again():
    behind = at(STANDING, 203.0)
    assert box(behind).overlap(box(THEM)) > 0.5
    _, found = script(THEM, *[NOBODY] * 20, THEM, sightings=[sighting(0.0, THEM, (behind,))])
    assert AWAY_S < 2.0
    assert found[-1]
