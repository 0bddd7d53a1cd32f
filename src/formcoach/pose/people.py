"""Which of several people in a picture to follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from formcoach.pose.region import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from formcoach.pose.model import PeopleDetector
    from formcoach.pose.pose import Pose

# Two findings in two pictures, a moment apart, are one person when they share more than this of what either covers.
SAME_PERSON_OVERLAP = 0.1
# Two findings in one picture are one person when the smaller one's box lies in the other's by more than this share.
_SAME_PERSON_SHARE = 0.5
# Square tiles overlap by half, so that each person stands whole in one of them.
_TILE_STEP = 0.5
_SQUARE_ENOUGH = 1.05
# Somebody seen in fewer of the samples than this share only walks by.
_STAYS_SHARE = 1 / 3
# Who stretches in more than this share of the samples is the one who stretches: two of twelve, one of five.
_PREFERRED_SHARE = 0.1
# Room around the person for arms, as a share of the longer side.
_MARGIN = 0.15
# How far a raised leg or a lean reaches from the middle of a standing person, as a share of their height.
_REACH = 0.75


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where somebody was at one moment.

    Attributes
    ----------
    time_s : float
        Seconds.
    region : Region
        Around the person.
    others : tuple of Region
        Around everybody else who stays in the picture, as far as they were seen then or in the samples beside it.
    """

    time_s: float
    region: Region
    others: tuple[Region, ...]

    @property
    def place(self) -> Region:
        """The person with room around them, as far as nobody else stands there."""
        return _without_others(self.region.grown(_MARGIN), self.region, self.others)


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Who is followed.

    Attributes
    ----------
    people : int
        How many people stay in the picture.
    region : Region or None
        Where the chosen one is; None when there is nobody else (or nobody), so that the whole picture is used.
    sightings : tuple of Sighting
        Where the chosen one was in the samples, in order of time; empty without a region.
    """

    people: int
    region: Region | None
    sightings: tuple[Sighting, ...] = ()


@dataclass(slots=True)
class _Candidate:
    """One person through the samples."""

    region: Region
    last: Region
    seen: dict[int, Region] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    preferences: list[float] = field(default_factory=list)


def find_people(detector: PeopleDetector, image: NDArray[np.uint8]) -> list[Pose]:
    """Find everybody in a picture, each once.

    The detector sees the whole picture and, because it shrinks a wide picture until people get small, overlapping
    square tiles of it.

    Parameters
    ----------
    detector
        Finds people in a picture.
    image
        Shape (height, width, 3).

    Returns
    -------
    list of Pose
        In pixels of the whole picture, largest first.
    """
    height, width = image.shape[:2]
    kept: list[Pose] = []
    for tile in _tiles(width, height):
        part = np.ascontiguousarray(image[tile.top : tile.bottom, tile.left : tile.right])
        found = [pose.moved(tile.left, tile.top) for pose in detector.detect_people(part)]
        for pose in sorted(found, key=_size, reverse=True):
            region = Region.around(pose.points)
            # Who is seen in the whole picture is seen better there: no edge of a tile cuts them.
            if all(region.inside_share(Region.around(other.points)) < _SAME_PERSON_SHARE for other in kept):
                kept.append(pose)
    return sorted(kept, key=_size, reverse=True)


def choose_person(
    samples: Sequence[Sequence[Pose]],
    size: tuple[int, int],
    preference: Callable[[Pose], float],
    times_s: Sequence[float] | None = None,
) -> PersonChoice:
    """Choose the person to follow: the preferred one, else the largest and most central.

    Parameters
    ----------
    samples
        The people found in each of some frames of the recording, in order of time.
    size
        Width and height of the picture.
    preference
        0 to 1 for one pose: how much it looks like what we are after (the stretch).
    times_s
        When each of the samples was seen, seconds; None takes all of them for the first moment.

    Returns
    -------
    PersonChoice
        With a region when there is more than one person who stays.
    """
    candidates: list[_Candidate] = []
    for index, people in enumerate(samples):
        free = list(candidates)
        for pose in people:
            _assign(index, pose, candidates, free, size, preference)
    staying = _merge([one for one in candidates if len(one.scores) >= max(1.0, _STAYS_SHARE * len(samples))])
    if len(staying) < 2:
        return PersonChoice(len(staying), None)
    best = max(staying, key=lambda one: (_is_preferred(one), float(np.mean(one.scores))))
    others = [one.region for one in staying if one is not best]
    sightings = tuple(
        Sighting(
            0.0 if times_s is None else times_s[index],
            best.seen[index],
            tuple(region for one in staying if one is not best for region in _seen_about(one, index)),
        )
        for index in sorted(best.seen)
    )
    return PersonChoice(len(staying), _with_room(best.region, others).clipped(*size), sightings)


def choose_pose(people: Sequence[Pose], size: tuple[int, int], preference: Callable[[Pose], float]) -> Pose | None:
    """Choose one of the people in a single picture; None when there is nobody.

    Parameters are those of `choose_person`.
    """
    if not people:
        return None
    return max(people, key=lambda pose: (preference(pose), _prominence(Region.around(pose.points), size)))


def _merge(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Take somebody who is seen from where another one was not seen any more for the same, gone to another place.

    Where two could be that one, nobody knows: they stay apart.
    """
    merged: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda one: min(one.seen)):
        before = [one for one in merged if max(one.seen) < min(candidate.seen)]
        if len(before) == 1:
            (same,) = before
            same.region = same.region.union(candidate.region)
            same.seen |= candidate.seen
            same.scores += candidate.scores
            same.preferences += candidate.preferences
        else:
            merged.append(candidate)
    return merged


