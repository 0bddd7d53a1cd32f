"""Says in one sentence which system library or package is missing when an import fails."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from formcoach.errors import MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Shared object -> the Debian 12 / Ubuntu package that has it.
DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libportaudio.so.2": "libportaudio2",
}

_SHARED_OBJECT = re.compile(r"(lib[\w.+-]+?\.so(?:\.\d+)*)")


def explain_missing_library(error: ImportError | OSError) -> MissingLibraryError | None:
    """Turn the failure of an import into a sentence that says what to install.

    Parameters
    ----------
    error
        What the import raised: ``ImportError`` from an extension module, ``OSError`` from ``ctypes``.

    Returns
    -------
    MissingLibraryError or None
        None when the error does not speak of a missing library or package.
    """
    text = str(error)
    found = _SHARED_OBJECT.search(text)
    if found is not None and ("cannot open shared object" in text or "not found" in text):
        library = found.group(1)
        package = DEBIAN_PACKAGES.get(library)
        if package is None:
            return MissingLibraryError(f"The system library {library} is missing: install the package that has it.")
        return MissingLibraryError(
            f"The system library {library} is missing: on Debian or Ubuntu run 'apt-get install {package}'."
        )
    if "PortAudio library not found" in text:
        return MissingLibraryError(
            "The system library PortAudio is missing: on Debian or Ubuntu run 'apt-get install libportaudio2'."
        )
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("formcoach"):
        package = error.name.partition(".")[0]
        return MissingLibraryError(
            f"The Python package {package} is missing: install formcoach again, as its README says."
        )
    return None


@contextmanager
def explained_imports() -> Iterator[None]:
    """Raise `MissingLibraryError` in place of an import error that speaks of a missing library.

    Raises
    ------
    MissingLibraryError
        With the name of the package to install.
    """
    try:
        yield
    except (ImportError, OSError) as error:
        explained = explain_missing_library(error)
        if explained is None:
            raise
        raise explained from error
