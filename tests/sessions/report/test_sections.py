"""What each section is made of, as data."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from importlib import resources
from itertools import combinations

import numpy as np
import pytest

from formcoach.angles import Angle
from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import SetRecord
from formcoach.sessions.report.body_map import MIDDLE, place_marks
from formcoach.sessions.report.charts import HEIGHT, LEFT, WIDTH, WORDS_HEIGHT, draw_chart, draw_overview, nice_ticks
from formcoach.sessions.report.comparison import Compared, view_comparison
from formcoach.sessions.report.flags import SHOWN_PERIODS, view_flags
from formcoach.sessions.report.holds import view_holds
from formcoach.sessions.report.moments import SHOWN, choose_moments, view_moments
from formcoach.sessions.report.settings import view_settings
from formcoach.sessions.report.symptoms import view_symptoms
from formcoach.sessions.report.timeline import BUCKETS, view_timeline
from formcoach.sessions.series import AngleSeries
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.profile import Number
from formcoach.stretch.types import NotChecked
from report_data import LIVE, MOMENTS, make_long_record, make_moment, make_series, make_symptom
from sessions_data import NOTHING, RECORD

SERIES = make_series()


# -- holds


def test_every_hold_stands_in_its_set_and_every_leg_has_a_sum():
    view = view_holds(LIVE)
    assert [(row.leg, row.set_number) for row in view.rows] == [
        (Side.LEFT, 1), (Side.LEFT, 2), (Side.RIGHT, 1), (Side.RIGHT, 1),
    ]  # fmt: skip
    left, right = view.totals
    assert (left.leg, left.holds, right.holds) == (Side.LEFT, 2, 1)  # one of two parts
    assert left.counted_s == pytest.approx(60.3)
    assert right.good_share == pytest.approx(10.0 / 30.5)
    assert view.rows[0].other_s == pytest.approx(30.2 - 24.5)
    assert view.rows[0].paused_s == pytest.approx(35.0 - 30.2)
    assert view.scale_s == 35.0


def test_a_set_in_which_nothing_was_held_is_not_forgotten():
    view = view_holds(replace(LIVE, sets=(*LIVE.sets, SetRecord(Side.RIGHT, 2, 206.0, 209.0, 0.0, 0.0))))
    assert (view.rows[-1].leg, view.rows[-1].set_number, view.rows[-1].counted_s) == (Side.RIGHT, 2, 0.0)


def test_good_form_is_not_spoken_of_where_little_was_checked():
    assert view_holds(LIVE).form_known
    blind = tuple(Unchecked(rule.name, NotChecked.WRONG_VIEW, 1.0) for rule in LIVE.profile.flags[:-2])
    assert not view_holds(replace(LIVE, unchecked=blind)).form_known


def test_a_hold_that_counted_nothing_has_no_share():
    view = view_holds(replace(LIVE, holds=(Hold(Side.LEFT, 1.0, 2.0, 0.0, 0.0),), sets=()))
    assert np.isnan(view.totals[0].good_share)


# -- comparison


def test_left_and_right_are_compared_over_their_own_holds():
    values = SERIES.readings.value_deg.copy()
    inside = (SERIES.time_s >= 160.0) & (SERIES.time_s <= 204.0)
    values[inside, Angle.KNEE_FLEXION.column] = 40.0
    changed = replace(SERIES, readings=replace(SERIES.readings, value_deg=values))
    view = view_comparison(LIVE, changed)
    knee = next(one for one in view.angles if one.angle is Angle.KNEE_FLEXION)
    assert knee.right_deg == pytest.approx(40.0)
    assert knee.left_deg == pytest.approx(9.0, abs=2.0)
    assert knee.is_certain
    ankle = next(one for one in view.angles if one.angle is Angle.ANKLE_DORSIFLEXION)
    assert not ankle.is_certain
    assert Angle.HIP_ADDUCTION not in {one.angle for one in view.angles}  # never known


def test_one_leg_alone_is_compared_with_nothing():
    assert view_comparison(RECORD, SERIES) is None


@pytest.mark.parametrize(("left", "right", "shown"), [(-24.4, -24.6, 1.0), (10.6, 11.4, 0.0), (30.0, -5.0, 35.0)])
def test_a_difference_is_that_of_the_numbers_that_stand_beside_it(left, right, shown):
    assert Compared(Angle.KNEE_FLEXION, left, right, 2.0, 2.0).shown_deg == shown
    assert np.isnan(Compared(Angle.KNEE_FLEXION, np.nan, right, 2.0, 2.0).shown_deg)


@pytest.mark.parametrize(("right", "certain"), [(11.0, False), (12.0, True), (float("nan"), False)])
def test_a_difference_counts_beyond_two_standard_deviations_of_it(right, certain):
    assert Compared(Angle.KNEE_FLEXION, 0.0, right, 4.0, 4.0).is_certain is certain


# -- flags


def test_each_flag_says_how_long_how_much_and_when():
    back = view_flags(LIVE)[0]
    assert back.rule.name == "lumbar_flexion"
    assert back.seconds == ((Severity.STRONG, 3.0), (Severity.WARN, 2.0))
    assert (back.total_s, back.peak_deg, back.worst) == (5.0, 41.0, Severity.STRONG)
    assert [one.start_s for one in back.periods] == [162.0, 164.0]


def test_many_periods_are_folded_away_but_none_is_lost():
    row = view_flags(make_long_record())[0]
    assert len(row.shown) == SHOWN_PERIODS
    assert row.shown + row.folded == row.periods
    assert len(row.periods) == 29


# -- timeline and charts


def test_a_long_session_is_reduced_and_keeps_its_peaks():
    record = make_long_record()
    series = make_series(record, fps=30.0)
    values = series.readings.value_deg.copy()
    values[12_345, Angle.LUMBAR_FLEXION.column] = 77.0
    series = replace(series, readings=replace(series.readings, value_deg=values))
    timeline = view_timeline(record, series)
    back = next(track for track in timeline.tracks if track.angle is Angle.LUMBAR_FLEXION)
    assert np.nanmax(back.value_deg) == 77.0
    assert "to 77°" in back.summary
    assert all(len(track.time_s) <= 2 * BUCKETS + 30 for track in timeline.tracks)


def test_the_data_give_back_times_and_angles():
    timeline = view_timeline(LIVE, SERIES)
    data = timeline.as_data()
    json.dumps(data, allow_nan=False)
    for track, one in zip(timeline.tracks, data["tracks"], strict=True):
        np.testing.assert_allclose(np.cumsum(one["ticks"]) / 1000.0, track.time_s, atol=0.0006)
        value = np.array([np.nan if v is None else v / 10.0 for v in one["value"]])
        np.testing.assert_allclose(value, track.value_deg, atol=0.0501)


def test_nobody_seen_and_no_frame_are_gaps_in_every_track():
    timeline = view_timeline(LIVE, SERIES)
    for track in timeline.tracks:
        for start_s, end_s in ((60.1, 65.9), (140.1, 142.9)):
            inside = (track.time_s >= start_s) & (track.time_s <= end_s)
            assert inside.any()
            assert np.isnan(track.value_deg[inside]).all()


def test_lanes_show_holds_by_leg_flags_from_the_worst_on_and_what_was_felt():
    names = [lane.name for lane in view_timeline(LIVE, SERIES).lanes]
    assert names == ["Hold, left", "Hold, right", "Back", "Neck", "Soft knee", "Ankle", "Foot", "You felt"]


def test_an_answer_stands_beside_the_flags_of_its_hold_and_a_stop_beside_those_of_its_moment():
    asked, stopped, added = view_symptoms(
        replace(
            LIVE,
            symptoms=(
                make_symptom(56.0, Side.LEFT, 1, SymptomPlace.LOWER_BACK),
                make_symptom(50.0, Side.LEFT, 1, SymptomPlace.LOWER_BACK, SymptomTrigger.FELT_IT),
                make_symptom(204.0, Side.RIGHT, 1, SymptomPlace.LOWER_BACK, SymptomTrigger.ADDED_LATER),
            ),
        )
    )
    assert (asked.whole_hold, asked.flags) == (True, ("Ankle (warn)",))  # long over when it was asked
    assert (stopped.whole_hold, stopped.flags) == (False, ())
    assert added.flags == ("Back (strong)", "Neck (warn)", "Soft knee (warn)")


def test_an_answer_about_a_recording_is_of_the_last_hold_that_had_begun():
    holds = (Hold(Side.LEFT, 20.0, 55.0, 30.0, 20.0), Hold(Side.LEFT, 160.0, 204.0, 30.0, 20.0))
    felt = make_symptom(204.0, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE, SymptomTrigger.ADDED_LATER)
    (row,) = view_symptoms(replace(LIVE, sets=(), holds=holds, symptoms=(felt,)))
    assert row.set_number is None
    assert row.flags == ("Back (strong)", "Neck (warn)", "Soft knee (warn)")


def test_no_answer_and_nowhere_are_nothing_that_was_felt():
    places = (SymptomPlace.BEHIND_KNEE, SymptomPlace.NOWHERE, None)
    symptoms = tuple(make_symptom(50.0 + number, Side.LEFT, 1, one) for number, one in enumerate(places))
    lanes = view_timeline(replace(LIVE, symptoms=symptoms), SERIES).lanes
    assert [(bar.start_s, bar.words) for bar in lanes[-1].bars] == [(50.0, "Felt: behind the knee")]
    lanes = view_timeline(replace(LIVE, symptoms=symptoms[1:]), SERIES).lanes
    assert "You felt" not in [lane.name for lane in lanes]


def test_thresholds_of_a_flag_that_is_never_judged_are_not_drawn():
    values = SERIES.readings.value_deg.copy()
    values[:, Angle.HIP_MEDIAL_ROTATION.column] = 3.0
    timeline = view_timeline(LIVE, replace(SERIES, readings=replace(SERIES.readings, value_deg=values)))
    rotation = next(track for track in timeline.tracks if track.angle is Angle.HIP_MEDIAL_ROTATION)
    assert rotation.limits == ()
    assert rotation.watched


def test_nothing_to_draw_is_no_timeline():
    assert view_timeline(NOTHING, replace(SERIES, time_s=SERIES.time_s[:1], readings=SERIES.readings[:1])) is None
    unknown = type(SERIES.readings).unknown(SERIES.time_s.shape)
    assert view_timeline(LIVE, AngleSeries(SERIES.time_s, unknown, SERIES.judged)) is None


@pytest.mark.parametrize(("known_s", "shown"), [(0.6, False), (1.5, True)])
def test_what_was_known_for_a_blink_is_no_track(known_s, shown):
    values = SERIES.readings.value_deg.copy()
    values[(SERIES.time_s > 30.0) & (SERIES.time_s < 30.0 + known_s), Angle.HIP_ADDUCTION.column] = 3.0
    timeline = view_timeline(LIVE, replace(SERIES, readings=replace(SERIES.readings, value_deg=values)))
    assert (Angle.HIP_ADDUCTION in {track.angle for track in timeline.tracks}) is shown


def test_a_printed_chart_stays_within_its_frame_and_keeps_its_gaps():
    timeline = view_timeline(LIVE, SERIES)
    back = next(track for track in timeline.tracks if track.angle is Angle.LUMBAR_FLEXION)
    chart = draw_chart(back, timeline)
    numbers = [float(one) for pair in chart.line.replace("M", "").replace("L", "").split() for one in pair.split(",")]
    x, y = np.array(numbers[0::2]), np.array(numbers[1::2])
    assert chart.line.count("M") == 3
    assert LEFT <= x.min() <= x.max() <= WIDTH
    assert 0.0 <= y.min() <= y.max() <= HEIGHT
    assert [one.words for one in chart.limits] == ["warn 15°", "strong 25°"]
    assert chart.limits[0].height > chart.limits[1].height  # the picture's y points down


@pytest.mark.parametrize("highest", [20.0, 75.0, 400.0])
def test_words_of_thresholds_do_not_stand_on_each_other(highest):
    timeline = view_timeline(LIVE, SERIES)
    ankle = next(track for track in timeline.tracks if track.angle is Angle.ANKLE_DORSIFLEXION)
    limits = draw_chart(replace(ankle, high_deg=highest), timeline).limits
    assert len(limits) == 3
    for one, other in combinations(limits, 2):
        assert abs(one.foot - other.foot) >= WORDS_HEIGHT or one.right < other.left or other.right < one.left
    assert all(LEFT < one.left < one.right <= WIDTH and 0.0 < one.foot < HEIGHT for one in limits)


def test_the_overview_has_a_bar_for_each_hold_and_period():
    overview = draw_overview(view_timeline(LIVE, SERIES))
    assert sum(len(bars) for _, _, bars in overview.lanes) == len(LIVE.holds) + len(LIVE.flags) + sum(
        one.place is not None for one in LIVE.symptoms
    )
    assert all(0.0 <= box.x <= box.x + box.width <= WIDTH + 0.1 for _, _, bars in overview.lanes for box in bars)


@pytest.mark.parametrize(("low", "high"), [(-3.2, 47.0), (0.0, 0.001), (-180.0, 180.0)])
def test_ticks_are_round_numbers_in_between(low, high):
    ticks = nice_ticks(low, high, 4)
    assert 1 <= len(ticks) <= 5
    assert low <= ticks[0] <= ticks[-1] <= high + 1e-9


# -- worst moments


def test_the_worst_of_each_flag_and_leg_is_shown_the_most_urgent_first():
    milder = make_moment("lumbar_flexion", Severity.WARN, 162.5, Side.RIGHT, 22.0)
    other_leg = make_moment("lumbar_flexion", Severity.WARN, 30.0, Side.LEFT, 18.0)
    unknown = make_moment("pelvis_tucked", Severity.TIP, 30.0, Side.LEFT, -9.0)  # no period of the record
    chosen = choose_moments(LIVE, make_series(moments=(*MOMENTS, milder, other_leg, unknown)))
    assert [(one.flag, one.leg, one.value_deg) for one in chosen] == [
        ("lumbar_flexion", Side.RIGHT, 41.0),
        ("lumbar_flexion", Side.LEFT, 18.0),
        ("cervical_flexion", Side.RIGHT, 24.0),
        ("knee_locked", Side.RIGHT, 1.0),
        ("ankle_dorsiflexion", Side.LEFT, 6.0),
        ("foot_overpointed", Side.LEFT, -48.0),
    ]
    assert len(chosen) <= SHOWN


def test_below_zero_is_worse_where_the_fault_lies_below():
    deeper = make_moment("foot_overpointed", Severity.TIP, 113.0, Side.LEFT, -55.0)
    chosen = choose_moments(LIVE, make_series(moments=(*MOMENTS, deeper)))
    assert [one.value_deg for one in chosen if one.flag == "foot_overpointed"] == [-55.0]


def test_a_card_has_the_cue_the_value_the_drawing_and_the_picture_of_its_own_moment():
    card = view_moments(LIVE, SERIES, {165.5: b"jpeg", 27.0: b"other"})[0]
    assert (card.label, card.severity, card.value, card.cue) == (
        "Back", Severity.STRONG, "41° ± 5°", "Chest long, hinge at hips",
    )  # fmt: skip
    assert card.words == "Skeleton at 2:45.5: lumbar flexion 41° ± 5°, strong."
    assert card.skeleton is not None
    assert card.snapshot == "data:image/jpeg;base64,anBlZw=="


# -- symptoms


def test_what_was_felt_stands_with_the_flags_and_angles_of_that_moment():
    rows = view_symptoms(LIVE)
    knee = rows[2]
    assert (knee.where, knee.severity, knee.flags) == ("behind the knee", Severity.WARN, ("Back (strong)",))
    assert knee.advice.startswith("Ease off")
    assert dict(knee.angles)["Hip adduction"] == "not checked"
    assert "±" in dict(knee.angles)["Lumbar flexion"]
    assert rows[3].severity is Severity.STRONG
    assert rows[3].advice.startswith("Stop for today")
    assert (rows[5].where, rows[5].severity, rows[5].advice) == ("no answer", Severity.NOT_CHECKED, "")


def test_the_body_map_joins_what_was_felt_in_one_place_and_keeps_left_on_the_left():
    marks = {mark.label: mark for mark in place_marks(view_symptoms(LIVE))}
    assert set(marks) == {"1, 2", "3", "4", "5"}
    assert marks["1, 2"].x < MIDDLE < marks["3"].x
    assert marks["5"].x == MIDDLE  # the back has no left leg
    assert marks["1, 2"].words == "left leg, back of the thigh: 2 times"


def test_nowhere_is_no_place_on_the_body():
    record = replace(LIVE, symptoms=(make_symptom(50.0, Side.LEFT, 1, SymptomPlace.NOWHERE),))
    assert place_marks(view_symptoms(record)) == ()


# -- settings


def test_every_number_of_the_exercise_stands_there_with_its_source():
    view = view_settings(LIVE)
    rows = [*view.thresholds, *view.rules]
    assert all(row.source for row in rows)
    profile = LIVE.profile
    sources = {row.source for row in rows}
    for rule in profile.flags:
        assert {limit.source for limit in rule.thresholds.values()} <= sources
        assert rule.maximum_sigma_deg.source in sources
    assert {profile.hold.settle_s.source, profile.timing.median_s.source, profile.warnings_for_strong.source} <= sources


def test_the_letters_behind_the_sources_are_explained_and_no_others():
    profile = resources.files("formcoach.stretch").joinpath("profiles", LIVE.profile.file).read_text(encoding="utf-8")
    sources = re.findall(r'source = "([^"]*)"', profile)
    assert any("[E, no degrees given]" in source for source in sources)
    tags = view_settings(LIVE).tags
    assert tags == (
        "[P] published, [E] the exercise's own description, [M] general knowledge, [C] calculated,"
        " [D] a choice, for no study gives the number"
    )
    for opened in (part[0] for source in sources for part in source.split("[")[1:]):
        assert f"[{opened}] " in tags
    choice = Number(2, "a choice [D] that no study gives, (design §5) [X]")
    stands_alone = replace(LIVE.profile, flags=(), warnings_for_strong=choice, hold=_sourced(LIVE.profile.hold))
    stands_alone = replace(stands_alone, timing=_sourced(LIVE.profile.timing))
    assert view_settings(replace(LIVE, profile=stands_alone)).tags == "[D] a choice, for no study gives the number"


def _sourced(rule, source="nowhere"):
    """Return the rule with another source for each of its numbers."""
    return replace(rule, **{one.name: Number(getattr(rule, one.name).value, source) for one in fields(rule)})


def test_flags_of_one_moment_only_have_a_peak():
    still = replace(NOTHING, flags=(FlagPeriod("lumbar_flexion", Severity.STRONG, 0.0, 0.0, 55.0),))
    assert view_flags(still)[0].total_s == 0.0
