from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.clips import VIEWS
from people.movement import FAULTS
from people.session_clips import SessionSet
from people.sets import SETS, ClipSet, StillSet, anywhere_in_front, near, with_options
from people.write import person_file, write_json

ALL = [chosen for parts in SETS.values() for chosen in parts]


def names(chosen):
    return [chosen.person(index) for index in range(chosen.people)]


def test_no_two_sets_share_a_seed_or_a_name():
    assert len({chosen.seed for chosen in ALL}) == len(ALL)
    people = [name for chosen in ALL for name in names(chosen)]
    assert len(set(people)) == len(people)


@pytest.mark.parametrize("parts", SETS.values(), ids=SETS)
def test_parts_of_a_set_have_folders_of_their_own(parts):
    folders = [chosen.folder for chosen in parts]
    assert len(set(folders)) == len(folders)


def test_names_sort_as_people_are_numbered():
    for chosen in ALL:
        assert names(chosen) == sorted(names(chosen))


def test_clips_ask_for_what_there_is_and_for_both_legs():
    for chosen in ALL:
        if isinstance(chosen, ClipSet):
            assert {plan.view for plan in chosen.plans} <= set(VIEWS)
            faults = {fault for plan in chosen.plans for fault in plan.fault.split("+")}
            assert faults <= {*FAULTS, "good", "free"}
            assert len({plan.raised for plan in chosen.plans}) == 2
            assert all(size % 2 == 0 for plan in chosen.plans for size in plan.size)


@given(seed=st.integers(0, 2**32), view=st.sampled_from([0, 45, 90]), spread=st.floats(0.0, 30.0))
def test_azimuths_are_near_their_view(seed, view, spread):
    named, azimuth = near(view, spread)(np.random.default_rng(seed))
    assert named == view
    assert abs(azimuth - view) <= spread


def test_a_fit_sees_people_from_everywhere_in_front():
    rng = np.random.default_rng(0)
    drawn = [anywhere_in_front(rng) for _ in range(2000)]
    shares = {view: np.mean([one == view for one, _ in drawn]) for view in (90, 50, 0)}
    assert shares == pytest.approx({90: 0.70, 50: 0.16, 0: 0.14}, abs=0.04)
    limits = {90: (62.0, 118.0), 50: (25.0, 68.0), 0: (-25.0, 25.0)}
    for view, azimuth in drawn:
        assert limits[view][0] <= azimuth <= limits[view][1]


def test_options_change_only_what_they_name():
    for chosen in ALL:
        assert with_options(chosen, None, None) == chosen
        other = with_options(chosen, 977, None)
        assert replace(other, seed=chosen.seed, name=chosen.name) == chosen
        assert other.person(0) not in {one.person(0) for one in ALL}
        faster = with_options(chosen, None, 25)
        if isinstance(chosen, StillSet):
            assert faster == chosen
        elif isinstance(chosen, SessionSet):
            assert faster == replace(chosen, frames_per_second=25)
        else:
            assert {plan.frames_per_second for plan in faster.plans} == {25}
            assert [plan.fault for plan in faster.plans] == [plan.fault for plan in chosen.plans]


def test_who_has_rows_is_done(tmp_path):
    chosen = StillSet("a", 1, 3, lambda *_: iter(()), "side")
    assert not chosen.is_done(tmp_path, 1)
    write_json(person_file(tmp_path / "side", "a_0001"), [{"person": "a_0001"}])
    assert [chosen.is_done(tmp_path, index) for index in range(3)] == [False, True, False]


def test_a_clip_is_done_when_its_scene_is_written_which_is_last(tmp_path):
    chosen = next(one for one in ALL if isinstance(one, ClipSet))
    folder = tmp_path / chosen.folder
    folder.mkdir(exist_ok=True)
    for ending in ("mp4", "csv"):
        (folder / f"{chosen.person(1)}_good_side_left.{ending}").touch()
    assert not chosen.is_done(tmp_path, 1)
    (folder / f"{chosen.person(1)}_good_side_left.scene.json").touch()
    assert [chosen.is_done(tmp_path, index) for index in range(3)] == [False, True, False]


def test_another_seed_gives_every_set_people_of_its_own():
    changed = [with_options(chosen, seed, None) for chosen in ALL for seed in (1, 2)]
    everything = [*ALL, *changed]
    assert len({one.seed for one in everything}) == len(everything)
    assert len({one.person(0) for one in everything}) == len(everything)
