"""What reports are made of: a live session with everything in it, and a long one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from builders import STRETCHING, make_pose
from formcoach.angles import Angle, Readings
from formcoach.coach.session.types import Symptom, SymptomPlace, SymptomTrigger
from formcoach.pose.landmarks import Side
from formcoach.sessions.moments import WorstMoment
from formcoach.sessions.record import SetRecord
from formcoach.sessions.series import AngleSeries
from formcoach.stretch import Severity
from formcoach.stretch.events import FlagPeriod, Unchecked
from formcoach.stretch.phases import Hold
from formcoach.stretch.types import NotChecked
from formcoach.video import SourceInfo, SourceKind
from sessions_data import NAN, RECORD

HOLDS = (
    Hold(Side.LEFT, 20.0, 55.0, 30.2, 24.5),
    Hold(Side.LEFT, 95.0, 126.0, 30.1, 30.1),
    Hold(Side.RIGHT, 160.0, 172.0, 9.0, 4.0),
    Hold(Side.RIGHT, 176.0, 204.0, 21.5, 6.0),
)
FLAGS = (
    FlagPeriod("ankle_dorsiflexion", Severity.WARN, 24.0, 29.7, 6.0),
    FlagPeriod("lumbar_flexion", Severity.WARN, 162.0, 164.0, 20.0),
    FlagPeriod("lumbar_flexion", Severity.STRONG, 164.0, 167.0, 41.0),
    FlagPeriod("cervical_flexion", Severity.WARN, 180.0, 189.0, 24.0),
    FlagPeriod("knee_locked", Severity.WARN, 190.0, 196.5, 1.0),
    FlagPeriod("foot_overpointed", Severity.TIP, 110.0, 114.0, -48.0),
)
BASE = {
    Angle.ANKLE_DORSIFLEXION: -25.0,
    Angle.KNEE_FLEXION: 9.0,
    Angle.HIP_FLEXION: 74.0,
    Angle.HIP_TRUNK_FLEXION: 92.0,
    Angle.PELVIC_TILT: 14.0,
    Angle.LUMBAR_FLEXION: 3.0,
    Angle.CERVICAL_FLEXION: 1.0,
    Angle.TRUNK_LEAN: 22.0,
    Angle.STANCE_KNEE_FLEXION: 4.0,
}


def make_readings(time_s, flags=(), seed=0):
    """Readings that wander, go beyond each flag's threshold while it stands, and are unknown for a while."""
    random = np.random.default_rng(seed)
    readings = Readings.unknown(np.shape(time_s))
    for angle, base in BASE.items():
        wander = 2.0 * np.sin(time_s / 7.0 + angle.column) + random.normal(0.0, 0.6, np.shape(time_s))
        readings.value_deg[..., angle.column] = base + wander
        readings.sigma_deg[..., angle.column] = 4.0 + np.sin(time_s / 11.0)
        readings.status[..., angle.column] = 0
    for one in flags:
        column = RECORD.profile.flag(one.flag).angle.column
        near = np.clip(1.0 - np.abs(time_s - (one.start_s + one.end_s) / 2) / (one.end_s - one.start_s), 0.0, 1.0)
        readings.value_deg[..., column] += near * (one.peak_deg - readings.value_deg[..., column])
    return readings


def make_symptom(time_s, leg, set_number, place, trigger=SymptomTrigger.AFTER_HOLD):
    """An answer with the angles of that moment."""
    readings = make_readings(np.array([time_s]), FLAGS)
    return Symptom(time_s, leg, set_number, place, trigger, readings[0])


def make_moment(flag, severity, time_s, leg, value_deg, **figure):
    """The worst moment of a flag, with a figure in that position."""
    pose = make_pose(replace(STRETCHING, raised=leg, **figure))
    angle = RECORD.profile.flag(flag).angle
    return WorstMoment(flag, severity, time_s, leg, -1.0, angle, value_deg, 5.0, pose)


