"""Prints how soon the review's pages are there for a store of many sessions.

    python benchmarks/review.py [--sessions 1000] [--times 10]

Each page is asked for over HTTP from a server in a process of its own, as a browser does; the first time is printed
apart because templates are compiled then. The sessions have two to four holds, flags and answers, and no frames.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from review_store import fill_store

LIMIT_MS = 300.0


def ask(link: str, path: str, cookie: str = "") -> tuple[http.client.HTTPResponse, bytes]:
    """Ask for a page."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def main() -> int:
    """Measure and print; 1 where the list of all sessions takes longer than it may."""
    parser = argparse.ArgumentParser(description="how soon the review's pages are there")
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="formcoach-") as folder:
        names = fill_store(Path(folder), options.sessions, days=1.0)
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "formcoach", "review", "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"FORMCOACH_HOME": folder},
        )
        try:
            medians = print_pages((server.stdout or sys.stdin).readline().split()[-1], names, options.times)
        finally:
            server.terminate()
            server.wait()
    return int(medians["all sessions"] > LIMIT_MS)


def print_pages(link: str, names: list[str], times: int) -> dict[str, float]:
    """Print a line for each page and return the medians in milliseconds."""
    answer, _ = ask(link, f"/?{urlsplit(link).query}")
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    pages = {
        "newest 100": "/",
        "all sessions": "/?show=all",
        "one leg": "/?leg=left&show=all",
        "trends": "/trends",
        "one session": f"/sessions/{names[-1]}",
        "side by side": f"/compare?session={names[0]}&session={names[-1]}",
    }
    medians = {}
    print(f"{len(names)} sessions; milliseconds from asking to the last byte")
    for name, path in pages.items():
        took_ms = []
        for _ in range(times + 1):
            start = time.perf_counter()
            answer, content = ask(link, path, cookie)
            took_ms.append((time.perf_counter() - start) * 1e3)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered with {answer.status}")
        medians[name] = statistics.median(took_ms[1:])
        print(
            f"  {name:13} median {medians[name]:5.0f}, longest {max(took_ms[1:]):5.0f}, first {took_ms[0]:5.0f},"
            f" {len(content) / 1e3:6.0f} kB"
        )
    return medians


if __name__ == "__main__":
    sys.exit(main())
