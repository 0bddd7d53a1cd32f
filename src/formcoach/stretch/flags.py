"""One flag over time: hysteresis, dwell times and "not checked"."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from formcoach.angles import Status
from formcoach.stretch.types import FlagState, NotChecked, Severity

if TYPE_CHECKING:
    from formcoach.angles import Reading, Readings
    from formcoach.stretch.profile import FlagRule, TimingRule

_REASONS = {
    Status.LOW_VISIBILITY: NotChecked.LOW_VISIBILITY,
    Status.OUT_OF_VIEW: NotChecked.OUT_OF_VIEW,
    Status.WRONG_VIEW: NotChecked.WRONG_VIEW,
    Status.DEGENERATE: NotChecked.DEGENERATE,
}


def why_not_checked(rule: FlagRule, readings: Readings) -> NotChecked | None:
    """Return why a flag cannot be judged from the readings of one frame, or None when it can.

    Parameters
    ----------
    rule
        The flag.
    readings
        Of a single frame.
    """
    if not rule.is_judged:
        return NotChecked.NOT_JUDGED
    reading = readings.reading(rule.angle)
    if not reading.is_known:
        return _REASONS.get(reading.status, NotChecked.DEGENERATE)
    if reading.sigma_deg > rule.maximum_sigma_deg.value:
        return NotChecked.TOO_UNCERTAIN
    if rule.only_when is not None:
        condition = readings.reading(rule.only_when.angle)
        if not condition.is_known:
            return _REASONS.get(condition.status, NotChecked.DEGENERATE)
    return None


def judge_once(rule: FlagRule, readings: Readings) -> tuple[Severity, NotChecked | None]:
    """Judge a flag from one frame alone, without dwell or memory: for photos.

    Returns
    -------
    severity : Severity
        Raised only where the whole ±1 σ band lies beyond a threshold, good only where the value lies within `off`.
    reason : NotChecked or None
        Why it was not checked.
    """
    reason = why_not_checked(rule, readings)
    if reason is not None:
        return Severity.NOT_CHECKED, reason
    if not applies(rule, readings):
        return Severity.NOT_CHECKED, NotChecked.NOT_APPLICABLE
    reading = readings.reading(rule.angle)
    severity = _certain_severity(rule, reading.value_deg, reading.sigma_deg)
    if severity is Severity.GOOD and rule.sign * reading.value_deg > rule.sign * rule.first_threshold.off:
        return Severity.NOT_CHECKED, NotChecked.TOO_CLOSE
    return severity, None


def as_seen(rule: FlagRule, state: FlagState, readings: Readings) -> FlagState:
    """Return how a flag is shown in a frame: where that frame cannot be judged, as not checked unless it is raised.

    A raised flag stands through a short gap; nothing else is known of a frame in which nothing was seen.

    Parameters
    ----------
    rule
        The flag.
    state
        How it stands in a frame of a hold.
    readings
        Of that frame.
    """
    reason = None if state.severity.is_raised else why_not_checked(rule, readings)
    return state if reason is None else replace(state, severity=Severity.NOT_CHECKED, reason=reason)


class FlagTracker:
    """Follows one flag through the frames of a hold.

    A severity is raised when the whole ±1 σ band of the median of the last half second has stayed beyond its
    threshold for its dwell time. It comes down when the value has stayed within `off` for the clear time. What stood
    is remembered through short gaps without a reading (`as_seen` tells what of that is shown); in longer ones the flag
    is "not checked". So it is while the value lies beyond the first threshold and nothing is raised (the band straddles
    it, or the dwell time is not over), until it is within `off` again.

    Parameters
    ----------
    rule
        The flag.
    timing
        Dwell times.
    """

    def __init__(self, rule: FlagRule, timing: TimingRule) -> None:
        self._rule = rule
        self._timing = timing
        self._dwell = {
            Severity.TIP: timing.tip_dwell_s.value,
            Severity.WARN: timing.warn_dwell_s.value,
            Severity.STRONG: timing.strong_dwell_s.value,
        }
        self.reset()

    def reset(self) -> None:
        """Forget everything: the leg came down, or another one goes up."""
        self._recent: deque[tuple[float, float]] = deque()
        self._severity = Severity.NOT_CHECKED
        self._since_s = float("nan")
        self._doubtful = self._was_raised = False
        self._reason: NotChecked | None = NotChecked.NOT_STRETCHING
        self._beyond_since: dict[Severity, float] = {}
        self._within_since: dict[Severity, float] = {}
        self._unseen_since: float | None = None

    def step(self, time_s: float, readings: Readings) -> FlagState:
        """Take the readings of one frame and return how the flag stands.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        readings
            Of a single frame.
        """
        reason = why_not_checked(self._rule, readings)
        reading = readings.reading(self._rule.angle)
        if reason is None:
            self._see(time_s, reading, applies=applies(self._rule, readings))
        else:
            self._miss(time_s, reason)
        shown = Severity.NOT_CHECKED if self._reason is not None else self._severity
        return FlagState(self._rule.name, shown, reading, self._reason, self._since_s)

    def _miss(self, time_s: float, reason: NotChecked) -> None:
        if self._unseen_since is None:
            self._unseen_since = time_s
        waited = time_s - self._unseen_since >= self._timing.unseen_after_s.value
        if waited or self._severity is Severity.NOT_CHECKED:
            was_raised = self._severity.is_raised or self._was_raised
            doubtful = was_raised or self._doubtful
            self.reset()
            self._doubtful, self._was_raised = doubtful, was_raised
            self._unseen_since = time_s
            self._reason = reason

    def _see(self, time_s: float, reading: Reading, *, applies: bool) -> None:
        self._unseen_since = None
        if self._severity is Severity.NOT_CHECKED:
            self._severity = Severity.GOOD
        self._recent.append((time_s, reading.value_deg))
        while self._recent[0][0] < time_s - self._timing.median_s.value:
            self._recent.popleft()
        value = median(one for _, one in self._recent)
        for severity in self._rule.thresholds:
            self._update_dwell(severity, time_s, value, reading.sigma_deg, applies=applies)
        self._raise(time_s)
        self._lower(time_s)
        self._reason = self._doubt(time_s, value, applies=applies)

    def _doubt(self, time_s: float, value: float, *, applies: bool) -> NotChecked | None:
        """Return why what is not raised is not good either.

        What was raised before a gap is good as late as it would have been without one.
        """
        threshold = self._rule.first_threshold
        sign = self._rule.sign
        if sign * value >= sign * threshold.on:
            self._doubtful = True
        elif sign * value <= sign * threshold.off and (not self._was_raised or self._has_cleared(time_s)):
            self._doubtful = self._was_raised = False
        if self._severity.is_raised:
            return None
        if not applies:
            return NotChecked.NOT_APPLICABLE
        return NotChecked.TOO_CLOSE if self._doubtful else None

    def _update_dwell(self, severity: Severity, time_s: float, value: float, sigma: float, *, applies: bool) -> None:
        threshold = self._rule.thresholds[severity]
        sign = self._rule.sign
        beyond = applies and sign * value - sigma >= sign * threshold.on
        within = not applies or sign * value <= sign * threshold.off
        _remember(self._beyond_since, severity, time_s, holds=beyond)
        _remember(self._within_since, severity, time_s, holds=within)

    def _raise(self, time_s: float) -> None:
        for severity in sorted(self._beyond_since):
            since = self._beyond_since[severity]
            if severity > self._severity and time_s - since >= self._dwell[severity]:
                self._severity, self._since_s = severity, since

    def _lower(self, time_s: float) -> None:
        while self._severity.is_raised and self._is_over(self._severity, time_s):
            lower = [one for one in self._rule.thresholds if one < self._severity]
            since = self._within_since[self._severity]
            self._severity = max(lower, default=Severity.GOOD)
            self._since_s = since

    def _has_cleared(self, time_s: float) -> bool:
        return self._is_over(min(self._rule.thresholds), time_s)

    def _is_over(self, severity: Severity, time_s: float) -> bool:
        since = self._within_since.get(severity)
        return since is not None and time_s - since >= self._timing.clear_dwell_s.value


def applies(rule: FlagRule, readings: Readings) -> bool:
    """Tell whether the posture is there that a flag hangs on; always for a flag that hangs on none."""
    if rule.only_when is None:
        return True
    return readings.reading(rule.only_when.angle).value_deg >= rule.only_when.at_least


def _certain_severity(rule: FlagRule, value: float, sigma: float) -> Severity:
    reached = [
        severity
        for severity, threshold in rule.thresholds.items()
        if rule.sign * value - sigma >= rule.sign * threshold.on
    ]
    return max(reached, default=Severity.GOOD)


def _remember(since: dict[Severity, float], severity: Severity, time_s: float, *, holds: bool) -> None:
    if holds:
        since.setdefault(severity, time_s)
    else:
        since.pop(severity, None)
