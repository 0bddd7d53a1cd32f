"""Fits ``src/formcoach/angles/calibration.json`` on rendered people of known angles.

    python benchmarks/fit_calibration.py TRUTH_FOLDER [FOLDER ...] --cache FOLDER

Ridge regression, one an angle, view and pose model, on all rendered people of all folders (the project's own are
``render_people.py``'s sets ``side``, ``front``, ``postures`` and some of ``clips``; nobody in them is in the fit of the
networks). Uncertainties come from fits that each leave a twentieth of the people out. ``benchmarks/accuracy.py`` runs
the whole program on every person with a calibration that has not seen that person. Deterministic: the same folders give
the same numbers.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

import truth
from calibration_plans import Plan, plans_for, sigma_feature
from calibration_samples import Samples, person_shares, pick
from calibration_sigma import MINIMUM_CORRELATION, Errors, known_share, measure_sigmas
from formcoach.angles import Angle, View
from formcoach.angles.baseline import find_standing
from formcoach.angles.calibration import select_features
from formcoach.angles.estimate import RAISED_COUNTERPART
from formcoach.angles.features import compute_features
from formcoach.angles.geometry import wrap_deg
from formcoach.angles.view import classify_view
from formcoach.pose.estimates import compute_network_hashes
from usage import PEOPLE

# A landmark error beyond this is a blunder (a swapped leg), not the sensor's bias; the trackers see to those.
BLUNDER_DEG = 35.0
# Real people stand with knees bent or over-straight by about so much (a choice [D], evidence.md has no number): only
# what a baseline shows beyond that is taken for the sensor's own error.
POSTURE_SD_DEG = 3.0
# Into so many groups people are split, each of which is left out in turn: fewer people are left out one by one.
FOLDS = 20
VARIANTS = ("lite", "full", "heavy")
OUTPUT = Path(__file__).parents[1] / "src" / "formcoach" / "angles" / "calibration.json"


def collect(plan: Plan, recordings: list[truth.Recording], people: int = 2) -> Samples:
    """Gather the usable rows of all recordings whose true view is the plan's.

    Raises
    ------
    SystemExit
        When fewer people are seen so in stills: uncertainties come from people who are left out in turn.
    """
    parts = []
    for recording in recordings:
        if classify_view(recording.azimuth_deg) is not plan.view:
            continue
        facing = -1.0 if recording.azimuth_deg > 0 else 1.0
        row = (recording.leg == "right") != plan.stance
        features = compute_features(recording.pose, facing)
        values = select_features(features, plan.features, int(row))
        own = sigma_feature(plan)
        own_sigma = np.zeros(len(values)) if own is None else select_features(features, (own,), int(row))[:, 0]
        standing = find_standing(recording.pose[recording.neutral], features[recording.neutral])
        if standing is None:
            continue
        baseline = select_features(standing, plan.features, int(row))
        target = recording.truth[plan.angle]
        used = recording.neutral | recording.stretching
        parts.append(
            Samples(
                values[used],
                own_sigma[used],
                np.broadcast_to(baseline, values.shape)[used],
                target[used],
                np.full(used.sum(), np.median(target[recording.neutral])),
                np.array([recording.person] * used.sum()),
                np.full(used.sum(), recording.kind),
                recording.stretching[used],
            )
        )
    if len({part.person[0] for part in parts if part.kind[0] == "still"}) < people:
        raise SystemExit(
            f"Stills of fewer than {people} people show {plan.angle} in {plan.view} view:"
            " add folders with side and front."
        )
    joined = Samples(*(np.concatenate([getattr(part, name) for part in parts]) for name in Samples.__slots__))
    known = np.isfinite(joined.values).all(axis=1) & np.isfinite(joined.baseline).all(axis=1)
    return pick(joined, known)


def balance(samples: Samples) -> np.ndarray:
    """Weigh kinds of recording, people within them and sizes of the angle alike: large angles are not shrunk."""
    weights = person_shares(samples)
    for kind in np.unique(samples.kind):
        rows = samples.kind == kind
        own = weights[rows]
        sizes, size = np.unique(np.round(samples.target[rows] / 10.0), return_inverse=True)
        mass = np.array([own[size == one].sum() for one in range(len(sizes))])
        share = own / np.maximum(mass, 0.02 * own.sum())[size]
        weights[rows] = share / share.sum()
    return weights / weights.mean()


def ridge(
    moved: np.ndarray, target: np.ndarray, weights: np.ndarray, strength: float, start: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return weights and intercept of a weighted ridge regression on standardised features, held to a start."""
    share = weights / weights.sum()
    mean, goal = share @ moved, share @ target
    spread = np.sqrt(share @ np.square(moved - mean)) + 1e-9
    scaled = (moved - mean) / spread
    gram = (scaled * share[:, None]).T @ scaled + strength * np.eye(scaled.shape[1])
    held = (scaled * share[:, None]).T @ (target - goal) + strength * start * spread
    slope = np.linalg.solve(gram, held) / spread
    return slope, float(goal - mean @ slope)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Samples of a plan as the regression takes them: features and truth relative to theirs in neutral.

    Rows that are not `sane` are blunders of the pose model: nothing is fitted on them.
    """

    plan: Plan
    moved: np.ndarray
    samples: Samples
    neutral: np.ndarray
    share: float
    sane: np.ndarray


def prepare(plan: Plan, samples: Samples, *, has_baseline: bool) -> Prepared:
    """Move features to their reference: the person's own neutral with a baseline, all people's without.

    The truth goes to its zero. Without a baseline too an angle is asked from the person's own neutral.
    """
    neutral = np.mean([samples.baseline[samples.person == one][0] for one in np.unique(samples.person)], axis=0)
    share = 0.0
    if has_baseline and plan.own_share is not None:
        share = plan.own_share
    elif has_baseline:
        share = 1.0 if plan.own_zero else _sensor_share(samples, neutral)
    if plan.own_zero:
        samples = replace(samples, target=samples.target - samples.neutral_target)
    moved = wrap_deg(samples.values - neutral - share * wrap_deg(samples.baseline - neutral))
    weights, intercept = ridge(moved, samples.target, balance(samples), plan.ridge, plan.start_weights)
    sane = np.abs(moved @ weights + intercept - samples.target) < BLUNDER_DEG
    return Prepared(plan, moved, samples, neutral, share, sane)


def fit_line(prepared: Prepared, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights and intercept from some of the rows."""
    used = rows & prepared.sane
    samples = pick(prepared.samples, used)
    plan = prepared.plan
    return ridge(prepared.moved[used], samples.target, balance(samples), plan.ridge, plan.start_weights)


