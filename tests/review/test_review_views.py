"""What the review's pages are made of, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from formcoach.coach.session.types import EventKind, SessionEvent
from formcoach.errors import UsageError
from formcoach.pose.landmarks import Side
from formcoach.review.charts import HEIGHT, LEFT, MEASURES, RIGHT, WIDTH, describe_change, draw_trend
from formcoach.review.comparison import NOT_KNOWN, TOO_SMALL, view_pair
from formcoach.review.forms import Filter, clean_note
from formcoach.review.templates import size_text
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.outline import read_outline
from formcoach.sessions.store.trends import read_trends
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.types import NotChecked
from report_data import LIVE
from review_store import FIRST, Clock, add_session
from sessions_data import NAN, NOTHING
from store_sessions import make_plan

GOOD, FLAGS, FELT, LEAN = MEASURES


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with SessionStore(tmp_path_factory.mktemp("store"), now=Clock()) as store:
        add_session(store, LIVE)
        (one,) = read_trends(store)
    return one


def at(session, days, **changes):
    return replace(session, summary=replace(session.summary, started=FIRST + timedelta(days=days)), **changes)


def test_a_chart_stays_inside_itself_and_leaves_out_what_is_not_known(session):
    sessions = [at(session, day, lean_deg=value) for day, value in enumerate([20.0, NAN, 35.0, -4.0, 61.0])]
    chart = draw_trend(LEAN, sessions)
    assert len(chart.points) == 4
    assert chart.unknown == 1
    assert all(LEFT <= one.x <= WIDTH - RIGHT and 0.0 < one.y < HEIGHT for one in chart.points)
    assert [one.x for one in chart.points] == sorted(one.x for one in chart.points)
    assert chart.points[3].y == min(one.y for one in chart.points)  # more is higher
    assert "nan" not in repr(chart)
    assert not chart.is_scored


def test_charts_of_one_and_of_no_session(session):
    for sessions in ([], [session]):
        for measure in MEASURES:
            chart = draw_trend(measure, sessions)
            assert len(chart.points) == len(sessions)
            assert chart.line == ""
            assert "nan" not in repr(chart).lower().replace("name", "")
    assert describe_change(draw_trend(GOOD, [])) == "Not known yet."


def test_lately_is_the_median_of_the_last_five(session):
    sessions = [at(session, day, lean_deg=float(day)) for day in range(12)]
    assert describe_change(draw_trend(LEAN, sessions)) == "9° lately, 4° before."
    assert describe_change(draw_trend(LEAN, sessions[:3])) == "1° lately."


def test_dates_do_not_touch(session):
    chart = draw_trend(LEAN, [at(session, day) for day in range(400)])
    columns = [x for x, _ in chart.days]
    assert all(second - first >= 70 for first, second in pairwise(columns))
    assert chart.days[-1][1].endswith("27")  # over a year's end the year is said


def test_a_filter_survives_its_address():
    chosen = Filter(date(2026, 9, 1), date(2026, 10, 2), "my exercise & more", Side.LEFT)
    query = chosen.as_query()
    assert query == "?from=2026-09-01&to=2026-10-02&exercise=my+exercise+%26+more&leg=left"
    values = {"from": "2026-09-01", "to": "2026-10-02", "exercise": "my exercise & more", "leg": "left"}
    assert Filter.read(values) == chosen
    assert Filter.read({"from": "1", "to": "2026-13-01", "leg": "LEFT", "exercise": ""}) == Filter()
    assert Filter().as_query() == ""


def test_a_filter_takes_days_with_their_ends(session):
    day = session.summary.started.date()
    assert Filter(first=day, last=day).apply([session]) == (session,)
    assert Filter(first=day + timedelta(days=1)).apply([session]) == ()
    assert Filter(last=day - timedelta(days=1)).apply([session]) == ()
    right_alone = replace(session, legs=(Side.RIGHT,))
    assert Filter(leg=Side.LEFT).apply([right_alone, session]) == (session,)
    asked_for = replace(session, legs=(), summary=replace(session.summary, leg=Side.LEFT))
    assert Filter(leg=Side.LEFT).apply([asked_for]) == (asked_for,)


@pytest.mark.parametrize("text", ["", " \r\n\t", "\0", "x" * 10_001])
def test_a_note_that_is_none(text):
    with pytest.raises(UsageError):
        clean_note(text)


def test_a_note_is_kept_as_it_was_written():
    assert clean_note(" a\r\n  b\rc\0 ") == "a\n  b\nc"


def test_a_difference_within_the_measurement_is_not_named(tmp_path):
    def lean(value_deg):
        changes = {"median_deg": value_deg, "sigma_deg": 4.0}
        return tuple(replace(one, **changes) if one.angle == "trunk_lean" else one for one in LIVE.angles)

    with SessionStore(tmp_path) as store:
        names = [add_session(store, replace(LIVE, angles=lean(deg))) for deg in (20.0, 30.0, 33.0)]
        names.append(add_session(store, NOTHING))
        trends = {one.summary.session_id: one for one in read_trends(store)}
        outlines = {name: read_outline(store, name) for name in names}

    def difference(first, second):
        pair = view_pair((trends[first], trends[second]), (outlines[first], outlines[second]))
        (row,) = (one for one in pair.angles if one.name == "Trunk lean")
        return row.difference

    assert difference(names[0], names[1]) == TOO_SMALL
    assert difference(names[0], names[2]) == "+13°"
    assert difference(names[2], names[0]) == "−13°"
    assert difference(names[0], names[3]) == NOT_KNOWN
    pair = view_pair((trends[names[0]], trends[names[3]]), (outlines[names[0]], outlines[names[3]]))
    assert "not checked" in [one.second for one in pair.numbers]


def test_side_by_side_says_which_flags_were_not_checked_and_which_the_exercise_does_not_have(tmp_path):
    in_line = FlagPeriod("hip_adduction", Severity.WARN, 22.0, 25.0, 9.0)
    front = replace(LIVE, flags=(in_line,), unchecked=(Unchecked("knee_locked", NotChecked.WRONG_VIEW, 0.9),))
    profile = replace(LIVE.profile, flags=tuple(one for one in LIVE.profile.flags if one.name != "cervical_flexion"))
    other = replace(front, profile=profile, flags=())
    with SessionStore(tmp_path) as store:
        names = [add_session(store, one, profile=one.profile) for one in (LIVE, front, other)]
        trends = {one.summary.session_id: one for one in read_trends(store)}
        outlines = {name: read_outline(store, name) for name in names}

    def cells(first, second):
        pair = view_pair((trends[first], trends[second]), (outlines[first], outlines[second]))
        return {one.label: (one.first.words, one.second.words) for one in pair.flags}

    words = cells(names[0], names[1])
    assert words["Leg in line"] == ("not checked: cannot be seen from this side", "")
    with SessionStore(tmp_path) as store:
        journal = store.begin(make_plan())
        looked = "hip_adduction: good, hip_medial_rotation: not checked"
        journal.note_event(SessionEvent(9.0, EventKind.FRONT_CHECK, Side.LEFT, 1, looked))
        journal.finish(LIVE)
        rows = dict(read_outline(store, journal.session_id).unchecked)
    assert rows["Leg in line"] == "cannot be seen from this side; seen from the front before a hold: left leg good"
    assert "front" not in rows["Toes straight"]
    assert words["Soft knee"] == ("", "not checked: cannot be seen from this side")
    assert words["Back"] == ("", "not raised")
    assert cells(names[0], names[2])["Neck"] == ("", "not part of the exercise")


def test_sizes():
    assert [size_text(one) for one in (0, 2_000, 99_000, 2_500_000)] == ["0.1 kB", "2.0 kB", "99.0 kB", "2.5 MB"]
