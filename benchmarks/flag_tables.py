"""Tables of how well the flags are raised: two of each kind, since one of all columns is too wide to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from angle_tables import CLIP_WAYS, KINDS, STILL_WAYS, VIEWS, Way, select
from flag_scores import (
    LASTING_S,
    MARGIN_DEG,
    SEVERE_DEG,
    FlagScore,
    FlagTrace,
    add_scores,
    find_faults,
    passes_no_threshold,
    score_clip,
    score_pictures,
)
from formcoach.coach import PathKind
from formcoach.stretch.types import Severity
from tables import NOTHING, Table, show_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.stretch import Profile
    from formcoach.stretch.profile import FlagRule
    from runs import Run

SEVERITIES = (Severity.WARN, Severity.STRONG)
RULE = ("flag", "at least")
FAULTS = ("faults", "found", "missed", "n.c.", "recall", "severe", "s.found", "s.missed", "s.n.c.", "s.recall")
ALARMS = ("alarms", "right", "false", "far", "precision", "quiet", "q.n.c.", "good form", "g.alarms")
DELAYS = ("raise med.", "raise max.", "clear med.", "clear max.")
EXPLANATION = f"""\
Flags, faults: they last {LASTING_S:g} s beyond the threshold in truth (a picture is a fault or none). n.c.: the program
said "not checked" for half of it or more; left out of recall. A strong fault that was only warned of is missed.
severe: {SEVERE_DEG:g} degrees or more beyond strong, counted likewise (s.).
Flags, alarms: flagged periods (pictures). right: the truth passed the threshold; false: it did not; far: false ones in
which it stayed {MARGIN_DEG:g} degrees or more on the good side. precision: share that was right. quiet: clips or
pictures without fault and alarm; q.n.c.: the same, but not checked for half of the stretch or more. good form: those in
which no flag at all is due; g.alarms: alarms in them. raise, clear: delays in seconds, median and longest, from the
truth passing the threshold until the flag is shown (causal) or to where the log puts it (zero-phase), and from the
truth being back within the threshold's off until the flag is gone."""


def make_flag_tables(runs: Sequence[Run], profile: Profile) -> list[Table]:
    """Return the scores of all flags from warn upwards, by true view and way: a table of faults and one of alarms.

    Where there are clips of several kinds, each kind follows by itself.
    """
    tables = []
    for view in VIEWS:
        for way in (*CLIP_WAYS, *STILL_WAYS):
            some = select(runs, view, way)
            if some:
                tables += _make_pair(f"{view} view, {way.label}", some, way, profile)
            of_kind = {kind: select(runs, view, way, kind) for kind in KINDS}
            kinds = [kind for kind, own in of_kind.items() if own]
            for kind in kinds if len(kinds) > 1 else ():
                tables += _make_pair(f"{view} view, {kind}, {way.label}", of_kind[kind], way, profile)
    return tables


def make_clip_listing(runs: Sequence[Run], profile: Profile) -> str:
    """Return for every clip the lasting faults of the truth, and when the flags were raised."""
    lines = [f"Clips, {CLIP_WAYS[0].label}: faults that last {LASTING_S:g} s in truth, and when they were flagged"]
    for run in runs:
        if not CLIP_WAYS[0].matches(run):
            continue
        notes = [note for rule in warning_rules(profile) for note in _describe_clip(run, rule, profile)]
        notes = notes or ["no fault in truth, nothing flagged"]
        lines += [f"  {run.recording.name}", *(f"    {note}" for note in notes)]
    return "\n".join(lines)


def warning_rules(profile: Profile) -> list[FlagRule]:
    """Return the flags that can warn."""
    return [rule for rule in profile.flags if Severity.WARN in rule.thresholds]


def score(runs: Sequence[Run], rule: FlagRule, severity: Severity, profile: Profile) -> FlagScore:
    """Score one flag in all runs, at one severity or worse."""
    return add_scores(_score_run(run, rule, severity, profile) for run in runs)


def _score_run(run: Run, rule: FlagRule, severity: Severity, profile: Profile) -> FlagScore:
    if run.path is not PathKind.STILL:
        return score_clip(_trace(run, rule, profile), rule, severity)
    counted = _counted(run, rule, profile)
    good_form = passes_no_threshold(warning_rules(profile), run.true_deg, counted)
    shown = run.severity[:, profile.flags.index(rule)]
    true_deg = run.true_deg[:, rule.angle.column]
    return score_pictures(true_deg[counted], shown[counted], good_form[counted], rule, severity)


def _trace(run: Run, rule: FlagRule, profile: Profile) -> FlagTrace:
    counted = _counted(run, rule, profile)
    return FlagTrace(
        time_s=run.recording.time_s,
        true_deg=run.true_deg[:, rule.angle.column],
        counted=counted,
        severity=run.severity[:, profile.flags.index(rule)],
        periods=tuple(one for one in run.log.periods if one.flag == rule.name),
        causal=run.path is PathKind.CAUSAL,
        good_form=bool(passes_no_threshold(warning_rules(profile), run.true_deg, counted).all()),
    )


