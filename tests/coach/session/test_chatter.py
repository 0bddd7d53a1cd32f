from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from formcoach.coach.session.chatter import SAME_AGAIN_S, Chatter, measure_speech_s
from formcoach.coach.session.types import Urgency


def listen(chatter, start_s, end_s):
    """Let time pass and return what begins to be said when."""
    heard = []
    for tenth in range(round(start_s * 10), round(end_s * 10)):
        heard += [(tenth / 10, one.text) for one in chatter.take(tenth / 10)]
    return heard


def test_one_thing_at_a_time_in_order():
    chatter = Chatter()
    chatter.say(0.0, "one two")
    chatter.say(0.0, "three")
    assert listen(chatter, 0, 5) == [(0.0, "one two"), (1.9, "three")]


def test_now_interrupts_and_what_waited_is_left_out():
    chatter = Chatter()
    chatter.say(0.0, "a long instruction")
    assert listen(chatter, 0, 0.5)
    chatter.say(0.5, "this would wait")
    chatter.say(0.5, "stop", Urgency.NOW)
    assert listen(chatter, 0.5, 10) == [(0.5, "stop")]


def test_praise_is_left_out_while_something_is_said_or_waits():
    chatter = Chatter()
    assert chatter.say(0.0, "one")
    assert not chatter.say(0.0, "good", Urgency.IF_QUIET)
    listen(chatter, 0, 1)
    assert not chatter.say(1.0, "good", Urgency.IF_QUIET)
    assert chatter.say(3.0, "good", Urgency.IF_QUIET)
    assert listen(chatter, 3, 5) == [(3.0, "good")]


def test_the_same_does_not_come_again_within_seven_seconds():
    chatter, times = Chatter(), []
    for tenth in range(150):
        chatter.say(tenth / 10, "again")
        times += [tenth / 10 for _ in chatter.take(tenth / 10)]
    assert times == [0.0, 7.0, 14.0]


def test_what_waited_too_long_is_no_longer_about_now():
    chatter = Chatter()
    chatter.say(0.0, "one two three four five six")
    listen(chatter, 0, 0.1)
    chatter.say(0.1, "soon", wait_s=1.0)
    assert listen(chatter, 0.1, 10) == []


def test_what_belongs_to_a_stage_ends_with_it():
    chatter = Chatter()
    chatter.say(0.0, "busy")
    listen(chatter, 0, 0.1)
    chatter.say(0.1, "of the stage", of_stage=True)
    chatter.say(0.1, "an answer")
    chatter.end_stage()
    assert [text for _, text in listen(chatter, 0.1, 10)] == ["an answer"]


texts = st.sampled_from(["one", "one two", "one two three", "a b c d e"])
calls = st.lists(st.tuples(texts, st.sampled_from(Urgency), st.integers(0, 30)), max_size=40)


@given(calls)
def test_nothing_but_what_is_urgent_comes_too_soon_or_too_often(calls):
    chatter, said, tenth = Chatter(), [], 0
    for text, urgency, wait in calls:
        chatter.say(tenth / 10, text, urgency)
        for _ in range(wait):
            said += [(tenth / 10, one) for one in chatter.take(tenth / 10)]
            tenth += 1
    for (before_s, before), (time_s, one) in pairwise(said):
        if one.urgency is not Urgency.NOW:
            assert time_s - before_s >= measure_speech_s(before.text) - 1e-9
    for text in {one.text for _, one in said}:
        times = [time_s for time_s, one in said if one.text == text]
        assert all(b - a >= SAME_AGAIN_S - 1e-9 for a, b in pairwise(times))
