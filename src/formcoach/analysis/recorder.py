"""Collects a session frame by frame and writes the files of its folder."""

from __future__ import annotations

from array import array
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from formcoach import __version__
from formcoach.angles import View
from formcoach.angles.calibration import ESTIMATOR_VERSION, compute_calibration_hash
from formcoach.angles.view import classify_view, is_far_leg, mean_azimuth_deg
from formcoach.coach import PathKind, find_framing_fault, is_cut_off, measure_body_px, measure_figure_px
from formcoach.pose.estimates import compute_network_hashes
from formcoach.sessions.folder import pictures_of
from formcoach.sessions.measured import MeasuredCollector
from formcoach.sessions.record import BaselineRecord, SessionRecord, to_json
from formcoach.sessions.report import Remark, choose_moments, read_snapshots, render_report
from formcoach.sessions.tables import AnglesTable, write_flags
from formcoach.stretch.events import FlagLog
from formcoach.video import SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from formcoach.angles.baseline import Baseline
    from formcoach.coach import CoachStep, FramingFault
    from formcoach.coach.session.types import SessionEvent, Symptom
    from formcoach.pose.landmarks import Side
    from formcoach.pose.model import ModelInfo
    from formcoach.sessions.landmarks import PoseSpool
    from formcoach.sessions.measured import Measured
    from formcoach.sessions.record import SetRecord
    from formcoach.sessions.series import AngleSeries
    from formcoach.stretch import Profile
    from formcoach.stretch.phases import Hold
    from formcoach.video import SourceInfo

# The libraries whose version can change a number.
LIBRARIES = ("mediapipe", "opencv-contrib-python", "av", "numpy", "scipy")
# Whoever is cut off in so many of the frames that show them should stand elsewhere: the pose model imagines what is
# missing, now and then inside the picture.
CUT_OFF_SHARE = 1.0 / 3.0
_NO_LEG = -1


class Asked(Protocol):
    """What a record needs to know of the options."""

    @property
    def profile(self) -> Profile:
        """The exercise."""

    @property
    def leg(self) -> Side | None:
        """The leg that was asked for; None any."""

    @property
    def seconds(self) -> float | None:
        """After how many seconds to stop; None at the end."""


