"""The files of fitted networks: ONNX, as OpenCV's DNN module reads them (PyTorch)."""

from __future__ import annotations

import warnings
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from onnx.numpy_helper import to_array
from torch import nn


def export(network: nn.Module, path: Path, size_px: int, cues: int) -> None:
    """Write a network to a file, which is there whole or not at all.

    Parameters
    ----------
    network
        Takes a crop (1, 4, size_px, size_px) and cues (1, cues).
    path
        Is overwritten.
    size_px, cues
        Side of the crop, and how many cues.
    """
    part = path.with_suffix(".part")
    example = (torch.zeros(1, 4, size_px, size_px), torch.zeros(1, cues))
    with warnings.catch_warnings():
        # OpenCV reads the older exporter's files; the newer one needs more packages for the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval().to(memory_format=torch.contiguous_format),
            example,
            str(part),
            dynamo=False,
            input_names=["crop", "cues"],
            output_names=["angles"],
            opset_version=17,
        )
    part.replace(path)


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
    pairs = _normalised(network)
    folded = {id(value) for pair in pairs for module in pair for value in module.state_dict(keep_vars=True).values()}
    own = {name: value for name, value in network.state_dict(keep_vars=True).items() if id(value) not in folded}
    plain = [node.input[1:3] for node in graph.node if node.op_type == "Conv" and node.input[1] not in own]
    if len(plain) != len(pairs):
        raise _another_shape(path)
    places = [(value, name) for name, value in own.items()]
    for (convolution, normalisation), (weight, bias) in zip(pairs, plain, strict=True):
        _do_nothing(normalisation)
        places += [(convolution.weight, weight), (normalisation.bias, bias)]
    for value, name in places:
        if name not in stored or stored[name].shape != value.shape:
            raise _another_shape(path)
        value.copy_(stored[name])


@torch.no_grad()
def average(network: nn.Module, path: Path, size_px: int, cues: int) -> None:
    """Move a network's weights half-way to those in a file; convolutions with their normalisation multiplied in.

    Parameters
    ----------
    network
        What was in the file, fitted on.
    path, size_px, cues
        As `export` takes them.

    Raises
    ------
    ValueError
        When the file's network has another shape.
    """
    before = deepcopy(network)
    restore(before, path)
    with TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        export(network, plain, size_px, cues)
        restore(network, plain)
    for weights, old in zip(network.parameters(), before.parameters(), strict=True):
        weights.lerp_(old, 0.5)


def _another_shape(path: Path) -> ValueError:
    return ValueError(f"{path.name} is a network of another shape: fit a new one")


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
