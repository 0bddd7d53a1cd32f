"""What stands in the files of fitted networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


def weights_in(path: Path) -> list[np.ndarray]:
    """The weights in an ONNX file, in its order."""
    import onnx

    return [onnx.numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer]
