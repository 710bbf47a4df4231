"""Files of answers: each opens in the program it is for, says what the JSON says, and does nothing
that a question, a column or a report might want it to do."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from reportqa.batch import open_output
from reportqa.batch.cells import cell_text, evidence_parts, plain_text
from reportqa.batch.output import write_whole
from reportqa.errors import QuestionError
from reportqa.records import (
    Answer,
    Citation,
    Hit,
    Metadata,
    Passage,
    Reply,
    Section,
    Span,
)
from reportqa.render import reply_json

METADATA = Metadata("县 a", "某县报告", "某县", None, "其他", None, 2024, "r.txt")
SECTION = Section(0, 26, 5, ("一、回顾",), "body", (2023,), "actual")
TEXT = "-增长6.1%。\n第二句*是*此。第三句。\n"
PASSAGE = Passage(METADATA, SECTION, 10, 10 + len(TEXT), TEXT, (), (2023,), "actual")
HITS = (
    Hit(1, 2.5, 0, PASSAGE, (Span(10, 18), Span(27, 31))),
    Hit(2, 1.25, 1, PASSAGE, ()),
)
CITATION = Citation(1, METADATA, ("一、回顾",), 10, 18, "-增长6.1%。")
REPLY = Reply(
    "7", "=增长多少？", HITS, Answer("-增长6.1%。[1]", False, None, "extractive", (CITATION,)), 0.1
)
SILENT = Reply(
    "8", "月球\u202e？", (), Answer(None, True, "没有月球的报告。", "extractive", ()), 0.1
)
HOSTILE = '=HYPERLINK("http://x","点")'


def record(reply: Reply = REPLY, **columns: object) -> dict[str, Any]:
    return reply_json(reply) | ({"columns": columns} if columns else {})


def write(path: Path, *records: dict[str, Any], others: Sequence[str] = ()) -> Path:
    write_whole(path, records, others)
    return path


def read_table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter, strict=True))


def test_json_lines_out_hold_the_contract_and_the_other_columns(tmp_path: Path) -> None:
    out = write(tmp_path / "a.jsonl", record(部门="\u202e甲\x01\u2028", 值=[1]))
    (line,) = out.read_text("utf-8").splitlines()
    row = json.loads(line)
    assert list(row) == [
        "id", "question", "seconds", "answer", "hits", "understood", "rewritten", "columns",
    ]  # fmt: skip
    assert row["question"] == "=增长多少？"
    assert row["columns"] == {"部门": "\u202e甲\x01\u2028", "值": [1]}
    assert row["answer"]["citations"] == [
        {
            "number": 1,
            "report_id": "县 a",
            "title": "某县报告",
            "headings": ["一、回顾"],
            "start": 10,
            "end": 18,
            "quote": "-增长6.1%。",
        }
    ]


def test_a_csv_opens_as_utf8_and_holds_no_formula(tmp_path: Path) -> None:
    out = write(
        tmp_path / "a.csv",
        record(部门=HOSTILE, answer="-3.5"),
        record(SILENT, 部门=None),
        others=["部门", "answer"],
    )
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid,question,")
    one, two = read_table(out)
    assert list(one)[:6] == ["id", "question", "部门", "answer (input)", "answer", "citations"]
    assert one["question"] == "'=增长多少？"
    assert one["部门"] == "'" + HOSTILE
    assert one["answer (input)"] == "-3.5"
    assert one["answer"] == "'-增长6.1%。[1]"
    assert one["citations"] == "[1] 《某县报告》 › 一、回顾：-增长6.1%。"
    assert one["source 2"] == "《某县报告》 › 一、回顾"
    assert (one["passage 3"], two["source 1"]) == ("", "")
    assert (two["question"], two["answer"]) == ("月球？", "（未作回答）没有月球的报告。")


def test_a_tsv_has_one_line_a_row(tmp_path: Path) -> None:
    out = write(tmp_path / "a.tsv", record(部门="甲\t乙\n丙"), others=["部门"])
    assert len(out.read_text("utf-8").splitlines()) == 2
    (row,) = read_table(out, "\t")
    assert row["部门"] == "甲 乙 丙"
    assert row["passage 1"] == "'-增长6.1%。 第二句*是*此。第三句。"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+cmd", "'+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("\u200e=1", "'=1"),
        ("\x00=1", "'=1"),
        ("-1,200.5%", "-1,200.5%"),
        ("-1+1", "'-1+1"),
        ("1-1", "1-1"),
        ("就业？", "就业？"),
    ],
)
def test_a_cell_that_begins_like_a_formula_is_text(text: str, cell: str) -> None:
    assert cell_text(text) == cell


def test_what_files_refuse_and_what_reorders_is_removed() -> None:
    refused = "\x00\x08\x0b\x1f\x7f\x85\u061c\u200f\u202a\u202e\u2028\u2066\u2069\ufeff\ufffe\uffff"
    assert plain_text(f"甲{refused}乙\ud800丙\t丁\r\n戊") == "甲乙丙\t丁\n戊"
    assert [plain_text(value) for value in (None, True, 3, ["甲"])] == ["", "true", "3", '["甲"]']


def test_the_parts_of_a_passage_join_to_it_with_its_evidence_marked() -> None:
    (hit, _) = record()["hits"]
    assert list(evidence_parts(hit)) == [
        ("-增长6.1%。", True),
        ("\n第二句*是*此。", False),
        ("第三句。", True),
    ]


def test_a_workbook_has_a_sheet_of_answers_and_one_of_evidence_linked(tmp_path: Path) -> None:
    out = write(
        tmp_path / "a.xlsx", record(部门=HOSTILE, 数=3), record(SILENT), others=["部门", "数"]
    )
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["回答", "依据"]
    answers, evidence = book["回答"], book["依据"]
    heads, one, two = ([cell.value for cell in row] for row in answers.iter_rows())
    assert heads == ["编号", "问题", "部门", "数", "回答", "引用", "依据"]
    assert one == [
        "7",
        "=增长多少？",
        HOSTILE,
        3,
        "-增长6.1%。[1]",
        "[1] 《某县报告》 › 一、回顾：-增长6.1%。",
        "2 个段落",
    ]
    assert two == ["8", "月球？", None, None, "（未作回答）没有月球的报告。", None, None]
    assert {cell.data_type for row in answers["A2:G2"] for cell in row} == {"s", "n"}  # no formula
    assert answers["B2"].quotePrefix
    assert not answers["A2"].quotePrefix
    assert answers["G2"].hyperlink.location == "'依据'!A2"
    assert evidence["A2"].hyperlink.location == "'回答'!A2"
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.alignment.wrap_text for cell in sheet[2])
    hit = dict(zip([c.value for c in evidence[1]], [c.value for c in evidence[2]], strict=True))
    assert hit == {
        "编号": "7",
        "问题": "=增长多少？",
        "名次": 1,
        "相关度": 2.5,
        "报告": "某县报告",
        "年份": 2024,
        "地区": "某县",
        "类型": "其他",
        "标题路径": "一、回顾",
        "完成或计划": "实际完成",
        "所述年份": "2023",
        "依据句": "-增长6.1%。\n第三句。",
        "段落": "-增长6.1%。\n第二句*是*此。第三句。",
        "报告编号": "县 a",
        "起": 10,
        "止": 32,
    }
    assert evidence["A3"].hyperlink is None
    rich = openpyxl.load_workbook(out, rich_text=True)["依据"]["M2"].value
    assert [str(part) for part in rich if getattr(part, "font", None) and part.font.b] == [
        "-增长6.1%。",
        "第三句。",
    ]


def test_a_workbook_goes_on_where_excel_has_no_more_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportqa.batch.xlsx_out.MOST_ROWS", 4)
    monkeypatch.setattr("reportqa.batch.xlsx_out.MOST_LINKS", 1)
    passage = replace(PASSAGE, text="甲_x0042_。乙。")
    hits = (replace(HITS[0], passage=passage), HITS[1])
    reply = replace(REPLY, question="_x0041_？", hits=hits)
    rows = [record(reply, 甲="长" * 40_000, 乙=10**20)] * 2
    book = openpyxl.load_workbook(write(tmp_path / "a.xlsx", *rows, others=["甲", "乙"]))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:  # as Excel reads it; openpyxl leaves it to its caller
                cell.value = unescape(cell.value) if isinstance(cell.value, str) else cell.value
    assert book.sheetnames == ["回答", "依据", "依据 2"]
    assert [sheet.max_row for sheet in book] == [3, 4, 2]
    assert book["依据 2"]["A1"].value == "编号"
    links = [row[0].hyperlink is not None for row in book["依据"].iter_rows(min_row=2)]
    assert links == [True, False, False]
    assert book["回答"]["B2"].value == "_x0041_？"
    assert book["依据"]["M2"].value == "甲_x0042_。乙。"
    cell = book["回答"]["C2"].value
    assert (len(cell), cell[-14:]) == (32_767, "……（单元格放不下，其余略）")
    assert book["回答"]["D2"].value == str(10**20)


def test_a_row_of_a_workbook_is_as_high_as_what_wraps_in_it(tmp_path: Path) -> None:
    long = replace(REPLY.answer, text="字" * 100 + "\n" + "字")  # 64 wide: 31 characters a line
    out = write(tmp_path / "a.xlsx", record(replace(REPLY, answer=long)), record(SILENT))
    answers = openpyxl.load_workbook(out)["回答"]
    heights = [answers.row_dimensions[row].height for row in (2, 3)]
    assert heights == [pytest.approx(5 * 15.75), None]


def test_pages_are_of_the_paper_that_offices_have(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(tmp_path / "a.xlsx", record()))["依据"]
    assert int(sheet.page_setup.paperSize) == 9  # A4, by Excel
    section = docx.Document(str(write(tmp_path / "a.docx", record()))).sections[0]
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.1)


def test_one_answer_written_alone_has_no_number(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        with open_output(str(tmp_path / name)) as write_reply:
            write_reply(REPLY)
            if name == "b.md":
                write_reply(SILENT)
    alone, several = (tmp_path / name for name in ("a.md", "b.md"))
    assert "编号" not in alone.read_text("utf-8")
    assert several.read_text("utf-8").count("编号：") == 2


def test_a_word_file_has_headings_answers_sources_and_marked_evidence(tmp_path: Path) -> None:
    out = write(tmp_path / "a.docx", record(部门="<w:甲>\x01&"), record(SILENT), others=["部门"])
    paragraphs = docx.Document(str(out)).paragraphs
    assert [(p.style.name, p.text) for p in paragraphs] == [
        ("Title", "问答"),
        ("Heading 1", "=增长多少？"),
        ("Source", "编号：7　部门：<w:甲>&"),
        ("Normal", "-增长6.1%。[1]"),
        ("Source", "[1] 《某县报告》 › 一、回顾：-增长6.1%。"),
        ("Heading 2", "相关段落"),
        ("Source", "1. 《某县报告》 › 一、回顾（实际完成）"),
        ("Normal", "-增长6.1%。\n第二句*是*此。第三句。"),
        ("Source", "2. 《某县报告》 › 一、回顾（实际完成）"),
        ("Normal", "-增长6.1%。\n第二句*是*此。第三句。"),
        ("Heading 1", "月球？"),
        ("Source", "编号：8"),
        ("Normal", "（未作回答）没有月球的报告。"),
    ]
    runs = paragraphs[7].runs
    assert [run.text for run in runs if run.style.name == "Evidence"] == ["-增长6.1%。", "第三句。"]


def test_markdown_holds_the_texts_and_none_of_their_marks(tmp_path: Path) -> None:
    reply = Reply("7", "# <b>*多少*</b>\n1. |？", HITS, REPLY.answer, 0.1)
    out = write(tmp_path / "a.md", record(reply, 部门="[x](http://y)"), others=["部门"])
    assert out.read_text("utf-8") == (
        "# 问答\n"
        "\n"
        "## \\# \\<b\\>\\*多少\\*\\</b\\> 1. \\|？\n"
        "\n"
        "编号：7　部门：\\[x\\](http://y)\n"
        "\n"
        "\\-增长6.1%。\\[1\\]  \n"
        "\n"
        "> \\[1\\] 《某县报告》 › 一、回顾：-增长6.1%。\n"
        "\n"
        "### 相关段落\n"
        "\n"
        "1. 《某县报告》 › 一、回顾（实际完成）  \n"
        "   <b>\\-增长6.1%。</b>  \n"
        "   第二句\\*是\\*此。<b>第三句。</b>\n"
        "\n"
        "2. 《某县报告》 › 一、回顾（实际完成）  \n"
        "   \\-增长6.1%。  \n"
        "   第二句\\*是\\*此。第三句。\n"
    )


def test_a_run_for_trec_has_six_fields_a_line(tmp_path: Path) -> None:
    reply = Reply("q 1%\u200b", "多少？", HITS, REPLY.answer, 0.1)
    out = write(tmp_path / "a.trec", record(reply), record(SILENT))
    assert out.read_text("utf-8").splitlines() == [
        f"q%201%25%E2%80%8B Q0 县%20a#10-{10 + len(TEXT)} 1 2.500000 reportqa",
        f"q%201%25%E2%80%8B Q0 县%20a#10-{10 + len(TEXT)} 2 1.250000 reportqa",
    ]


def test_a_note_stands_under_its_answer(tmp_path: Path) -> None:
    noted = record()
    noted["answer"] |= {"note": "模型没有作答", "figures": [{"value": 6.1}]}
    (row,) = read_table(write(tmp_path / "a.csv", noted))
    assert row["answer"].splitlines()[-1] == "注：模型没有作答"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60).filter(str.strip), column=st.text(max_size=30))
def test_any_text_makes_files_that_open_and_keep_it(tmp_path: Path, text: str, column: str) -> None:
    passage = replace(PASSAGE, text=text, end=PASSAGE.start + len(text))
    reply = replace(REPLY, question=text, hits=(replace(HITS[0], passage=passage),))
    row = record(reply, 备注=column)
    (line,) = write(tmp_path / "a.jsonl", row).read_text("utf-8").splitlines()
    assert json.loads(line) == row
    for ending, delimiter in (("csv", ","), ("tsv", "\t")):
        (cells,) = read_table(write(tmp_path / f"a.{ending}", row, others=["备注"]), delimiter)
        assert list(cells)[:3] == ["id", "question", "备注"]
        assert not re.match(r"\s*[=@]", cells["question"] + cells["备注"])
        kept = plain_text(text) if ending == "csv" else " ".join(plain_text(text).split())
        assert cells["question"].removeprefix("'") == kept.removeprefix("'")
    book = openpyxl.load_workbook(write(tmp_path / "a.xlsx", row, others=["备注"]))
    assert unescape(book["回答"]["B2"].value or "") == plain_text(text)
    assert {c.data_type for r in book["回答"].iter_rows() for c in r} <= {"s", "n", "inlineStr"}
    paragraphs = docx.Document(str(write(tmp_path / "a.docx", row, others=["备注"]))).paragraphs
    assert paragraphs[1].text == " ".join(plain_text(text).split())
    write(tmp_path / "a.md", row, others=["备注"])
    assert write(tmp_path / "a.trec", row).read_text("utf-8").count("\n") == 1


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv", "xlsx", "docx", "md", "trec"])
def test_an_interrupted_output_leaves_what_stood_there(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"a.{ending}"
    out.write_text("before", encoding="utf-8")

    def interrupt() -> None:
        with open_output(str(out)) as write_reply:
            write_reply(REPLY)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert out.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    with open_output(str(out)) as write_reply:
        write_reply(REPLY)
    assert out.read_bytes() != b"before"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_an_output_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name, said in {
        "a.pdf": "answers are written to .jsonl, .csv, .tsv, .xlsx, .docx, .md, .trec",
        "a": "answers are written to",
        "none/a.jsonl": "cannot be written (No such file or directory)",
        "folder.csv": "is a folder: name a file in it",
    }.items():
        with (
            pytest.raises(QuestionError, match=re.escape(said)),
            open_output(str(tmp_path / name)) as write_reply,
        ):
            write_reply(REPLY)
