"""Whole sessions in a store, as a live session and as an analysis leave them; no pose model is needed."""

from __future__ import annotations

import shutil
from contextlib import suppress

from formcoach.analysis.analyze import AnalysisResult
from formcoach.analysis.recorder import SessionRecorder
from formcoach.analysis.replay import _Asked, find_sets
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, PathKind, RecordingReview
from formcoach.coach.session.types import Stage
from formcoach.sessions.landmarks import PoseSpool
from formcoach.stretch import load_profile
from formcoach.video import SourceInfo, SourceKind
from store_sessions import MODEL, make_frames, make_plan, make_symptom, stage

SIZE = (640, 480)


def keep_live(store, *, frames=None, finish=True, with_folder=False, with_measured=True):
    """Record a session as a live one is, through the coach; return its name, and its record where it is finished."""
    plan = make_plan()
    times_s, poses, guidance = make_frames(seconds=3.0)
    journal = store.begin(plan)
    folder = store.folder_of(journal.session_id)
    folder.mkdir(parents=True)
    coach = Coach(plan.profile, load_calibration(MODEL.variant), SIZE, None)
    with SessionRecorder(folder, _Asked(plan.profile, None), plan.source, MODEL) as recorder, journal:
        journal.begin_segment(MODEL, SIZE)
        for number, (time_s, pose, guide) in enumerate(zip(times_s[:frames], poses, guidance, strict=False)):
            step = coach.step(time_s, pose, guide)
            journal.append(number, time_s, pose, guide)
            recorder.add(number, step)
            if number == 75:
                journal.note_event(stage(time_s, Stage.HOLD))
                journal.note_symptom(make_symptom(time_s, step.readings))
        record = None
        if finish:
            session = store.load(journal.session_id)
            record = recorder.finish(
                path=PathKind.CAUSAL,
                baselines=coach.baselines,
                holds=coach.assessor.holds,
                skipped_frames=0,
                partial=False,
                sets=find_sets(session.events, coach.assessor.holds, times_s[-1]),
                symptoms=session.symptoms,
                events=session.events,
                notes=("The camera was lost for 6 s.",),
                started=session.started,
            )
            journal.finish(record, recorder.measured if with_measured else None)
    if not with_folder:
        shutil.rmtree(folder)
        with suppress(OSError):  # others have theirs in it
            folder.parent.rmdir()
    return journal.session_id, record


def analyse(folder):
    """Go through the frames on the path of recordings and leave a result folder; return what an analysis returns."""
    profile = load_profile()
    times_s, poses, _ = make_frames(seconds=3.0)
    source = SourceInfo("<b>clip</b>.mp4", SourceKind.VIDEO, *SIZE, fps=15.0, duration_s=200.0)
    review = RecordingReview(profile, load_calibration(MODEL.variant), SIZE, None)
    folder.mkdir(parents=True)
    spool_folder = folder / "spool"
    spool_folder.mkdir()
    with PoseSpool(spool_folder) as spool:
        for number, (time_s, pose) in enumerate(zip(times_s, poses, strict=True)):
            review.take(time_s, pose)
            spool.append(number, time_s, pose)
        with SessionRecorder(folder, _Asked(profile, None), source, MODEL) as recorder:
            for number, step in enumerate(review.steps(spool)):
                recorder.add(number, step)
            record = recorder.finish(
                path=PathKind.ZERO_PHASE,
                baselines=review.baselines,
                holds=review.assessor.holds,
                skipped_frames=2,
                partial=False,
            )
        recorder.save_landmarks(spool)
    spool_folder.rmdir()
    return AnalysisResult(folder, record, recorder.measured)


def same_measured(first, second):
    """Tell whether everything that was measured is the same to the last bit, NaN and the worst moments included."""
    arrays = [
        [one.index, one.phase, one.leg, one.series.time_s, one.series.judged, *_arrays(one.series.readings)]
        for one in (first, second)
    ]
    moments = [
        [(one.flag, one.severity, one.time_s, one.leg, one.angle, one.value_deg, one.pose.points.tobytes())
         for one in each.series.moments]
        for each in (first, second)
    ]  # fmt: skip
    return moments[0] == moments[1] and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(*arrays, strict=True)
    )


def _arrays(readings):
    return readings.value_deg, readings.sigma_deg, readings.status
