"""The analysis of one input, from frames to files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av.error
import cv2
import numpy as np

from formcoach.analysis.options import Monitor
from formcoach.analysis.people import choose_from_photo, choose_from_recording, choose_from_samples
from formcoach.analysis.recorder import SessionRecorder
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, PathKind, RecordingReview, review_still
from formcoach.errors import NoPersonError
from formcoach.feedback.overlay import Overlay
from formcoach.pose.estimates import PixelEstimator
from formcoach.pose.following import PersonFollower
from formcoach.pose.mediapipe_model import MediaPipePoseModel, describe_model
from formcoach.sessions.folder import VIDEO_FILE, ResultFolder, check_target, explain_write_error
from formcoach.sessions.landmarks import PoseSpool
from formcoach.video import SourceKind, open_source
from formcoach.video.writer import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from formcoach.analysis.options import AnalysisOptions
    from formcoach.coach import CoachStep
    from formcoach.pose.model import ModelInfo
    from formcoach.pose.people import PersonChoice
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SessionRecord
    from formcoach.video import Frame, FrameSource

OVERLAY_VIDEO = VIDEO_FILE
OVERLAY_PICTURE = "overlay.png"
_DEFAULT_FPS = 30.0
# A larger picture of a photo shows nothing more and takes long to write.
_LONGEST_PICTURE_SIDE_PX = 4096
_LIVE_SAMPLES = 5


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisResult:
    """What an analysis leaves.

    Attributes
    ----------
    folder : Path
        Where the files stand.
    record : SessionRecord
        The content of ``session.json``.
    measured : Measured
        Everything that was measured, frame by frame.
    """

    folder: Path
    record: SessionRecord
    measured: Measured


def analyze_input(source: str, name: str, options: AnalysisOptions, monitor: Monitor | None = None) -> AnalysisResult:
    """Analyse one input and write its result folder.

    Parameters
    ----------
    source
        A file, a camera number or the address of a stream.
    name
        Name of the folder in ``options.out``.
    options
        What is asked for.
    monitor
        Hears how far it is, and can ask it to stop.

    Returns
    -------
    AnalysisResult
        With the folder in place.

    Raises
    ------
    FormCoachError
        When it cannot be done; nothing is left behind then.
    """
    target = options.out / name
    check_target(target, overwrite=options.overwrite)
    with open_source(source) as opened:
        try:
            with ResultFolder(target, overwrite=options.overwrite) as folder:
                record, measured = _Analysis(source, opened, folder.path, options, monitor or Monitor()).run()
                return AnalysisResult(folder.publish(), record, measured)
        except (OSError, av.error.FFmpegError) as error:  # sources explain their own
            raise explain_write_error(error, target) from error


class _Analysis:
    """One input on its way to one folder."""

    def __init__(
        self, source: str, opened: FrameSource, folder: Path, options: AnalysisOptions, monitor: Monitor
    ) -> None:
        self._source = source
        self._opened = opened
        self._folder = folder
        self._options = options
        self._monitor = monitor
        info = opened.info
        self._size = (info.width, info.height)
        self._calibration = load_calibration(options.model.variant)
        self._estimator = PixelEstimator(self._calibration.networks)
        self._stopped = False

    def run(self) -> tuple[SessionRecord, Measured]:
        kind = self._opened.info.kind
        if kind is SourceKind.PHOTO:
            return self._photo()
        if kind.is_live:
            return self._live()
        return self._recording()

    # -- recordings: poses first, then everything else with the whole recording known

    def _recording(self) -> tuple[SessionRecord, Measured]:
        self._monitor.stage("Looking for people", None)
        choice = choose_from_recording(self._source, self._size)
        review = RecordingReview(self._options.profile, self._calibration, self._size, self._options.leg)
        spool_folder = self._folder / "spool"
        spool_folder.mkdir()
        with PoseSpool(spool_folder) as spool:
            model_info = self._find_poses(choice, review, spool)
            with SessionRecorder(self._folder, self._options, self._opened.info, model_info) as recorder:
                video = self._review(review, spool, recorder)
                recorder.note_people(choice.people)
                record = recorder.finish(
                    path=PathKind.ZERO_PHASE,
                    baselines=review.baselines,
                    holds=review.assessor.holds,
                    skipped_frames=self._opened.skipped_frames,
                    partial=self._stopped,
                    video=video,
                )
            recorder.save_landmarks(spool)
        spool_folder.rmdir()
        return record, recorder.measured

    def _find_poses(self, choice: PersonChoice, review: RecordingReview, spool: PoseSpool) -> ModelInfo:
        found = False
        self._monitor.stage("Finding poses", self._opened.info.frame_count)
        with MediaPipePoseModel(self._options.model, estimator=self._estimator) as model:
            follower = PersonFollower(model, choice)
            for frame in self._frames(self._opened):
                pose = follower.detect(frame)
                found |= bool(pose.found)
                review.take(frame.time_s, pose)
                spool.append(frame.index, frame.time_s, pose)
                self._monitor.advance()
            if not found:
                raise self._nobody()
            return model.info

    def _review(self, review: RecordingReview, spool: PoseSpool, recorder: SessionRecorder) -> str | None:
        """Assess every frame; draw it too, unless that is not wanted or the user is in a hurry."""
        steps = review.steps(spool)
        if not self._options.video or self._stopped:
            self._monitor.stage("Measuring", len(spool))
            for index, step in enumerate(steps):
                recorder.add(index, step)
                self._monitor.advance()
            return None
        self._monitor.stage("Drawing", len(spool))
        overlay = Overlay(self._options.profile)
        fps = self._opened.info.fps or _DEFAULT_FPS
        with open_source(self._source) as again, VideoWriter(self._folder / OVERLAY_VIDEO, self._size, fps) as writer:
            for frame, step in zip(again, steps, strict=False):
                recorder.add(frame.index, step)
                writer.write(overlay.draw(frame.image, step), frame.time_s)
                self._monitor.advance()
                if self._monitor.should_stop():
                    self._stopped = True
                    break
        for index, step in enumerate(steps, start=recorder.frames):  # what was measured is kept, drawn or not
            recorder.add(index, step)
        return OVERLAY_VIDEO

    # -- cameras and streams: one pass, everything as it comes

    def _live(self) -> tuple[SessionRecord, Measured]:
        frames = self._frames(self._opened)
        first = [frame for frame, _ in zip(frames, range(_LIVE_SAMPLES), strict=False)]
        if not first:
            raise self._nobody()
        choice = choose_from_samples([(frame.time_s, frame.image) for frame in first], self._size)
        coach = Coach(self._options.profile, self._calibration, self._size, self._options.leg)
        overlay = Overlay(self._options.profile)
        spool_folder = self._folder / "spool"
        spool_folder.mkdir()
        self._monitor.stage("Watching", None)
        with (
            PoseSpool(spool_folder) as spool,
            MediaPipePoseModel(self._options.model, estimator=self._estimator) as model,
        ):
            with SessionRecorder(self._folder, self._options, self._opened.info, model.info) as recorder:
                writer = self._live_writer()
                follower = PersonFollower(model, choice)
                try:
                    for frame in _chained(first, frames):
                        pose = follower.detect(frame)
                        spool.append(frame.index, frame.time_s, pose)
                        step = coach.step(frame.time_s, pose)
                        recorder.add(frame.index, step)
                        if writer is not None:
                            writer.write(overlay.draw(frame.image, step), frame.time_s)
                        self._monitor.advance()
                finally:
                    if writer is not None:
                        writer.close()
                if not recorder.found:
                    raise self._nobody()
                recorder.note_people(choice.people)
                record = recorder.finish(
                    path=PathKind.CAUSAL,
                    baselines=coach.baselines,
                    holds=coach.assessor.holds,
                    skipped_frames=self._opened.skipped_frames,
                    partial=False,  # a camera has no end of its own: to stop it is to finish
                    video=OVERLAY_VIDEO if writer is not None else None,
                )
            recorder.save_landmarks(spool)
        spool_folder.rmdir()
        return record, recorder.measured

    def _live_writer(self) -> VideoWriter | None:
        if not self._options.video:
            return None
        return VideoWriter(self._folder / OVERLAY_VIDEO, self._size, self._opened.info.fps or _DEFAULT_FPS)

    # -- photos

    def _photo(self) -> tuple[SessionRecord, Measured]:
        frame = next(iter(self._opened))
        pose, people = choose_from_photo(frame.image, self._options.model, self._estimator)
        if pose is None:
            raise self._nobody()
        step = review_still(pose, self._options.profile, self._calibration, self._size, self._options.leg)
        picture = None
        if self._options.video:
            picture = OVERLAY_PICTURE
            self._write_picture(frame, step)
        spool_folder = self._folder / "spool"
        spool_folder.mkdir()
        with PoseSpool(spool_folder) as spool:
            spool.append(0, 0.0, pose)
            model = describe_model(self._options.model)
            with SessionRecorder(self._folder, self._options, self._opened.info, model) as recorder:
                recorder.add(0, step)
                recorder.note_people(people)
                record = recorder.finish(
                    path=PathKind.STILL,
                    baselines=(),
                    holds=(),
                    skipped_frames=0,
                    partial=False,
                    picture=picture,
                )
            recorder.save_landmarks(spool)
        spool_folder.rmdir()
        return record, recorder.measured

    def _write_picture(self, frame: Frame, step: CoachStep) -> None:
        scale = min(1.0, _LONGEST_PICTURE_SIDE_PX / max(self._size))
        image = frame.image
        if scale < 1.0:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
            step = replace(step, pose=replace(step.pose, points=step.pose.points * np.float32(scale)))
        drawn = Overlay(self._options.profile, still=True).draw(image, step)
        _, encoded = cv2.imencode(".png", drawn)
        (self._folder / OVERLAY_PICTURE).write_bytes(encoded.tobytes())

    # -- what they share

    def _frames(self, source: FrameSource) -> Iterator[Frame]:
        """Yield frames until the source ends, the time is up or the user asks to stop."""
        limit = self._options.seconds
        for frame in source:
            if limit is not None and frame.time_s >= limit:
                return
            yield frame
            if self._monitor.should_stop():
                self._stopped = True
                return

    def _nobody(self) -> NoPersonError:
        if self._stopped:
            return NoPersonError(f"Stopped before anybody was seen in '{self._opened.info.name}': nothing was kept.")
        return NoPersonError(
            f"No person was found in '{self._opened.info.name}': the whole body, head to feet, must be in the picture,"
            " well lit and at least a third of its height."
        )


def _chained(first: list[Frame], rest: Iterator[Frame]) -> Iterator[Frame]:
    yield from first
    yield from rest
