"""A camera made of code that keeps real time."""

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
    noise
        How far pixels stray.
    """

    def __init__(self, fps=30.0, brightness=120, *, promised_fps=30.0, size=(640, 480), every=1, noise=4):
        self._period_s = 1.0 / fps
        self._brightness = brightness if callable(brightness) else lambda number: brightness
        self._promised_fps, self._size, self._every, self._noise = promised_fps, size, every, noise
        self._numbers = count()
        self._due_s = time.monotonic() + self._period_s
        self.released = False

    def isOpened(self):  # noqa: N802
        return True

    def get(self, what):
        width, height = self._size
        values = {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height}
        return float(values.get(what, self._promised_fps))

    def read(self):
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        self._due_s += self._period_s
        number = next(self._numbers)
        return True, self.picture(number // self._every if self._every else 0)

    def picture(self, number):
        width, height = self._size
        noise = np.random.default_rng(number).integers(-self._noise, self._noise + 1, (height // 4, width // 4, 3))
        small = np.clip(self._brightness(number) + noise, 0, 255).astype(np.uint8)
        return small.repeat(4, axis=0).repeat(4, axis=1)

    def release(self):
        self.released = True


class DeadWebcam(Webcam):
    """Opens, but each read takes its time and gives nothing."""

    def read(self):
        time.sleep(self._period_s)
        return False, None
