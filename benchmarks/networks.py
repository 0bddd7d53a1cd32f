"""The small networks that read trunk and legs from crops: architecture, fit and export (PyTorch)."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from network_data import Samples

BATCH = 64
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 2e-2
# Share of the finding of joints and of the telling of right crops from wrong ones in the loss.
POINTS_SHARE = 0.5
VALID_SHARE = 0.2
SPREAD_SHARE = 0.2
# Limits of the logarithm of the standardised spread.
LOG_SPREAD = (-4.0, 3.0)
# Share of crops that are made into pictures of nobody, and into pictures cut off by the picture's edge.
NOTHING_SHARE = 0.03
CUT_OFF_SHARE = 0.05
# Between which heights (0 the crop's upper edge, 1 the lower one) a cut takes away what must be seen, from below and
# from above: the trunk's hips or shoulders, the leg's foot or knee.
CUTS = {"trunk": ((0.40, 0.70), (0.36, 0.62)), "leg": ((0.30, 0.65), (0.25, 0.60))}


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels and strides of the convolutions, and widths of the dense layers."""

    channels: tuple[int, ...]
    strides: tuple[int, ...]
    squeezed: int
    hidden: int


SHAPES = {
    "trunk": Shape((16, 32, 48, 64, 80, 80, 96), (2, 2, 2, 1, 2, 1, 2), 24, 128),
    "leg": Shape((16, 32, 48, 64, 80), (2, 2, 2, 2, 1), 24, 96),
}


Cuts = tuple[tuple[float, float], tuple[float, float]]


