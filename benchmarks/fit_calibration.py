"""Fits ``src/formcoach/angles/calibration.json`` on rendered people of known angles.

    python benchmarks/fit_calibration.py TRUTH_FOLDER [FOLDER ...] --cache FOLDER

Ridge regression, one an angle, view and pose model, on all rendered people of all folders (the project's own are
``render_people.py``'s sets ``side`` and ``front``; nobody in them is in the fit of the networks). Uncertainties come
from fits that each leave one person out. ``benchmarks/accuracy.py`` runs the whole program on every person with a
calibration that has not seen that person. Deterministic: the same folders give the same numbers.
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
from calibration_plans import PLANS, Plan, sigma_feature
from formcoach.angles import Angle, View
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
# An angle whose estimate goes with the truth less than this is no measurement and is left out: "not checked".
MINIMUM_CORRELATION = 0.6
# Clips of fewer people say nothing of the uncertainty in videos; nor do clips in which the estimate does not go with
# the truth: there the errors are small only because the truth hardly varies.
MINIMUM_PEOPLE = 6
# In videos it is at least this share of that in stills: what errs in one picture errs in all pictures of a clip.
LEAST_SHARE_OF_STILL = 0.6
# Share of the errors that sigma holds. Errors have longer tails than a normal law (68 %): a little more here keeps two
# sigma honest too.
WITHIN_SIGMA = 0.72
CLIP_KINDS = ("scripted", "free")
VARIANTS = ("lite", "full", "heavy")
OUTPUT = Path(__file__).parents[1] / "src" / "formcoach" / "angles" / "calibration.json"


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Rows for one plan: features, the network's own sigma, both in neutral, truth, who and what it is."""

    values: np.ndarray
    own_sigma: np.ndarray
    baseline: np.ndarray
    target: np.ndarray
    neutral_target: np.ndarray
    person: np.ndarray
    kind: np.ndarray
    stretching: np.ndarray


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
        standing = recording.neutral & np.isfinite(values).all(axis=1)
        if not standing.any():
            continue
        baseline = np.median(values[standing], axis=0)
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


def pick(samples: Samples, rows: np.ndarray) -> Samples:
    """Return some of the rows."""
    return Samples(*(getattr(samples, name)[rows] for name in Samples.__slots__))


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


def person_shares(samples: Samples) -> np.ndarray:
    """Weigh each row so that every person counts the same within a kind of recording."""
    kinds, kind = np.unique(samples.kind, return_inverse=True)
    group = len(kinds) * np.unique(samples.person, return_inverse=True)[1] + kind
    return 1.0 / np.bincount(group)[group]


