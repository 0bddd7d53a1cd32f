"""The pages behind their gate, as an application that a web server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

from formcoach.errors import FormCoachError
from formcoach.review.access import Gate
from formcoach.review.forms import read_form
from formcoach.review.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from formcoach.review.access import Access


def make_app(access: Access, folder: Path | None = None, notices: tuple[str, ...] = ()) -> ASGIApp:
    """Make the application.

    Parameters
    ----------
    access
        Who may see it.
    folder
        Of the store; None takes the user's.
    notices
        Sentences to show on every page.
    """
    pages = Pages(folder, notices)
    session = "/sessions/{session_id}"
    app = Starlette(
        routes=[
            Route("/", pages.show_list),
            Route("/trends", pages.show_trends),
            Route("/compare", pages.show_pair),
            Route(session, pages.show_session),
            Route(f"{session}/report/", pages.show_report),
            Route(f"{session}/report/{{name}}", pages.show_picture),
            Route(f"{session}/export/{{kind}}", pages.export),
            Route(f"{session}/delete", pages.ask_to_delete),
            Route(f"{session}/delete", _taking_a_form(pages.delete), methods=["POST"]),
            Route(f"{session}/notes", _taking_a_form(pages.add_note), methods=["POST"]),
            Route(f"{session}/notes/{{number:int}}", _taking_a_form(pages.change_note), methods=["POST"]),
            Route(f"{session}/answers", _taking_a_form(pages.add_answer), methods=["POST"]),
            Route(f"{session}/answers/{{number:int}}", _taking_a_form(pages.change_answer), methods=["POST"]),
            Route("/static/{name}", pages.show_file),
            Route("/favicon.ico", pages.show_icon),
        ],
        exception_handlers={
            HTTPException: pages.explain,
            FormCoachError: pages.explain,
            Exception: pages.explain,
        },
    )
    return Gate(app, access)


def _taking_a_form(
    change: Callable[[Request, Mapping[str, str]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that reads the form and then changes the store on a thread of its own."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(change, request, await read_form(request))

    return endpoint
