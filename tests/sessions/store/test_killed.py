"""Killed at random moments: no session lost, none unreadable, a second missing at most, closed at the next opening."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from formcoach.analysis.replay import close_unfinished
from formcoach.pose.pose import Pose
from formcoach.sessions.store import SessionState, SessionStore
from store_sessions import make_frames, same_poses

KILLS = 50
WRITER = Path(__file__).with_name("killed_writer.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def kill_one(process, seed, chance):
    """Let one session be recorded and kill it at a random moment; return its name and the last frame it reported.

    The moment is a random frame, and a random part of a commit's time after it.
    """
    process.stdin.write(f"{seed}\n")
    process.stdin.flush()
    pid, session_id, last = None, None, -1
    at_frame, wait_s = chance.randrange(-1, 200), chance.uniform(0.0, 0.004)
    killed = False
    for line in process.stdout:
        word, _, rest = line.strip().partition(" ")
        if word == "ended":
            break
        if word == "pid":
            pid = int(rest)
        elif word == "session":
            session_id = rest
        else:
            last = int(rest)
        if session_id and last >= at_frame and not killed:
            time.sleep(wait_s)
            os.kill(pid, signal.SIGKILL)
            killed = True
    return session_id, last


def test_a_killed_program_loses_at_most_a_second(tmp_path):
    chance = random.Random(time.time_ns())
    reports = {}
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
    ) as process:
        for seed in range(1, KILLS + 1):
            session_id, last = kill_one(process, seed, chance)
            reports[session_id] = (seed, last)
            with SessionStore(tmp_path) as store:  # also while the dead one's files lie as it left them
                assert store.notices == ()
                assert session_id in store.unfinished()
        process.stdin.close()

    with SessionStore(tmp_path) as store:
        assert store.notices == ()
        assert set(store.unfinished()) == set(reports)
        assert {one.session_id for one in store.list()} == set(reports)
        cut = 0
        for session_id, (seed, last) in reports.items():
            times_s, poses, guidance = make_frames(seed, 12.0)
            found = store.load(session_id)
            assert (found.plan.sets, found.damaged_chunks) == (seed, 0)
            kept = sum(len(one.frames) for one in found.segments)
            if kept:
                frames = found.segments[0].frames
                assert frames.index.tolist() == list(range(kept))
                assert same_poses(frames.pose, Pose.stack(poses[:kept]))
                assert frames.guidance == tuple(guidance[:kept])
            missing = times_s[kept : last + 1]
            assert not missing or missing[-1] - missing[0] < 1.0
            cut += kept < len(times_s)
        assert cut > KILLS / 2  # else the kills come too late
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_next_opening_closes_what_was_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
    ) as process:
        ids = [kill_one(process, seed, random.Random(seed))[0] for seed in (1, 2)]
        process.stdin.close()
    with SessionStore(tmp_path) as store:
        assert len(close_unfinished(store)) == 2
        assert store.unfinished() == ()
        assert [store.load(one).state for one in ids] == [SessionState.INTERRUPTED] * 2
        assert not list((tmp_path / "running").iterdir())
