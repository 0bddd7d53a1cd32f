"""What `live.py` watches a session with: times of frames, memory, and pauses of Python's collection of garbage."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from formcoach.live.engine import PoseEngine

# The first inferences load what later ones have.
WARMING_FRAMES = 5
# Libraries fill their largest caches in the first seconds: growth is counted from then on.
SETTLED_S = 15.0


class Numbers:
    """Numbers in memory that is taken and written to beforehand: what is remembered here is not the session's growth.

    Parameters
    ----------
    most
        How many fit; more are left out.
    """

    def __init__(self, most: int) -> None:
        self._numbers = np.full(most, np.nan)
        self._count = 0

    def append(self, number: float) -> None:
        """Keep a number."""
        if self._count < len(self._numbers):
            self._numbers[self._count] = number
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def values(self) -> NDArray[np.float64]:
        """Return them in order."""
        return self._numbers[: self._count]


class Stopwatch:
    """Adds up how long the calls of functions take."""

    def __init__(self) -> None:
        self.total_s = 0.0

    def watch(self, owner: Any, name: str) -> None:
        """Time a function of an object or a module from now on; calls must not lie within each other."""
        function = getattr(owner, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            began_s = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.total_s += time.perf_counter() - began_s

        setattr(owner, name, timed)


class FrameTimes:
    """For each frame: how long it took as a whole, the bare call in it, and the angle estimator.

    The angle estimator is all that makes angles of landmarks and pixels: networks, outline, features, calibration.
    """

    def __init__(self, engine: PoseEngine, most: int) -> None:
        import formcoach.coach.coach as coach
        from formcoach.pose import mediapipe_model

        model: Any = engine._model
        self._bare, self._own = Stopwatch(), Stopwatch()
        self._bare.watch(model._landmarker, "detect_for_video")
        self._own.watch(model._estimator, "estimate")
        self._own.watch(mediapipe_model, "measure_outline")
        self._own.watch(coach, "compute_features")
        self._own.watch(coach, "estimate_readings")
        self._whole_s, self._bare_s, self._own_s = Numbers(most), Numbers(most), Numbers(most)

    def __len__(self) -> int:
        return len(self._whole_s)

    def measure(self, look: Callable[[], None]) -> None:
        """Look at one frame and keep its times."""
        bare_s, own_s, began_s = self._bare.total_s, self._own.total_s, time.perf_counter()
        look()
        self._whole_s.append(time.perf_counter() - began_s)
        self._bare_s.append(self._bare.total_s - bare_s)
        self._own_s.append(self._own.total_s - own_s)

    def split_ms(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the bare call, the estimator and the rest of each frame, milliseconds, less the first frames."""
        times_s = (self._whole_s, self._bare_s, self._own_s)
        whole, bare, own = (1e3 * one.values()[WARMING_FRAMES:] for one in times_s)
        return bare, own, whole - bare - own


class PauseWatch:
    """How long the longest collection of garbage took, in which nothing else runs."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self.longest_s = 0.0

    def __enter__(self) -> PauseWatch:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        now_s = time.perf_counter()
        if phase == "start":
            self._began_s = now_s
        else:
            self.longest_s = max(self.longest_s, now_s - self._began_s)


class MemoryWatch:
    """Looks at the memory of this process once a second, from `SETTLED_S` on."""

    def __init__(self, most: int) -> None:
        self._times_s, self._memory_mb = Numbers(most), Numbers(most)

    def look(self, passed_s: float) -> None:
        """Take a sample when one is due; `passed_s` counts from the start of the session."""
        times_s = self._times_s.values()
        if passed_s >= SETTLED_S and (not times_s.size or passed_s - times_s[-1] >= 1.0):
            self._times_s.append(passed_s)
            self._memory_mb.append(read_memory_mb())

    def growth_mb(self) -> float:
        """Return the last sample less the first, megabytes."""
        memory_mb = self._memory_mb.values()
        return float(memory_mb[-1] - memory_mb[0])

    def growth_mb_a_minute(self) -> float:
        """Return the slope of a straight line through the second half of the samples, megabytes a minute."""
        half = len(self._times_s) // 2
        times_s, memory_mb = self._times_s.values()[half:], self._memory_mb.values()[half:]
        return 60.0 * float(np.polyfit(times_s, memory_mb, 1)[0])


def read_memory_mb() -> float:
    """Return the resident memory of this process in megabytes."""
    with Path("/proc/self/statm").open(encoding="ascii") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
