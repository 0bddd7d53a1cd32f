"""What is kept of a session: the files of a result folder, and the report. Knows no windows."""

from formcoach.sessions.record import SessionRecord

__all__ = ["SessionRecord"]
