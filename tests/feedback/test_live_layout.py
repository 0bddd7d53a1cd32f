from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcoach.feedback.overlay.canvas import Box
from formcoach.feedback.overlay.live_layout import arrange

# Of cameras and of screens; the last is a phone's.
SIZES = ((640, 480), (1280, 720), (1920, 1080), (720, 1280))


@given(
    width=st.integers(320, 3840),
    height=st.integers(240, 2160),
    picture=st.sampled_from([(640, 480), (1280, 720), (720, 1280), (480, 480), (3840, 1080)]),
)
def test_places_never_meet_and_the_picture_keeps_its_proportions(width, height, picture):
    layout = arrange((width, height), picture)
    screen = Box(0, 0, width, height)
    places = [layout.picture, layout.sign, layout.leg, layout.ring, layout.list, layout.caption, layout.notices]
    for place in places:
        assert screen.holds(place)
    for one, other in itertools.combinations(places, 2):
        assert not one.meets(other)
    for fixed in (layout.picture, layout.sign, layout.leg, layout.caption, layout.notices):
        assert not layout.long_list.meets(fixed)
    scale = layout.picture.width / picture[0]
    assert layout.picture.height == pytest.approx(scale * picture[1], abs=1.5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("camera", SIZES)
def test_the_picture_stays_large(size, camera):
    picture = arrange(size, camera).picture
    fitting = min(size[0] / camera[0], size[1] / camera[1])
    assert picture.width / camera[0] > 0.6 * fitting
