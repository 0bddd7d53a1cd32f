"""Fits ``src/formcoach/angles/calibration.json`` on rendered people of known angles.

    python benchmarks/fit_calibration.py TRUTH_FOLDER --cache FOLDER

Ridge regression, one an angle, view and pose model, on all rendered people; the uncertainties come from fits that each
leave one person out. ``benchmarks/accuracy.py`` runs the whole program on every person with a calibration that has not
seen that person. Deterministic: the same folder gives the same numbers.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import truth
from formcoach.angles import Angle, View
from formcoach.angles.calibration import select_features
from formcoach.angles.features import compute_features
from formcoach.angles.geometry import wrap_deg
from formcoach.angles.view import classify_view

FOLDS = 40  # more than there are people in any view: each person is left out once
RIDGE = 3e-3
# A landmark error beyond this is a blunder (a swapped leg), not the sensor's bias; the trackers see to those.
BLUNDER_DEG = 35.0
# Nobody's neutral posture is the average one: without a baseline the zero itself is uncertain by about this much
# (between-person standard deviations of standing posture, choices; the rendered people all stand alike).
NEUTRAL_SPREAD_DEG = {
    Angle.LUMBAR_FLEXION: 9.0,
    Angle.PELVIC_TILT: 5.0,
    Angle.CERVICAL_FLEXION: 7.0,
    Angle.TRUNK_LEAN: 3.0,
    Angle.HIP_FLEXION: 5.0,
    Angle.STANCE_HIP_FLEXION: 5.0,
    Angle.HIP_ADDUCTION: 3.0,
    Angle.HIP_MEDIAL_ROTATION: 8.0,
}
# Real people stand with knees bent or over-straight by about so much (evidence.md §3.6 has no number; a choice): only
# what a baseline shows beyond that is taken for the sensor's own error.
POSTURE_SD_DEG = 3.0
VARIANTS = ("lite", "full", "heavy")
OUTPUT = Path(__file__).parents[1] / "src" / "formcoach" / "angles" / "calibration.json"

TRUNK = tuple(
    f"trunk.{name}" for name in ("lean", "mouth_pitch", "face_tilt", "nose_pitch", "neck_tilt", "near_neck_tilt")
)
TRUNK_WORLD = tuple(name.replace("trunk.", "trunk_world.") for name in TRUNK)
PROFILE = tuple(f"{side}.{index}" for side in ("back", "front") for index in range(13))


@dataclass(frozen=True, slots=True)
class Plan:
    """Which features make which angle in a view, and whether its zero is the person's own posture."""

    view: View
    angle: Angle
    features: tuple[str, ...]
    own_zero: bool
    stance: bool = False
    ridge: float = RIDGE


PLANS = (
    *(
        Plan(View.SIDE, angle, TRUNK + PROFILE, own_zero=True)
        for angle in (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN)
    ),
    Plan(View.SIDE, Angle.HIP_FLEXION, (*TRUNK, *PROFILE, "leg.thigh"), own_zero=True),
    Plan(View.SIDE, Angle.STANCE_HIP_FLEXION, (*TRUNK, *PROFILE, "leg.thigh"), own_zero=True, stance=True),
    Plan(View.SIDE, Angle.HIP_TRUNK_FLEXION, ("leg.hip_trunk_flexion",), own_zero=False),
    Plan(View.OBLIQUE, Angle.HIP_TRUNK_FLEXION, ("leg.hip_trunk_flexion",), own_zero=False),
    Plan(View.SIDE, Angle.KNEE_FLEXION, ("leg.knee_flexion",), own_zero=False),
    Plan(View.SIDE, Angle.ANKLE_DORSIFLEXION, ("leg.ankle_dorsiflexion",), own_zero=False),
    Plan(View.OBLIQUE, Angle.KNEE_FLEXION, ("leg.knee_flexion", "leg_world.knee_flexion"), own_zero=False),
    Plan(
        View.OBLIQUE,
        Angle.HIP_FLEXION,
        ("leg.thigh", "leg_world.thigh", *TRUNK, *TRUNK_WORLD),
        own_zero=True,
        ridge=0.02,
    ),
    Plan(View.OBLIQUE, Angle.TRUNK_LEAN, (*TRUNK, *TRUNK_WORLD), own_zero=True, ridge=0.02),
    Plan(View.OBLIQUE, Angle.CERVICAL_FLEXION, (*TRUNK, *TRUNK_WORLD), own_zero=True, ridge=0.02),
    Plan(
        View.OBLIQUE,
        Angle.HIP_ADDUCTION,
        ("lateral.leg_world", "lateral.thigh_world", "lateral.leg_offset", "lateral.thigh_offset"),
        own_zero=True,
        ridge=0.02,
    ),
    Plan(View.FRONT, Angle.HIP_ADDUCTION, ("lateral.leg_offset", "lateral.thigh_offset"), own_zero=True, ridge=0.02),
    Plan(View.FRONT, Angle.HIP_MEDIAL_ROTATION, ("lateral.foot_world",), own_zero=True),
    Plan(View.OBLIQUE, Angle.HIP_MEDIAL_ROTATION, ("lateral.foot_world",), own_zero=True),
)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Rows for one plan: features, the person's own neutral, truth, and who and what they come from."""

    values: np.ndarray
    baseline: np.ndarray
    target: np.ndarray
    person: np.ndarray
    kind: np.ndarray
    stretching: np.ndarray


