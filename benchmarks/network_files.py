"""The files of fitted networks: ONNX, as OpenCV's DNN module reads them (PyTorch)."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnx.numpy_helper import from_array, to_array
from torch import nn

if TYPE_CHECKING:
    from pathlib import Path


def export(network: nn.Module, path: Path, size_px: int, cues: int) -> None:
    """Write a network to a file.

    Parameters
    ----------
    network
        Takes a crop (1, 4, size_px, size_px) and cues (1, cues).
    path
        Is overwritten.
    size_px, cues
        Side of the crop, and how many cues.
    """
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


@torch.no_grad()
def restore(network: nn.Module, path: Path) -> None:
    """Give a network the weights in a file that `export` wrote.

    A file holds each normalised convolution as a plain one: here the normalisation adds its bias and does nothing else.

    Parameters
    ----------
    network
        Of the shape of the one in the file; each ``BatchNorm2d`` comes right after its ``Conv2d``.
    path
        The file.

    Raises
    ------
    ValueError
        When the file's network has another shape.
    """
    graph = onnx.load(str(path)).graph
    stored = {one.name: torch.from_numpy(to_array(one).copy()) for one in graph.initializer}
    own = network.state_dict(keep_vars=True)
    plain = [node.input[1:3] for node in graph.node if node.op_type == "Conv" and node.input[1] not in own]
    pairs = _normalised(network)
    weights = {name: value for name, value in own.items() if name in stored}
    try:
        for name, value in weights.items():
            value.copy_(stored[name])
        for (convolution, normalisation), (weight, bias) in zip(pairs, plain, strict=True):
            convolution.weight.copy_(stored[weight])
            _do_nothing(normalisation)
            normalisation.bias.copy_(stored[bias])
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{path.name} is a network of another shape: fit a new one") from error


def average(before: Path, after: Path) -> None:
    """Put the mean of the weights of two files in the place of the second.

    Parameters
    ----------
    before
        A network.
    after
        The same one after more fitting; is overwritten.
    """
    old, new = (onnx.load(str(path)) for path in (before, after))
    for one, weights in zip(old.graph.initializer, new.graph.initializer, strict=True):
        mean = np.mean([to_array(one), to_array(weights)], axis=0, dtype=np.float32)
        weights.CopyFrom(from_array(mean, weights.name))
    onnx.save(new, str(after))


def _normalised(network: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    modules = list(network.modules())
    return [
        (one, after)
        for one, after in pairwise(modules)
        if isinstance(one, nn.Conv2d) and isinstance(after, nn.BatchNorm2d)
    ]


def _do_nothing(normalisation: nn.BatchNorm2d) -> None:
    normalisation.reset_running_stats()
    # It divides by the root of the variance and this.
    normalisation.running_var.fill_(1.0 - normalisation.eps)
    normalisation.weight.fill_(1.0)
