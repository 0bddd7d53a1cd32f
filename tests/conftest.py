"""What all tests share: where the samples are, and tools that a test may need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

settings.register_profile("formcoach", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("formcoach")

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample clips and photos."""
    return SAMPLES


def need(tool: str, package: str | None = None) -> str:
    """Return the path of a system tool; skip without it, unless FORMCOACH_REQUIRE_TOOLS asks for all of them."""
    path = shutil.which(tool)
    if path is None:
        do_without(f"{tool} is not installed: on Debian run 'apt-get install {package or tool}'")
    return path


def do_without(message: str) -> NoReturn:
    """Skip because something is missing; fail where FORMCOACH_REQUIRE_TOOLS asks for everything."""
    if os.environ.get("FORMCOACH_REQUIRE_TOOLS"):
        pytest.fail(message)
    pytest.skip(message)
