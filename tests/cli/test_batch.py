from __future__ import annotations

import signal

from formcoach.analysis import AnalysisOptions
from formcoach.cli.batch import run_batch
from formcoach.cli.console import ProgressMonitor
from formcoach.pose.model_files import load_model_file
from formcoach.stretch import load_profile


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
