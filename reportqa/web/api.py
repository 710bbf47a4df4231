"""The REST interface: JSON in, the JSON of reportqa/render.py out, all asked through the desk.

Routes are thin. What a request may hold is said by schema.py, who may ask by guard.py, and what an
error looks like by problems.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from reportqa.errors import QuestionError, ReportQAError
from reportqa.filters import make_filters, report_passes
from reportqa.index import Snapshot
from reportqa.records import Filters, Metadata, Section, Span
from reportqa.render import reply_json
from reportqa.web.desk import Asked, Desk, Served
from reportqa.web.problems import PROBLEM_TYPE, request_id
from reportqa.web.schema import (
    AskIn,
    BatchIn,
    BatchOut,
    FiltersIn,
    ProblemOut,
    ReplyOut,
    ReportOut,
    ReportsOut,
    SearchOut,
)
from reportqa.web.telemetry import note_question

__all__ = ["make_api"]

EVENTS = "text/event-stream"
MOST_REPORTS = 1_000  # in one answer of /api/reports
TAGS: list[str | Any] = ["reports"]


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    said = {"model": ProblemOut, "content": {PROBLEM_TYPE: {}}}
    return {code: {**said, "description": _SAID[code]} for code in (*codes, 401, 413, 429)}


_SAID = {
    400: "the body cannot be read: it is not JSON in UTF-8",
    401: "a token is needed, or the one given is not known",
    404: "there is no such report in the snapshot",
    413: "the request is too large",
    422: "the request cannot be used; `detail` says what to change",
    429: "too many requests; Retry-After says when to come again",
    503: "too many questions wait, or the server is ending",
}
_EVENT_SCHEMA = {
    EVENTS: {
        "schema": {"type": "string"},
        "example": 'event: understood\ndata: {"years": [2024], …}\n\n'
        'event: hits\ndata: {"hits": […]}\n\nevent: answer\ndata: {"answer": {…}, …}\n\n',
    }
}


class _Json(JSONResponse):
    """JSON with its Chinese as it is."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def make_api(desk: Desk) -> APIRouter:
    """The routes under /api."""
    api = APIRouter(prefix="/api", tags=TAGS)
    _add_questions(api, desk)
    _add_reports(api, desk)
    return api


def _add_questions(api: APIRouter, desk: Desk) -> None:
    @api.post("/search", response_model=SearchOut, responses=_problems(400, 422, 503))
    async def search(asked: AskIn, request: Request) -> Response:
        """The passages that answer a question, best first, without an answer drawn from them."""
        served = await desk.ask_soon(_asked(asked, answered=False))
        note_question(request.scope, "search", served)
        return _Json(_search_json(served))

    @api.post(
        "/ask",
        response_model=ReplyOut,
        responses={200: {"content": _EVENT_SCHEMA}, **_problems(400, 422, 503)},
    )
    async def ask(asked: AskIn, request: Request) -> Response:
        """The answer with citations, and its hits. With `Accept: text/event-stream` the events
        `understood`, `hits` and `answer`, each as soon as it is known; `problem` ends a stream
        that fails."""
        if EVENTS in request.headers.get("accept", ""):
            handed_in = _asked(asked, answered=True)
            desk.retriever.check(handed_in.question, handed_in.k)
            return StreamingResponse(_stream(desk, handed_in, request), media_type=EVENTS)
        served = await desk.ask_soon(_asked(asked, answered=True))
        note_question(request.scope, "ask", served)
        return _Json(reply_json(served.reply))

    @api.post("/batch", response_model=BatchOut, responses=_problems(400, 422, 503))
    async def batch(asked: BatchIn, request: Request) -> Response:
        """Many questions with the same k and filters; one that cannot be asked does not stop the
        others."""
        began = time.perf_counter()
        filters = _filters(asked)
        usable: list[Asked] = []
        problems: list[dict[str, str]] = []
        for number, one in enumerate(asked.questions, 1):
            name = str(number) if one.id is None else one.id
            try:
                desk.retriever.check(one.question, asked.k)
            except QuestionError as error:
                problems.append({"id": name, "question": one.question, "problem": str(error)})
            else:
                wanted = (asked.k, filters, name, asked.answered, asked.caution)
                usable.append(Asked(one.question, *wanted))
        replies = await desk.ask_all(usable)
        for served in replies:
            note_question(request.scope, "batch", served)
        as_json = _reply_json if asked.answered else _search_json
        seconds = round(time.perf_counter() - began, 6)
        found = [as_json(served) for served in replies]
        return _Json({"seconds": seconds, "replies": found, "problems": problems})


