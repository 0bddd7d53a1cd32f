"""Runs formcoach's own networks on the crops of a pose (OpenCV's DNN module)."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from formcoach.errors import ModelError
from formcoach.pose.crops import cut_crops
from formcoach.pose.pose import TRUNK_ESTIMATES, Pose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from formcoach.pose.crops import Crop, Crops

NETWORKS = ("trunk", "leg")
# A crop that looks less likely than this like the part of a body that it should hold is refused.
MINIMUM_LIKELIHOOD = 0.5
# The trunk network says these relative to the crop; the picture's vertical is added back.
_RELATIVE_TO_CROP = [TRUNK_ESTIMATES.index(name) for name in ("pelvic_tilt", "trunk_lean")]


class Network:
    """One network: crop and cues in, values, uncertainties and a likelihood out.

    Parameters
    ----------
    content
        An ONNX file with the inputs ``crop`` (1, 4, n, n) and ``cues`` (1, k) and the output (1, 2 m + 1): m values
        and m standard deviations in degrees, then how likely the crop holds what it should, 0 to 1.

    Raises
    ------
    ModelError
        When OpenCV cannot load it.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._network = cv2.dnn.readNetFromONNX(np.frombuffer(content, dtype=np.uint8))
        except cv2.error as error:
            raise ModelError("OpenCV cannot load a network of formcoach's own: install formcoach again.") from error

    def run(self, crop: Crop) -> tuple[NDArray[np.float32], float]:
        """Return values and standard deviations, shape (2, m), and the likelihood."""
        self._network.setInput(
            np.ascontiguousarray(crop.image.transpose(2, 0, 1)[None], dtype=np.float32) / 255.0, "crop"
        )
        self._network.setInput(crop.cues[None], "cues")
        output = self._network.forward()[0]
        return output[:-1].reshape(2, -1), float(output[-1])


class Estimator(Protocol):
    """Reads trunk and legs of one person from pixels."""

    def estimate(
        self,
        image: NDArray[np.uint8],
        mask: NDArray[np.float32],
        points: NDArray[np.float64],
        world: NDArray[np.floating],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the fields `trunk_estimate` and `leg_estimate` of `Pose`; see `PixelEstimator.estimate`."""


class PixelEstimator:
    """Reads trunk and legs with the networks that ship in the package.

    Parameters
    ----------
    expected
        What `check_networks` is to compare them with: the hashes that the calibration names. None takes them as they
        are, as a calibration that is yet to be fitted must.

    Raises
    ------
    ModelError
        When a network is missing, damaged or cannot be loaded.
    """

    def __init__(self, expected: Mapping[str, str] | None = None) -> None:
        if expected is not None:
            check_networks(expected)
        self._trunk, self._leg = (Network(_load(name)) for name in NETWORKS)

    def estimate(
        self,
        image: NDArray[np.uint8],
        mask: NDArray[np.float32],
        points: NDArray[np.float64],
        world: NDArray[np.floating],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Estimate what the pixels show.

        Parameters
        ----------
        image, mask
            Blue-green-red picture, and how likely each pixel belongs to the person, of the same size.
        points, world
            Landmarks in pixels of that picture, shape (33, 2), and in metres, shape (33, 3).

        Returns
        -------
        trunk : ndarray of float32, shape (2, 6)
            Values and standard deviations of `TRUNK_ESTIMATES`, degrees; NaN where the crop is refused.
        legs : ndarray of float32, shape (2, 2, 4)
            Left and right leg: values and standard deviations of `LEG_ESTIMATES`.
        """
        return self.read(cut_crops(image, mask, points, world))

    def read(self, crops: Crops) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Read crops that were cut before; returns as `estimate`."""
        trunk, legs = unknown_estimates()
        if crops.trunk is not None:
            values, likelihood = self._trunk.run(crops.trunk)
            if likelihood >= MINIMUM_LIKELIHOOD:
                trunk[:] = relative_to_vertical(values, crops.lean_deg)
        for row, crop in enumerate(crops.legs):
            if crop is not None:
                values, likelihood = self._leg.run(crop)
                if likelihood >= MINIMUM_LIKELIHOOD:
                    legs[row] = values
        return trunk, legs


def unknown_estimates() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what an estimator says of crops that it refuses: NaN, shaped as `PixelEstimator.estimate` returns."""
    nothing = Pose.missing()
    return nothing.trunk_estimate, nothing.leg_estimate


def relative_to_vertical(values: NDArray[np.float32], lean: float) -> NDArray[np.float32]:
    """Turn what the trunk network says relative to its crop into angles to the vertical; shape (2, 6) as given."""
    turned = values.copy()
    turned[0, _RELATIVE_TO_CROP] += lean
    return turned


def compute_network_hashes() -> dict[str, str]:
    """Return the SHA-256 of each network that ships, by name: a calibration belongs to these networks only.

    Raises
    ------
    ModelError
        When one is missing.
    """
    return {name: hashlib.sha256(_load(name)).hexdigest() for name in NETWORKS}


def check_networks(expected: Mapping[str, str]) -> None:
    """Check that the networks that ship are those of a calibration, before anything else looks at their bytes.

    Parameters
    ----------
    expected
        The SHA-256 of each, by name.

    Raises
    ------
    ModelError
        When one is missing or damaged.
    """
    for name, sha256 in compute_network_hashes().items():
        if sha256 != expected.get(name):
            raise ModelError(
                f"The network '{name}' is damaged (its sha256 differs from the calibration's): install formcoach again."
            )


@cache
def _load(name: str) -> bytes:
    try:
        return resources.files("formcoach.pose").joinpath("networks", f"{name}.onnx").read_bytes()
    except OSError as error:
        raise ModelError(f"The network '{name}' is missing from the installation: install formcoach again.") from error
