"""Writes pictures, clips and the truth about them, so that nothing is lost when rendering stops half way."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from people.camera import Camera
    from people.scene import Truth
    from people.stills import Still

# One file a person, merged into one for all.
PERSON_FOLDER, MERGED = "truth", "truth.json"
ANGLE_DIGITS, METRE_DIGITS, PIXEL_DIGITS = 4, 5, 2


def person_file(folder: Path, person: str) -> Path:
    """Return where one person's rows are; the person is finished when it exists."""
    return folder / PERSON_FOLDER / f"{person}.json"


def write_stills(folder: Path, person: str, stills: Iterable[Still]) -> int:
    """Write one person's pictures, then their rows; return how many."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for still in stills:
        name = f"{person}_c{still.camera_index}_{still.raised.letter}_{still.picture_index:03d}.jpg"
        Image.fromarray(still.image).save(folder / name, quality=still.quality)
        rows.append(still_row(name, person, still))
    write_json(person_file(folder, person), rows)
    return len(rows)


def still_row(name: str, person: str, still: Still) -> dict[str, Any]:
    """Return what ``truth.json`` holds about one picture."""
    camera = still.camera
    return {
        "image": name,
        "person": person,
        "cam": still.camera_index,
        "view": still.view,
        "azimuth": round(camera.azimuth, ANGLE_DIGITS),
        "leg": still.raised.letter,
        "neutral": still.shot.neutral,
        "arms": still.shot.arms.label,
        "tags": still.tags,
        "size": list(camera.size),
        "camera_height": round(camera.height, METRE_DIGITS),
        "camera_distance": round(camera.distance, METRE_DIGITS),
        "field_of_view": round(camera.field_of_view, ANGLE_DIGITS),
        "roll": round(camera.roll, ANGLE_DIGITS),
        "elevated": str(still.raised),
        "neutral_angles": _rounded(still.neutral_angles),
        **_truth_row(still.truth),
    }


def merge(folder: Path) -> int:
    """Gather all persons' rows in ``truth.json``; return the number of people. Others may be written meanwhile.

    Nobody is no file: an empty one would look like a set.
    """
    people = sorted((folder / PERSON_FOLDER).glob("*.json"))
    if not people:
        return 0
    # Each is a list: taking the brackets off is much faster than reading them.
    rows = ",\n".join(path.read_text(encoding="utf-8").strip()[1:-1] for path in people)
    _write_text(folder / MERGED, f"[{rows}]\n")
    return len(people)


def write_json(path: Path, content: Any, indent: int | None = None) -> None:
    """Write a file that is never seen half written."""
    separators = (",", ":") if indent is None else None
    _write_text(path, json.dumps(content, indent=indent, separators=separators) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def write_clip_truth(path: Path, camera: Camera, times_s: Sequence[float], truths: Sequence[Truth]) -> None:
    """Write the table of a clip: one row a frame, angles in degrees, points in pixels, camera and world metres."""
    points = list(truths[0].pixel)
    columns = [f"{point}_{column}" for point in points for column in ("u", "v", "cx", "cy", "cz", "wx", "wy", "wz")]
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["frame", "t", "cut_off", *truths[0].angles, *columns])
        for index, (time_s, truth) in enumerate(zip(times_s, truths, strict=True)):
            row = [index, round(time_s, 4), int(truth.is_cut_off(camera.size)), *_rounded(truth.angles).values()]
            for point in points:
                row += _list(truth.pixel[point], PIXEL_DIGITS)
                row += _list(truth.camera[point], METRE_DIGITS) + _list(truth.world[point], METRE_DIGITS)
            writer.writerow(row)
    unfinished.replace(path)


class ClipWriter:
    """Writes a video with constant frame rate (H.264), as a context manager."""

    def __init__(self, path: Path, size: tuple[int, int], frames_per_second: int, quality: int) -> None:
        import av

        # Whoever looks for *.mp4 does not find it.
        self._path, self._unfinished = path, path.with_name(f".{path.name}.{os.getpid()}")
        self._video = av.VideoFrame
        self._container = av.open(str(self._unfinished), "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=frames_per_second)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(quality), "threads": "1"}

    def __enter__(self) -> ClipWriter:
        return self

    def write(self, image: NDArray[np.uint8]) -> None:
        """Add one picture, (height, width, 3), red first."""
        frame = self._video.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if kind is None:
            self._unfinished.replace(self._path)
        else:
            self._unfinished.unlink(missing_ok=True)


def plain(plan: Any) -> dict[str, Any]:
    """Return a dataclass as something that JSON can hold."""
    return json.loads(json.dumps(asdict(plan), default=float))


def _truth_row(truth: Truth) -> dict[str, Any]:
    return {
        "angles": _rounded(truth.angles),
        "world": {name: _list(point, METRE_DIGITS) for name, point in truth.world.items()},
        "camera": {name: _list(point, METRE_DIGITS) for name, point in truth.camera.items()},
        "pixel": {name: _list(point, PIXEL_DIGITS) for name, point in truth.pixel.items()},
        "body_pixel_box": _list(truth.body_box.ravel(), 1),
    }


def _rounded(angles: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), ANGLE_DIGITS) for name, value in angles.items()}


def _list(values: NDArray[np.float64], digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