def _counted(run: Run, rule: FlagRule, profile: Profile) -> np.ndarray:
    """Tell where a fault has to be found: from the end of the settle time on, where the flag applies."""
    recording = run.recording
    counted = recording.stretching.copy()
    if run.path is not PathKind.STILL and counted.any():
        counted &= recording.time_s >= recording.time_s[counted.argmax()] + profile.hold.settle_s.value
    if rule.only_when is not None:
        counted &= run.true_deg[:, rule.only_when.angle.column] >= rule.only_when.at_least
    return counted


def _make_pair(title: str, runs: Sequence[Run], way: Way, profile: Profile) -> tuple[Table, Table]:
    faults, alarms, never = [], [], []
    is_clip = way.path is not PathKind.STILL
    for rule in warning_rules(profile):
        for severity in SEVERITIES:
            one = score(runs, rule, severity, profile)
            if one.was_checked:
                faults.append((rule.name, severity.label, *_fault_cells(one)))
                alarms.append((rule.name, severity.label, *_alarm_cells(one), *(_delays(one) if is_clip else ())))
            elif rule.name not in never:
                never.append(rule.name)
    what = "clips" if is_clip else "pictures"
    count = len(runs) if is_clip else sum(int(run.recording.stretching.sum()) for run in runs)
    of_faults = (f"Never checked: {', '.join(never)}.",) if never else ()
    of_alarms = () if is_clip else (_count_standing(runs),)
    heads = RULE + ALARMS + (DELAYS if is_clip else ())
    title = f"{title} ({count} {what})"
    return (
        Table(f"Flags, faults, {title}", RULE + FAULTS, tuple(faults), of_faults, words=len(RULE)),
        Table(f"Flags, alarms, {title}", heads, tuple(alarms), of_alarms, words=len(RULE)),
    )


def _count_standing(runs: Sequence[Run]) -> str:
    """Count the pictures of somebody standing in which a flag was raised all the same."""
    shown = np.concatenate([run.severity[~run.recording.stretching].max(axis=1) for run in runs])
    return f"Flagged all the same: {(shown > Severity.GOOD).sum()} of {len(shown)} pictures without a stretch."


def _fault_cells(one: FlagScore) -> tuple[str, ...]:
    severe = (one.severe_found, one.severe_missed, one.severe_unchecked)
    return (
        *map(str, (one.faults, one.found, one.missed, one.unchecked)),
        show_share(one.recall),
        *map(str, (sum(severe), *severe)),
        show_share(one.severe_recall),
    )


def _alarm_cells(one: FlagScore) -> tuple[str, ...]:
    alarms = (one.right_alarms + one.false_alarms, one.right_alarms, one.false_alarms, one.far_alarms)
    return (
        *map(str, alarms),
        show_share(one.precision),
        *map(str, (one.quiet, one.quiet_unchecked, one.good_form, one.good_form_alarms)),
    )


def _delays(one: FlagScore) -> tuple[str, ...]:
    return tuple(
        _show_seconds(float(pick(delays))) if delays else NOTHING
        for delays in (one.raise_delays_s, one.clear_delays_s)
        for pick in (np.median, np.max)
    )


def _show_seconds(value: float) -> str:
    return "never" if np.isinf(value) else f"{value:.1f}"


def _describe_clip(run: Run, rule: FlagRule, profile: Profile) -> list[str]:
    trace = _trace(run, rule, profile)
    warn = rule.thresholds[Severity.WARN]
    faults = [(one.start_s, one.end_s) for one in find_faults(trace, warn, rule.sign) if one.lasting]
    raised = [one for one in trace.periods if one.severity >= Severity.WARN]
    unchecked = next((one for one in run.log.unchecked if one.flag == rule.name and one.share >= 0.5), None)
    if not (faults or raised):
        return []
    flagged = ", ".join(f"{one.severity.label} {_show(one.start_s, one.end_s)}" for one in raised)
    flagged = flagged or (f"nothing: not checked, {unchecked.reason}" if unchecked else "nothing")
    true = ", ".join(_show(*interval) for interval in faults) or "none"
    outcome = _outcome(score_clip(trace, rule, Severity.WARN))
    return [f"{rule.name}: {outcome}; truth {true}; flagged {flagged}"]


def _outcome(one: FlagScore) -> str:
    counts = {"found": one.found, "missed": one.missed, "not checked": one.unchecked, "false alarm": one.false_alarms}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "a wobble"


def _show(*interval: float) -> str:
    return "{:.1f}-{:.1f} s".format(*interval)