class SessionRecorder:
    """Writes ``angles.csv`` as frames come, and the other files at the end.

    Parameters
    ----------
    folder
        Where to write.
    options
        What was asked for.
    source
        What is analysed.
    model
        The pose model in use.
    """

    def __init__(self, folder: Path, options: Asked, source: SourceInfo, model: ModelInfo) -> None:
        self._folder = folder
        self._options = options
        self._source = source
        self._model = model
        self._frame_size = (source.width, source.height)
        self._estimator_sha256 = compute_estimator_hashes()
        self._table = AnglesTable(folder / "angles.csv")
        self._log = FlagLog(options.profile, still=source.kind is SourceKind.PHOTO)
        self._collector = MeasuredCollector(options.profile)
        # Of each frame in which somebody was seen: from where, and the row of the leg that was up (`_NO_LEG` none). In
        # compact arrays: a live session lasts as long as it likes.
        self._azimuths_deg, self._facings, self._raised = array("d"), array("d"), array("b")
        self._legs: dict[Side, int] = {}
        self._figures_px, self._bodies_px = array("d"), array("d")
        self._found = 0
        self._cut_off = 0
        self._far_leg = 0
        self._people = 1
        self._last_s = 0.0
        self.frames = 0

    @property
    def found(self) -> bool:
        """Whether anybody was found so far."""
        return self._found > 0

    @property
    def measured(self) -> Measured:
        """Everything that was measured so far, for the store."""
        return self._collector.measured()

    def begin_segment(self, frame_size: tuple[int, int]) -> None:
        """The pictures have another size from the next frame on."""
        self._frame_size = frame_size

    def add(self, index: int, step: CoachStep) -> None:
        """Take one frame; `index` is its number in the source."""
        self._table.write(index, step.time_s, step.assessment.phase, step.leg.leg, step.readings)
        self._log.step(step.assessment)
        self._collector.add(index, step)
        if step.pose.found:
            self._found += 1
            self._cut_off += is_cut_off(step.pose, self._frame_size)
            if step.upright:
                self._figures_px.append(measure_figure_px(step.pose.points))
            self._bodies_px.append(measure_body_px(step.pose.points))
            self._azimuths_deg.append(step.azimuth_deg)
            self._facings.append(step.facing)
            self._raised.append(_row_of(step.leg.leg if step.leg.raised else None))
        if step.leg.leg is not None and step.leg.raised:
            self._legs[step.leg.leg] = self._legs.get(step.leg.leg, 0) + 1
            self._far_leg += bool(is_far_leg(step.leg.leg, np.asarray(step.azimuth_deg)))
        self._last_s = step.time_s
        self.frames += 1

    def note_people(self, people: int) -> None:
        """Remember how many people stay in the picture."""
        self._people = max(people, 1)

    def finish(
        self,
        *,
        path: PathKind,
        baselines: Sequence[Baseline],
        holds: Sequence[Hold],
        skipped_frames: int,
        partial: bool,
        video: str | None = None,
        picture: str | None = None,
        sets: tuple[SetRecord, ...] = (),
        symptoms: tuple[Symptom, ...] = (),
        events: tuple[SessionEvent, ...] = (),
        notes: tuple[str, ...] = (),
        remarks: tuple[Remark, ...] = (),
        started: datetime | None = None,
    ) -> SessionRecord:
        """Write ``flags.csv``, ``session.json`` and ``report.html`` and return the record.

        Parameters
        ----------
        path
            Which way the numbers took.
        baselines, holds
            What the coach found.
        skipped_frames
            Frames that could not be decoded.
        partial
            Whether the analysis was stopped.
        video, picture
            Names of the overlay's file, where there is one.
        sets, symptoms, events
            Of a live session.
        notes
            Sentences that the user should read, beside those that follow from what was measured.
        remarks
            What somebody wrote about the session; it stands in the report alone.
        started
            When the session began, in the local time of then and there; None where that is not known.
        """
        self._table.close()
        series = self._collector.measured().series
        azimuth_deg, facing = self._view()
        view = classify_view(azimuth_deg)
        own = self._notes(view, skipped_frames, whole=path is PathKind.ZERO_PHASE and not partial)
        record = SessionRecord(
            program_version=__version__,
            versions={name: _version(name) for name in LIBRARIES},
            path=path,
            estimator=ESTIMATOR_VERSION,
            estimator_sha256=self._estimator_sha256,
            model=self._model,
            source=self._source,
            frames=self.frames,
            skipped_frames=skipped_frames,
            duration_s=self._last_s,
            people=self._people,
            partial=partial,
            profile=self._options.profile,
            leg=self._main_leg(),
            facing=facing,
            view=view,
            azimuth_deg=azimuth_deg,
            baselines=tuple(BaselineRecord(one.start_s, one.end_s, one.frames, one.azimuth_deg) for one in baselines),
            holds=tuple(holds),
            flags=self._log.periods,
            unchecked=self._log.unchecked,
            angles=series.summaries(),
            stacked=self._log.stacked,
            sets=sets,
            symptoms=symptoms,
            events=events,
            notes=tuple(dict.fromkeys([*own, *notes])),
        )
        write_flags(self._folder / "flags.csv", record.flags)
        (self._folder / "session.json").write_text(to_json(record), encoding="utf-8")
        self._write_report(record, series, video, picture, remarks, started)
        return record

    def save_landmarks(self, spool: PoseSpool) -> None:
        """Write ``landmarks.npz`` from the poses on disk."""
        spool.save_npz(
            self._folder / "landmarks.npz",
            {
                "estimator": np.array(ESTIMATOR_VERSION),
                **{f"{name}_sha256": np.array(sha256) for name, sha256 in self._estimator_sha256.items()},
                "variant": np.array(self._model.variant),
                "frame_size": np.array([self._source.width, self._source.height]),
            },
        )

    def close(self) -> None:
        """Close what is open; may be called twice."""
        self._table.close()
        self._collector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_report(
        self,
        record: SessionRecord,
        series: AngleSeries,
        video: str | None,
        picture: str | None,
        remarks: tuple[Remark, ...],
        started: datetime | None,
    ) -> None:
        snapshots = {}
        if video is not None:
            moments = choose_moments(record, series)
            snapshots = read_snapshots(self._folder / video, (one.time_s for one in moments))
        report = render_report(
            record,
            series,
            video=video,
            picture=picture,
            snapshots=snapshots,
            kept={one.name for one in pictures_of(self._folder)},
            remarks=remarks,
            started=started,
        )
        (self._folder / "report.html").write_text(report, encoding="utf-8")

    def _view(self) -> tuple[float, str]:
        """Return azimuth and facing of the stretch of the leg that was up longest, or of the whole where none was."""
        rows = np.array(self._raised) == _row_of(self._main_leg())
        if not rows.any():
            rows[:] = True
        azimuth_deg = mean_azimuth_deg(np.array(self._azimuths_deg)[rows])
        facings = np.array(self._facings)[rows]
        known = facings[np.isfinite(facings)]
        if known.size == 0:
            return azimuth_deg, "unknown"
        return azimuth_deg, "right" if np.median(known) > 0 else "left"

    def _main_leg(self) -> Side | None:
        """Return the leg that was up longest; None where none was."""
        return max(self._legs, key=lambda side: self._legs[side], default=None)

    def _framing_fault(self, view: View) -> FramingFault | None:
        """Return what would be seen better next time; the view matters only where a stretch was seen."""
        cut_off = self._found > 0 and self._cut_off > CUT_OFF_SHARE * self._found
        # Nobody stands upright in most photos, and in a clip that begins in the stretch.
        sizes_px = self._figures_px or self._bodies_px
        figure_px = float(np.nanmedian(np.array(sizes_px))) if np.isfinite(sizes_px).any() else float("nan")
        far_leg = self._far_leg > 0.5 * sum(self._legs.values())
        return find_framing_fault(view if self._legs else View.UNKNOWN, figure_px, cut_off=cut_off, far_leg=far_leg)

    def _notes(self, view: View, skipped_frames: int, *, whole: bool) -> tuple[str, ...]:
        notes = []
        if self._people > 1:
            notes.append(
                f"{self._people} people are in the picture: the one doing the stretch, else the largest and most"
                " central one, was followed."
            )
        if self._options.leg is not None and self._options.leg not in self._legs:
            notes.append(f"The {self._options.leg.value} leg, which was asked for, was not seen raised.")
        fault = self._framing_fault(view)
        if fault is not None:
            notes.append(fault.advice)
        if skipped_frames:
            notes.append(
                f"{skipped_frames} frames could not be read and were left out: the file is damaged, and pictures near"
                " them may be smeared and measured wrongly."
            )
        duration = self._source.duration_s
        if whole and self._options.seconds is None and duration and self._last_s < 0.9 * duration - 0.5:
            notes.append(f"The recording ends after {self._last_s:.1f} s of the {duration:.1f} s that it announces.")
        if not self._model.known:
            notes.append(
                "The pose model is not one that formcoach knows: its angles are corrected as those of the"
                f" {self._model.variant} model, which may not fit."
            )
        return tuple(notes)


def compute_estimator_hashes() -> dict[str, str]:
    """Return the SHA-256 of each file that makes angles of what the pose model sees, as a record names them."""
    networks = {f"{name}_network": sha256 for name, sha256 in compute_network_hashes().items()}
    return networks | {"calibration": compute_calibration_hash()}


def _row_of(leg: Side | None) -> int:
    return _NO_LEG if leg is None else leg.row


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
