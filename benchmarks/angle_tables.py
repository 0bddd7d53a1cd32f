"""Tables of how far the angles are from the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agreement import Agreement, compute_agreement
from formcoach.angles import Angle, View
from formcoach.angles.view import classify_view
from formcoach.coach import PathKind
from tables import Table, show_number, show_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runs import Run

# An angle that is seen in fewer frames than this is named, not measured.
RARELY = 0.05
VIEWS = (View.SIDE, View.OBLIQUE, View.FRONT)
KINDS = ("scripted", "free", "still")
# Shares of errors within one and two sigma that an honest uncertainty has; outside them a cell is marked.
HONEST = ((0.60, 0.76), (0.90, 0.98))


@dataclass(frozen=True, slots=True)
class Way:
    """How a recording went through the program.

    Attributes
    ----------
    path : PathKind
        Causal, zero-phase or still.
    has_baseline : bool
        Whether the person's standing was known.
    """

    path: PathKind
    has_baseline: bool

    @property
    def label(self) -> str:
        """In words; that of pictures names their kind too."""
        path = "stills" if self.path is PathKind.STILL else self.path.replace("_", "-")
        return f"{path}, {'with' if self.has_baseline else 'without'} baseline"

    def matches(self, run: Run) -> bool:
        """Tell whether a run went this way."""
        return run.path is self.path and run.has_baseline == self.has_baseline


# As `formcoach analyze` goes comes first.
CLIP_WAYS = tuple(Way(path, has) for has in (True, False) for path in (PathKind.ZERO_PHASE, PathKind.CAUSAL))
STILL_WAYS = (Way(PathKind.STILL, False), Way(PathKind.STILL, True))
COLUMNS = ("angle", "people", "n", "checked", "MAE", "bias", "SD", "95 % limits", "r", "slope", "sigma", "1 s", "2 s")


def ways_of(kind: str) -> tuple[Way, ...]:
    """Return the ways that recordings of a kind go, the usual one first."""
    return STILL_WAYS if kind == "still" else CLIP_WAYS


def select(runs: Iterable[Run], view: View, way: Way, kind: str | None = None) -> list[Run]:
    """Return the runs of one way, whose true view and kind of recording are those."""
    return [
        run
        for run in runs
        if way.matches(run) and classify_view(run.recording.azimuth_deg) is view and kind in (None, run.recording.kind)
    ]


def measure(angle: Angle, runs: Sequence[Run]) -> Agreement:
    """Return how an angle agrees with the truth while stretching."""
    rows = [run.recording.stretching for run in runs]
    people = [[run.recording.person] * int(some.sum()) for run, some in zip(runs, rows, strict=True)]
    return compute_agreement(
        np.concatenate([run.readings.value_deg[some, angle.column] for run, some in zip(runs, rows, strict=True)]),
        np.concatenate([run.true_deg[some, angle.column] for run, some in zip(runs, rows, strict=True)]),
        np.concatenate(people),
        np.concatenate([run.readings.sigma_deg[some, angle.column] for run, some in zip(runs, rows, strict=True)]),
    )


def make_summary(runs: Sequence[Run], view: View, whose: str = "") -> Table:
    """Return the mean absolute errors of a view: one row an angle, one column a kind of recording and way."""
    columns = [(kind, way, select(runs, view, way, kind)) for kind in KINDS for way in ways_of(kind)]
    columns = [one for one in columns if one[2]]
    rows = []
    for angle in Angle:
        found = [measure(angle, some) for _, _, some in columns]
        if max((one.checked for one in found), default=0.0) >= RARELY:
            cells = [show_number(one.mean_absolute_deg if one.checked >= RARELY else float("nan")) for one in found]
            rows.append((angle.value, *cells))
    short = {PathKind.ZERO_PHASE: " zp", PathKind.CAUSAL: " c", PathKind.STILL: ""}
    heads = [f"{kind}{short[way.path]}{'+b' if way.has_baseline else ''}" for kind, way, _ in columns]
    notes = ("zp: zero-phase, as recordings are analysed; c: causal, as live; +b: with the person's own baseline.",)
    return Table(f"Mean absolute error in degrees, {whose}{view} view", ("angle", *heads), tuple(rows), notes)


def make_angle_tables(runs: Sequence[Run]) -> list[Table]:
    """Return the errors of every angle while stretching, by true view, kind of recording and way."""
    tables = []
    for view in VIEWS:
        for kind in KINDS:
            for way in ways_of(kind):
                some = select(runs, view, way, kind)
                if some:
                    what = way.label if way.path is PathKind.STILL else f"{kind}, {way.label}"
                    tables.append(_make_angle_table(f"{view} view, {what}", some))
    return tables


def make_azimuth_table(runs: Sequence[Run]) -> Table:
    """Return how well the direction of view is read in clips: standing and stretching."""
    rows = []
    for view in VIEWS:
        some = select(runs, view, CLIP_WAYS[0])
        if not some:
            continue
        cells = [view.value]
        for name in ("neutral", "stretching"):
            offsets: dict[str, list[float]] = {}
            for run in some:
                read = np.abs(run.azimuth_deg[getattr(run.recording, name)])
                if np.isfinite(read).any():
                    turned = abs(run.recording.azimuth_deg) - float(np.nanmean(read))
                    offsets.setdefault(run.recording.person, []).append(turned)
            means = [np.mean(own) for own in offsets.values()]
            cells += [str(len(means)), show_number(float(np.mean(means)), "+.1f"), show_number(float(np.std(means)))]
        rows.append(tuple(cells))
    heads = ("view", *(f"{name} {what}" for name in ("standing", "stretching") for what in ("people", "offset", "SD")))
    notes = ("Towards the front (+) or the back (-) of the truth, mean over people; SD between people.",)
    return Table("Direction of view in degrees, clips", heads, tuple(rows), notes)


def make_model_table(runs_by_model: dict[str, Sequence[Run]], view: View) -> Table | None:
    """Return the mean absolute errors of the pose models beside each other, the usual way; None for one model."""
    models = list(runs_by_model)
    if len(models) < 2:
        return None
    rows = []
    for kind in KINDS:
        some = {model: select(runs_by_model[model], view, ways_of(kind)[0], kind) for model in models}
        if not all(some.values()):
            continue
        for angle in Angle:
            found = [measure(angle, some[model]) for model in models]
            if found[0].checked < RARELY:
                continue
            errors = [one.mean_absolute_deg for one in found]
            ratios = [f"{error / errors[0]:.2f}×" if np.isfinite(error) else "–" for error in errors[1:]]
            shares = [show_share(one.checked) for one in found]
            rows.append((kind, angle.value, *(show_number(error) for error in errors), *ratios, *shares))
    heads = (*models, *(f"{model} / {models[0]}" for model in models[1:]), *(f"{model} checked" for model in models))
    return Table(f"Pose models, mean absolute error, {view} view", ("kind", "angle", *heads), tuple(rows), words=2)


def _make_angle_table(title: str, runs: Sequence[Run]) -> Table:
    found = {angle: measure(angle, runs) for angle in Angle}
    rows = tuple(_row(angle, one) for angle, one in found.items() if one.checked >= RARELY)
    never = [angle.value for angle, one in found.items() if one.checked < RARELY]
    people = len({run.recording.person for run in runs})
    notes = [f"Not checked, or in less than {RARELY:.0%} of the frames: {', '.join(never)}."] if never else []
    # A picture is given its baseline: the program takes none there.
    if runs[0].path is not PathKind.STILL:
        taken = sum(run.baselines > 0 for run in runs)
        if runs[0].has_baseline and taken < len(runs):
            notes.append(f"The program took no baseline in {len(runs) - taken} of {len(runs)} clips.")
        if not runs[0].has_baseline and taken:
            notes.append(f"The program took one all the same in {taken} clips.")
    return Table(f"{title} ({people} people, {len(runs)} recordings)", COLUMNS, rows, tuple(notes))


def _row(angle: Angle, one: Agreement) -> tuple[str, ...]:
    return (
        angle.value,
        str(one.people),
        str(one.readings),
        show_share(one.checked),
        show_number(one.mean_absolute_deg),
        show_number(one.bias_deg, "+.1f"),
        show_number(one.sd_deg),
        f"{one.lower_limit_deg:+.1f} to {one.upper_limit_deg:+.1f}",
        show_number(one.correlation, ".2f"),
        show_number(one.slope, ".2f"),
        show_number(one.sigma_deg),
        *(
            show_share(share) + (" " if low <= share <= high else "*")
            for share, (low, high) in zip((one.within_one_sigma, one.within_two_sigma), HONEST, strict=True)
        ),
    )
