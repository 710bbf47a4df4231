"""A Desk → the web application: page, reader, REST and MCP on one port, one guard before all.

/ the page · /report/{id} the reader · /export/… files to take away
/feedback what visitors say of answers, where it is kept
/api/… REST, described at /docs · /mcp MCP
/healthz, /readyz, /metrics for those who run it

The page needs gradio, which is imported only where the page is wanted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

import reportqa.web.mcp as mcp
from reportqa import __version__
from reportqa.errors import QuestionError
from reportqa.generate import LLM
from reportqa.search import Retriever
from reportqa.web.api import make_api
from reportqa.web.desk import BusyDeskError, Desk
from reportqa.web.exports import make_exports
from reportqa.web.feedback import FeedbackFile, add_feedback
from reportqa.web.guard import OPEN_PATHS, Guard, Rules
from reportqa.web.kept import Kept
from reportqa.web.methods import HeadAsGet, Refusal
from reportqa.web.permalink import find_places
from reportqa.web.problems import add_problems
from reportqa.web.reader import missing_html, reader_html
from reportqa.web.schema import Health, ProblemOut, Ready
from reportqa.web.shown import Page
from reportqa.web.telemetry import METRICS_TYPE, Metrics

__all__ = ["Site", "make_app", "make_site"]

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1d5a96"/>'
    '<path d="M9 8h14M9 13h14M9 18h9" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/>'
    '<path d="M9 24h14" stroke="#ffd666" stroke-width="3" stroke-linecap="round"/></svg>'
)
ABOUT = """Ask Chinese government reports a question; the answer is a verbatim sentence with the
report, year and heading it stands under. `start` and `end` are half-open offsets in code points of
a report's text: `text[start:end]` is the quote."""

PASSWORD = "a user's name and password, or any name with a token as the password"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_HERE = Path(__file__).parent
_SWAGGER = Path(fastapi_offline.__file__).parent / "static"  # the page of /docs, with no CDN


class _Described(FastAPI):
    """FastAPI whose description says how a caller is known, where one has to be."""

    def __init__(self, rules: Rules, lifespan: Lifespan) -> None:
        super().__init__(
            title="reportqa",
            version=__version__,
            description=ABOUT,
            docs_url=None,
            redoc_url=None,
            openapi_url="/openapi.json",
            generate_unique_id_function=lambda route: route.name,
            lifespan=lifespan,
        )
        self._rules = rules

    def openapi(self) -> dict[str, Any]:
        schema, ways = super().openapi(), {}
        if self._rules.tokens is not None:
            ways["token"] = {"type": "http", "scheme": "bearer"}
        if self._rules.users is not None or ways:
            ways["password"] = {"type": "http", "scheme": "basic", "description": PASSWORD}
        if ways:
            schema["components"]["securitySchemes"] = ways
            for path, operations in schema["paths"].items():
                for operation in operations.values():
                    if path not in OPEN_PATHS:
                        operation["security"] = [{name: []} for name in ways]
        return schema


class Site:
    """The application with what its server has to know of it."""

    def __init__(self, app: FastAPI, guard: Guard, desk: Desk) -> None:
        """`guard` is what to serve, `app` what it stands before."""
        self.app, self.guard, self.desk = app, guard, desk


def make_app(retriever: Retriever, llm: LLM | None = None) -> Guard:
    """The whole application, open to whoever reaches it; an LLM writes its answers."""
    return make_site(Desk(retriever), llm=llm).guard


def make_site(
    desk: Desk,
    rules: Rules | None = None,
    *,
    page: bool = True,
    root_path: str = "",
    llm: LLM | None = None,
    feedback: FeedbackFile | None = None,
) -> Site:
    """The application that asks through this desk; `page` False leaves out what people see, an
    `llm` writes the answers of page and /api/ask, `feedback` keeps what visitors say of them."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(tools.running())
            desk.start()
            yield

    rules = rules or Rules()
    app = _Described(rules, lifespan)
    metrics = Metrics(desk)
    tools = mcp.McpDoor(desk, private=rules.private)
    add_problems(app)
    app.include_router(make_api(desk, llm))
    _add_probes(app, desk, metrics)
    _add_description(app)
    # no session, no stream that waits for news: GET would hang and hold up the end of the server
    app.router.routes.append(Route("/mcp", tools, methods=["POST"], include_in_schema=False))
    if page:
        from reportqa.web.page import mount_page

        _add_reader(app, desk)
        kept = Kept()
        app.include_router(make_exports(desk, kept))
        if feedback:
            add_feedback(app, desk, feedback)
        app.router.routes.append(Refusal(app))
        shown = Page(desk, llm, private=rules.private, kept=kept)
        mount_page(app, desk, shown, root_path=root_path, feedback=feedback is not None)
    else:
        _add_way_in(app)
    return Site(app, Guard(HeadAsGet(app), rules, metrics, root_path), desk)


def _add_probes(app: FastAPI, desk: Desk, metrics: Metrics) -> None:
    @app.get("/healthz", tags=["running"])
    async def is_alive() -> Health:
        """The process runs."""
        return Health(status="ok")

    @app.get("/readyz", tags=["running"], responses={503: {"model": ProblemOut}})
    async def is_ready() -> Ready:
        """Questions are answered."""
        if not desk.open:
            raise BusyDeskError("the server is ending")
        snapshot = desk.snapshot
        return Ready(
            status="ready",
            snapshot=snapshot.generation,
            reports=len(snapshot.reports),
            passages=snapshot.n_passages,
            trouble=desk.trouble is not None,
        )

    @app.get("/metrics", tags=["running"], response_class=Response)
    async def read_metrics() -> Response:
        """Counts and times for Prometheus."""
        return Response(metrics.text(), media_type=METRICS_TYPE)


def _add_description(app: FastAPI) -> None:
    app.mount("/docs/files", StaticFiles(directory=_SWAGGER))

    @app.get("/docs", include_in_schema=False)
    async def describe(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title="reportqa",
            swagger_js_url=f"{root}/docs/files/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/docs/files/swagger-ui.css",
            swagger_favicon_url=f"{root}/favicon.ico",
        )

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return Response(ICON, media_type="image/svg+xml")


def _add_way_in(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def begin(request: Request) -> Response:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")


def _add_reader(app: FastAPI, desk: Desk) -> None:
    @app.get("/report/{report_id:path}", include_in_schema=False)
    def read_report(report_id: str, request: Request) -> HTMLResponse:
        snapshot = desk.newest()
        try:
            report = snapshot.report(report_id)
            sections = snapshot.sections(report_id)
        except QuestionError:
            return HTMLResponse(missing_html(report_id), status_code=404)
        sentences = snapshot.sentence_spans(report_id)
        asked = [request.query_params.getlist(name) for name in ("start", "end", "h")]
        places = find_places(report.text, sentences, *asked)
        return HTMLResponse(reader_html(report, sections, places, sentences))

    @app.get("/base.css", include_in_schema=False)
    def base_style() -> Response:
        return FileResponse(_HERE / "base.css", media_type="text/css")

    @app.get("/reader.css", include_in_schema=False)
    def reader_style() -> Response:
        return FileResponse(_HERE / "reader.css", media_type="text/css")

    @app.get("/copy.js", include_in_schema=False)
    def copy_script() -> Response:
        return FileResponse(_HERE / "copy.js", media_type="text/javascript")

    @app.get("/reader.js", include_in_schema=False)
    def reader_script() -> Response:
        return FileResponse(_HERE / "reader.js", media_type="text/javascript")
