"""A Retriever → the web application: the page at /, the reader at /report/{id}, their files.

Every answer carries a content security policy that keeps the browser from asking any other server
for anything, whatever a library or a report puts into the page.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.datastructures import MutableHeaders

from reportqa.errors import QuestionError
from reportqa.web.page import mount_page
from reportqa.web.reader import missing_html, read_range, reader_html

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from reportqa.generate import LLM
    from reportqa.search import Retriever

__all__ = ["make_app", "serve"]

READER_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Gradio builds its page with inline styles and scripts and compiles templates in the browser.
PAGE_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
SECONDS_TO_FINISH = 3  # given to open requests when the server ends

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1d5a96"/>'
    '<path d="M9 8h14M9 13h14M9 18h9" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>'
    '<path d="M9 24h14" stroke="#ffd666" stroke-width="3" stroke-linecap="round"/></svg>'
)

_HERE = Path(__file__).parent


def make_app(retriever: Retriever, llm: LLM | None = None) -> FastAPI:
    """The application that asks this retriever; with an LLM, its page lets it write."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/report/{report_id:path}", response_class=HTMLResponse)
    def read_report(report_id: str, request: Request) -> HTMLResponse:
        snapshot = retriever.snapshot
        try:
            report = snapshot.report(report_id)
            sections = snapshot.sections(report_id)
        except QuestionError:
            return HTMLResponse(missing_html(report_id), status_code=404)
        asked = request.query_params
        place = read_range(asked.get("start"), asked.get("end"), len(report.text))
        return HTMLResponse(reader_html(report, sections, place))

    @app.get("/page.css")
    def page_style() -> Response:
        return FileResponse(_HERE / "page.css", media_type="text/css")

    @app.get("/reader.js")
    def reader_script() -> Response:
        return FileResponse(_HERE / "reader.js", media_type="text/javascript")

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")

    app.add_middleware(_Headers)
    mount_page(app, retriever, llm)
    return app


def serve(app: FastAPI, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer on an open socket until Ctrl-C or SIGTERM; `ready` is called once it does."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        server_header=False,
    )
    _Server(config, ready).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Headers:
    """Adds the headers that keep the browser to this server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                reading = scope["path"].startswith("/report/")
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = READER_POLICY if reading else PAGE_POLICY
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
