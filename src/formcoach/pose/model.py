"""What formcoach asks of a pose model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.pose.pose import Pose
    from formcoach.video.frame import Frame


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model measured, for the record.

    Attributes
    ----------
    name : str
        ``lite``, ``full``, ``heavy`` or the name of the file that was given.
    variant : str
        Whose calibration applies: ``lite``, ``full`` or ``heavy``.
    file : str
        File name.
    sha256 : str
        Hash of the file, hexadecimal.
    known : bool
        Whether the hash is in formcoach's table; False for a model of the user's own.
    library : str
        The library that runs it, with version.
    """

    name: str
    variant: str
    file: str
    sha256: str
    known: bool
    library: str


class PoseModel(Protocol):
    """Finds one person in frames that come in order of time; a context manager."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person that is followed; all NaN where nobody was found.

        Parameters
        ----------
        frame
            Time stamps must strictly increase from call to call.
        """

    def close(self) -> None:
        """Release the model; may be called twice."""

    def __enter__(self) -> Self:
        """Return the model itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the model."""


class PeopleDetector(Protocol):
    """Finds everybody in single pictures."""

    def detect_people(self, image: NDArray[np.uint8]) -> list[Pose]:
        """Return one pose a person, in no particular order."""
