"""A short look through a camera: what it really gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from formcoach.errors import SourceError
from formcoach.video.health import compute_frame_rate, find_picture_fault, find_repeats

if TYPE_CHECKING:
    from formcoach.video.frame import FrameSource
    from formcoach.video.health import PictureFault

# Cameras need a moment until exposure and colours are set; their first pictures are often black.
WARM_UP_S = 1.0
MEASURED_S = 1.0
# Light and standstill show in every fourth pixel as well as in all of them.
_STEP_PX = 4


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """What a camera gave.

    Attributes
    ----------
    width, height : int
        Pixels of the pictures as they arrived, whatever was asked for.
    fps : float
        New pictures a second, measured.
    delivered_fps : float
        Pictures a second with those counted that only repeat the one before.
    fault : PictureFault or None
        What is wrong with the pictures; None when nothing is.
    """

    width: int
    height: int
    fps: float
    delivered_fps: float
    fault: PictureFault | None


def measure_camera(camera: FrameSource, warm_up_s: float = WARM_UP_S, measured_s: float = MEASURED_S) -> CameraHealth:
    """Look at the pictures of an opened camera for about two seconds.

    Parameters
    ----------
    camera
        An opened one; its name is used in the complaint.
    warm_up_s
        Pictures of so many seconds are not looked at.
    measured_s
        Those of so many seconds after that are.

    Returns
    -------
    CameraHealth
        What was measured.

    Raises
    ------
    SourceError
        When fewer than two pictures came.
    """
    times_s: list[float] = []
    thinned = []
    size = (0, 0)
    for frame in camera:
        if frame.time_s < warm_up_s:
            continue
        size = frame.size
        times_s.append(frame.time_s)
        thinned.append(frame.image[::_STEP_PX, ::_STEP_PX].copy())
        if frame.time_s - times_s[0] >= measured_s:
            break
    delivered_fps = compute_frame_rate(times_s)
    if math.isnan(delivered_fps):
        raise SourceError(
            f"{camera.info.name.capitalize()} gives no pictures: close other programs that use it, plug it in again, or"
            " try another USB port."
        )
    images = np.stack(thinned)
    new = int((~find_repeats(images)[1:]).sum())
    return CameraHealth(*size, delivered_fps * new / (len(images) - 1), delivered_fps, find_picture_fault(images))
