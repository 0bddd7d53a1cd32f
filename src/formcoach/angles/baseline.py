"""The person's own neutral posture, taken from a quiet upright stretch of frames."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.angles.estimate import MINIMUM_VISIBILITY
from formcoach.angles.features import PER_LEG, Features
from formcoach.angles.geometry import wrap_deg
from formcoach.angles.tracking import REACH_FORWARD
from formcoach.angles.types import View
from formcoach.angles.view import classify_view, is_far_leg, mean_azimuth_deg
from formcoach.pose.landmarks import ANKLE, EAR, HIP, KNEE, SHOULDER, Landmark, Side
from formcoach.pose.pose import TRUNK_ESTIMATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

    _Moment = tuple[float, Features, NDArray[np.float64], NDArray[np.bool_]]

# design.md §4: 1.2 to 3 quiet seconds.
MINIMUM_S = 1.2
MAXIMUM_S = 3.0
# Upright: trunk within 20° of vertical, both feet down, both legs long.
UPRIGHT_LEAN_DEG = 20.0
# A near camera sees the far foot up to 0.15 leg lengths higher; a foot on a bench is at 0.5 and more.
FEET_LEVEL = 0.2
LONG_LEGS = 0.85
# Quiet: four in five of joints and head points stay within this standard deviation, in trunk lengths: about 3° of sway,
# a few times what standing people do (a choice). The others may jitter: the covered knee does.
STILL_POINTS = 0.03
STILL_SHARE = 0.8
# A baseline holds while the person is seen from about the same side; side-on, the azimuth is read about 13° differently
# with the leg up than in standing, on average over people (benchmarks/accuracy.py).
SAME_AZIMUTH_DEG = 40.0
# So long the pose model may lose a standing person's foot; a longer pause ends a quiet stretch.
_MAXIMUM_STEP_S = 0.5
_ANCHORS = [Landmark.NOSE, *EAR, *SHOULDER, *HIP, *KNEE, *ANKLE]
_LEG_MARKS = np.array([KNEE, ANKLE], dtype=np.intp).T
# Of what the trunk network says this hangs on where the legs are: it is told which one is raised, and how far.
_READ_WITH_LEGS = TRUNK_ESTIMATES.index("hip_flexion")
_SHOULDERS, _HIPS = ([_ANCHORS.index(one) for one in pair] for pair in (SHOULDER, HIP))


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Neutral standing.

    Attributes
    ----------
    features : Features
        Median over the stretch, without leading axes; NaN for what a leg falsifies that was not seen where it stands.
    start_s, end_s : float
        When it was taken.
    frames : int
        How many frames it comes from.
    azimuth_deg : float
        From where the person was seen.
    """

    features: Features
    start_s: float
    end_s: float
    frames: int
    azimuth_deg: float

    def holds_for(self, azimuth_deg: float) -> bool:
        """Tell whether it can be used for somebody who is seen from there; False for NaN."""
        return bool(abs(wrap_deg(np.asarray(azimuth_deg - self.azimuth_deg))) <= SAME_AZIMUTH_DEG)


class BaselineFinder:
    """Takes one baseline for each way of standing to the camera, as soon as the person stands still.

    It is there after 1.2 quiet seconds and gets better until 3 seconds have passed or the person moves; then it stays.
    """

    def __init__(self) -> None:
        self._recent: deque[_Moment] = deque()
        self._taken: list[Baseline] = []
        self._growing = False
        self.is_taking = False

    @property
    def taken(self) -> tuple[Baseline, ...]:
        """All baselines so far, in the order in which they were taken."""
        return tuple(self._taken)

    def find(self, azimuth_deg: float) -> Baseline | None:
        """Return the baseline for somebody who is seen from there, or None."""
        fitting = [one for one in self._taken if one.holds_for(azimuth_deg)]
        return min(fitting, key=lambda one: abs(wrap_deg(np.asarray(azimuth_deg - one.azimuth_deg))), default=None)

    def step(self, time_s: float, pose: Pose, features: Features, azimuth_deg: float) -> Baseline | None:
        """Take one frame and return the baseline for how the person stands now, or None.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        pose, features
            Of one frame, no leading axes.
        azimuth_deg
            From where the person is seen, averaged over a second; NaN unknown.
        """
        self.is_taking = False
        if self._recent and time_s - self._recent[-1][0] > _MAXIMUM_STEP_S:
            self._end_stretch()
        standing = is_upright(pose, features) and bool(np.isfinite(azimuth_deg))
        if standing and (self._growing or self.find(azimuth_deg) is None):
            misplaced = _find_misplaced_leg(pose, features)
            self._recent.append((time_s, features, pose.points[_ANCHORS].astype(np.float64), misplaced))
            self._take()
        return self.find(azimuth_deg)

    def forget(self, azimuth_deg: float) -> None:
        """Forget every baseline that holds for somebody who is seen from there, and the one that is being taken."""
        self._taken = [one for one in self._taken if not one.holds_for(azimuth_deg)]
        self._end_stretch()

    def _take(self) -> None:
        if not self._is_quiet():
            if self._growing:
                self._end_stretch()
                return
            while not self._is_quiet():
                self._recent.popleft()
        self.is_taking = True
        start_s, end_s = self._recent[0][0], self._recent[-1][0]
        if end_s - start_s < MINIMUM_S:
            return
        stacked = Features.stack([features for _, features, _, _ in self._recent])
        standing = _without_misplaced_leg(stacked, np.stack([misplaced for _, _, _, misplaced in self._recent]))
        azimuth_deg = mean_azimuth_deg(stacked.azimuth_deg)
        baseline = Baseline(standing.median(), start_s, end_s, len(self._recent), azimuth_deg)
        if self._growing:
            self._taken[-1] = baseline
        else:
            self._taken.append(baseline)
            self._growing = True
        if end_s - start_s >= MAXIMUM_S:
            self._end_stretch()

    def _is_quiet(self) -> bool:
        points = np.stack([anchors for _, _, anchors, _ in self._recent])
        trunk = np.median(np.hypot(*(points[:, _SHOULDERS].mean(axis=1) - points[:, _HIPS].mean(axis=1)).T))
        sway = points.std(axis=0).max(axis=1) / trunk
        return bool(np.quantile(sway, STILL_SHARE) <= STILL_POINTS)

    def _end_stretch(self) -> None:
        self._recent.clear()
        self._growing = False


