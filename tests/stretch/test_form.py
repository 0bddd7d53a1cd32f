"""Good form as a rule on flags alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import make_readings
from formcoach.angles import Angle
from formcoach.stretch.form import FormRule, can_form_be_told, find_form_flags, is_good_form, make_form_rules
from formcoach.stretch.profile import load_profile
from formcoach.stretch.types import FlagState, NotChecked, Severity

PROFILE = load_profile()
READING = make_readings().reading(Angle.KNEE_FLEXION)
FORM = {"lumbar_flexion", "cervical_flexion", "ankle_dorsiflexion", "knee_locked"}
RULES = make_form_rules(PROFILE)


def good(**shown):
    """Tell whether a frame is in good form in which some flags show a severity, or a reason for not being checked."""
    states = []
    for rule in PROFILE.flags:
        one = shown.get(rule.name, Severity.GOOD if rule.is_judged else NotChecked.NOT_JUDGED)
        severity, reason = (Severity.NOT_CHECKED, one) if isinstance(one, NotChecked) else (one, None)
        states.append(FlagState(rule.name, severity, READING, reason, 0.0))
    return is_good_form(tuple(states), PROFILE)


def test_it_hangs_on_what_warns_and_is_seen_from_the_side():
    assert find_form_flags(RULES) == FORM
    assert good()


@pytest.mark.parametrize("flag", sorted(FORM))
@pytest.mark.parametrize("shown", [Severity.WARN, Severity.STRONG, *NotChecked])
def test_each_of_them_costs_it_unless_nobody_can_see_it_from_there(flag, shown):
    assert good(**{flag: shown}) == (shown in (NotChecked.WRONG_VIEW, NotChecked.NOT_APPLICABLE))


def test_half_of_them_must_be_seen_all_the_same():
    missing = sorted(FORM)
    assert good(**dict.fromkeys(missing[:2], NotChecked.WRONG_VIEW))
    assert not good(**dict.fromkeys(missing[:3], NotChecked.WRONG_VIEW))


@pytest.mark.parametrize("shown", [Severity.TIP, *NotChecked])
def test_tips_cost_nothing(shown):
    assert good(knee_bent=shown, leg_high=shown)


@pytest.mark.parametrize("shown", [Severity.WARN, Severity.STRONG, NotChecked.TOO_CLOSE])
def test_a_leg_across_costs_it_where_it_is_seen(shown):
    assert not good(hip_adduction=shown)


@pytest.mark.parametrize("unseen", [NotChecked.WRONG_VIEW, NotChecked.TOO_UNCERTAIN, NotChecked.OUT_OF_VIEW])
def test_a_leg_across_that_is_not_seen_does_not(unseen):
    assert good(hip_adduction=unseen)


def test_of_most_of_a_stretch_it_can_be_told_amid_doubt_but_not_of_what_was_hidden():
    assert can_form_be_told(RULES, {"lumbar_flexion": NotChecked.TOO_CLOSE})
    assert not can_form_be_told(RULES, {"lumbar_flexion": NotChecked.LOW_VISIBILITY})


def test_an_exercise_without_warnings_is_judged_by_all_that_it_has():
    tips = [FormRule("a", "a", is_judged=True, warns=False), FormRule("b", "b", is_judged=False, warns=False)]
    assert find_form_flags(tips) == {"a"}
    assert not can_form_be_told([], {})
    assert not is_good_form((), replace(PROFILE, flags=()))
