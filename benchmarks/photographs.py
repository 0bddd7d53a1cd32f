"""Scores the program on labelled photographs of real people.

A folder holds the pictures and ``labels.csv`` with the columns ``file, kind, ankle, knee, back, neck`` (others are not
read): what a physiotherapist sees by eye, about ±10°. Every picture goes the program's way for photos. Only a standing
hamstring stretch with the heel on a support is to be seen as the stretch; anything else is to be refused.

The readings are compared with the labels in all pictures in which there are any, refused ones too; the flags only where
the stretch was seen.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.analysis.people import choose_from_photo
from formcoach.angles import Angle
from formcoach.angles.calibration import load_calibration
from formcoach.coach import CoachStep, review_still
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.model_files import load_model_file
from formcoach.stretch.types import Severity
from formcoach.video import open_source
from tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from formcoach.stretch import Profile
    from formcoach.stretch.profile import FlagRule

STRETCH = "standing_elevated"
# A label is right by eye to about so much.
BY_EYE_DEG = 10.0
UNLIMITED = float("inf")
ANGLES = {
    "ankle": Angle.ANKLE_DORSIFLEXION,
    "knee": Angle.KNEE_FLEXION,
    "back": Angle.LUMBAR_FLEXION,
    "neck": Angle.CERVICAL_FLEXION,
}
# What a word means, in degrees of the angle above.
RANGES = {
    ("ankle", "dorsiflexed"): (0.0, UNLIMITED),
    ("ankle", "neutral"): (-10.0, 10.0),
    ("ankle", "plantarflexed"): (-UNLIMITED, -10.0),
    ("knee", "straight"): (-10.0, 10.0),
    ("knee", "slight bend"): (5.0, 30.0),
    ("knee", "bent"): (30.0, UNLIMITED),
    ("back", "neutral"): (-10.0, 15.0),
    ("back", "arched"): (-UNLIMITED, -5.0),
    ("back", "rounded"): (15.0, UNLIMITED),
    ("neck", "neutral"): (-10.0, 15.0),
    ("neck", "looking up"): (-UNLIMITED, -5.0),
    ("neck", "looking down"): (15.0, UNLIMITED),
}
AGREES, CONTRADICTS, NOT_CHECKED = "agrees", "contradicts", "not checked"
VERDICTS = (AGREES, CONTRADICTS, NOT_CHECKED)


@dataclass(frozen=True, slots=True)
class PartScore:
    """What was said of one part of the body in one picture.

    Attributes
    ----------
    part, label : str
        Of the labels.
    value_deg, sigma_deg : float
        The reading; NaN without one.
    reading, flag : str
        One of `VERDICTS`.
    shown : str
        How the flags of this angle stand, in words.
    """

    part: str
    label: str
    value_deg: float
    sigma_deg: float
    reading: str
    flag: str
    shown: str


@dataclass(frozen=True, slots=True)
class PhotoScore:
    """What was said of one picture.

    Attributes
    ----------
    file, kind : str
        Of the labels.
    seen : bool
        Whether the program took it for the stretch.
    parts : tuple of PartScore
        Of the labels that say something.
    """

    file: str
    kind: str
    seen: bool
    parts: tuple[PartScore, ...]

    @property
    def is_right(self) -> bool:
        """Whether the stretch was seen, or refused, as it should be."""
        return self.seen == (self.kind == STRETCH)


def score_photographs(folder: Path, variant: str, profile: Profile) -> list[PhotoScore]:
    """Run the program on every labelled picture of a folder."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    return [score_photograph(label, _review(folder / label["file"], variant, profile), profile) for label in labels]


def score_photograph(label: dict[str, str], step: CoachStep | None, profile: Profile) -> PhotoScore:
    """Compare a row of the labels with what the program says of the picture; None: that nobody is in it."""
    parts = [_score_part(part, label[part], step, profile) for part in ANGLES if (part, label[part]) in RANGES]
    seen = step is not None and step.assessment.phase.is_judged
    return PhotoScore(label["file"], label["kind"], seen, tuple(parts))


