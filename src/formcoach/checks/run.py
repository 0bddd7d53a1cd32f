"""All checks, one after the other: what goes wrong in one does not keep the others from being done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from formcoach.checks.cameras import check_cameras
from formcoach.checks.check import Check, Verdict
from formcoach.checks.models import check_models
from formcoach.checks.parts import check_parts
from formcoach.checks.surroundings import check_data_folder, check_display, check_sound
from formcoach.errors import FormCoachError
from formcoach.libraries import explained_imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What each looks at, and what it is at worst: nothing but parts and models is needed to analyse a recording.
CHECKS: tuple[tuple[str, Callable[[], Iterator[Check]], Verdict], ...] = (
    ("parts", check_parts, Verdict.FAILURE),
    ("pose models", check_models, Verdict.FAILURE),
    ("cameras", check_cameras, Verdict.HINT),
    ("sound", check_sound, Verdict.HINT),
    ("display", check_display, Verdict.HINT),
    ("data folder", check_data_folder, Verdict.HINT),
)


def run_checks() -> Iterator[Check]:
    """Check this computer.

    Yields
    ------
    Check
        Each as soon as it is done; a camera takes about two seconds.
    """
    for name, check, worst in CHECKS:
        try:
            with explained_imports():
                yield from check()
        except FormCoachError as error:
            yield Check.from_error(name, worst, error)
        except Exception as error:
            if os.environ.get("FORMCOACH_DEBUG"):
                raise
            yield Check(
                name,
                worst,
                f"This could not be checked because of a fault in formcoach ({type(error).__name__}, {error})",
                "please report it; FORMCOACH_DEBUG=1 shows where it is.",
            )
