from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import GOOD, make_readings
from formcoach.angles import Angle, Readings, Status
from formcoach.pose.landmarks import Side
from formcoach.stretch import Assessor, Observation, Phase, Severity, load_profile
from formcoach.stretch.assess import assess_still
from formcoach.stretch.events import FlagLog
from formcoach.stretch.types import NotChecked

PROFILE = load_profile()
FPS = 15.0
# No view shows it well enough: said of every stretch, whatever else is seen.
NEVER_JUDGED = {"hip_medial_rotation": NotChecked.NOT_JUDGED}


def observe(time_s, *, up=True, seen=True, sigma=3.0, **values):
    readings = make_readings(sigma, **(GOOD | values)) if seen else Readings.unknown()
    return Observation(
        time_s=time_s,
        person_seen=seen,
        upright=seen and not up,
        taking_baseline=False,
        leg=Side.LEFT,
        leg_raised=up,
        readings=readings,
    )


def session(*parts):
    """Run (seconds, keyword arguments) parts and return the assessor, the log and all assessments."""
    assessor, log, out, frame = Assessor(PROFILE), FlagLog(PROFILE), [], 0
    for seconds, arguments in parts:
        for _ in range(round(seconds * FPS)):
            out.append(assessor.step(observe(frame / FPS, **arguments)))
            log.step(out[-1])
            frame += 1
    return assessor, log, out


def reasons(log):
    return {one.flag: one.reason for one in log.unchecked}


STAND, HOLD = (2, {"up": False}), (5, {})


def test_a_good_hold_raises_nothing_and_counts():
    assessor, log, out = session(STAND, (12, {}), (1, {"up": False}))
    assert log.periods == ()
    assert reasons(log) == NEVER_JUDGED
    (hold,) = assessor.holds
    assert hold.counted_s == pytest.approx(12 - PROFILE.hold.settle_s.value, abs=0.3)
    assert hold.good_s == hold.counted_s
    assert out[-1].phase is Phase.RELEASED
    assert {one.severity for one in out if one.phase is Phase.HOLD} == {Severity.GOOD}


def test_a_fault_is_flagged_spoken_of_pauses_the_clock_and_is_praised_when_mended():
    assessor, log, out = session(STAND, HOLD, (4, {"lumbar_flexion": 40.0}), (6, {}))
    (period,) = log.periods
    assert period.flag == "lumbar_flexion"
    assert period.severity is Severity.STRONG
    assert period.start_s == pytest.approx(7.25, abs=0.15)
    assert period.end_s == pytest.approx(11.25, abs=0.25)
    assert period.peak_deg == 40.0
    assert [one.cue.text for one in out if one.cue] == ["Chest long, hinge at hips", "Back is long, good"]
    paused = [one.time_s for one in out if one.phase is Phase.PAUSED]
    assert paused[0] == pytest.approx(7.65, abs=0.2)
    assert paused[-1] == pytest.approx(12.0, abs=0.3)
    counted = assessor.holds[0].counted_s
    assert counted == pytest.approx(15 - 1.5 - (paused[-1] - paused[0]), abs=0.4)


def test_a_leg_of_which_nothing_is_seen_is_not_counted_as_held():
    unseen = dict.fromkeys(("knee_flexion", "ankle_dorsiflexion", "hip_flexion", "hip_adduction"), float("nan"))
    assessor, _, out = session(STAND, HOLD, (4, unseen), (3, {}))
    assert {one.phase for one in out[round(8 * FPS) : round(10 * FPS)]} == {Phase.HOLD}
    back = next(flag for flag in out[round(9 * FPS)].flags if flag.name == "lumbar_flexion")
    assert back.severity is Severity.GOOD
    assert assessor.holds[0].counted_s == pytest.approx(8 - PROFILE.hold.settle_s.value, abs=0.3)
    some = unseen | {"hip_flexion": 70.0}
    assert session(STAND, HOLD, (4, some))[0].holds[0].counted_s == pytest.approx(
        9 - PROFILE.hold.settle_s.value, abs=0.3
    )


def test_one_warning_lets_the_clock_run_and_two_stop_it():
    one = session(STAND, HOLD, (5, {"lumbar_flexion": 20.0}))[2][-1]
    assert (one.severity, one.stacked, one.phase) == (Severity.WARN, False, Phase.HOLD)
    two = session(STAND, HOLD, (5, {"lumbar_flexion": 20.0, "ankle_dorsiflexion": 6.0}))[2][-1]
    assert (two.severity, two.stacked, two.phase) == (Severity.STRONG, True, Phase.PAUSED)


