from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from reached import LIMITS, least_checked, limit_deg, measure_all, read_limits, write_limits
from recordings import GOOD_STRETCH, OWN_STANDING, make_recorded_clip, on_top
from runs import run_program


@pytest.mark.parametrize(("reached_deg", "limit"), [(0.6, 1.0), (1.22, 1.7), (2.0, 2.4), (2.01, 2.5), (10.0, 11.5)])
def test_a_limit_lies_a_share_or_some_tenths_above_what_was_reached(reached_deg, limit):
    assert limit_deg(reached_deg) == pytest.approx(limit)


@pytest.mark.parametrize(("checked", "least"), [(1.0, 0.95), (0.83, 0.8), (0.8, 0.8), (0.79, 0.74), (0.62, 0.57)])
def test_the_aim_is_kept_where_it_is_reached(checked, least):
    assert least_checked(checked) == pytest.approx(least)


def test_no_limit_in_the_repository_is_looser_than_that():
    limits = read_limits()
    assert len({one.key for one in limits}) == len(limits)
    for one in limits:
        assert one.error_deg < one.most_deg <= limit_deg(one.error_deg) + 0.1, one
        assert least_checked(one.checked) - 0.001 <= one.least_checked <= one.checked, one


def test_what_is_written_can_be_read(tmp_path):
    path = tmp_path / "limits.csv"
    write_limits(read_limits(), path)
    assert path.read_bytes() == LIMITS.read_bytes()


@pytest.fixture(scope="module")
def runs():
    clip = make_recorded_clip("a", OWN_STANDING, (on_top(OWN_STANDING, **GOOD_STRETCH), 4.0))
    return run_program(clip, load_calibration("heavy"), load_profile())


def test_a_limit_gets_tighter_and_never_looser(runs):
    first, *others = measure_all(runs)
    assert first.key == ("side", "scripted", "zero-phase, with baseline", Angle.ANKLE_DORSIFLEXION)
    assert (first.least_checked, first.most_deg) == (least_checked(first.checked), limit_deg(first.error_deg))
    tight = replace(first, least_checked=1.0, most_deg=0.1)
    loose = replace(first, least_checked=0.1, most_deg=90.0)
    assert measure_all(runs, [tight, *others])[0] == tight
    assert measure_all(runs, [loose, *others])[0] == first


def test_no_limit_is_lost(runs):
    first, *others = measure_all(runs)
    gone = replace(first, angle=Angle.HIP_ADDUCTION.value)
    with pytest.raises(SystemExit, match="side, scripted, zero-phase, with baseline: hip_adduction"):
        measure_all(runs, [gone, *others])
    with pytest.raises(SystemExit, match="less is checked than before"):
        measure_all(runs, [replace(first, people=first.people + 1), *others])


def test_what_is_not_checked_has_no_limit(runs):
    measured = {one.angle for one in measure_all(runs)}
    assert Angle.KNEE_FLEXION in measured
    assert Angle.HIP_ADDUCTION not in measured
