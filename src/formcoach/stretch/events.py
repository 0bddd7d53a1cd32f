"""Periods in which a flag stood, and how much of the stretch each flag could be checked."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.stretch.types import NotChecked, Severity

if TYPE_CHECKING:
    from formcoach.stretch.assess import Assessment
    from formcoach.stretch.profile import Profile
    from formcoach.stretch.types import FlagState

# A period shorter than this is a passage between two others.
SHORTEST_PERIOD_S = 0.3
# In less than this no warning can be told from a passing movement (a choice, well above the dwell times).
SHORTEST_JUDGED_S = 3.0
# Of the judged frames: what could not be judged for less is not worth a word (a choice).
NAMED_SHARE = 0.1
# Longer than the longest dwell time of any sensible profile: how far back an onset can lie.
_HISTORY_S = 10.0


@dataclass(frozen=True, slots=True)
class FlagPeriod:
    """A flag at one severity, without interruption.

    Attributes
    ----------
    flag : str
        Name in the profile.
    severity : Severity
        ``TIP``, ``WARN`` or ``STRONG``.
    start_s, end_s : float
        From the onset of the condition (before its dwell time) to its end.
    peak_deg : float
        The worst value in between, degrees.
    """

    flag: str
    severity: Severity
    start_s: float
    end_s: float
    peak_deg: float


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A flag that could not be judged for part of the stretch.

    Attributes
    ----------
    flag : str
        Name in the profile.
    reason : NotChecked
        The most frequent reason.
    share : float
        Part of the judged frames in which it could not be judged, 0 to 1.
    in_doubt : float
        Part of the judged frames in which it was seen, but too close to the limit or beyond it too briefly.
    """

    flag: str
    reason: NotChecked
    share: float
    in_doubt: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether the doubt alone is worth a word; older documents tell of it by the reason only."""
        return self.in_doubt > NAMED_SHARE or (self.reason is NotChecked.TOO_CLOSE and self.share > NAMED_SHARE)


class FlagLog:
    """Collects flag periods and the reasons for what was not checked, frame by frame.

    Parameters
    ----------
    profile
        The exercise.
    still
        Whether there is one frame only, a photo, in which nothing can be too short.
    """

    def __init__(self, profile: Profile, *, still: bool = False) -> None:
        self._profile = profile
        self._shortest_s = 0.0 if still else SHORTEST_JUDGED_S
        self._judged_s = 0.0
        self._judged_at_s: float | None = None
        self._open: dict[str, FlagPeriod] = {}
        self._closed: list[FlagPeriod] = []
        self._history: dict[str, deque[tuple[float, float]]] = {rule.name: deque() for rule in profile.flags}
        self._reasons: dict[str, Counter[NotChecked]] = {rule.name: Counter() for rule in profile.flags}
        self._in_doubt: dict[str, array[float]] = {rule.name: array("d") for rule in profile.flags}
        self._judged_frames = 0
        self._stacked: list[tuple[float, float]] = []
        self._was_stacked = False
        self._last_s = self._resumed_s = float("-inf")

    def step(self, assessment: Assessment) -> None:
        """Take one frame; what was raised before a gap is not known to have lasted through it."""
        if assessment.time_s - self._last_s > self._profile.hold.lost_after_s.value:
            self._break_off(assessment.time_s)
        self._last_s = assessment.time_s
        self._judged_frames += assessment.phase.is_judged
        if self._judged_at_s is not None:
            self._judged_s += assessment.time_s - self._judged_at_s
        self._judged_at_s = assessment.time_s if assessment.phase.is_judged else None
        for state in assessment.flags:
            if assessment.phase.is_judged and state.reason is not None:
                self._reasons[state.name][state.reason] += 1
                if state.reason is NotChecked.TOO_CLOSE:
                    self._in_doubt[state.name].append(assessment.time_s)
            self._follow(state, assessment.time_s)
        self._follow_stacking(assessment)

    @property
    def periods(self) -> tuple[FlagPeriod, ...]:
        """All periods so far in order of their start, those that go on included."""
        return tuple(sorted([*self._closed, *self._open.values()], key=lambda one: (one.start_s, one.flag)))

    @property
    def stacked(self) -> tuple[tuple[float, float], ...]:
        """From when to when warnings counted as strong because they came together, in seconds."""
        return tuple(self._stacked)

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """Flags that could not be judged in more than a tenth of the judged frames; all of them without a stretch.

        In a stretch shorter than `SHORTEST_JUDGED_S` nothing that was not raised counts as checked.
        """
        if self._judged_frames == 0:
            return tuple(Unchecked(rule.name, NotChecked.NOT_STRETCHING, 1.0) for rule in self._profile.flags)
        if self._judged_s < self._shortest_s:
            raised = {period.flag for period in self.periods}
            return tuple(
                Unchecked(rule.name, NotChecked.TOO_SHORT if rule.is_judged else NotChecked.NOT_JUDGED, 1.0)
                for rule in self._profile.flags
                if rule.name not in raised
            )
        found = []
        for name, reasons in self._reasons.items():
            share = reasons.total() / self._judged_frames
            if share > NAMED_SHARE:
                in_doubt = reasons[NotChecked.TOO_CLOSE] / self._judged_frames
                found.append(Unchecked(name, reasons.most_common(1)[0][0], share, in_doubt))
        return tuple(found)

    def _break_off(self, time_s: float) -> None:
        """End everything with the last frame before a gap that is over now."""
        for period in self._open.values():
            self._close(period, period.end_s)
        self._open.clear()
        self._judged_at_s, self._was_stacked, self._resumed_s = None, False, time_s

    def _follow(self, state: FlagState, time_s: float) -> None:
        history = self._history[state.name]
        if np.isfinite(state.reading.value_deg):
            history.append((time_s, state.reading.value_deg))
        while history and history[0][0] < time_s - _HISTORY_S:
            history.popleft()
        period = self._open.get(state.name)
        if period is not None and state.severity is period.severity:
            self._open[state.name] = self._extended(period, time_s)
            return
        began_s = max(state.since_s, self._resumed_s) if np.isfinite(state.since_s) else time_s
        if period is not None:
            del self._open[state.name]
            self._close(period, began_s if state.severity is not Severity.NOT_CHECKED else time_s)
        if state.severity.is_raised:
            self._settle_doubt(state.name, began_s)
            fresh = FlagPeriod(state.name, state.severity, began_s, time_s, float("nan"))
            self._open[state.name] = self._extended(fresh, time_s)

    def _settle_doubt(self, name: str, since_s: float) -> None:
        """Take back the doubt of the dwell time: what was raised in the end was checked from its onset on."""
        doubts = self._in_doubt[name]
        self._reasons[name][NotChecked.TOO_CLOSE] -= sum(time_s >= since_s for time_s in doubts)
        del doubts[:]

    def _follow_stacking(self, assessment: Assessment) -> None:
        if assessment.stacked and self._was_stacked:
            self._stacked[-1] = (self._stacked[-1][0], assessment.time_s)
        elif assessment.stacked:
            self._stacked.append((assessment.time_s, assessment.time_s))
        self._was_stacked = assessment.stacked

    def _close(self, period: FlagPeriod, end_s: float) -> None:
        if end_s - period.start_s < SHORTEST_PERIOD_S:
            # On its way from strong to good a flag passes through warn: that moment is part of what came before.
            for index, one in enumerate(self._closed):
                if one.flag == period.flag and one.end_s == period.start_s:
                    self._closed[index] = replace(one, end_s=max(end_s, one.end_s))
        else:
            self._closed.append(replace(period, end_s=end_s))

    def _extended(self, period: FlagPeriod, end_s: float) -> FlagPeriod:
        sign = self._profile.flag(period.flag).sign
        values = [value for time_s, value in self._history[period.flag] if period.start_s <= time_s <= end_s]
        values += [period.peak_deg] if np.isfinite(period.peak_deg) else []
        peak = sign * max((sign * value for value in values), default=float("nan"))
        return replace(period, end_s=end_s, peak_deg=peak)