def test_tips_do_not_stop_the_clock_nor_cost_good_time():
    assessor, log, out = session(STAND, (15, {"knee_flexion": 45.0}))
    assert out[-1].severity is Severity.TIP
    assert out[-1].phase is Phase.HOLD
    assert assessor.holds[0].good_s == assessor.holds[0].counted_s
    assert [one.flag for one in log.periods] == ["knee_bent"]


def test_nothing_is_judged_before_the_hold():
    _, log, out = session((3, {"up": False, "lumbar_flexion": 50.0, "cervical_flexion": 50.0}))
    assert log.periods == ()
    assert {state.severity for one in out for state in one.flags} == {Severity.NOT_CHECKED}
    assert {one.reason for one in log.unchecked} == {NotChecked.NOT_STRETCHING}


def test_an_angle_that_is_not_seen_is_listed_with_its_reason():
    _, log, out = session(STAND, (8, {"hip_adduction": float("nan")}))
    assert reasons(log) == NEVER_JUDGED | {"hip_adduction": NotChecked.LOW_VISIBILITY}
    assert log.unchecked[0].share == 1.0
    flag = next(state for state in out[-1].flags if state.name == "hip_adduction")
    assert flag.severity is Severity.NOT_CHECKED


@pytest.mark.parametrize("seconds", [1 / FPS, 0.3])
def test_nothing_is_green_in_a_gap_in_which_it_is_not_seen(seconds):
    assert seconds < PROFILE.timing.unseen_after_s.value
    covered = {"lumbar_flexion": float("nan")}
    out = session(STAND, (4, {}), (seconds, covered), (4, {}))[2]
    backs = [next(flag for flag in one.flags if flag.name == "lumbar_flexion") for one in out]
    rows = [row for row, back in enumerate(backs) if not back.reading.is_known]
    assert len(rows) == round(seconds * FPS)
    assert {(backs[row].severity, backs[row].reason) for row in rows} == {
        (Severity.NOT_CHECKED, NotChecked.LOW_VISIBILITY)
    }
    assert backs[rows[0] - 1].severity is backs[rows[-1] + 1].severity is Severity.GOOD


def test_a_warning_stands_through_a_short_gap():
    covered = {"lumbar_flexion": float("nan")}
    _, log, out = session(STAND, HOLD, (3, {"lumbar_flexion": 20.0}), (0.3, covered), (3, {"lumbar_flexion": 20.0}))
    (period,) = log.periods
    assert period.end_s - period.start_s == pytest.approx(6.0, abs=0.2)
    assert {one.severity for one in out[round(9 * FPS) :]} == {Severity.WARN}


def good_s(*parts):
    return session(STAND, HOLD, *parts)[0].holds[0].good_s


COVERED = {"lumbar_flexion": float("nan")}


@pytest.mark.parametrize(
    "unseen",
    [
        COVERED,
        {"ankle_dorsiflexion": float("nan")},
        dict.fromkeys(("lumbar_flexion", "cervical_flexion"), float("nan")),
    ],
)
def test_time_in_which_a_warning_could_not_be_looked_for_is_not_in_good_form(unseen):
    assert good_s((6, unseen)) == pytest.approx(good_s(), abs=2 / FPS)


def test_time_without_a_reading_amid_doubt_is_no_more_in_good_form_than_the_doubt():
    in_doubt = {"lumbar_flexion": 16.0}
    flickering = [(1 / FPS, COVERED if row % 3 == 2 else in_doubt) for row in range(90)]
    assert good_s(*flickering) == pytest.approx(good_s(), abs=0.4)


def test_what_cannot_be_seen_from_there_at_all_does_not_cost_good_form():
    assert {state.reason for state in session(STAND, HOLD)[2][-1].flags} == {None, NotChecked.NOT_JUDGED}
    sideways = observe(0.0)
    status = sideways.readings.status.copy()
    status[Angle.HIP_ADDUCTION.column] = Status.WRONG_VIEW
    value = sideways.readings.value_deg.copy()
    value[Angle.HIP_ADDUCTION.column] = np.nan
    side = replace(sideways, readings=replace(sideways.readings, value_deg=value, status=status))
    assert assess_still(PROFILE, side).good_form
    # From the front nothing but the leg across is seen: that is not enough to speak of good form.
    others = [rule.angle.column for rule in PROFILE.flags if rule.angle is not Angle.HIP_ADDUCTION]
    status, value = sideways.readings.status.copy(), sideways.readings.value_deg.copy()
    status[others], value[others] = Status.WRONG_VIEW, np.nan
    front = replace(sideways, readings=replace(sideways.readings, value_deg=value, status=status))
    assert not assess_still(PROFILE, front).good_form


