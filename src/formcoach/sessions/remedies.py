"""What helps next time against "not checked": one sentence for each reason that somebody can do something about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.angles import Angle, View
from formcoach.angles.calibration import load_calibration
from formcoach.coach import FramingFault
from formcoach.sessions.front_look import describe_front
from formcoach.stretch.types import NotChecked

if TYPE_CHECKING:
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import Unchecked

FROM_THE_FRONT = "Whether the leg is in line is seen from the front: record a stretch facing the camera too."
FACE_SQUARELY = "Face the camera squarely: then it is seen whether the leg is in line."
STAND_TALL = (
    "Stand tall and still for two or three seconds first: then back, neck and pelvis are measured against your own"
    " posture."
)
ANOTHER_MODEL = "Whether the leg is in line is seen by the full and the heavy pose model, from the front."
SIDE_ON = "Stand side-on, the stretched leg nearer to the camera."
SIDE_ON_AND_NEAR = "Stand exactly side-on, and near enough to fill most of the height of the picture."
REMEDIES = {
    NotChecked.NOT_STRETCHING: (
        "Stand side-on with head and feet in view, and put one heel up on a support in front of you."
    ),
    NotChecked.OUT_OF_VIEW: "Step back, or to the middle, so that all of you stays in view.",
    NotChecked.LOW_VISIBILITY: "Keep arms, loose clothes, furniture and other people out of the way of the camera.",
    NotChecked.DEGENERATE: "Stand clear of other people and of things, in even light, with the whole body in view.",
    NotChecked.TOO_SHORT: "Hold the leg up for five seconds or longer.",
}
"""Of the reasons whose remedy is the same for every flag and from everywhere."""

# Measured against the own posture these are up to three times as sure (docs/accuracy.md).
_OF_POSTURE = (Angle.LUMBAR_FLEXION, Angle.CERVICAL_FLEXION, Angle.PELVIC_TILT)
# The faults whose advice, which stands among the notes of a record, says what a remedy says or the contrary.
_TURNED = frozenset(
    {FramingFault.FROM_THE_FRONT, FramingFault.FROM_THE_BACK, FramingFault.AT_A_SLANT, FramingFault.FAR_LEG}
)
_SAID_BY = {
    REMEDIES[NotChecked.OUT_OF_VIEW]: frozenset({FramingFault.CUT_OFF, FramingFault.TOO_FAR}),
    SIDE_ON: _TURNED,
    SIDE_ON_AND_NEAR: frozenset(FramingFault),
}


def find_remedies(record: SessionRecord) -> tuple[str, ...]:
    """Return what would let more be checked next time, without what the notes of the record say already.

    The reasons of all flags, each once, in the order of the profile.
    """
    order = {rule.name: rank for rank, rule in enumerate(record.profile.flags)}
    # Notes are only text, for what is read from the store has no more: a fault is known by its advice.
    noted = {fault for fault in FramingFault if fault.advice in record.notes}
    rows = sorted(record.unchecked, key=lambda one: order[one.flag])
    found = (_find_remedy(record, one) for one in rows)
    return tuple(dict.fromkeys(one for one in found if one is not None and not noted & _SAID_BY.get(one, frozenset())))


def choose_remedy(angle: Angle, view: str, reason: NotChecked, *, lacks_posture: bool) -> str | None:
    """Return what helps against a reason, or None where nothing does.

    Parameters
    ----------
    angle
        That of the flag.
    view
        From where the stretch was seen, a value of `View`.
    reason
        Why it was not checked.
    lacks_posture
        Whether the person's own standing was not seen, and could have been.
    """
    unsure = reason is NotChecked.TOO_UNCERTAIN
    if not unsure and reason is not NotChecked.WRONG_VIEW:
        return REMEDIES.get(reason)
    if angle is Angle.HIP_ADDUCTION:
        return FACE_SQUARELY if view == View.FRONT else FROM_THE_FRONT
    if unsure and lacks_posture and angle in _OF_POSTURE:
        return STAND_TALL
    return SIDE_ON_AND_NEAR if unsure and view == View.SIDE else SIDE_ON


def _find_remedy(record: SessionRecord, unchecked: Unchecked) -> str | None:
    # In a photo nobody can be seen standing first.
    lacks_posture = not record.baselines and record.path != "still"
    angle = record.profile.flag(unchecked.flag).angle
    elsewhere = unchecked.reason in (NotChecked.WRONG_VIEW, NotChecked.TOO_UNCERTAIN)
    if (
        elsewhere
        and angle is Angle.HIP_ADDUCTION
        and not load_calibration(record.model.variant).reads(View.FRONT, angle)
    ):
        return ANOTHER_MODEL
    remedy = choose_remedy(angle, record.view, unchecked.reason, lacks_posture=lacks_posture)
    to_front = remedy in (FROM_THE_FRONT, FACE_SQUARELY)
    return None if to_front and describe_front(record, unchecked.flag) is not None else remedy
