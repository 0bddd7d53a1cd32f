"""The one family of exceptions that formcoach raises.

::

    FormCoachError
    ├── UsageError            the call itself cannot be carried out (exit code 2)
    │   └── ProfileError      an exercise profile is not valid
    ├── SourceError           a picture, video, camera or stream cannot be read
    │   └── NoPersonError     it can be read, but nobody is to be seen in it
    ├── ModelError            a pose model, a network or the calibration is missing, damaged or cannot be loaded
    ├── OutputError           a result cannot be written
    ├── DisplayError          there is no screen on which a window can be opened
    └── MissingLibraryError   a system library or a Python package is not there

Each message is one sentence (or two) that says what to do next; the command line prints it as it is.
"""


class FormCoachError(Exception):
    """Base of every error that formcoach raises on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line returns for it: 1 failed, 2 usage.
    """

    exit_code = 1


def printable(text: str) -> str:
    """Return a name as it can be shown and written: bytes that are no text in the file system become a mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


class UsageError(FormCoachError):
    """The call itself cannot be carried out: an unknown model name, an option that makes no sense."""

    exit_code = 2


class ProfileError(UsageError):
    """An exercise profile has a fault; the message names the file, the place and the remedy."""


class SourceError(FormCoachError):
    """A picture, video, camera or stream cannot be read."""


class NoPersonError(SourceError):
    """The input can be read, but no person was found in it."""


class ModelError(FormCoachError):
    """A pose model, a network or the calibration is missing, damaged or cannot be loaded."""


class OutputError(FormCoachError):
    """A result cannot be written."""


class DisplayError(FormCoachError):
    """There is no screen on which a window can be opened."""


class MissingLibraryError(FormCoachError):
    """A system library or a Python package that is needed is not installed."""