class Reader(nn.Module):
    """Strided convolutions over a crop, then dense layers that also take the cues.

    Parameters
    ----------
    shape
        Size of the network.
    size_px, cues, angles, points
        Side of the crop; how many cues; how many angles and helper points come out.
    """

    def __init__(self, shape: Shape, size_px: int, cues: int, angles: int, points: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 4
        for channels, stride in zip(shape.channels, shape.strides, strict=True):
            layers += [nn.Conv2d(before, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            before, size_px = channels, -(-size_px // stride)
        self.angles, self.points = angles, points
        self.look = nn.Sequential(*layers, nn.Conv2d(before, shape.squeezed, 1), nn.ReLU(), nn.Flatten())
        self.judge = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(shape.squeezed * size_px**2 + cues, shape.hidden),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(shape.hidden, 2 * angles + 1 + 2 * points),
        )

    def forward(self, crop: torch.Tensor, cues: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return standardised angles, logarithms of their spread, logits of a right crop, and points (n, p, 2)."""
        angles = self.angles
        # Looking is the expensive part and bears half precision; judging does not.
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training):
            seen = self.look(crop)
        out = self.judge(torch.cat([seen.float(), cues], 1))
        points = out[:, 2 * angles + 1 :].reshape(out.shape[0], -1, 2)
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
def flushed_denormals() -> Iterator[None]:
    """Take vanishing numbers for zero: they would make every step of a fit ten times slower."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)  # it holds for everything that this thread computes


@flushed_denormals()
def fit(name: str, samples: Samples, epochs: int, seed: int = 0, report: Samples | None = None) -> Exported:
    """Fit one network.

    Parameters
    ----------
    name
        ``trunk`` or ``leg``.
    samples
        To fit on.
    epochs
        How often each sample is seen.
    seed
        Of weights, order and augmentation.
    report
        Samples of other people whose errors are printed on the way.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # so small a network gains nothing from more
    generator = np.random.default_rng(seed)
    target = torch.tensor(samples.target)
    known = torch.isfinite(target).all(1)
    mean, spread = target[known].mean(0), target[known].std(0)
    reader = Reader(
        SHAPES[name], samples.image.shape[1], samples.cues.shape[1], target.shape[1], samples.points.shape[1]
    ).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(reader.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = epochs * (len(samples) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.2)
    for epoch in range(epochs):
        reader.train()
        order = generator.permutation(len(samples))[: len(samples) // BATCH * BATCH]
        for rows in order.reshape(-1, BATCH):
            loss = _loss(reader, samples.pick(rows), mean, spread, CUTS[name])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if report is not None and (epoch % 5 == 4 or epoch == epochs - 1):
            errors = describe(Exported(reader, mean, spread), report)
            print(f"{name} {epoch + 1:3}/{epochs}  loss {loss.item():.3f}  {errors}", flush=True)
    return Exported(reader, mean, spread).eval()


def _loss(reader: Reader, batch: Samples, mean: torch.Tensor, spread: torch.Tensor, cuts: Cuts) -> torch.Tensor:
    crop = augment(torch.from_numpy(batch.image))
    spoilt = spoil(crop, cuts)
    cues = torch.from_numpy(batch.cues)
    angles, log_spread, right, points = reader(crop, cues + 0.02 * torch.randn_like(cues))
    goal = (torch.from_numpy(batch.target) - mean) / spread
    known = torch.isfinite(goal).all(1) & ~spoilt
    right_loss = functional.binary_cross_entropy_with_logits(right, torch.from_numpy(batch.valid) * ~spoilt)
    residual = (angles - goal)[known]
    log_scale = log_spread[known].clamp(*LOG_SPREAD)
    # The spread learns from the errors without bending the angles: each is fitted for itself.
    spread_loss = (residual.detach().abs() * torch.exp(-log_scale) + log_scale).mean()
    joints = torch.from_numpy(batch.points)[known]
    angle_loss = functional.smooth_l1_loss(residual, torch.zeros_like(residual), beta=0.2)
    point_loss = functional.smooth_l1_loss(points[known], joints, beta=0.05)
    return angle_loss + POINTS_SHARE * point_loss + VALID_SHARE * right_loss + SPREAD_SHARE * spread_loss


def augment(image: torch.Tensor) -> torch.Tensor:
    """Return crops (n, 4, size, size) in 0 to 1 with other colours, light, noise, blur and hidden patches."""
    count, size = image.shape[0], image.shape[1]
    batch = image.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last)
    colour, mask = batch[:, :3], batch[:, 3:].mul_(1.0 / 255.0)
    if torch.rand(1) < 0.5:
        colour = colour[:, torch.randperm(3)]
    gain = 1.0 + 0.6 * (torch.rand(count, 3, 1, 1) - 0.5)
    shift = 0.3 * (torch.rand(count, 1, 1, 1) - 0.5) + 0.1 * (torch.rand(count, 3, 1, 1) - 0.5)
    colour.mul_(gain / 255.0).add_(0.5 - 0.5 * gain + shift)
    grey = torch.rand(count) < 0.15
    colour[grey] = colour[grey].mean(1, keepdim=True).expand(-1, 3, -1, -1)
    if torch.rand(1) < 0.3:
        colour = functional.avg_pool2d(colour, 3, 1, 1)
    # One noise picture a batch, moved about, is as good as fresh noise a crop and a third of the time.
    noise = torch.randn(1, 3, size, size).roll(int(torch.randint(size, (1,))), 3)
    colour.add_(0.06 * torch.rand(count, 1, 1, 1) * noise)
    if torch.rand(1) < 0.3:
        side = int(torch.randint(size // 8, size // 4, (1,)))
        top, left = (int(torch.randint(0, size - side, (1,))) for _ in range(2))
        colour[:, :, top : top + side, left : left + side] = torch.rand(count, 3, 1, 1)
    if torch.rand(1) < 0.15:
        mask = (functional.avg_pool2d(mask, 5, 1, 2) > 0.5).float()
    return torch.cat([colour, mask], 1).contiguous(memory_format=torch.channels_last)


def spoil(crop: torch.Tensor, cuts: Cuts) -> torch.Tensor:
    """Make some crops (n, 4, size, size) ones that must be refused, in place, and return which, shape (n,)."""
    size = crop.shape[2]
    kind = torch.rand(len(crop))
    spoilt = kind < NOTHING_SHARE + CUT_OFF_SHARE
    for row in torch.nonzero(spoilt)[:, 0].tolist():
        one = crop[row]
        if kind[row] < NOTHING_SHARE:
            one[:3] = torch.rand(3, 1, 1) + float(torch.rand(1)) * (torch.rand(3, size, size) - 0.5)
            one[3] = float(torch.rand(1) < 0.5) * torch.rand(size, size)
            continue
        from_above = bool(torch.rand(1) < 0.5)
        low, high = cuts[int(from_above)]
        at = int(size * (low + (high - low) * float(torch.rand(1))))
        gone = slice(0, at) if from_above else slice(at, size)
        # Beyond the picture its edge is repeated, and nobody is there.
        one[:3, gone] = one[:3, at : at + 1] if from_above else one[:3, at - 1 : at]
        one[3, gone] = 0.0
    return spoilt


@torch.no_grad()
def predict(network: nn.Module, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, standard deviations (n, m) and likelihoods (n,)."""
    network.eval()
    outputs = []
    for start in range(0, len(samples), 256):
        rows = slice(start, start + 256)
        crop = torch.from_numpy(samples.image[rows]).permute(0, 3, 1, 2).float() / 255.0
        outputs.append(
            network(crop.contiguous(memory_format=torch.channels_last), torch.from_numpy(samples.cues[rows]))
        )
    out = torch.cat(outputs).numpy()
    angles = (out.shape[1] - 1) // 2
    return out[:, :angles], out[:, angles : 2 * angles], out[:, -1]


def describe(network: nn.Module, samples: Samples) -> str:
    """Return the mean absolute error of each output, how often the spread holds it, and how crops are told apart."""
    value, sigma, likelihood = predict(network, samples)
    known = np.isfinite(samples.target).all(1)
    size = np.abs(value - samples.target)[known]
    within = (size < sigma[known]).mean(0)
    right = (likelihood > 0.5)[samples.valid > 0.5].mean()
    wrong = (likelihood > 0.5)[samples.valid < 0.5].mean() if (samples.valid < 0.5).any() else np.nan
    errors = " ".join(f"{one:4.1f}({share:.0%})" for one, share in zip(size.mean(0), within, strict=True))
    return f"errors {errors}  right crops taken {right:.1%}, wrong ones {wrong:.1%}"


def export(network: nn.Module, path: Path, size_px: int, cues: int) -> None:
    """Write an ONNX file for OpenCV's DNN module."""
    example = (torch.zeros(1, 4, size_px, size_px), torch.zeros(1, cues))
    with warnings.catch_warnings():
        # OpenCV reads the older exporter's files; the newer one needs more packages for the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval().to(memory_format=torch.contiguous_format),
            example,
            str(path),
            dynamo=False,
            input_names=["crop", "cues"],
            output_names=["angles"],
            opset_version=17,
        )
