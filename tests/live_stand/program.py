"""Runs a program as its own process and watches what it writes; ``start_live`` runs ``formcoach live``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

SOURCE = Path(__file__).parents[2] / "src"
POLL_S = 0.05
# The machine may be busy: loading the model takes some seconds even when it is not.
PATIENCE_S = 60.0


class Program:
    """A program as a user starts it; a context manager that leaves no process behind.

    Parameters
    ----------
    command
        What is run.
    environment
        Added to this process's own.
    folder
        Where it is started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        path = os.pathsep.join([str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # A Ctrl-C at the tests' terminal is for the tests.
            start_new_session=True,
        )
        self._output: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [
            threading.Thread(target=self._read, args=(pipe, self._output[name]), daemon=True)
            for name, pipe in (("out", self._process.stdout), ("err", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            pipe.close()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def out(self) -> str:
        """What it has written to standard output so far."""
        return "".join(self._output["out"])

    @property
    def err(self) -> str:
        """What it has written to standard error so far."""
        return "".join(self._output["err"])

    def wait_until(self, condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a condition holds; fail when it does not in time, or the program ends before."""
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            # What it did last may be what is waited for.
            if not self.is_running and not condition():
                raise AssertionError(f"the program ended before {what}\n{self._told()}")
            if time.monotonic() > deadline_s:
                raise AssertionError(f"in {timeout_s:.0f} s not {what}\n{self._told()}")
            time.sleep(POLL_S)

    def wait_for_text(self, text: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a text has been written."""
        self.wait_until(lambda: text in self.out + self.err, f"written: {text}", timeout_s)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()

    def wait_for_end(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait until it has ended by itself and return its exit status."""
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"in {timeout_s:.0f} s not ended\n{self._told()}") from None
        for reader in self._readers:
            reader.join()
        return status

    def _told(self) -> str:
        return f"-- standard output\n{self.out[-3000:]}\n-- standard error\n{self.err[-3000:]}"

    @staticmethod
    def _read(pipe, lines: list[str]) -> None:
        lines.extend(iter(pipe.readline, ""))


def start_live(*arguments: str, environment: Mapping[str, str], folder: Path) -> Program:
    """Start ``formcoach live`` with these arguments."""
    return Program([sys.executable, "-m", "formcoach", "live", *arguments], environment, folder)
