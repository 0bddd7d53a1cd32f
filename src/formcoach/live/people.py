"""Who is followed: how many people there are, and that the pose stays with the same one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from formcoach.analysis.people import looks_like_stretch
from formcoach.live.moment import Slot
from formcoach.pose.people import SAME_PERSON_OVERLAP, PersonChoice, choose_person, find_people
from formcoach.pose.region import Region

if TYPE_CHECKING:
    from collections.abc import Callable

    from formcoach.pose.model import PeopleDetector
    from formcoach.pose.people import Sighting
    from formcoach.pose.pose import Pose
    from formcoach.video import Frame

# All in seconds and all choices [D]. Somebody who walks past a camera of 2 frames/s still overlaps where they were.
JUMP_WITHIN_S = 1.0
ACCEPTED_AFTER_S = 2.0
# So many pictures, so far apart, tell who stays and who walks by.
SAMPLES = 3
SAMPLE_EVERY_S = 0.7
# Pictures that lie further apart do not belong together; a slow machine needs seconds for each.
OLDEST_SAMPLE_S = 30.0
# A sighting of so long ago hides nobody who may have gone by now [D].
FRESH_S = 2.0
# A picture that is being looked at is over by then, or hangs.
CLOSING_S = 5.0
NO_LOOKING = "Other people in the picture are not noticed: stand in it alone."


class PersonGuard:
    """Tells when the pose jumps to somebody else, to a mirror image or to a pet.

    A pose that shares no ground with where the person was less than `JUMP_WITHIN_S` ago is not theirs. It is accepted
    once they have not been seen for `ACCEPTED_AFTER_S`.
    """

    def __init__(self) -> None:
        self._region: Region | None = None
        self._seen_s = 0.0
        self._jumped = False

    def reset(self) -> None:
        """Forget where the person was."""
        self._region, self._jumped = None, False

    def accepts(self, time_s: float, pose: Pose) -> bool:
        """Tell whether a pose is that of the person who is followed.

        Parameters
        ----------
        time_s
            Seconds, increasing.
        pose
            Of one frame; one in which nobody was found is accepted.
        """
        if not pose.found:
            return True
        region = Region.around(pose.points)
        away_s = time_s - self._seen_s
        known = self._region is not None and away_s < ACCEPTED_AFTER_S
        if known and (self._jumped or away_s <= JUMP_WITHIN_S) and not self._overlaps(region):
            self._jumped = True
            return False
        self._region, self._seen_s, self._jumped = region, time_s, False
        return True

    def _overlaps(self, region: Region) -> bool:
        return self._region is not None and self._region.overlap(region) > SAME_PERSON_OVERLAP


def whom_to_look_for(choice: PersonChoice, time_s: float, pose: Pose | None) -> Sighting | None:
    """Return where the chosen person and all others were; None when they are followed already, or it was long ago."""
    latest = choice.sightings[-1] if choice.sightings else None
    if latest is None or time_s - latest.time_s > FRESH_S:
        return None
    if pose is not None and pose.found:
        region = Region.around(pose.points)
        if latest.region.overlap(region) > region.most_overlap(latest.others):
            return None
    return latest


class PeopleWatch:
    """Looks for people in some pictures, in a thread of its own, whenever it is asked to.

    Parameters
    ----------
    open_detector
        Opens what finds everybody in a picture; called in the thread.
    """

    def __init__(self, open_detector: Callable[[], PeopleDetector]) -> None:
        self._open_detector = open_detector
        self._frames: Slot[Frame] = Slot()
        self._results: Slot[PersonChoice] = Slot()
        self._looking = threading.Event()
        self._ready = threading.Event()
        self._ready.set()
        self._last_s = -SAMPLE_EVERY_S
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="formcoach people", daemon=True)
        self._thread.start()

    @property
    def error(self) -> Exception | None:
        """What went wrong in the thread; nobody is looked for any more then."""
        return self._error

    @property
    def problem(self) -> str | None:
        """One sentence when nobody is looked for any more."""
        return None if self._error is None else NO_LOOKING

    def look(self) -> None:
        """Look at the next pictures, unless it is looking already: what it has seen by then is not thrown away."""
        self._looking.set()

    def show(self, frame: Frame) -> None:
        """Give a picture; only the few that are wanted are kept, each when the one before was looked at."""
        if self._looking.is_set() and self._ready.is_set() and frame.time_s - self._last_s >= SAMPLE_EVERY_S:
            self._ready.clear()
            self._last_s = frame.time_s
            self._frames.put(frame)

    def result(self) -> PersonChoice | None:
        """Return what was found since the last call, or None."""
        return self._results.take(0.0)

    def close(self) -> None:
        """End the thread; a picture that is being looked at is finished first, unless that hangs."""
        self._ended.set()
        self._thread.join(CLOSING_S)

    def _run(self) -> None:
        try:
            self._look_at_pictures()
        except Exception as error:  # noqa: BLE001 - it is told by `error`; the session goes on without
            self._error = error

    def _look_at_pictures(self) -> None:
        detector: PeopleDetector | None = None
        samples: list[tuple[float, list[Pose]]] = []
        try:
            while not self._ended.is_set():
                frame = self._frames.take(0.2)
                if frame is None:
                    continue
                if detector is None:
                    detector = self._open_detector()
                samples = [one for one in samples if frame.time_s - one[0] <= OLDEST_SAMPLE_S]
                samples.append((frame.time_s, find_people(detector, frame.image)))
                if len(samples) == SAMPLES:
                    self._looking.clear()
                    times_s, people = zip(*samples, strict=True)
                    self._results.put(choose_person(people, frame.size, looks_like_stretch, times_s))
                    samples = []
                self._ready.set()
        finally:
            if detector is not None:
                getattr(detector, "close", lambda: None)()
