"""The course of a session: who, which leg, which baseline, how the stretch stands. Knows no windows and no files."""

from formcoach.coach.coach import Coach, CoachStep
from formcoach.coach.framing import FramingFault, find_framing_fault, is_cut_off, measure_body_px, measure_figure_px
from formcoach.coach.recording import PathKind, RecordingReview, StoredPoses, review_still

__all__ = [
    "Coach",
    "CoachStep",
    "FramingFault",
    "PathKind",
    "RecordingReview",
    "StoredPoses",
    "find_framing_fault",
    "is_cut_off",
    "measure_body_px",
    "measure_figure_px",
    "review_still",
]
