"""How well flags are raised: faults in truth against what the program flagged, for each flag and severity.

A fault begins where the true angle passes the threshold's ``on`` and is over where it is back within ``off``, as for
the flag itself. It has to be found when it stays beyond ``on`` for `LASTING_S`; a shorter one may pass as a wobble. A
fault that was said to be "not checked" for half of its time or more (out of sight, too uncertain, too close to tell) is
counted apart: it is neither found nor silently missed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from formcoach.stretch.profile import Threshold
from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from formcoach.stretch.events import FlagPeriod
    from formcoach.stretch.profile import FlagRule

# A fault that lasts this long in truth has to be found.
LASTING_S = 1.0
# Faults this far beyond the strong threshold are severe: the ones that must not be missed.
SEVERE_DEG = 5.0
# An alarm is far from any fault when the truth stayed this far on the good side of the threshold.
MARGIN_DEG = 4.0
# An alarm that ends or begins this close to a true crossing of the threshold belongs to it: smoothing moves edges.
TOLERANCE_S = 0.5
# A flag has to be cleared where the truth stays good for this long.
PATIENCE_S = 2.0
# Said to be "not checked" in this share of the frames or more.
MOSTLY = 0.5

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class FlagTrace:
    """One flag in one clip: what was true, and what the program said.

    Attributes
    ----------
    time_s, true_deg : ndarray, shape (n,)
        Seconds; the true angle in degrees.
    counted : ndarray of bool, shape (n,)
        Where a fault has to be found: in the stretch, and where the flag applies in truth.
    severity : ndarray of int, shape (n,)
        What the program showed in each frame, values of `Severity`.
    periods : tuple of FlagPeriod
        What it wrote down of this flag.
    causal : bool
        Whether the person heard of it when it was shown; otherwise the periods tell when it was.
    good_form : bool
        Whether the truth passes no threshold of any flag in this clip.
    """

    time_s: NDArray[np.float64]
    true_deg: NDArray[np.float64]
    counted: NDArray[np.bool_]
    severity: NDArray[np.integer]
    periods: tuple[FlagPeriod, ...]
    causal: bool
    good_form: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in truth.

    Attributes
    ----------
    start_s, end_s : float
        From passing ``on`` to being back within ``off``, or to the end of what counts.
    lasting : bool
        Whether it stayed beyond ``on`` long enough to have to be found.
    good_until_s : float
        Until when the truth stays good afterwards; NaN where it never came back within ``off``.
    """

    start_s: float
    end_s: float
    lasting: bool
    good_until_s: float


