"""Flags of a recording as they are known afterwards: from when to when each of them really stood.

Somebody before a camera hears of a flag when it has stood for its dwell time, and the median on which it is decided
lags by half its length. A recording has its future: there everything is shown from the moment on at which it began.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from formcoach.stretch.types import FlagState, NotChecked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from formcoach.stretch.assess import Judgement
    from formcoach.stretch.profile import Profile, TimingRule


def with_hindsight(judgements: Iterable[Judgement], profile: Profile) -> Iterator[Judgement]:
    """Date every change of a flag back to when what it shows began.

    A flag that was raised or went is dated back by its dwell time, and like one that came into doubt or out of it by
    half the median's length. Frames in which it could not be judged for another reason than doubt stay as they were,
    and nothing reaches beyond the hold in which it was found.

    Parameters
    ----------
    judgements
        Of all frames of a recording, in order of time.
    profile
        The exercise.

    Yields
    ------
    Judgement
        The same frames in the same order, a few seconds of them behind what was taken in.
    """
    for judged, frames in groupby(judgements, key=lambda one: one.phase.is_judged):
        if judged:
            yield from _settle(frames, profile)
        else:
            yield from frames


def _settle(hold: Iterable[Judgement], profile: Profile) -> Iterator[Judgement]:
    """Yield the frames of one hold when nothing that comes can change them any more."""
    lag_s = profile.timing.median_s.value / 2
    longest_s = lag_s + _longest_dwell_s(profile.timing) + profile.hold.lost_after_s.value
    waiting: deque[Judgement] = deque()
    found: tuple[FlagState, ...] = ()
    for judgement in hold:
        time_s = judgement.observation.time_s
        waiting.append(judgement)
        for column, (before, now) in enumerate(zip(found, judgement.flags, strict=False)):
            if _has_changed(before, now) and _is_from_value(now):
                _date_back(waiting, column, _began_s(before, now, time_s) - lag_s)
        found = judgement.flags
        while waiting[0].observation.time_s < time_s - longest_s:
            yield waiting.popleft()
    yield from waiting


def _longest_dwell_s(timing: TimingRule) -> float:
    rules = (timing.tip_dwell_s, timing.warn_dwell_s, timing.strong_dwell_s, timing.clear_dwell_s)
    return max(rule.value for rule in rules)


def _has_changed(before: FlagState, now: FlagState) -> bool:
    return (before.severity, before.reason) != (now.severity, now.reason)


def _is_from_value(state: FlagState) -> bool:
    """Tell whether a state was decided from the median of values, not from what is seen or what the flag hangs on."""
    return state.reason in (None, NotChecked.TOO_CLOSE)


def _began_s(before: FlagState, now: FlagState, time_s: float) -> float:
    """Return when the median passed the threshold that a change is about, in seconds."""
    return now.since_s if before.severity.is_raised or now.severity.is_raised else time_s


def _date_back(waiting: deque[Judgement], column: int, began_s: float) -> None:
    """Give the newest frames the state of the last one, back to a time or to where nothing could be judged."""
    newest = waiting[-1].flags[column]
    rows = []
    for row in range(len(waiting) - 1, -1, -1):
        judgement = waiting[row]
        if judgement.observation.time_s < began_s or not _is_from_value(judgement.flags[column]):
            break
        rows.append(row)
    since_s = waiting[rows[-1]].observation.time_s
    for row in rows:
        flags = list(waiting[row].flags)
        flags[column] = replace(newest, reading=flags[column].reading, since_s=since_s)
        waiting[row] = replace(waiting[row], flags=tuple(flags))
