"""Makes the pictures of the README with the program itself.

python docs/make_images.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2

from formcoach.analysis import AnalysisOptions, analyze_input
from formcoach.pose.model_files import load_model_file
from formcoach.stretch import load_profile
from formcoach.video import open_source

ROOT = Path(__file__).parents[1]
CLIP = ROOT / "samples" / "rounded_back_side_left.mp4"
# A moment at which the fault has been there for a while.
MOMENT_S = 8.0
# PNG of a photographed room is large; a JPEG at this quality is not and looks the same.
JPEG_QUALITY = 90


def main() -> None:
    """Write ``docs/images/overlay.jpg``."""
    with tempfile.TemporaryDirectory() as folder:
        options = AnalysisOptions(Path(folder), load_model_file("heavy"), load_profile())
        result = analyze_input(str(CLIP), "clip", options)
        with open_source(result.folder / "overlay.mp4") as source:
            frame = next(frame for frame in source if frame.time_s >= MOMENT_S)
    target = Path(__file__).parent / "images" / "overlay.jpg"
    cv2.imwrite(str(target), frame.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


if __name__ == "__main__":
    main()
