"""The REST interface: JSON in, the JSON of reportqa/render.py out, all asked through the desk.

Routes are thin. What a request may hold is said by schema.py, who may ask by guard.py, and what an
error looks like by problems.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.responses import StreamingResponse

from reportqa.errors import QuestionError, ReportQAError
from reportqa.generate import LLM
from reportqa.render import reply_json
from reportqa.web.desk import Asked, Desk, Served
from reportqa.web.problems import described, request_id
from reportqa.web.reading import Json, add_reading
from reportqa.web.schema import AskIn, BatchIn, BatchOut, ReplyOut, SearchOut
from reportqa.web.telemetry import note_question
from reportqa.web.writing import Writer

__all__ = ["make_api"]

EVENTS = "text/event-stream"
TAGS: list[str | Any] = ["reports"]

_EVENT_SCHEMA = {
    EVENTS: {
        "schema": {"type": "string"},
        "example": 'event: understood\ndata: {"years": [2024], …}\n\n'
        'event: hits\ndata: {"hits": […]}\n\nevent: answer\ndata: {"answer": {…}, …}\n\n',
    }
}


def make_api(desk: Desk, llm: LLM | None = None) -> APIRouter:
    """The routes under /api; an `llm` writes the answers of /api/ask."""
    api = APIRouter(prefix="/api", tags=TAGS)
    _add_questions(api, desk, Writer(llm, desk) if llm else None)
    _add_batch(api, desk)
    add_reading(api, desk)
    return api


def _add_questions(api: APIRouter, desk: Desk, writer: Writer | None) -> None:
    @api.post("/search", response_model=SearchOut, responses=described(400, 422, 503))
    async def search(asked: AskIn, request: Request) -> Response:
        """The passages that answer a question, best first, without an answer drawn from them."""
        served = await desk.ask_soon(_asked(asked, answered=False))
        note_question(request.scope, "search", served)
        return Json(_search_json(served))

    @api.post(
        "/ask",
        response_model=ReplyOut,
        responses={200: {"content": _EVENT_SCHEMA}, **described(400, 422, 503)},
    )
    async def ask(asked: AskIn, request: Request) -> Response:
        """The answer with citations, and its hits. With `Accept: text/event-stream` the events
        `understood`, `hits` and `answer`, each as soon as it is known; `problem` ends a stream
        that fails. Where a model writes the answer, its words come as `delta` events before
        `answer`: a draft, of which only what passes the check is in `answer`."""
        handed_in, writes = _asked(asked, answered=True), writer if asked.generate else None
        if EVENTS in request.headers.get("accept", ""):
            desk.retriever.check(handed_in.question, handed_in.k)
            return StreamingResponse(_stream(desk, handed_in, request, writes), media_type=EVENTS)
        served = await desk.ask_soon(handed_in)
        if writes:
            served = replace(served, reply=await writes.whole(served.reply))
        note_question(request.scope, "ask", served)
        return Json(reply_json(served.reply))


def _add_batch(api: APIRouter, desk: Desk) -> None:
    @api.post("/batch", response_model=BatchOut, responses=described(400, 422, 503))
    async def batch(asked: BatchIn, request: Request) -> Response:
        """Many questions with the same k and filters; one that cannot be asked does not stop the
        others. No model writes here: `query.py FILE --llm` does that."""
        began = time.perf_counter()
        filters = asked.filters()
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
        as_json = _reply_json if asked.answered else _search_json
        found: list[dict[str, Any]] = []
        async for group in desk.ask_all(usable):
            for served in group:
                note_question(request.scope, "batch", served)
            found += map(as_json, group)
        seconds = round(time.perf_counter() - began, 6)
        return Json({"seconds": seconds, "replies": found, "problems": problems})


async def _stream(
    desk: Desk, asked: Asked, request: Request, writer: Writer | None
) -> AsyncIterator[str]:
    """Server-sent events of one question. What a model writes comes as `delta` events before
    `answer`, which holds the whole, checked."""
    try:
        served = await desk.ask_soon(asked)
    except ReportQAError as error:
        yield _event("problem", {"detail": str(error), "request_id": request_id(request.scope)})
        return
    final, reply = served.reply, reply_json(served.reply)
    named = {"id": reply["id"], "question": reply["question"]}
    try:
        yield _event("understood", {**named, "understood": reply["understood"]})
        yield _event("hits", {**named, "hits": reply["hits"]})
        if writer:
            async with aclosing(writer.pieces(final)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, str):
                        yield _event("delta", {**named, "text": piece})
                    else:
                        final = piece
            reply = reply_json(final)
        yield _event("answer", {**named, "seconds": reply["seconds"], "answer": reply["answer"]})
    finally:  # whoever asked may have gone
        note_question(request.scope, "ask", replace(served, reply=final))


def _event(name: str, content: object) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"


def _asked(asked: AskIn, *, answered: bool) -> Asked:
    return Asked(asked.question, asked.k, asked.filters(), asked.id, answered, asked.caution)


def _reply_json(served: Served) -> dict[str, Any]:
    return reply_json(served.reply)


def _search_json(served: Served) -> dict[str, Any]:
    return {name: value for name, value in reply_json(served.reply).items() if name != "answer"}
