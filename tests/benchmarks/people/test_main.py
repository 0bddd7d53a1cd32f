from __future__ import annotations

import multiprocessing
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import people.__main__
import people.render
from people.__main__ import ONE_THREAD, main
from people.sets import StillSet
from people.write import write_json

BENCHMARKS = Path(people.__main__.__file__).parents[1]
HEAVY = ("torch", "anny", "moderngl", "PIL")
BLOCKER = f"""
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocker())
"""


@dataclass
class FakeSet:
    """Five people, of whom it keeps who was rendered."""

    folder: str = ""
    people: int = 5
    rendered: list[int] = field(default_factory=list)
    merged: int = 0

    def person(self, index):
        return f"fake_{index}"

    def is_done(self, out, index):
        return (out / self.folder / self.person(index)).exists()

    def render(self, out, index, renderer):
        assert isinstance(renderer, FakeRenderer)
        self.rendered.append(index)
        (out / self.folder).mkdir(exist_ok=True)
        (out / self.folder / self.person(index)).touch()
        return 3

    def merge(self, out):
        assert out.is_dir()
        self.merged += 1


class FakeRenderer:
    made = 0

    def __init__(self):
        FakeRenderer.made += 1


class FakeProcesses:
    """Runs processes one after the other, in this one."""

    exitcode = 0

    def __init__(self, target=None, args=()):
        self._target, self._args = target, args

    @classmethod
    def Process(cls, target, args):  # noqa: N802 multiprocessing's name
        return cls(target, args)

    def start(self):
        self._target(*self._args)

    def join(self):
        pass


@pytest.fixture
def fake(monkeypatch):
    """The only set is a fake one of two parts, nothing is drawn, and the environment is put back."""
    parts = (FakeSet("a"), FakeSet("b", people=2))
    monkeypatch.setattr(people.__main__, "SETS", {"fake": parts})
    monkeypatch.setattr(people.__main__, "with_options", lambda chosen, seed, fps: chosen)
    monkeypatch.setattr(people.render, "Renderer", FakeRenderer)
    monkeypatch.setattr(people.__main__, "need_extra", lambda *_: None, raising=False)
    monkeypatch.setattr(FakeRenderer, "made", 0)
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "7")
    return parts


def test_everybody_is_rendered_and_gathered(tmp_path, fake, capsys):
    main(["fake", str(tmp_path)])
    assert [part.rendered for part in fake] == [[0, 1, 2, 3, 4], [0, 1]]
    assert [part.merged for part in fake] == [1, 1]
    assert FakeRenderer.made == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[f"fake_{index}", "3"] for index in (0, 1, 2, 3, 4, 0, 1)]


def test_who_is_there_is_not_rendered_again(tmp_path, fake):
    main(["fake", str(tmp_path), "--people", "1:3"])
    main(["fake", str(tmp_path)])
    assert fake[0].rendered == [1, 2, 0, 3, 4]
    main(["fake", str(tmp_path)])
    assert len(fake[0].rendered) == 5


@pytest.mark.parametrize(
    ("people", "expected"), [(":", [0, 1, 2, 3, 4]), ("1:3", [1, 2]), ("3:", [3, 4]), (":2", [0, 1]), ("4:99", [4])]
)
def test_a_range_of_people(tmp_path, fake, people, expected):
    main(["fake", str(tmp_path), "--people", people])
    assert fake[0].rendered == expected


@pytest.mark.parametrize("people", ["3-5", "5", "-3:", "a:b", "1:2:3", ""])
def test_what_is_no_range_of_people_is_a_usage_error(tmp_path, fake, capsys, people):
    with pytest.raises(SystemExit, match="2"):
        main(["fake", str(tmp_path), f"--people={people}"])
    assert capsys.readouterr().err.endswith(f"'{people}' is no range of people, write A:B, for example 3:6\n")
    assert [part.rendered for part in fake] == [[], []]


@pytest.mark.parametrize("people", ["50:60", "5:", "3:3", "4:1"])
def test_a_range_with_nobody_in_it_is_a_usage_error(tmp_path, fake, capsys, people):
    with pytest.raises(SystemExit, match="2"):
        main(["fake", str(tmp_path), "--people", people])
    assert capsys.readouterr().err.endswith("nobody is among these people: the set fake has 5, from 0 to 4\n")
    assert [part.merged for part in fake] == [0, 0]


def test_a_part_of_a_set_may_have_nobody_in_a_range(tmp_path, fake):
    main(["fake", str(tmp_path), "--people", "2:4"])
    assert [part.rendered for part in fake] == [[2, 3], []]


@pytest.mark.parametrize("module", HEAVY)
def test_without_the_extra_it_says_how_to_install_it(tmp_path, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit, match=rf"{module}.*: pip install -e '\.\[render\]'$"):
        main(["side", str(tmp_path)])
    main(["side", str(tmp_path), "--merge-only"])


