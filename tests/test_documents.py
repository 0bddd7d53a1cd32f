"""What the documents say about the program is what the program does."""

from __future__ import annotations

import re

import pytest
import typer

from conftest import ROOT, SAMPLES
from formcoach.angles.types import Angle
from formcoach.cli.main import app

FOLDERS = (".", "docs", "samples", "src/formcoach/pose/models", "src/formcoach/pose/networks")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_readme_lists_the_options_that_analyze_has():
    analyze = typer.main.get_command(app).commands["analyze"]
    existing = {option for parameter in analyze.params for option in (*parameter.opts, *parameter.secondary_opts)}
    named = set(re.findall(r"^\| `(--[a-z-]+)", section("What you get"), flags=re.MULTILINE))
    assert named <= existing
    # --video is what happens anyway, -o is short for --out.
    assert existing - named == {"clips", "--video", "-o"}


def test_the_readme_lists_the_options_that_live_has():
    live = typer.main.get_command(app).commands["live"]
    ways = [{*parameter.opts, *parameter.secondary_opts} for parameter in live.params]
    cells = re.findall(r"^\| (`--.*?) \| ", section("Live"), flags=re.MULTILINE)
    named = {option for cell in cells for option in re.findall(r"--[a-z-]+", cell)}
    assert named <= set().union(*ways)
    assert [way for way in ways if not way & named] == []


def section(title: str) -> str:
    """Return one section of the README."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_ci_runs_the_two_commands_that_the_readme_gives():
    commands = re.findall(r"^ {4}(python3 -m venv .*)$", README, flags=re.MULTILINE)
    assert [command.split()[-1] for command in commands] == ["demo", ".venv/bin/pytest"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "readme_command 'formcoach demo'" in script
    assert "readme_command 'pytest'" in script


def test_the_page_of_the_angles_defines_every_angle():
    page = (ROOT / "docs" / "angles.md").read_text(encoding="utf-8")
    assert [angle for angle in Angle if f"`{angle}`" not in page] == []


def test_the_design_puts_the_camera_where_the_readme_does():
    found = re.search(r"Put the camera at (.*?) \(([\d.]+) to ([\d.]+) m\), ([\d.]+) to ([\d.]+) m away", README)
    height, lowest, highest, nearest, farthest = found.groups()
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert f"{nearest}–{farthest} m from a camera at {height} ({lowest}–{highest} m)" in design


def test_the_samples_are_listed_with_their_source():
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in SAMPLES.rglob("*") if path.suffix in {".mp4", ".jpg", ".png"}}
    assert set(re.findall(r"^\| `([^`]+)`", page, flags=re.MULTILINE)) == files


def test_the_samples_stay_small():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 15e6
