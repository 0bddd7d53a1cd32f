"""The course of a session: who, which leg, which baseline, how the stretch stands. Knows no windows and no files."""

from formcoach.coach.coach import Coach, CoachStep
from formcoach.coach.recording import PathKind, RecordingReview, StoredPoses, review_still

__all__ = ["Coach", "CoachStep", "PathKind", "RecordingReview", "StoredPoses", "review_still"]
