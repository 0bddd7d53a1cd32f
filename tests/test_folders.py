from __future__ import annotations

import sys
from pathlib import Path

import pytest

from formcoach.folders import data_folder


def test_the_user_s_own_choice_goes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("FORMCOACH_HOME", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="each system has its own place")
@pytest.mark.parametrize("chosen", [None, ""])
def test_else_it_is_where_the_system_keeps_data(tmp_path, monkeypatch, chosen):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if chosen is None:
        monkeypatch.delenv("FORMCOACH_HOME", raising=False)
    else:
        monkeypatch.setenv("FORMCOACH_HOME", chosen)
    assert data_folder() == Path(tmp_path / "data" / "formcoach")
    assert list(tmp_path.iterdir()) == []
