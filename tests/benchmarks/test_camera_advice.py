"""How much is not told from a place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import camera_advice
from camera_advice import JUDGED_FROM_THE_SIDE, MARGIN_DEG, MATTERING, Place, make_table, measure, score
from formcoach.angles import Angle
from recordings import GOOD_STRETCH, OWN_STANDING, make_stills, on_top, with_standing_upside_down

NAN = float("nan")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([0.0, 0.0], 0.0),
        ([MARGIN_DEG / 2, -MARGIN_DEG / 2], 0.5),
        ([MARGIN_DEG, 0.0], 0.5),
        ([90.0, -3.0 * MARGIN_DEG], 1.0),
        ([NAN, NAN], 1.0),
        ([NAN, MARGIN_DEG / 5], 0.6),
    ],
)
def test_a_reading_that_is_missing_or_far_off_tells_nothing(errors, expected):
    true = np.array([40.0, -15.0])
    assert score(true + errors, true) == pytest.approx(expected)


def test_a_place_from_which_no_baseline_is_taken_is_measured_without(tmp_path, monkeypatch):
    stretch = on_top(OWN_STANDING, **GOOD_STRETCH)
    seen = make_stills("a", OWN_STANDING, [stretch])
    recordings = [seen, replace(with_standing_upside_down(seen), name="a_c1")]
    places = {"a_c0": Place(90, 1.0, 2.8), "a_c1": Place(90, 1.5, 2.8)}
    monkeypatch.setattr(camera_advice, "read_places", lambda folder: places)
    monkeypatch.setattr(camera_advice.truth, "read_stills", lambda *_: recordings)
    found = measure(tmp_path, "heavy", tmp_path)
    (with_baseline, true), (without, same) = (found[place][Angle.LUMBAR_FLEXION] for place in places.values())
    assert true == same
    assert np.isfinite(with_baseline).all()
    assert np.isfinite(without).all()
    assert with_baseline != without


def test_the_place_from_which_the_side_is_told_best_stands_first():
    """Side-on everything errs by 2 degrees but what is seen from the front; from the front it is the other way."""
    true = np.array([10.0, 20.0])
    side = {angle: (true + (2.0 if angle in JUDGED_FROM_THE_SIDE else NAN), true) for angle in MATTERING}
    front = {angle: (true + (NAN if angle in JUDGED_FROM_THE_SIDE else 0.0), true) for angle in MATTERING}
    table = make_table({Place(0, 1.0, 3.0): front, Place(90, 1.0, 3.0): side})
    assert [cells[:3] for cells in table.rows] == [("90", "1.0", "3.0"), ("0", "1.0", "3.0")]
    best, other = (dict(zip(table.columns, cells, strict=True)) for cells in table.rows)
    assert best["knee_flexion"] == "2.0 100%"
    assert best["hip_adduction"].endswith(" 0%")
    assert (best["side flags"], other["side flags"]) == ("0.20", "1.00")
    assert (best["all"], other["all"]) == ("0.43", "0.71")