def test_tips_do_not_cost_good_form_and_warnings_and_doubt_do():
    assert assess_still(PROFILE, observe(0.0, knee_flexion=40.0)).good_form
    assert not assess_still(PROFILE, observe(0.0, lumbar_flexion=30.0)).good_form
    assert not assess_still(PROFILE, observe(0.0, lumbar_flexion=16.0)).good_form


def test_doubt_is_told_beside_a_more_frequent_reason():
    parts = ((2, {"lumbar_flexion": 16.0}), (3, COVERED), (4, {}))
    _, log, _ = session(STAND, HOLD, *parts)
    back = next(one for one in log.unchecked if one.flag == "lumbar_flexion")
    assert back.reason is NotChecked.LOW_VISIBILITY
    assert back.in_doubt == pytest.approx(2 / 12.5, abs=0.03)
    assert back.is_doubtful
    seen = next(one for one in session(STAND, HOLD, (3, COVERED))[1].unchecked if one.flag == "lumbar_flexion")
    assert (seen.in_doubt, seen.is_doubtful) == (0.0, False)


def test_a_leg_that_is_not_seen_stops_the_clock_and_says_so():
    unseen = dict.fromkeys(("knee_flexion", "ankle_dorsiflexion", "hip_flexion", "hip_adduction"), float("nan"))
    out = session(STAND, HOLD, (4, unseen))[2]
    assert out[-1].severity is Severity.GOOD
    assert not out[-1].is_seen
    assert out[round(6 * FPS)].is_seen


def test_the_clock_waits_while_what_was_strong_is_out_of_sight():
    """Not to be seen is no better than to be seen badly."""
    strong, covered = {"lumbar_flexion": 40.0}, {"lumbar_flexion": float("nan")}
    assessor, _, out = session(STAND, HOLD, (3, strong), (5, covered), (4, {}))
    waiting = out[round(11.5 * FPS) : round(15 * FPS)]
    assert {(one.phase, one.is_seen) for one in waiting} == {(Phase.HOLD, False)}
    assert out[-1].is_seen
    # Five seconds before, four after; from the fault on until it is seen to be over nothing counts.
    assert assessor.holds[0].counted_s == pytest.approx(9 - PROFILE.hold.settle_s.value + 0.65, abs=0.4)
    warned = session(STAND, HOLD, (3, {"lumbar_flexion": 20.0}), (5, covered))[2]
    assert all(one.is_seen for one in warned if one.phase is Phase.HOLD)
    anew = session(STAND, HOLD, (3, strong), (1, covered), (2, {"up": False}), (4, covered))[2]
    assert anew[-1].is_seen


@pytest.mark.parametrize("sigma", [9.8, 3.0])
def test_at_a_slant_good_form_is_told_though_no_leg_across_is_judged_there(sigma):
    """Its uncertainty is too large there; everything else is seen."""
    seen = observe(0.0)
    sigmas = seen.readings.sigma_deg.copy()
    sigmas[Angle.HIP_ADDUCTION.column] = sigma
    assert assess_still(PROFILE, replace(seen, readings=replace(seen.readings, sigma_deg=sigmas))).good_form
    assert not assess_still(PROFILE, observe(0.0, hip_adduction=12.0)).good_form


def test_what_is_covered_and_was_in_doubt_is_not_checked_for_being_covered():
    parts = (STAND, HOLD, (2, {"lumbar_flexion": 16.0}), (0.3, {"lumbar_flexion": float("nan")}))
    back = next(flag for flag in session(*parts)[2][-1].flags if flag.name == "lumbar_flexion")
    assert back.reason is NotChecked.LOW_VISIBILITY


def test_somebody_who_leaves_pauses_the_clock_and_unchecks_everything():
    assessor, _, out = session(STAND, HOLD, (4, {"seen": False}), (3, {}))
    lost = next(one for one in out if one.phase is Phase.LOST)
    assert lost.time_s == pytest.approx(7 + 1.0, abs=0.2)
    assert {state.severity for state in lost.flags} == {Severity.NOT_CHECKED}
    assert len(assessor.holds) == 1
    assert assessor.holds[0].counted_s < 5 - 1.5 + 1.1 + 3.1


def test_a_flag_at_the_end_of_the_hold_ends_with_it():
    _, log, _ = session(STAND, HOLD, (3, {"lumbar_flexion": 40.0}), (2, {"up": False}))
    (period,) = log.periods
    assert period.end_s == pytest.approx(10.0, abs=0.1)


def test_on_the_way_from_strong_to_good_there_is_no_second_period():
    _, log, _ = session(STAND, HOLD, (3, {"cervical_flexion": 45.0}), (4, {}))
    assert [one.severity for one in log.periods] == [Severity.STRONG]


