from __future__ import annotations

import json
import signal

import pytest

from formcoach.analysis import AnalysisOptions, analyze_input
from formcoach.analysis.kept import write_session_report
from formcoach.analysis.replay import replay
from formcoach.cli.analyze import analyze
from formcoach.cli.batch import run_batch
from formcoach.cli.console import ProgressMonitor
from formcoach.errors import OutputError
from formcoach.pose.model_files import load_model_file
from formcoach.sessions.store import SessionStore
from formcoach.stretch import load_profile
from media import write_video


def test_ctrl_c_twice_ends_at_the_next_frame_and_leaves_nothing_behind(samples, tmp_path, monkeypatch, capsys):
    frames = []
    advance = ProgressMonitor.advance

    def press_twice_at_the_twentieth_frame(monitor):
        frames.append(monitor)
        if len(frames) == 20:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        advance(monitor)

    monkeypatch.setattr(ProgressMonitor, "advance", press_twice_at_the_twentieth_frame)
    options = AnalysisOptions(tmp_path, load_model_file("lite"), load_profile())
    clips = [str(samples / "good_side_left.mp4"), str(samples / "toes_up_side_left.mp4")]
    assert run_batch(clips, options, as_json=False)
    assert len(frames) == 20
    assert list(tmp_path.iterdir()) == []
    shown = capsys.readouterr()
    assert shown.out == ""
    stopped, waiting = shown.err.splitlines()
    assert stopped == "formcoach: Stopped at once; nothing of 'good_side_left' was kept."
    assert waiting.endswith("toes_up_side_left.mp4' was not analysed: everything was stopped before it.")


def test_a_fault_of_our_own_is_a_sentence_and_the_other_inputs_are_done(samples, tmp_path, monkeypatch, capsys):
    def stumble(source, name, options, monitor):
        if name == "first":
            raise ZeroDivisionError("by nothing")
        return analyze_input(source, name, options, monitor)

    monkeypatch.setattr("formcoach.cli.batch.analyze_input", stumble)
    photo = samples / "photos" / "runners_stretch_0.jpg"
    (tmp_path / "first.jpg").write_bytes(photo.read_bytes())
    options = AnalysisOptions(tmp_path / "out", load_model_file("lite"), load_profile())
    assert run_batch([str(tmp_path / "first.jpg"), str(photo)], options, as_json=True)
    shown = capsys.readouterr()
    assert "fault in formcoach (ZeroDivisionError: by nothing)" in shown.err
    assert [one["done"] for one in json.loads(shown.out)["results"]] == [False, True]


def test_stopping_before_anybody_was_seen_says_so(tmp_path, monkeypatch, capsys):
    advance = ProgressMonitor.advance

    def press_at_once(monitor):
        signal.raise_signal(signal.SIGINT)
        advance(monitor)

    monkeypatch.setattr(ProgressMonitor, "advance", press_at_once)
    clip = write_video(tmp_path / "room.mp4", [index / 15 for index in range(20)], size=(320, 240))
    options = AnalysisOptions(tmp_path / "out", load_model_file("lite"), load_profile())
    assert run_batch([str(clip)], options, as_json=False)
    assert "Stopped before anybody was seen in 'room.mp4'" in capsys.readouterr().err


def test_a_saved_photo_is_a_session_with_its_own_report_and_judgement(samples, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORMCOACH_HOME", str(tmp_path / "home"))
    photo = samples / "photos" / "runners_stretch_0.jpg"
    options = AnalysisOptions(tmp_path / "out", load_model_file("lite"), load_profile(), save=True)
    assert not run_batch([str(photo)], options, as_json=True)
    (result,) = json.loads(capsys.readouterr().out)["results"]
    with SessionStore() as store:
        (summary,) = store.list()
        session = store.load(summary.session_id)
        report = write_session_report(store, summary.session_id).read_text(encoding="utf-8")
    assert result["saved"] == summary.session_id
    assert session.record == result["session"]
    assert (session.record["path"], session.plan.source.name) == ("still", photo.name)
    assert not list((tmp_path / "home").rglob("*.png"))
    assert "<img" not in report
    assert replay(session).record.flags == session.flags


def test_one_that_cannot_be_saved_is_a_sentence(samples, tmp_path, monkeypatch, capsys):
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("FORMCOACH_HOME", str(tmp_path / "home"))
    photo = samples / "photos" / "runners_stretch_0.jpg"
    options = AnalysisOptions(tmp_path / "out", load_model_file("lite"), load_profile(), save=True)
    assert run_batch([str(photo)], options, as_json=True)
    shown = capsys.readouterr()
    assert "a file is in its way" in shown.err
    assert [one["done"] for one in json.loads(shown.out)["results"]] == [False]


def test_whether_it_can_be_saved_is_known_before_the_work(samples, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("FORMCOACH_HOME", str(tmp_path / "home"))
    photo = samples / "photos" / "runners_stretch_0.jpg"
    with pytest.raises(OutputError, match="a file is in its way"):
        analyze([str(photo)], tmp_path / "out", model="lite", save=True)
    assert not (tmp_path / "out").exists()
    analyze([str(photo)], tmp_path / "out", model="lite", save=False)
    assert (tmp_path / "out" / photo.stem / "report.html").is_file()