def find_standing(poses: Pose, features: Features) -> Features | None:
    """Return what a baseline would be of poses that are no stretch of time: pictures of somebody who stands in neutral.

    Parameters
    ----------
    poses, features
        Shape (n,).

    Returns
    -------
    Features or None
        As `Baseline.features`, from the poses that are upright; None where none is.
    """
    rows = [row for row in range(poses.leading_shape[0]) if is_upright(poses[row], features[row])]
    if not rows:
        return None
    misplaced = np.stack([_find_misplaced_leg(poses[row], features[row]) for row in rows])
    return _without_misplaced_leg(features[np.array(rows)], misplaced).median()


def is_upright(pose: Pose, features: Features) -> bool:
    """Tell whether one pose stands upright on both feet; False where it cannot be seen.

    Side-on, a far leg that is covered by the near one is taken to stand behind it wherever in the picture the pose
    model puts it, unless the model has it in front of the body, as a raised one would be.
    """
    misplaced = _find_misplaced_leg(pose, features)
    upright = np.abs(features.trunk[0]) <= UPRIGHT_LEAN_DEG
    on_both_feet = misplaced | (_is_level(features) or misplaced.any()) & (features.stature >= LONG_LEGS)
    return bool(upright and on_both_feet.all() and np.isfinite(features.trunk).all())


def _is_level(features: Features) -> bool:
    return bool(np.abs(features.elevation).max() <= FEET_LEVEL)


def _find_misplaced_leg(pose: Pose, features: Features) -> NDArray[np.bool_]:
    """Tell which leg is covered and put where it cannot stand, while the nearer one is seen to carry; shape (2,)."""
    if classify_view(float(features.azimuth_deg)) is not View.SIDE:
        return np.zeros(2, dtype=np.bool_)  # seen otherwise, one leg does not cover the other
    far = np.array([is_far_leg(side, features.azimuth_deg) for side in Side])
    seen = (pose.visibility[_LEG_MARKS] >= MINIMUM_VISIBILITY).any(axis=-1)
    in_front = features.reach >= REACH_FORWARD
    is_long = features.stature >= LONG_LEGS
    return np.asarray(far & ~seen & ~in_front & ~(is_long & _is_level(features)) & (seen & is_long)[::-1])


def _without_misplaced_leg(features: Features, misplaced: NDArray[np.bool_]) -> Features:
    """Blank what a misplaced leg falsifies in a stretch of standing, but that its foot is down.

    Parameters
    ----------
    features
        Shape (n,), one a frame.
    misplaced
        Which leg is, shape (n, 2).

    Returns
    -------
    Features, shape (n,)
        NaN in the frames in which a leg is misplaced; in all of them where that is most, for a few frames in which it
        happens to lie well say nothing: that leg's own features, those of both legs that are taken from one leg to the
        other, and the hip as the network read it, which knew where the legs were put.
    """
    blank = misplaced | (misplaced.mean(axis=0) > 0.5)
    either = blank.any(axis=1, keepdims=True)
    per_leg = {name: np.where(blank[..., None], np.nan, getattr(features, name)) for name in PER_LEG}
    per_leg["lateral"] = np.where(either[..., None], np.nan, features.lateral)
    hip = either & (np.arange(len(TRUNK_ESTIMATES)) == _READ_WITH_LEGS)
    return replace(
        features,
        elevation=np.where(either, 0.0, features.elevation),
        pixels=np.where(hip, np.nan, features.pixels),
        pixels_sigma=np.where(hip, np.nan, features.pixels_sigma),
        **per_leg,
    )
