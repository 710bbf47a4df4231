"""What a visitor says of an answer → a line of a local file, in the question format of evaluate.py.

Off unless a file is named. The page sends the question, a verdict and addresses of the reader; the
quotes are looked up here, so that nothing gets into the file that no report says. Of the visitor
nothing is written: no address, no name of the browser.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from reportqa.errors import AccessError, QuestionError
from reportqa.index import Snapshot
from reportqa.web.desk import BusyDeskError, Desk
from reportqa.web.permalink import find_places
from reportqa.web.problems import problem

__all__ = ["FeedbackFile", "FeedbackIn", "add_feedback"]

LARGEST_FILE = 16 * 1024 * 1024  # bytes, some twenty thousand verdicts
LONGEST_QUESTION_KEPT = 1_000  # characters
MOST_EVIDENCE = 10
SECONDS_TO_LOCK = 5

NOTES = {
    "up": "访客认为回答有用",
    "down": "访客认为回答没有用",
    "passage": "访客认为这是要找的段落",
}

_log = logging.getLogger(__name__)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_HERE = Path(__file__).parent


class FeedbackIn(BaseModel):
    """What the page sends. `evidence` are addresses of the reader, as its links carry them."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION_KEPT)]
    verdict: Literal["up", "down", "passage"]
    evidence: Annotated[
        list[Annotated[str, Field(max_length=4_000)]], Field(max_length=MOST_EVIDENCE)
    ] = []


class FeedbackFile:
    """Lines are only ever added, one at a time, also where several servers share the file."""

    def __init__(self, path: Path, largest: int = LARGEST_FILE) -> None:
        """Make the file where there is none. AccessError where it cannot be written."""
        self._path, self._largest = path, largest
        self._lock = FileLock(f"{path}.lock", timeout=SECONDS_TO_LOCK)
        try:
            with path.open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise AccessError(
                f"feedback cannot be written to {path} ({error}): name another file"
            ) from error

    def add(self, row: dict[str, Any]) -> bool:
        """Append a line; False where the file would grow past its limit or the disk is full, and
        then nothing is written."""
        line = (json.dumps(row, ensure_ascii=False) + "\n").encode()
        try:
            with self._lock, self._path.open("ab", buffering=0) as file:
                if file.tell() + len(line) > self._largest:
                    return False
                whole = file.tell()
                if file.write(line) < len(line):
                    file.truncate(whole)  # no half line, to which the next would be glued
                    return False
        except Timeout as error:
            raise BusyDeskError("the feedback file is busy: try again") from error
        except OSError:
            _log.exception("feedback cannot be written")
            return False
        return True


def add_feedback(app: FastAPI, desk: Desk, file: FeedbackFile) -> None:
    """The route that takes feedback, and the script that puts the buttons on the page."""

    @app.post("/feedback", include_in_schema=False)
    def take(told: FeedbackIn, request: Request) -> Response:
        if not _same_origin(request):
            return problem(403, "feedback is taken from this server's own page", request.scope)
        question = desk.retriever.check(told.question)
        evidence = _quotes(desk.snapshot, told.evidence)
        if told.verdict == "passage" and not evidence:
            raise QuestionError("no passage is named: send the address of one")
        row = {
            "id": f"feedback-{uuid.uuid4().hex}",
            "question": question,
            "lang": "zh" if _CHINESE.search(question) else "en",
            "type": "feedback",
            "evidence": [] if told.verdict == "down" else evidence,
            "answers": [],
            "note": NOTES[told.verdict],
            "verdict": told.verdict,
            "date": datetime.now(UTC).date().isoformat(),
        }
        if not file.add(row):
            return problem(
                507, "the feedback file or its disk is full: move the file away", request.scope
            )
        return Response(status_code=204)

    @app.get("/feedback.js", include_in_schema=False)
    def feedback_script() -> Response:
        return FileResponse(_HERE / "feedback.js", media_type="text/javascript")


def _quotes(snapshot: Snapshot, addresses: Sequence[str]) -> list[dict[str, str]]:
    """Report and verbatim quote of the first range of each address, without repeats."""
    found: dict[tuple[str, str], None] = {}
    for address in addresses:
        url = urlsplit(address)
        report_id = unquote(url.path.rpartition("report/")[2])
        text = snapshot.report(report_id).text
        fields = parse_qs(url.query)
        asked = [fields.get(name, [])[:1] for name in ("start", "end", "h")]
        for place in find_places(text, snapshot.sentence_spans(report_id), *asked):
            if place.state == "gone" or place.span is None:
                raise QuestionError(f"{report_id} was changed meanwhile: ask anew")
            found[report_id, text[place.span.start : place.span.end].strip()] = None
    return [{"doc": report_id, "quote": quote} for report_id, quote in found if quote]


def _same_origin(request: Request) -> bool:
    """Whether the browser says that a page of this server sends the request. Browsers leave
    Sec-Fetch-Site out over plain http from another machine, and send Origin with every POST."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")
