"""Where formcoach keeps what belongs to the user. Nothing here makes a folder."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "FORMCOACH_HOME"


def data_folder() -> Path:
    """Return the folder of the user's sessions: FORMCOACH_HOME where it is set, else where the system keeps such data.

    Returns
    -------
    Path
        It need not exist.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path("formcoach", appauthor=False)
