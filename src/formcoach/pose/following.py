"""Follows one of several people through a video, though the pose model would change to somebody else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from formcoach.pose.people import SAME_PERSON_OVERLAP, Sighting
from formcoach.pose.pose import Pose
from formcoach.pose.region import Region

if TYPE_CHECKING:
    from formcoach.pose.people import PersonChoice
    from formcoach.video.frame import Frame

# All of these are choices [D]. Somebody who was not seen for so long may be anywhere by now.
AWAY_S = 1.0
# From frame to frame a person shares far more ground with themselves, also while a leg is raised.
SAME_PLACE_OVERLAP = 0.5
# Where people were so long ago, or will be, says nothing.
STALE_S = 60.0
# Somebody who comes back stands within a few steps of where they were, in body heights.
NEAR_HEIGHTS = 0.75
# One sighting can be wrong about whom it saw.
BELIEVED_CONTRADICTIONS = 2
# To send the model back costs as much as another frame.
SEND_BACK_EVERY_S = 1.0


class FollowingModel(Protocol):
    """A pose model that can be told whom to follow."""

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person that is followed."""

    def follow(self, region: Region | None, sighting: Sighting | None = None) -> None:
        """Follow whoever is in a part of the picture, but at first nobody who was one of the others in a sighting."""


class PersonFollower:
    """Gives the poses of the chosen person alone.

    The model follows whoever it found first, and when it has lost them whoever it finds then. Here the others are
    hidden from it while it looks for somebody, and what it finds is held against where the chosen person was a moment
    ago, or else against where they and the others were sighted shortly before and after: somebody else is nobody, and
    the model is sent back. Without sightings, or a minute away from all of them, everybody is taken as they come.

    Parameters
    ----------
    model
        The pose model.
    choice
        Whom to follow.
    """

    def __init__(self, model: FollowingModel, choice: PersonChoice) -> None:
        self._model = model
        self._region = choice.region
        self._sightings = choice.sightings
        self._past = 0
        self._last: Region | None = None
        self._last_s = 0.0
        self._jump: Sighting | None = None
        self._sent_back_s: float | None = None
        self._contradictions = 0
        if self._sightings:
            model.follow(self._region, self._hiding(0.0))

    def detect(self, frame: Frame) -> Pose:
        """Return the chosen person's pose in a frame, all NaN where somebody else or nobody was found."""
        pose = self._model.detect(frame)
        if not self._sightings or not pose.found:
            return pose
        region = Region.around(pose.points)
        if frame.time_s - self._last_s > AWAY_S:
            self._last = None
        self._catch_up(frame.time_s, region)
        if self._is_theirs(frame.time_s, region):
            self._last, self._last_s = region, frame.time_s
            return pose
        if self._last is not None:
            self._jump = Sighting(self._last_s, self._last, (region,))
        self._send_back(frame.time_s, region)
        return Pose.missing()

    def _catch_up(self, time_s: float, region: Region) -> None:
        """Go on to the last sighting by now; two in a row that show somebody else there are believed."""
        before = self._past
        while self._past < len(self._sightings) and self._sightings[self._past].time_s <= time_s:
            self._past += 1
        sighting = self._sightings[self._past - 1]
        if self._past > before and time_s - sighting.time_s <= AWAY_S:
            own, other = sighting.region.overlap(region), region.most_overlap(sighting.others)
            self._contradictions = self._contradictions + 1 if other > max(SAME_PERSON_OVERLAP, own) else 0
        if self._contradictions >= BELIEVED_CONTRADICTIONS:
            self._last, self._contradictions = None, 0

    def _is_theirs(self, time_s: float, region: Region) -> bool:
        near = self._near(time_s)
        if self._last is not None:
            own = self._last.overlap(region)
            other = region.most_overlap(near[0].others) if near else 0.0
            return own >= SAME_PLACE_OVERLAP or own > max(SAME_PERSON_OVERLAP, other)
        if not near:
            return True
        own = _distance(near[0].region, region)
        return own <= NEAR_HEIGHTS and own <= min((_distance(one, region) for one in near[0].others), default=own)

    def _near(self, time_s: float) -> tuple[Sighting, ...]:
        """Return the last sighting and the next one, and where the model last left the person for somebody else.

        The nearest in time comes first; those too far away are left out.
        """
        around = [*self._sightings[max(self._past - 1, 0) : self._past + 1], *([self._jump] if self._jump else [])]
        near = (one for one in around if abs(one.time_s - time_s) <= STALE_S)
        return tuple(sorted(near, key=lambda one: abs(one.time_s - time_s)))

    def _send_back(self, time_s: float, region: Region) -> None:
        """Let the model look again, for anybody but the others and whoever it has found now."""
        if self._sent_back_s is not None and time_s - self._sent_back_s < SEND_BACK_EVERY_S:
            return
        self._sent_back_s = time_s
        hiding = self._hiding(time_s)
        self._model.follow(self._region, replace(hiding, others=tuple({*hiding.others, region})))

    def _hiding(self, time_s: float) -> Sighting:
        """Return where others are to be hidden, as far as that is known, and where the person is not to be."""
        near = self._near(time_s)
        nearest = near[0] if near else replace(self._sightings[0], others=())
        return nearest if self._last is None else replace(nearest, region=self._last)


def _distance(one: Region, other: Region) -> float:
    """Return how far apart the middles are, in heights of the first."""
    return math.dist(one.centre, other.centre) / max(one.height, 1)
