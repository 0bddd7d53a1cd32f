"""Settings, versions and thresholds with their sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from formcoach.sessions.wording import angle_title, degrees, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.profile import FlagRule, HoldRule, TimingRule

PATHS = {
    "causal": "as it happened: every moment judged with what was known then",
    "zero_phase": "afterwards: the whole recording known, smoothed without delay",
    "still": "one picture: no neutral posture, nothing smoothed",
}
_NAMES = {
    "target_s": "Length of a hold",
    "settle_s": "Settling before a hold",
    "lost_after_s": "Lost after",
    "bent_knee_limit": "Knee on its way up from",
    "tip_dwell_s": "A tip after",
    "warn_dwell_s": "A warning after",
    "strong_dwell_s": "Strong after",
    "clear_dwell_s": "Good again after",
    "unseen_after_s": "A flag ends when unseen for",
    "median_s": "Median over",
    "cue_cooldown_s": "Same cue again after",
    "cue_repeats": "Repeats of a cue",
}
# What the letters behind a source mean; docs/evidence.md has the same ones.
SOURCE_TAGS = {
    "P": "published",
    "E": "the exercise's own description",
    "M": "general knowledge",
    "C": "calculated",
    "D": "a choice, for no study gives the number",
}


@dataclass(frozen=True, slots=True)
class SourcedRow:
    """A number and where it comes from: what it is for, what it is called, its values, its source."""

    subject: str
    name: str
    on: str
    off: str
    source: str


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The last section.

    Attributes
    ----------
    thresholds : tuple of SourcedRow
        Of all flags.
    rules : tuple of SourcedRow
        Of the hold, of times and of warnings that add up.
    facts : tuple of (str, str)
        How it was measured.
    tags : str
        What the letters behind the sources mean, of those that occur; empty where none does.
    """

    thresholds: tuple[SourcedRow, ...]
    rules: tuple[SourcedRow, ...]
    facts: tuple[tuple[str, str], ...]
    tags: str


def view_settings(record: SessionRecord) -> SettingsView:
    """Return settings, versions and sources."""
    profile = record.profile
    rules = [*_numbers("Hold", profile.hold), *_numbers("Timing", profile.timing)]
    stacking = profile.warnings_for_strong
    rules.append(SourcedRow("Adding up", "Warnings that make a strong one", f"{stacking.value:g}", "", stacking.source))
    thresholds = tuple(row for rule in profile.flags for row in _thresholds(rule))
    return SettingsView(
        thresholds=thresholds,
        rules=tuple(rules),
        facts=tuple(_facts(record)),
        tags=_explain_tags((*thresholds, *rules)),
    )


def _explain_tags(rows: Iterable[SourcedRow]) -> str:
    # More may stand behind a letter: "[E, no degrees given]".
    found = {tag for row in rows for tag in re.findall(r"\[([A-Z])[\],]", row.source)}
    return ", ".join(f"[{tag}] {words}" for tag, words in SOURCE_TAGS.items() if tag in found)


def _thresholds(rule: FlagRule) -> list[SourcedRow]:
    rows = [
        SourcedRow(rule.label, severity.label, degrees(limit.on), degrees(limit.off), limit.source)
        for severity, limit in rule.thresholds.items()
    ]
    uncertain = rule.maximum_sigma_deg
    rows.append(SourcedRow(rule.label, "not judged beyond ±", degrees(uncertain.value), "", uncertain.source))
    if rule.only_when is not None:
        condition = f"only with {angle_title(rule.only_when.angle).lower()} from"
        rows.append(SourcedRow(rule.label, condition, degrees(rule.only_when.at_least), "", rule.only_when.source))
    if rule.judged is not None and not rule.judged.value:
        rows.append(SourcedRow(rule.label, "not judged", "", "", rule.judged.source))
    return rows


def _numbers(subject: str, rule: HoldRule | TimingRule) -> list[SourcedRow]:
    rows = []
    for field in fields(rule):
        number = getattr(rule, field.name)
        unit = {"bent_knee_limit": "°", "cue_repeats": ""}.get(field.name, " s")
        rows.append(SourcedRow(subject, _NAMES[field.name], f"{number.value:g}{unit}", "", number.source))
    return rows


def _facts(record: SessionRecord) -> list[tuple[str, str]]:
    source, model = record.source, record.model
    baselines = ", ".join(span(one.start_s, one.end_s) for one in record.baselines)
    hashes = "".join(f", {name.replace('_', ' ')} sha256 {sha256}" for name, sha256 in record.estimator_sha256.items())
    versions = "".join(f", {name} {version}" for name, version in record.versions.items())
    size = f"{source.width}×{source.height} pixels"
    unread = f", {record.skipped_frames} not readable" if record.skipped_frames else ""
    return [
        ("Program", f"formcoach {record.program_version}{versions}"),
        ("Pose model", f"{model.name} ({model.library}), sha256 {model.sha256}"),
        ("Angles", f"{record.estimator}{hashes}"),
        ("Judged", PATHS.get(record.path, record.path)),
        ("Pictures", size if record.path == "still" else f"{size}, {record.frames} frames{unread}"),
        (
            "Neutral posture",
            baselines
            or "none: back, neck and pelvis are measured against an average person's standing, with a wider"
            " uncertainty",
        ),
        ("Exercise", f"{record.profile.file}, sha256 {record.profile.sha256}"),
    ]
