"""The review served for a test, and a client that sends exactly what it is told."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from formcoach.review.server import make_server, open_socket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from formcoach.review.access import Access


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass
class Client:
    """A browser's requests, one connection each; `cookie` goes with all of them."""

    access: Access
    cookie: str | None = None
    origin: str = field(init=False)

    def __post_init__(self):
        self.origin = f"http://127.0.0.1:{self.access.port}"

    def ask(self, path, method="GET", body=None, **headers):
        sent = {"Host": f"127.0.0.1:{self.access.port}"}
        if self.cookie is not None:
            sent["Cookie"] = self.cookie
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.access.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        if body is not None:
            sent["Content-Length"] = str(len(body))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read().decode("utf-8", "replace")
        connection.close()
        return Answer(answer.status, answer.headers, content)

    def post(self, path, fields=None, **headers):
        sent = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"} | headers
        sent = {name: value for name, value in sent.items() if value is not None}
        return self.ask(path, "POST", urlencode(fields or {}).encode(), **sent)

    def enter(self):
        """Open the link as a browser does."""
        answer = self.ask(self.access.link.removeprefix(self.origin))
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer


@contextmanager
def serving(folder: Path) -> Iterator[Client]:
    with open_socket(0) as listening:
        server, access = make_server(listening, folder)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Client(access)
        finally:
            server.should_exit = True
            thread.join(timeout=30)
    assert not thread.is_alive()