@dataclass(frozen=True, slots=True)
class FlagScore:
    """Counts and delays of one flag and severity; scores of several clips add up.

    Attributes
    ----------
    found, missed, unchecked : int
        Lasting faults: true positives; false negatives; those of which the program said that it could not tell.
    severe_found, severe_missed, severe_unchecked : int
        The same for severe faults, those that stay `SEVERE_DEG` or more beyond the strong threshold.
    right_alarms, false_alarms, far_alarms : int
        Flagged periods in which the truth passed the threshold, in which it did not (false positives), and of the
        latter those in which it did not come within `MARGIN_DEG` of it.
    quiet, quiet_unchecked : int
        Clips (or pictures) without fault and without alarm: checked (true negatives); not checked.
    good_form, good_form_alarms : int
        Clips in which the truth passes no threshold of any flag, and the alarms of this flag in them.
    raise_delays_s, clear_delays_s : tuple of float
        Of every found fault; infinite where a flag stayed up for `PATIENCE_S` of good form and more.
    """

    found: int = 0
    missed: int = 0
    unchecked: int = 0
    severe_found: int = 0
    severe_missed: int = 0
    severe_unchecked: int = 0
    right_alarms: int = 0
    false_alarms: int = 0
    far_alarms: int = 0
    quiet: int = 0
    quiet_unchecked: int = 0
    good_form: int = 0
    good_form_alarms: int = 0
    raise_delays_s: tuple[float, ...] = ()
    clear_delays_s: tuple[float, ...] = ()

    def __add__(self, other: FlagScore) -> FlagScore:
        return FlagScore(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def faults(self) -> int:
        """All lasting faults."""
        return self.found + self.missed + self.unchecked

    @property
    def precision(self) -> float:
        """Share of the alarms that were right; NaN without alarms."""
        return _share(self.right_alarms, self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of the checked faults that were found; NaN without any."""
        return _share(self.found, self.missed)

    @property
    def severe_recall(self) -> float:
        """Share of the checked severe faults that were found; NaN without any."""
        return _share(self.severe_found, self.severe_missed)

    @property
    def was_checked(self) -> bool:
        """Whether anything at all was said of this flag."""
        return bool(self.found + self.missed + self.right_alarms + self.false_alarms + self.quiet)


def score_clip(trace: FlagTrace, rule: FlagRule, severity: Severity) -> FlagScore:
    """Score one flag in one clip, at one severity or worse."""
    threshold = rule.thresholds[severity]
    raised = find_raised(trace.periods, severity)
    announced = find_shown(trace, severity) if trace.causal else raised
    faults = [fault for fault in find_faults(trace, threshold, rule.sign) if fault.lasting]
    outcomes = [_judge_fault(fault, trace, raised) for fault in faults]
    severe = [
        _judge_fault(fault, trace, raised)
        for fault in find_faults(trace, _severe_threshold(rule), rule.sign)
        if fault.lasting
    ]
    far_on = threshold.on - rule.sign * MARGIN_DEG
    right = sum(_is_reached(trace, one, threshold.on, rule.sign) for one in raised)
    near = sum(_is_reached(trace, one, far_on, rule.sign) for one in raised)
    quiet = not raised and not (_beyond(trace, threshold.on, rule.sign) & trace.counted).any()
    checked = _share_unchecked(trace, trace.counted) < MOSTLY
    found = [fault for fault, outcome in zip(faults, outcomes, strict=True) if outcome == "found"]
    return FlagScore(
        *(outcomes.count(name) for name in ("found", "missed", "unchecked")),
        *(severe.count(name) for name in ("found", "missed", "unchecked")),
        right_alarms=right,
        false_alarms=len(raised) - right,
        far_alarms=len(raised) - near,
        quiet=int(quiet and checked),
        quiet_unchecked=int(quiet and not checked),
        good_form=int(trace.good_form),
        good_form_alarms=len(raised) if trace.good_form else 0,
        raise_delays_s=tuple(_raise_delay_s(fault, announced) for fault in found),
        clear_delays_s=tuple(one for fault in found for one in _clear_delay_s(fault, announced)),
    )


def score_pictures(
    true_deg: NDArray[np.float64],
    shown: NDArray[np.integer],
    good_form: NDArray[np.bool_],
    rule: FlagRule,
    severity: Severity,
) -> FlagScore:
    """Score one flag in pictures, at one severity or worse: every picture is a fault or none.

    Parameters
    ----------
    true_deg, shown, good_form : shape (n,)
        True angle, severity that was shown, and whether the picture shows good form in everything.
    """
    threshold = rule.thresholds[severity]
    beyond = rule.sign * true_deg >= rule.sign * threshold.on
    severe = rule.sign * true_deg >= rule.sign * _severe_threshold(rule).on
    far = rule.sign * true_deg < rule.sign * threshold.on - MARGIN_DEG
    raised, checked = shown >= severity, shown != Severity.NOT_CHECKED
    outcomes = (raised, ~raised & checked, ~checked)
    return FlagScore(
        *(int((beyond & one).sum()) for one in outcomes),
        *(int((severe & one).sum()) for one in outcomes),
        right_alarms=int((beyond & raised).sum()),
        false_alarms=int((~beyond & raised).sum()),
        far_alarms=int((far & raised).sum()),
        quiet=int((~beyond & ~raised & checked).sum()),
        quiet_unchecked=int((~beyond & ~checked).sum()),
        good_form=int(good_form.sum()),
        good_form_alarms=int((good_form & raised).sum()),
    )


def add_scores(scores: Iterable[FlagScore]) -> FlagScore:
    """Add the scores of several clips."""
    return sum(scores, FlagScore())


def find_faults(trace: FlagTrace, threshold: Threshold, sign: float) -> list[Fault]:
    """Return the faults in truth, in order, lasting or not."""
    beyond = _beyond(trace, threshold.on, sign) & trace.counted
    within = sign * trace.true_deg <= sign * threshold.off
    found = []
    start = None
    for row in range(len(beyond)):
        if start is None and beyond[row]:
            start = row
        if start is not None and (within[row] or not trace.counted[row]):
            found.append((start, row, bool(trace.counted[row])))
            start = None
    if start is not None:
        found.append((start, len(beyond) - 1, False))
    return [
        Fault(
            start_s=float(trace.time_s[start]),
            end_s=float(trace.time_s[end]),
            lasting=_longest_s(trace.time_s[start : end + 1], beyond[start : end + 1]) >= LASTING_S,
            good_until_s=_good_until_s(trace, beyond, end) if over else float("nan"),
        )
        for start, end, over in found
    ]


def find_raised(periods: Iterable[FlagPeriod], severity: Severity) -> list[Interval]:
    """Return from when to when a flag stood at a severity or worse, from the periods of that flag in the log."""
    joined: list[Interval] = []
    for period in sorted(periods, key=lambda one: one.start_s):
        if period.severity < severity:
            continue
        if joined and period.start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], period.end_s))
        else:
            joined.append((period.start_s, period.end_s))
    return joined


def find_shown(trace: FlagTrace, severity: Severity) -> list[Interval]:
    """Return from when to when a flag was shown at a severity or worse."""
    shown = (trace.severity >= severity).astype(int)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown, [0]]))).reshape(-1, 2)
    last = len(trace.time_s) - 1
    return [(float(trace.time_s[start]), float(trace.time_s[min(end, last)])) for start, end in edges]


def passes_no_threshold(
    rules: Iterable[FlagRule], true_deg: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell in which frames no flag from warn upwards is due in truth; True where nothing counts.

    Parameters
    ----------
    rules
        The flags.
    true_deg : shape (n, 13)
        One column an angle.
    counted : shape (n,)
        Where faults count.
    """
    good = np.ones(len(counted), dtype=bool)
    for rule in rules:
        if Severity.WARN in rule.thresholds:
            good &= rule.sign * true_deg[:, rule.angle.column] < rule.sign * rule.thresholds[Severity.WARN].on
    return good | ~counted


def _severe_threshold(rule: FlagRule) -> Threshold:
    on = rule.thresholds[Severity.STRONG].on + rule.sign * SEVERE_DEG
    return Threshold(on=on, off=on, source="severe")


def _judge_fault(fault: Fault, trace: FlagTrace, raised: list[Interval]) -> str:
    if any(start < fault.end_s and end > fault.start_s for start, end in raised):
        return "found"
    during = (trace.time_s >= fault.start_s) & (trace.time_s <= fault.end_s)
    return "unchecked" if _share_unchecked(trace, during) >= MOSTLY else "missed"


def _share_unchecked(trace: FlagTrace, rows: NDArray[np.bool_]) -> float:
    return float((trace.severity[rows] == Severity.NOT_CHECKED).mean()) if rows.any() else 1.0


def _beyond(trace: FlagTrace, limit: float, sign: float) -> NDArray[np.bool_]:
    return np.asarray(sign * trace.true_deg >= sign * limit)


def _is_reached(trace: FlagTrace, interval: Interval, limit: float, sign: float) -> bool:
    """Tell whether the truth passes a limit in an interval or next to it."""
    rows = (trace.time_s >= interval[0] - TOLERANCE_S) & (trace.time_s <= interval[1] + TOLERANCE_S)
    return bool(_beyond(trace, limit, sign)[rows].any())


def _raise_delay_s(fault: Fault, announced: list[Interval]) -> float:
    """Return how long after its onset a fault was told of; 0 where the flag was up already."""
    told = (max(start - fault.start_s, 0.0) for start, end in announced if end > fault.start_s)
    return next(told, float("inf"))


def _clear_delay_s(fault: Fault, announced: list[Interval]) -> list[float]:
    """Return how long after its end a flag stood; nothing where that cannot be told."""
    if np.isnan(fault.good_until_s):
        return []
    ends = [end for start, end in announced if start < fault.end_s and end > fault.start_s]
    stood_s = max(max(ends, default=fault.end_s) - fault.end_s, 0.0)
    good_s = fault.good_until_s - fault.end_s
    if stood_s < good_s:
        return [stood_s]
    return [float("inf")] if good_s >= PATIENCE_S else []


def _longest_s(time_s: NDArray[np.float64], condition: NDArray[np.bool_]) -> float:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], condition.astype(int), [0]]))).reshape(-1, 2)
    return max((float(time_s[end - 1] - time_s[start]) for start, end in edges), default=0.0)


def _good_until_s(trace: FlagTrace, beyond: NDArray[np.bool_], end: int) -> float:
    """Return when the truth passes the threshold again after a row, or when what counts ends."""
    over = np.flatnonzero(beyond[end:] | ~trace.counted[end:])
    return float(trace.time_s[end + over[0]]) if over.size else float(trace.time_s[-1])


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else float("nan")
