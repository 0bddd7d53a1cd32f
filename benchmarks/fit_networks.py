"""Fits the networks in ``src/formcoach/pose/networks`` on rendered people.

    python benchmarks/render_people.py fit FOLDER
    python benchmarks/fit_networks.py FOLDER... --cache CACHE [--start NETWORKS] [--out NETWORKS]

The crops are cut where MediaPipe's models put the landmarks (heavy, full and lite: their errors differ). One person in
twenty is left out and their errors are printed. Seeded: the same folder gives weights of the same quality (on one CPU
the same to the last bit). With ``--start`` the fit goes on from networks that were fitted before, on people whom they
have not seen, and what is kept is the mean of their weights before and after (Wortsman et al., Robust fine-tuning of
zero-shot models, 2022). Needs the extra ``render``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from network_data import Cutting, Samples, read_samples
from rendered_poses import save_arrays
from usage import STILLS, need_extra

# The models whose landmarks place the crops: their errors differ.
VARIANTS = {"heavy": Cutting(copies=1), "full": Cutting(every=3), "lite": Cutting(first=1, every=3)}
OUTPUT = Path(__file__).parents[1] / "src" / "formcoach" / "pose" / "networks"
LEFT_OUT_SHARE = 0.05
NETWORKS = ("trunk", "leg")
# In the names of the cached crops: another number where their fields are others.
CACHE_VERSION = 2


def load(name: str, folders: list[Path], cache: Path) -> Samples:
    """Return the samples of one network, cut anew where the cache has none."""
    cache.mkdir(parents=True, exist_ok=True)
    parts = []
    for folder, (variant, cutting) in product(folders, VARIANTS.items()):
        count = len(json.loads((folder / "truth.json").read_text(encoding="utf-8")))
        start = f"{folder.name}.{count}.{variant}.{cutting.copies}.{cutting.first}.{cutting.every}.v{CACHE_VERSION}"
        paths = {one: cache / f"{start}.{one}.npz" for one in NETWORKS}
        if not all(path.exists() for path in paths.values()):
            for path, samples in zip(paths.values(), read_samples(folder, variant, cutting), strict=True):
                save_arrays(path, {field: getattr(samples, field) for field in Samples.__slots__})
        with np.load(paths[name]) as stored:
            parts.append(Samples(*(stored[field] for field in Samples.__slots__)))
    return join(parts)


def join(parts: list[Samples]) -> Samples:
    """Put samples behind each other."""
    return Samples(*(np.concatenate([getattr(part, field) for part in parts]) for field in Samples.__slots__))


def left_out(person: np.ndarray) -> np.ndarray:
    """Tell which samples belong to the people who are left out of the fit, one at least."""
    people = np.random.default_rng(0).permutation(np.unique(person))
    return np.isin(person, people[: max(1, round(LEFT_OUT_SHARE * len(people)))])


def main() -> None:
    """Fit and write both networks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=STILLS, nargs="+")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the crops")
    parser.add_argument("--epochs", type=int, help="a single cycle of so many, to try something out")
    parser.add_argument("--only", choices=NETWORKS)
    parser.add_argument("--start", type=Path, help="folder of networks to go on from, with people new to them")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="a GPU takes minutes, a CPU hours")
    parser.add_argument("--out", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    need_extra("render", "onnx", "torch")
    # Only here, so that without the extra it can be said what is missing.
    import torch

    if arguments.device == "cuda" and not torch.cuda.is_available():
        parser.error("PyTorch finds no GPU here: leave --device out, or install PyTorch for CUDA")
    if len({folder.resolve().name for folder in arguments.folders}) < len(arguments.folders):
        parser.error("two folders have the same name, and the cache would mix them up: rename one")
    names = NETWORKS if arguments.only is None else (arguments.only,)
    if arguments.start is not None:
        if missing := [name for name in names if not (arguments.start / f"{name}.onnx").exists()]:
            parser.error(f"there is no {missing[0]}.onnx in {arguments.start} to go on from")
        if arguments.start.resolve() == arguments.out.resolve():
            parser.error("--start and --out are the same folder: the same fit could not be made again")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in names:
        fit_one(name, arguments)


def fit_one(name: str, arguments: argparse.Namespace) -> None:
    """Fit one network and write it."""
    from network_files import average, export
    from networks import CYCLES, FURTHER_CYCLES, describe, fit

    samples = load(name, arguments.folders, arguments.cache)
    out = left_out(samples.person)
    rest, report = samples.pick(~out), samples.pick(out)
    size_px, cues = samples.image.shape[1], samples.cues.shape[1]
    del samples  # gigabytes
    print(f"{name}: {len(rest)} crops of {len(np.unique(rest.person))} people", flush=True)
    start = None if arguments.start is None else arguments.start / f"{name}.onnx"
    cycles = (CYCLES if start is None else FURTHER_CYCLES)[name]
    if arguments.epochs is not None:
        cycles = (replace(cycles[0], epochs=arguments.epochs),)
    try:
        network = fit(name, rest, cycles, report=report, device=arguments.device, start=start)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    print(f"{name}: {describe(network, report)}")
    if start is not None:
        average(network, start, size_px, cues)
        print(f"{name}, mean: {describe(network, report)}")
    export(network, arguments.out / f"{name}.onnx", size_px, cues)


if __name__ == "__main__":
    main()
