from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_pose
from formcoach.analysis.people import looks_like_stretch
from formcoach.pose.people import Sighting, choose_person, choose_pose, find_people
from formcoach.pose.region import Region

SIZE = (1280, 480)


def at(figure, x, scale=180.0):
    return make_pose(replace(figure, centre=(x, 240.0), scale=scale))


def test_one_person_needs_no_region():
    choice = choose_person([[at(STANDING, 300)]] * 5, SIZE, looks_like_stretch)
    assert (choice.people, choice.region) == (1, None)


def test_nobody():
    choice = choose_person([[], []], SIZE, looks_like_stretch)
    assert (choice.people, choice.region) == (0, None)
    assert choose_pose([], SIZE, looks_like_stretch) is None


def test_the_one_who_stretches_is_followed_though_smaller_and_aside():
    samples = [[at(STANDING, 640), at(STRETCHING, 250, scale=140.0)]] * 6
    choice = choose_person(samples, SIZE, looks_like_stretch)
    assert choice.people == 2
    assert choice.region.left < 250 < choice.region.right < 640


def test_without_a_stretch_the_largest_and_most_central():
    big = choose_person([[at(STANDING, 400), at(STANDING, 900, scale=110.0)]] * 6, SIZE, looks_like_stretch)
    assert big.region.left < 400 < big.region.right < 900
    middle = choose_person([[at(STANDING, 100), at(STANDING, 640)]] * 6, SIZE, looks_like_stretch)
    assert middle.region.left < 640 < middle.region.right
    assert middle.region.left > 100


def test_who_goes_from_one_place_to_another_is_one_person():
    samples = [[at(STANDING, 300)]] * 4 + [[at(STRETCHING, 900)]] * 4
    assert choose_person(samples, SIZE, looks_like_stretch).people == 1
    other = at(STANDING, 600, scale=120.0)
    choice = choose_person([[*people, other] for people in samples], SIZE, looks_like_stretch)
    assert choice.people == 2
    assert len(choice.sightings) == 8
    assert choice.region.left < 300
    assert choice.region.right > 900


def test_two_who_are_found_in_turns_are_two():
    samples = [[at(STANDING, 300)], [at(STANDING, 900)]] * 4
    assert choose_person(samples, SIZE, looks_like_stretch).people == 2


def test_where_two_could_have_gone_to_another_place_nobody_is_taken_for_them():
    both = [[at(STANDING, 300), at(STANDING, 900)]] * 6
    choice = choose_person(both + [[at(STRETCHING, 620)]] * 6, SIZE, looks_like_stretch)
    assert choice.people == 3
    assert len(choice.sightings) == 6


def test_somebody_who_walks_by_does_not_count():
    samples = [[at(STANDING, 640)]] * 10 + [[at(STANDING, 640), at(STANDING, 200, scale=120.0)]] * 2
    assert choose_person(samples, SIZE, looks_like_stretch).people == 1


def test_the_region_holds_the_person_in_all_samples():
    samples = [[at(STRETCHING, x), at(STANDING, 1100)] for x in (300.0, 330.0, 360.0)]
    region = choose_person(samples, SIZE, looks_like_stretch).region
    for people in samples:
        own = Region.around(people[0].points)
        assert region.left <= own.left
        assert region.right >= own.right
    assert region.top >= 0
    assert region.bottom <= SIZE[1]


def test_the_region_has_room_for_a_leg_that_is_raised_later_but_not_for_somebody_else():
    standing, other = at(STANDING, 300), at(STANDING, 1000)
    region = choose_person([[standing, other]] * 6, SIZE, lambda pose: float(pose is standing)).region
    height = Region.around(standing.points).height
    assert region.left <= 300 - 0.7 * height
    assert region.right >= 300 + 0.7 * height
    near = at(STANDING, 300 + round(0.5 * height))
    close = choose_person([[standing, near]] * 6, SIZE, lambda pose: float(pose is standing)).region
    assert close.right < region.right
    assert close.left == region.left


