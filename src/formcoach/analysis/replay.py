"""Computes a stored session again from what the pose model saw: to close it, or for other thresholds."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from formcoach.analysis.options import Monitor
from formcoach.analysis.recorder import SessionRecorder
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, PathKind, RecordingReview, review_still
from formcoach.coach.session.types import EventKind, Stage
from formcoach.errors import OutputError
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.folder import VIDEO_FILE
from formcoach.sessions.landmarks import CHUNK_FRAMES
from formcoach.sessions.record import SetRecord
from formcoach.sessions.report import Remark
from formcoach.sessions.store import SessionState, describe_estimator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from formcoach.angles.baseline import Baseline
    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import SessionEvent
    from formcoach.pose.landmarks import Side
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.sessions.store import StoredSegment, StoredSession
    from formcoach.stretch import Profile
    from formcoach.stretch.phases import Hold

OTHER_ESTIMATOR = (
    "The angles were computed again by another version of the estimators than the one that recorded the session: they"
    " may differ a little from what was said then."
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a record needs to know of the options."""

    profile: Profile
    leg: Side | None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What came out of a stored session.

    Attributes
    ----------
    record : SessionRecord
        As a live session or an analysis makes it, as far as frames, events and symptoms tell.
    measured : Measured
        Everything that was measured, frame by frame.
    """

    record: SessionRecord
    measured: Measured


class _StoredPoses:
    """Poses of the store in the pieces that an analysis reads them in: sums may depend on how many there are."""

    def __init__(self, pose: Pose) -> None:
        self._pose = pose

    def chunks(self) -> Iterator[Pose]:
        """Yield poses with a leading axis of frames."""
        for start in range(0, self._pose.leading_shape[0], CHUNK_FRAMES):
            part = slice(start, start + CHUNK_FRAMES)
            yield Pose(*(np.array(getattr(self._pose, name)[part]) for name in FIELD_SHAPES))


class Replay:
    """A stored session as it was judged then, frame by frame: a live one by its coaches, a recording on the same path.

    With the session's own profile every step is the same to the last bit as then, as long as the calibration of the
    angles is the same.

    Parameters
    ----------
    session
        As the store gave it.
    profile
        The exercise to judge by; None takes the session's own.
    """

    def __init__(self, session: StoredSession, profile: Profile | None = None) -> None:
        self._session = session
        self._profile = session.plan.profile if profile is None else profile
        self._judges: list[Coach | RecordingReview] = []
        self.path = PathKind((session.record or {}).get("path", PathKind.CAUSAL))
        """Which way the numbers take: that of the session."""

    @property
    def profile(self) -> Profile:
        """The exercise that it is judged by."""
        return self._profile

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """All baselines so far."""
        return tuple(one for judge in self._judges for one in judge.baselines)

    @property
    def holds(self) -> tuple[Hold, ...]:
        """All holds so far, the one that goes on included."""
        return tuple(one for judge in self._judges for one in judge.assessor.holds)

    def steps(self) -> Iterator[tuple[tuple[int, int], int, CoachStep]]:
        """Yield, once, for every frame: the size of its picture, its index in the source and the coach's step.

        Raises
        ------
        ModelError
            When the calibration is missing or damaged.
        """
        ways = {PathKind.CAUSAL: self._causal, PathKind.ZERO_PHASE: self._zero_phase, PathKind.STILL: self._still}
        for segment in self._session.segments:
            for index, step in zip(segment.frames.index.tolist(), ways[self.path](segment), strict=True):
                yield segment.frame_size, index, step

    def _causal(self, segment: StoredSegment) -> Iterator[CoachStep]:
        coach = Coach(self._profile, load_calibration(segment.model.variant), segment.frame_size, self._leg)
        self._judges.append(coach)
        frames = segment.frames
        for row, time_s in enumerate(frames.time_s.tolist()):
            yield coach.step(time_s, _alone(frames.pose, row), frames.guidance[row])

    def _zero_phase(self, segment: StoredSegment) -> Iterator[CoachStep]:
        calibration = load_calibration(segment.model.variant)
        review = RecordingReview(self._profile, calibration, segment.frame_size, self._leg)
        self._judges.append(review)
        for row, time_s in enumerate(segment.frames.time_s.tolist()):
            review.take(time_s, _alone(segment.frames.pose, row))
        yield from review.steps(_StoredPoses(segment.frames.pose))

    def _still(self, segment: StoredSegment) -> Iterator[CoachStep]:
        calibration = load_calibration(segment.model.variant)
        for row in range(len(segment.frames)):
            pose = _alone(segment.frames.pose, row)
            yield review_still(pose, self._profile, calibration, segment.frame_size, self._leg)

    @property
    def _leg(self) -> Side | None:
        return self._session.plan.leg


def replay(
    session: StoredSession,
    profile: Profile | None = None,
    *,
    folder: Path | None = None,
    notes: tuple[str, ...] = (),
    monitor: Monitor | None = None,
) -> Replayed:
    """Compute a stored session again.

    Parameters
    ----------
    session
        As the store gave it.
    profile
        The exercise to judge by; None takes the session's own.
    folder
        An existing folder for ``angles.csv``, ``flags.csv``, ``session.json`` and ``report.html``; None keeps none of
        them.
    notes
        Sentences that the user should read, to be added to the record; those of the kept record stay.
    monitor
        Hears how far it is.

    Raises
    ------
    OutputError
        When no frame of it is left.
    FormCoachError
        When the files cannot be written or the calibration is missing.
    """
    if not session.frames:
        raise OutputError(f"No frame of the session '{session.session_id}' is left: it cannot be measured again.")
    monitor = monitor or Monitor()
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="formcoach-") as temporary:
            return _replay(session, profile, Path(temporary), notes, monitor)
    return _replay(session, profile, folder, notes, monitor)


def _replay(
    session: StoredSession, profile: Profile | None, folder: Path, notes: tuple[str, ...], monitor: Monitor
) -> Replayed:
    run = Replay(session, profile)
    first = session.segments[0]
    width, height = first.frame_size
    source = replace(session.plan.source, width=width, height=height)
    known = session.record or {}
    notes = (*known.get("notes", ()), *notes)
    if any(one.estimator != describe_estimator() for one in session.segments):
        notes = (*notes, OTHER_ESTIMATOR)
    # Whether the recording ended early is in the notes that are there; it is not to be found again.
    asked = _Asked(run.profile, session.plan.leg, seconds=float(known.get("source", {}).get("analysed_s", 0.0)))
    monitor.stage("Measuring again", session.frames)
    with SessionRecorder(folder, asked, source, first.model) as recorder:
        for frame_size, index, step in run.steps():
            recorder.begin_segment(frame_size)
            recorder.add(index, step)
            monitor.advance()
            last_s = step.time_s
        recorder.note_people(int(known.get("source", {}).get("people", 1)))
        record = recorder.finish(
            path=run.path,
            baselines=run.baselines,
            holds=run.holds,
            skipped_frames=int(known.get("source", {}).get("skipped_frames", 0)),
            video=VIDEO_FILE if (folder / VIDEO_FILE).is_file() else None,
            partial=bool(known.get("partial", session.state is not SessionState.FINISHED)),
            sets=find_sets(session.events, run.holds, last_s),
            symptoms=session.symptoms,
            events=session.events,
            notes=notes,
            remarks=tuple(Remark(one.time_s, one.text) for one in session.notes),
            started=session.started,
        )
        return Replayed(record, recorder.measured)


def find_sets(events: Sequence[SessionEvent], holds: Sequence[Hold], end_s: float) -> tuple[SetRecord, ...]:
    """Tell from the stages of a session which sets there were and what the hold clock counted in each.

    Parameters
    ----------
    events
        In order of time.
    holds
        That the coaches found.
    end_s
        When the session ended, seconds: the end of a set that was going on then.
    """
    sets: list[SetRecord] = []
    holding = False
    for event in (one for one in events if one.kind is EventKind.STAGE):
        if holding:
            sets[-1] = replace(sets[-1], end_s=event.time_s)
        holding = event.detail == Stage.HOLD
        if holding and not (sets and (sets[-1].leg, sets[-1].number) == (event.leg, event.set_number)):
            sets.append(SetRecord(event.leg, event.set_number, event.time_s, event.time_s, 0.0, 0.0))
    if holding:
        sets[-1] = replace(sets[-1], end_s=max(end_s, sets[-1].start_s))
    return tuple(_with_holds(one, [hold for hold in holds if one.includes(hold)]) for one in sets)


def _with_holds(one: SetRecord, holds: list[Hold]) -> SetRecord:
    return replace(one, counted_s=sum(hold.counted_s for hold in holds), good_s=sum(hold.good_s for hold in holds))


def _alone(pose: Pose, row: int) -> Pose:
    """Return one pose in memory of its own, as the model gives it: sums may depend on how an array lies there."""
    return Pose(*(np.array(getattr(pose, name)[row]) for name in FIELD_SHAPES))
