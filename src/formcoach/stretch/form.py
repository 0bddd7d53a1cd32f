"""What counts as good form: everything that strains the nerve was looked at, and nothing of it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from formcoach.stretch.profile import Profile
    from formcoach.stretch.types import FlagState

# Why a flag says nothing of where the person stands, whatever they do: good form is told without it.
_ELSEWHERE = (NotChecked.WRONG_VIEW, NotChecked.NOT_APPLICABLE)


def form_flags(profile: Profile) -> frozenset[str]:
    """Return the flags of an exercise that good form hangs on."""
    return choose_form_flags((rule.name, rule.is_judged, Severity.WARN in rule.thresholds) for rule in profile.flags)


def choose_form_flags(rules: Iterable[tuple[str, bool, bool]]) -> frozenset[str]:
    """Choose the flags that good form hangs on: the warnings that are judged; all that are, where nothing warns.

    Parameters
    ----------
    rules
        Of each flag its name, whether it is judged at all, whether it warns.
    """
    judged = [(name, warns) for name, is_judged, warns in rules if is_judged]
    return frozenset([name for name, warns in judged if warns] or [name for name, _ in judged])


def are_enough(checked: Collection[str], form: Collection[str]) -> bool:
    """Tell whether so many of the flags that good form hangs on were checked that it can be spoken of: half of them."""
    return bool(form) and 2 * len(set(checked).intersection(form)) >= len(form)


def is_good_form(flags: tuple[FlagState, ...], profile: Profile) -> bool:
    """Tell whether a frame shows good form; tips do not count against it.

    Every flag that good form hangs on is good, but for those that cannot be seen from there at all, and those that are
    good are enough. One that is in doubt, covered or too uncertain may be anything: that is no good form.

    Parameters
    ----------
    flags
        Of the frame, as they are shown.
    profile
        The exercise.
    """
    form = form_flags(profile)
    seen = [state for state in flags if state.name in form and state.reason not in _ELSEWHERE]
    fine = all(Severity.GOOD <= state.severity < Severity.WARN for state in seen)
    return fine and are_enough([state.name for state in seen], form)
