"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class LegChoice(StrEnum):
    """Which leg is raised."""

    AUTO = "auto"
    LEFT = "left"
    RIGHT = "right"


ModelOption = Annotated[
    str, typer.Option("--model", help="Pose model: lite, full, heavy (most accurate) or the path of a .task file.")
]
LegOption = Annotated[LegChoice, typer.Option("--leg", help="The raised leg; auto finds it.")]
ExerciseOption = Annotated[
    str, typer.Option("--exercise", help="Exercise profile: a name, or a TOML file of your own.", metavar="NAME|FILE")
]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder that gets one folder for each input.")]
VideoOption = Annotated[bool, typer.Option("--video/--no-video", help="Write the video with the overlay drawn in.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace results that stand there already.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the summary as JSON, for programs.")]
SaveOption = Annotated[
    bool, typer.Option("--save", help="Keep each result in the store of sessions too, without any picture.")
]
SecondsOption = Annotated[
    float | None, typer.Option("--seconds", min=0.1, help="Stop after so many seconds, for cameras and streams.")
]
