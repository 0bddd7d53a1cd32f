"""What helps next time against "not checked": one sentence for each reason that somebody can do something about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from formcoach.angles import Angle, View
from formcoach.coach import FramingFault
from formcoach.sessions.front_look import describe_front
from formcoach.stretch.types import NotChecked

if TYPE_CHECKING:
    from formcoach.sessions.record import SessionRecord
    from formcoach.stretch.events import Unchecked

FROM_THE_FRONT = "Whether the leg is in line is seen from the front: record a stretch facing the camera too."
REMEDIES = {
    NotChecked.NOT_STRETCHING: (
        "Stand side-on with head and feet in view, and put one heel up on a support in front of you."
    ),
    NotChecked.OUT_OF_VIEW: "Step back until head and feet stay in view.",
    NotChecked.LOW_VISIBILITY: "Keep arms, loose clothes, furniture and other people out of the way of the camera.",
    NotChecked.DEGENERATE: "Stand clear of other people and of things, in even light, with the whole body in view.",
    NotChecked.TOO_UNCERTAIN: "Stand exactly side-on, and near enough to fill most of the height of the picture.",
    NotChecked.TOO_SHORT: "Hold the leg up for five seconds or longer.",
}


def find_remedies(record: SessionRecord) -> tuple[str, ...]:
    """Return what would let more be checked next time, without what the notes of the record say already.

    The reasons of all flags, each once, in the order of the profile.
    """
    order = {rule.name: rank for rank, rule in enumerate(record.profile.flags)}
    rows = sorted(record.unchecked, key=lambda one: order[one.flag])
    found = (_find_remedy(record, one) for one in rows)
    return tuple(dict.fromkeys(remedy for remedy in found if remedy is not None))


def _find_remedy(record: SessionRecord, unchecked: Unchecked) -> str | None:
    noted = {fault for fault in FramingFault if fault.advice in record.notes}
    match unchecked.reason:
        case NotChecked.WRONG_VIEW:
            sideways = record.profile.flag(unchecked.flag).angle is Angle.HIP_ADDUCTION and record.view == View.SIDE
            looked = describe_front(record, unchecked.flag) is not None
            return FROM_THE_FRONT if sideways and not looked else None
        case NotChecked.OUT_OF_VIEW if FramingFault.CUT_OFF in noted:
            return None
        case NotChecked.TOO_UNCERTAIN if noted:
            return None
        case reason:
            return REMEDIES.get(reason)
