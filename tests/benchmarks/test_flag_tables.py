"""The tables of flags, on what the program says of figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flag_tables import EXPLANATION, make_clip_listing, make_flag_tables, score, warning_rules
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from formcoach.stretch.events import FlagLog
from formcoach.stretch.types import Severity
from recordings import GOOD_STRETCH, OWN_STANDING, make_recorded_clip, make_stills, on_top
from runs import run_program
from tables import NOTHING

PROFILE = load_profile()
CALIBRATION = load_calibration("heavy")
GOOD = on_top(OWN_STANDING, **GOOD_STRETCH)
ROUNDED = on_top(GOOD, lumbar=35.0, lean=35.0)
BACK = next(rule for rule in PROFILE.flags if rule.angle is Angle.LUMBAR_FLEXION)


@pytest.fixture(scope="module")
def clip_runs():
    """Good form for 5 s, then a back that is rounded for 4 s."""
    recording = make_recorded_clip("a", OWN_STANDING, (GOOD, 5.0), (ROUNDED, 4.0))
    return run_program(recording, CALIBRATION, PROFILE)


@pytest.fixture(scope="module")
def still_runs():
    return run_program(make_stills("b", OWN_STANDING, [GOOD, GOOD, ROUNDED]), CALIBRATION, PROFILE)


def silent(run):
    """The same run in which the program found everything good."""
    return replace(run, severity=np.full_like(run.severity, Severity.GOOD), log=FlagLog(PROFILE))


def row(table, rule=BACK, severity=Severity.WARN):
    """Return a line of a table by its heads."""
    (cells,) = (cells for cells in table.rows if cells[:2] == (rule.name, severity.label))
    return dict(zip(table.columns, cells, strict=True))


def test_every_way_has_a_table_of_faults_and_one_of_alarms(clip_runs, still_runs):
    titles = [table.title for table in make_flag_tables([*clip_runs, *still_runs], PROFILE)]
    ways = [
        "zero-phase, with baseline (1 clips)",
        "causal, with baseline (1 clips)",
        "zero-phase, without baseline (1 clips)",
        "causal, without baseline (1 clips)",
        "stills, without baseline (3 pictures)",
        "stills, with baseline (3 pictures)",
    ]
    assert titles == [f"Flags, {what}, side view, {way}" for way in ways for what in ("faults", "alarms")]


def test_kinds_of_clips_are_scored_together_and_each_by_itself(clip_runs):
    free = [replace(run, recording=replace(run.recording, kind="free", name="b", person="b")) for run in clip_runs]
    tables = {table.title: table for table in make_flag_tables([*clip_runs, *map(silent, free)], PROFILE)}
    heads = [f"Flags, faults, side view, {kind}zero-phase, with baseline" for kind in ("", "scripted, ", "free, ")]
    both, scripted, wandering = (row(tables[f"{head} ({2 if not at else 1} clips)"]) for at, head in enumerate(heads))
    assert [one["found"] for one in (both, scripted, wandering)] == ["1", "1", "0"]
    assert [one["missed"] for one in (both, scripted, wandering)] == ["1", "0", "1"]


@pytest.mark.parametrize("markdown", [True, False])
def test_no_table_is_too_wide_to_be_read(clip_runs, still_runs, markdown):
    for table in make_flag_tables([*clip_runs, *still_runs], PROFILE):
        assert len(table.columns) <= 15
        assert max(map(len, table.render(markdown=markdown).splitlines())) <= 160


def test_the_explanation_names_what_heads_do_not_say(clip_runs):
    faults, alarms = make_flag_tables(clip_runs, PROFILE)[:2]
    for head in ("faults", "n.c.", "recall", "severe"):
        assert head in faults.columns
        assert head in EXPLANATION
    for head in ("alarms", "right", "false", "far", "precision", "quiet", "q.n.c.", "good form", "g.alarms"):
        assert head in alarms.columns
        assert head in EXPLANATION


def test_a_rounded_back_that_was_flagged(clip_runs):
    for run in clip_runs[:2]:
        faults, alarms = make_flag_tables([run], PROFILE)
        found = row(faults)
        assert [found[name] for name in ("faults", "found", "missed", "n.c.", "recall")] == ["1", "1", "0", "0", "100%"]
        found = row(alarms)
        assert [found[name] for name in ("alarms", "right", "false", "far")] == ["1", "1", "0", "0"]
        assert (found["precision"], found["quiet"], found["good form"]) == ("100%", "0", "0")
        assert 0.0 <= float(found["raise med."]) == float(found["raise max."]) < 3.0


def test_a_rounded_back_of_which_nothing_was_said(clip_runs):
    faults, alarms = make_flag_tables([silent(clip_runs[0])], PROFILE)
    found = row(faults)
    assert [found[name] for name in ("faults", "found", "missed", "n.c.", "recall")] == ["1", "0", "1", "0", "0%"]
    assert [row(alarms)[name] for name in ("alarms", "precision", "raise med.")] == ["0", NOTHING, NOTHING]


def test_a_clip_of_good_form_is_quiet():
    recording = make_recorded_clip("a", OWN_STANDING, (GOOD, 5.0))
    _, alarms = make_flag_tables([run_program(recording, CALIBRATION, PROFILE)[0]], PROFILE)
    found = row(alarms)
    assert [found[name] for name in ("alarms", "quiet", "q.n.c.", "good form", "g.alarms")] == ["0", "1", "0", "1", "0"]


def test_pictures_are_counted_one_by_one_and_standing_by_itself(still_runs):
    for run in still_runs:
        faults, alarms = make_flag_tables([run], PROFILE)
        assert [row(faults)[name] for name in ("faults", "found", "missed", "n.c.")] == ["1", "1", "0", "0"]
        assert [row(alarms)[name] for name in ("alarms", "right", "quiet", "good form")] == ["1", "1", "2", "2"]
        assert "raise med." not in alarms.columns
        assert alarms.notes[-1] == "Flagged all the same: 0 of 1 pictures without a stretch."


def test_what_was_never_checked_is_named_once(clip_runs):
    faults, alarms = make_flag_tables([clip_runs[0]], PROFILE)
    (note,) = faults.notes
    assert note.startswith("Never checked: ")
    unseen = note.removeprefix("Never checked: ").removesuffix(".").split(", ")
    assert "hip_adduction" in unseen
    assert alarms.notes == ()
    for table in (faults, alarms):
        assert {cells[0] for cells in table.rows} == {rule.name for rule in warning_rules(PROFILE)} - set(unseen)


@pytest.mark.parametrize(
    ("start_s", "end_s", "faults"), [(0.0, 1.9, 0), (2.9, 2.9 + PROFILE.hold.settle_s.value, 0), (5.0, 6.5, 1)]
)
def test_only_the_stretch_counts_and_that_from_the_end_of_the_settle_time_on(clip_runs, start_s, end_s, faults):
    """The leg is up from 3 s on."""
    run = clip_runs[0]
    time_s, true_deg = run.recording.time_s, run.true_deg.copy()
    assert 2.9 < time_s[run.recording.stretching.argmax()] < 3.1
    true_deg[:, BACK.angle.column] = np.where((time_s >= start_s) & (time_s < end_s), 60.0, 0.0)
    assert score([replace(run, true_deg=true_deg)], BACK, Severity.WARN, PROFILE).faults == faults


def test_the_listing_tells_faults_and_flags_of_every_clip(clip_runs):
    lines = make_clip_listing(clip_runs, PROFILE).splitlines()
    assert lines[1] == "  a_scripted"
    (back,) = (line for line in lines if BACK.name in line)
    assert back.startswith(f"    {BACK.name}: 1 found; truth 8.")
    quiet = make_clip_listing([silent(run) for run in clip_runs], PROFILE)
    assert f"{BACK.name}: 1 missed; truth 8." in quiet
    assert "flagged nothing" in quiet
