"""What the package can say aloud."""

from __future__ import annotations

from formcoach.coach.session.lines import all_texts
from formcoach.stretch.profile import list_profiles, load_profile


def shipped_texts() -> tuple[str, ...]:
    """Return every text that has a WAV: all lines of a session, and what the bundled exercises say; each once."""
    return all_texts(*(load_profile(name) for name in list_profiles()))
