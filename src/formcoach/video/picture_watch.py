"""Whether the pictures that arrive can be used: a running judgement of the last second."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from formcoach.video.health import PictureFault, find_picture_fault
from formcoach.video.probe import WARM_UP_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

# All choices [D]. Five pictures a second show light and standstill as well as all of them.
SAMPLE_INTERVAL_S = 0.19
SAMPLES = 6
# A camera that is still searching its exposure does so at the beginning; later it is the room that changes.
BEGINNING_S = 5.0
# Two pictures alike can be an accident of a slow camera.
MINIMUM_REPEATS = 3
# A longer pause says nothing about how the light changes, so judging begins anew.
MAXIMUM_GAP_S = 2.0
# A repeat is told from every fourth pixel, light from every eighth.
_STEP_PX = 4


class PictureWatch:
    """Keeps a few thinned pictures of the last second and judges them; one thread may add while another judges.

    Parameters
    ----------
    frozen_after_s
        For so many seconds every picture must be, to the last bit, the one before until the pictures count as frozen.
    """

    def __init__(self, frozen_after_s: float) -> None:
        self._frozen_after_s = frozen_after_s
        self._lock = threading.Lock()
        self._samples: deque[NDArray[np.uint8]] = deque(maxlen=SAMPLES)
        self._first_s = self._last_s = self._changed_s = float("nan")
        self._repeats = 0

    def add(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Take in a picture; most are passed over, because a few a second are enough.

        Parameters
        ----------
        image
            Shape (height, width, 3), blue, green, red; the size may change from one to the next.
        time_s
            Seconds, increasing.
        """
        if time_s - self._last_s < SAMPLE_INTERVAL_S:
            return
        thinned = image[::_STEP_PX, ::_STEP_PX].copy()
        with self._lock:
            if np.isnan(self._first_s):
                self._first_s = time_s
            newest = self._samples[-1] if self._samples else None
            if newest is not None and np.array_equal(newest, thinned):
                self._repeats += 1
            else:
                self._repeats, self._changed_s = 0, time_s
            if newest is not None and (newest.shape != thinned.shape or time_s - self._last_s > MAXIMUM_GAP_S):
                self._samples.clear()
            self._samples.append(thinned)
            self._last_s = time_s

    def judge(self) -> PictureFault | None:
        """Return the gravest fault of the last second.

        Returns
        -------
        PictureFault or None
            None for good pictures, and in the first second: cameras begin black. ``UNSTEADY`` only in the first five.
        """
        with self._lock:
            age_s = self._last_s - self._first_s
            still_s = self._last_s - self._changed_s
            frozen = self._repeats >= MINIMUM_REPEATS and still_s >= self._frozen_after_s
            samples = tuple(self._samples)
        if not age_s >= WARM_UP_S:
            return None
        images = np.stack([one[::2, ::2] for one in samples])
        fault = find_picture_fault(images)
        if frozen:
            return fault if fault is PictureFault.BLACK else PictureFault.FROZEN
        if fault is PictureFault.FROZEN:  # not for long yet: what else is there
            fault = find_picture_fault(images[-1:])
        return None if fault is PictureFault.UNSTEADY and age_s > BEGINNING_S else fault
