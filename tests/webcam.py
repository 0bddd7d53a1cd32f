"""A camera made of code."""

from __future__ import annotations

import time
from itertools import count

import cv2
import numpy as np


class Webcam:
    """Stands in for ``cv2.VideoCapture``.

    Parameters
    ----------
    fps
        Pictures a second that it delivers.
    brightness
        Mean of its pictures, 0 to 255; or a function of the picture's number.
    promised_fps
        What it says it delivers.
    size
        Width and height.
    every
        So many pictures in a row are the same; 0: all are.
    in_real_time
        Whether a read takes the time that it would; without, `clock` moves on by as much.
    """

    def __init__(self, fps=30.0, brightness=120, *, promised_fps=30.0, size=(640, 480), every=1, in_real_time=False):
        self._period_s = 1.0 / fps
        self._brightness = brightness if callable(brightness) else lambda number: brightness
        self._promised_fps, self._size, self._every, self._in_real_time = promised_fps, size, every, in_real_time
        self._numbers = count()
        # Made beforehand: a real camera takes no time of the processor either.
        self._noises = np.random.default_rng(1).integers(-4, 5, (8, size[1] // 4, size[0] // 4, 3))
        self._due_s = time.monotonic() if in_real_time else 0.0
        self.released = False

    def clock(self):
        return time.monotonic() if self._in_real_time else self._due_s

    def isOpened(self):  # noqa: N802
        return True

    def get(self, what):
        width, height = self._size
        values = {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height}
        return float(values.get(what, self._promised_fps))

    def set(self, *what_and_value):  # noqa: ARG002 -- it has one format
        return False

    def read(self):
        self._wait()
        number = next(self._numbers)
        return True, self.picture(number // self._every if self._every else 0)

    def _wait(self):
        self._due_s += self._period_s
        if self._in_real_time:
            # A driver keeps a few pictures for a slow reader and drops the others.
            self._due_s = max(self._due_s, time.monotonic() - 3 * self._period_s)
            time.sleep(max(0.0, self._due_s - time.monotonic()))

    def picture(self, number):
        noise = self._noises[number % len(self._noises)]
        small = np.clip(self._brightness(number) + noise, 0, 255).astype(np.uint8)
        return small.repeat(4, axis=0).repeat(4, axis=1)

    def release(self):
        self.released = True


class DeadWebcam(Webcam):
    """Opens, but each read takes its time and gives nothing."""

    def read(self):
        self._wait()
        return False, None
