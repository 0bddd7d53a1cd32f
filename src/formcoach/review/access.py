"""Who may ask: the browser that was given the link, for pages of this server; nobody and nothing else.

A page of another site may send the browser here, but is told nothing and changes nothing: its requests carry no cookie
(``SameSite=Strict``), and what carries one is refused unless it comes from a page of this server. The host is compared
because a name of another site may be made to point at this computer (DNS rebinding).
"""

from __future__ import annotations

import hmac
import secrets
from html import escape
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# So many random bytes cannot be guessed.
TOKEN_BYTES = 32
TOKEN_PARAMETER = "token"
OPEN_FILES = "/static/"
"""Style, script and picture: the same for everybody, so that pages of refusal can have them."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
# With "no-referrer" browsers send forms with an unknown origin; other sites are told nothing with this one either.
REFERRER_POLICY = "same-origin"
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_READING = ("GET", "HEAD")
_USUAL_PORT = 80
# Not from another site and not from another port of this computer; older browsers do not say.
_OWN_SITES = (None, "same-origin", "none")


class Access:
    """What the links of one run are worth.

    Parameters
    ----------
    port
        Where it is served.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._token = secrets.token_urlsafe(TOKEN_BYTES)
        self._once = {secrets.token_urlsafe(TOKEN_BYTES)}
        self._ticket = secrets.token_urlsafe(TOKEN_BYTES)

    @property
    def cookie(self) -> str:
        """Name of the cookie; cookies do not tell ports apart, so the name does."""
        return f"formcoach_review_{self.port}"

    @property
    def link(self) -> str:
        """The link for the terminal; it holds as long as the program runs."""
        return self._link(self._token)

    @property
    def link_for_browser(self) -> str:
        """A link that holds once: other users of this computer see with which arguments a browser was started."""
        return self._link(next(iter(self._once), self._token))

    @property
    def hosts(self) -> tuple[str, ...]:
        """How a browser may name this server; it leaves out the usual port."""
        names = ("127.0.0.1", "localhost")
        return tuple(f"{name}:{self.port}" for name in names) + (names if self.port == _USUAL_PORT else ())

    def take(self, token: str) -> str | None:
        """Return the cookie's value for the right token; None for another."""
        once = next((one for one in self._once if _same(token, one)), None)
        if once is not None:
            self._once.discard(once)
            return self._ticket
        return self._ticket if _same(token, self._token) else None

    def knows(self, cookies: str) -> bool:
        """Tell whether the header of cookies has the right one; others come from other programs on this computer."""
        pairs = (one.strip().partition("=") for one in cookies.split(";"))
        return any(name == self.cookie and _same(value, self._ticket) for name, _, value in pairs)

    def _link(self, token: str) -> str:
        return f"http://127.0.0.1:{self.port}/?{TOKEN_PARAMETER}={token}"


class Gate:
    """Stands before the pages: checks every request, and puts the headers on every answer.

    Parameters
    ----------
    app
        The pages.
    access
        Who may see them.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return  # nothing here speaks anything else

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Referrer-Policy", REFERRER_POLICY)
            await send(message)

        answer = self._answer(scope)
        await (self._app if answer is None else answer)(scope, receive, send_with_headers)

    def _answer(self, scope: Scope) -> HTMLResponse | None:
        """Return the answer of the gate itself; None where the pages answer."""
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self._access.hosts]:
            return refuse("This address is not one of formcoach's.", 421)
        token = _token(scope)
        if token is not None and scope["path"] == "/" and scope["method"] in _READING:
            # Before the look at the site: a link may be clicked anywhere, and what it is worth is in itself.
            return self._admit(token)
        fault = self._find_fault(scope, headers)
        return None if fault is None else refuse(fault, 403)

    def _find_fault(self, scope: Scope, headers: Headers) -> str | None:
        origin = headers.get("origin")
        own = f"http://{headers['host']}"
        if origin not in (None, own) or headers.get("sec-fetch-site") not in _OWN_SITES:
            return "This was asked for by a page of another site, which may neither read nor change anything here."
        if scope["path"].startswith(OPEN_FILES) and scope["method"] in _READING:
            return None
        if not self._access.knows("; ".join(headers.getlist("cookie"))):
            return "This page opens with the link that 'formcoach review' prints: open that link."
        if scope["method"] not in _READING and origin is None:
            return "The browser does not say which page this comes from: change things on the pages of formcoach only."
        return None

    def _admit(self, token: str) -> HTMLResponse:
        """Exchange the token for the cookie; the page then goes on by itself, so that the link stays nowhere.

        A redirect would not do: where another program's page holds the link, the browser would follow it without the
        cookie.
        """
        ticket = self._access.take(token)
        if ticket is None:
            return refuse(
                "This link holds no longer: open the one that 'formcoach review' printed, or start it again.", 403
            )
        response = HTMLResponse(
            _page("formcoach", '<p><a href="/">Your sessions</a></p>', '<meta http-equiv="refresh" content="0;url=/">'),
            headers={"Referrer-Policy": "no-referrer"},
        )
        response.set_cookie(self._access.cookie, ticket, path="/", httponly=True, samesite="strict")
        return response


def refuse(sentence: str, status: int) -> HTMLResponse:
    """Return a page that says why something is refused and nothing else."""
    return HTMLResponse(_page("Not here", f"<h1>Not here</h1><p>{escape(sentence)}</p>"), status)


def _page(title: str, body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="{OPEN_FILES}icon.svg"><link rel="stylesheet" href="{OPEN_FILES}report.css">'
        f"<title>{title}</title>{head}</head><body><main>{body}</main></body></html>"
    )


def _token(scope: Scope) -> str | None:
    from urllib.parse import parse_qs

    found = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN_PARAMETER)
    return None if found is None else found[-1]


def _same(first: str, second: str) -> bool:
    return hmac.compare_digest(first.encode(), second.encode())