def test_warn_before_and_after_strong_are_periods_of_their_own():
    _, log, _ = session(
        STAND,
        HOLD,
        (3, {"lumbar_flexion": 20.0}),
        (3, {"lumbar_flexion": 40.0}),
        (3, {"lumbar_flexion": 18.0}),
        (3, {}),
    )
    assert [one.severity for one in log.periods] == [Severity.WARN, Severity.STRONG, Severity.WARN]
    for before, after in zip(log.periods, log.periods[1:], strict=False):
        assert before.end_s == after.start_s


def test_the_same_observations_give_the_same_assessment():
    rng = np.random.default_rng(7)
    observations = [
        observe(
            index / FPS,
            up=index > 30,
            seen=bool(rng.random() > 0.05),
            lumbar_flexion=float(rng.normal(18, 12)),
            ankle_dorsiflexion=float(rng.normal(-2, 8)),
        )
        for index in range(300)
    ]

    def run():
        assessor = Assessor(PROFILE)
        return [
            (one.phase, one.severity, one.counted_s, one.cue, tuple(state.severity for state in one.flags))
            for one in map(assessor.step, observations)
        ]

    assert run() == run()


def test_photos_skip_dwell_times_and_have_no_clock():
    assessment = assess_still(PROFILE, observe(0.0, lumbar_flexion=40.0, sigma=9.0))
    assert assessment.severity is Severity.STRONG
    assert assessment.counted_s == 0.0
    assert assessment.cue is not None
    assert assessment.cue.flag == "lumbar_flexion"


def test_a_photo_without_the_stretch_judges_nothing():
    assessment = assess_still(PROFILE, observe(0.0, up=False, lumbar_flexion=60.0))
    assert assessment.severity is Severity.NOT_CHECKED
    assert assessment.cue is None
    assert assess_still(PROFILE, observe(0.0, up=False, seen=False)).phase is Phase.FRAMING


def test_stacked_warnings_are_logged_with_their_time_and_ask_to_ease_off():
    _, log, out = session(STAND, HOLD, (4, {"lumbar_flexion": 20.0, "cervical_flexion": 20.0}), (3, {}))
    ((start_s, end_s),) = log.stacked
    assert start_s == pytest.approx(7.0 + 0.25 + 0.8, abs=0.2)
    assert end_s == pytest.approx(11.0 + 0.25 + 0.7, abs=0.2)
    assert {one.severity for one in log.periods} == {Severity.WARN}
    assert PROFILE.stacking_cue in [one.cue.text for one in out if one.cue is not None]


def test_an_angle_that_stays_too_close_to_tell_is_listed_and_its_time_is_not_good():
    assessor, log, _ = session(STAND, HOLD, (5, {"cervical_flexion": 17.0}))
    assert log.periods == ()
    assert reasons(log) == NEVER_JUDGED | {"cervical_flexion": NotChecked.TOO_CLOSE}
    assert assessor.holds[0].counted_s - assessor.holds[0].good_s == pytest.approx(5.0, abs=0.4)


def test_the_doubt_before_a_flag_is_raised_is_forgotten_when_it_is():
    _, log, _ = session(STAND, (4, {}), (2, {"cervical_flexion": 45.0}))
    assert [one.flag for one in log.periods] == ["cervical_flexion"]
    assert reasons(log) == NEVER_JUDGED


def test_what_was_held_too_briefly_is_not_called_checked():
    _, log, _ = session(STAND, (3.5, {}), (1, {"up": False}))
    # What is never judged would not be after a longer hold either.
    assert reasons(log) == {rule.name: NotChecked.TOO_SHORT for rule in PROFILE.flags} | NEVER_JUDGED


def test_a_photo_is_never_too_short():
    log = FlagLog(PROFILE, still=True)
    log.step(assess_still(PROFILE, observe(0.0)))
    assert NotChecked.TOO_SHORT not in {one.reason for one in log.unchecked}


def test_a_flag_does_not_last_through_a_gap_without_pictures():
    assessor, log = Assessor(PROFILE), FlagLog(PROFILE)
    times_s = np.arange(0.0, 14.0, 1.0 / FPS)
    times_s[times_s > 10.0] += 60.0  # the camera was lost, or the computer asleep
    for time_s in times_s.tolist():
        log.step(assessor.step(observe(time_s, up=time_s > 2.0, **({"lumbar_flexion": 45.0} if time_s > 5.0 else {}))))
    strong = [one for one in log.periods if one.severity is Severity.STRONG]
    assert sum(one.end_s - one.start_s for one in strong) == pytest.approx(9.0, abs=1.5)
    assert all(one.end_s <= 10.1 or one.start_s >= 70.0 for one in log.periods)
