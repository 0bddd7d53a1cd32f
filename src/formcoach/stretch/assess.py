"""The exercise as a whole: readings in, assessment out. Pure and deterministic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.angles import Angle
from formcoach.stretch.cues import Cue, CueChooser
from formcoach.stretch.flags import FlagTracker, as_seen, judge_once
from formcoach.stretch.form import is_good_form
from formcoach.stretch.phases import Hold, HoldClock, Moment, PhaseMachine
from formcoach.stretch.types import FlagState, NotChecked, Phase, Severity

if TYPE_CHECKING:
    from formcoach.angles import Readings
    from formcoach.pose.landmarks import Side
    from formcoach.stretch.profile import Profile

RAISED_LEG_ANGLES = (Angle.KNEE_FLEXION, Angle.ANKLE_DORSIFLEXION, Angle.HIP_FLEXION, Angle.HIP_ADDUCTION)


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What the exercise sees of one frame.

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
        The raised leg; None before one was raised.
    leg_raised : bool
        Whether it is up now.
    readings : Readings
        All angles, of a single frame.
    hold_allowed : bool
        Whether a raised leg may begin or go on with a hold.
    """

    time_s: float
    person_seen: bool
    upright: bool
    taking_baseline: bool
    leg: Side | None
    leg_raised: bool
    readings: Readings
    hold_allowed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """How the stretch stands at one moment.

    Attributes
    ----------
    time_s : float
        Seconds.
    phase : Phase
        Where in the exercise.
    leg : Side or None
        The raised leg.
    flags : tuple of FlagState
        Every flag of the profile, in its order.
    severity : Severity
        All flags together: the most urgent one; several warnings at once count as strong (stacking).
    stacked : bool
        Whether `severity` is strong by stacking alone.
    is_seen : bool
        Whether anything is checked, anything of the raised leg measured, and nothing out of sight that was strong when
        it was last seen: otherwise the clock stands still.
    good_form : bool
        Whether what strains the nerve was looked at and not found (`is_good_form`).
    counted_s : float
        Seconds counted in this hold.
    target_s : float
        Seconds to be counted.
    cue : Cue or None
        What is to be said at this moment.
    """

    time_s: float
    phase: Phase
    leg: Side | None
    flags: tuple[FlagState, ...]
    severity: Severity
    stacked: bool
    is_seen: bool
    good_form: bool
    counted_s: float
    target_s: float
    cue: Cue | None


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """One frame with its flags, before anything follows from them.

    Attributes
    ----------
    observation : Observation
        What was seen.
    phase : Phase
        Where in the exercise; ``HOLD`` also where the flags will make it ``PAUSED``.
    flags : tuple of FlagState
        Every flag of the profile, in its order.
    """

    observation: Observation
    phase: Phase
    flags: tuple[FlagState, ...]