def ridge(moved: np.ndarray, target: np.ndarray, weights: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Return weights and intercept of a weighted ridge regression on standardised features."""
    share = weights / weights.sum()
    mean, goal = share @ moved, share @ target
    spread = np.sqrt(share @ np.square(moved - mean)) + 1e-9
    scaled = (moved - mean) / spread
    gram = (scaled * share[:, None]).T @ scaled + strength * np.eye(scaled.shape[1])
    slope = np.linalg.solve(gram, (scaled * share[:, None]).T @ (target - goal)) / spread
    return slope, float(goal - mean @ slope)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Samples of a plan as the regression takes them: features and truth relative to theirs in neutral.

    Rows that are not `sane` are blunders of the pose model: nothing is fitted on them.
    """

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
    if has_baseline:
        share = 1.0 if plan.own_zero else _sensor_share(samples, neutral)
    if plan.own_zero:
        samples = replace(samples, target=samples.target - samples.neutral_target)
    moved = wrap_deg(samples.values - neutral - share * wrap_deg(samples.baseline - neutral))
    weights, intercept = ridge(moved, samples.target, balance(samples), plan.ridge)
    sane = np.abs(moved @ weights + intercept - samples.target) < BLUNDER_DEG
    return Prepared(moved, samples, neutral, share, sane)


def fit_line(plan: Plan, prepared: Prepared, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights and intercept from some of the rows."""
    used = rows & prepared.sane
    samples = pick(prepared.samples, used)
    return ridge(prepared.moved[used], samples.target, balance(samples), plan.ridge)


def fit_entry(plan: Plan, prepared: Prepared, *, has_baseline: bool) -> dict:
    """Fit one plan: an entry of the calibration file, all but its uncertainty."""
    weights, intercept = fit_line(plan, prepared, np.ones(len(prepared.sane), dtype=bool))
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


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors of an entry on people who were each left out of the fit, while they stretch."""

    error: np.ndarray
    samples: Samples

    def of(self, kind: str) -> Errors:
        """Return the errors in one kind of recording."""
        return self._pick(self.samples.kind == kind)

    def correlation(self) -> float:
        """Return how the estimate goes with the truth."""
        target = self.samples.target
        return float(np.corrcoef(target + self.error, target)[0, 1])

    def own_postures(self) -> Errors:
        """Return the errors of people whose neutral posture is their own, not exactly the average one."""
        return self._pick(self.samples.neutral_target != 0.0)

    def _pick(self, rows: np.ndarray) -> Errors:
        return Errors(self.error[rows], pick(self.samples, rows))


def find_errors(plan: Plan, prepared: Prepared) -> Errors:
    """Fit without each person in turn, and return the errors on that person."""
    samples = prepared.samples
    error = np.zeros(len(samples.target))
    # Numbers are compared much faster than names, and there are as many fits as people.
    person, kind = (np.unique(names, return_inverse=True)[1] for names in (samples.person, samples.kind))
    numbered = replace(prepared, samples=replace(samples, person=person, kind=kind))
    for one in np.unique(person):
        out = person == one
        weights, intercept = fit_line(plan, numbered, ~out)
        error[out] = prepared.moved[out] @ weights + intercept - samples.target[out]
    return Errors(error[samples.stretching], pick(samples, samples.stretching))


def measure_sigmas(
    plan: Plan, errors: Errors, *, has_baseline: bool, share: float | None = None
) -> dict[str, float | str]:
    """Return the constant part and the network's part of sigma: in videos, and in stills.

    Without a baseline only people with a neutral posture of their own tell how uncertain the zero is. All frames of a
    clip share it, so that few clips say little of it: the many stills speak for both.

    Parameters
    ----------
    plan, errors, has_baseline
        What was fitted, and its errors on people left out.
    share
        The network's part where it is known: an unknown zero adds a constant to what there is with a baseline.

    Raises
    ------
    SystemExit
        When there is nobody of that kind. The errors of people who all stand as the average person does would call a
        zero sure that is not, and without any number the program could judge nothing without a baseline.
    """
    own_zero_unknown = plan.own_zero and not has_baseline
    if own_zero_unknown:
        errors = errors.own_postures()
        if not len(errors.of("still").error):
            raise SystemExit(
                f"No still of {plan.view} {plan.angle} shows anybody with a neutral posture of their own, and only they"
                " tell how uncertain it is without a baseline: add a folder that render_people.py made."
            )
    own = sigma_feature(plan)
    found: dict[str, float | str] = {} if own is None else {"sigma_feature": own}
    still = _measure_sigma(errors.of("still"), varies=own is not None, share=share if own_zero_unknown else None)
    video = still if own_zero_unknown else _measure_video_sigma(errors, still, varies=own is not None)
    for suffix, (constant, share) in (("", video), ("_still", still)):
        found[f"sigma{suffix}_deg"] = round(constant, 2)
        found[f"sigma{suffix}_share"] = round(share, 2)
    return found


def _measure_video_sigma(errors: Errors, still: tuple[float, float], *, varies: bool) -> tuple[float, float]:
    """Return sigma's parts in videos: the widest of what scripted clips, free clips and stills ask for.

    The program cannot know how somebody will move. Kinds of clips that say nothing are left out; without any, a clip's
    frames are as uncertain as stills.
    """
    usual = np.median(errors.samples.own_sigma)
    parts = []
    for kind in CLIP_KINDS:
        clips = errors.of(kind)
        if len(np.unique(clips.samples.person)) >= MINIMUM_PEOPLE and clips.correlation() >= MINIMUM_CORRELATION:
            parts.append(_measure_sigma(clips, varies=varies))
    if not parts:
        return still
    parts.append((LEAST_SHARE_OF_STILL * still[0], LEAST_SHARE_OF_STILL * still[1]))
    return max(parts, key=lambda part: np.hypot(part[0], part[1] * usual))


def fit_plan(plan: Plan, samples: Samples) -> list[dict]:
    """Fit one plan, with and without baseline; nothing where the estimate does not go with the truth."""
    entries: list[dict] = []
    for has_baseline in (True, False):
        prepared = prepare(plan, samples, has_baseline=has_baseline)
        errors = find_errors(plan, prepared)
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


def known_share(entries: list[dict]) -> float | None:
    """Return the network's part of sigma in stills with a baseline, once that has been fitted."""
    return entries[0]["sigma_still_share"] if entries else None


# The standing leg's angles for which the raised leg's estimate serves.
STANCE_TWINS = {RAISED_COUNTERPART[twin]: twin for twin in (Angle.STANCE_KNEE_FLEXION, Angle.STANCE_ANKLE_DORSIFLEXION)}


def twin_plan(plan: Plan) -> Plan | None:
    """Return the same plan for the standing leg, or None where it has none."""
    if plan.angle not in STANCE_TWINS or plan.view is not View.SIDE:
        return None
    return Plan(plan.view, STANCE_TWINS[plan.angle], plan.features, plan.own_zero, stance=True)


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
    people = np.unique(samples.person)
    own = np.array([samples.baseline[samples.person == one][0] for one in people]) - neutral
    residual = wrap_deg(samples.values - neutral)[:, 0] - samples.target
    offset = np.array([np.median(residual[(samples.person == one) & samples.stretching]) for one in people])
    slope = np.polyfit(own[:, 0], offset, 1)[0]
    sensor_variance = own[:, 0].var()
    return float(np.clip(slope, 0.0, 1.0) * sensor_variance / (sensor_variance + POSTURE_SD_DEG**2))


def _measure_sigma(errors: Errors, *, varies: bool, share: float | None = None) -> tuple[float, float]:
    samples = errors.samples
    shares = np.arange(0.0, 2.01, 0.1) if varies else np.zeros(1)
    if share is not None:
        shares = np.array([share])
    return _fit_sigma(np.abs(errors.error), samples.own_sigma, person_shares(samples), shares)


def _fit_sigma(size: np.ndarray, own: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Return constant and share such that sigma holds `WITHIN_SIGMA` of the errors and a normal law fits them best."""
    best = (np.inf, 0.0, 0.0)
    # A few gross errors must not decide how wide the band of all the others is.
    clipped = np.minimum(size, 4.0 * _weighted_quantile(size, weights, WITHIN_SIGMA))
    for share in shares:
        squared = np.square(size) - np.square(share * own)
        constant = np.sqrt(max(_weighted_quantile(squared, weights, WITHIN_SIGMA), 0.25))
        sigma = np.hypot(constant, share * own)
        misfit = float(weights @ (np.log(sigma) + 0.5 * np.square(clipped / sigma)) / weights.sum())
        best = min(best, (misfit, float(constant), float(share)))
    return best[1], best[2]


def _weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share)])


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
        for plan in PLANS:
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
