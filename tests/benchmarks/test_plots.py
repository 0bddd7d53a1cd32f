"""The plots are drawn of runs of figures."""

from __future__ import annotations

import importlib.util
import sys

import cv2
import numpy as np
import pytest

import plots
from formcoach.angles.calibration import load_calibration
from formcoach.stretch import load_profile
from plots import write_plots
from recordings import GOOD_STRETCH, OWN_STANDING, draw_stretch, make_recorded_clip, make_stills, on_top
from runs import run_program

PROFILE = load_profile()


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(2)
    stretches = [draw_stretch(rng, OWN_STANDING) for _ in range(3)]
    recordings = [
        make_recorded_clip("a", OWN_STANDING, (on_top(OWN_STANDING, **GOOD_STRETCH), 2.0)),
        make_recorded_clip("b", OWN_STANDING, *((one, 1.0) for one in stretches), kind="free"),
        make_stills("c", OWN_STANDING, stretches),
    ]
    return [run for one in recordings for run in run_program(one, load_calibration("heavy"), PROFILE)]


def coloured(picture):
    """How many points are neither white, grey nor black."""
    return int((np.ptp(picture.astype(int), axis=2) > 60).sum())


@pytest.fixture
def _drawing():
    missing = [name for name in ("matplotlib", "PIL") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the extra 'benchmarks': pip install -e '.[benchmarks]' (missing: {', '.join(missing)})")


@pytest.mark.usefixtures("_drawing")
@pytest.mark.parametrize("kinds", [("scripted", "free", "still"), ("still",)])
def test_a_picture_is_written(runs, tmp_path, kinds):
    path = write_plots([run for run in runs if run.recording.kind in kinds], "heavy", tmp_path / "new")
    assert path == tmp_path / "new" / "agreement_side_heavy.png"
    picture = cv2.imread(str(path))
    assert picture.shape[1] > 1000
    assert (picture == 255).all(axis=2).mean() > 0.5
    assert coloured(picture) > 1000


@pytest.mark.usefixtures("_drawing")
def test_every_reading_is_a_point(runs, tmp_path, monkeypatch):
    all_of_them = cv2.imread(str(write_plots(runs, "heavy", tmp_path)))
    monkeypatch.setattr(plots, "MOST_POINTS", 1)
    fewer = cv2.imread(str(write_plots(runs, "heavy", tmp_path)))
    assert coloured(all_of_them) > coloured(fewer) + 1000


def test_without_the_extra_it_says_how_to_install_it(runs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit, match=r"matplotlib.*: pip install -e '\.\[benchmarks\]'$"):
        write_plots(runs, "heavy", tmp_path)
