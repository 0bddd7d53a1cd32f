"""Which pose model this machine holds: measured, not guessed."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Protocol, TypeVar

from formcoach.video import Frame, open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose

# Best first. A stretch is slow: accuracy beats rate.
CANDIDATES = ("heavy", "full", "lite")
# At 12 a strong fault that must last 0.4 s is still seen five times [D].
MINIMUM_FPS = 12.0
# Drawing, sound and recording take their part of the machine beside the model [D].
HEADROOM = 1.1
# After the first picture, which takes several times as long as the others.
REPEATS = 4


class MeasurableModel(Protocol):
    """What is asked of a model that is measured."""

    def detect(self, frame: Frame) -> Pose:
        """Find somebody in a frame."""

    def close(self) -> None:
        """Release it."""


_Model = TypeVar("_Model", bound=MeasurableModel)


@dataclass(frozen=True, slots=True)
class ModelTiming:
    """How fast a model was.

    Attributes
    ----------
    name : str
        ``heavy``, ``full`` or ``lite``.
    frame_s : float
        Seconds for one frame, estimator included: the median of the repeats.
    """

    name: str
    frame_s: float

    @property
    def fps(self) -> float:
        """Frames a second that it holds alone on the machine."""
        return 1.0 / self.frame_s

    @property
    def holds(self) -> bool:
        """Whether it is fast enough."""
        return self.fps >= MINIMUM_FPS * HEADROOM


def choose_model(
    image: NDArray[np.uint8],
    open_model: Callable[[str], _Model],
    candidates: Sequence[str] = CANDIDATES,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[_Model, tuple[ModelTiming, ...]]:
    """Return the best model that holds `MINIMUM_FPS`; the last candidate when none does.

    Parameters
    ----------
    image
        A picture with somebody in it: a model that finds nobody is much faster.
    open_model
        Opens a model by name, in video mode.
    candidates
        Names, best first.
    clock
        Returns seconds.

    Returns
    -------
    model
        Open; it has just seen the picture.
    timings : tuple of ModelTiming
        Of every model that was measured.
    """
    timings: list[ModelTiming] = []
    for name in candidates:
        model = open_model(name)
        try:
            timings.append(ModelTiming(name, measure_frame_s(model, image, clock)))
        except BaseException:
            model.close()
            raise
        if timings[-1].holds or name == candidates[-1]:
            return model, tuple(timings)
        model.close()
    raise ValueError("no candidates")


def measure_frame_s(model: MeasurableModel, image: NDArray[np.uint8], clock: Callable[[], float]) -> float:
    """Return the median time of a model for a picture, seconds; the first one is not counted."""
    durations = []
    for index in range(1 + REPEATS):
        began_s = clock()
        model.detect(Frame(index, index / 30.0, image))
        durations.append(clock() - began_s)
    return statistics.median(durations[1:])


def load_picture() -> NDArray[np.uint8]:
    """Return the first picture of the sample clip in the package: somebody stands in it."""
    clip = resources.files("formcoach").joinpath("data", "demo.mp4")
    with resources.as_file(clip) as path, open_source(path) as source:
        return next(iter(source)).image
