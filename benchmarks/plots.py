"""Bland–Altman plots of the angles: errors against the truth, with limits of agreement.

The truth of rendered people is exact, so errors are plotted against it and not against the mean of both methods
(Krouwer 2008, Stat Med 27:778).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from angle_tables import RARELY, measure, select, ways_of
from formcoach.angles import Angle, View
from formcoach.angles.geometry import wrap_deg
from usage import need_extra

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from agreement import Agreement
    from runs import Run

# More points hide each other: so many a kind of recording, spread evenly over all.
MOST_POINTS = 350
COLUMNS = 4
# Errors beyond this are drawn at the edge.
LARGEST_DEG = 30.0
PALETTE = 64


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of recording is drawn; the colours are those of Okabe and Ito, which all eyes tell apart."""

    label: str
    color: str
    marker: str
    size: float
    line: str


STYLES = {
    "still": Style("stills, without baseline", "#009E73", "x", 10.0, (0, (1, 1.5))),
    "free": Style("free clips", "#0072B2", "o", 7.0, "--"),
    "scripted": Style("scripted clips", "#D55E00", "^", 9.0, "-"),
}


def write_plots(runs: Sequence[Run], model: str, folder: Path) -> Path:
    """Draw all angles of the side view, one small plot an angle, and return the picture's path.

    Raises
    ------
    SystemExit
        When matplotlib is not installed.
    """
    need_extra("benchmarks", "matplotlib", "PIL")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    usual = {kind: select(runs, View.SIDE, ways_of(kind)[0], kind) for kind in STYLES}
    usual = {kind: some for kind, some in usual.items() if some}
    angles = [one for one in Angle if max(measure(one, some).checked for some in usual.values()) >= RARELY]
    count = -(-len(angles) // COLUMNS)
    figure = Figure(figsize=(10.5, 2.35 * count + 0.9), dpi=110, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(count, COLUMNS, sharey=True, squeeze=False).ravel()
    for axis, angle in zip(axes, angles, strict=False):
        _draw(axis, angle, usual)
    for axis in axes[len(angles) :]:
        axis.axis("off")
    for axis in axes[max(len(angles) - COLUMNS, 0) : len(angles)]:  # below them only the legend
        axis.set_xlabel("true angle, degrees", fontsize=9)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.suptitle(f"Side view, pose model {model}; errors beyond {LARGEST_DEG:g}° stand at the edge", fontsize=10)
    figure.legend(handles, labels, loc="outside lower center", ncols=len(STYLES), frameon=False, fontsize=9)
    figure.supylabel("measured minus true, degrees", fontsize=10)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"agreement_side_{model}.png"
    canvas.draw()
    # A palette is enough for three colours on white, and a third of the size.
    Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).quantize(PALETTE).save(path, optimize=True)
    return path


def _draw(axis: Axes, angle: Angle, usual: dict[str, Sequence[Run]]) -> None:
    axis.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    for kind, some in usual.items():
        style = STYLES[kind]
        true, error = _points(angle, some)
        axis.scatter(
            true,
            np.clip(error, -LARGEST_DEG, LARGEST_DEG),
            s=style.size,
            marker=style.marker,
            color=style.color,
            alpha=0.45,
            linewidths=0.7 if style.marker == "x" else 0.0,
            label=style.label,
            rasterized=True,
        )
    for kind, some in usual.items():
        _draw_limits(axis, kind, measure(angle, some))
    axis.set_title(angle.value.replace("_", " "), fontsize=9)
    axis.set_ylim(-LARGEST_DEG - 1.0, LARGEST_DEG + 1.0)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)


def _draw_limits(axis: Axes, kind: str, found: Agreement) -> None:
    style = STYLES[kind]
    if found.checked < RARELY:
        return
    label = f"95 % limits, {style.label.split(',')[0]}"
    for limit in (found.lower_limit_deg, found.upper_limit_deg):
        axis.axhline(limit, color=style.color, linestyle=style.line, linewidth=1.2, label=label)
        label = None


def _points(angle: Angle, runs: Sequence[Run]) -> tuple[np.ndarray, np.ndarray]:
    true = np.concatenate([run.true_deg[run.recording.stretching, angle.column] for run in runs])
    measured = np.concatenate([run.readings.value_deg[run.recording.stretching, angle.column] for run in runs])
    known = np.flatnonzero(np.isfinite(measured))
    known = known[np.unique(np.linspace(0, len(known) - 1, min(MOST_POINTS, len(known))).astype(int))]
    return true[known], wrap_deg(measured[known] - true[known])
