"""Pictures out of the recorded video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.errors import FormCoachError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Larger than a card of the report shows it on a laptop, small enough for six of them in a file [D].
LONGEST_SIDE_PX = 560
JPEG_QUALITY = 80


def read_snapshots(video: Path, times_s: Iterable[float]) -> dict[float, bytes]:
    """Read pictures from a video.

    Parameters
    ----------
    video
        The file.
    times_s
        Moments, seconds.

    Returns
    -------
    dict of float to bytes
        A JPEG file for each moment; none where the video does not reach or cannot be read: a report does without.
    """
    import cv2
    import numpy as np

    from formcoach.video.container import ContainerSource

    times = sorted(set(times_s))
    found: dict[float, bytes] = {}
    if not times or not video.is_file():
        return found
    try:
        with ContainerSource.from_file(video) as source:
            for time_s, image in zip(times, source.pictures_at(times), strict=False):
                scale = min(1.0, LONGEST_SIDE_PX / max(image.shape[:2]))
                small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
                _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
                found[time_s] = encoded.tobytes()
    except FormCoachError:
        return found
    return found