def _add_reports(api: APIRouter, desk: Desk) -> None:
    @api.get("/reports", response_model=ReportsOut, responses=_problems(422))
    async def list_reports(
        wanted: Annotated[_Wanted, Depends()],
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_REPORTS)] = 100,
    ) -> Response:
        """The reports at hand, in the order of their ids."""
        snapshot, filters = desk.snapshot, wanted.filters()
        passing = [m for m in snapshot.reports if report_passes(m, filters)]
        shown = [_row_json(snapshot, m) for m in passing[offset : offset + count]]
        return _Json({"snapshot": snapshot.generation, "total": len(passing), "reports": shown})

    @api.get("/reports/{report_id:path}", response_model=ReportOut, responses=_problems(404, 422))
    async def read_report(
        report_id: str,
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        end: Annotated[int | None, Query(ge=0, le=10**9)] = None,
    ) -> Response:
        """A report's text with its sections; of a range where `start` or `end` is given, in code
        points. An `end` beyond the text is cut to it."""
        snapshot = desk.snapshot
        try:
            report = snapshot.report(report_id)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        length = len(report.text)
        place = Span(start, length if end is None else min(end, length))
        if place.start > place.end:
            raise QuestionError(
                f"start {start} lies behind end {place.end}: the report has {length} characters"
            )
        sections = [s for s in snapshot.sections(report_id) if _touches(s, place)]
        return _Json(
            {
                **_row_json(snapshot, report.metadata),
                "snapshot": snapshot.generation,
                "characters": length,
                "start": place.start,
                "end": place.end,
                "text": report.text[place.start : place.end],
                "sections": [_section_json(section) for section in sections],
            }
        )


class _Wanted:
    """The filters of a query string: each name may be given several times."""

    def __init__(
        self,
        year: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
        region: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
        kind: Annotated[list[str], Query(max_length=50)] = [],  # noqa: B006
    ) -> None:
        self.year, self.region, self.kind = year, region, kind

    def filters(self) -> Filters:
        """The filters; QuestionError where one cannot be read."""
        return make_filters(year=self.year, region=self.region, kind=self.kind)


async def _stream(desk: Desk, asked: Asked, request: Request) -> AsyncIterator[str]:
    """Server-sent events of one question. A generated answer will send its words as `delta`
    events before `answer`, which holds the whole."""
    try:
        served = await desk.ask_soon(asked)
    except ReportQAError as error:
        yield _event("problem", {"detail": str(error), "request_id": request_id(request.scope)})
        return
    note_question(request.scope, "ask", served)
    reply = reply_json(served.reply)
    named = {"id": reply["id"], "question": reply["question"]}
    yield _event("understood", {**named, "understood": reply["understood"]})
    yield _event("hits", {**named, "hits": reply["hits"]})
    yield _event("answer", {**named, "seconds": reply["seconds"], "answer": reply["answer"]})


def _event(name: str, content: object) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"


def _asked(asked: AskIn, *, answered: bool) -> Asked:
    return Asked(asked.question, asked.k, _filters(asked), asked.id, answered, asked.caution)


def _filters(asked: FiltersIn) -> Filters:
    return make_filters(
        year=asked.year,
        about=asked.about,
        region=asked.region,
        kind=asked.kind,
        basis=asked.basis,
        report=asked.report,
    )


def _reply_json(served: Served) -> dict[str, Any]:
    return reply_json(served.reply)


def _search_json(served: Served) -> dict[str, Any]:
    return {name: value for name, value in reply_json(served.reply).items() if name != "answer"}


def _row_json(snapshot: Snapshot, metadata: Metadata) -> dict[str, Any]:
    """What is known of a report, without where its file lies."""
    return {
        "report_id": metadata.id,
        "title": metadata.title,
        "region": metadata.region,
        "issuer": metadata.issuer,
        "kind": metadata.kind,
        "date": metadata.date,
        "year": metadata.year,
        "passages": len(snapshot.passages_of(metadata.id)),
    }


def _section_json(section: Section) -> dict[str, Any]:
    return {
        "start": section.start,
        "end": section.end,
        "body": section.body,
        "headings": list(section.headings),
        "role": section.role,
        "about": list(section.about),
        "basis": section.basis,
    }


def _touches(section: Section, place: Span) -> bool:
    return section.start < place.end and section.end > place.start
