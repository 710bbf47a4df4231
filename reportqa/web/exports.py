"""An address that repeats a question and its filters → a file of the answer, to be taken away.

No file of the server has an address: each is made anew in a folder that goes with the request, by
the writers that query.py uses. Only what a model wrote is not asked for anew but found in `kept`.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from reportqa.batch.formats import PEOPLE_CSV
from reportqa.batch.output import write_whole
from reportqa.batch.sheet import write_sheet
from reportqa.compare import COMPARISON_WIDTHS, MOST_COMPARED, By, compare, comparison_rows
from reportqa.figures import find_figures
from reportqa.followup import rewrite
from reportqa.records import Reply
from reportqa.render import FIGURE_BASIS_WORDS, figure_json, reply_json
from reportqa.search import LONGEST_QUESTION
from reportqa.web.address import read_address, read_filters
from reportqa.web.cards import escape
from reportqa.web.desk import Asked, Desk
from reportqa.web.kept import Kept
from reportqa.web.telemetry import note_question
from reportqa.web.words import CHINESE, Words, words_of

__all__ = ["ANSWER_FORMATS", "Pairs", "downloads_html", "make_exports", "reply_bytes"]

PASSAGES = 10  # as many as the page shows
GONE = "这份由模型写成的回答不再保留（只保留一小时，服务器重启后也不再有）：请回到页面重新提问。"
LONGEST_NAME = 40  # characters of a question in the name of its file

ANSWER_FORMATS = {"md": "Markdown", "docx": "Word", "csv": "CSV", "xlsx": "Excel", "json": "JSON"}
"""Endings of a file of one answer, with what people call it."""
SHEET_FORMATS = {"csv": "CSV", "xlsx": "Excel"}
"""Endings of a table."""
FIGURE_WIDTHS = {
    "指标": 24, "数值原文": 16, "数值": 12, "上限": 12, "单位": 10, "增减": 8, "相对于": 12,
    "起始年": 8, "截止年": 8, "性质": 12, "地区": 16, "报告": 32, "原句": 64, "报告编号": 24,
    "起": 8, "止": 8,
}  # fmt: skip
MOST_FIGURES = 1_000  # in one file
MEDIA_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Pairs = Sequence[tuple[str, str]]
"""Names and values of a query string."""
_Many = Annotated[list[str], Query(max_length=MOST_COMPARED * 2)]
_Words = Annotated[str, Query(max_length=LONGEST_QUESTION)]


def downloads_html(what: str, pairs: Pairs, say: Words = CHINESE, kept: str = "") -> str:
    """Links that download `what` — answer, compare or figures — by format. `pairs` are those of
    the page's own address; `kept` names a reply that a model wrote."""
    formats = ANSWER_FORMATS if what == "answer" else SHEET_FORMATS
    asked = [
        *pairs,
        *([("kept", kept)] if kept else []),
        *([("lang", "en")] if say.english else []),
    ]
    # no file by force: where it is there no more, the browser shows the sentence that says so
    forced = "" if kept else " download"
    links = "".join(
        f'<a href="{escape(f"export/{what}.{ending}?{urlencode(asked)}")}"{forced}>{name}</a>'
        for ending, name in formats.items()
    )
    label = say("下载")
    return f'<p class="downloads" role="group" aria-label="{label}">{label}{say("：")}{links}</p>'


def make_exports(desk: Desk, kept: Kept) -> APIRouter:
    """The routes under /export. `kept` has the replies that a model wrote."""
    routes = APIRouter(prefix="/export", include_in_schema=False)
    _add_answers(routes, desk, kept)
    _add_sheets(routes, desk)
    return routes


