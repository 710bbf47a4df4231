"""JSON records → a .docx file: a heading a question, the answer, its citations, the first passages.

The only user of python-docx, which makes the file with its styles and no text. The paragraphs of
one record after another are written into it as XML, so that it may be of any length.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from reportqa.batch.cells import (
    Record,
    answer_lines,
    citation_line,
    evidence_parts,
    hit_source,
    known_line,
    plain_text,
)
from reportqa.batch.formats import SHOWN_HITS, headings_for

__all__ = ["write_word_file"]

TITLE = "问答"
FONT = "Microsoft YaHei"  # of Chinese characters; where it is missing, the reader's own
GREY, DARK = RGBColor(0x60, 0x60, 0x60), RGBColor(0x9C, 0x3A, 0x00)
A4 = Mm(210), Mm(297)
SOURCE, EVIDENCE = "Source", "Evidence"  # styles of our own
BODY, END = "word/document.xml", b"<w:sectPr"  # what ends the body of a page


def write_word_file(path: Path, records: Iterable[Record], others: Sequence[str]) -> None:
    """Write a Word file. OSError where it cannot be written."""
    whole = io.BytesIO()
    _empty_page().save(whole)
    names = dict(zip(others, headings_for(others, ()), strict=True))
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for part in parts.infolist():
            if part.filename != BODY:
                out.writestr(part, parts.read(part))
        before, end, after = parts.read(BODY).partition(END)
        with out.open(BODY, "w", force_zip64=True) as body:
            body.write(before)
            for record in records:
                body.write("".join(_record_xml(record, names)).encode())
            body.write(end + after)


def _empty_page() -> Any:
    """A file with its styles and its title."""
    page = docx.Document()
    source = page.styles.add_style(SOURCE, WD_STYLE_TYPE.PARAGRAPH)
    source.base_style = page.styles["Normal"]
    source.font.size, source.font.color.rgb = Pt(9), GREY
    evidence = page.styles.add_style(EVIDENCE, WD_STYLE_TYPE.CHARACTER)
    evidence.font.bold, evidence.font.color.rgb = True, DARK
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = page.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("eastAsiaTheme", "asciiTheme", "hAnsiTheme"):  # a theme's font would win
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), FONT)
    page.styles["Normal"].font.size = Pt(10.5)
    page.sections[0].page_width, page.sections[0].page_height = A4
    properties = page.core_properties
    properties.title, properties.author, properties.comments = TITLE, "", ""
    page.add_paragraph(TITLE, "Title")
    return page


def _record_xml(record: Record, names: dict[str, str]) -> Iterable[str]:
    """The paragraphs of one record."""
    yield _paragraph("Heading1", [(" ".join(plain_text(record["question"]).split()), False)])
    if known := known_line(record, names):
        yield _paragraph(SOURCE, [(known, False)])
    for line in answer_lines(record):
        yield _paragraph("Normal", [(line, False)])
    for citation in record["answer"]["citations"]:
        yield _paragraph(SOURCE, [(citation_line(citation), False)])
    if record["hits"]:
        yield _paragraph("Heading2", [("相关段落", False)])
    for hit in record["hits"][:SHOWN_HITS]:
        yield _paragraph(SOURCE, [(f"{hit['rank']}. {hit_source(hit, basis=True)}", False)])
        yield _paragraph("Normal", evidence_parts(hit))


def _paragraph(style: str, parts: Iterable[tuple[str, bool]]) -> str:
    """A paragraph of parts, each with whether it is marked as evidence."""
    runs = ""
    for text, marked in parts:
        inside = escape(plain_text(text))
        inside = inside.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
        inside = inside.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
        look = f'<w:rPr><w:rStyle w:val="{EVIDENCE}"/></w:rPr>' if marked else ""
        runs += f'<w:r>{look}<w:t xml:space="preserve">{inside}</w:t></w:r>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'
