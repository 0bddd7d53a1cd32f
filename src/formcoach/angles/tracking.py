"""Decisions that must not flicker: which way the person faces, from where they are seen, which leg is raised.

Causal objects with hysteresis; each takes plain numbers and real time stamps.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.types import View
from formcoach.angles.view import FRONT_WITHIN_DEG, SIDE_WITHIN_DEG, classify_view, mean_azimuth_deg
from formcoach.pose.landmarks import Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles.features import Features

# Evidence (in trunk lengths, see compute_facing) below this does not tell left from right: a front view.
FACING_EVIDENCE = 0.12
FACING_WINDOW_S = 0.5
# Somebody who turns round takes about a second; a shorter contradiction is an error of the model.
FACING_SWITCH_S = 1.0
VIEW_WINDOW_S = 1.0
VIEW_HYSTERESIS_DEG = 6.0

# In leg lengths. On the rendered people a raised ankle is at least 0.17 higher in side clips, 0.07 in front ones;
# standing ankles differ by up to 0.12, the nearer one lower (perspective), which a baseline takes away.
RAISED_ON = 0.10
RAISED_OFF = 0.05
# A raised leg reaches forward: on rendered people 0.44 and more in side and oblique clips, standing below 0.
REACH_FORWARD = 0.25
# Sitting and lunging give about 0.5, lying about 0.
STANDING_STATURE = 0.75
RAISE_DWELL_S = 0.3
LOWER_DWELL_S = 0.5
# The other leg has to be up for so long, and in most of the frames since the raise, before the raise was a mistake (the
# pose model can imagine a covered leg behind somebody who stands): longer than most of its swaps, a tenth of a hold.
MISTAKEN_LEG_S = 3.0
# After so long out of sight the first look decides whether a leg is still up (as the profile's `lost_after_s`).
AWAY_S = 1.0


class FacingLock:
    """Which edge of the picture the person faces: +1 right, -1 left, NaN before there is evidence."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque()
        self._facing = float("nan")
        self._against_since: float | None = None

    def step(self, time_s: float, evidence: float) -> float:
        """Take the evidence of one frame (`compute_facing`, NaN for nobody) and return the locked direction."""
        if np.isfinite(evidence):
            self._recent.append((time_s, evidence))
        while self._recent and self._recent[0][0] < time_s - FACING_WINDOW_S:
            self._recent.popleft()
        if not self._recent:
            return self._facing
        middle = median(value for _, value in self._recent)
        direction = math.copysign(1.0, middle) if abs(middle) >= FACING_EVIDENCE else 0.0
        if direction in (0.0, self._facing):
            self._against_since = None
        elif np.isnan(self._facing):
            self._facing = direction
        elif self._against_since is None:
            self._against_since = time_s
        elif time_s - self._against_since >= FACING_SWITCH_S:
            self._facing, self._against_since = direction, None
        return self._facing


