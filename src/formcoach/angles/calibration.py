"""The numbers that turn plain geometry into angles: one linear correction an angle, view and pose model.

A pose model's landmarks are off in the same way for everybody (BlazePose under-reads knee flexion by about 5° and
dorsiflexion by up to 10°, evidence.md §3.2), and what the networks read from pixels has its own small bias. A small
linear model, fitted on rendered people whose angles are exactly known, weighs both. The numbers are in
``calibration.json``, written by ``benchmarks/fit_calibration.py``; how good they are on people who were not in the fit
prints ``benchmarks/accuracy.py``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.angles.features import LATERAL_FEATURES, LEG_FEATURES, PER_LEG, TRUNK_FEATURES, Features
from formcoach.angles.geometry import wrap_deg
from formcoach.angles.types import Angle, View
from formcoach.errors import ModelError
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# Written into session.json and landmarks.npz: other numbers mean another version.
ESTIMATOR_VERSION = "networks-5.1"

_GROUPS = {
    "trunk": TRUNK_FEATURES,
    "trunk_world": TRUNK_FEATURES,
    "leg": LEG_FEATURES,
    "leg_world": LEG_FEATURES,
    "lateral": LATERAL_FEATURES,
    "pixels": TRUNK_ESTIMATES,
    "pixels_sigma": TRUNK_ESTIMATES,
    "leg_pixels": LEG_ESTIMATES,
    "leg_pixels_sigma": LEG_ESTIMATES,
}
_WIDTHS = {group: len(members) * (2 if group in PER_LEG else 1) for group, members in _GROUPS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class LinearEstimate:
    """One angle as a linear function of features.

    ``angle = intercept + sum(weights * (features - reference))``, where the reference moves from the average person's
    neutral posture towards the person's own by ``baseline_share``.

    Attributes
    ----------
    features : tuple of str
        ``group.name``, for example ``trunk.lean``.
    weights, neutral, spread : ndarray, shape (k,)
        Weight of each feature; its average in neutral standing; its standard deviation in the fit (to refuse what
        looks like nothing in it).
    intercept : float
        Degrees.
    baseline_share : float
        How much of a feature's deviation from the average neutral is taken for the person's own or the sensor's (1:
        all of it, the zero is the person's own; 0: none, the zero is anatomical).
    sigma_deg, sigma_still_deg : float
        One standard deviation of the error on people not in the fit: in videos, and in single pictures; its constant
        part where a network tells how sure it is of each picture.
    sigma_feature : str or None
        The network's own standard deviation, ``group.name``.
    sigma_share, sigma_still_share : float
        How much of that counts, in videos and in single pictures: the parts add as squares.
    """

    features: tuple[str, ...]
    weights: NDArray[np.float64]
    neutral: NDArray[np.float64]
    spread: NDArray[np.float64]
    intercept: float
    baseline_share: float
    sigma_deg: float
    sigma_still_deg: float
    sigma_feature: str | None = None
    sigma_share: float = 0.0
    sigma_still_share: float = 0.0

    def compute_sigma_deg(self, own_sigma_deg: NDArray[np.float64] | None, *, still: bool) -> NDArray[np.float64]:
        """Return one standard deviation of the error, degrees, shape (...).

        Parameters
        ----------
        own_sigma_deg
            `sigma_feature` of each pose, shape (...); None where there is none.
        still
            Whether the picture stands alone.
        """
        constant, share = (
            (self.sigma_still_deg, self.sigma_still_share) if still else (self.sigma_deg, self.sigma_share)
        )
        own = np.zeros(()) if own_sigma_deg is None else own_sigma_deg
        return np.asarray(np.hypot(constant, share * own))

    def apply(
        self, values: NDArray[np.float64], baseline: NDArray[np.float64] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the angle and how unusual the features are.

        Parameters
        ----------
        values
            Features, shape (..., k).
        baseline
            The same features in the person's neutral standing, shape (k,), or None.

        Returns
        -------
        angle : ndarray, shape (...)
            Degrees; NaN where a feature is NaN.
        strangeness : ndarray, shape (...)
            Root mean square of the features' deviations from neutral, in units of their `spread`.
        """
        reference = self.neutral
        if baseline is not None and self.baseline_share > 0.0:
            reference = reference + self.baseline_share * wrap_deg(baseline - reference)
        moved = wrap_deg(values - reference)
        strangeness = np.sqrt(np.square(moved / self.spread).sum(axis=-1) / len(self.features))
        # A plain sum and no matrix product: the same frame gives the same bits alone and in a clip.
        return self.intercept + (moved * self.weights).sum(axis=-1), strangeness


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The estimates of one pose model.

    Attributes
    ----------
    variant : str
        ``lite``, ``full`` or ``heavy``.
    source : str
        What they were fitted on.
    networks : mapping
        From the name of each of formcoach's networks to the SHA-256 of the one that they were fitted with.
    estimates : mapping
        From (view, angle, whether there is a baseline) to the estimate; an angle that is absent cannot be judged in
        that view.
    """

    variant: str
    source: str
    networks: Mapping[str, str]
    estimates: Mapping[tuple[View, Angle, bool], LinearEstimate]

    def find(self, view: View, angle: Angle, *, has_baseline: bool) -> LinearEstimate | None:
        """Return the estimate for an angle in a view, or None when it cannot be judged there."""
        return self.estimates.get((view, angle, has_baseline))

    def reads(self, view: View, angle: Angle) -> bool:
        """Tell whether an angle is judged in a view, with a baseline or without."""
        return any((view, angle, has_baseline) in self.estimates for has_baseline in (True, False))


def select_features(features: Features, names: tuple[str, ...], row: int) -> NDArray[np.float64]:
    """Take named features out, shape (..., k).

    Parameters
    ----------
    features
        Of any leading shape.
    names
        ``group.name``.
    row
        Side for the features that exist once a side: 0 left, 1 right.
    """
    return select_flat(flatten_features(features), names, row)


def flatten_features(features: Features) -> NDArray[np.float64]:
    """Return all named features in one row, shape (..., m), for several calls of `select_flat`."""
    shape = features.azimuth_deg.shape
    return np.concatenate([getattr(features, group).reshape(*shape, width) for group, width in _WIDTHS.items()], -1)


def select_flat(flat: NDArray[np.float64], names: tuple[str, ...], row: int) -> NDArray[np.float64]:
    """Take named features out of what `flatten_features` returned; otherwise as `select_features`."""
    return flat.take(_find_places(names, row), axis=-1)


@cache
def _find_places(names: tuple[str, ...], row: int) -> NDArray[np.intp]:
    """Return of each name where it is in the row of all features."""
    starts = dict(zip(_WIDTHS, accumulate(_WIDTHS.values(), initial=0), strict=False))
    places = []
    for group, _, name in (one.partition(".") for one in names):
        members = _GROUPS[group]
        places.append(starts[group] + members.index(name) + (row * len(members) if group in PER_LEG else 0))
    return np.array(places, dtype=np.intp)


@cache
def load_calibration(variant: str) -> Calibration:
    """Load the calibration that ships in the package.

    Parameters
    ----------
    variant
        ``lite``, ``full`` or ``heavy``.

    Raises
    ------
    KeyError
        For another variant.
    ModelError
        When the file is missing or damaged.
    """
    try:
        document = json.loads(_read_content())
    except ValueError as error:
        raise ModelError("The calibration of the angles is damaged: install formcoach again.") from error
    return read_calibration(document, variant)


def compute_calibration_hash() -> str:
    """Return the SHA-256 of the calibration that ships, to tell in a record which numbers made its angles.

    Raises
    ------
    ModelError
        When the file is missing.
    """
    return hashlib.sha256(_read_content()).hexdigest()


def read_calibration(document: Mapping[str, Any], variant: str) -> Calibration:
    """Read one variant out of a calibration document (the content of ``calibration.json``)."""
    estimates = {}
    for entry in document["variants"][variant]:
        estimate = LinearEstimate(
            features=tuple(entry["features"]),
            weights=np.array(entry["weights"]),
            neutral=np.array(entry["neutral"]),
            spread=np.array(entry["spread"]),
            intercept=entry["intercept"],
            baseline_share=entry["baseline_share"],
            sigma_deg=entry["sigma_deg"],
            sigma_still_deg=entry["sigma_still_deg"],
            sigma_feature=entry.get("sigma_feature"),
            sigma_share=entry.get("sigma_share", 0.0),
            sigma_still_share=entry.get("sigma_still_share", 0.0),
        )
        for has_baseline in entry["has_baseline"]:
            estimates[View(entry["view"]), Angle(entry["angle"]), has_baseline] = estimate
    return Calibration(variant, document["source"], document.get("networks", {}), estimates)


@cache
def _read_content() -> bytes:
    try:
        return resources.files("formcoach.angles").joinpath("calibration.json").read_bytes()
    except OSError as error:
        raise ModelError(
            "The calibration of the angles is missing from the installation: install formcoach again."
        ) from error