def make_tables(scores: Sequence[PhotoScore]) -> list[Table]:
    """Return one line a picture, and the counts."""
    lines = [
        (
            one.file.rsplit(".", 1)[0],
            one.kind,
            ("seen" if one.seen else "refused") + ("" if one.is_right else " (wrong)"),
            *(_describe(one, part) for part in ANGLES),
        )
        for one in scores
    ]
    notes = (
        "Each cell: label, reading ± sigma, and + agrees, ! contradicts (more than 10° beyond the label), ? unknown;",
        "where the stretch is seen, the flags that are raised, and whether the label allows that or demands others.",
    )
    listing = Table("Photographs", ("file", "kind", "stretch", *ANGLES), tuple(lines), notes, words=3 + len(ANGLES))
    return [listing, _count(scores)]


def _review(path: Path, variant: str, profile: Profile) -> CoachStep | None:
    model, calibration = load_model_file(variant), load_calibration(variant)
    with open_source(path) as source:
        frame = next(iter(source))
    pose, _ = choose_from_photo(frame.image, model, PixelEstimator(calibration.networks))
    if pose is None:
        return None
    height, width = frame.image.shape[:2]
    return review_still(pose, profile, calibration, (width, height))


def _score_part(part: str, label: str, step: CoachStep | None, profile: Profile) -> PartScore:
    nan = float("nan")
    if step is None:
        return PartScore(part, label, nan, nan, NOT_CHECKED, NOT_CHECKED, "")
    reading = step.readings.reading(ANGLES[part])
    low, high = RANGES[part, label]
    verdict = NOT_CHECKED
    if reading.is_known:
        fits = low - BY_EYE_DEG <= reading.value_deg <= high + BY_EYE_DEG
        verdict = AGREES if fits else CONTRADICTS
    flag, shown = _judge_flags(part, label, step, profile)
    return PartScore(part, label, reading.value_deg, reading.sigma_deg, verdict, flag, shown)


def _judge_flags(part: str, label: str, step: CoachStep, profile: Profile) -> tuple[str, str]:
    """Compare the flags of an angle with a label: contradicted is a flag that the label rules out, or demands."""
    if not step.assessment.phase.is_judged:
        return NOT_CHECKED, ""
    verdicts, raised = [], []
    for rule, state in zip(profile.flags, step.assessment.flags, strict=True):
        if rule.angle is not ANGLES[part]:
            continue
        verdicts.append(_judge_flag(rule, state.severity, RANGES[part, label]))
        if state.severity.is_raised:
            raised.append(f"{rule.name} {state.severity.label}")
    worst = next((one for one in (CONTRADICTS, AGREES) if one in verdicts), NOT_CHECKED)
    return worst, ", ".join(raised) or ("no flag" if worst != NOT_CHECKED else NOT_CHECKED)


def _judge_flag(rule: FlagRule, severity: Severity, limits: tuple[float, float]) -> str:
    """Judge one flag; a threshold within the label's range allows both."""
    least, most = sorted(rule.sign * limit for limit in limits)
    on = rule.sign * rule.first_threshold.on
    if severity is Severity.NOT_CHECKED:
        return NOT_CHECKED
    is_wrong = most <= on if severity.is_raised else least >= on
    return CONTRADICTS if is_wrong else AGREES


def _describe(score: PhotoScore, part: str) -> str:
    marks = {AGREES: "+", CONTRADICTS: "!", NOT_CHECKED: "?"}
    for one in score.parts:
        if one.part == part:
            value = f" {one.value_deg:.0f}±{one.sigma_deg:.0f}" if np.isfinite(one.value_deg) else ""
            flags = f"; {one.shown} {marks[one.flag]}" if one.shown else ""
            return f"{one.label}{value} {marks[one.reading]}{flags}"
    return "unclear"


def _count(scores: Sequence[PhotoScore]) -> Table:
    stretches = [one for one in scores if one.kind == STRETCH]
    others = [one for one in scores if one.kind != STRETCH]
    rows = []
    for part in ANGLES:
        of_part = [(one.seen, said) for one in scores for said in one.parts if said.part == part]
        readings = [said.reading for _, said in of_part]
        flags = [said.flag for seen, said in of_part if seen]
        rows.append((part, *(str(some.count(verdict)) for some in (readings, flags) for verdict in VERDICTS)))
    heads = tuple(f"{what} {verdict}" for what in ("reading", "flag") for verdict in VERDICTS)
    notes = (
        f"Stretches seen: {sum(one.seen for one in stretches)} of {len(stretches)};"
        f" other pictures refused: {sum(not one.seen for one in others)} of {len(others)}.",
    )
    return Table("Photographs, counted", ("part", *heads), tuple(rows), notes)
