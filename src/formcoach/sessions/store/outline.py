"""A session without its frames, which take long to read, and with the numbers of what can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from formcoach.errors import OutputError
from formcoach.sessions.front_look import describe_front
from formcoach.sessions.store.plain import from_text
from formcoach.sessions.store.reader import read_answer_numbers, read_rows
from formcoach.sessions.store.types import SessionState
from formcoach.sessions.wording import HALF, REASONS
from formcoach.stretch import Profile
from formcoach.stretch.types import NotChecked

if TYPE_CHECKING:
    from formcoach.coach.session.types import SessionEvent, Symptom
    from formcoach.sessions.store.store import SessionStore
    from formcoach.sessions.store.types import StoredSession

_REASON_WORDS = {reason.value: words for reason, words in REASONS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class SessionOutline:
    """Everything of a session but its frames.

    Attributes
    ----------
    session : StoredSession
        Its segments are empty.
    profile : Profile
        The exercise that it was judged by: the session's own, or that of a re-scoring.
    is_running : bool
        Whether a program is recording it at this moment.
    answers : tuple of (int, Symptom)
        What was felt, each with its number in the store.
    """

    session: StoredSession
    profile: Profile
    is_running: bool
    answers: tuple[tuple[int, Symptom], ...]

    @property
    def events(self) -> tuple[SessionEvent, ...]:
        """What happened, in order of time."""
        return self.session.events

    @property
    def unchecked(self) -> tuple[tuple[str, str], ...]:
        """The label of each flag that was not checked for half of the stretch or more, and why."""
        labels = {rule.name: rule.label for rule in self.profile.flags}
        rows = (self.session.record or {}).get("not_checked", ())
        return tuple(
            (labels.get(one["flag"], one["flag"]), self._why(one["flag"], one["reason"]))
            for one in rows
            if one["share"] >= HALF and one["reason"] != NotChecked.NOT_APPLICABLE
        )

    def _why(self, flag: str, reason: str) -> str:
        front = describe_front(self, flag)
        return f"{_REASON_WORDS.get(reason, reason)}{'' if front is None else f'; {front[0].lower()}{front[1:]}'}"


def read_outline(store: SessionStore, session_id: str) -> SessionOutline | None:
    """Return one session as it stands at this moment; None when there is none of that name.

    Raises
    ------
    OutputError
        When it cannot be read.
    """
    with store.connected() as connection:
        connection.execute("BEGIN")  # all of it from one moment, also while somebody writes
        try:
            session = read_rows(connection, session_id, with_frames=False)
            if session is None:
                return None
            (key,) = connection.execute("SELECT key FROM sessions WHERE id = ?", (session_id,)).fetchone()
            numbers = read_answer_numbers(connection, key)
            judged = connection.execute("SELECT profile FROM results WHERE session = ?", (key,)).fetchone()
            return SessionOutline(
                session=session,
                profile=session.plan.profile if judged is None else from_text(Profile, judged[0]),
                is_running=session.state is SessionState.OPEN and store.is_running(session_id),
                answers=tuple(zip(numbers, session.symptoms, strict=True)),
            )
        except ValueError as error:
            raise OutputError(
                f"The session '{session_id}' cannot be read ({error}): it may come from another version of formcoach."
            ) from error
        finally:
            connection.execute("COMMIT")
