"""The fit that turns features into angles, on samples whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import calibration_samples
import calibration_sigma
import fit_calibration
from calibration_plans import PLANS, Plan, plans_for, sigma_feature
from formcoach.angles import Angle, View
from formcoach.angles.calibration import load_calibration
from recordings import (
    GOOD_STRETCH,
    OWN_STANDING,
    make_recorded_clip,
    make_stills,
    on_top,
    with_far_leg_misplaced,
    with_standing_upside_down,
)

STRETCH = on_top(OWN_STANDING, **GOOD_STRETCH)
OWN = Plan(View.SIDE, Angle.LUMBAR_FLEXION, ("pixels.lumbar_flexion",), own_zero=True)
ANATOMICAL = Plan(View.SIDE, Angle.KNEE_FLEXION, ("leg.knee_flexion",), own_zero=False)


def samples(people=6, rows=60, noise=1.0, sensor_bias=0.0, seed=0):
    """Stills and clips of people whose neutral differs: the sensor reads 0.8 of the truth, each person a little off."""
    rng = np.random.default_rng(seed)
    parts = []
    for index in range(people):
        neutral = rng.normal(0.0, 8.0)
        bias = rng.normal(0.0, sensor_bias) if sensor_bias else 0.0
        target = neutral + rng.uniform(0.0, 40.0, rows)
        parts.append(
            calibration_samples.Samples(
                values=(0.8 * target + bias + rng.normal(0.0, noise, rows))[:, None],
                own_sigma=np.full(rows, noise),
                baseline=np.full((rows, 1), 0.8 * neutral + bias),
                target=target,
                neutral_target=np.full(rows, neutral),
                person=np.array([f"person_{index}"] * rows),
                kind=np.where(np.arange(rows) % 2, "still", "scripted"),
                stretching=np.ones(rows, dtype=bool),
            )
        )
    names = calibration_samples.Samples.__slots__
    return calibration_samples.Samples(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def test_ridge_finds_a_line():
    moved = np.random.default_rng(0).normal(0.0, 10.0, (200, 2))
    slope, intercept = fit_calibration.ridge(moved, moved @ [2.0, -1.0] + 3.0, np.ones(200), 1e-9, np.zeros(2))
    assert slope == pytest.approx([2.0, -1.0], abs=1e-5)
    assert intercept == pytest.approx(3.0, abs=1e-5)


def test_a_ridge_holds_to_where_the_weights_start():
    moved = np.random.default_rng(0).normal(0.0, 10.0, (200, 2))
    start = np.array([1.0, 0.5])
    held, _ = fit_calibration.ridge(moved, moved @ [2.0, -1.0] + 3.0, np.ones(200), 1e6, start)
    assert held == pytest.approx(start, abs=1e-3)
    halfway, _ = fit_calibration.ridge(moved, moved @ [2.0, -1.0] + 3.0, np.ones(200), 1.0, start)
    assert halfway == pytest.approx([1.5, -0.25], abs=0.1)


def test_what_the_networks_read_starts_as_they_say_it():
    plans = {(plan.view, plan.angle): plan for plan in PLANS}
    lumbar = plans[View.SIDE, Angle.LUMBAR_FLEXION]
    weights = dict(zip(lumbar.features, lumbar.start_weights, strict=True))
    assert weights.pop("pixels.lumbar_flexion") == 1.0
    assert set(weights.values()) == {0.0}
    assert lumbar.ridge > plans[View.SIDE, Angle.KNEE_FLEXION].ridge


def test_a_plan_cannot_start_from_what_it_does_not_look_at():
    with pytest.raises(ValueError, match=r"pixels\.pelvic_tilt"):
        replace(OWN, start=(("pixels.pelvic_tilt", 1.0),))


def test_with_a_baseline_the_persons_own_zero_and_bias_are_taken_away():
    some = samples(sensor_bias=6.0)
    prepared = fit_calibration.prepare(OWN, some, has_baseline=True)
    entry = fit_calibration.fit_entry(OWN, prepared, has_baseline=True)
    assert prepared.share == 1.0
    assert prepared.samples.target == pytest.approx(some.target - some.neutral_target)
    assert entry["weights"] == pytest.approx([1.25], abs=0.05)
    error = prepared.moved @ entry["weights"] + entry["intercept"] - prepared.samples.target
    assert np.abs(error).mean() < 2.0


def test_a_plan_may_take_a_share_of_the_standing_reading():
    some = samples()
    half = fit_calibration.prepare(replace(OWN, own_share=0.5), some, has_baseline=True)
    none, whole = (fit_calibration.prepare(OWN, some, has_baseline=known) for known in (False, True))
    assert half.share == 0.5
    assert half.moved == pytest.approx((none.moved + whole.moved) / 2.0)


def test_without_a_baseline_the_persons_own_zero_is_asked_from_the_average_persons_features():
    some = samples()
    prepared = fit_calibration.prepare(OWN, some, has_baseline=False)
    assert prepared.share == 0.0
    assert prepared.samples.target == pytest.approx(some.target - some.neutral_target)
    assert prepared.moved + prepared.neutral == pytest.approx(some.values)


def test_an_anatomical_zero_loses_only_what_the_sensor_errs():
    shares = [
        fit_calibration.prepare(ANATOMICAL, samples(12, sensor_bias=bias), has_baseline=True).share
        for bias in (0.0, 12.0)
    ]
    assert shares[0] < 0.35
    assert shares[1] > shares[0]
    prepared = fit_calibration.prepare(ANATOMICAL, samples(), has_baseline=True)
    assert prepared.samples.target.mean() > 10.0


def test_somebody_who_is_only_seen_standing_says_nothing_of_the_sensor():
    some = samples(12, sensor_bias=12.0)
    standing = replace(some, stretching=some.stretching & (some.person != "person_3"))
    share = fit_calibration.prepare(ANATOMICAL, standing, has_baseline=True).share
    without = calibration_samples.pick(some, some.person != "person_3")
    assert share == pytest.approx(fit_calibration.prepare(ANATOMICAL, without, has_baseline=True).share, abs=0.1)


def test_sigma_holds_two_thirds_of_the_errors_of_people_left_out():
    some = samples(noise=4.0)
    prepared = fit_calibration.prepare(OWN, some, has_baseline=True)
    sigmas = calibration_sigma.measure_sigmas(OWN, fit_calibration.find_errors(prepared), has_baseline=True)
    entry = fit_calibration.fit_entry(OWN, prepared, has_baseline=True)
    fresh = samples(noise=4.0, seed=1)
    moved = fresh.values - fresh.baseline
    error = moved @ entry["weights"] + entry["intercept"] - (fresh.target - fresh.neutral_target)
    sigma = np.hypot(sigmas["sigma_still_deg"], sigmas["sigma_still_share"] * 4.0)
    assert 0.58 <= (np.abs(error) <= sigma).mean() <= 0.78


def test_without_a_baseline_sigma_grows_by_how_people_differ():
    with_one, without = (entry["sigma_still_deg"] for entry in fit_calibration.fit_plan(OWN, samples(24)))
    assert with_one < 3.0
    assert 5.0 < without < 12.0  # their neutral postures have a standard deviation of 8 degrees


def test_people_who_all_stand_alike_do_not_make_the_zero_look_sure():
    varied = samples(24)
    alike = replace(
        varied,
        target=varied.target - varied.neutral_target,
        values=varied.values - 0.8 * varied.neutral_target[:, None],
        baseline=varied.baseline - 0.8 * varied.neutral_target[:, None],
        neutral_target=np.zeros(len(varied.target)),
        person=np.char.add(varied.person, "_alike"),
    )
    names = calibration_samples.Samples.__slots__
    both = calibration_samples.Samples(
        *(np.concatenate([getattr(one, name) for one in (varied, alike)]) for name in names)
    )
    of_varied, of_both = (fit_calibration.fit_plan(OWN, some)[1]["sigma_still_deg"] for some in (varied, both))
    assert of_both == pytest.approx(of_varied, rel=0.25)


def test_an_unknown_zero_adds_a_constant_and_leaves_the_networks_part():
    some = samples(24, rows=200)
    rng = np.random.default_rng(6)
    doubt = rng.uniform(0.5, 6.0, len(some.own_sigma))
    values = some.values + (0.8 * doubt * rng.normal(size=len(doubt)))[:, None]
    plan = replace(OWN, features=("pixels.lumbar_flexion",))
    with_one, without = fit_calibration.fit_plan(plan, replace(some, values=values, own_sigma=doubt))
    assert with_one["sigma_still_share"] > 0.5
    assert without["sigma_still_share"] == with_one["sigma_still_share"]
    assert without["sigma_still_deg"] > with_one["sigma_still_deg"] + 3.0


def test_people_who_all_stand_alike_cannot_tell_how_unsure_the_zero_is():
    varied = samples(sensor_bias=3.0)
    neutral = varied.neutral_target
    alike = replace(
        varied,
        target=varied.target - neutral,
        values=varied.values - 0.8 * neutral[:, None],
        baseline=varied.baseline - 0.8 * neutral[:, None],
        neutral_target=np.zeros(len(neutral)),
    )
    with pytest.raises(SystemExit, match=r"^No still of side lumbar_flexion shows .* posture of their own, .*\.$"):
        fit_calibration.fit_plan(OWN, alike)
    assert len(fit_calibration.fit_plan(ANATOMICAL, alike)) == 2


@pytest.mark.parametrize(
    "recordings",
    [
        [],
        [make_stills("a", OWN_STANDING, [STRETCH])],
        [make_stills(name, replace(OWN_STANDING, azimuth=0.0), [replace(STRETCH, azimuth=0.0)]) for name in "ab"],
        [make_recorded_clip(name, OWN_STANDING, (STRETCH, 2.0)) for name in "ab"],
    ],
    ids=["nobody", "one person", "front only", "clips only"],
)
def test_a_view_in_which_too_few_are_seen_is_told(recordings):
    with pytest.raises(SystemExit, match=r"^Stills of fewer than 2 people show lumbar_flexion in side view: .*\.$"):
        fit_calibration.collect(OWN, recordings)


def test_features_and_truth_are_gathered_by_person_and_kind():
    recordings = [make_stills("a", OWN_STANDING, [STRETCH]), make_stills("b", OWN_STANDING, [STRETCH, STRETCH])]
    found = fit_calibration.collect(OWN, [*recordings, make_recorded_clip("b", OWN_STANDING, (STRETCH, 2.0))])
    assert (found.person == "a").sum() == 2
    assert (found.kind[found.person == "b"] == "scripted").sum() > 30
    # What the networks say of the figures is the truth.
    assert found.values[:, 0] == pytest.approx(found.target, abs=1e-4)
    assert found.neutral_target == pytest.approx(np.full(len(found.target), OWN_STANDING.lumbar))


def test_blunders_count_as_errors_though_nothing_is_fitted_on_them():
    some = samples()
    values = some.values.copy()
    values[::120] += 90.0
    prepared = fit_calibration.prepare(OWN, replace(some, values=values), has_baseline=True)
    assert (~prepared.sane).sum() == 3
    assert np.abs(fit_calibration.find_errors(prepared).error).max() > 60.0


def test_a_persons_own_truth_does_not_enter_the_errors_on_them():
    some = samples()
    someone = some.person == "person_2"
    changed = replace(some, target=np.where(someone, some.target + 9.0, some.target))
    before, after = (
        fit_calibration.find_errors(fit_calibration.prepare(OWN, one, has_baseline=True)).error
        for one in (some, changed)
    )
    assert after[someone] == pytest.approx(before[someone] - 9.0, abs=1e-9)
    assert after[~someone] != pytest.approx(before[~someone], abs=1e-3)


def test_what_does_not_go_with_the_truth_is_left_out(capsys):
    some = samples()
    noise = np.random.default_rng(5).normal(0.0, 10.0, some.values.shape)
    assert fit_calibration.fit_plan(OWN, replace(some, values=noise)) == []
    assert "left out" in capsys.readouterr().out


def test_few_clips_say_nothing_of_videos():
    some = samples()
    few = np.isin(some.person, ["person_0", "person_1"])
    values = np.where(((some.kind == "scripted") & few)[:, None], 0.8 * some.target[:, None], some.values)
    part = calibration_samples.pick(replace(some, values=values), few | (some.kind == "still"))
    (entry, _) = fit_calibration.fit_plan(OWN, part)
    assert entry["sigma_deg"] == entry["sigma_still_deg"]
    assert entry["sigma_share"] == entry["sigma_still_share"]


def test_clips_whose_errors_are_small_only_because_nothing_moves_say_nothing_of_videos():
    some = samples(noise=6.0)
    clips = some.kind == "scripted"
    still_standing = some.neutral_target + np.random.default_rng(3).normal(0.0, 0.5, len(clips))
    parts = replace(
        some,
        values=np.where(clips[:, None], some.baseline + 0.5, some.values),
        target=np.where(clips, still_standing, some.target),
    )
    (entry, _) = fit_calibration.fit_plan(OWN, parts)
    assert entry["sigma_deg"] == entry["sigma_still_deg"]


def test_time_takes_only_so_much_of_sigma_away():
    some = samples(noise=6.0)
    clips = (some.kind == "scripted")[:, None]
    steady = replace(some, values=np.where(clips, 0.8 * some.target[:, None], some.values))
    (entry, _) = fit_calibration.fit_plan(OWN, steady)
    video = np.hypot(entry["sigma_deg"], 6.0 * entry["sigma_share"])
    still = np.hypot(entry["sigma_still_deg"], 6.0 * entry["sigma_still_share"])
    assert video == pytest.approx(calibration_sigma.LEAST_SHARE_OF_STILL * still, rel=0.02)


def test_in_videos_sigma_is_as_wide_as_the_kind_of_movement_that_errs_most_asks():
    some = samples(people=16, rows=300, noise=2.0)
    clips = np.arange(len(some.kind)) % 4 == 0
    wild = np.random.default_rng(4).normal(0.0, 6.0, len(clips))
    values = some.values + np.where(clips, wild, 0.0)[:, None]
    free = replace(some, kind=np.where(clips, "free", some.kind))
    (calm, _), (both, _) = (
        fit_calibration.fit_plan(OWN, some),
        fit_calibration.fit_plan(OWN, replace(free, values=values)),
    )
    # How much of sigma is constant and how much the network's own is arbitrary here: that is the same in all rows.
    stills = [np.hypot(one["sigma_still_deg"], 2.0 * one["sigma_still_share"]) for one in (calm, both)]
    assert stills[1] == pytest.approx(stills[0], rel=0.15)
    of_calm, of_both = (np.hypot(one["sigma_deg"], 2.0 * one["sigma_share"]) for one in (calm, both))
    # Errors of 2 and 6 together, through a slope of 0.8.
    assert of_both == pytest.approx(np.hypot(2.0, 6.0) / 0.8, rel=0.2)
    assert of_calm == pytest.approx(2.0 / 0.8, rel=0.2)


def test_a_swapped_leg_does_not_bend_the_fit():
    some = samples()
    values = some.values.copy()
    values[::120] += 90.0
    entry = fit_calibration.fit_entry(
        OWN, fit_calibration.prepare(OWN, replace(some, values=values), has_baseline=True), has_baseline=True
    )
    assert entry["weights"] == pytest.approx([1.25], abs=0.12)


def test_nothing_is_measured_from_somebody_put_upside_down():
    people = [make_stills(name, OWN_STANDING, [STRETCH]) for name in "abc"]
    found = fit_calibration.collect(ANATOMICAL, [*people[:2], with_standing_upside_down(people[2])])
    assert set(found.person) == {"a", "b"}


def test_the_hip_is_not_measured_from_somebody_whose_far_leg_is_misplaced():
    people = [make_stills(name, OWN_STANDING, [STRETCH]) for name in "abc"]
    people[2] = with_far_leg_misplaced(people[2])
    plans = {plan.angle: plan for plan in PLANS if plan.view is View.SIDE}
    assert set(fit_calibration.collect(plans[Angle.HIP_FLEXION], people).person) == {"a", "b"}
    assert set(fit_calibration.collect(plans[Angle.LUMBAR_FLEXION], people).person) == {"a", "b", "c"}


@pytest.mark.parametrize(("people", "groups"), [(6, 6), (45, fit_calibration.FOLDS)])
def test_everybody_is_left_out_once_in_so_many_groups(monkeypatch, people, groups):
    prepared = fit_calibration.prepare(OWN, samples(people, rows=4), has_baseline=True)
    left_out = []

    def note(of, rows):
        left_out.append(frozenset(of.samples.person[~rows].tolist()))
        return np.zeros(1), 0.0

    monkeypatch.setattr(fit_calibration, "fit_line", note)
    fit_calibration.find_errors(prepared)
    assert len(left_out) == groups
    assert sorted(one for group in left_out for one in group) == list(range(people))


def test_every_person_counts_alike():
    some = replace(samples(2), kind=np.full(120, "still"))
    part = calibration_samples.pick(some, np.arange(70))
    weights = calibration_samples.person_shares(part)
    assert weights[:60].sum() == pytest.approx(weights[60:].sum())


def test_large_angles_count_as_much_as_common_small_ones():
    some = replace(samples(1, rows=100), target=np.r_[np.zeros(90), np.full(10, 40.0)])
    weights = fit_calibration.balance(replace(some, kind=np.full(100, "still")))
    assert weights[:90].sum() == pytest.approx(weights[90:].sum())


@pytest.mark.parametrize("variant", fit_calibration.VARIANTS)
def test_what_ships_is_what_is_fitted_for_each_pose_model(variant):
    shipped = load_calibration(variant)
    fitted = {(plan.view, plan.angle) for plan in plans_for(variant)}
    for plan in PLANS:
        found = shipped.find(plan.view, plan.angle, has_baseline=True)
        assert (found is not None) == ((plan.view, plan.angle) in fitted), plan


def test_with_lite_no_leg_across_is_judged_from_the_front():
    missing = {(plan.view, plan.angle) for plan in set(PLANS).difference(plans_for("lite"))}
    assert missing == {(View.FRONT, Angle.HIP_ADDUCTION)}
    assert plans_for("heavy") == plans_for("full") == PLANS


def test_each_plan_names_features_and_its_networks_doubt():
    for plan in PLANS:
        assert plan.features
        doubt = sigma_feature(plan)
        uses_pixels = any("pixels" in name for name in plan.features)
        assert (doubt is not None) == uses_pixels, plan
