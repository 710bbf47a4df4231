"""JSON records → a .docx file: a heading a question, the answer, its citations, the first passages.

The only user of python-docx. The paragraphs of one record are made in an empty body and written
out before the next record's, so that the file may be of any length.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from reportqa.batch.cells import (
    Record,
    answer_lines,
    citation_line,
    evidence_parts,
    hit_source,
    plain_text,
)
from reportqa.batch.formats import SHOWN_HITS, headings_for

__all__ = ["write_word_file"]

TITLE = "问答"
FONT = "Microsoft YaHei"  # of Chinese characters; where it is missing, the reader's own
GREY, MARK = RGBColor(0x60, 0x60, 0x60), RGBColor(0x9C, 0x3A, 0x00)
BODY, END = "word/document.xml", b"<w:sectPr"  # what ends the body of a page


def write_word_file(path: Path, records: Iterable[Record], others: Sequence[str]) -> None:
    """Write a Word file. OSError where it cannot be written."""
    page = _empty_page()
    whole = io.BytesIO()
    page.save(whole)
    names = headings_for(others, ())
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for part in parts.infolist():
            if part.filename != BODY:
                out.writestr(part, parts.read(part))
        before, end, after = parts.read(BODY).partition(END)
        with out.open(BODY, "w", force_zip64=True) as body:
            body.write(before)
            for record in records:
                body.write(_record_xml(page, record, dict(zip(others, names, strict=True))))
            body.write(end + after)


def _empty_page() -> Any:
    """A file with its styles and its title."""
    page = docx.Document()
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = page.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("eastAsiaTheme", "asciiTheme", "hAnsiTheme"):  # a theme's font would win
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), FONT)
    page.styles["Normal"].font.size = Pt(10.5)
    page.core_properties.title, page.core_properties.author = TITLE, ""
    page.core_properties.comments = ""
    page.add_paragraph(TITLE, "Title")
    return page


def _record_xml(page: Any, record: Record, names: dict[str, str]) -> bytes:
    """The paragraphs of one record; the page is left empty."""
    from lxml import etree

    body = page.element.body
    body.clear_content()
    columns = record.get("columns", {})
    known = [f"{names[key]}：{plain_text(columns[key])}" for key in names if columns.get(key)]
    page.add_paragraph(_one_line(record["question"]), "Heading 1")
    _add_grey(page, "　".join([f"编号：{plain_text(record['id'])}", *known]))
    for line in answer_lines(record):
        page.add_paragraph(plain_text(line))
    for citation in record["answer"]["citations"]:
        _add_grey(page, plain_text(citation_line(citation)))
    if record["hits"]:
        page.add_paragraph("相关段落", "Heading 2")
    for hit in record["hits"][:SHOWN_HITS]:
        _add_grey(page, f"{hit['rank']}. {plain_text(hit_source(hit, basis=True))}")
        paragraph = page.add_paragraph()
        for text, marked in evidence_parts(hit):
            run = paragraph.add_run(plain_text(text))
            if marked:
                run.bold, run.font.color.rgb = True, MARK
    _, _, inside = etree.tostring(body).partition(b">")  # the names of spaces stand in `before`
    return bytes(inside.partition(END)[0])


def _add_grey(page: Any, text: str) -> None:
    run = page.add_paragraph().add_run(text)
    run.font.color.rgb, run.font.size = GREY, Pt(9)


def _one_line(text: str) -> str:
    return " ".join(plain_text(text).split())
