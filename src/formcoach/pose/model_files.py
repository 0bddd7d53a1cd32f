"""The table of pose model files, and the check of a file before it is loaded."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from formcoach.errors import ModelError, UsageError, printable

LICENCE = "Apache-2.0"
_GOOGLE = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file whose content is known.

    Attributes
    ----------
    variant : str
        ``lite``, ``full`` or ``heavy``.
    file : str
        Its usual name.
    size : int
        Bytes.
    sha256 : str
        Hash, hexadecimal.
    source : str
        Where it comes from.
    bundled : bool
        Whether it ships in the package.
    licence : str
        SPDX identifier.
    """

    variant: str
    file: str
    size: int
    sha256: str
    source: str
    bundled: bool
    licence: str = LICENCE


MODEL_FILES = (
    ModelFile(
        "lite",
        "pose_landmarker_lite.task",
        5_777_746,
        "59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
        f"Google, {_GOOGLE}/pose_landmarker_lite/float16/latest/pose_landmarker_lite.task",
        bundled=True,
    ),
    ModelFile(
        "full",
        "pose_landmarker_full.task",
        9_398_198,
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
        f"Google, {_GOOGLE}/pose_landmarker_full/float16/latest/pose_landmarker_full.task",
        bundled=True,
    ),
    ModelFile(
        "full",
        "pose_landmarker_full.task",
        9_398_198,
        "5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
        f"Google, {_GOOGLE}/pose_landmarker_full/float16/1/pose_landmarker_full.task",
        bundled=False,
    ),
    ModelFile(
        "heavy",
        "pose_landmarker_heavy.task",
        30_663_930,
        "44415a06021afaded004b929c7dc2a82c36c79b6f11a2b472c1c26799215508d",
        "Google's networks from the npm package @mediapipe/pose 0.5, bundled with re-written metadata",
        bundled=True,
    ),
    ModelFile(
        "heavy",
        "pose_landmarker_heavy.task",
        30_664_242,
        "64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
        f"Google, {_GOOGLE}/pose_landmarker_heavy/float16/latest/pose_landmarker_heavy.task",
        bundled=False,
    ),
)

BUNDLED = {entry.variant: entry for entry in MODEL_FILES if entry.bundled}
# The parts that every pose landmarker bundle has.
_BUNDLE_PARTS = {"pose_detector.tflite", "pose_landmarks_detector.tflite"}
# Landmark networks differ in size by variant: bounds in bytes tell which calibration fits a file of the user's own.
_VARIANT_LIMITS = ((4_500_000, "lite"), (15_000_000, "full"))


@dataclass(frozen=True, slots=True)
class VerifiedModel:
    """A model file that was read and checked.

    Attributes
    ----------
    name : str
        What the user asked for.
    variant : str
        ``lite``, ``full`` or ``heavy``: whose calibration applies.
    file : str
        File name.
    sha256 : str
        Hash of the content.
    known : bool
        Whether the hash is in `MODEL_FILES`.
    content : bytes
        The file itself: what was checked is what is loaded.
    """

    name: str
    variant: str
    file: str
    sha256: str
    known: bool
    content: bytes


def load_model_file(model: str) -> VerifiedModel:
    """Read a pose model file and check it.

    Parameters
    ----------
    model
        ``lite``, ``full``, ``heavy``, or the path of a ``.task`` file. A path is accepted by the hash of a known
        file, or when it is an intact pose landmarker bundle (``known`` is then False).

    Returns
    -------
    VerifiedModel
        With its content.

    Raises
    ------
    UsageError
        When it is neither a name nor an existing file.
    ModelError
        When the file cannot be read or is damaged.
    """
    if model in BUNDLED:
        return _load_bundled(BUNDLED[model])
    path = Path(model)
    if not path.is_file():
        raise UsageError(f"There is no pose model '{model}': use lite, full, heavy or the path of a .task file.")
    return _load_path(path)


def _load_bundled(entry: ModelFile) -> VerifiedModel:
    file = resources.files("formcoach.pose").joinpath("models", entry.file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The pose model '{entry.variant}' is missing from the installation: install formcoach again."
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != entry.sha256:
        raise ModelError(
            f"The pose model '{entry.variant}' is damaged (its sha256 differs from the table): install formcoach again."
        )
    return VerifiedModel(entry.variant, entry.variant, entry.file, sha256, known=True, content=content)


def _load_path(path: Path) -> VerifiedModel:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The pose model '{path}' cannot be read ({error.strerror}): check its permissions."
        ) from error
    sha256, name = hashlib.sha256(content).hexdigest(), printable(path.name)
    for entry in MODEL_FILES:
        if entry.sha256 == sha256:
            return VerifiedModel(name, entry.variant, name, sha256, known=True, content=content)
    variant = _variant_of_bundle(path, content)
    return VerifiedModel(name, variant, name, sha256, known=False, content=content)


def _variant_of_bundle(path: Path, content: bytes) -> str:
    damaged = ModelError(
        f"'{path}' is not an intact MediaPipe pose model: download it again, or use --model lite, full or heavy."
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            if bundle.testzip() is not None or not set(bundle.namelist()) >= _BUNDLE_PARTS:
                raise damaged
            size = bundle.getinfo("pose_landmarks_detector.tflite").file_size
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError) as error:
        raise damaged from error
    return next((variant for limit, variant in _VARIANT_LIMITS if size < limit), "heavy")
