"""The command that fits the networks: who is left out, what is kept of the crops, and a whole small run."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fit_networks
from fit_networks import join, left_out, load
from formcoach.pose.crops import Crop
from formcoach.pose.estimates import Network
from network_data import Cutting
from network_weights import weights_in

FOLDER = Path(__file__).parents[1] / "data" / "people" / "side"


@pytest.fixture
def people(tmp_path):
    """A folder of five stills, each of somebody else."""
    rows = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))[:5]
    folder = tmp_path / "people"
    folder.mkdir()
    for number, row in enumerate(rows):
        row["person"] = f"person_{number}"
        (folder / row["image"]).write_bytes((FOLDER / row["image"]).read_bytes())
    (folder / "truth.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def one_variant(monkeypatch):
    monkeypatch.setattr(fit_networks, "VARIANTS", {"lite": Cutting()})


def test_whole_people_are_left_out():
    person = np.repeat([f"person_{number}" for number in range(40)], 7)
    out = left_out(person)
    assert out.sum() == 2 * 7
    assert not set(person[out]) & set(person[~out])


def test_somebody_is_left_out_even_of_few_people():
    assert left_out(np.array(["a", "a", "b"])).sum() in (1, 2)


def test_crops_are_cut_once(people, tmp_path, monkeypatch):
    first = load("leg", [people], tmp_path / "cache")
    assert len(first) == 10
    monkeypatch.setattr(fit_networks, "read_samples", None)
    again = load("leg", [people], tmp_path / "cache")
    assert np.array_equal(first.image, again.image)
    assert len(load("trunk", [people], tmp_path / "cache")) == 5
    assert len(join([first, again])) == 20
    # What an older version cut is not read.
    monkeypatch.setattr(fit_networks, "CACHE_VERSION", fit_networks.CACHE_VERSION + 1)
    with pytest.raises(TypeError):  # there is nothing to cut with
        load("leg", [people], tmp_path / "cache")


def test_a_cut_that_is_interrupted_leaves_nothing_that_looks_whole(people, tmp_path, monkeypatch):
    write = np.savez

    def interrupt_the_last(file, **arrays):
        if "leg" in Path(file).name:
            Path(file).write_bytes(b"half")
            raise KeyboardInterrupt
        write(file, **arrays)

    monkeypatch.setattr(fit_networks.np, "savez", interrupt_the_last)
    with pytest.raises(KeyboardInterrupt):
        load("leg", [people], tmp_path / "cache")
    monkeypatch.undo()
    monkeypatch.setattr(fit_networks, "VARIANTS", {"lite": Cutting()})
    assert len(load("leg", [people], tmp_path / "cache")) == 10


def run(monkeypatch, *arguments):
    pytest.importorskip("torch", reason="fits need the extra 'render': pip install -e '.[render]'")
    monkeypatch.setattr(sys, "argv", ["fit_networks.py", *map(str, arguments)])
    fit_networks.main()


def test_the_command_fits_and_writes_what_opencv_reads(people, tmp_path, monkeypatch, capsys):
    pytest.importorskip("onnx", reason="fits need the extra 'render': pip install -e '.[render]'")
    networks = pytest.importorskip("networks", reason="fits need the extra 'render': pip install -e '.[render]'")
    monkeypatch.setattr(networks, "CYCLES", dict.fromkeys(fit_networks.NETWORKS, (networks.Cycle(1, batch=4),)))
    run(monkeypatch, people, "--cache", tmp_path / "cache", "--out", tmp_path)
    said = capsys.readouterr().out
    for name, size_px, cues, outputs in (("trunk", 112, 16, 13), ("leg", 80, 12, 9)):
        assert f"{name}: {4 if name == 'trunk' else 8} crops of 4 people" in said
        crop = Crop(np.zeros((size_px, size_px, 4), np.uint8), np.zeros(cues, np.float32))
        values, likelihood = Network((tmp_path / f"{name}.onnx").read_bytes()).run(crop)
        assert values.size + 1 == outputs
        assert np.isfinite(values).all()
        assert 0.0 <= likelihood <= 1.0


def test_the_command_keeps_the_mean_of_what_it_started_from_and_what_it_fitted(people, tmp_path, monkeypatch):
    pytest.importorskip("onnx", reason="fits need the extra 'render': pip install -e '.[render]'")
    networks = pytest.importorskip("networks", reason="fits need the extra 'render': pip install -e '.[render]'")
    torch = pytest.importorskip("torch", reason="fits need the extra 'render': pip install -e '.[render]'")
    asked = []

    def fit(name, samples, cycles, *, start, **_):
        asked.append((name, cycles, start))
        torch.manual_seed(0)
        parts = (samples.image.shape[1], samples.cues.shape[1], samples.target.shape[1], samples.points.shape[1])
        reader = networks.Reader(networks.SHAPES[name], *parts, networks.LAYOUTS[name].window)
        for module in reader.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.normal_(module.bias)  # equal ones are written once
        with torch.no_grad():
            reader.judge[-1].bias.add_(0.0 if start is None else 1.0)
        mean, spread = torch.linspace(1.0, 2.0, parts[2]), torch.linspace(3.0, 4.0, parts[2])
        return networks.Exported(reader, mean, spread)

    monkeypatch.setattr(networks, "fit", fit)
    common = (people, "--cache", tmp_path / "cache", "--only", "trunk", "--out")
    start, mean = tmp_path / "start" / "trunk.onnx", tmp_path / "mean" / "trunk.onnx"
    run(monkeypatch, *common, start.parent)
    run(monkeypatch, *common, mean.parent, "--start", start.parent, "--epochs", "3")
    further = replace(networks.FURTHER_CYCLES["trunk"][0], epochs=3)
    assert asked == [("trunk", networks.CYCLES["trunk"], None), ("trunk", (further,), start)]
    # The fits give the same weights, but for the bias of the last layer.
    steps = [np.abs(new - old).max() for old, new in zip(weights_in(start), weights_in(mean), strict=True)]
    assert max(steps) == pytest.approx(0.5)
    assert sum(step > 1e-5 for step in steps) == 1


def test_what_a_fit_cannot_start_from_is_said_so(people, tmp_path, monkeypatch, capsys):
    (tmp_path / "trunk.onnx").write_bytes(b"")
    common = (people, "--cache", tmp_path / "cache", "--only", "trunk")
    for start, out, said in (
        (tmp_path / "nowhere", tmp_path, "there is no trunk.onnx in"),
        (tmp_path, tmp_path, "--start and --out are the same folder"),
    ):
        with pytest.raises(SystemExit):
            run(monkeypatch, *common, "--start", start, "--out", out)
        assert said in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()


def test_too_few_people_are_said_so(people, tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match=r"^8 crops are too few for a fit of leg: render more people$"):
        run(monkeypatch, people, "--cache", tmp_path / "cache", "--only", "leg", "--out", tmp_path)


def test_a_gpu_that_is_not_there_is_said_before_anything_is_cut(people, tmp_path, monkeypatch, capsys):
    torch = pytest.importorskip("torch", reason="fits need the extra 'render': pip install -e '.[render]'")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit):
        run(monkeypatch, people, "--cache", tmp_path / "cache", "--device", "cuda")
    assert "finds no GPU here: leave --device out" in capsys.readouterr().err
    assert not (tmp_path / "cache").exists()


def test_folders_of_the_same_name_are_refused(people, tmp_path, monkeypatch, capsys):
    twin = tmp_path / "other" / people.name
    twin.mkdir(parents=True)
    (twin / "truth.json").write_text((people / "truth.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(SystemExit):
        run(monkeypatch, people, twin, "--cache", tmp_path / "cache")
    assert "rename one" in capsys.readouterr().err
