"""The worst moments on a session whose flags are known."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_clip
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.pose.landmarks import Side
from formcoach.sessions.moments import HISTORY_S, KEPT_EACH, MomentKeeper
from formcoach.stretch import Severity, load_profile
from formcoach.stretch.events import FlagLog

PROFILE = load_profile()
TOES_UP = replace(STRETCHING, ankle=20.0)


def follow(*parts, keeper=None):
    """Send a clip through the coach; return the kept moments and the flag periods."""
    keeper, log = keeper or MomentKeeper(PROFILE), FlagLog(PROFILE)
    times, poses = make_clip(*parts)
    coach = Coach(PROFILE, load_calibration("heavy"), (640, 480))
    for index, time_s in enumerate(times):
        step = coach.step(float(time_s), poses[index])
        keeper.add(step)
        log.step(step.assessment)
    return keeper.moments(), log.periods, step


@pytest.fixture(scope="module")
def toes_up():
    return follow((STANDING, 2.0), (STRETCHING, 4.0), (TOES_UP, 4.0), (STRETCHING, 3.0), (STANDING, 1.0))


def test_the_kept_moment_is_the_peak_of_the_period(toes_up):
    moments, periods, _ = toes_up
    ankle = [one for one in periods if one.flag == "ankle_dorsiflexion"]
    (moment,) = [one for one in moments if one.flag == "ankle_dorsiflexion"]
    assert moment.value_deg == pytest.approx(max(one.peak_deg for one in ankle), abs=0.5)
    assert moment.severity is Severity.STRONG
    assert ankle[0].start_s <= moment.time_s <= ankle[-1].end_s
    assert moment.leg is Side.LEFT
    assert moment.angle is Angle.ANKLE_DORSIFLEXION
    assert bool(moment.pose.found)


def test_nothing_is_kept_of_good_form():
    moments, periods, _ = follow((STANDING, 2.0), (STRETCHING, 6.0), (STANDING, 1.0))
    assert moments == () or {one.flag for one in moments} == {one.flag for one in periods}
    assert all(one.severity is Severity.TIP for one in moments)


def test_the_poses_are_few_however_long_it_lasts():
    keeper = MomentKeeper(PROFILE)
    parts = [(STANDING, 2.0)]
    for number in range(KEPT_EACH + 3):
        parts += [(STRETCHING, 4.0), (replace(STRETCHING, ankle=12.0 + number), 3.0)]
    moments, _, _ = follow(*parts, keeper=keeper)
    ankle = [one.value_deg for one in moments if one.flag == "ankle_dorsiflexion"]
    assert len(ankle) <= KEPT_EACH + 1  # one of them goes on
    assert max(ankle) > 12.0 + number - 3.0  # the worst ones, not the first ones
    assert len(keeper._recent) <= HISTORY_S * 30 + 1


def test_a_kept_pose_does_not_hold_on_to_the_frames_around_it(toes_up):
    moments, _, _ = toes_up
    assert all(one.pose.points.base is None for one in moments)
    assert sys.getsizeof(moments[0].pose.points) < 1_000


def test_a_reading_that_is_unknown_is_never_the_worst(toes_up):
    moments, _, last = toes_up
    keeper = MomentKeeper(PROFILE)
    unknown = replace(last, readings=type(last.readings).unknown())
    flag = replace(last.assessment.flags[0], severity=Severity.WARN, since_s=last.time_s)
    from formcoach.stretch import Phase

    judged = replace(last.assessment, phase=Phase.HOLD, flags=(flag,))
    keeper.add(replace(unknown, assessment=judged))
    assert keeper.moments() == ()
    assert all(np.isfinite(one.value_deg) for one in moments)
