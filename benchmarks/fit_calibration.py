"""Fits ``src/formcoach/angles/calibration.json`` on rendered people of known angles.

    python benchmarks/fit_calibration.py TRUTH_FOLDER --cache FOLDER

Ridge regression, one an angle, view and pose model. The people of `HELD_OUT` are left out of the fit altogether:
``benchmarks/accuracy.py`` reports on them. Deterministic: the same folder gives the same numbers.
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


def fit_plan(plan: Plan, samples: Samples) -> list[dict]:
    """Fit one plan, with and without baseline where the zero is the person's own."""
    neutral = np.mean([samples.baseline[samples.person == one][0] for one in np.unique(samples.person)], axis=0)
    entries = []
    for has_baseline in (True, False):
        if plan.own_zero:
            share = 1.0 if has_baseline else 0.0
        else:
            share = _sensor_share(plan, samples, neutral) if has_baseline else 0.0
        reference = neutral + share * wrap_deg(samples.baseline - neutral)
        moved = wrap_deg(samples.values - reference)
        sane = _without_blunders(moved, samples, plan)
        errors = _out_of_fold_errors(moved[sane], pick(samples, sane), plan.ridge)
        weights, intercept = ridge(moved[sane], samples.target[sane], balance(pick(samples, sane)), plan.ridge)
        stretching = samples.stretching[sane]
        sigmas = _sigmas(errors[stretching], pick(pick(samples, sane), stretching))
        if not has_baseline:
            sigmas = {
                name: float(np.hypot(one, NEUTRAL_SPREAD_DEG.get(plan.angle, 0.0))) for name, one in sigmas.items()
            }
        entries.append(
            {
                "view": plan.view,
                "angle": plan.angle,
                "has_baseline": [has_baseline],
                "features": list(plan.features),
                "weights": [round(float(value), 5) for value in weights],
                "neutral": [round(float(value), 3) for value in neutral],
                "spread": [round(float(value), 3) for value in moved[sane].std(axis=0)],
                "intercept": round(intercept, 3),
                "baseline_share": round(share, 3),
                **{name: round(one, 2) for name, one in sigmas.items()},
                "people": len(np.unique(samples.person)),
                "strangest": np.sqrt(np.square(moved[sane] / moved[sane].std(axis=0)).mean(axis=1)).max(),
            }
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


def _sensor_share(plan: Plan, samples: Samples, neutral: np.ndarray) -> float:
    """Return how much of a standing reading is the sensor's error rather than the person's posture."""
    del plan
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
            variants[variant] += entries
            strange = max(float(entry.pop("strangest")) for entry in entries)
            if plan.angle in STANCE_TWINS and plan.view is View.SIDE:
                variants[variant] += stance_entries(plan, entries, recordings)
            sigmas = " / ".join(f"{entry['sigma_deg']:4.1f} {entry['sigma_still_deg']:4.1f}" for entry in entries)
            print(
                f"{variant:6}{plan.view:8}{plan.angle:26}{entries[0]['people']:3} people  sigma of videos and stills,"
                f" with / without baseline {sigmas}  share {entries[0]['baseline_share']:.2f}  strangest {strange:.1f}"
            )
    document = {
        "schema": 1,
        "source": "benchmarks/fit_calibration.py on the project's rendered people; those held out are named there",
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
