"""Prints how far the program's angles are from the truth, and which flags it raises, on people it was not fitted on.

    python benchmarks/accuracy.py TRUTH_FOLDER --cache FOLDER [--model heavy]

Every rendered person goes through the whole program (leg, facing, view, baseline, zero-phase path; stills as photos)
with a calibration from which that person was left out; only the shipped uncertainties are kept, which come from people
left out in turn. TRUTH_FOLDER has ``clips``, ``side`` and ``front``; FOLDER keeps what the pose model saw.

Tables: angles by view and kind of recording (people weigh alike), the azimuth, and for every clip what was wrong in
truth against what was flagged.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import truth
from fit_calibration import PLANS, collect, fit_entry, pick, prepare, stance_entries
from formcoach.angles import Angle, Readings, View
from formcoach.angles.calibration import load_calibration, read_calibration
from formcoach.angles.geometry import wrap_deg
from formcoach.angles.view import classify_view
from formcoach.coach import RecordingReview, review_still
from formcoach.stretch import load_profile
from formcoach.stretch.events import FlagLog
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.angles.calibration import Calibration
    from formcoach.coach import CoachStep
    from formcoach.pose.pose import Pose
    from formcoach.stretch import Profile
    from formcoach.stretch.profile import FlagRule

PROFILE = load_profile()
# An angle that is seen in fewer frames than this is named, not measured.
RARELY = 0.05
KINDS = ("scripted", "free", "still")
# A fault that lasts this long in truth has to be found; a shorter one may pass as a wobble.
LASTING_S = 1.0
# Faults that are this close to their threshold are left out of the count of hits and false alarms.
MARGIN_DEG = 4.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Poses in memory, as the review reads them."""

    pose: Pose

    def chunks(self) -> Iterator[Pose]:
        """Yield all poses at once."""
        yield self.pose


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What the program said of one recording."""

    recording: truth.Recording
    readings: Readings
    azimuth_deg: np.ndarray
    log: FlagLog | None


class HeldOut:
    """Calibrations from each of which one person is left out.

    Parameters
    ----------
    recordings
        All of them, from one pose model.
    variant
        That model.
    """

    def __init__(self, recordings: list[truth.Recording], variant: str) -> None:
        self._variant = variant
        self._recordings = recordings
        self._samples = [(plan, collect(plan, recordings)) for plan in PLANS]
        self._shipped = load_calibration(variant)

    def without(self, person: str) -> Calibration:
        """Return the calibration that has not seen a person."""
        entries = []
        others = [recording for recording in self._recordings if recording.person != person]
        for plan, samples in self._samples:
            rest = pick(samples, samples.person != person)
            own = []
            for has_baseline in (True, False):
                prepared = prepare(plan, rest, has_baseline=has_baseline)
                sigmas = self._sigmas(plan.view, plan.angle, has_baseline=has_baseline)
                own.append(fit_entry(plan, prepared, has_baseline=has_baseline) | sigmas)
            entries += own
            for entry in stance_entries(plan, own, others):
                (has_baseline,) = entry["has_baseline"]
                entries.append(entry | self._sigmas(plan.view, entry["angle"], has_baseline=has_baseline))
        return read_calibration({"source": f"without {person}", "variants": {self._variant: entries}}, self._variant)

    def _sigmas(self, view: View, angle: Angle, *, has_baseline: bool) -> dict[str, float]:
        shipped = self._shipped.find(view, angle, has_baseline=has_baseline)
        assert shipped is not None
        return {"sigma_deg": shipped.sigma_deg, "sigma_still_deg": shipped.sigma_still_deg}


def run_program(recording: truth.Recording, calibration: Calibration, profile: Profile) -> Result:
    """Run everything after the pose model on one recording."""
    if recording.kind == "still":
        steps = [
            review_still(recording.pose[row], profile, calibration, truth.FRAME_SIZE)
            for row in range(len(recording.time_s))
        ]
        return Result(recording, *_read(steps), None)
    review = RecordingReview(profile, calibration, truth.FRAME_SIZE)
    for row, time_s in enumerate(recording.time_s):
        review.take(float(time_s), recording.pose[row])
    log = FlagLog(profile)
    steps = []
    for step in review.steps(Memory(recording.pose)):
        log.step(step.assessment)
        steps.append(step)
    return Result(recording, *_read(steps), log)


def _read(steps: list[CoachStep]) -> tuple[Readings, np.ndarray]:
    return Readings.stack([step.readings for step in steps]), np.array([step.azimuth_deg for step in steps])


def print_angles(results: list[Result]) -> None:
    """Print the errors of every angle while stretching, by true view and kind of recording."""
    print("\nAngles in degrees; 1 s, 2 s: share of errors within one and two of the stated sigma (68 and 95 % at best)")
    columns = "".join(f"{name:>8}" for name in ("people", "checked", "MAE", "bias", "sigma", "1 s", "2 s"))
    print(f"{'view':9}{'kind':10}{'angle':26}{columns}")
    for view in (View.SIDE, View.OBLIQUE, View.FRONT):
        for kind in KINDS:
            some = [one for one in results if _is_seen_as(one, view) and one.recording.kind == kind]
            if not some:
                continue
            errors = {angle: measure_errors(angle, some) for angle in Angle}
            for angle, found in errors.items():
                if found.checked >= RARELY:
                    print(f"{view:9}{kind:10}{angle:26}{found.people:8}{found.checked:8.0%}{found.describe()}")
            never = [angle.value for angle, found in errors.items() if found.checked < RARELY]
            print(f"{view:9}{kind:10}not checked (or in less than {RARELY:.0%} of the frames): {', '.join(never)}")


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors of one angle: how many people, which share was checked, errors and sigmas in degrees, and weights."""

    people: int
    checked: float
    error: np.ndarray
    sigma: np.ndarray
    weight: np.ndarray

    def describe(self) -> str:
        """Return mean absolute error, bias, stated sigma, and how often the errors lie within one and two of it."""
        weight = self.weight / self.weight.sum()
        size = np.abs(self.error)
        within = "".join(f"{weight @ (size <= times * self.sigma):8.0%}" for times in (1, 2))
        return f"{weight @ size:8.1f}{weight @ self.error:8.1f}{weight @ self.sigma:8.1f}{within}"


