from __future__ import annotations

import pytest

from formcoach.analysis.people import MOST_SAMPLES, SAMPLES, count_samples


@pytest.mark.parametrize(
    ("duration_s", "count"), [(None, SAMPLES), (8.0, SAMPLES), (300.0, 30), (7200.0, MOST_SAMPLES)]
)
def test_a_long_recording_is_looked_at_for_people_every_ten_seconds(duration_s, count):
    assert count_samples(duration_s) == count
