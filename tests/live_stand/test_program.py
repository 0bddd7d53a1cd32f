from __future__ import annotations

import sys

import pytest

from live_stand.program import Program, start_live

ECHO = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(7))
print("ready", flush=True)
print("trouble", file=sys.stderr, flush=True)
time.sleep(60)
"""
PATIENCE_S = 20.0


def start(code, folder):
    return Program([sys.executable, "-c", code], {"STAND": "here"}, folder)


def test_what_a_program_writes_is_seen_while_it_runs_and_ctrl_c_ends_it(tmp_path):
    with start(ECHO, tmp_path) as program:
        program.wait_for_text("ready", PATIENCE_S)
        program.wait_for_text("trouble", PATIENCE_S)
        assert program.is_running
        assert (program.out, program.err) == ("ready\n", "trouble\n")
        program.interrupt()
        assert program.wait_for_end(PATIENCE_S) == 7


def test_a_program_that_ends_too_early_is_told_with_what_it_wrote(tmp_path):
    with (
        start("import os; print(os.environ['STAND'], os.getcwd())", tmp_path) as program,
        pytest.raises(AssertionError, match=rf"(?s)ended before.*here {tmp_path}"),
    ):
        program.wait_for_text("never", PATIENCE_S)


def test_what_does_not_happen_in_time_is_told_with_what_it_wrote(tmp_path):
    with start(ECHO, tmp_path) as program:
        program.wait_for_text("ready", PATIENCE_S)
        with pytest.raises(AssertionError, match=r"(?s)not seen.*ready.*trouble"):
            program.wait_until(lambda: False, "seen", 0.2)
        with pytest.raises(AssertionError, match="not ended"):
            program.wait_for_end(0.2)


def test_leaving_ends_the_program(tmp_path):
    with start(ECHO, tmp_path) as program:
        program.wait_for_text("ready", PATIENCE_S)
    assert not program.is_running


def test_the_command_is_this_checkout_s_own(tmp_path):
    with start_live("--help", environment={}, folder=tmp_path) as program:
        program.wait_for_end(60.0)
    assert "formcoach" in program.out + program.err
