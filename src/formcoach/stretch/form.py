"""What counts as good form: what strains the nerve was looked at, and nothing of it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from formcoach.angles import Angle
from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from formcoach.stretch.profile import Profile
    from formcoach.stretch.types import FlagState

# Why a flag says nothing from where the person stands, whatever they do: good form is told without it.
_ELSEWHERE = (NotChecked.WRONG_VIEW, NotChecked.NOT_APPLICABLE)
# Judged from the front, where nothing else is: it costs good form where it is raised or in doubt, and need not be seen
# for it.
_FROM_THE_FRONT_ALONE = Angle.HIP_ADDUCTION


class FormRule(NamedTuple):
    """What good form needs to know of a flag.

    Attributes
    ----------
    name, angle : str
        The flag, and the angle that it looks at.
    is_judged : bool
        Whether it is judged at all.
    warns : bool
        Whether it warns, or only gives tips.
    """

    name: str
    angle: str
    is_judged: bool
    warns: bool


def make_form_rules(profile: Profile) -> tuple[FormRule, ...]:
    """Return what good form needs to know of the flags of an exercise."""
    return tuple(FormRule(one.name, one.angle, one.is_judged, Severity.WARN in one.thresholds) for one in profile.flags)


def find_form_flags(rules: Iterable[FormRule]) -> frozenset[str]:
    """Return the flags that have to be seen for good form: all that are judged and warn, or all where nothing warns."""
    judged = [one for one in rules if one.is_judged and one.angle != _FROM_THE_FRONT_ALONE]
    return frozenset([one.name for one in judged if one.warns] or [one.name for one in judged])


def is_good_form(flags: tuple[FlagState, ...], profile: Profile) -> bool:
    """Tell whether a frame shows good form; tips do not count against it.

    No warning is raised or in doubt, and every flag that has to be seen is good, but for those that cannot be seen from
    there at all: of them no more than half. One that is covered or too uncertain may be anything: that is no good form.

    Parameters
    ----------
    flags
        Of the frame, as they are shown.
    profile
        The exercise.
    """
    rules = make_form_rules(profile)
    warnings = {one.name for one in rules if one.warns}
    for state in flags:
        if state.name in warnings and (state.severity >= Severity.WARN or state.reason is NotChecked.TOO_CLOSE):
            return False
    unseen = {state.name: state.reason for state in flags if state.severity is Severity.NOT_CHECKED and state.reason}
    return can_form_be_told(rules, unseen)


def can_form_be_told(rules: Iterable[FormRule], unseen: Mapping[str, NotChecked]) -> bool:
    """Tell whether enough is seen to speak of good form, in a frame or in most of a stretch.

    Parameters
    ----------
    rules
        Of all flags of the exercise.
    unseen
        The flags that were not checked, and why.
    """
    form = find_form_flags(rules)
    missing = {name: reason for name, reason in unseen.items() if name in form}
    hidden = [name for name, reason in missing.items() if reason not in (*_ELSEWHERE, NotChecked.TOO_CLOSE)]
    return bool(form) and not hidden and 2 * (len(form) - len(missing)) >= len(form)
