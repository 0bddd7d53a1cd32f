"""The cameras of this computer, by name."""

from __future__ import annotations

from dataclasses import dataclass

from formcoach.errors import MissingLibraryError, SourceError, printable

# A shorter part of a name is in too many names, and more likely a mistyped file.
SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """A camera that is plugged in.

    Attributes
    ----------
    number : int
        What OpenCV opens it by.
    name : str
        What its maker calls it; two cameras may have the same name.
    """

    number: int
    name: str


def list_cameras() -> tuple[CameraDevice, ...]:
    """Return the cameras of this computer in the order of their numbers; none is opened for its picture.

    Raises
    ------
    MissingLibraryError
        When this system's list of cameras cannot be read.
    """
    import cv2

    try:
        from cv2_enumerate_cameras import enumerate_cameras, supported_backends

        # Each system library numbers the cameras in its own way: the one that OpenCV asks first is the one that counts.
        backend = next((one for one in cv2.videoio_registry.getCameraBackends() if one in supported_backends), None)
        found = enumerate_cameras(backend) if backend is not None else []
    except (ImportError, OSError) as error:
        raise MissingLibraryError(
            "The names of the cameras cannot be read: use the camera's number, 0 for the first one."
        ) from error
    devices = {one.index: CameraDevice(one.index, printable(one.name or f"camera {one.index}")) for one in found}
    return tuple(devices[number] for number in sorted(devices))


def find_camera(name: str) -> CameraDevice | None:
    """Return the one camera whose name is given, or a part of it; upper and lower case are the same.

    Parameters
    ----------
    name
        A whole name goes before a part of one.

    Returns
    -------
    CameraDevice or None
        None when no camera is called so.

    Raises
    ------
    SourceError
        When several are.
    """
    wanted = name.strip().casefold()
    if len(wanted) < SHORTEST_PART:
        return None
    try:
        devices = list_cameras()
    except (MissingLibraryError, ImportError):
        return None
    whole = [one for one in devices if one.name.casefold() == wanted]
    matching = whole or [one for one in devices if wanted in one.name.casefold()]
    if len(matching) > 1:
        listed = ", ".join(f"{one.number} is {one.name}" for one in matching)
        raise SourceError(f"Several cameras are called '{name}' ({listed}): give the number of the one you mean.")
    return matching[0] if matching else None
