"""Whom to follow, when there is more than one person in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.angles.features import compute_features
from formcoach.angles.tracking import is_raised
from formcoach.angles.view import classify_view
from formcoach.pose.landmarks import Side
from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
from formcoach.pose.model_files import load_model_file
from formcoach.pose.people import PersonChoice, choose_person, choose_pose, find_people
from formcoach.video import open_source

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.pose.estimates import Estimator
    from formcoach.pose.model import PeopleDetector
    from formcoach.pose.model_files import VerifiedModel
    from formcoach.pose.pose import Pose

# So many frames spread over a recording show who stays in it, and one every ten seconds where everybody is.
SAMPLES = 12
MOST_SAMPLES = 60
SAMPLE_EVERY_S = 10.0
# Finding people needs no fine landmarks, and all variants share the network that detects them.
_DETECTOR = "full"


def choose_from_recording(source: str | os.PathLike[str], size: tuple[int, int]) -> PersonChoice:
    """Choose whom to follow through a file, from frames spread over it.

    Parameters
    ----------
    source
        A video file or animated GIF.
    size
        Width and height of its picture.
    """
    from formcoach.video.container import ContainerSource

    with open_source(source) as opened:
        if not isinstance(opened, ContainerSource):
            return choose_from_samples((), size)
        return choose_from_samples(opened.sample(count_samples(opened.info.duration_s)), size)


def count_samples(duration_s: float | None) -> int:
    """Return how many pictures of a recording are looked at for people; None where its length is not known."""
    return min(max(round((duration_s or 0.0) / SAMPLE_EVERY_S), SAMPLES), MOST_SAMPLES)


def choose_from_samples(samples: Iterable[tuple[float, NDArray[np.uint8]]], size: tuple[int, int]) -> PersonChoice:
    """Choose whom to follow, from some pictures and when they were taken, seconds."""
    times_s, people = [], []
    with MediaPipePeopleDetector(load_model_file(_DETECTOR)) as detector:
        for time_s, image in samples:
            times_s.append(time_s)
            people.append(find_people(detector, image))
    return choose_person(people, size, looks_like_stretch, times_s)


def choose_from_photo(image: NDArray[np.uint8], model: VerifiedModel, estimator: Estimator) -> tuple[Pose | None, int]:
    """Return the pose of the person to look at in a photo, and how many people there are."""
    with MediaPipePeopleDetector(model, estimator) as detector:
        return choose_from_picture(image, detector)


def choose_from_picture(image: NDArray[np.uint8], detector: PeopleDetector) -> tuple[Pose | None, int]:
    """Return the pose of the person to look at in a single picture, and how many people there are."""
    height, width = image.shape[:2]
    people = find_people(detector, image)
    return choose_pose(people, (width, height), looks_like_stretch), len(people)


def looks_like_stretch(pose: Pose) -> float:
    """Return 1 for somebody who stands on one leg with the other one up in front, else 0."""
    features = compute_features(pose)
    view = classify_view(float(features.azimuth_deg))
    return float(any(is_raised(features, features.elevation, side, view) for side in Side))
