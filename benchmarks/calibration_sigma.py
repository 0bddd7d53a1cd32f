"""How uncertain an angle is: from the errors on people who were left out, in videos and in stills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calibration_plans import sigma_feature
from calibration_samples import Samples, person_shares, pick

if TYPE_CHECKING:
    from calibration_plans import Plan

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


def known_share(entries: list[dict]) -> float | None:
    """Return the network's part of sigma in stills with a baseline, once that has been fitted."""
    return entries[0]["sigma_still_share"] if entries else None


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
