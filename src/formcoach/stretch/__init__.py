"""The exercise: profile, flags, phases, hold clock and cues. Knows no pixels; the same readings, the same result."""

from formcoach.stretch.assess import Assessment, Assessor, Observation
from formcoach.stretch.profile import FlagRule, Profile, load_profile
from formcoach.stretch.types import FlagState, Phase, Severity

__all__ = [
    "Assessment",
    "Assessor",
    "FlagRule",
    "FlagState",
    "Observation",
    "Phase",
    "Profile",
    "Severity",
    "load_profile",
]