def measure_errors(angle: Angle, results: list[Result]) -> Errors:
    """Gather the errors of one angle while stretching; people weigh alike, however many clips or stills they have."""
    clips = Counter(result.recording.person for result in results)
    errors, sigmas, weights = [], [], []
    checked = 0.0
    for result in results:
        rows = result.recording.stretching
        error = wrap_deg(result.readings.value_deg[rows, angle.column] - result.recording.truth[angle][rows])
        known = np.isfinite(error)
        share = 1.0 / clips[result.recording.person]
        checked += share * known.mean()
        errors.append(error[known])
        sigmas.append(result.readings.sigma_deg[rows, angle.column][known])
        weights.append(np.full(known.sum(), share / max(known.sum(), 1)))
    return Errors(len(clips), checked / len(clips), *(np.concatenate(one) for one in (errors, sigmas, weights)))


def _is_seen_as(result: Result, view: View) -> bool:
    return classify_view(result.recording.azimuth_deg) is view


def print_azimuth(results: list[Result]) -> None:
    """Print how well the direction of view is read: standing and stretching, in clips."""
    print("\nAzimuth in degrees towards the front (+) or the back (-) of the truth, mean over people (± over people)")
    for view in (View.SIDE, View.OBLIQUE, View.FRONT):
        parts = []
        for name in ("neutral", "stretching"):
            offsets: dict[str, list[float]] = {}
            for result in results:
                recording = result.recording
                if recording.kind == "still" or not _is_seen_as(result, view):
                    continue
                turned = abs(recording.azimuth_deg) - np.abs(result.azimuth_deg[getattr(recording, name)])
                offsets.setdefault(recording.person, []).append(float(np.nanmean(turned)))
            means = [np.mean(own) for own in offsets.values()]
            parts.append(f"{name} {np.mean(means):+5.1f} ± {np.std(means):4.1f}")
        print(f"{view:8}{', '.join(parts)}")


