"""The named sets of stills and clips, each with a seed of its own, so that no person is in two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from people import clips, stills, sweep, write
from people.angles import Side
from people.clips import ClipPlan
from people.session_clips import SessionSet
from people.stills import SMALL_SIZES, StillPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np

    from people.render import Renderer
    from people.stills import Still

    StillMaker = Callable[[int, int, Renderer], Iterator[Still]]


@dataclass(frozen=True, slots=True)
class StillSet:
    """Stills of many people.

    Attributes
    ----------
    name : str
        People are called after it.
    seed : int
    people : int
    make : callable
        From seed, index and renderer to the stills of one person.
    folder : str
        Below the output folder; empty is the output folder itself.
    """

    name: str
    seed: int
    people: int
    make: StillMaker
    folder: str = ""

    def person(self, index: int) -> str:
        """Return a person's name."""
        return f"{self.name}_{index:04d}"

    def is_done(self, out: Path, index: int) -> bool:
        """Return whether a person has been rendered."""
        return write.person_file(out / self.folder, self.person(index)).exists()

    def render(self, out: Path, index: int, renderer: Renderer) -> int:
        """Render one person and return the number of pictures."""
        return write.write_stills(out / self.folder, self.person(index), self.make(self.seed, index, renderer))

    def merge(self, out: Path) -> None:
        """Gather what has been rendered so far."""
        write.merge(out / self.folder)


@dataclass(frozen=True, slots=True)
class ClipSet:
    """Clips, each of another person; attributes as in ``StillSet``."""

    name: str
    seed: int
    plans: tuple[ClipPlan, ...]
    folder: str = ""

    @property
    def people(self) -> int:
        """Number of clips."""
        return len(self.plans)

    def person(self, index: int) -> str:
        """Return a person's name."""
        return f"{self.name}_{index:04d}"

    def is_done(self, out: Path, index: int) -> bool:
        """Return whether a clip has been rendered."""
        return any((out / self.folder).glob(f"{self.person(index)}_*.scene.json"))

    def render(self, out: Path, index: int, renderer: Renderer) -> int:
        """Render one clip and return 1."""
        clips.make_clip(self.plans[index], self.person(index), self.seed, index, out / self.folder, renderer)
        return 1

    def merge(self, out: Path) -> None:
        """Clips stand on their own."""


RenderSet = StillSet | ClipSet | SessionSet


def near(view: int, spread_deg: float) -> Callable[[np.random.Generator], tuple[int, float]]:
    """Return a draw of azimuths evenly around a view."""
    return lambda rng: (view, view + float(rng.uniform(-spread_deg, spread_deg)))


def anywhere_in_front(rng: np.random.Generator) -> tuple[int, float]:
    """Draw a view and an azimuth as a fit needs them: mostly side, some oblique and front."""
    kind = rng.random()
    if kind < 0.70:
        return 90, 90.0 + float(rng.uniform(-28.0, 28.0))
    if kind < 0.86:
        return 50, float(rng.uniform(25.0, 68.0))
    return 0, float(rng.uniform(-25.0, 25.0))


def _still_maker(plan: StillPlan) -> StillMaker:
    return lambda seed, index, renderer: stills.make_stills(plan, seed, index, renderer)


def _plans(view: str, faults: str, **changes: object) -> list[ClipPlan]:
    """Return a clip for every fault in a list; the raised leg changes from clip to clip."""
    return [
        replace(ClipPlan(fault, view, list(Side)[number % 2]), **changes) for number, fault in enumerate(faults.split())
    ]


SIDE_FAULTS = (
    "good good good good good ankle ankle lumbar lumbar cervical thoracic kneelocked hiprot hipadd "
    "lumbar+cervical ankle+lumbar"
)
CLIPS = (
    *_plans("side", SIDE_FAULTS),
    *_plans("side", "free " * 8),
    *_plans("oblique", "good lumbar hipadd hiprot"),
    *_plans("front", "good hipadd hiprot hipadd+hiprot"),
)
# In the repository, and looked at with every change: small, and the later ones with few frames.
SMALL_CLIP = {"size": (400, 300), "plain": True}
CI_CLIPS = (
    *_plans("side", "good lumbar+cervical ankle", frames_per_second=10, **SMALL_CLIP),
    *_plans("side", "free", raised=Side.RIGHT, frames_per_second=5, **SMALL_CLIP),
    *_plans("oblique", "lumbar", frames_per_second=5, **SMALL_CLIP),
    *_plans("front", "hipadd", raised=Side.RIGHT, frames_per_second=5, **SMALL_CLIP),
    *_plans("front", "hipadd", frames_per_second=5, **SMALL_CLIP),
)
# Few pictures each of many people: networks remember people, and more pictures of the same ones help little.
FIT = StillPlan((anywhere_in_front,), stretches=4)
SIDE = StillPlan((near(90, 15.0),) * 4)
FRONT = StillPlan((near(0, 15.0), near(0, 15.0), near(45, 15.0), near(45, 15.0)))
# Postures and builds differ from person to person, and few people say little of how much.
POSTURES_SIDE = StillPlan((near(90, 15.0),), stretches=4)
POSTURES_FRONT = StillPlan((near(0, 15.0), near(45, 15.0)), stretches=4)
CI_SIDE = StillPlan((near(90, 15.0),), stretches=4, sizes=SMALL_SIZES)
CI_FRONT = StillPlan((near(0, 15.0),), stretches=4, sizes=SMALL_SIZES)

# Larger than all sets' own seeds: every set and seed draws from numbers of its own.
SEEDS_APART = 1000

SETS: dict[str, tuple[RenderSet, ...]] = {
    "fit": (StillSet("fit", 11, 3500, _still_maker(FIT)),),
    "side": (StillSet("side", 21, 12, _still_maker(SIDE)),),
    "front": (StillSet("front", 31, 12, _still_maker(FRONT)),),
    "clips": (ClipSet("clips", 41, CLIPS),),
    "sweep": (StillSet("sweep", 51, 4, sweep.make_sweep),),
    "ci": (
        ClipSet("ci_clip", 61, CI_CLIPS, "clips"),
        StillSet("ci_side", 62, 6, _still_maker(CI_SIDE), "side"),
        StillSet("ci_front", 63, 2, _still_maker(CI_FRONT), "front"),
    ),
    "postures": (
        StillSet("posture_side", 81, 60, _still_maker(POSTURES_SIDE), "side"),
        StillSet("posture_front", 82, 60, _still_maker(POSTURES_FRONT), "front"),
    ),
    "session": (SessionSet("session", 71),),
}


def with_options(chosen: RenderSet, seed: int | None, frames_per_second: int | None) -> RenderSet:
    """Return a set with another seed, or clips with another frame rate; None leaves it as it is.

    With another seed the people are others than those of any set, and have the seed in their names.
    """
    if seed is not None:
        chosen = replace(chosen, name=f"{chosen.name}_seed{seed}", seed=SEEDS_APART * seed + chosen.seed)
    if frames_per_second is not None and isinstance(chosen, SessionSet):
        chosen = replace(chosen, frames_per_second=frames_per_second)
    if frames_per_second is not None and isinstance(chosen, ClipSet):
        plans = tuple(replace(plan, frames_per_second=frames_per_second) for plan in chosen.plans)
        chosen = replace(chosen, plans=plans)
    return chosen
