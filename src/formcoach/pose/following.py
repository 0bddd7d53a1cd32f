"""Follows one of several people through a video, though the pose model would change to somebody else."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from formcoach.pose.pose import Pose
from formcoach.pose.region import Region

if TYPE_CHECKING:
    from formcoach.pose.people import PersonChoice, Sighting
    from formcoach.video.frame import Frame

# As `choose_person` tells one person in two pictures.
SAME_PERSON_OVERLAP = 0.1
# Somebody who was not seen for so long may be anywhere by now [D].
AWAY_S = 1.0
# One sighting can be wrong about whom it saw.
BELIEVED_CONTRADICTIONS = 2
# Two boxes of one person who stands still share at least so much; one of them leaning or with a leg up may share less.
_STANDS_THERE_OVERLAP = 0.5


class FollowingModel(Protocol):
    """A pose model that can be told whom to follow."""

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person that is followed."""

    def follow(self, region: Region | None, anchor: Region | None = None) -> None:
        """Follow whoever is in a part of the picture, and look for them in another part of it first."""


class PersonFollower:
    """Gives the poses of the chosen person alone.

    The model follows whoever it found first, and when it has lost them whoever it finds then. Here it is told where to
    look, and what it finds is held against where the chosen person was a moment ago, and where they and all others are
    known to have been: somebody else is nobody, and the model is sent back.

    Parameters
    ----------
    model
        The pose model.
    choice
        Whom to follow, and where they were at some moments; without a region all poses are taken as they come.
    """

    def __init__(self, model: FollowingModel, choice: PersonChoice) -> None:
        self._model = model
        self._region = choice.region
        self._coming = deque(choice.sightings)
        self._sighting = self._coming[0] if self._coming else None
        self._last = None if self._sighting is None else self._sighting.region
        self._last_s = float("nan")
        self._contradictions = 0
        if self._sighting is not None:
            model.follow(self._region, self._sighting.place)

    def detect(self, frame: Frame) -> Pose:
        """Return the chosen person's pose in a frame, all NaN where somebody else or nobody was found."""
        pose = self._model.detect(frame)
        if self._sighting is None or not pose.found:
            return pose
        region = Region.around(pose.points)
        sighting = self._sighting = self._catch_up(self._sighting, frame.time_s, region)
        if frame.time_s - self._last_s > AWAY_S:
            self._last = None
        if _is_theirs(region, self._last, sighting.others):
            self._last, self._last_s = region, frame.time_s
            return pose
        if self._last is not None:
            self._model.follow(self._region, replace(sighting, region=self._last).place)
        return Pose.missing()

    def _catch_up(self, sighting: Sighting, time_s: float, region: Region) -> Sighting:
        """Return the last sighting by now; when two in a row show the person elsewhere, they are there."""
        before = sighting
        while self._coming and self._coming[0].time_s <= time_s:
            sighting = self._coming.popleft()
        if sighting is not before:
            agrees = _is_theirs(region, sighting.region, sighting.others)
            self._contradictions = 0 if agrees else self._contradictions + 1
        if self._contradictions >= BELIEVED_CONTRADICTIONS:
            self._last, self._last_s = sighting.region, time_s
            self._contradictions = 0
        return sighting


def _is_theirs(region: Region, last: Region | None, others: tuple[Region, ...]) -> bool:
    """Tell whether a box is that of the person who was last there; None when nobody knows where they are."""
    other = max((one.overlap(region) for one in others), default=0.0)
    if last is None:
        return other < _STANDS_THERE_OVERLAP
    return last.overlap(region) > max(SAME_PERSON_OVERLAP, other)
