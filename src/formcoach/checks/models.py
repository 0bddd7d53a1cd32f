"""The pose models, and whether they run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from formcoach.checks.check import Check, Verdict
from formcoach.checks.parts import load
from formcoach.errors import FormCoachError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from formcoach.pose.model_files import VerifiedModel


def check_models() -> Iterator[Check]:
    """Check the pose model files against the table, and run the first good one."""
    from formcoach.pose.model_files import BUNDLED, load_model_file

    good: list[VerifiedModel] = []
    for variant, entry in BUNDLED.items():
        name = f"pose model {variant}"
        try:
            good.append(load_model_file(variant))
        except ModelError as error:
            yield Check.from_error(name, Verdict.FAILURE, error)
        else:
            yield Check.ok(name, f"{entry.size / 1e6:.1f} MB, sha256 {entry.sha256[:12]}… as it should be")
    if good:
        yield _check_run(good[0])


def _check_run(model: VerifiedModel) -> Check:
    name = "finding people"
    try:
        seconds = run_once(model)
    except FormCoachError as error:
        return Check.from_error(name, Verdict.FAILURE, error)
    return Check.ok(name, f"pose model {model.variant} and formcoach's own networks run, {seconds:.1f} s to start")


def run_once(model: VerifiedModel) -> float:
    """Run a pose model and formcoach's own networks on an empty picture, which loads all that a session loads.

    Importing MediaPipe does not: it opens its system libraries with the first model.

    Returns
    -------
    float
        How many seconds it took.

    Raises
    ------
    FormCoachError
        When something cannot be loaded.
    """
    for module in ("cv2", "mediapipe"):
        load(module)
    import cv2
    import numpy as np

    from formcoach.pose.estimates import PixelEstimator
    from formcoach.pose.mediapipe_model import MediaPipePoseModel
    from formcoach.video import Frame

    began_s = time.perf_counter()
    try:
        estimator = PixelEstimator()
    except (cv2.error, OSError) as error:
        raise ModelError("formcoach's own networks cannot be loaded: install formcoach again.") from error
    with MediaPipePoseModel(model, video=False, estimator=estimator) as landmarker:
        landmarker.detect(Frame(0, 0.0, np.full((480, 640, 3), 128, dtype=np.uint8)))
    return time.perf_counter() - began_s
