"""Every error of the REST interface as problem+json (RFC 9457): what, where, what to do.

Nothing of the server's inside gets out: an error nobody foresaw is logged with its trace under the
request's id, and the id is all that the caller is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from reportqa.errors import QuestionError, ReportQAError
from reportqa.web.desk import BusyDeskError
from reportqa.web.schema import ProblemOut

__all__ = ["PROBLEM_TYPE", "add_problems", "described", "problem", "request_id"]

PROBLEM_TYPE = "application/problem+json"
_UNREAD = "There was an error parsing the body"  # FastAPI's, of bytes that are not UTF-8
SECONDS_TO_WAIT = 1  # told to clients who came when too many were waiting

_log = logging.getLogger(__name__)


def request_id(scope: Mapping[str, Any]) -> str:
    """The id that the request's log lines carry."""
    return str(scope.get("state", {}).get("request_id", "-"))


def problem(
    status: int,
    detail: str,
    scope: Mapping[str, Any],
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response that says what is wrong. `errors` name fields, where several are wrong."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id(scope),
        "errors": [dict(error) for error in errors],
    }
    return JSONResponse(content, status, dict(headers or {}), media_type=PROBLEM_TYPE)


def described(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What the description of a route says of its errors; every route has three more, and one that
    takes a body a fourth."""
    said = {"model": ProblemOut, "content": {PROBLEM_TYPE: {}}}
    more = (415, 401, 413, 429) if 400 in codes else (401, 413, 429)
    return {code: {**said, "description": _SAID[code]} for code in (*codes, *more)}


_SAID = {
    400: "the body cannot be read: it is not JSON in UTF-8",
    401: "a token is needed, or the one given is not known",
    404: "there is no such report in the snapshot",
    413: "the request is too large",
    415: "the body was not sent as JSON",
    422: "the request cannot be used; `detail` says what to change",
    429: "too many requests; Retry-After says when to come again",
    503: "too many questions wait, or the server is ending",
}


def _unreadable(found: Sequence[Any], sent_as: str) -> tuple[int, str] | None:
    """The status and what to do where the body is no JSON at all, or was not sent as such."""
    first = found[0]
    if first["type"] == "json_invalid":
        place = f" at character {first['loc'][-1]}"
        return 400, f"the body is not JSON ({first['ctx']['error']}{place}): mend it"
    if first["loc"] == ("body",) and first["type"] != "missing" and "json" not in sent_as:
        name = sent_as.partition(";")[0] or "no type"
        return 415, f"the body was sent as {name}: send JSON with Content-Type: application/json"
    return None


def _helping(error: HTTPException, scope: Mapping[str, Any]) -> str:
    """What to do where an address, its method or the bytes of a body are wrong."""
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return "the body cannot be read: send JSON in UTF-8"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        return f"{scope['method']} is not answered here: send {allowed}"
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address: /docs lists what there is"
    return str(error.detail)


def add_problems(app: FastAPI) -> None:
    """Answer the errors of this application's routes by problem+json."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if status := _unreadable(found, request.headers.get("content-type", "")):
            return problem(*status, request.scope)
        errors = [
            {"where": ".".join(map(str, one["loc"])), "message": str(one["msg"])} for one in found
        ]
        detail = "; ".join(f"{one['where']}: {one['message']}" for one in errors[:3])
        return problem(422, detail, request.scope, errors=errors)

    @app.exception_handler(QuestionError)
    async def refused(request: Request, error: QuestionError) -> JSONResponse:
        return problem(422, str(error), request.scope)

    @app.exception_handler(BusyDeskError)
    async def busy(request: Request, error: BusyDeskError) -> JSONResponse:
        return problem(
            503, str(error), request.scope, headers={"Retry-After": str(SECONDS_TO_WAIT)}
        )

    @app.exception_handler(HTTPException)
    async def refused_by_route(request: Request, error: HTTPException) -> JSONResponse:
        detail = error.detail
        if detail in (HTTPStatus(error.status_code).phrase, _UNREAD):  # nothing that helps
            detail = _helping(error, request.scope)
        return problem(error.status_code, detail, request.scope, headers=error.headers)

    @app.exception_handler(ReportQAError)
    async def failed(request: Request, error: ReportQAError) -> JSONResponse:
        _log.error("%s could not be answered", request_id(request.scope), exc_info=error)
        return problem(500, "the server could not answer; its log says why", request.scope)
