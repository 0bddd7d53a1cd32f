"""Calibrations that have not seen the person whom they measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calibration_plans import PLANS, Plan
from calibration_samples import Samples, pick
from calibration_sigma import known_share, measure_sigmas
from fit_calibration import collect, find_errors, fit_entry, prepare, twin_entry, twin_plan
from formcoach.angles.calibration import load_calibration, read_calibration

if TYPE_CHECKING:
    import truth
    from formcoach.angles.calibration import Calibration


# Two are left out, and somebody must be left to fit on.
LEAST_PEOPLE = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One plan with what it is fitted on; for the standing leg's twin too."""

    plan: Plan
    samples: Samples
    twin: tuple[Plan, Samples] | None


class HeldOut:
    """Calibrations from each of which one person is left out, uncertainties included.

    Those come from fits without the person who is measured and, in turn, without a twentieth of the others.

    Parameters
    ----------
    recordings
        All of them, from one pose model.
    variant
        That model. What the shipped calibration does not judge, these do not.

    Raises
    ------
    SystemExit
        When there are too few people for that.
    """

    def __init__(self, recordings: list[truth.Recording], variant: str) -> None:
        self._variant = variant
        shipped = load_calibration(variant)
        plans = [plan for plan in PLANS if shipped.find(plan.view, plan.angle, has_baseline=True)]
        self._parts = [_collect(plan, recordings) for plan in plans]

    def without(self, person: str) -> Calibration:
        """Return the calibration that has not seen a person."""
        entries = [entry for part in self._parts for entry in _fit_without(part, person)]
        return read_calibration({"source": f"without {person}", "variants": {self._variant: entries}}, self._variant)


def _collect(plan: Plan, recordings: list[truth.Recording]) -> _Part:
    twin = twin_plan(plan)
    samples = collect(plan, recordings, people=LEAST_PEOPLE)
    return _Part(plan, samples, None if twin is None else (twin, collect(twin, recordings)))


def _fit_without(part: _Part, person: str) -> list[dict]:
    rest = _leave_out(part.samples, person)
    entries: list[dict] = []
    for has_baseline in (True, False):
        prepared = prepare(part.plan, rest, has_baseline=has_baseline)
        errors = find_errors(prepared)
        sigmas = measure_sigmas(part.plan, errors, has_baseline=has_baseline, share=known_share(entries))
        entries.append(fit_entry(part.plan, prepared, has_baseline=has_baseline) | sigmas)
    if part.twin is None:
        return entries
    twin, samples = part.twin
    return [*entries, *(twin_entry(twin, _leave_out(samples, person), entry) for entry in entries)]


def _leave_out(samples: Samples, person: str) -> Samples:
    return pick(samples, samples.person != person)
