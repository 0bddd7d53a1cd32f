"""What a live session writes to while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from formcoach.coach.session.types import Guidance, SessionEvent, Symptom
    from formcoach.pose.landmarks import Side
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch import Profile
    from formcoach.video.frame import SourceInfo


@dataclass(frozen=True, slots=True, eq=False)
class SessionPlan:
    """What is known when a session begins.

    Attributes
    ----------
    source : SourceInfo
        Where the pictures come from.
    profile : Profile
        The exercise.
    leg : Side or None
        The leg that was asked for; None both.
    sets : int
        How many sets.
    """

    source: SourceInfo
    profile: Profile
    leg: Side | None
    sets: int


class SessionJournal(Protocol):
    """Takes a session frame by frame; what is older than a second is on disk. Used from one thread."""

    @property
    def session_id(self) -> str:
        """What the session is called in the store."""

    def begin_segment(self, model: ModelInfo, frame_size: tuple[int, int]) -> None:
        """A coach begins afresh from the next frame on: another pose model or another size of the picture.

        Called once before the first frame.
        """

    def append(self, index: int, time_s: float, pose: Pose, guidance: Guidance) -> None:
        """Take one processed frame and the guidance that its step was given."""

    def note_event(self, event: SessionEvent) -> None:
        """Take something that happened."""

    def note_symptom(self, symptom: Symptom) -> None:
        """Take something that was felt."""

    def finish(self, record: SessionRecord, measured: Measured | None = None) -> None:
        """Close the session properly with what was made of it; the journal takes nothing more.

        With everything that was measured, its report and exports need not measure it again.
        """

    def close(self) -> None:
        """Write what there is and let go; a session that was not finished is closed by the next command."""
