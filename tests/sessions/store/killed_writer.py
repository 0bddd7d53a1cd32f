"""Records sessions as fast as it can, each in a child of its own that somebody kills.

Two lines of orders and reports go to and fro on the standard streams: for every line read, a child is made that begins
a session; it writes its process id and the session's name, then, after every frame it has handed over, the frame's
number. The child never ends by itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from formcoach.pose.pose import Pose
from formcoach.sessions.store import SessionStore
from store_sessions import MODEL, make_frames, make_plan


def record(folder: Path, seed: int) -> None:
    times_s, poses, guidance = make_frames(seed, 12.0)
    os.write(1, f"pid {os.getpid()}\n".encode())
    store = SessionStore(folder)
    journal = store.begin(make_plan(sets=seed))
    os.write(1, f"session {journal.session_id}\n".encode())
    journal.begin_segment(MODEL, (640, 480))
    for number, (time_s, pose, guide) in enumerate(zip(times_s, poses, guidance, strict=True)):
        journal.append(number, time_s, Pose(*(getattr(pose, name) for name in pose.__slots__)), guide)
        os.write(1, f"frame {number}\n".encode())
    while True:
        os.read(0, 1)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            record(Path(sys.argv[1]), int(line))
        os.waitpid(child, 0)
        os.write(1, b"ended\n")


if __name__ == "__main__":
    main()
