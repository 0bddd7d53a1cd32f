"""Loads marker and motion files with OpenSim's own readers and prints what they find.

    python benchmarks/check_opensim.py FILE.trc FILE.mot … [--python PYTHON]

PYTHON has the package ``opensim`` (4.6 was used), for example in an environment of its own, because it brings many
others: ``python -m venv opensim && opensim/bin/pip install opensim``. Without the option it is that of the variable
FORMCOACH_OPENSIM_PYTHON, else this one. A marker file is read as ``TimeSeriesTableVec3`` and as ``MarkerData``, which
inverse kinematics uses; a motion file as ``TimeSeriesTable`` and as ``Storage``, which OpenSim's window uses. Exit code
1 when the readers find different numbers of rows or columns, or other units than metres and degrees.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

VARIABLE = "FORMCOACH_OPENSIM_PYTHON"

_READ = """
import json, sys
import opensim

report = {}
for path in sys.argv[1:]:
    if path.endswith(".trc"):
        table, data = opensim.TimeSeriesTableVec3(path), opensim.MarkerData(path)
        found = {
            "readers": {
                "TimeSeriesTableVec3": [table.getNumRows(), table.getNumColumns()],
                "MarkerData": [data.getNumFrames(), data.getNumMarkers()],
            },
            "units": table.getTableMetaDataString("Units"),
            "first": [table.getRowAtIndex(0)[0][axis] for axis in range(3)],
        }
    else:
        table, data = opensim.TimeSeriesTable(path), opensim.Storage(path)
        found = {
            "readers": {
                "TimeSeriesTable": [table.getNumRows(), table.getNumColumns()],
                "Storage": [data.getSize(), data.getColumnLabels().getSize() - 1],
            },
            "in_degrees": bool(data.isInDegrees()),
            "first": [table.getRowAtIndex(0)[column] for column in range(table.getNumColumns())],
        }
    times = table.getIndependentColumn()
    report[path] = {**found, "labels": list(table.getColumnLabels()), "from_s": times[0], "to_s": times[-1]}
print("REPORT" + json.dumps({"version": opensim.GetVersion(), "files": report}))
"""


def find_python() -> str | None:
    """Return a Python that has OpenSim; None where there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    return sys.executable if importlib.util.find_spec("opensim") else None


def check(python: str, files: list[Path]) -> dict[str, dict[str, Any]]:
    """Return what OpenSim finds in each file, by its name."""
    return {Path(path).name: found for path, found in _run(python, files)["files"].items()}


def _run(python: str, files: list[Path]) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-c", _READ, *map(str, files)], capture_output=True, text=True, check=False, cwd=files[0].parent
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("REPORT")]
    if not lines:
        raise SystemExit(f"OpenSim could not read them: {done.stderr.strip() or done.stdout.strip()}")
    report: dict[str, Any] = json.loads(lines[-1].removeprefix("REPORT"))
    return report


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description="loads marker and motion files with OpenSim")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--python", default=find_python())
    options = parser.parse_args()
    if options.python is None:
        raise SystemExit(f"The package opensim is not here: install it, or name a Python that has it in {VARIABLE}.")
    report = _run(options.python, [one.resolve() for one in options.files])
    print(f"OpenSim {report['version']}")
    differ = False
    for path, found in report["files"].items():
        sizes = list(found["readers"].values())
        right = found.get("units", "m") == "m" and found.get("in_degrees", True)
        differ |= sizes[0] != sizes[1] or not right
        readers = ", ".join(f"{name} {rows} x {columns}" for name, (rows, columns) in found["readers"].items())
        print(f"{Path(path).name}: {readers}; {found['from_s']:.2f} to {found['to_s']:.2f} s; {found['labels'][:4]} …")
    if differ:
        raise SystemExit("The readers do not agree.")


if __name__ == "__main__":
    main()