def _seen_about(candidate: _Candidate, index: int) -> tuple[Region, ...]:
    """Return where somebody was in a sample; where they were not found in it, in the samples beside it."""
    if index in candidate.seen:
        return (candidate.seen[index],)
    return tuple(candidate.seen[beside] for beside in (index - 1, index + 1) if beside in candidate.seen)


def _with_room(region: Region, others: Sequence[Region]) -> Region:
    """Give somebody room to raise a leg and to lean, as far as nobody else stands there."""
    room = region.grown(_MARGIN)
    middle, reach = round(region.centre[0]), round(_REACH * region.height)
    reached = _without_others(replace(room, left=middle - reach, right=middle + reach), region, others)
    return replace(room, left=min(reached.left, room.left), right=max(reached.right, room.right))


def _without_others(room: Region, region: Region, others: Sequence[Region]) -> Region:
    """Take from the room beside somebody what others take up."""
    left, right = room.left, room.right
    for other in others:
        if other.centre[0] < region.centre[0]:
            left = max(left, other.right)
        else:
            right = min(right, other.left)
    return replace(room, left=min(left, region.left), right=max(right, region.right))


def _is_preferred(candidate: _Candidate) -> bool:
    """Tell whether somebody looks like what we are after often enough that it is no blunder of the model."""
    return float(np.mean(candidate.preferences)) > _PREFERRED_SHARE


def _assign(
    index: int,
    pose: Pose,
    candidates: list[_Candidate],
    free: list[_Candidate],
    size: tuple[int, int],
    preference: Callable[[Pose], float],
) -> None:
    region = Region.around(pose.points)
    near = [one for one in free if one.last.overlap(region) > SAME_PERSON_OVERLAP]
    if near:
        one = max(near, key=lambda candidate: candidate.last.overlap(region))
        free.remove(one)
        one.region, one.last = one.region.union(region), region
    else:
        one = _Candidate(region, region)
        candidates.append(one)
    one.seen[index] = region
    one.scores.append(_prominence(region, size))
    one.preferences.append(preference(pose))


def _prominence(region: Region, size: tuple[int, int]) -> float:
    """Return size times centrality: 1 for a person as tall as the picture in its middle."""
    width, height = size
    off_centre = abs(region.centre[0] / width - 0.5) * 2
    return max(region.width, region.height) / height * (1.0 - 0.5 * min(off_centre, 1.0))


def _size(pose: Pose) -> int:
    region = Region.around(pose.points)
    return region.width * region.height


def _tiles(width: int, height: int) -> list[Region]:
    whole = Region(0, 0, width, height)
    short, long = min(width, height), max(width, height)
    if long <= short * _SQUARE_ENOUGH:
        return [whole]
    count = max(2, int(np.ceil((long - short) / (short * _TILE_STEP))) + 1)
    starts = np.linspace(0, long - short, count).round().astype(int).tolist()
    if width > height:
        return [whole, *(Region(start, 0, start + short, height) for start in starts)]
    return [whole, *(Region(0, start, width, start + short) for start in starts)]