def fit_entry(plan: Plan, prepared: Prepared, *, has_baseline: bool) -> dict:
    """Fit one plan: an entry of the calibration file, all but its uncertainty."""
    weights, intercept = fit_line(prepared, np.ones(len(prepared.sane), dtype=bool))
    return {
        "view": plan.view,
        "angle": plan.angle,
        "has_baseline": [has_baseline],
        "features": list(plan.features),
        "weights": [round(float(value), 5) for value in weights],
        "neutral": [round(float(value), 3) for value in prepared.neutral],
        "spread": [round(float(value), 3) for value in prepared.moved[prepared.sane].std(axis=0)],
        "intercept": round(intercept, 3),
        "baseline_share": round(prepared.share, 3),
    }


def find_errors(prepared: Prepared) -> Errors:
    """Fit without some people in turn, everybody once, and return the errors on them.

    Only the fit itself is without them: the neutral that features are taken from, the share of the baseline and which
    rows are blunders (`prepare`) come from everybody, so the errors may come out a little smaller than on people never
    seen.
    """
    samples = prepared.samples
    error = np.zeros(len(samples.target))
    # Numbers are compared much faster than names.
    person, kind = (np.unique(names, return_inverse=True)[1] for names in (samples.person, samples.kind))
    numbered = replace(prepared, samples=replace(samples, person=person, kind=kind))
    people = np.random.default_rng(0).permutation(person.max() + 1)
    for group in np.array_split(people, min(FOLDS, len(people))):
        out = np.isin(person, group)
        weights, intercept = fit_line(numbered, ~out)
        error[out] = prepared.moved[out] @ weights + intercept - samples.target[out]
    return Errors(error[samples.stretching], pick(samples, samples.stretching))


def fit_plan(plan: Plan, samples: Samples) -> list[dict]:
    """Fit one plan, with and without baseline; nothing where the estimate does not go with the truth."""
    entries: list[dict] = []
    for has_baseline in (True, False):
        prepared = prepare(plan, samples, has_baseline=has_baseline)
        errors = find_errors(prepared)
        correlation = errors.of("still").correlation()
        if correlation < MINIMUM_CORRELATION:
            print(f"{plan.view} {plan.angle}: correlation {correlation:.2f}, left out")
            continue
        entries.append(
            fit_entry(plan, prepared, has_baseline=has_baseline)
            | measure_sigmas(plan, errors, has_baseline=has_baseline, share=known_share(entries))
            | {"people": len(np.unique(samples.person)), "correlation": round(correlation, 2)}
        )
    return entries


