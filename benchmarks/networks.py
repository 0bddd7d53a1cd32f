"""The small networks that read trunk and legs from crops: architecture and fit (PyTorch)."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn

from augmentation import LAYOUTS, Batch, Stored, augment
from network_files import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from augmentation import Layout
    from network_data import Samples

# Share of the finding of joints, the telling of right crops from wrong ones and the spread in the loss.
POINTS_SHARE = 0.5
VALID_SHARE = 0.2
SPREAD_SHARE = 0.2
# How much more errors against the person's own standing count than those of each picture by itself.
CHANGE_WEIGHT = 3.0
# How many crops show a network that goes on what is normal.
SETTLING_SAMPLES = 1024
# Limits of the logarithm of the standardised spread.
LOG_SPREAD = (-4.0, 3.0)


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often each sample is seen while the learning rate rises to its highest and falls again.

    A second cycle goes on from the weights of the first (Loshchilov and Hutter, SGDR, 2017).

    Attributes
    ----------
    epochs : int
        How often each sample is seen.
    learning_rate : float
        The highest.
    rising_share : float
        Of the cycle, until it is highest.
    batch : int
        Samples a step.
    weight_decay : float
        As ``AdamW`` takes it.
    """

    epochs: int
    learning_rate: float = 6e-3
    rising_share: float = 0.2
    batch: int = 512
    weight_decay: float = 2e-2


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels of the four halvings, and widths of the dense layers."""

    channels: tuple[int, int, int, int]
    squeezed: int
    hidden: int


CYCLES = {"trunk": (Cycle(55),), "leg": (Cycle(23),)}
# Of a network that was fitted before, on other people: slower, so that it keeps what it knows.
FURTHER_CYCLES = {
    name: (Cycle(epochs, learning_rate=2e-3, weight_decay=0.1),) for name, epochs in {"trunk": 17, "leg": 12}.items()
}
SHAPES = {"trunk": Shape((24, 32, 64, 96), 32, 128), "leg": Shape((16, 32, 48, 64), 24, 96)}


class Residual(nn.Module):
    """Two convolutions whose result is added to what goes in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            *_convolve(channels, channels, stride=1),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Return the same shape."""
        return functional.relu(seen + self.change(seen))


def _convolve(before: int, channels: int, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(before, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]


class Reader(nn.Module):
    """Convolutions over a crop that also find points in it, then dense layers that take both and the cues.

    Where a point is, is the mean place of its heat map (Sun et al., Integral human pose regression, 2018).

    Parameters
    ----------
    shape
        Size of the network.
    size_px, cues, angles, points
        Side of the crop, a multiple of 16; how many cues; how many angles and points come out.
    window
        Left and upper edge and side of the crop, in its coordinates.

    Attributes
    ----------
    half_precision : bool
        Whether a fit looks in bfloat16; see ``computes_in_half``.
    """

    def __init__(
        self, shape: Shape, size_px: int, cues: int, angles: int, points: int, window: tuple[float, float, float]
    ) -> None:
        super().__init__()
        first, second, third, last = shape.channels
        self.angles = angles
        self.half_precision = False
        self.look = nn.Sequential(
            *_convolve(4, first, 2), *_convolve(first, second, 2), *_convolve(second, third, 2), Residual(third)
        )
        self.find = nn.Conv2d(third, points, 1)
        self.squeeze = nn.Sequential(
            *_convolve(third, last, 2), Residual(last), nn.Conv2d(last, shape.squeezed, 1), nn.ReLU(), nn.Flatten()
        )
        left, top, side = window
        steps = (torch.arange(size_px // 8) + 0.5) / (size_px // 8) * side
        down, across = torch.meshgrid(top - steps, left + steps, indexing="ij")
        self.register_buffer("places", torch.stack([across.flatten(), down.flatten()], 1))
        self.judge = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(shape.squeezed * (size_px // 16) ** 2 + cues + 2 * points, shape.hidden),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(shape.hidden, 2 * angles + 1),
        )

    def forward(self, crop: torch.Tensor, cues: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return standardised angles, logarithms of their spread, logits of a right crop, and points (n, p, 2)."""
        angles = self.angles
        # Looking is the expensive part and bears half precision; judging does not.
        with torch.autocast(crop.device.type, torch.bfloat16, enabled=self.training and self.half_precision):
            seen = self.look(crop)
            heat, squeezed = self.find(seen), self.squeeze(seen)
        points = torch.softmax(heat.float().flatten(2), 2) @ self.places
        out = self.judge(torch.cat([squeezed.float(), cues, points.flatten(1)], 1))
        return out[:, :angles], out[:, angles : 2 * angles], out[:, 2 * angles], points


