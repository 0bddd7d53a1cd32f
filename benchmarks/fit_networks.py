"""Fits the networks in ``src/formcoach/pose/networks`` on rendered people.

    python benchmarks/render_people.py fit FOLDER
    python benchmarks/fit_networks.py FOLDER... --cache CACHE

The crops are cut where MediaPipe's models put the landmarks (heavy, full and lite: their errors differ). One person in
ten is left out and their errors are printed. Seeded: the same folder gives weights of the same quality (to the last bit
only on the same machine). Needs the extra ``render``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from network_data import Samples, read_samples
from usage import STILLS, need_extra

# The models whose landmarks place the crops, and how many more times each crop is cut with a small error.
VARIANTS = {"heavy": 1, "full": 0, "lite": 0}
OUTPUT = Path(__file__).parents[1] / "src" / "formcoach" / "pose" / "networks"
LEFT_OUT_SHARE = 0.1
# How often each crop is seen.
EPOCHS = {"trunk": 24, "leg": 14}


def load(folders: list[Path], cache: Path, variants: dict[str, int]) -> dict[str, Samples]:
    """Return the samples of both networks, cut anew where the cache has none."""
    cache.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Samples]] = {"trunk": [], "leg": []}
    for folder in folders:
        count = len(json.loads((folder / "truth.json").read_text(encoding="utf-8")))
        for variant, copies in variants.items():
            paths = {name: cache / f"{folder.name}.{count}.{variant}.{copies}.{name}.npz" for name in parts}
            if not all(path.exists() for path in paths.values()):
                for name, samples in zip(parts, read_samples(folder, variant, copies), strict=True):
                    np.savez(paths[name], **{field: getattr(samples, field) for field in Samples.__slots__})
            for name, path in paths.items():
                with np.load(path) as stored:
                    parts[name].append(Samples(*(stored[field] for field in Samples.__slots__)))
    return {name: join(some) for name, some in parts.items()}


def join(parts: list[Samples]) -> Samples:
    """Put samples behind each other."""
    return Samples(*(np.concatenate([getattr(part, field) for part in parts]) for field in Samples.__slots__))


def left_out(person: np.ndarray) -> np.ndarray:
    """Tell which samples belong to the people who are left out of the fit."""
    people = np.random.default_rng(0).permutation(np.unique(person))
    return np.isin(person, people[: round(LEFT_OUT_SHARE * len(people))])


def main() -> None:
    """Fit and write both networks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=STILLS, nargs="+")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the crops")
    parser.add_argument("--epochs", type=int, help=f"default: {EPOCHS}")
    parser.add_argument("--only", choices=("trunk", "leg"))
    parser.add_argument("--out", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    need_extra("render", "onnx", "torch")
    # Only here, so that without the extra it can be said what is missing.
    from networks import describe, export, fit

    for name, samples in load(arguments.folders, arguments.cache, VARIANTS).items():
        if arguments.only not in (None, name):
            continue
        out = left_out(samples.person)
        rest, report = samples.pick(~out), samples.pick(out)
        print(f"{name}: {len(rest)} crops of {len(np.unique(rest.person))} people", flush=True)
        epochs = arguments.epochs or EPOCHS[name]
        network = fit(name, rest, epochs, report=report)
        export(network, arguments.out / f"{name}.onnx", samples.image.shape[1], samples.cues.shape[1])
        print(f"{name}: {describe(network, report)}")


if __name__ == "__main__":
    main()
