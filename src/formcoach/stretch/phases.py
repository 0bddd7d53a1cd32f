"""Where in the exercise the person is, and the clock that runs while they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.stretch.types import Phase, Severity

if TYPE_CHECKING:
    from formcoach.pose.landmarks import Side
    from formcoach.stretch.profile import HoldRule


@dataclass(frozen=True, slots=True)
class Moment:
    """What the phases depend on, in one frame.

    Attributes
    ----------
    time_s : float
        Seconds, strictly increasing.
    person_seen : bool
        Whether somebody was found.
    upright : bool
        Standing on both feet, whole body in view.
    taking_baseline : bool
        A baseline is being taken.
    leg : Side or None
        The raised leg.
    leg_raised : bool
        Whether it is up.
    knee_bent : bool
        Whether it is still bent as on the way up.
    hold_allowed : bool
        Whether a hold may begin or go on.
    """

    time_s: float
    person_seen: bool
    upright: bool
    taking_baseline: bool
    leg: Side | None
    leg_raised: bool
    knee_bent: bool
    hold_allowed: bool = True


class PhaseMachine:
    """Framing, baseline, ready, leg up, hold, paused, released, lost.

    A hold begins when the leg has been up, no longer bent, for the settle time, and ends when the knee bends to come
    down. Where no hold is allowed the leg stays up without one, settling all the while, and one that goes on ends.
    Whether it is paused is not known here: that hangs on the flags, which are judged only in a hold.

    Parameters
    ----------
    rule
        Times and limits of the hold.
    """

    def __init__(self, rule: HoldRule) -> None:
        self._rule = rule
        self._phase = Phase.FRAMING
        self._seen_s: float | None = None
        self._settling_since: float | None = None
        self._before_lost = Phase.FRAMING

    def step(self, moment: Moment) -> Phase:
        """Take one frame and return its phase, ``HOLD`` also for what the flags make ``PAUSED``."""
        if not moment.person_seen:
            return self._lose(moment.time_s)
        self._seen_s = moment.time_s
        if self._phase is Phase.LOST:
            self._phase = self._before_lost
        self._phase = self._up(moment) if moment.leg_raised else self._down(moment)
        return self._phase

    def _lose(self, time_s: float) -> Phase:
        if self._phase in (Phase.LOST, Phase.FRAMING) or self._seen_s is None:
            return self._phase
        if time_s - self._seen_s >= self._rule.lost_after_s.value:
            self._before_lost, self._phase = self._phase, Phase.LOST
        return self._phase

    def _up(self, moment: Moment) -> Phase:
        if moment.knee_bent:
            self._settling_since = None
            return self._up_without_hold()
        if self._phase is Phase.HOLD and moment.hold_allowed:
            return Phase.HOLD
        if self._settling_since is None:
            self._settling_since = moment.time_s
        if not moment.hold_allowed:
            return self._up_without_hold()
        settled = moment.time_s - self._settling_since >= self._rule.settle_s.value
        return Phase.HOLD if settled else Phase.LEG_UP

    def _up_without_hold(self) -> Phase:
        return Phase.RELEASED if self._phase in (Phase.HOLD, Phase.RELEASED) else Phase.LEG_UP

    def _down(self, moment: Moment) -> Phase:
        self._settling_since = None
        if moment.taking_baseline:
            return Phase.BASELINE
        if self._phase in (Phase.HOLD, Phase.RELEASED):
            return Phase.RELEASED
        if self._phase in (Phase.BASELINE, Phase.READY, Phase.LEG_UP) or moment.upright:
            return Phase.READY
        return Phase.FRAMING


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold, from settled leg to release.

    Attributes
    ----------
    leg : Side or None
        The raised leg.
    start_s, end_s : float
        From the first held frame to the last.
    counted_s : float
        Seconds that the clock ran: something was checked, and nothing was strong.
    good_s : float
        Seconds in good form (`formcoach.stretch.form.is_good_form`).
    """

    leg: Side | None
    start_s: float
    end_s: float
    counted_s: float
    good_s: float


class HoldClock:
    """Counts held seconds: runs in good and warn form, stands still in strong, lost and where nothing can be checked.

    Nothing can be where the raised leg is not seen, either.

    Time between two frames counts when both are held; a gap longer than `maximum_gap_s` never counts.

    Parameters
    ----------
    maximum_gap_s
        The longest time between two frames that still counts as seen.
    """

    def __init__(self, maximum_gap_s: float) -> None:
        self._maximum_gap_s = maximum_gap_s
        self._hold: Hold | None = None
        self._last: tuple[float, Phase, Severity] | None = None
        self.finished: list[Hold] = []

    @property
    def counted_s(self) -> float:
        """Seconds counted in the hold that goes on; 0 without one."""
        return self._hold.counted_s if self._hold else 0.0

    @property
    def current(self) -> Hold | None:
        """The hold that goes on."""
        return self._hold

    def step(self, time_s: float, phase: Phase, severity: Severity, leg: Side | None, *, good: bool) -> None:
        """Take one frame.

        Parameters
        ----------
        time_s
            Seconds, strictly increasing.
        phase
            Of this frame.
        severity
            The most urgent of all flags; ``NOT_CHECKED`` where nothing can be checked.
        leg
            The raised leg.
        good
            Whether this is good form.
        """
        if phase.is_judged:
            self._count(time_s, phase, severity, leg, good=good)
        elif phase is not Phase.LOST:
            self.finish()
        self._last = (time_s, phase, severity)

    def finish(self) -> None:
        """End the hold that goes on, if there is one."""
        if self._hold is not None:
            self.finished.append(self._hold)
            self._hold = None

    def _count(self, time_s: float, phase: Phase, severity: Severity, leg: Side | None, *, good: bool) -> None:
        if self._hold is None:
            self._hold = Hold(leg, time_s, time_s, 0.0, 0.0)
            return
        counted = 0.0
        if self._last is not None and self._last[1] is Phase.HOLD and phase is Phase.HOLD:
            step = time_s - self._last[0]
            # Form that nobody could check is neither good nor bad: it does not count.
            if step <= self._maximum_gap_s and severity is not Severity.NOT_CHECKED:
                counted = step
        hold = self._hold
        good_s = hold.good_s + (counted if good else 0.0)
        self._hold = Hold(hold.leg, hold.start_s, time_s, hold.counted_s + counted, good_s)
