"""The command that renders a set."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from people.sets import SETS, with_options
from usage import need_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

# Every process keeps to one core: the libraries read this when they are loaded (with one job numpy already is).
ONE_THREAD = ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# The rows of finished people are gathered from time to time, and at the end.
MERGE_EVERY_S = 60.0
# What rendering imports; looked for before anything is rendered, and not when the modules are loaded.
HEAVY = ("anny", "moderngl", "PIL", "torch")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="render_people.py", description="Render people whose joint angles are known.")
    parser.add_argument("set", choices=SETS)
    parser.add_argument("out", type=Path, help="folder; what is there already is not rendered again")
    parser.add_argument(
        "--people", type=_range, default=":", metavar="A:B", help="only people A to B-1, or clips (default: all)"
    )
    parser.add_argument("--seed", type=int, help="other people (default: the set's own seed)")
    parser.add_argument("--fps", type=int, help="frame rate of clips (default: the set's own)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--merge-only", action="store_true", help="only gather finished people in truth.json")
    options = parser.parse_args(arguments)
    counts = [chosen.people for chosen in SETS[options.set]]
    if not any(_indices(options.people, count) for count in counts):
        parser.error(
            f"nobody is among these people: the set {options.set} has {max(counts)}, from 0 to {max(counts) - 1}"
        )
    return options


def find_missing(options: argparse.Namespace) -> list[tuple[int, int]]:
    """Return who is not there yet: the place of the set among those of that name, and the number of the person."""
    return [
        (place, index)
        for place, chosen in enumerate(_chosen(options))
        for index in _indices(options.people, chosen.people)
        if not chosen.is_done(options.out, index)
    ]


def render(options: argparse.Namespace, people: Sequence[tuple[int, int]]) -> None:
    """Render people, as `find_missing` names them."""
    from people.render import Renderer

    renderer = Renderer()
    merged_s = time.perf_counter()
    sets = _chosen(options)
    for place, index in people:
        chosen = sets[place]
        if chosen.is_done(options.out, index):  # by another command, meanwhile
            continue
        start = time.perf_counter()
        count = chosen.render(options.out, index, renderer)
        if time.perf_counter() - merged_s > MERGE_EVERY_S:
            chosen.merge(options.out)
            merged_s = time.perf_counter()
        print(f"{chosen.person(index)}  {count} in {time.perf_counter() - start:.1f} s", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Render a set."""
    options = parse(arguments)
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    if not options.merge_only:
        need_extra("render", *HEAVY)
        missing = find_missing(options)
        if options.jobs > 1:
            _render_in_processes(options, missing)
        elif missing:
            render(options, missing)
    for chosen in _chosen(options):
        chosen.merge(options.out)


def _render_in_processes(options: argparse.Namespace, missing: Sequence[tuple[int, int]]) -> None:
    spawning = multiprocessing.get_context("spawn")
    shares = [missing[job :: options.jobs] for job in range(min(options.jobs, len(missing)))]
    processes = [spawning.Process(target=render, args=(options, share)) for share in shares]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("a process failed; the same command goes on where it stopped")


def _chosen(options: argparse.Namespace) -> list:
    return [with_options(chosen, options.seed, options.fps) for chosen in SETS[options.set]]


def _range(text: str) -> slice:
    """Read ``A:B``, for argparse."""
    found = re.fullmatch(r"(\d*):(\d*)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no range of people, write A:B, for example 3:6")
    return slice(*(int(number) if number else None for number in found.groups()))


def _indices(people: slice, count: int) -> list[int]:
    """Return the indices that are meant out of so many."""
    return list(range(count))[people]


if __name__ == "__main__":
    main()
