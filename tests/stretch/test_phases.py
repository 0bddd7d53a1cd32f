from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.pose.landmarks import Side
from formcoach.stretch.phases import HoldClock, Moment, PhaseMachine
from formcoach.stretch.profile import load_profile
from formcoach.stretch.types import Phase, Severity

RULE = load_profile().hold
FPS = 10.0
NOBODY = Moment(0.0, False, False, False, None, False, False)
STANDING = Moment(0.0, True, True, False, None, False, False)
BASELINE = replace(STANDING, taking_baseline=True)
LIFTING = replace(STANDING, upright=False, leg=Side.LEFT, leg_raised=True, knee_bent=True)
UP = replace(LIFTING, knee_bent=False)
CROUCHING = replace(STANDING, upright=False)


def run(*parts):
    """Feed (moment, seconds) parts and return the phases."""
    machine, phases, frame = PhaseMachine(RULE), [], 0
    for moment, seconds in parts:
        for _ in range(round(seconds * FPS)):
            phases.append(machine.step(replace(moment, time_s=frame / FPS)))
            frame += 1
    return phases


def changes(phases):
    return [phase for index, phase in enumerate(phases) if index == 0 or phase is not phases[index - 1]]


def test_the_whole_course():
    phases = run((NOBODY, 1), (STANDING, 1), (BASELINE, 2), (STANDING, 1), (LIFTING, 1), (UP, 5), (STANDING, 1))
    assert changes(phases) == [
        Phase.FRAMING,
        Phase.READY,
        Phase.BASELINE,
        Phase.READY,
        Phase.LEG_UP,
        Phase.HOLD,
        Phase.RELEASED,
    ]


def test_the_hold_begins_when_the_leg_has_settled():
    phases = run((STANDING, 1), (LIFTING, 2), (UP, 4))
    first = phases.index(Phase.HOLD) / FPS
    assert first == pytest.approx(3.0 + RULE.settle_s.value, abs=0.15)


def test_a_leg_that_only_passes_by_is_no_hold():
    assert Phase.HOLD not in run((STANDING, 1), (UP, 1), (STANDING, 2))
    assert run((STANDING, 1), (UP, 1), (STANDING, 1))[-1] is Phase.READY


def test_the_hold_ends_when_the_knee_bends_and_the_next_one_settles_anew():
    phases = run((STANDING, 1), (UP, 4), (LIFTING, 1), (UP, 4), (LIFTING, 1), (STANDING, 1))
    assert changes(phases) == [
        Phase.READY,
        Phase.LEG_UP,
        Phase.HOLD,
        Phase.RELEASED,
        Phase.LEG_UP,
        Phase.HOLD,
        Phase.RELEASED,
    ]
    assert phases.index(Phase.RELEASED) == 50


def test_lost_after_one_second_and_back_in_the_hold():
    phases = run((STANDING, 1), (UP, 3), (NOBODY, 2), (UP, 1))
    assert phases[40 + 5] is Phase.HOLD
    assert phases[40 + 15] is Phase.LOST
    assert phases[-1] is Phase.HOLD


def test_lost_and_back_with_the_leg_down_is_released():
    assert run((STANDING, 1), (UP, 3), (NOBODY, 2), (STANDING, 1))[-1] is Phase.RELEASED


def test_nobody_and_odd_postures_are_framing():
    assert changes(run((NOBODY, 3), (CROUCHING, 2))) == [Phase.FRAMING]


def clock(*parts, leg=Side.LEFT, fps=FPS):
    one, frame = HoldClock(1.0), 0
    for phase, severity, seconds in parts:
        for _ in range(round(seconds * fps)):
            one.step(frame / fps, phase, severity, leg, good=severity in (Severity.GOOD, Severity.TIP))
            frame += 1
    return one


def test_the_clock_runs_in_good_and_warn_and_counts_good_apart():
    one = clock((Phase.HOLD, Severity.GOOD, 4), (Phase.HOLD, Severity.WARN, 3), (Phase.HOLD, Severity.TIP, 2))
    one.finish()
    (hold,) = one.finished
    assert hold.counted_s == pytest.approx(8.9, abs=0.01)
    assert hold.good_s == pytest.approx(5.9, abs=0.01)
    assert hold.leg is Side.LEFT


def test_the_clock_stands_still_when_paused_or_lost():
    one = clock(
        (Phase.HOLD, Severity.GOOD, 4),
        (Phase.PAUSED, Severity.STRONG, 3),
        (Phase.HOLD, Severity.GOOD, 2),
        (Phase.LOST, Severity.NOT_CHECKED, 5),
        (Phase.HOLD, Severity.GOOD, 1),
    )
    assert one.counted_s == pytest.approx(3.9 + 1.9 + 0.9, abs=0.01)
    assert one.finished == []


def test_form_that_nobody_could_check_does_not_count():
    one = clock((Phase.HOLD, Severity.NOT_CHECKED, 4), (Phase.HOLD, Severity.GOOD, 2))
    assert one.counted_s == pytest.approx(2.0, abs=0.01)


def test_release_ends_the_hold_and_the_next_one_starts_at_zero():
    one = clock(
        (Phase.HOLD, Severity.GOOD, 4),
        (Phase.RELEASED, Severity.NOT_CHECKED, 1),
        (Phase.HOLD, Severity.GOOD, 2),
    )
    assert [round(hold.counted_s, 1) for hold in one.finished] == [3.9]
    assert one.counted_s == pytest.approx(1.9, abs=0.01)


def test_time_that_was_not_seen_does_not_count():
    one = HoldClock(1.0)
    one.step(0.0, Phase.HOLD, Severity.GOOD, Side.LEFT, good=True)
    one.step(0.5, Phase.HOLD, Severity.GOOD, Side.LEFT, good=True)
    one.step(9.0, Phase.HOLD, Severity.GOOD, Side.LEFT, good=True)
    assert one.counted_s == 0.5


def test_a_variable_frame_rate_counts_real_seconds():
    one = HoldClock(1.0)
    for time_s in (0.0, 0.1, 0.3, 0.35, 1.0, 1.9):
        one.step(time_s, Phase.HOLD, Severity.GOOD, Side.LEFT, good=True)
    assert one.counted_s == pytest.approx(1.9)
