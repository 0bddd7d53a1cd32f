from __future__ import annotations

import pytest

from formcoach.coach.session.types import Stage
from formcoach.live.rates import FrameRate, SlownessWatch


def test_the_rate_is_that_of_the_last_two_seconds():
    rate = FrameRate()
    assert rate.fps() != rate.fps()
    for index in range(40):
        rate.note(index / 20)
    for index in range(30):
        rate.note(2.0 + index / 10)
    assert rate.fps() == pytest.approx(10.0)


def test_the_first_second_says_nothing_of_the_rate():
    rate = FrameRate()
    for time_s in (0.0, 0.6, 0.95):
        rate.note(time_s)
        assert rate.fps() != rate.fps()
    rate.note(1.05)
    assert rate.fps() == pytest.approx(3 / 1.05)


def follow(watch, stages, processed_fps, camera_fps):
    """Go through (stage, seconds) at a rate; return the stages at which the model is to be changed."""
    time_s, changes = 0.0, []
    for stage, seconds in stages:
        for _ in range(round(seconds * processed_fps)):
            time_s += 1.0 / processed_fps
            if watch.step(time_s, stage, camera_fps):
                changes.append(stage)
    return changes


HOLD = [(Stage.HOLD, 10.0), (Stage.COME_UP, 2.0), (Stage.QUESTION, 3.0), (Stage.TURN_ROUND, 2.0), (Stage.BASELINE, 2.0)]


@pytest.mark.parametrize(
    ("processed", "camera", "changes"),
    [(8.0, 30.0, [Stage.TURN_ROUND]), (13.0, 30.0, []), (8.0, 8.0, []), (11.0, 12.0, [])],
    ids=["slow", "fast enough", "slow camera", "about as fast as its camera"],
)
def test_only_a_machine_that_is_slower_than_its_camera_changes_and_only_between_sets(processed, camera, changes):
    assert follow(SlownessWatch(), HOLD, processed, camera) == changes


def test_a_short_hold_tells_nothing():
    assert follow(SlownessWatch(), [(Stage.HOLD, 2.0), (Stage.TURN_ROUND, 2.0)], 8.0, 30.0) == []


def test_after_a_change_the_next_hold_decides():
    watch = SlownessWatch()
    assert follow(watch, HOLD, 8.0, 30.0) == [Stage.TURN_ROUND]
    assert follow(watch, HOLD, 14.0, 30.0) == []
