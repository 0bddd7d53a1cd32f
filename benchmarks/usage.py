"""What the commands say, in one sentence, where a folder is empty or an extra is not installed."""

from __future__ import annotations

from argparse import ArgumentTypeError
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# A list of nobody is "[]" and a line break.
EMPTY_BYTES = 3


def folder_with(*patterns: str) -> Callable[[str], Path]:
    """Return a type for argparse: a folder that has something in one of these files, so that a wrong one is refused."""

    def read(text: str) -> Path:
        folder = Path(text)
        if not folder.is_dir():
            raise ArgumentTypeError(f"there is no folder {folder}")
        if not any(has_content(path) for pattern in patterns for path in folder.glob(pattern)):
            raise ArgumentTypeError(f"nothing is in {folder}: it needs {' or '.join(patterns)}")
        return folder

    return read


def has_content(path: Path) -> bool:
    """Tell whether a file is there and is more than a list of nobody."""
    return path.is_file() and path.stat().st_size > EMPTY_BYTES


def need_extra(extra: str, *modules: str) -> None:
    """Check that modules which an extra brings are installed.

    Raises
    ------
    SystemExit
        With the line that installs the extra.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise SystemExit(f"This needs {', '.join(missing)}, which the extra brings: pip install -e '.[{extra}]'")


# A folder of rendered people, and one of their stills alone.
PEOPLE = folder_with("clips/*.mp4", "side/truth.json", "front/truth.json")
STILLS = folder_with("truth.json")
