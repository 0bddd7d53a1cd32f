"""Prints how long formcoach's networks take a frame on one core, next to the pose model in the same run.

    python benchmarks/estimator_speed.py [--model heavy] [--rounds 3]

The sample clip's frames go through the pose model and the networks; what the networks add is the median over the frames
of cutting the crops and reading them (one thread).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.pose.crops import Crops, cut_crops
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.video import open_source

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLIP = Path(__file__).parents[1] / "samples" / "good_side_left.mp4"


class Timed:
    """The networks with a stop-watch: cuts and reads as `PixelEstimator`, and keeps how long both took."""

    def __init__(self) -> None:
        self._networks = PixelEstimator()
        self.cutting_s: list[float] = []
        self.reading_s: list[float] = []

    def estimate(
        self,
        image: NDArray[np.uint8],
        mask: NDArray[np.float32],
        points: NDArray[np.float64],
        world: NDArray[np.floating],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Estimate one frame."""
        start = time.perf_counter()
        crops: Crops = cut_crops(image, mask, points, world)
        cut = time.perf_counter()
        result = self._networks.read(crops)
        self.cutting_s.append(cut - start)
        self.reading_s.append(time.perf_counter() - cut)
        return result


def time_frames(variant: str, rounds: int) -> tuple[Timed, list[float]]:
    """Return the stop-watch and how long each frame took as a whole, seconds."""
    timed, whole_s = Timed(), []
    for _ in range(rounds):
        with (
            MediaPipePoseModel(load_model_file(variant), video=True, estimator=timed) as model,
            open_source(CLIP) as source,
        ):
            for frame in source:
                start = time.perf_counter()
                model.detect(frame)
                whole_s.append(time.perf_counter() - start)
    return timed, whole_s


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("heavy", "full", "lite"), default="heavy")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    timed, whole_s = time_frames(arguments.model, arguments.rounds)
    own_s = np.add(timed.cutting_s, timed.reading_s)
    for name, seconds in (("crops", timed.cutting_s), ("networks", timed.reading_s), ("both", own_s)):
        median_ms, slowest_ms = 1e3 * np.quantile(seconds, (0.5, 0.99))
        print(f"{name:9} median {median_ms:5.2f} ms a frame, 99 % below {slowest_ms:5.2f} ms")
    rest_s = np.median(whole_s) - np.median(own_s)
    share = np.median(own_s) / rest_s
    print(f"share     {share:.2f} of what the pose model {arguments.model} takes ({1e3 * rest_s:.1f} ms)")


if __name__ == "__main__":
    main()