class ViewTracker:
    """From where the person is seen: the azimuth averaged over a second, and its view with hysteresis."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque()
        self._view = View.UNKNOWN
        self.azimuth_deg = float("nan")

    def step(self, time_s: float, azimuth_deg: float) -> View:
        """Take the azimuth of one frame (NaN for nobody) and return the view."""
        if np.isfinite(azimuth_deg):
            self._recent.append((time_s, azimuth_deg))
        while self._recent and self._recent[0][0] < time_s - VIEW_WINDOW_S:
            self._recent.popleft()
        if self._recent:
            self.azimuth_deg = mean_azimuth_deg(np.array([value for _, value in self._recent]))
            if not self._still_holds():
                self._view = classify_view(self.azimuth_deg)
        return self._view

    def _still_holds(self) -> bool:
        turned = abs(self.azimuth_deg)
        if self._view is View.SIDE:
            return abs(turned - 90.0) <= SIDE_WITHIN_DEG + VIEW_HYSTERESIS_DEG
        if self._view is View.FRONT:
            return turned <= FRONT_WITHIN_DEG + VIEW_HYSTERESIS_DEG
        if self._view is View.OBLIQUE:
            low, high = FRONT_WITHIN_DEG, 90.0 - SIDE_WITHIN_DEG
            return low - VIEW_HYSTERESIS_DEG <= turned <= high + VIEW_HYSTERESIS_DEG
        return False


@dataclass(frozen=True, slots=True)
class LegState:
    """What is known of the raised leg.

    Attributes
    ----------
    leg : Side or None
        The leg that is raised or was raised last; None before one was.
    raised : bool
        Whether it is up now.
    higher : Side or None
        The leg whose ankle the pose model shows clearly higher in this frame; None where neither is. A raised foot on
        a low support, nearer to the camera, can lie lower in the picture than the other: that says nothing.
    """

    leg: Side | None
    raised: bool
    higher: Side | None

    @property
    def swapped(self) -> bool:
        """Whether the pose model took left for right in this frame: the other leg is clearly higher."""
        return self.raised and self.leg is not None and self.higher is self.leg.other


class LegTracker:
    """Which leg is raised. Once a leg is up, left and right do not swap until both feet were down.

    Unless the raise itself was a mistake: where most frames since then, and all of the last moment, show the other leg
    up, that one was raised.

    Parameters
    ----------
    only
        Consider this leg alone; None considers both.
    """

    def __init__(self, only: Side | None = None) -> None:
        self._only = only
        self._leg: Side | None = None
        self._raised = False
        self._candidate: tuple[Side, float] | None = None
        self._down_since: float | None = None
        self._seen_s: float | None = None
        self._votes = 0
        self._against_since: float | None = None

    def step(
        self,
        time_s: float,
        features: Features,
        view: View,
        standing_elevation: NDArray[np.float64] | None,
        only: Side | None = None,
    ) -> LegState:
        """Take one frame.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        features
            Of one pose, no leading axes; NaN for nobody.
        view
            How the person stands to the camera.
        standing_elevation
            `Features.elevation` in neutral standing, shape (2,), or None without a baseline.
        only
            Consider this leg alone in this frame; None leaves it at what the tracker was made for.
        """
        only = self._only if only is None else only
        if only not in (None, self._leg):  # whatever the other leg was doing is no longer looked at
            self._raised, self._down_since = False, None
        away = self._seen_s is not None and time_s - self._seen_s > AWAY_S
        elevation = features.elevation if standing_elevation is None else features.elevation - standing_elevation
        if not np.isfinite(elevation).all():
            return LegState(self._leg, self._raised, higher=None)
        self._seen_s = time_s
        if away:  # what was going on before says nothing of now
            self._raised = self._leg is not None and self._raised and bool(elevation[self._leg.row] > RAISED_OFF)
            self._down_since, self._candidate = None, None
        higher = next((side for side in Side if elevation[side.row] >= RAISED_ON), None)
        if self._raised and self._leg is not None:
            swapped = higher is self._leg.other
            self._follow(time_s, still_up=swapped or bool(elevation[self._leg.row] > RAISED_OFF))
            if self._raised and self._is_mistaken(time_s, contradicted=swapped, fixed=only is not None):
                self._leg, self._votes = self._leg.other, -self._votes
        else:
            wanted = [side for side in Side if only in (None, side)]
            self._look_for_raise(time_s, [side for side in wanted if is_raised(features, elevation, side, view)])
        return LegState(self._leg, self._raised, higher)

    def _follow(self, time_s: float, *, still_up: bool) -> None:
        if still_up:
            self._down_since = None
        elif self._down_since is None:
            self._down_since = time_s
        elif time_s - self._down_since >= LOWER_DWELL_S:
            self._raised, self._down_since, self._candidate = False, None, None

    def _is_mistaken(self, time_s: float, *, contradicted: bool, fixed: bool) -> bool:
        """Tell whether the other leg is the raised one; counts the frames since the raise."""
        self._votes += -1 if contradicted else 1
        if not contradicted:
            self._against_since = None
            return False
        if self._against_since is None:
            self._against_since = time_s
        lasting = time_s - self._against_since >= MISTAKEN_LEG_S
        if not fixed and lasting and self._votes < 0:
            self._against_since = None
            return True
        return False

    def _look_for_raise(self, time_s: float, up: list[Side]) -> None:
        if not up:
            self._candidate = None
        elif self._candidate is None or self._candidate[0] not in up:
            self._candidate = (up[0], time_s)
        elif time_s - self._candidate[1] >= RAISE_DWELL_S:
            self._leg, self._raised = self._candidate[0], True
            self._votes, self._against_since = 0, None


def is_raised(features: Features, elevation: NDArray[np.float64], side: Side, view: View) -> bool:
    """Tell whether one pose stands on one leg with the other one up and in front.

    Parameters
    ----------
    features
        Of one pose, no leading axes.
    elevation
        How much higher each ankle is than the other, in leg lengths, shape (2,), relative to standing where known.
    side
        The leg in question.
    view
        In a front view reach cannot be seen and is not asked for.
    """
    row = side.row
    in_front = view is View.FRONT or features.reach[row] >= REACH_FORWARD
    standing = features.stature[1 - row] >= STANDING_STATURE
    return bool(elevation[row] >= RAISED_ON and in_front and standing)
