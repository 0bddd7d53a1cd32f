"""One of several people is followed, whoever the pose model changes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.pose.following import AWAY_S, SAME_PERSON_OVERLAP, PersonFollower
from formcoach.pose.people import PersonChoice, Sighting
from formcoach.pose.pose import Pose
from formcoach.pose.region import Region
from formcoach.video import Frame

WHOLE = Region(0, 0, 640, 480)


def at(figure, x):
    return make_pose(replace(figure, centre=(x, 240.0), scale=120.0))


THEM, LEANING, OTHER = at(STANDING, 200.0), at(STRETCHING, 200.0), at(STANDING, 400.0)
BOX, OTHER_BOX = Region.around(THEM.points), Region.around(OTHER.points)


class Model:
    """Gives the poses of a script and remembers where it was told to look."""

    def __init__(self, *poses):
        self.poses = list(poses)
        self.told = []

    def detect(self, frame):
        return self.poses[frame.index]

    def follow(self, region, anchor=None):
        self.told.append((region, anchor))


def sightings(*times_s, others=(OTHER_BOX,)):
    return tuple(Sighting(time_s, BOX, others) for time_s in times_s)


def run(poses, seen=None, step_s=0.1):
    model = Model(*poses)
    follower = PersonFollower(model, PersonChoice(2, WHOLE, sightings(0.0) if seen is None else seen))
    blank = np.zeros((480, 640, 3), dtype=np.uint8)
    return model, [follower.detect(Frame(index, step_s * index, blank)) for index in range(len(poses))]


def test_who_is_alone_is_taken_as_they_come():
    model = Model(THEM, OTHER, Pose.missing())
    follower = PersonFollower(model, PersonChoice(1, None))
    blank = np.zeros((480, 640, 3), dtype=np.uint8)
    assert [follower.detect(Frame(index, float(index), blank)) for index in range(3)] == model.poses
    assert model.told == []


def test_the_model_is_told_where_to_look_first():
    model, found = run([THEM, LEANING, THEM])
    ((region, anchor),) = model.told
    assert region == WHOLE
    assert anchor.inside_share(BOX) == 1.0
    assert anchor.right <= OTHER_BOX.left
    assert found == [THEM, LEANING, THEM]


def test_somebody_else_is_nobody_and_the_model_is_sent_back_to_where_the_person_was():
    moved = at(STANDING, 206.0)
    model, found = run([THEM, moved, OTHER, moved])
    assert [bool(pose.found) for pose in found] == [True, True, False, True]
    assert len(model.told) == 2
    assert model.told[1][1].inside_share(Region.around(moved.points)) == 1.0


def test_who_reaches_over_to_somebody_else_is_still_told_from_them():
    reaching = at(STRETCHING, 480.0)
    box = Region.around(reaching.points)
    assert box.overlap(OTHER_BOX) > SAME_PERSON_OVERLAP
    _, found = run([reaching, OTHER, reaching], (Sighting(0.0, box, (OTHER_BOX,)),))
    assert [bool(pose.found) for pose in found] == [True, False, True]


def test_who_was_not_seen_for_a_while_may_be_anywhere_but_where_somebody_else_is():
    missing, back = [Pose.missing()] * 13, at(STANDING, 560.0)
    _, found = run([THEM, *missing, back])
    assert AWAY_S < 0.1 * 14
    assert found[-1] is back
    _, found = run([THEM, *missing, OTHER])
    assert not found[-1].found


def test_two_sightings_elsewhere_in_a_row_tell_that_somebody_else_was_followed():
    elsewhere = tuple(Sighting(time_s, OTHER_BOX, (BOX,)) for time_s in (0.15, 0.35))
    model, found = run([THEM, THEM, THEM, THEM, THEM, OTHER], (*sightings(0.0), *elsewhere))
    # One of them alone leaves it open, and nothing is said meanwhile.
    assert [bool(pose.found) for pose in found] == [True, True, False, False, False, True]
    assert model.told[-1][1].inside_share(OTHER_BOX) == 1.0


def test_one_sighting_elsewhere_may_be_a_mistake():
    wrong = Sighting(0.15, OTHER_BOX, ())
    model, found = run([THEM] * 6, (*sightings(0.0), wrong, *sightings(0.35)))
    assert found == [THEM] * 6
    assert len(model.told) == 1


@pytest.mark.parametrize("first_s", [0.0, 3.0])
def test_before_the_first_sighting_they_are_looked_for_where_it_is(first_s):
    model, found = run([OTHER, OTHER, THEM], sightings(first_s))
    assert [bool(pose.found) for pose in found] == [False, False, True]
    assert len(model.told) == 3
