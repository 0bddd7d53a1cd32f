from __future__ import annotations

from formcoach.coach.session.types import Direction, Stage
from formcoach.live.sets import SetLog
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import SetRecord
from formcoach.stretch.phases import Hold


def go_through(log, stage, leg, number, start_s, end_s):
    for index in range(round((end_s - start_s) * 10) + 1):
        time_s = start_s + index / 10
        log.step(time_s, Direction(time_s, stage, leg, number, 2, ""))


def test_every_set_has_its_leg_its_number_and_what_was_counted_in_it():
    log = SetLog()
    go_through(log, Stage.RAISE_LEG, Side.LEFT, 1, 0.0, 5.0)
    go_through(log, Stage.HOLD, Side.LEFT, 1, 5.0, 15.0)
    go_through(log, Stage.PAUSED, Side.LEFT, 1, 15.1, 20.0)
    go_through(log, Stage.HOLD, Side.LEFT, 1, 20.0, 30.0)
    go_through(log, Stage.HOLD, Side.RIGHT, 1, 50.0, 60.0)
    go_through(log, Stage.HOLD, Side.LEFT, 2, 80.0, 90.0)
    holds = [
        Hold(Side.LEFT, 4.5, 15.0, 9.0, 8.0),
        Hold(Side.LEFT, 20.0, 30.4, 10.0, 7.0),
        Hold(Side.RIGHT, 50.0, 60.0, 9.5, 9.5),
        Hold(Side.LEFT, 80.0, 90.0, 5.0, 0.0),
    ]
    assert log.records(holds) == (
        SetRecord(Side.LEFT, 1, 5.0, 30.0, 19.0, 15.0),
        SetRecord(Side.RIGHT, 1, 50.0, 60.0, 9.5, 9.5),
        SetRecord(Side.LEFT, 2, 80.0, 90.0, 5.0, 0.0),
    )


def test_a_session_without_a_hold_has_no_sets():
    log = SetLog()
    go_through(log, Stage.FRAMING, None, 1, 0.0, 5.0)
    assert log.records([Hold(Side.LEFT, 1.0, 2.0, 1.0, 1.0)]) == ()
