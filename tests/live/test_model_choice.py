from __future__ import annotations

import numpy as np
import pytest

from formcoach.live.engine import PoseEngine
from formcoach.live.model_choice import HEADROOM, MINIMUM_FPS, REPEATS, ModelTiming, choose_model, load_picture
from formcoach.pose.region import Region
from live_parts import Clock, FakeModel, make_frame

PICTURE = np.zeros((4, 4, 3), np.uint8)


class Warming(FakeModel):
    """Takes ten times as long for its first picture."""

    def detect(self, frame):
        self.clock.now_s += 9 * self.takes_s if not self.seen else 0.0
        return super().detect(frame)


def choose(**takes_s):
    clock = Clock()
    opened = {}

    def open_model(name):
        opened[name] = Warming(name, clock, takes_s[name])
        return opened[name]

    chosen, timings = choose_model(PICTURE, open_model, tuple(takes_s), clock)
    return chosen.info.name, timings, opened


def test_the_best_that_is_fast_enough_is_taken_and_nothing_more_is_measured():
    name, timings, opened = choose(heavy=0.06, full=0.02, lite=0.01)
    assert name == "heavy"
    assert list(opened) == ["heavy"]
    assert timings == (ModelTiming("heavy", pytest.approx(0.06)),)
    assert len(opened["heavy"].seen) == 1 + REPEATS  # the first, slow picture did not count
    assert not opened["heavy"].closed


def test_one_that_is_too_slow_gives_way_and_is_closed():
    name, timings, opened = choose(heavy=0.2, full=0.03, lite=0.01)
    assert name == "full"
    assert [one.name for one in timings] == ["heavy", "full"]
    assert opened["heavy"].closed
    assert not opened["full"].closed


def test_the_last_one_is_taken_whatever_it_takes():
    name, timings, opened = choose(heavy=2.0, full=1.0, lite=0.5)
    assert name == "lite"
    assert len(timings) == 3
    assert [opened[one].closed for one in ("heavy", "full", "lite")] == [True, True, False]


@pytest.mark.parametrize(("share", "holds"), [(0.99, True), (1.01, False)])
def test_it_must_hold_twelve_a_second_beside_everything_else(share, holds):
    assert ModelTiming("heavy", share / (MINIMUM_FPS * HEADROOM)).holds is holds


def test_a_model_that_fails_is_closed():
    clock = Clock()
    broken = FakeModel("heavy", clock)
    broken.detect = lambda frame: 1 / 0
    with pytest.raises(ZeroDivisionError):
        choose_model(PICTURE, lambda name: broken, ("heavy",), clock)
    assert broken.closed


def test_the_picture_that_is_measured_with_is_a_whole_one():
    assert load_picture().shape == (480, 640, 3)


def test_an_inference_takes_as_long_as_most_of_the_last():
    clock = Clock()
    model = FakeModel("heavy", clock, 0.05)
    engine = PoseEngine(model, lambda name: None, clock=clock)
    assert engine.inference_s == float("inf")
    engine.detect(make_frame(0, 0.0))
    model.takes_s = 0.2
    engine.detect(make_frame(1, 0.1))
    model.takes_s = 0.05
    engine.detect(make_frame(2, 0.2))
    assert engine.inference_s == pytest.approx(0.05)  # a single slow one changes nothing
    model.takes_s = 0.2
    for index in range(3, 20):
        engine.detect(make_frame(index, index / 10))
    assert engine.inference_s == pytest.approx(0.2)


def test_the_next_smaller_model_follows_the_same_person():
    clock = Clock()
    heavy, full = FakeModel("heavy", clock), FakeModel("full", clock)
    engine = PoseEngine(heavy, {"full": full}.get, ("full", "lite"), clock=clock)
    region = Region(10, 10, 100, 200)
    engine.follow(region)
    engine.step_down()
    assert heavy.closed
    assert engine.info.name == "full"
    assert full.regions == [region]
    assert engine.smaller == "lite"
    assert engine.calibration.variant == "full"
