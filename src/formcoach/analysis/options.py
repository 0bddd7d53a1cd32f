"""What the user asked for, and how the analysis tells how far it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from formcoach.pose.landmarks import Side
    from formcoach.pose.model_files import VerifiedModel
    from formcoach.stretch import Profile


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """Options of an analysis.

    Attributes
    ----------
    out : Path
        The folder that gets one folder an input.
    model : VerifiedModel
        The pose model, read and checked.
    profile : Profile
        The exercise.
    leg : Side or None
        The raised leg; None finds it.
    video : bool
        Whether to write ``overlay.mp4`` (``overlay.png`` for a photo).
    overwrite : bool
        Whether results that stand there may be replaced.
    seconds : float or None
        Stop after so many seconds of video; None goes to the end.
    save : bool
        Whether the result is kept as a session in the user's store too.
    """

    out: Path
    model: VerifiedModel
    profile: Profile
    leg: Side | None = None
    video: bool = True
    overwrite: bool = False
    seconds: float | None = None
    save: bool = False


class Monitor:
    """Hears how far an analysis is, and can ask it to stop; this one is silent and never does."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins: its name, and how many frames it has (None: not known)."""

    def advance(self) -> None:
        """One more frame of the stage is done."""

    def should_stop(self) -> bool:
        """Whether to stop soon and keep what there is."""
        return False


def result_names(inputs: Sequence[str]) -> list[str]:
    """Return the folder name of each input: its stem, with the suffix appended where two inputs share a stem.

    Parameters
    ----------
    inputs
        Paths, camera numbers, addresses.

    Returns
    -------
    list of str
        Names that differ from each other, also where upper and lower case are the same.
    """
    stems = [_stem(one) for one in inputs]
    lowered = [stem.lower() for stem in stems]
    names: list[str] = []
    for one, stem in zip(inputs, stems, strict=True):
        suffix = Path(one).suffix.lstrip(".")
        name = f"{stem}_{suffix}" if lowered.count(stem.lower()) > 1 and suffix else stem
        taken = {other.lower() for other in names}
        number = 2
        unique = name
        while unique.lower() in taken:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return names


def _stem(source: str) -> str:
    if source.isdecimal() and not Path(source).exists():
        return f"camera_{source}"
    if "://" in source:
        address = source.partition("://")[2].rpartition("@")[2].partition("?")[0]
        return re.sub(r"[^A-Za-z0-9.-]+", "_", address).strip("_.") or "stream"
    return Path(source).stem or "input"