MOMENTS = (
    make_moment("ankle_dorsiflexion", Severity.WARN, 27.0, Side.LEFT, 6.0, ankle=6.0),
    make_moment("foot_overpointed", Severity.TIP, 112.0, Side.LEFT, -48.0, ankle=-48.0),
    make_moment("lumbar_flexion", Severity.STRONG, 165.5, Side.RIGHT, 41.0, lumbar=41.0, lean=45.0),
    make_moment("cervical_flexion", Severity.WARN, 185.0, Side.RIGHT, 24.0, neck=24.0, lean=30.0),
    make_moment("knee_locked", Severity.WARN, 193.0, Side.RIGHT, 1.0, knee=1.0),
)
LIVE = replace(
    RECORD,
    path="causal",
    source=SourceInfo("camera 0", SourceKind.CAMERA, 1280, 720, fps=30.0),
    frames=3150,
    duration_s=210.0,
    holds=HOLDS,
    flags=FLAGS,
    sets=(
        SetRecord(Side.LEFT, 1, 20.0, 55.0, 30.2, 24.5),
        SetRecord(Side.LEFT, 2, 95.0, 126.0, 30.1, 30.1),
        SetRecord(Side.RIGHT, 1, 160.0, 204.0, 30.5, 10.0),
    ),
    stacked=((190.5, 191.0),),
    symptoms=(
        make_symptom(55.5, Side.LEFT, 1, SymptomPlace.BACK_OF_THIGH),
        make_symptom(126.4, Side.LEFT, 2, SymptomPlace.BACK_OF_THIGH),
        make_symptom(166.0, Side.RIGHT, 1, SymptomPlace.BEHIND_KNEE, SymptomTrigger.FELT_IT),
        make_symptom(190.0, Side.RIGHT, 1, SymptomPlace.NUMB_OR_TINGLING, SymptomTrigger.FELT_IT),
        make_symptom(204.2, Side.RIGHT, 1, SymptomPlace.LOWER_BACK),
        make_symptom(205.2, Side.RIGHT, 1, None),
    ),
    unchecked=(
        Unchecked("hip_adduction", NotChecked.WRONG_VIEW, 1.0),
        Unchecked("hip_medial_rotation", NotChecked.NOT_JUDGED, 1.0),
        Unchecked("knee_locked", NotChecked.TOO_CLOSE, 0.3),
    ),
    notes=("The camera was lost for 6 s.",),
)


def make_series(record=LIVE, fps=15.0, moments=MOMENTS, gap=(60.0, 66.0)):
    """Angles over time of a record; nothing came from the camera in the gap, and nobody was seen for a moment."""
    time_s = np.arange(0.0, record.duration_s, 1.0 / fps)
    time_s = time_s[(time_s < gap[0]) | (time_s > gap[1])]
    readings = make_readings(time_s, record.flags)
    readings.value_deg[(time_s > 140.0) & (time_s < 143.0)] = NAN
    judged = np.zeros(len(time_s), dtype=np.bool_)
    for hold in record.holds:
        judged |= (time_s >= hold.start_s) & (time_s <= hold.end_s)
    return AngleSeries(time_s, readings, judged, moments)


def make_long_record(minutes=30):
    """A session of many holds."""
    end_s = minutes * 60.0
    holds = tuple(
        Hold((Side.LEFT, Side.RIGHT)[number % 2], start_s, start_s + 33.0, 30.0, 22.0)
        for number, start_s in enumerate(np.arange(20.0, end_s - 40.0, 60.0).tolist())
    )
    flags = tuple(
        FlagPeriod(name, Severity.WARN, hold.start_s + 3.0, hold.start_s + 7.0, peak)
        for hold in holds
        for name, peak in (("lumbar_flexion", 21.0), ("ankle_dorsiflexion", 4.0))
    )
    return replace(LIVE, duration_s=end_s, frames=int(end_s * 30), holds=holds, flags=flags, sets=(), stacked=())
