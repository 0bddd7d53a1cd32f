"""Angles from poses: pure functions of arrays. Knows no pictures, models, clocks or exercises."""

from formcoach.angles.types import Angle, Reading, Readings, Status, View

__all__ = ["Angle", "Reading", "Readings", "Status", "View"]