def print_flags(results: list[Result], profile: Profile) -> None:
    """Print for every clip the lasting faults of the truth, and when the flags were raised; then count."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    print(f"\nFlags from warn upwards: faults that last {LASTING_S:g} s in truth, and when they were flagged")
    for result in results:
        if result.log is None:
            continue
        notes = []
        for rule in profile.flags:
            if Severity.WARN not in rule.thresholds:
                continue
            outcome, note = _judge(result, rule)
            counter = counts.setdefault((classify_view(result.recording.azimuth_deg), rule.name), Counter())
            counter[outcome] += 1
            notes += [note] if note else []
        print(f"{result.recording.name}\n    " + ("\n    ".join(notes) or "no fault in truth, nothing flagged"))
    outcomes = ("hit", "missed", "false alarm", "right", "close", "not checked")
    print(f"\nClips; close: within {MARGIN_DEG:g} degrees of the threshold in truth")
    print(f"{'view':9}{'flag':22}" + "".join(f"{name:>13}" for name in outcomes))
    for (view, flag), counter in sorted(counts.items()):
        print(f"{view:9}{flag:22}" + "".join(f"{counter[name]:13}" for name in outcomes))


def _judge(result: Result, rule: FlagRule) -> tuple[str, str]:
    """Return how a flag did in a clip, and a line about it unless there is nothing to tell."""
    beyond = rule.sign * (result.recording.truth[rule.angle] - rule.thresholds[Severity.WARN].on)
    faults, sure, possible = (_spans(result.recording, beyond > limit) for limit in (0.0, MARGIN_DEG, -MARGIN_DEG))
    raised = [one for one in result.log.periods if one.flag == rule.name and one.severity >= Severity.WARN]
    if not raised and any(one.flag == rule.name and one.share >= 0.5 for one in result.log.unchecked):
        outcome = "not checked"
    elif possible and not sure:
        outcome = "close"
    elif sure:
        outcome = "hit" if raised else "missed"
    else:
        outcome = "false alarm" if raised else "right"
    if not (faults or raised):
        return outcome, ""
    true = ", ".join(f"{start:.1f}-{end:.1f} s" for start, end in faults) or "none"
    flagged = ", ".join(f"{one.severity.label} {one.start_s:.1f}-{one.end_s:.1f} s" for one in raised) or "nothing"
    return outcome, f"{rule.name}: {outcome}; truth {true}; flagged {flagged}"


def _spans(recording: truth.Recording, condition: np.ndarray) -> list[tuple[float, float]]:
    """Return from when to when a condition lasts while stretching."""
    wanted = condition & recording.stretching
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wanted.astype(int), [0]])))
    times = [(recording.time_s[start], recording.time_s[end - 1]) for start, end in edges.reshape(-1, 2)]
    return [(start, end) for start, end in times if end - start >= LASTING_S]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("truth", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the poses that the model gives")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy")
    arguments = parser.parse_args()
    recordings = truth.read_all(arguments.truth, arguments.model, arguments.cache)
    held_out = HeldOut(recordings, arguments.model)
    calibrations = {person: held_out.without(person) for person in sorted({one.person for one in recordings})}
    results = [run_program(one, calibrations[one.person], PROFILE) for one in recordings]
    print(f"{arguments.model}: {len(calibrations)} people, each left out of the fit that measures them")
    print_angles(results)
    print_azimuth(results)
    print_flags(results, PROFILE)


if __name__ == "__main__":
    main()
