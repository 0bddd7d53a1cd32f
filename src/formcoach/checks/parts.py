"""Python, the packages that formcoach is made of, and the system libraries that they need."""

from __future__ import annotations

import importlib
import io
import os
import platform
import tempfile
from contextlib import contextmanager, redirect_stdout
from importlib import metadata
from typing import TYPE_CHECKING

from formcoach import __version__
from formcoach.checks.check import Check, Verdict
from formcoach.errors import MissingLibraryError
from formcoach.libraries import explained_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.requirements import Requirement

# The parts that get a line each -> what is imported to see that their system libraries are there. PortAudio, which
# sounddevice needs, is the business of the check of the sound; SDL, which is in pygame, of that of the display.
MODULES = {
    "mediapipe": "mediapipe",
    "opencv-contrib-python": "cv2",
    "av": "av",
    "numpy": "numpy",
    "scipy": "scipy.signal",
    "pygame-ce": None,
    "sounddevice": None,
}
# Only live sessions need these.
LIVE_ONLY = frozenset({"sounddevice", "pygame-ce", "cv2-enumerate-cameras", "platformdirs"})
# They fill the same folder as opencv-contrib-python, and what is in it is then left to chance (opencv-python#388).
RIVALS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
_AGAIN = "install formcoach again in a fresh environment, as its README says."
# Where Matplotlib keeps its list of fonts on Linux and elsewhere.
_MATPLOTLIB_FOLDERS = ("~/.cache/matplotlib", "~/.matplotlib")


def check_parts() -> Iterator[Check]:
    """Check the versions of Python and of all parts, and load those that bring libraries of their own."""
    requirements = read_requirements()
    yield Check.ok("formcoach", __version__ if requirements else f"{__version__}, not installed")
    yield Check.ok("python", f"{platform.python_version()} ({platform.system()} {platform.machine()})")
    for name, module in MODULES.items():
        yield check_part(name, module, requirements.get(name))
    yield from _check_smaller_parts([one for name, one in requirements.items() if name not in MODULES])
    for rival in RIVALS:
        if find_version(rival) is not None:
            yield Check(
                rival,
                Verdict.HINT,
                f"{rival} fills the same folder as opencv-contrib-python",
                f"run 'pip uninstall {rival}', then 'pip install --force-reinstall opencv-contrib-python'.",
            )


def read_requirements() -> dict[str, Requirement]:
    """Return the packages that formcoach says it needs, by name; empty where it runs without being installed."""
    from packaging.requirements import Requirement

    try:
        lines = metadata.requires("formcoach") or []
    except metadata.PackageNotFoundError:
        return {}
    found = [Requirement(line) for line in lines]
    return {one.name: one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})}


def find_version(name: str) -> str | None:
    """Return the version of an installed package; None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_part(name: str, module: str | None, requirement: Requirement | None) -> Check:
    """Check one package.

    Parameters
    ----------
    name
        As it is installed by.
    module
        What to import; None imports nothing.
    requirement
        The versions that fit; None lets any pass.
    """
    worst = Verdict.HINT if name in LIVE_ONLY else Verdict.FAILURE
    version = find_version(name)
    if version is None:
        return Check(name, worst, f"The Python package {name} is missing", _AGAIN)
    if requirement is not None and not requirement.specifier.contains(version, prereleases=True):
        remedy = f"run 'pip install \"{requirement}\"'."
        return Check(name, worst, f"{version} does not fit, {requirement.specifier} is needed", remedy)
    try:
        if module is not None:
            load(module)
    except MissingLibraryError as error:
        return Check.from_error(name, worst, error)
    except Exception as error:  # whatever a package that does not fit this computer comes up with
        if os.environ.get("FORMCOACH_DEBUG"):
            raise
        reason = next(iter(str(error).splitlines()), "")
        return Check(name, worst, f"{version} cannot be loaded ({type(error).__name__}, {reason})", _AGAIN)
    return Check.ok(name, version)


def _check_smaller_parts(requirements: list[Requirement]) -> Iterator[Check]:
    """Check what needs no line of its own as long as it is there."""
    checks = [check_part(one.name, None, one) for one in requirements]
    good = ", ".join(f"{one.name} {one.detail}" for one in checks if one.verdict is Verdict.OK)
    if good:
        yield Check.ok("smaller parts", good)
    yield from (one for one in checks if one.verdict is not Verdict.OK)


def load(module: str) -> None:
    """Import a module without a word on the terminal and without a new folder.

    Raises
    ------
    MissingLibraryError
        When a library that it needs is not there.
    """
    with explained_imports():
        from formcoach.pose.quiet import block_usage_reporting, silenced_stderr

        block_usage_reporting()
        with silenced_stderr(), redirect_stdout(io.StringIO()), _no_folder_for_matplotlib():
            importlib.import_module(module)


@contextmanager
def _no_folder_for_matplotlib() -> Iterator[None]:
    """Lend Matplotlib, which MediaPipe loads, a folder that vanishes where it would make its own."""
    usual = [os.path.expanduser(folder) for folder in _MATPLOTLIB_FOLDERS]  # noqa: PTH111 -- Path fails without a home
    if "MPLCONFIGDIR" in os.environ or any(os.path.isdir(folder) for folder in usual):  # noqa: PTH112
        yield
        return
    with tempfile.TemporaryDirectory() as lent:
        os.environ["MPLCONFIGDIR"] = lent
        try:
            yield
        finally:
            del os.environ["MPLCONFIGDIR"]
