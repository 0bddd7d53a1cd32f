"""``formcoach review`` as a user types it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live

COMMAND = [sys.executable, "-m", "formcoach", "review"]


def environment(home):
    return os.environ | {"FORMCOACH_HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1"}


def review(home, *arguments):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=120, env=environment(home)
    )


@contextmanager
def running(home, *arguments, command=()):
    """Start it; yield the process and the link that it prints."""
    process = subprocess.Popen(
        [*(command or COMMAND), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home) | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"Your sessions: (http://127\.0\.0\.1:\d+/\?token=[\w-]{43})\n", line)
        assert found, (line, process.stderr.read() if process.poll() is not None else "")
        yield process, urlsplit(found[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


def get(link, path, cookie=None):
    connection = http.client.HTTPConnection(link.hostname, link.port, timeout=60)
    connection.request("GET", path, headers={} if cookie is None else {"Cookie": cookie})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer, content


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_link_opens_and_ctrl_c_ends_it(tmp_path, sign):
    with SessionStore(tmp_path) as store:
        name, _ = keep_live(store)
        cut_off, _ = keep_live(store, frames=60, finish=False)
    with running(tmp_path, "--no-browser") as (process, link):
        assert get(link, "/")[0].status == 403
        answer, _ = get(link, f"/?{link.query}")
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        _, page = get(link, "/", cookie)
        assert name in page
        assert "cut off" in page  # closed at the start
        assert cut_off in page
        idle = socket.create_connection((link.hostname, link.port))  # a browser keeps its connections
        process.send_signal(sign)
        out, errors = process.communicate(timeout=30)
        idle.close()
    assert "Traceback" not in out + errors
    assert link.query not in errors
    if sign is signal.SIGINT:
        assert process.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_only_loopback_listens(tmp_path):
    with running(tmp_path, "--no-browser") as (process, link):
        rows = [row.split() for row in Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == "0A"}
    assert f"0100007F:{link.port:04X}" in listening
    assert f"00000000:{link.port:04X}" not in listening


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = review(tmp_path, "--no-browser", "--port", port)
    assert done.returncode == 2
    assert done.stderr == (
        f"formcoach: Port {port} is taken by another program: choose another with --port, or leave --port out.\n"
    )
    done = review(tmp_path, "--port", "70000")
    assert done.returncode == 2
    assert "70000 is no port" in done.stderr


def test_a_newer_store_is_refused_in_one_sentence(tmp_path):
    with SessionStore(tmp_path):
        pass
    with sqlite3.connect(tmp_path / "sessions.sqlite") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    done = review(tmp_path, "--no-browser")
    assert done.returncode == 1
    assert "newer formcoach" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_browser_gets_a_link_of_its_own_that_holds_once(tmp_path):
    script = (
        "import sys, webbrowser, formcoach.cli.main\n"
        "webbrowser.open = lambda link: print('opened', link, file=sys.stderr, flush=True)\n"
        "sys.argv = ['formcoach', 'review']\n"
        "formcoach.cli.main.run()\n"
    )
    with running(tmp_path, command=[sys.executable, "-c", script]) as (process, link):
        opened = next(line for line in process.stderr if line.startswith("opened")).split()[1]
        assert urlsplit(opened).query != link.query
        assert get(link, f"/?{urlsplit(opened).query}")[0].status == 200
        assert get(link, f"/?{urlsplit(opened).query}")[0].status == 403
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_help_is_light():
    script = (
        "import sys, formcoach.cli.main\n"
        "from typer.testing import CliRunner\n"
        "done = CliRunner().invoke(formcoach.cli.main.app, ['review', '--help'])\n"
        "assert done.exit_code == 0 and '--no-browser' in done.output, done.output\n"
        "print(sorted({'starlette', 'uvicorn', 'jinja2', 'numpy', 'sqlite3', 'cv2'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}
    )
    assert done.stdout.strip() == "[]"
