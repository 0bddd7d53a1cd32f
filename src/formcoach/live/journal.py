"""Where a session is kept while it goes on."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from formcoach.sessions.journal import SessionJournal, SessionPlan

if TYPE_CHECKING:
    from formcoach.coach.session.types import Guidance, SessionEvent, Symptom
    from formcoach.live.options import LiveOptions
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.pose import Pose
    from formcoach.sessions.record import SessionRecord
    from formcoach.video import SourceInfo


class NoJournal:
    """Keeps nothing but a name."""

    def __init__(self, plan: SessionPlan) -> None:
        self._plan = plan
        self._id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"

    @property
    def session_id(self) -> str:
        """What the session is called."""
        return self._id

    def begin_segment(self, model: ModelInfo, frame_size: tuple[int, int]) -> None:
        """Keep nothing."""

    def append(self, index: int, time_s: float, pose: Pose, guidance: Guidance) -> None:
        """Keep nothing."""

    def note_event(self, event: SessionEvent) -> None:
        """Keep nothing."""

    def note_symptom(self, symptom: Symptom) -> None:
        """Keep nothing."""

    def finish(self, record: SessionRecord) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Let nothing go."""


def open_journal(options: LiveOptions, source: SourceInfo) -> SessionJournal:
    """Open the journal of a session that begins now."""
    return NoJournal(SessionPlan(source, options.profile, options.leg, options.sets))
