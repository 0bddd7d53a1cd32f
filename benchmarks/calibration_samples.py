"""The rows that the calibration is fitted on, and how much each counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


def pick(samples: Samples, rows: np.ndarray) -> Samples:
    """Return some of the rows."""
    return Samples(*(getattr(samples, name)[rows] for name in Samples.__slots__))


def person_shares(samples: Samples) -> np.ndarray:
    """Weigh each row so that every person counts the same within a kind of recording."""
    kinds, kind = np.unique(samples.kind, return_inverse=True)
    group = len(kinds) * np.unique(samples.person, return_inverse=True)[1] + kind
    return 1.0 / np.bincount(group)[group]
