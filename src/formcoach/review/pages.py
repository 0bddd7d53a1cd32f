"""The pages: what each address shows, and what each form changes."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse

from formcoach.coach.session.types import SymptomPlace
from formcoach.errors import FormCoachError, UsageError
from formcoach.review.charts import MEASURES, draw_trend
from formcoach.review.comparison import view_pair
from formcoach.review.details import CHOICES, view_details
from formcoach.review.forms import Filter, TooLongError, clean_note
from formcoach.review.reports import FORMATS, export_file, make_report, renew_record
from formcoach.review.templates import render
from formcoach.sessions.folder import VIDEO_FILE, pictures_of
from formcoach.sessions.record import Origin
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.edits import add_answer, change_answer, change_note, delete_answer, delete_note
from formcoach.sessions.store.outline import read_outline
from formcoach.sessions.store.trends import read_trends

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from formcoach.sessions.store import StoredSession
    from formcoach.sessions.store.outline import SessionOutline
    from formcoach.sessions.store.trends import SessionTrend

# A page of a list; all are shown on demand [D].
PAGE_ROWS = 100
_NAME = re.compile(r"[0-9a-z-]{1,80}", re.ASCII)
_PIECE = 1 << 18
# SQLite takes no larger number.
_LARGEST_KEY = 2**63 - 1
_DONE = {
    "note-added": "The note is kept.",
    "note-changed": "The note is changed.",
    "note-removed": "The note is removed.",
    "answer-added": "What you felt is kept.",
    "answer-changed": "What you felt is changed.",
    "answer-removed": "The answer is removed.",
    "deleted": "The session is deleted.",
}
_ASSETS = {
    "report.css": ("formcoach.sessions.report", "assets/report.css", "text/css"),
    "review.css": ("formcoach.review", "assets/review.css", "text/css"),
    "review.js": ("formcoach.review", "assets/review.js", "text/javascript"),
    "icon.svg": ("formcoach", "data/icon.svg", "image/svg+xml"),
}


class Pages:
    """All pages of one store; each request opens the store anew, so that threads share nothing and damage is met.

    Parameters
    ----------
    folder
        Of the store; None takes the user's.
    notices
        Sentences to show on every page.
    """

    def __init__(self, folder: Path | None = None, notices: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._notices = notices

    def show_list(self, request: Request) -> Response:
        """All sessions, or those that a filter takes; the newest first."""
        with self._store() as store:
            everything = read_trends(store)
        chosen = Filter.read(request.query_params)
        found = chosen.apply(everything)[::-1]
        rows = found if request.query_params.get("show") == "all" else found[:PAGE_ROWS]
        return self._page(
            "list.html", request, filter=chosen, rows=rows, found=len(found), **_choices(everything), here="list"
        )

    def show_trends(self, request: Request) -> Response:
        """What changes from session to session."""
        with self._store() as store:
            everything = read_trends(store)
        chosen = Filter.read(request.query_params)
        # A session that is being recorded is not known before it ends, and nobody holds in a photo.
        found = tuple(
            one if chosen.leg is None else one.of_leg(chosen.leg)
            for one in chosen.apply(everything)
            if not one.summary.is_running and one.origin is not Origin.PHOTO
        )
        charts = [draw_trend(one, found) for one in MEASURES] if found else []
        return self._page(
            "trends.html",
            request,
            filter=chosen,
            charts=charts,
            rows=found[::-1],
            found=len(found),
            **_choices(everything),
            here="trends",
        )

    def show_session(self, request: Request) -> Response:
        """One session in short, with what may be changed."""
        with self._store() as store:
            outline = _find(store, request)
            everything = read_trends(store)
            pictures = pictures_of(store.folder_of(outline.session.session_id))
            pictures_bytes = sum(one.stat().st_size for one in pictures)
        names = [one.summary.session_id for one in everything]
        place = names.index(outline.session.session_id)
        return self._page(
            "session.html",
            request,
            session=outline.session,
            answers=outline.answers,
            is_running=outline.is_running,
            trend=everything[place],
            earlier=everything[place - 1] if place else None,
            later=everything[place + 1] if place + 1 < len(names) else None,
            view=view_details(outline),
            choices=CHOICES,
            pictures_bytes=pictures_bytes,
        )

    def show_report(self, request: Request) -> Response:
        """The report of a session, made anew: with the notes and answers of today."""
        with self._store() as store:
            report, policy = make_report(store, _find(store, request).session.session_id)
        return HTMLResponse(report, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"})

    def show_picture(self, request: Request) -> Response:
        """The video or a kept picture beside the report."""
        with self._store() as store:
            folder = store.folder_of(_find(store, request).session.session_id)
            asked = request.path_params["name"]
            picture = next((one for one in pictures_of(folder) if one.name == asked), None)
        if picture is None:
            raise HTTPException(404)
        kind = "video/mp4" if picture.name == VIDEO_FILE else "image/png"
        return FileResponse(picture, media_type=kind, content_disposition_type="inline")

    def export(self, request: Request) -> Response:
        """A session as a file to keep or for other programs."""
        kind = request.path_params["kind"]
        if kind not in FORMATS:
            raise HTTPException(404)
        # Whatever becomes of the answer: the folder goes when it is over, or when nobody knows of it any more.
        folder = TemporaryDirectory(prefix="formcoach-", ignore_cleanup_errors=True)
        try:
            with self._store() as store:
                path = export_file(store, _find(store, request).session.session_id, kind, Path(folder.name))
            size = path.stat().st_size
        except BaseException:
            folder.cleanup()
            raise
        headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{path.name}"'}
        return StreamingResponse(_read_once(path, folder), media_type=FORMATS[kind], headers=headers)

    def show_pair(self, request: Request) -> Response:
        """Two sessions side by side."""
        wanted = list(dict.fromkeys(request.query_params.getlist("session")))
        with self._store() as store:
            trends = {one.summary.session_id: one for one in read_trends(store)}
            known = [one for one in wanted if one in trends]
            if len(known) != 2 or len(wanted) != 2:
                raise UsageError("Two sessions can be put side by side: choose two in the list.")
            first, second = sorted(known, key=list(trends).index)
            outlines = read_outline(store, first), read_outline(store, second)
        if outlines[0] is None or outlines[1] is None:  # deleted a moment ago
            raise HTTPException(404)
        pair = view_pair((trends[first], trends[second]), (outlines[0], outlines[1]))
        return self._page("pair.html", request, pair=pair)

    def ask_to_delete(self, request: Request) -> Response:
        """Say what would be deleted, and ask."""
        with self._store() as store:
            outline = _find(store, request)
            pictures = pictures_of(store.folder_of(outline.session.session_id))
            sizes = [(one.name, one.stat().st_size) for one in pictures]
        return self._page(
            "delete.html", request, session=outline.session, is_running=outline.is_running, pictures=sizes
        )

    def delete(self, request: Request, _: Mapping[str, str]) -> Response:
        """Delete a session."""
        with self._store() as store:
            store.delete(_find(store, request).session.session_id)
        return RedirectResponse("/?done=deleted", 303)

    def add_note(self, request: Request, form: Mapping[str, str]) -> Response:
        """Keep a note."""
        with self._store() as store:
            session = _find(store, request).session
            store.add_note(session.session_id, clean_note(form.get("text", "")))
        return _back(session, "note-added", "notes")

    def change_note(self, request: Request, form: Mapping[str, str]) -> Response:
        """Change a note, or remove it."""
        with self._store() as store:
            session, number = _find(store, request).session, _number(request)
            if form.get("do") == "remove":
                delete_note(store, session.session_id, number)
                return _back(session, "note-removed", "notes")
            change_note(store, session.session_id, number, clean_note(form.get("text", "")))
        return _back(session, "note-changed", "notes")

    def add_answer(self, request: Request, form: Mapping[str, str]) -> Response:
        """Say where a hold was felt."""
        place = _place(form.get("place", ""))
        if place is None:
            raise UsageError("No place was chosen: choose where you felt it.")
        with self._store() as store:
            session = _find(store, request).session
            add_answer(store, session.session_id, _seconds(form.get("hold", "")), place)
            renew_record(store, session.session_id)
        return _back(session, "answer-added", "felt")

    def change_answer(self, request: Request, form: Mapping[str, str]) -> Response:
        """Change where something was felt, or remove it."""
        removed = form.get("do") == "remove"
        with self._store() as store:
            session, number = _find(store, request).session, _number(request)
            if removed:
                delete_answer(store, session.session_id, number)
            else:
                change_answer(store, session.session_id, number, _place(form.get("place", "")))
            renew_record(store, session.session_id)
        return _back(session, "answer-removed" if removed else "answer-changed", "felt")

    def show_file(self, request: Request) -> Response:
        """Style, script and icon of the pages."""
        found = _ASSETS.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        package, path, kind = found
        return Response(_read(package, path), media_type=kind)

    def show_icon(self, _: Request) -> Response:
        """The icon, where a page names none, as reports do."""
        package, path, kind = _ASSETS["icon.svg"]
        return Response(_read(package, path), media_type=kind)

    def explain(self, request: Request, error: Exception) -> Response:
        """Say in a sentence why a page is not shown or something was not changed."""
        if isinstance(error, HTTPException):
            sentence, status = _SENTENCES.get(error.status_code, "That does not work here."), error.status_code
        elif isinstance(error, TooLongError):
            sentence, status = str(error), 413
        elif isinstance(error, UsageError):
            sentence, status = str(error), 409
        elif isinstance(error, FormCoachError):
            sentence, status = str(error), 503
        else:
            sentence, status = "Something went wrong; the terminal says what.", 500
        return self._page("problem.html", request, status=status, sentence=sentence)

    @contextmanager
    def _store(self) -> Iterator[SessionStore]:
        with SessionStore(self._folder) as store:
            self._notices += tuple(one for one in store.notices if one not in self._notices)
            yield store

    def _page(self, template: str, request: Request, *, status: int = 200, **values: Any) -> Response:
        done = _DONE.get(request.query_params.get("done", ""))
        return HTMLResponse(render(template, notices=self._notices, done=done, **values), status)


_SENTENCES = {
    404: "There is no such page or session.",
    405: "That does not work here: go back and use the buttons.",
}


def _read_once(path: Path, folder: TemporaryDirectory[str]) -> Iterator[bytes]:
    """Yield a file in pieces; its folder is gone afterwards."""
    with folder, path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _find(store: SessionStore, request: Request) -> SessionOutline:
    name = request.path_params["session_id"]
    session = read_outline(store, name) if _NAME.fullmatch(name) else None
    if session is None:
        raise HTTPException(404)
    return session


def _number(request: Request) -> int:
    number = int(request.path_params["number"])
    if number > _LARGEST_KEY:
        raise HTTPException(404)
    return number


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UsageError("No hold was chosen: choose the one that you speak of.") from None


def _place(value: str) -> SymptomPlace | None:
    if not value:
        return None
    try:
        return SymptomPlace(value)
    except ValueError:
        raise UsageError("That is no place that formcoach knows: choose one from the list.") from None


def _choices(everything: tuple[SessionTrend, ...]) -> dict[str, Any]:
    exercises = {one.summary.exercise: one.title for one in everything}
    return {"total": len(everything), "exercises": sorted(exercises.items(), key=lambda one: one[1])}


def _back(session: StoredSession, done: str, section: str) -> Response:
    return RedirectResponse(f"/sessions/{session.session_id}?done={done}#{section}", 303)


@cache
def _read(package: str, path: str) -> bytes:
    return resources.files(package).joinpath(*path.split("/")).read_bytes()
