from __future__ import annotations

import numpy as np

from builders import make_readings
from formcoach.angles import Angle, Status


def test_readings_without_legs_keep_trunk_and_neck_alone():
    readings = make_readings()
    kept = readings.without_legs()
    for angle, reading in kept.items():
        if angle in (Angle.PELVIC_TILT, Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.TRUNK_LEAN):
            assert reading == readings.reading(angle)
        else:
            assert np.isnan([reading.value_deg, reading.sigma_deg]).all()
            assert reading.status is Status.OUT_OF_VIEW
