from __future__ import annotations

from live_stand.diary import Diary


def test_an_empty_folder_has_nothing(tmp_path):
    diary = Diary(tmp_path)
    assert (diary.events, diary.symptoms, diary.stages, diary.stage) == ([], [], [], "")