class Exported(nn.Module):
    """One network as it is asked: degrees, standard deviations in degrees, and the likelihood of a right crop."""

    def __init__(self, reader: Reader, mean: torch.Tensor, spread: torch.Tensor) -> None:
        super().__init__()
        self.reader = reader
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)

    def forward(self, crop: torch.Tensor, cues: torch.Tensor) -> torch.Tensor:
        """Return shape (n, 2 m + 1)."""
        angles, log_spread, right, _ = self.reader(crop, cues)
        # The mean size of a Laplacian's errors is its scale; its standard deviation is the root of two times that.
        sigma = 2**0.5 * torch.exp(log_spread.clamp(*LOG_SPREAD)) * self.spread
        return torch.cat([angles * self.spread + self.mean, sigma, torch.sigmoid(right)[:, None]], 1)


@contextmanager
def fast_arithmetic() -> Iterator[None]:
    """Compute on one core, from which so small a network gains most, and take vanishing numbers for zero.

    They would make every step of a fit ten times slower. Both hold for all that is computed: they are put back.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


def computes_in_half(device: str) -> bool:
    """Tell whether a device computes in bfloat16 itself: a processor that imitates it takes several times as long."""
    able = torch.cpu.get_capabilities()
    return device != "cpu" or any(able.get(name, False) for name in ("amx_bf16", "avx512_bf16"))


@fast_arithmetic()
def fit(
    name: str,
    samples: Samples,
    cycles: Sequence[Cycle],
    seed: int = 0,
    report: Samples | None = None,
    device: str = "cpu",
    start: Path | None = None,
) -> Exported:
    """Fit one network.

    Parameters
    ----------
    name
        ``trunk`` or ``leg``.
    samples
        To fit on.
    cycles
        How often each sample is seen, and how fast is learnt from it.
    seed
        Of weights, order and augmentation.
    report
        Samples of other people whose errors are printed on the way.
    device
        Where it is computed: ``cpu``, or ``cuda`` if all samples fit into the GPU's memory.
    start
        File of a network that was fitted before, to go on from.

    Returns
    -------
    Exported
        On the CPU.

    Raises
    ------
    ValueError
        When there are fewer samples than a cycle takes at once, or the file's network has another shape.
    """
    if len(samples) < max(cycle.batch for cycle in cycles):
        raise ValueError(f"{len(samples)} crops are too few for a fit of {name}: render more people")
    torch.manual_seed(seed)
    stored = Stored.of(samples, device)
    known = torch.isfinite(stored.answers).all(1)
    mean, spread = stored.answers[known].mean(0), stored.answers[known].std(0)
    reader = Reader(
        SHAPES[name],
        samples.image.shape[1],
        samples.cues.shape[1],
        samples.target.shape[1],
        samples.points.shape[1],
        LAYOUTS[name].window,
    ).to(device, memory_format=torch.channels_last)
    reader.half_precision = computes_in_half(device)
    learnt = Exported(reader, mean, spread).to(device)
    if start is not None:
        restore(learnt, start)
        _settle(learnt, stored, LAYOUTS[name])
    for number, cycle in enumerate(cycles, 1):
        for epoch in _epochs(learnt, stored, cycle, LAYOUTS[name]):
            if report is not None and (epoch % 5 == 0 or epoch == cycle.epochs):
                errors = describe(learnt, report)
                print(f"{name} cycle {number} epoch {epoch:3}/{cycle.epochs}  {errors}", flush=True)
    return learnt.cpu().eval()


@torch.no_grad()
def _settle(learnt: Exported, stored: Stored, layout: Layout) -> None:
    """Give each normalisation the statistics of what it sees, so that a restored network does in a fit what it did.

    A file holds each convolution with its normalisation multiplied in; what comes out is not normal any more.
    """
    learnt.eval()
    seen: dict[nn.BatchNorm2d, tuple[torch.Tensor, torch.Tensor]] = {}

    def look(module: nn.BatchNorm2d, inputs: tuple[torch.Tensor]) -> None:
        seen[module] = torch.var_mean(inputs[0], (0, 2, 3))

    hooks = [one.register_forward_pre_hook(look) for one in learnt.modules() if isinstance(one, nn.BatchNorm2d)]
    batch = augment(stored.batch(stored.shuffle()[:SETTLING_SAMPLES]), layout)
    learnt(batch.crop, batch.cues)
    for hook in hooks:
        hook.remove()
    for module, (variance, mean) in seen.items():
        # What it does stays the same: it takes away and multiplies in again.
        gain = module.weight / torch.sqrt(module.running_var + module.eps)
        module.bias += gain * (mean - module.running_mean)
        module.weight.copy_(gain * torch.sqrt(variance + module.eps))
        module.running_mean.copy_(mean)
        module.running_var.copy_(variance)


def _epochs(learnt: Exported, stored: Stored, cycle: Cycle, layout: Layout) -> Iterator[int]:
    """Fit for one cycle and yield the number of each epoch when it is over."""
    reader, steps = learnt.reader, len(stored) // cycle.batch
    optimizer = torch.optim.AdamW(reader.parameters(), cycle.learning_rate, weight_decay=cycle.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, cycle.learning_rate, total_steps=cycle.epochs * steps, pct_start=cycle.rising_share
    )
    for epoch in range(1, cycle.epochs + 1):
        reader.train()
        order = stored.shuffle()
        for rows in order[: steps * cycle.batch].reshape(steps, cycle.batch):
            batch = augment(stored.batch(rows), layout)
            loss = compute_loss(learnt, batch, layout.answers_from_standing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        yield epoch


def compute_loss(learnt: Exported, batch: Batch, from_standing: Sequence[int]) -> torch.Tensor:
    """Return what a fit makes small.

    Parameters
    ----------
    learnt
        The network with the scale of its answers.
    batch
        Samples; of those whose answers are not known only the telling of right crops from wrong ones counts.
    from_standing
        Columns of the answers whose errors also count against the person's own standing.

    Returns
    -------
    Tensor, shape ()
    """
    angles, log_spread, right, points = learnt.reader(batch.crop, batch.cues)
    goal = (batch.answers - learnt.mean) / learnt.spread
    known = torch.isfinite(goal).all(1)
    right_loss = functional.binary_cross_entropy_with_logits(right, batch.valid)
    residual = (angles - goal)[known]
    change = from_own_standing(residual[:, list(from_standing)], batch.series[known], batch.standing[known])
    log_scale = log_spread[known].clamp(*LOG_SPREAD)
    # The spread learns from the errors without bending the angles: each is fitted for itself.
    spread_loss = (residual.detach().abs() * torch.exp(-log_scale) + log_scale).mean()
    angle_loss = _small(residual) + (CHANGE_WEIGHT * _small(change) if change.numel() else 0.0)
    point_loss = functional.smooth_l1_loss(points[known], batch.points[known], beta=0.05)
    return angle_loss + POINTS_SHARE * point_loss + VALID_SHARE * right_loss + SPREAD_SHARE * spread_loss


def _small(error: torch.Tensor) -> torch.Tensor:
    return functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.2)


def from_own_standing(error: torch.Tensor, series: torch.Tensor, standing: torch.Tensor) -> torch.Tensor:
    """Return the errors of what people do against how they stand, when both are read by the same network.

    Parameters
    ----------
    error
        Of each reading, shape (n, m).
    series, standing
        As in ``Batch``, shape (n,).

    Returns
    -------
    Tensor, shape (k, m)
        For all that are not standing and whose series has somebody who is: the error less the mean one in standing.
    """
    several = int(series.max()) + 1 if len(series) else 0
    count = error.new_zeros(several).index_add(0, series[standing], error.new_ones(len(error))[standing])
    total = error.new_zeros(several, error.shape[1]).index_add(0, series[standing], error[standing])
    moving = ~standing & (count[series] > 0)
    where = series[moving]
    return error[moving] - total[where] / count[where][:, None]


@torch.no_grad()
def predict(network: nn.Module, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, standard deviations (n, m) and likelihoods (n,)."""
    network.eval()
    device = next(network.parameters()).device
    outputs = []
    for start in range(0, len(samples), 256):
        batch = Stored.of(samples.pick(slice(start, start + 256)), device).batch(slice(None))
        outputs.append(network(batch.crop.contiguous(memory_format=torch.channels_last), batch.cues))
    out = torch.cat(outputs).cpu().numpy()
    angles = (out.shape[1] - 1) // 2
    return out[:, :angles], out[:, angles : 2 * angles], out[:, -1]


def describe(network: nn.Module, samples: Samples) -> str:
    """Return the mean absolute error of each output and how often the spread holds it, and how crops are told apart.

    Between them stand the errors against the person's own standing.
    """
    value, sigma, likelihood = predict(network, samples)
    known = np.isfinite(samples.target).all(1)
    size = np.abs(value - samples.target)[known]
    within = (size < sigma[known]).mean(0)
    right = (likelihood > 0.5)[samples.valid > 0.5].mean()
    wrong = (likelihood > 0.5)[samples.valid < 0.5].mean() if (samples.valid < 0.5).any() else np.nan
    series = torch.from_numpy(np.unique(samples.series, return_inverse=True)[1][known])
    change = from_own_standing(
        torch.from_numpy((value - samples.target)[known]), series, torch.from_numpy(samples.standing[known])
    )
    errors = " ".join(f"{one:4.1f}({share:.0%})" for one, share in zip(size.mean(0), within, strict=True))
    changes = " ".join(f"{one:4.1f}" for one in change.abs().mean(0).tolist())
    return f"errors {errors}  from standing {changes}  right crops taken {right:.1%}, wrong ones {wrong:.1%}"