def test_people_are_gathered_from_time_to_time(tmp_path, fake, monkeypatch):
    monkeypatch.setattr(people.__main__, "MERGE_EVERY_S", -1.0)
    main(["fake", str(tmp_path)])
    assert [part.merged for part in fake] == [6, 3]


def test_gathering_alone_renders_nobody(tmp_path, fake):
    main(["fake", str(tmp_path), "--merge-only"])
    assert [part.rendered for part in fake] == [[], []]
    assert [part.merged for part in fake] == [1, 1]
    assert FakeRenderer.made == 0


@pytest.mark.parametrize(("jobs", "processes"), [(2, 2), (3, 3), (9, 7)])
def test_processes_share_the_people_out(tmp_path, fake, monkeypatch, jobs, processes):
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: FakeProcesses)
    main(["fake", str(tmp_path), "--jobs", str(jobs)])
    assert FakeRenderer.made == processes  # there are seven people: no more have anything to do
    assert sorted(fake[0].rendered) == [0, 1, 2, 3, 4]
    assert fake[0].rendered[:2] == [0, jobs] if jobs < 5 else [0, 1]
    assert sorted(fake[1].rendered) == [0, 1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_started_where_everybody_is_there(tmp_path, fake, monkeypatch, jobs):
    main(["fake", str(tmp_path)])
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: FakeProcesses)
    monkeypatch.setattr(FakeRenderer, "made", 0)
    main(["fake", str(tmp_path), "--jobs", str(jobs)])
    assert FakeRenderer.made == 0
    assert [part.merged for part in fake] == [2, 2]


def test_processes_share_out_those_who_are_missing(tmp_path, fake, monkeypatch):
    """A command that goes on after an interruption keeps every process busy, whoever is there already."""
    shares = []
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: FakeProcesses)
    monkeypatch.setattr(people.__main__, "render", lambda options, share: shares.append(list(share)))
    for index in (0, 2, 4):
        (tmp_path / fake[0].folder).mkdir(exist_ok=True)
        (tmp_path / fake[0].folder / fake[0].person(index)).touch()
    main(["fake", str(tmp_path), "--jobs", "2"])
    assert shares == [[(0, 1), (1, 0)], [(0, 3), (1, 1)]]


@pytest.mark.usefixtures("fake")
def test_a_process_that_fails_fails_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: FakeProcesses)
    monkeypatch.setattr(FakeProcesses, "exitcode", 1)
    with pytest.raises(SystemExit, match="the same command goes on where it stopped"):
        main(["fake", str(tmp_path), "--jobs", "2"])


@pytest.mark.usefixtures("fake")
def test_options_reach_the_set(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(people.__main__, "with_options", lambda chosen, *options: asked.append(options) or chosen)
    main(["fake", str(tmp_path), "--seed", "5", "--fps", "20", "--merge-only"])
    assert asked == [(5, 20), (5, 20)]


@pytest.mark.usefixtures("fake")
def test_a_person_is_the_same_in_any_shard(tmp_path, monkeypatch):
    def stills(seed, index, renderer):
        assert isinstance(renderer, FakeRenderer)
        asked.append((seed, index))
        return iter(())

    def rows(folder, person, stills):
        list(stills)
        write_json(folder / "truth" / f"{person}.json", [])
        return 0

    asked: list[tuple[int, int]] = []
    monkeypatch.setattr("people.write.write_stills", rows)
    monkeypatch.setattr(people.__main__, "SETS", {"fake": (StillSet("a", 11, 6, stills),)})
    main(["fake", str(tmp_path / "whole")])
    whole = sorted(asked)
    asked.clear()
    for shard in ("4:6", "0:2", "2:4"):
        main(["fake", str(tmp_path / "shards"), "--people", shard])
    assert sorted(asked) == whole == [(11, index) for index in range(6)]
    assert len(list((tmp_path / "shards" / "truth").iterdir())) == 6


def test_an_unknown_set_is_a_usage_error(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["nosuch", str(tmp_path)])
    assert "nosuch" in capsys.readouterr().err


def run_blocked(tmp_path, *arguments):
    (tmp_path / "sitecustomize.py").write_text(BLOCKER, encoding="utf-8")
    command = [sys.executable, *arguments]
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    return subprocess.run(command, env=environment, cwd=BENCHMARKS, capture_output=True, text=True, timeout=120)


def test_help_needs_none_of_the_heavy_packages(tmp_path):
    helped = run_blocked(tmp_path, "render_people.py", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "usage: render_people.py" in helped.stdout
    assert "--people" in helped.stdout


def test_no_module_needs_the_heavy_packages_before_it_is_used(tmp_path):
    code = (
        "import importlib, pkgutil, people\n"
        "names = [one.name for one in pkgutil.iter_modules(people.__path__, 'people.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "print(len(names))\n"
        "import torch"
    )
    imported = run_blocked(tmp_path, "-c", code)
    assert int(imported.stdout) == len(list((BENCHMARKS / "people").glob("[a-z]*.py"))) + 1
    # That the packages were blocked shows at the end.
    assert imported.stderr.endswith("ImportError: blocked: torch\n")
