"""Bodies and renderers: sticks for all tests, and the real ones for tests that need the extra ``render``."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np
import pytest

import people.bystander
import people.clips
import people.posing
import people.stills
import people.sweep
from people.appearance import draw_person
from people.scene import Actor
from stick_body import StickActor, StickBody, stick_body


def need_extra(*modules: str) -> None:
    """Skip without these modules of the extra."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the extra 'render': pip install -e '.[render]' (missing: {', '.join(missing)})")


@pytest.fixture(scope="session", autouse=True)
def _quick():
    """Ask only once how a body's legs must turn to hang straight: it takes longer than all the rest of a posture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people.posing, "neutral_legs", functools.cache(people.posing.neutral_legs))
        yield


@pytest.fixture(scope="session")
def sticks() -> StickBody:
    """The body of sticks; nothing changes it."""
    return stick_body()


@pytest.fixture
def all_sticks(monkeypatch):
    """Everybody who is drawn gets the body of sticks."""
    for module in (people.bystander, people.clips, people.stills, people.sweep):
        monkeypatch.setattr(module, "Actor", StickActor)


@pytest.fixture(scope="session")
def person():
    """Somebody whose looks are drawn, the same one in all tests."""
    return draw_person(np.random.default_rng(4))


@pytest.fixture(scope="session")
def actor(person):
    """A dressed person made by the body model."""
    need_extra("torch", "anny")
    return Actor(person)


@pytest.fixture(scope="session")
def renderer():
    """The renderer, the only one: a second graphics context would take its place."""
    need_extra("moderngl")
    import moderngl

    from people.render import Renderer

    try:
        moderngl.create_standalone_context(backend="egl").release()
    except Exception as error:  # noqa: BLE001 the library raises nothing more special
        pytest.skip(f"needs a graphics driver, on Debian 'apt-get install libegl1 libgl1-mesa-dri': {error}")
    return Renderer()
