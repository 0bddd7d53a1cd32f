"""Formcoach: a form coach for the standing hamstring stretch with one leg raised.

Importing this package is light: it reads no file, opens no folder and loads no heavy library.
"""

from formcoach.errors import (
    FormCoachError,
    MissingLibraryError,
    ModelError,
    NoPersonError,
    OutputError,
    ProfileError,
    SourceError,
    UsageError,
)

__version__ = "0.1.0"

__all__ = [
    "FormCoachError",
    "MissingLibraryError",
    "ModelError",
    "NoPersonError",
    "OutputError",
    "ProfileError",
    "SourceError",
    "UsageError",
    "__version__",
]
