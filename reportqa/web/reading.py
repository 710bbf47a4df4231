"""The routes that read a snapshot and need no model: its reports, their texts, their figures."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from reportqa.errors import QuestionError
from reportqa.figures import page_figures
from reportqa.filters import read_range, report_passes
from reportqa.index import Snapshot
from reportqa.records import Metadata, Section, Span
from reportqa.render import figure_json
from reportqa.web.desk import Desk
from reportqa.web.problems import described
from reportqa.web.schema import FiguresIn, FiguresOut, ReportOut, ReportsIn, ReportsOut

__all__ = ["Json", "add_reading"]


class Json(JSONResponse):
    """JSON with its Chinese as it is."""

    def render(self, content: Any) -> bytes:
        """UTF-8, no blanks between."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def add_reading(api: APIRouter, desk: Desk) -> None:
    """The routes /reports, /reports/{id} and /figures of whatever snapshot the desk has."""
    _add_reports(api, desk)
    _add_figures(api, desk)


def _add_reports(api: APIRouter, desk: Desk) -> None:
    @api.get("/reports", response_model=ReportsOut, responses=described(422))
    def list_reports(
        wanted: Annotated[ReportsIn, Query()],
    ) -> Response:
        """The reports at hand, in the order of their paths."""
        snapshot, filters = desk.newest(), wanted.filters()
        passing = [m for m in snapshot.reports if report_passes(m, filters)]
        shown = passing[wanted.offset : wanted.offset + wanted.count]
        return Json(
            {
                "snapshot": snapshot.generation,
                "total": len(passing),
                "reports": [_row_json(snapshot, m) for m in shown],
            }
        )

    @api.get("/reports/{report_id:path}", response_model=ReportOut, responses=described(404, 422))
    def read_report(
        report_id: str,
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        end: Annotated[int | None, Query(ge=0, le=10**9)] = None,
    ) -> Response:
        """A report's text with its sections; of a range where `start` or `end` is given, in code
        points. An `end` beyond the text is cut to it."""
        snapshot = desk.newest()
        try:
            report = snapshot.report(report_id)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        place = read_range(report, start, end)
        sections = [s for s in snapshot.sections(report_id) if _touches(s, place)]
        return Json(
            {
                **_row_json(snapshot, report.metadata),
                "snapshot": snapshot.generation,
                "characters": len(report.text),
                "start": place.start,
                "end": place.end,
                "text": report.text[place.start : place.end],
                "sections": [_section_json(section) for section in sections],
            }
        )


def _add_figures(api: APIRouter, desk: Desk) -> None:
    @api.get("/figures", response_model=FiguresOut, responses=described(422))
    def list_figures(
        wanted: Annotated[FiguresIn, Query()],
    ) -> Response:
        """The figures of an indicator: nearest to its words first, then the newest. `about` is the
        year a figure is of, `year` that of its report."""
        snapshot = desk.newest()
        asked = wanted.indicator, wanted.filters(), wanted.count, wanted.offset
        hits, total = page_figures(snapshot, *asked)
        figures = [figure_json(hit) for hit in hits]
        return Json({"snapshot": snapshot.generation, "total": total, "figures": figures})


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