def _add_answers(routes: APIRouter, desk: Desk, kept: Kept) -> None:
    @routes.get("/answer.{ending}")
    def export_answer(
        ending: Literal["md", "docx", "csv", "xlsx", "json"],
        q: _Words,
        request: Request,
        after: _Words = "",
        kept_as: Annotated[str, Query(alias="kept", max_length=LONGEST_NAME)] = "",
        lang: str = "",
    ) -> Response:
        """The answer that the page gives to the same address, with its evidence."""
        say = words_of(lang)
        if kept_as:
            written = kept.reply(kept_as)
            if written is None:
                return PlainTextResponse(say(GONE), 410)
            return _download(reply_bytes(written, ending, say), written.question, ending)
        question = q.strip()
        places = desk.retriever.reader.names
        standing = rewrite(question, [after] if after else [], places=places)
        read = read_address(request.query_params)
        filters = read_filters(request.query_params)
        asked = Asked(standing, PASSAGES, filters, off=read.off, caution=read.caution)
        served = desk.ask(asked)
        note_question(request.scope, "export", served)
        reply = served.reply
        if standing != question:
            reply = replace(reply, question=question, rewritten=standing)
        return _download(reply_bytes(reply, ending, say), question, ending)


def _add_sheets(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/compare.{ending}")
    def export_comparison(
        ending: Literal["csv", "xlsx"],
        q: _Words,
        by: By,
        request: Request,
        of: _Many = [],  # noqa: B006 - FastAPI copies it
        lang: str = "",
    ) -> Response:
        """The table that the page shows for the same comparison."""
        found = compare(desk.retriever, q, by, of, read_filters(request.query_params))
        rows, say = comparison_rows(found), words_of(lang)
        name, widths = say("对比"), _headed(COMPARISON_WIDTHS, say)
        data = _written(ending, lambda path: write_sheet(path, name, widths, rows))
        return _download(data, f"{name}-{q}", ending)

    @routes.get("/figures.{ending}")
    def export_figures(
        ending: Literal["csv", "xlsx"],
        indicator: _Words,
        request: Request,
        lang: str = "",
    ) -> Response:
        """The figures that the page shows for the same indicator."""
        filters = read_filters(request.query_params)
        hits = find_figures(desk.newest(), indicator, filters, MOST_FIGURES)
        rows = [_figure_row(figure_json(hit)) for hit in hits]
        say = words_of(lang)
        name, widths = say("数值"), _headed(FIGURE_WIDTHS, say)
        data = _written(ending, lambda path: write_sheet(path, name, widths, rows))
        return _download(data, f"{name}-{indicator}", ending)


def _headed(widths: Mapping[str, int], say: Words) -> dict[str, int]:
    """Headings with their widths, in the visitor's language."""
    return {say(name): width for name, width in widths.items()}


def _figure_row(figure: dict[str, Any]) -> list[str | int | float | None]:
    """The row of a figure under FIGURE_WIDTHS."""
    basis = FIGURE_BASIS_WORDS[figure["basis"]]
    fields = ("indicator", "figure", "value", "high", "unit", "direction", "against")
    named = {"up": "增长", "down": "下降", None: None}
    row = {**figure, "direction": named[figure["direction"]]}
    last = ("region", "title", "sentence", "report_id", "start", "end")
    years = (figure["first_year"], figure["last_year"])
    return [*(row[name] for name in fields), *years, basis, *(row[name] for name in last)]


def reply_bytes(reply: Reply, ending: str, say: Words = CHINESE) -> bytes:
    """The file of one reply, a table headed in the visitor's language."""
    record = reply_json(reply)
    if ending == "json":
        return json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n"
    table = None if say.english else PEOPLE_CSV
    return _written(ending, lambda path: write_whole(path, [record], (), alone=True, table=table))


def _written(ending: str, write: Callable[[Path], Any]) -> bytes:
    """The bytes of a file that is written and gone."""
    with tempfile.TemporaryDirectory(prefix="reportqa-export-") as folder:
        path = Path(folder) / f"file.{ending}"
        write(path)
        return path.read_bytes()


def _download(data: bytes, name: str, ending: str) -> Response:
    """A response that the browser saves, under a name of letters and digits."""
    words = re.sub(r"\W+", "-", name, flags=re.UNICODE)[:LONGEST_NAME].strip("-_") or "answer"
    disposition = f"attachment; filename=\"answer.{ending}\"; filename*=UTF-8''"
    return Response(
        data,
        media_type=MEDIA_TYPES[ending],
        headers={"Content-Disposition": f"{disposition}{quote(words)}.{ending}"},
    )
