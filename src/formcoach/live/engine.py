"""The pose model in use, how long it takes, and the next smaller one."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections import deque
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, Self

from formcoach.angles.calibration import load_calibration
from formcoach.libraries import explain_missing_library
from formcoach.live.model_choice import CANDIDATES, choose_model, load_picture
from formcoach.live.options import AUTO_MODEL
from formcoach.live.worker import Preparation
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.following import FollowingModel
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.quiet import block_usage_reporting, silenced_stderr

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from formcoach.angles.calibration import Calibration
    from formcoach.live.model_choice import ModelTiming
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.people import Sighting
    from formcoach.pose.pose import Pose
    from formcoach.pose.region import Region
    from formcoach.video import Frame

# The median of so many inferences is what one inference takes: the oldest picture allowed hangs on it, and a single
# slow one must not let old pictures in [D].
_RECENT = 8
# The rest is loaded long before; a source that takes its time to open does not keep the model waiting [D].
QUIET_S = 2.0
CLOSING_S = 15.0


class EngineModel(FollowingModel, Protocol):
    """What the engine needs of a pose model."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

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
        Names of the models to change to, one after the other, when the machine gets too slow; none where the user
        chose.
    timings
        What was measured.
    clock
        Returns seconds.
    """

    def __init__(
        self,
        model: EngineModel,
        open_model: Callable[[str], EngineModel],
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
        """How long one inference takes: the median of the last few, seconds; infinite before the first."""
        return statistics.median(self._durations_s) if self._durations_s else float("inf")

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

    def follow(self, region: Region | None, sighting: Sighting | None = None) -> None:
        """Follow whoever is in that part of the picture, None for the whole, but nobody who was one of the others."""
        self._region = region
        self._model.follow(region, sighting)

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


def open_engine(model: str, quiet: threading.Event | None = None) -> PoseEngine:
    """Open the model that was asked for, or the best that this machine holds.

    Parameters
    ----------
    model
        ``auto``, a name or a path.
    quiet
        Set once the rest of the program is loaded: what is measured before that is slower than it will be.

    Raises
    ------
    FormCoachError
        When a file is missing or damaged.
    """

    def open_by_name(name: str) -> MediaPipePoseModel:
        file = load_model_file(name)
        return MediaPipePoseModel(file, estimator=PixelEstimator(load_calibration(file.variant).networks))

    import_mediapipe_without_plots()
    if model != AUTO_MODEL:
        return PoseEngine(open_by_name(model), open_by_name)

    def open_to_measure(name: str) -> MediaPipePoseModel:
        opened = open_by_name(name)
        if quiet is not None:
            quiet.wait(QUIET_S)
        return opened

    chosen, timings = choose_model(load_picture(), open_to_measure)
    chosen.forget()  # the person in the sample clip
    smaller = CANDIDATES[CANDIDATES.index(timings[-1].name) + 1 :]
    return PoseEngine(chosen, open_by_name, smaller, timings)


def import_mediapipe_without_plots() -> None:
    """Import MediaPipe without the plotting library that only its drawing helpers use.

    Loading that takes a third of the time from the start of the command to its first picture. Nothing else in the
    process of a live session plots.
    """
    names = ("matplotlib", "matplotlib.pyplot")
    if any(name in sys.modules for name in (*names, "mediapipe")):
        return
    stand_ins = {name: ModuleType(name) for name in names}
    sys.modules.update(stand_ins)
    try:
        block_usage_reporting()
        with silenced_stderr():
            import mediapipe  # noqa: F401
    except (ImportError, OSError) as error:
        explained = explain_missing_library(error)
        if explained is None:
            raise
        raise explained from error
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


class PreparedEngine:
    """The model on its way, in a thread of its own, from the first moment of the command on; a context manager.

    Parameters
    ----------
    model
        As `open_engine` takes it.
    """

    def __init__(self, model: str) -> None:
        self._quiet = threading.Event()
        self.preparation = Preparation(lambda: open_engine(model, self._quiet), "formcoach model")

    def rest_is_loaded(self) -> None:
        """From now on the machine is quiet enough to measure."""
        self._quiet.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the model; a thread must not be in the middle of loading it when the program ends."""
        self._quiet.set()
        if self.preparation.wait(CLOSING_S) and self.preparation.error is None:
            self.preparation.result().close()
