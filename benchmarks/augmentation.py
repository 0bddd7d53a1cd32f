"""What a fit of the networks does to crops, so that many more of them are seen than were rendered (PyTorch)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as functional

from formcoach.pose.crops import CUE_UNIT_DEG, LEG_WINDOW, TRUNK_WINDOW
from formcoach.pose.pose import TRUNK_ESTIMATES

if TYPE_CHECKING:
    from network_data import Samples

# Share of crops that are placed anew, and how far: turn in degrees, growth and shift in scales; standard deviations.
MOVED_SHARE = 0.8
MOVED_TURN_DEG, MOVED_GROWTH, MOVED_SHIFT = 5.0, 0.07, 0.05
# Share of crops that are made into pictures of nobody, and into pictures cut off by the picture's edge.
NOTHING_SHARE = 0.03
CUT_OFF_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Layout:
    """What a network's crops show and how cues and answers hang on the crop's place.

    Attributes
    ----------
    window : tuple of float
        Left and upper edge and side, in scales; see ``formcoach.pose.crops``.
    cues_to_up : tuple of int
        Cues that are angles from the crop's up: they fall when that leans further ahead. Cue 0, its lean, rises.
    cues_in_scales : tuple of int
    answers_to_up : tuple of int
    answers_from_standing : tuple of int
        Answers that formcoach measures from the person's own standing.
    cuts : tuple
        Between which heights (0 the crop's upper edge, 1 the lower one) a cut takes away what must be seen, from below
        and from above.
    """

    window: tuple[float, float, float]
    cues_to_up: tuple[int, ...]
    cues_in_scales: tuple[int, ...]
    answers_to_up: tuple[int, ...]
    answers_from_standing: tuple[int, ...]
    cuts: tuple[tuple[float, float], tuple[float, float]]


LAYOUTS = {
    "trunk": Layout(
        window=TRUNK_WINDOW,
        cues_to_up=tuple(range(2, 10)),
        cues_in_scales=(13, 14, 15),  # not LENGTH_CUE, which the scale is taken from
        answers_to_up=tuple(TRUNK_ESTIMATES.index(name) for name in ("pelvic_tilt", "trunk_lean")),
        answers_from_standing=tuple(range(len(TRUNK_ESTIMATES))),
        cuts=((0.40, 0.70), (0.36, 0.62)),  # the hips, the shoulders
    ),
    "leg": Layout(
        window=LEG_WINDOW,
        cues_to_up=(1, 2),
        cues_in_scales=(),
        answers_to_up=(),
        # Tried for adduction and rotation, which count from standing too: knee and ankle were read worse.
        answers_from_standing=(),
        cuts=((0.30, 0.65), (0.25, 0.60)),  # the foot, the knee
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples as a network takes them.

    Attributes
    ----------
    crop : Tensor, shape (n, 4, size, size)
        0 to 1.
    cues : Tensor, shape (n, k)
    answers : Tensor, shape (n, m)
        Degrees; NaN where not known.
    points : Tensor, shape (n, p, 2)
        Crop coordinates; as the answers they mean nothing where ``valid`` is 0.
    valid : Tensor, shape (n,)
        1 the crop holds what it should, 0 it does not.
    series : Tensor of int, shape (n,)
        The same number for what is seen of a person by one camera, from 0.
    standing : Tensor of bool, shape (n,)
        Whether the person stands in their neutral posture.
    """

    crop: torch.Tensor
    cues: torch.Tensor
    answers: torch.Tensor
    points: torch.Tensor
    valid: torch.Tensor
    series: torch.Tensor
    standing: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Samples where they are computed with (in a GPU's memory, if it is one), as they were cut.

    Attributes
    ----------
    image : Tensor of uint8, shape (n, size, size, 4)
    cues, answers, points, valid, series, standing : Tensor
        As in ``Batch``.
    """

    image: torch.Tensor
    cues: torch.Tensor
    answers: torch.Tensor
    points: torch.Tensor
    valid: torch.Tensor
    series: torch.Tensor
    standing: torch.Tensor

    @classmethod
    def of(cls, samples: Samples, device: str = "cpu") -> Stored:
        """Put samples there; on the CPU they share their memory."""
        series = np.unique(samples.series, return_inverse=True)[1]
        parts = (samples.image, samples.cues, samples.target, samples.points, samples.valid, series, samples.standing)
        return cls(*(torch.from_numpy(part).to(device) for part in parts))

    def __len__(self) -> int:
        return len(self.valid)

    def batch(self, rows: torch.Tensor | slice) -> Batch:
        """Return some of them as a network takes them."""
        # One plane a channel: what follows is several times faster on those.
        crop = self.image[rows].permute(0, 3, 1, 2).contiguous().float().mul_(1.0 / 255.0)
        parts = (self.cues, self.answers, self.points, self.valid, self.series, self.standing)
        return Batch(crop, *(part[rows] for part in parts))

    def shuffle(self) -> torch.Tensor:
        """Return all rows in random order, but those of a series behind each other: standing and stretching meet."""
        device = self.valid.device
        place = torch.randperm(int(self.series.max()) + 1, device=device)[self.series]
        return torch.argsort(place + torch.rand(len(self), dtype=torch.float64, device=device))


def augment(batch: Batch, layout: Layout) -> Batch:
    """Return samples placed a little differently, in other colours and light, and some spoilt."""
    valid, count = batch.valid, len(batch.valid)
    # Drawn where the crops are: to bring numbers there would take longer than to use them.
    normal = partial(torch.randn, device=valid.device)
    moved = (torch.rand(count, device=valid.device) < MOVED_SHARE).float()
    batch = move(
        batch,
        layout,
        turn_deg=MOVED_TURN_DEG * normal(count) * moved,
        growth=torch.exp(MOVED_GROWTH * normal(count) * moved),
        shift=MOVED_SHIFT * normal(count, 2) * moved[:, None],
    )
    recolour(batch.crop)
    spoilt = spoil(batch.crop, layout.cuts)
    unknown = torch.where(spoilt, torch.nan, 1.0)
    return replace(
        batch,
        crop=batch.crop.contiguous(memory_format=torch.channels_last),
        cues=batch.cues + 0.02 * torch.randn_like(batch.cues),
        answers=batch.answers * unknown[:, None],
        valid=valid * ~spoilt,
    )


def move(batch: Batch, layout: Layout, turn_deg: torch.Tensor, growth: torch.Tensor, shift: torch.Tensor) -> Batch:
    """Place crops as if the landmarks had put them elsewhere.

    Parameters
    ----------
    batch, layout
        What is moved.
    turn_deg, growth, shift
        As ``Frame2D.moved`` takes them, shapes (n,), (n,) and (n, 2).
    """
    cos, sin = torch.cos(torch.deg2rad(turn_deg)), torch.sin(torch.deg2rad(turn_deg))
    # Takes new crop coordinates (ahead, up) to old ones.
    turn = growth[:, None, None] * torch.stack([torch.stack([cos, sin], 1), torch.stack([-sin, cos], 1)], 1)
    left, top, side = layout.window
    # Crop coordinates from the sampler's (-1 to 1, to the right and down): flipped and scaled, about a middle.
    flip = 0.5 * side * torch.diag(torch.tensor([1.0, -1.0], device=turn.device))
    middle = torch.tensor([left + side / 2, top - side / 2], device=turn.device)
    back = torch.linalg.inv(flip)
    offset = (turn @ middle + shift - middle) @ back.T
    grid = functional.affine_grid(
        torch.cat([back @ turn @ flip, offset[:, :, None]], 2), list(batch.crop.shape), align_corners=False
    )
    crop = functional.grid_sample(batch.crop, grid, padding_mode="border", align_corners=False)
    crop[:, 3] *= (grid.abs() <= 1.0).all(3)  # beyond the crop's edge nobody is known to be
    cues, answers = batch.cues.clone(), batch.answers.clone()
    cues[:, 0] += turn_deg / CUE_UNIT_DEG
    cues[:, list(layout.cues_to_up)] -= turn_deg[:, None] / CUE_UNIT_DEG
    half_turn = 180.0 / CUE_UNIT_DEG
    angles = [0, *layout.cues_to_up]
    cues[:, angles] = (cues[:, angles] + half_turn) % (2.0 * half_turn) - half_turn
    cues[:, list(layout.cues_in_scales)] /= growth[:, None]
    answers[:, list(layout.answers_to_up)] -= turn_deg[:, None]
    points = (batch.points - shift[:, None]) @ torch.linalg.inv(turn).transpose(1, 2)
    return replace(batch, crop=crop, cues=cues, answers=answers, points=points)


def recolour(crop: torch.Tensor) -> None:
    """Give crops (n, 4, size, size) in 0 to 1 other colours, light, noise, blur and hidden patches, in place."""
    count, size = crop.shape[0], crop.shape[2]
    uniform = partial(torch.rand, device=crop.device)
    colour, mask = crop[:, :3], crop[:, 3:]
    # What is decided for all crops together is drawn on the CPU: nobody need wait for a GPU to hear of it.
    if torch.rand(1) < 0.5:
        colour[:] = colour[:, torch.randperm(3)]
    gain = 1.0 + 0.6 * (uniform(count, 3, 1, 1) - 0.5)
    shift = 0.3 * (uniform(count, 1, 1, 1) - 0.5) + 0.1 * (uniform(count, 3, 1, 1) - 0.5)
    colour.mul_(gain).add_(0.5 - 0.5 * gain + shift)
    grey = uniform(count, 1, 1, 1) < 0.15
    colour[:] = torch.where(grey, colour.mean(1, keepdim=True), colour)
    if torch.rand(1) < 0.3:
        colour[:] = functional.avg_pool2d(colour, 3, 1, 1)
    # One noise picture a batch, moved about, is as good as fresh noise a crop and a third of the time.
    noise = torch.randn(1, 3, size, size, device=crop.device).roll(int(torch.randint(size, (1,))), 3)
    colour.add_(0.06 * uniform(count, 1, 1, 1) * noise)
    if torch.rand(1) < 0.3:
        side = int(torch.randint(size // 8, size // 4, (1,)))
        top, left = (int(torch.randint(0, size - side, (1,))) for _ in range(2))
        colour[:, :, top : top + side, left : left + side] = uniform(count, 3, 1, 1)
    if torch.rand(1) < 0.15:
        mask[:] = (functional.avg_pool2d(mask, 5, 1, 2) > 0.5).float()


def spoil(crop: torch.Tensor, cuts: tuple[tuple[float, float], tuple[float, float]]) -> torch.Tensor:
    """Make some crops (n, 4, size, size) ones that must be refused, in place, and return which, shape (n,)."""
    kind = torch.rand(len(crop), device=crop.device)
    nothing, spoilt = kind < NOTHING_SHARE, kind < NOTHING_SHARE + CUT_OFF_SHARE
    crop[nothing] = _nobody(crop[nothing])
    cut_off = spoilt & ~nothing
    crop[cut_off] = _cut_off(crop[cut_off], cuts)
    return spoilt


def _nobody(crop: torch.Tensor) -> torch.Tensor:
    """Return noise about a colour, in half of the crops with a mask that means nothing."""
    count, size = crop.shape[0], crop.shape[2]
    uniform = partial(torch.rand, device=crop.device)
    colour = uniform(count, 3, 1, 1) + uniform(count, 1, 1, 1) * (uniform(count, 3, size, size) - 0.5)
    mask = (uniform(count, 1, 1, 1) < 0.5) * uniform(count, 1, size, size)
    return torch.cat([colour, mask], 1)


def _cut_off(crop: torch.Tensor, cuts: tuple[tuple[float, float], tuple[float, float]]) -> torch.Tensor:
    """Return crops that the picture's edge cuts from below or above: its last row is repeated, and nobody is there."""
    count, size = crop.shape[0], crop.shape[2]
    uniform = partial(torch.rand, device=crop.device)
    above = uniform(count) < 0.5
    below_cut, above_cut = (torch.tensor(cut, device=crop.device) for cut in cuts)
    low, high = torch.where(above[:, None], above_cut, below_cut).unbind(1)
    edge = (size * (low + (high - low) * uniform(count))).long()
    row = torch.arange(size, device=crop.device)
    gone = torch.where(above[:, None], row < edge[:, None], row >= edge[:, None])[:, None, :, None]
    last = torch.where(above, edge, edge - 1)[:, None, None, None].expand(-1, 3, 1, size)
    colour = torch.where(gone, crop[:, :3].gather(2, last), crop[:, :3])
    return torch.cat([colour, crop[:, 3:] * ~gone], 1)