class Assessor:
    """Assesses a stretch frame by frame: `judge` raises the flags, `conclude` says what follows, `step` does both.

    Parameters
    ----------
    profile
        The exercise.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._phases = PhaseMachine(profile.hold)
        self._clock = HoldClock(profile.hold.lost_after_s.value)
        self._trackers = tuple(FlagTracker(rule, profile.timing) for rule in profile.flags)
        self._cues = CueChooser(profile)
        self._last_strong: frozenset[str] = frozenset()
        self._was_judged = False

    @property
    def holds(self) -> tuple[Hold, ...]:
        """All holds so far, the one that goes on included."""
        current = self._clock.current
        return (*self._clock.finished, *((current,) if current else ()))

    def step(self, observation: Observation) -> Assessment:
        """Take one frame and return how the stretch stands."""
        return self.conclude(self.judge(observation))

    def judge(self, observation: Observation) -> Judgement:
        """Take one frame and return its flags."""
        phase = self._phases.step(self._moment(observation))
        return Judgement(observation, phase, self._judge(observation, phase))

    def conclude(self, judgement: Judgement) -> Assessment:
        """Take the flags of one frame, in order of time, and return what follows from them: clock and cues too."""
        observation, phase, flags = judgement.observation, judgement.phase, judgement.flags
        if phase.is_judged:
            rules = self._profile.flags
            flags = tuple(as_seen(*pair, observation.readings) for pair in zip(rules, flags, strict=True))
        severity, stacked = combine(flags, self._profile)
        if phase is Phase.HOLD and severity is Severity.STRONG:
            phase = Phase.PAUSED
        good = is_good_form(flags, self._profile)
        seen = severity is not Severity.NOT_CHECKED and _is_leg_seen(observation.readings)
        seen &= not self._follow_strong(phase, flags)
        counted = severity if seen else Severity.NOT_CHECKED
        self._clock.step(observation.time_s, phase, counted, observation.leg, good=good)
        return Assessment(
            time_s=observation.time_s,
            phase=phase,
            leg=observation.leg,
            flags=flags,
            severity=severity,
            stacked=stacked,
            is_seen=seen,
            good_form=good,
            counted_s=self._clock.counted_s,
            target_s=self._profile.hold.target_s.value,
            cue=self._choose_cue(observation.time_s, phase, flags, stacked=stacked),
        )

    def _follow_strong(self, phase: Phase, flags: tuple[FlagState, ...]) -> bool:
        """Remember what was strong when it was last seen in this hold; tell whether any of it is out of sight."""
        if not phase.is_judged:
            self._last_strong = frozenset()
            return False
        hidden = {
            state.name
            for state in flags
            if state.severity is Severity.NOT_CHECKED and state.reason is not NotChecked.TOO_CLOSE
        }
        strong = {state.name for state in flags if state.severity is Severity.STRONG}
        self._last_strong = frozenset(strong | self._last_strong & hidden)
        return bool(self._last_strong & hidden)

    def _choose_cue(self, time_s: float, phase: Phase, flags: tuple[FlagState, ...], *, stacked: bool) -> Cue | None:
        if phase.is_judged:
            self._was_judged = True
            return self._cues.step(time_s, flags, stacked=stacked)
        if self._was_judged and phase is not Phase.LOST:
            self._was_judged = False
            self._cues.reset()
        return None

    def _moment(self, observation: Observation) -> Moment:
        knee = observation.readings.reading(Angle.KNEE_FLEXION).value_deg
        return Moment(
            time_s=observation.time_s,
            person_seen=observation.person_seen,
            upright=observation.upright,
            taking_baseline=observation.taking_baseline,
            leg=observation.leg,
            leg_raised=observation.leg_raised,
            knee_bent=bool(knee > self._profile.hold.bent_knee_limit.value),
            hold_allowed=observation.hold_allowed,
        )

    def _judge(self, observation: Observation, phase: Phase) -> tuple[FlagState, ...]:
        if phase.is_judged:
            return tuple(tracker.step(observation.time_s, observation.readings) for tracker in self._trackers)
        for tracker in self._trackers:
            tracker.reset()
        return _unjudged(self._profile, observation.readings)


def assess_still(profile: Profile, observation: Observation) -> Assessment:
    """Assess a photo: one frame, without dwell times, clock or memory.

    Parameters
    ----------
    profile
        The exercise.
    observation
        The only frame.
    """
    phase = _still_phase(observation)
    if phase.is_judged:
        flags = tuple(_still_flag(rule.name, profile, observation.readings) for rule in profile.flags)
    else:
        flags = _unjudged(profile, observation.readings)
    severity, stacked = combine(flags, profile)
    if severity is Severity.STRONG:
        phase = Phase.PAUSED
    return Assessment(
        time_s=observation.time_s,
        phase=phase,
        leg=observation.leg,
        flags=flags,
        severity=severity,
        stacked=stacked,
        is_seen=severity is not Severity.NOT_CHECKED,
        good_form=is_good_form(flags, profile),
        counted_s=0.0,
        target_s=profile.hold.target_s.value,
        cue=CueChooser(profile).step(observation.time_s, flags),
    )


def combine(flags: tuple[FlagState, ...], profile: Profile) -> tuple[Severity, bool]:
    """Combine all flags of a frame: the most urgent one, strong when enough warnings come together.

    Returns
    -------
    severity : Severity
        ``NOT_CHECKED`` when nothing was.
    stacked : bool
        Whether it is strong by stacking alone.
    """
    severity = max((state.severity for state in flags), default=Severity.NOT_CHECKED)
    warnings = sum(state.severity is Severity.WARN for state in flags)
    if severity is Severity.WARN and warnings >= profile.warnings_for_strong.value:
        return Severity.STRONG, True
    return severity, False


def _is_leg_seen(readings: Readings) -> bool:
    """Tell whether anything of the raised leg is measured: pose models can imagine a covered one up."""
    return any(readings.reading(angle).is_known for angle in RAISED_LEG_ANGLES)


def _still_phase(observation: Observation) -> Phase:
    if not observation.person_seen:
        return Phase.FRAMING
    if observation.leg_raised:
        return Phase.HOLD
    return Phase.READY if observation.upright else Phase.FRAMING


def _still_flag(name: str, profile: Profile, readings: Readings) -> FlagState:
    rule = profile.flag(name)
    severity, reason = judge_once(rule, readings)
    since = 0.0 if severity.is_raised else float("nan")
    return FlagState(name, severity, readings.reading(rule.angle), reason, since)


def _unjudged(profile: Profile, readings: Readings) -> tuple[FlagState, ...]:
    return tuple(
        FlagState(
            rule.name,
            Severity.NOT_CHECKED,
            readings.reading(rule.angle),
            NotChecked.NOT_STRETCHING,
            float("nan"),
        )
        for rule in profile.flags
    )
