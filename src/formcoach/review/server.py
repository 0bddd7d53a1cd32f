"""Serves the pages on loopback until Ctrl-C."""

from __future__ import annotations

import errno
import socket
import sys
from typing import TYPE_CHECKING

from formcoach.errors import UsageError
from formcoach.review.access import Access
from formcoach.review.app import make_app

if TYPE_CHECKING:
    from pathlib import Path

    import uvicorn

HOST = "127.0.0.1"
# What is being answered when it ends may be answered to its end for so long.
GRACE_S = 2


def open_socket(port: int) -> socket.socket:
    """Return a socket that listens on loopback.

    Parameters
    ----------
    port
        0 takes a free one.

    Raises
    ------
    UsageError
        When the port cannot be had.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs have the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"Port {port} is taken by another program: choose another with --port, or leave --port out."
            ) from error
        raise UsageError(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port, or leave --port out."
        ) from error
    return listening


def make_server(
    listening: socket.socket, folder: Path | None = None, notices: tuple[str, ...] = ()
) -> tuple[uvicorn.Server, Access]:
    """Return a server for a socket, and who may see it; ``server.run(sockets=[listening])`` serves.

    Parameters
    ----------
    listening
        From `open_socket`.
    folder
        Of the store; None takes the user's.
    notices
        Sentences to show on every page.
    """
    import uvicorn

    access = Access(listening.getsockname()[1])
    config = uvicorn.Config(
        make_app(access, folder, notices),
        lifespan="off",
        ws="none",
        log_level="error",
        access_log=False,  # the link would be in it
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    return uvicorn.Server(config), access