def test_it_is_told_where_the_chosen_one_and_all_others_were():
    samples = [[at(STRETCHING, 300), at(STANDING, 700)], [at(STANDING, 720)], [at(STRETCHING, 310)]] * 2
    choice = choose_person(samples, SIZE, looks_like_stretch, [0.5 * index for index in range(6)])
    assert [one.time_s for one in choice.sightings] == [0.0, 1.0, 1.5, 2.5]
    for one, x in zip(choice.sightings, (300, 310, 300, 310), strict=True):
        assert one.region == Region.around(at(STRETCHING, x).points)
        # Who was not found in a sample is where they were in those beside it.
        assert one.others
        assert all(670 < other.left < other.right < 740 for other in one.others)
    assert choose_person([samples[0]] * 3, SIZE, looks_like_stretch).sightings[0].time_s == 0.0


def test_a_place_has_room_around_the_person_but_none_that_others_take_up():
    them, near, behind = Region(300, 100, 400, 400), Region(420, 100, 500, 400), Region(350, 100, 450, 300)
    free = Sighting(0.0, them, ()).place
    assert free == Region(255, 55, 445, 445)
    assert Sighting(0.0, them, (near,)).place == replace(free, right=420)
    # Who stands in front of somebody stays whole.
    assert Sighting(0.0, them, (behind,)).place == replace(free, right=400)


def test_the_stretch_is_recognised_and_other_postures_are_not():
    assert looks_like_stretch(make_pose(STRETCHING)) == 1.0
    assert looks_like_stretch(make_pose(STANDING)) == 0.0


class Detector:
    """Knows where people stand and finds those that lie whole in the picture it is given."""

    def __init__(self, poses, whole):
        self._poses, self._whole = poses, whole
        self.sizes = []

    def detect_people(self, image):
        height, width = image.shape[:2]
        self.sizes.append((width, height))
        offset = int(image[0, 0, 0])
        found = []
        for pose in self._poses:
            moved = pose.moved(-float(offset), 0.0)
            inside = (moved.points[:, 0] >= 0).all() and (moved.points[:, 0] < width).all()
            if inside and (width < self._whole):
                found.append(moved)
        return found


def test_wide_pictures_are_searched_in_tiles_and_everybody_is_found_once():
    # Each column tells its own place, so that the detector knows which tile it was given.
    image = np.repeat(np.arange(1280, dtype=np.int32)[None, :, None], 480, axis=0).repeat(3, axis=2)
    detector = Detector([at(STANDING, 250), at(STRETCHING, 1000, scale=150.0)], whole=1280)
    people = find_people(detector, image)
    assert sorted(float(np.mean(one.points[:, 0])) > 640 for one in people) == [False, True]
    assert detector.sizes[0] == (1280, 480)
    assert set(detector.sizes[1:]) == {(480, 480)}


@pytest.fixture(scope="module")
def detector():
    from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
    from formcoach.pose.model_files import load_model_file

    with MediaPipePeopleDetector(load_model_file("full")) as one:
        yield one


def test_two_real_people_side_by_side_are_both_found(detector, samples):
    first = cv2.imread(str(samples / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg"))
    second = cv2.imread(str(samples / "photos" / "runners_stretch_0.jpg"))
    people = find_people(detector, np.hstack([first, second[:, 400:]]))
    assert len(people) == 2
    chosen = choose_pose(people, (1300, 567), looks_like_stretch)
    assert chosen.points[:, 0].max() < 850


def test_one_real_person_is_found_once(detector, samples):
    image = cv2.imread(str(samples / "photos" / "standing_gastrocnemius_calf_stretch_0.jpg"))
    assert len(find_people(detector, image)) == 1


def test_an_empty_room_has_nobody(detector):
    assert find_people(detector, np.full((480, 640, 3), 120, np.uint8)) == []
