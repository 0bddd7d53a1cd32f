"""The pose model in use, how long it takes, and the next smaller one."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

from formcoach.angles.calibration import load_calibration
from formcoach.live.model_choice import CANDIDATES, choose_model, load_picture
from formcoach.live.options import AUTO_MODEL
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from formcoach.angles.calibration import Calibration
    from formcoach.live.model_choice import ModelTiming
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.pose.region import Region
    from formcoach.video import Frame

# The slowest of so many inferences is what one inference takes: the oldest picture allowed hangs on it [D].
_RECENT = 8


class FollowingModel(Protocol):
    """A pose model that can be told whom to follow."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person that is followed."""

    def follow(self, region: Region | None) -> None:
        """Follow whoever is in another part of the picture."""

    def forget(self) -> None:
        """Look at the next frame as at a first one."""

    def close(self) -> None:
        """Release it; may be called twice."""


class PoseEngine:
    """Runs one pose model at a time.

    Parameters
    ----------
    model
        Open.
    open_model
        Opens another one by name.
    smaller
        Names of the models to change to, one after the other, when the machine gets too slow; none where the user chose.
    timings
        What was measured.
    clock
        Returns seconds.
    """

    def __init__(
        self,
        model: FollowingModel,
        open_model: Callable[[str], FollowingModel],
        smaller: tuple[str, ...] = (),
        timings: tuple[ModelTiming, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._open_model = open_model
        self._smaller = smaller
        self.timings = timings
        self._clock = clock
        self._region: Region | None = None
        self._durations_s: deque[float] = deque(maxlen=_RECENT)

    @property
    def info(self) -> ModelInfo:
        """Which model is in use."""
        return self._model.info

    @property
    def calibration(self) -> Calibration:
        """The calibration of the model in use."""
        return load_calibration(self._model.info.variant)

    @property
    def inference_s(self) -> float:
        """How long one inference takes: the slowest of the last few, seconds; infinite before the first."""
        return max(self._durations_s, default=float("inf"))

    @property
    def smaller(self) -> str | None:
        """The next smaller model; None where there is none or the user chose the model."""
        return self._smaller[0] if self._smaller else None

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person that is followed; all NaN where nobody was found."""
        began_s = self._clock()
        pose = self._model.detect(frame)
        self._durations_s.append(self._clock() - began_s)
        return pose

    def follow(self, region: Region | None) -> None:
        """Follow whoever is in that part of the picture; None for the whole."""
        self._region = region
        self._model.follow(region)

    def step_down(self) -> None:
        """Change to the next smaller model; there must be one."""
        name, *rest = self._smaller
        self._model.close()
        self._model = self._open_model(name)
        self._model.follow(self._region)
        self._smaller = tuple(rest)
        self._durations_s.clear()

    def close(self) -> None:
        """Release the model."""
        self._model.close()


def open_engine(model: str) -> PoseEngine:
    """Open the model that was asked for, or the best that this machine holds.

    Parameters
    ----------
    model
        ``auto``, a name or a path.

    Raises
    ------
    FormCoachError
        When a file is missing or damaged.
    """

    def open_by_name(name: str) -> MediaPipePoseModel:
        file = load_model_file(name)
        return MediaPipePoseModel(file, estimator=PixelEstimator(load_calibration(file.variant).networks))

    if model != AUTO_MODEL:
        return PoseEngine(open_by_name(model), open_by_name)
    chosen, timings = choose_model(load_picture(), open_by_name)
    chosen.forget()  # the person in the sample clip
    smaller = CANDIDATES[CANDIDATES.index(timings[-1].name) + 1 :]
    return PoseEngine(chosen, open_by_name, smaller, timings)