# The standing leg's angles for which the raised leg's estimate serves.
STANCE_TWINS = {RAISED_COUNTERPART[twin]: twin for twin in (Angle.STANCE_KNEE_FLEXION, Angle.STANCE_ANKLE_DORSIFLEXION)}


def twin_plan(plan: Plan) -> Plan | None:
    """Return the same plan for the standing leg, or None where it has none."""
    if plan.angle not in STANCE_TWINS or plan.view is not View.SIDE:
        return None
    return replace(plan, angle=STANCE_TWINS[plan.angle], stance=True)


def twin_entry(twin: Plan, samples: Samples, entry: dict) -> dict:
    """Give the standing leg the raised leg's estimate, with the error that it has there.

    The rendered standing leg hardly moves, so nothing could be fitted on it.
    """
    reference = np.array(entry["neutral"])
    reference = reference + entry["baseline_share"] * wrap_deg(samples.baseline - reference)
    error = wrap_deg(samples.values - reference) @ entry["weights"] + entry["intercept"] - samples.target
    errors = Errors(error[samples.stretching], pick(samples, samples.stretching))
    (has_baseline,) = entry["has_baseline"]
    return entry | {"angle": twin.angle} | measure_sigmas(twin, errors, has_baseline=has_baseline)


def _sensor_share(samples: Samples, neutral: np.ndarray) -> float:
    """Return how much of a standing reading is the sensor's error rather than the person's posture."""
    people = np.unique(samples.person[samples.stretching])  # of somebody who is only seen standing no offset is known
    own = np.array([samples.baseline[samples.person == one][0] for one in people]) - neutral
    residual = wrap_deg(samples.values - neutral)[:, 0] - samples.target
    offset = np.array([np.median(residual[(samples.person == one) & samples.stretching]) for one in people])
    slope = np.polyfit(own[:, 0], offset, 1)[0]
    sensor_variance = own[:, 0].var()
    return float(np.clip(slope, 0.0, 1.0) * sensor_variance / (sensor_variance + POSTURE_SD_DEG**2))


def _strangeness(plan: Plan, samples: Samples) -> float:
    """Return what 99.9 % of the fit's own rows stay below, measured as the estimator does before it refuses a pose."""
    prepared = prepare(plan, samples, has_baseline=True)
    moved = prepared.moved[prepared.sane]
    return float(np.quantile(np.sqrt(np.square(moved / moved.std(axis=0)).mean(axis=1)), 0.999))


def main() -> None:
    """Fit all variants and write the calibration file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=PEOPLE, nargs="+")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument("--out", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    variants = {}
    for variant in VARIANTS:
        recordings = list(chain(*truth.read_folders(arguments.folders, variant, arguments.cache)))
        variants[variant] = []
        for plan in plans_for(variant):
            samples = collect(plan, recordings)
            entries = fit_plan(plan, samples)
            variants[variant] += entries
            twin = twin_plan(plan)
            if twin is not None:
                beside = collect(twin, recordings)
                variants[variant] += [twin_entry(twin, beside, entry) for entry in entries]
            if not entries:
                continue
            sigmas = " / ".join(f"{entry['sigma_deg']:4.1f} {entry['sigma_still_deg']:4.1f}" for entry in entries)
            print(
                f"{variant:6}{plan.view:8}{plan.angle:26}sigma of videos and stills, with / without baseline {sigmas}"
                f"  share {entries[0]['baseline_share']:.2f}  99.9 % within {_strangeness(plan, samples):.1f} spreads"
            )
    document = {
        "schema": 1,
        "source": "benchmarks/fit_calibration.py on rendered people; sigma from people left out in turn",
        "networks": compute_network_hashes(),
        "variants": variants,
    }
    text = json.dumps(document, indent=1)
    arguments.out.write_text(_compact(text) + "\n", encoding="utf-8")


def _compact(text: str) -> str:
    """Put every list of numbers on one line."""
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda match: "[" + re.sub(r"\s*\n\s*", " ", match.group(1)) + "]", text)


if __name__ == "__main__":
    main()
