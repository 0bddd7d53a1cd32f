"""Is a hand raised? It answers a question, and at other times it stops the stretch.

Plain geometry of one pose, for people who stand upright or lean forward, seen from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.facing import compute_middle
from formcoach.pose.landmarks import ELBOW, HIP, SHOULDER, WRIST, Landmark, Side

if TYPE_CHECKING:
    from formcoach.pose.pose import Pose

# All numbers are choices [D].
# The wrist is above the nose and above the own shoulder by so much of the trunk's length: a hand that scratches the
# head or shades the eyes has the wrist about level with the nose, one that is held up has it a forearm higher.
ABOVE_HEAD = 0.15
# From the shoulder the wrist lies within 45° of straight up in the picture: arms that reach forward to a wall or a
# bench in a lean are above the nose too, but lie flat.
STEEPEST_SLOPE = 1.0
# evidence.md §2: landmarks below 0.6 are not judged; wrists that move fast are seen less well than joints at rest.
SEEN = 0.5
# So long a hand must have been down before it can be raised: two or three pictures.
DOWN_S = 0.3
# Between frames that show it raised a hand may be unseen for so long: visibility lags and flickers.
GAP_S = 0.25


def is_hand_raised(pose: Pose, side: Side) -> bool | None:
    """Tell whether one hand is held up above the head.

    Parameters
    ----------
    pose
        Of one frame, no leading axes.
    side
        Whose hand, of the person's own body.

    Returns
    -------
    bool or None
        None where it cannot be told: nobody found, or an arm that would be up and is covered. A covered arm that the
        model puts anywhere else counts as down: the far arm of somebody who stands side-on is never seen (visibility
        below 0.2 on rendered people).
    """
    points, visibility, row = pose.points, pose.visibility, side.row
    heights = -points[:, 1]
    trunk = float(np.hypot(*(compute_middle(points, SHOULDER) - compute_middle(points, HIP))))
    wrist, elbow, shoulder = WRIST[row], ELBOW[row], SHOULDER[row]
    needed = points[[wrist, elbow, shoulder, Landmark.NOSE]]
    if not (np.isfinite(needed).all() and trunk > 0.0):
        return None
    above = float(heights[wrist] - max(heights[Landmark.NOSE], heights[shoulder]))
    aside = abs(float(points[wrist, 0] - points[shoulder, 0]))
    up = (
        above >= ABOVE_HEAD * trunk
        and bool(heights[elbow] > heights[shoulder])
        and heights[wrist] - heights[shoulder] >= STEEPEST_SLOPE * aside
    )
    seen = float(min(visibility[wrist], visibility[elbow]))
    if not up:
        return False
    return True if seen >= SEEN else None


@dataclass(frozen=True, slots=True)
class RaisedHand:
    """A hand that has been up for long enough.

    Attributes
    ----------
    side : Side
        Which one.
    since_s : float
        When it went up, seconds.
    """

    side: Side
    since_s: float


class HandWatch:
    """Waits for a hand that is raised and stays up.

    A hand counts only once it was seen down: somebody who holds on to something high raises nothing. Each raise counts
    once.

    Parameters
    ----------
    for_s
        So long it must be up, seconds.
    """

    def __init__(self, for_s: float) -> None:
        self._hands = {side: _OneHand(for_s) for side in Side}

    def reset(self) -> None:
        """Start afresh: both hands have to be seen down first."""
        for hand in self._hands.values():
            hand.reset()

    def went_up_s(self) -> float | None:
        """Return when the hand went up that is up now and has not counted yet, seconds; None without one."""
        times = [hand.up_since for hand in self._hands.values() if hand.armed and hand.up_since is not None]
        return min(times, default=None)

    def step(self, time_s: float, pose: Pose) -> RaisedHand | None:
        """Take one frame and return the hand that has just been up for long enough, or None.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        pose
            Of one frame.
        """
        raised = [
            RaisedHand(side, since_s)
            for side, hand in self._hands.items()
            if (since_s := hand.step(time_s, is_hand_raised(pose, side))) is not None
        ]
        if len(raised) == 2:  # both are one answer
            return min(raised, key=lambda one: one.since_s)
        return raised[0] if raised else None


class _OneHand:
    def __init__(self, for_s: float) -> None:
        self._for_s = for_s
        self.reset()

    def reset(self) -> None:
        self.armed = False
        self.up_since: float | None = None
        self._down_since: float | None = None
        self._seen_up_s = 0.0

    def step(self, time_s: float, raised: bool | None) -> float | None:
        if raised:
            self._down_since = None
            self._seen_up_s = time_s
            if self.up_since is None:
                self.up_since = time_s
            if self.armed and time_s - self.up_since >= self._for_s:
                self.armed = False
                return self.up_since
        elif raised is False:
            self.up_since = None
            if self._down_since is None:
                self._down_since = time_s
            if time_s - self._down_since >= DOWN_S:
                self.armed = True
        elif self.up_since is not None and time_s - self._seen_up_s > GAP_S:
            self.up_since = None
        return None
