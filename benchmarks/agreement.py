"""How well measured angles agree with true ones: statistics of arrays, in which people weigh alike.

Frames of one person resemble each other, and some people have more of them: so every person counts as one, however many
readings there are, and a person's readings share that one alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.geometry import wrap_deg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# 95 % of a normal distribution lie within so many standard deviations.
NORMAL_95 = 1.96
# A truth that varies less than this (standard deviation, degrees) shows no correlation and no slope.
SMALLEST_SPREAD_DEG = 0.5


@dataclass(frozen=True, slots=True)
class Agreement:
    """How measured angles agree with true ones; NaN where nothing was measured.

    Attributes
    ----------
    people : int
        With at least one measured value.
    readings : int
        Measured values.
    checked : float
        Share of readings that have a value, 0 to 1, mean over all people.
    mean_absolute_deg, bias_deg, sd_deg : float
        Mean size of the errors; their mean (measured minus true); their standard deviation around it.
    lower_limit_deg, upper_limit_deg : float
        95 % limits of agreement: bias ± 1.96 SD (Bland & Altman 1986).
    correlation, slope : float
        Pearson's r; slope of the measured on the true angle (1: small and large angles are measured alike). NaN where
        the truth hardly varies.
    sigma_deg : float
        Mean of the stated uncertainty.
    within_one_sigma, within_two_sigma : float
        Share of errors within one and two of the uncertainty stated with each, 0 to 1; 0.68 and 0.95 would be right.
    """

    people: int
    readings: int
    checked: float
    mean_absolute_deg: float
    bias_deg: float
    sd_deg: float
    lower_limit_deg: float
    upper_limit_deg: float
    correlation: float
    slope: float
    sigma_deg: float
    within_one_sigma: float
    within_two_sigma: float


def compute_agreement(
    measured_deg: ArrayLike, true_deg: ArrayLike, person: ArrayLike, sigma_deg: ArrayLike | None = None
) -> Agreement:
    """Compare measured angles with true ones.

    Parameters
    ----------
    measured_deg : shape (n,)
        NaN where nothing was measured.
    true_deg : shape (n,)
        Finite.
    person : shape (n,)
        Whose reading it is; any labels.
    sigma_deg : shape (n,), optional
        The uncertainty stated with each measured value; without it nothing is known of coverage.

    Raises
    ------
    ValueError
        When the shapes differ, a true angle is not finite or a measured value has no uncertainty.
    """
    measured, true, people = np.asarray(measured_deg, float), np.asarray(true_deg, float), np.asarray(person)
    sigma = np.full(measured.shape, np.nan) if sigma_deg is None else np.asarray(sigma_deg, float)
    error = wrap_deg(measured - true)
    known = np.isfinite(error)
    _check(measured, true, people, sigma, known, has_sigma=sigma_deg is not None)
    checked = _mean_checked(known, people)
    if not known.any():
        return Agreement(0, 0, checked, *[float("nan")] * 10)
    weight = weigh_people_alike(people[known])
    error, true, sigma = error[known], true[known], sigma[known]
    size = np.abs(error)
    bias = float(weight @ error)
    sd = float(np.sqrt(weight @ np.square(error - bias)))
    correlation, slope = _correlate(weight, true, true + error)
    one, two = (
        float(weight @ (size <= times * sigma)) if sigma_deg is not None else float("nan") for times in (1.0, 2.0)
    )
    return Agreement(
        people=len(np.unique(people[known])),
        readings=int(known.sum()),
        checked=checked,
        mean_absolute_deg=float(weight @ size),
        bias_deg=bias,
        sd_deg=sd,
        lower_limit_deg=bias - NORMAL_95 * sd,
        upper_limit_deg=bias + NORMAL_95 * sd,
        correlation=correlation,
        slope=slope,
        sigma_deg=float(weight @ sigma),
        within_one_sigma=one,
        within_two_sigma=two,
    )


def weigh_people_alike(person: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return weights of sum 1 that are the same for every person, shared alike by a person's readings.

    Parameters
    ----------
    person : shape (n,), n > 0
        Whose reading it is.
    """
    names, index, counts = np.unique(person, return_inverse=True, return_counts=True)
    return 1.0 / (len(names) * counts[index])


def _check(
    measured: NDArray[np.float64],
    true: NDArray[np.float64],
    people: NDArray[np.generic],
    sigma: NDArray[np.float64],
    known: NDArray[np.bool_],
    *,
    has_sigma: bool,
) -> None:
    shapes = {measured.shape, true.shape, people.shape, sigma.shape}
    if len(shapes) > 1 or measured.ndim != 1:
        raise ValueError(f"measured, true, person and sigma must have one shape (n,), not {sorted(shapes)}")
    if not np.isfinite(true).all():
        raise ValueError(f"{np.count_nonzero(~np.isfinite(true))} true angles are not finite")
    if has_sigma and not np.isfinite(sigma[known]).all():
        raise ValueError(f"{np.count_nonzero(~np.isfinite(sigma[known]))} measured values have no uncertainty")


def _mean_checked(known: NDArray[np.bool_], people: NDArray[np.generic]) -> float:
    return float(weigh_people_alike(people) @ known) if known.size else float("nan")


def _correlate(
    weight: NDArray[np.float64], true: NDArray[np.float64], measured: NDArray[np.float64]
) -> tuple[float, float]:
    """Return Pearson's r and the slope of the measured on the true angle."""
    true, measured = true - weight @ true, measured - weight @ measured
    of_true, of_measured, of_both = weight @ np.square(true), weight @ np.square(measured), weight @ (true * measured)
    if of_true < SMALLEST_SPREAD_DEG**2:
        return float("nan"), float("nan")
    correlation = of_both / np.sqrt(of_true * of_measured) if of_measured > 0.0 else float("nan")
    return float(correlation), float(of_both / of_true)
