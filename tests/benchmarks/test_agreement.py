from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import NORMAL_95, compute_agreement, weigh_people_alike

ANGLES = st.lists(
    st.tuples(
        st.floats(-60.0, 120.0),
        st.one_of(st.just(float("nan")), st.floats(-25.0, 25.0)),
        st.floats(0.5, 10.0),
        st.sampled_from("abcd"),
    ),
    min_size=1,
    max_size=40,
)


def arrays(rows):
    true, error, sigma, person = (np.array(column) for column in zip(*rows, strict=True))
    return true + error, true, person, sigma


def test_it_is_what_a_pocket_calculator_says():
    # Errors 1, -2, 3 and 6; all of one person.
    found = compute_agreement([11.0, 18.0, 33.0, 46.0], [10.0, 20.0, 30.0, 40.0], ["a"] * 4, [1.0, 1.5, 2.0, 3.0])
    assert (found.people, found.readings, found.checked) == (1, 4, 1.0)
    assert found.mean_absolute_deg == pytest.approx(3.0)
    assert found.bias_deg == pytest.approx(2.0)
    assert found.sd_deg == pytest.approx(np.sqrt((1 + 16 + 1 + 16) / 4))
    assert found.lower_limit_deg == pytest.approx(2.0 - 1.96 * np.sqrt(8.5))
    assert found.upper_limit_deg == pytest.approx(2.0 + 1.96 * np.sqrt(8.5))
    # Around the means 25 and 27: sums of squares 500 and 734, of products 15·16 + 5·9 + 5·6 + 15·19.
    assert found.slope == pytest.approx(600 / 500)
    assert found.correlation == pytest.approx(600 / np.sqrt(500 * 734))
    assert found.sigma_deg == pytest.approx(7.5 / 4)
    # 1 ≤ 1; 2 ≤ 3 but not 1.5; 3 ≤ 4 but not 2; 6 ≤ 6 but not 3.
    assert (found.within_one_sigma, found.within_two_sigma) == (0.25, 1.0)


def test_people_weigh_alike_however_many_readings_they_have():
    found = compute_agreement([1.0] * 99 + [5.0], np.zeros(100), ["a"] * 99 + ["b"], np.full(100, 2.0))
    assert found.people == 2
    assert found.mean_absolute_deg == pytest.approx(3.0)
    assert found.sd_deg == pytest.approx(2.0)
    assert found.within_one_sigma == pytest.approx(0.5)


def test_what_was_not_measured_is_counted_but_not_averaged():
    nan = float("nan")
    found = compute_agreement([2.0, nan, nan, nan, 4.0, 4.0], np.zeros(6), list("aaaabc"), [1.0, nan, nan, nan, 1.0, 1])
    assert (found.people, found.readings) == (3, 3)
    assert found.checked == pytest.approx((0.25 + 1.0 + 1.0) / 3)
    assert found.mean_absolute_deg == pytest.approx((2.0 + 4.0 + 4.0) / 3)


def test_somebody_in_whom_nothing_was_measured_lowers_the_share_only():
    found = compute_agreement([2.0, float("nan")], [0.0, 0.0], ["a", "b"])
    assert (found.people, found.checked, found.mean_absolute_deg) == (1, 0.5, 2.0)


def test_nothing_measured_is_unknown_not_perfect():
    found = compute_agreement([float("nan")] * 2, [1.0, 2.0], ["a", "b"], [1.0, 1.0])
    assert (found.people, found.readings, found.checked) == (0, 0, 0.0)
    assert np.isnan([found.mean_absolute_deg, found.bias_deg, found.correlation, found.within_one_sigma]).all()


def test_errors_go_the_short_way_round():
    found = compute_agreement([179.0, -178.0], [-179.0, 178.0], ["a", "a"])
    assert found.mean_absolute_deg == pytest.approx(3.0)
    assert found.bias_deg == pytest.approx(1.0)


def test_a_truth_that_stands_still_has_no_correlation():
    found = compute_agreement([1.0, 2.0, 3.0], [10.0, 10.1, 10.0], ["a"] * 3)
    assert np.isnan([found.correlation, found.slope]).all()


def test_without_sigma_there_is_no_coverage():
    found = compute_agreement([1.0], [0.0], ["a"])
    assert np.isnan([found.sigma_deg, found.within_one_sigma, found.within_two_sigma]).all()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([1.0, 2.0], [1.0], ["a"]), "one shape"),
        (([1.0], [float("nan")], ["a"]), "1 true angles"),
        (([1.0], [1.0], ["a"], [float("nan")]), "1 measured values"),
    ],
)
def test_faulty_input_is_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        compute_agreement(*arguments)


def test_normal_errors_of_the_stated_size_are_covered_as_they_should_be():
    rng = np.random.default_rng(5)
    sigma = rng.uniform(1.0, 6.0, 20_000)
    true = rng.uniform(0.0, 60.0, sigma.size)
    found = compute_agreement(true + rng.normal(0.0, sigma), true, np.arange(sigma.size) % 7, sigma)
    assert found.within_one_sigma == pytest.approx(0.683, abs=0.01)
    assert found.within_two_sigma == pytest.approx(0.954, abs=0.01)
    inside = (found.lower_limit_deg, found.upper_limit_deg)
    assert inside == pytest.approx((-NORMAL_95 * found.sd_deg, NORMAL_95 * found.sd_deg), abs=0.15)


@given(ANGLES)
def test_the_mean_error_never_exceeds_the_mean_size_and_that_not_the_root_mean_square(rows):
    found = compute_agreement(*arrays(rows))
    if found.readings:
        assert abs(found.bias_deg) <= found.mean_absolute_deg + 1e-9
        assert found.mean_absolute_deg <= np.hypot(found.bias_deg, found.sd_deg) + 1e-9
        assert found.within_one_sigma <= found.within_two_sigma + 1e-9


@given(ANGLES, st.integers(1, 4))
def test_repeating_a_persons_readings_changes_nothing(rows, times):
    more = [row for row in rows for _ in range(times if row[3] == "a" else 1)]
    one, other = compute_agreement(*arrays(rows)), compute_agreement(*arrays(more))
    for name in ("people", "checked", "mean_absolute_deg", "bias_deg", "sd_deg", "slope", "within_one_sigma"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), nan_ok=True, abs=1e-6)


@given(ANGLES)
def test_mirrored_angles_mirror_the_bias_and_nothing_else(rows):
    measured, true, person, sigma = arrays(rows)
    one, other = compute_agreement(measured, true, person, sigma), compute_agreement(-measured, -true, person, sigma)
    mirrored = {
        "bias_deg": -one.bias_deg,
        "lower_limit_deg": -one.upper_limit_deg,
        "upper_limit_deg": -one.lower_limit_deg,
    }
    expected = dataclasses.asdict(one) | mirrored
    assert dataclasses.asdict(other) == pytest.approx(expected, nan_ok=True, abs=1e-6)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_weights_add_up_to_one_and_are_alike_for_people(people):
    person = np.array(people)
    weights = weigh_people_alike(person)
    assert weights.sum() == pytest.approx(1.0)
    sums = [weights[person == name].sum() for name in np.unique(person)]
    assert sums == pytest.approx([1.0 / len(sums)] * len(sums))