def collect(plan: Plan, recordings: list[truth.Recording]) -> Samples:
    """Gather the usable rows of all recordings whose true view is the plan's."""
    parts = []
    for recording in recordings:
        if classify_view(recording.azimuth_deg) is not plan.view:
            continue
        facing = -1.0 if recording.azimuth_deg > 0 else 1.0
        row = (recording.leg == "right") != plan.stance
        values = select_features(compute_features(recording.pose, facing), plan.features, int(row))
        baseline = np.median(values[recording.neutral & np.isfinite(values).all(axis=1)], axis=0)
        target = recording.truth[plan.angle]
        used = recording.neutral | recording.stretching
        parts.append(
            Samples(
                values[used],
                np.broadcast_to(baseline, values.shape)[used],
                target[used],
                np.array([recording.person] * used.sum()),
                np.full(used.sum(), recording.kind),
                recording.stretching[used],
            )
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
        bins = np.round(samples.target[rows] / 10.0).astype(int)
        mass = {value: weights[rows][bins == value].sum() for value in np.unique(bins)}
        share = weights[rows] / np.array([max(mass[value], 0.02 * weights[rows].sum()) for value in bins])
        weights[rows] = share / share.sum()
    return weights / weights.mean()


def person_shares(samples: Samples) -> np.ndarray:
    """Weigh each row so that every person counts the same within a kind of recording."""
    weights = np.ones(len(samples.target))
    for kind in np.unique(samples.kind):
        for person in np.unique(samples.person[samples.kind == kind]):
            rows = (samples.kind == kind) & (samples.person == person)
            weights[rows] = 1.0 / rows.sum()
    return weights


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
    """Samples of a plan as the regression takes them: features relative to their reference, blunders left out."""

    moved: np.ndarray
    samples: Samples
    neutral: np.ndarray
    share: float


def prepare(plan: Plan, samples: Samples, *, has_baseline: bool) -> Prepared:
    """Move the features to their reference, with or without the person's own baseline."""
    neutral = np.mean([samples.baseline[samples.person == one][0] for one in np.unique(samples.person)], axis=0)
    share = 0.0
    if has_baseline:
        share = 1.0 if plan.own_zero else _sensor_share(samples, neutral)
    moved = wrap_deg(samples.values - neutral - share * wrap_deg(samples.baseline - neutral))
    sane = _without_blunders(moved, samples, plan)
    return Prepared(moved[sane], pick(samples, sane), neutral, share)


def fit_entry(plan: Plan, prepared: Prepared, *, has_baseline: bool) -> dict:
    """Fit one plan: an entry of the calibration file, all but its uncertainty."""
    moved, samples = prepared.moved, prepared.samples
    weights, intercept = ridge(moved, samples.target, balance(samples), plan.ridge)
    return {
        "view": plan.view,
        "angle": plan.angle,
        "has_baseline": [has_baseline],
        "features": list(plan.features),
        "weights": [round(float(value), 5) for value in weights],
        "neutral": [round(float(value), 3) for value in prepared.neutral],
        "spread": [round(float(value), 3) for value in moved.std(axis=0)],
        "intercept": round(intercept, 3),
        "baseline_share": round(prepared.share, 3),
    }


def measure_sigmas(plan: Plan, prepared: Prepared, *, has_baseline: bool) -> dict[str, float]:
    """Return the uncertainty of an entry, from people who are each left out of a fit."""
    errors = _out_of_fold_errors(prepared.moved, prepared.samples, plan.ridge)
    stretching = prepared.samples.stretching
    sigmas = _sigmas(errors[stretching], pick(prepared.samples, stretching))
    spread = 0.0 if has_baseline else NEUTRAL_SPREAD_DEG.get(plan.angle, 0.0)
    return {name: round(float(np.hypot(one, spread)), 2) for name, one in sigmas.items()}


def fit_plan(plan: Plan, samples: Samples) -> list[dict]:
    """Fit one plan, with and without baseline."""
    entries = []
    for has_baseline in (True, False):
        prepared = prepare(plan, samples, has_baseline=has_baseline)
        sigmas = measure_sigmas(plan, prepared, has_baseline=has_baseline)
        entries.append(
            fit_entry(plan, prepared, has_baseline=has_baseline) | sigmas | {"people": len(np.unique(samples.person))}
        )
    return entries


STANCE_TWINS = {
    Angle.KNEE_FLEXION: Angle.STANCE_KNEE_FLEXION,
    Angle.ANKLE_DORSIFLEXION: Angle.STANCE_ANKLE_DORSIFLEXION,
}


def stance_entries(plan: Plan, entries: list[dict], recordings: list[truth.Recording]) -> list[dict]:
    """Give the standing leg the raised leg's estimate, with the error that it has there.

    The rendered standing leg hardly moves, so nothing could be fitted on it.
    """
    if plan.angle not in STANCE_TWINS or plan.view is not View.SIDE:
        return []
    twin = Plan(plan.view, STANCE_TWINS[plan.angle], plan.features, plan.own_zero, stance=True)
    samples = collect(twin, recordings)
    twins = []
    for entry in entries:
        reference = np.array(entry["neutral"])
        reference = reference + entry["baseline_share"] * wrap_deg(samples.baseline - reference)
        errors = wrap_deg(samples.values - reference) @ entry["weights"] + entry["intercept"] - samples.target
        sigmas = _sigmas(errors[samples.stretching], pick(samples, samples.stretching))
        twins.append(entry | {"angle": twin.angle} | {name: round(one, 2) for name, one in sigmas.items()})
    return twins


def _sensor_share(samples: Samples, neutral: np.ndarray) -> float:
    """Return how much of a standing reading is the sensor's error rather than the person's posture."""
    people = np.unique(samples.person)
    own = np.array([samples.baseline[samples.person == one][0] for one in people]) - neutral
    residual = wrap_deg(samples.values - neutral)[:, 0] - samples.target
    offset = np.array([np.median(residual[(samples.person == one) & samples.stretching]) for one in people])
    slope = np.polyfit(own[:, 0], offset, 1)[0]
    sensor_variance = own[:, 0].var()
    return float(np.clip(slope, 0.0, 1.0) * sensor_variance / (sensor_variance + POSTURE_SD_DEG**2))


def _without_blunders(moved: np.ndarray, samples: Samples, plan: Plan) -> np.ndarray:
    weights, intercept = ridge(moved, samples.target, balance(samples), plan.ridge)
    return np.abs(moved @ weights + intercept - samples.target) < BLUNDER_DEG


def _out_of_fold_errors(moved: np.ndarray, samples: Samples, strength: float) -> np.ndarray:
    people = np.random.default_rng(0).permutation(np.unique(samples.person))
    fold = {person: index % FOLDS for index, person in enumerate(people)}
    folds = np.array([fold[person] for person in samples.person])
    errors = np.zeros(len(samples.target))
    for index in range(FOLDS):
        out, rest = folds == index, folds != index
        weights, intercept = ridge(moved[rest], samples.target[rest], balance(pick(samples, rest)), strength)
        errors[out] = moved[out] @ weights + intercept - samples.target[out]
    return errors


def _sigmas(errors: np.ndarray, samples: Samples) -> dict[str, float]:
    """Return the size that 68 % of the errors stay below: in videos (free and scripted alike), and in stills."""
    shares = person_shares(samples)
    sizes = {}
    for kind in np.unique(samples.kind):
        rows = samples.kind == kind
        order = np.argsort(np.abs(errors[rows]))
        reached = np.cumsum(shares[rows][order]) / shares[rows].sum()
        sizes[str(kind)] = float(np.abs(errors[rows])[order][np.searchsorted(reached, 0.683)])
    video = [sizes[kind] for kind in ("free", "scripted") if kind in sizes]
    return {"sigma_deg": float(np.mean(video)), "sigma_still_deg": sizes["still"]}


def _strangeness(plan: Plan, samples: Samples) -> float:
    """Return what 99.9 % of the fit's own rows stay below, measured as the estimator does before it refuses a pose."""
    moved = prepare(plan, samples, has_baseline=True).moved
    return float(np.quantile(np.sqrt(np.square(moved / moved.std(axis=0)).mean(axis=1)), 0.999))


def main() -> None:
    """Fit all variants and write the calibration file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument("--out", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    variants = {}
    for variant in VARIANTS:
        recordings = truth.read_all(arguments.truth, variant, arguments.cache)
        variants[variant] = []
        for plan in PLANS:
            samples = collect(plan, recordings)
            entries = fit_plan(plan, samples)
            variants[variant] += [*entries, *stance_entries(plan, entries, recordings)]
            sigmas = " / ".join(f"{entry['sigma_deg']:4.1f} {entry['sigma_still_deg']:4.1f}" for entry in entries)
            print(
                f"{variant:6}{plan.view:8}{plan.angle:26}sigma of videos and stills, with / without baseline {sigmas}"
                f"  share {entries[0]['baseline_share']:.2f}  99.9 % within {_strangeness(plan, samples):.1f} spreads"
            )
    document = {
        "schema": 1,
        "source": "benchmarks/fit_calibration.py on the project's rendered people; sigma from people left out in turn",
        "variants": variants,
    }
    text = json.dumps(document, indent=1)
    arguments.out.write_text(_compact(text) + "\n", encoding="utf-8")


def _compact(text: str) -> str:
    """Put every list of numbers on one line."""
    import re

    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda match: "[" + re.sub(r"\s*\n\s*", " ", match.group(1)) + "]", text)


if __name__ == "__main__":
    main()
