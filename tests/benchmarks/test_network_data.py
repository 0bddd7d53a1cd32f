"""The crops that the networks are fitted on, with their answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from formcoach.pose.crops import lean_deg, place_trunk
from formcoach.pose.estimates import relative_to_vertical
from formcoach.pose.mediapipe_model import MediaPipePoseModel
from formcoach.pose.model_files import load_model_file
from formcoach.pose.pose import LEG_ESTIMATES, TRUNK_ESTIMATES
from formcoach.video import open_source
from network_data import LEG_POINTS, LENGTH_CUE, TRUNK_POINTS, Cutting, read_samples

FOLDER = Path(__file__).parents[1] / "data" / "people" / "side"


@pytest.fixture(scope="module")
def stills(tmp_path_factory):
    """Some of the small stills that the repository holds, as a set of their own."""
    rows = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))[:4]
    folder = tmp_path_factory.mktemp("stills")
    (folder / "truth.json").write_text(json.dumps(rows), encoding="utf-8")
    for row in rows:
        (folder / row["image"]).write_bytes((FOLDER / row["image"]).read_bytes())
    return folder, rows


@pytest.fixture(scope="module")
def samples(stills):
    return read_samples(stills[0], "lite", Cutting())


def test_answers_turned_back_to_the_vertical_are_the_truth(stills, samples):
    folder, rows = stills
    trunk, _ = samples
    assert len(trunk) == len(rows)
    with MediaPipePoseModel(load_model_file("lite"), video=False) as model:
        for index, row in enumerate(rows):
            with open_source(folder / row["image"]) as source:
                (frame,) = source
            lean = lean_deg(place_trunk(model.detect(frame).points.astype(np.float64)))
            values = np.stack([trunk.target[index], np.ones(len(TRUNK_ESTIMATES), np.float32)])
            truth = [row["angles"][name] for name in TRUNK_ESTIMATES]
            assert relative_to_vertical(values, lean)[0] == pytest.approx(truth, abs=0.1)


def test_both_legs_have_answers_of_their_own(stills, samples):
    _, rows = stills
    _, leg = samples
    assert len(leg) == 2 * len(rows)
    assert leg.valid.mean() >= 0.5
    knee = LEG_ESTIMATES.index("knee_flexion")
    for index, row in enumerate(rows):
        for side, at in (("left", 2 * index), ("right", 2 * index + 1)):
            name = "knee_flexion" if side == row["elevated"] else "stance_knee_flexion"
            if leg.valid[at]:
                assert leg.target[at, knee] == pytest.approx(row["angles"][name], abs=1e-3)
            else:
                assert np.isnan(leg.target[at]).all()


def test_points_lie_where_the_joints_are_in_the_crop(samples):
    trunk, leg = samples
    lumbosacral = trunk.points[:, TRUNK_POINTS.index("L5S1")]
    assert np.abs(lumbosacral[:, 1]).max() < 0.5
    ankle = leg.points[:, LEG_POINTS.index("{leg}_ankle")]
    assert np.hypot(*ankle[leg.valid > 0.5].T).max() < 0.35
    # The trunk stands upright and faces right, the shank stands upright: nothing is mirrored or upside down.
    shoulders, nose = (trunk.points[:, TRUNK_POINTS.index(name)] for name in ("C7T1", "nose"))
    assert (shoulders[:, 1] - lumbosacral[:, 1]).min() > 0.5
    assert (nose[:, 0] - shoulders[:, 0]).min() > 0.05
    knee, toe = (leg.points[leg.valid > 0.5, LEG_POINTS.index(f"{{leg}}_{name}")] for name in ("knee", "toe"))
    assert knee[:, 1].min() > 0.6
    left, right = toe.reshape(-1, 2, 2)[:, :, 0].T
    assert (np.sign(left) == -np.sign(right)).all()  # seen from the side a right leg is the mirror image of a left one


def test_of_every_so_manieth_person_crops_are_cut(stills, tmp_path):
    folder, rows = stills
    renamed = [
        row | {"person": f"person_{index}", "image": str(folder / row["image"])} for index, row in enumerate(rows)
    ]
    (tmp_path / "truth.json").write_text(json.dumps(renamed), encoding="utf-8")
    trunk, leg = read_samples(tmp_path, "lite", Cutting(first=1, every=3))
    assert list(trunk.person) == ["person_1"]
    assert set(leg.person) == {"person_1"}


def test_copies_are_placed_a_little_off_and_some_wrong(stills):
    trunk, _ = read_samples(stills[0], "lite", Cutting(copies=6), seed=1)
    wrong = trunk.valid < 0.5
    assert 4 * 7 < len(trunk) <= 4 * 8
    assert wrong.sum() == len(trunk) - 4 * 7
    assert np.isnan(trunk.target[wrong]).all()
    assert np.isfinite(trunk.target[~wrong]).all()
    tilt = TRUNK_ESTIMATES.index("pelvic_tilt")
    assert np.ptp(trunk.target[~wrong][:7, tilt]) > 1.0
    # However large a copy is, its landmarks' trunk is as long as the crop's scale, as it always is for formcoach.
    assert trunk.cues[:, LENGTH_CUE] == pytest.approx(1.0, abs=1e-5)


def test_a_series_is_one_person_before_one_camera(stills):
    _, rows = stills
    trunk, leg = read_samples(stills[0], "lite", Cutting(copies=1), seed=1)
    first = np.array([one.split("/")[3] == "0" for one in trunk.series])
    assert first.sum() == len(rows)
    people = {(row["person"], row["cam"]) for row in rows}
    assert len(set(trunk.series[first])) == len(people)
    assert trunk.standing[first].tolist() == [row["neutral"] for row in rows]
    assert 0 < trunk.standing[first].sum() < len(rows)
    # Copies and the two legs are series of their own.
    assert not set(trunk.series[first]) & set(trunk.series[~first])
    assert len(set(leg.series)) >= 2 * 2 * len(people)
