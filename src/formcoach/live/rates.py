"""How many pictures a second are looked at, and whether the machine became too slow for its model. Pure."""

from __future__ import annotations

from collections import deque

from formcoach.coach.session.types import Stage
from formcoach.live.model_choice import MINIMUM_FPS
from formcoach.video.health import compute_frame_rate

# Over so many seconds a rate is measured [D].
RATE_WINDOW_S = 2.0
# The first pictures come while the rest of the program is still being loaded [D].
SHORTEST_WINDOW_S = 1.0
# A hold shorter than that tells little about the machine, and a camera gives "more" only beyond its own wavering [D].
SHORTEST_HOLD_S = 5.0
_MORE = 1.1
# Where nobody is held up by a change of the model: a hold is over, the next one is far.
_BETWEEN_SETS = frozenset({Stage.TURN_ROUND, Stage.FRAMING, Stage.BASELINE, Stage.RAISE_LEG})


class FrameRate:
    """Frames a second over the last `RATE_WINDOW_S`."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque()

    def note(self, time_s: float) -> None:
        """Take the time of a frame that was looked at."""
        self._times_s.append(time_s)
        while time_s - self._times_s[0] > RATE_WINDOW_S:
            self._times_s.popleft()

    def fps(self) -> float:
        """Return the rate; NaN before frames of `SHORTEST_WINDOW_S` are known."""
        known = len(self._times_s) > 1 and self._times_s[-1] - self._times_s[0] >= SHORTEST_WINDOW_S
        return compute_frame_rate(self._times_s) if known else float("nan")


class SlownessWatch:
    """Tells between two sets that the last hold was followed with too few frames a second."""

    def __init__(self) -> None:
        self._hold: list[tuple[float, float]] = []
        self._in_hold = False
        self._too_slow = False

    def step(self, time_s: float, stage: Stage, camera_fps: float) -> bool:
        """Take one frame that was looked at.

        Parameters
        ----------
        time_s
            Seconds, increasing.
        stage
            Where the session is.
        camera_fps
            Pictures a second that the camera gives.

        Returns
        -------
        bool
            Whether to change the model now.
        """
        if stage is Stage.HOLD:
            if not self._in_hold:
                self._hold = []
            self._in_hold = True
            self._hold.append((time_s, camera_fps))
            return False
        if self._in_hold:
            self._in_hold = False
            self._too_slow = self._was_too_slow()
        if self._too_slow and stage in _BETWEEN_SETS:
            self._too_slow = False
            return True
        return False

    def _was_too_slow(self) -> bool:
        times_s = [time_s for time_s, _ in self._hold]
        if times_s[-1] - times_s[0] < SHORTEST_HOLD_S:
            return False
        processed = compute_frame_rate(times_s)
        offered = sum(fps for _, fps in self._hold) / len(self._hold)
        return processed < MINIMUM_FPS and offered > processed * _MORE
