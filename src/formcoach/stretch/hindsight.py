"""Flags of a recording as they are known afterwards: from when to when each of them really stood.

Somebody before a camera hears of a flag when it has stood for its dwell time, and the median on which it is decided
lags by half its length. A recording has its future: there everything is shown from the moment on at which it began.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.stretch.flags import applies, why_not_checked
from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from formcoach.stretch.assess import Judgement
    from formcoach.stretch.profile import Profile, TimingRule
    from formcoach.stretch.types import FlagState


def with_hindsight(judgements: Iterable[Judgement], profile: Profile) -> Iterator[Judgement]:
    """Date every change of a flag back to when what it shows began.

    A flag that was raised or went is dated back by its dwell time, and like one that came into doubt or out of it by
    half the median's length: to a frame, for the median of an even number of readings lies between two. One that
    cannot be judged any more was last judged where its readings end, and one whose value is back within `off` when the
    hold ends had gone, though not for as long as its dwell time. Nothing reaches beyond the hold in which it was found,
    nor beyond a gap in it, and frames in which a flag could not be judged at all stay as they were: `as_seen` tells
    what is shown of them. A warning on its way to strong, shorter than its dwell time, stays in doubt.

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
    hold: _Hold | None = None
    for judgement in judgements:
        if hold is not None and not hold.goes_on_with(judgement):
            yield from hold.close()
            hold = None
        if not judgement.phase.is_judged:
            yield judgement
            continue
        if hold is None:
            hold = _Hold(judgement, profile)
        yield from hold.take(judgement)
    if hold is not None:
        yield from hold.close()


class _Hold:
    """The frames of one hold that may still change."""

    def __init__(self, first: Judgement, profile: Profile) -> None:
        self._profile = profile
        self._start_s = self._last_s = first.observation.time_s
        self._found = first.flags
        self.waiting: deque[Judgement] = deque()
        # A flag outlives frames that cannot be judged, and comes with the first one after its dwell time.
        longest_gap_s = profile.hold.lost_after_s.value + profile.timing.unseen_after_s.value
        self._longest_s = profile.timing.median_s.value / 2 + _longest_dwell_s(profile.timing) + longest_gap_s

    def goes_on_with(self, judgement: Judgement) -> bool:
        """Tell whether a frame belongs to the same hold, without a gap."""
        gap_s = judgement.observation.time_s - self._last_s
        return judgement.phase.is_judged and gap_s <= self._profile.hold.lost_after_s.value

    def take(self, judgement: Judgement) -> Iterator[Judgement]:
        """Take a frame and yield those that nothing can change any more."""
        self._last_s = judgement.observation.time_s
        self.waiting.append(judgement)
        for column, (before, now) in enumerate(zip(self._found, judgement.flags, strict=True)):
            if (before.severity, before.reason) != (now.severity, now.reason):
                self._date_back(column, self._rows(column, before, now))
        self._found = judgement.flags
        while self.waiting[0].observation.time_s < self._last_s - self._longest_s:
            yield self.waiting.popleft()

    def close(self) -> Iterator[Judgement]:
        """Yield what is left when the hold is over."""
        for column in range(len(self._profile.flags)):
            self._end(column)
        yield from self.waiting

    def _end(self, column: int) -> None:
        """End a flag with its readings and its value: nothing comes that it could outlast."""
        rule = self._profile.flags[column]
        off = rule.sign * rule.first_threshold.off
        for row in range(len(self.waiting) - 1, -1, -1):
            judgement = self.waiting[row]
            state, since_s = judgement.flags[column], judgement.observation.time_s
            if not _is_from_value(state):
                return
            reason = why_not_checked(rule, judgement.observation.readings)
            if reason is not None:
                self._show(column, row, replace(state, severity=Severity.NOT_CHECKED, reason=reason))
            elif state.severity.is_raised and rule.sign * state.reading.value_deg <= off:
                self._show(column, row, replace(state, severity=Severity.GOOD, since_s=since_s))
            else:
                return

    def _rows(self, column: int, before: FlagState, now: FlagState) -> list[int]:
        """Return the rows of the frames, the newest first, that already show a change."""
        newest = len(self.waiting) - 1
        if _is_from_value(now):
            passed_s = now.since_s if before.severity.is_raised or now.severity.is_raised else self._last_s
            # At the beginning of a hold the median is that of fewer readings.
            lag_s = min(self._profile.timing.median_s.value, passed_s - self._start_s) / 2
            rows = self._rows_while(lambda one: _is_from_value(one.flags[column]), passed_s - lag_s)
        elif now.reason is NotChecked.NOT_APPLICABLE:
            rows = self._rows_while(lambda one: self._outlasts_posture(column, one), self._start_s)
        else:
            return self._rows_while(lambda one: self._outlasts_readings(column, one), self._start_s)
        while rows and rows[-1] != newest and not self._can_be_judged(column, self.waiting[rows[-1]]):
            rows.pop()
        return rows

    def _rows_while(self, belongs: Callable[[Judgement], bool], began_s: float) -> list[int]:
        newest = len(self.waiting) - 1
        rows = [newest]
        for row in range(newest - 1, -1, -1):
            judgement = self.waiting[row]
            if judgement.observation.time_s < began_s or not belongs(judgement):
                break
            rows.append(row)
        return rows

    def _outlasts_readings(self, column: int, judgement: Judgement) -> bool:
        return _is_from_value(judgement.flags[column]) and not self._can_be_judged(column, judgement)

    def _outlasts_posture(self, column: int, judgement: Judgement) -> bool:
        rule = self._profile.flags[column]
        return _is_from_value(judgement.flags[column]) and not applies(rule, judgement.observation.readings)

    def _can_be_judged(self, column: int, judgement: Judgement) -> bool:
        return why_not_checked(self._profile.flags[column], judgement.observation.readings) is None

    def _date_back(self, column: int, rows: list[int]) -> None:
        """Give frames the state of the newest one."""
        newest = self.waiting[-1].flags[column]
        since_s = self.waiting[rows[-1]].observation.time_s if np.isfinite(newest.since_s) else newest.since_s
        for row in rows:
            reading = self.waiting[row].flags[column].reading
            self._show(column, row, replace(newest, reading=reading, since_s=since_s))

    def _show(self, column: int, row: int, state: FlagState) -> None:
        flags = list(self.waiting[row].flags)
        flags[column] = state
        self.waiting[row] = replace(self.waiting[row], flags=tuple(flags))


def _longest_dwell_s(timing: TimingRule) -> float:
    rules = (timing.tip_dwell_s, timing.warn_dwell_s, timing.strong_dwell_s, timing.clear_dwell_s)
    return max(rule.value for rule in rules)


def _is_from_value(state: FlagState) -> bool:
    """Tell whether a state was decided from the median of values, not from what is seen or what the flag hangs on."""
    return state.reason in (None, NotChecked.TOO_CLOSE)
