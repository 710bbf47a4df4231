"""Files of questions as people have them: every question is found, every bad row is named."""

from __future__ import annotations

import datetime
import gc
import io
import sys
import zipfile
from pathlib import Path

import openpyxl
import openpyxl.chart
import pytest

from reportqa.batch import Asked, read_questions
from reportqa.errors import QuestionError
from reportqa.records import Problem


def asked(path: Path) -> list[Asked | Problem]:
    return list(read_questions(str(path)))


def messages(path: Path) -> dict[str, str]:
    """The problems of a file, by their line."""
    found = [row for row in asked(path) if isinstance(row, Problem)]
    return {row.where.rpartition(":")[2]: row.message for row in found}


def questions(path: Path) -> list[str]:
    return [row.question for row in asked(path) if isinstance(row, Asked)]


def workbook(path: Path, *rows: list[object], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_text_file_has_a_question_a_line(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("\ufeff第一问？\r\n\r\n  第二问？ \r\n", encoding="utf-8")
    assert asked(path) == [Asked("1", "第一问？", f"{path}:1"), Asked("3", "第二问？", f"{path}:3")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_a_spreadsheet_of_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "q.csv"
    text = 'id,Question,备注\r\na1,"多少，\n几个？",x\r\n,第二问？,\r\n'
    path.write_bytes(text.encode(encoding))
    assert asked(path) == [
        Asked("a1", "多少，\n几个？", f"{path}:2", {"备注": "x"}),
        Asked("4", "第二问？", f"{path}:4", {"备注": ""}),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.csv", "编号,问题\n7,就业？\n"),
        ("q.csv", "编号;问题\n7;就业？\n"),
        ("q.csv", "编号\t问题\n7\t就业？\n"),
        ("q.csv", "编号，问题\n7，就业？\n"),
        ("q.csv", "sep=;\n编号;问题\n7;就业？\n"),
        ("q.tsv", "编号\t问题\n7\t就业？\n"),
        ("q.csv", "2024年问题清单,\n填表人：王,\n编号,问题\n7,就业？\n"),
        ("q.CSV", "ＩＤ, Question \n7,就业？\n"),
    ],
)
def test_columns_are_found_under_the_names_and_signs_people_use(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (row,) = asked(path)
    assert isinstance(row, Asked)
    assert (row.id, row.question, row.columns) == ("7", "就业？", {})


def test_other_columns_go_along_and_two_of_one_name_stay_two(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("部门,question,部门,,问题\n发改,就业？,人社,无名,旧问\n", encoding="utf-8")
    (row,) = asked(path)
    assert isinstance(row, Asked)
    assert row.columns == {"部门": "发改", "部门 2": "人社", "问题": "旧问"}


def test_each_bad_row_is_named_by_its_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        'id,question\n1,\n2,"两行，\n一问？"\n3,#REF!\n2,重号？\n5,多少,几个？\n6,"引号"不对\n,\n7,好？\n',
        encoding="utf-8",
    )
    assert questions(path) == ["两行，\n一问？", "好？"]
    assert messages(path) == {
        "2": "the row has no question: fill the column or delete the row",
        "5": "the cell holds the error #REF!, not a question: mend its formula",
        "6": f"the id '2' stands at {path}:3 already: "
        "give every row an id of its own, or leave the column out",
        "7": "the row has 3 cells under 2 headings: put quotation marks around a text with commas",
        "8": "the row is not CSV (',' expected after '\"'): mend its quotation marks",
    }


def test_a_cell_too_large_for_csv_is_a_problem_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(f'question\n就业？\n"{"x" * 200_000}"\n学位？\n', "utf-8")
    assert questions(path) == ["就业？", "学位？"]
    assert messages(path)["3"].startswith("the row is not CSV (field larger than field limit")


def test_a_quotation_mark_never_closed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('question\n就业？\n"学位？\n', "utf-8")
    assert questions(path) == ["就业？"]
    assert list(messages(path)) == ["3"]


def test_bytes_that_are_no_text_fail_their_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    good = "".join(f"全县地区生产总值完成多少{n}？\n" for n in range(20))
    path.write_bytes(b"question\n" + good.encode() + "就业".encode()[:-1] + b"\xff\n")
    assert len(questions(path)) == 20
    assert messages(path) == {
        "22": "the question holds bytes that are no text: save the file as UTF-8"
    }


def test_json_lines_are_read_under_either_name(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": 5, "question": "一？", "单位": ["甲", 2]}\n{"_id": "b", "text": "二？"}\n'
        '{oops\n{"id": 9}\n[1]\n{"question": "三？", "值": NaN}\n',
        encoding="utf-8",
    )
    one, two, *bad = asked(path)
    assert one == Asked("5", "一？", f"{path}:1", {"单位": ["甲", 2]})
    assert two == Asked("b", "二？", f"{path}:2")
    assert [p.where for p in bad if isinstance(p, Problem)] == [f"{path}:{n}" for n in (3, 4, 5, 6)]


@pytest.mark.parametrize("line", ["[" * 100_000, '{"id": ' + "9" * 5000 + "}"])
def test_a_line_that_json_chokes_on_is_a_problem_of_its_own(tmp_path: Path, line: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(line + '\n{"question": "就业？"}\n', "utf-8")
    bad, good = read_questions(str(file))
    assert isinstance(bad, Problem)
    assert isinstance(good, Asked)


def test_half_a_character_in_json_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(
        '{"id": "\\udfff", "question": "\\ud800就业\\ud83d\\ude00", "x": "\\ud800"}\n', "utf-8"
    )
    (row,) = read_questions(str(file))
    assert isinstance(row, Asked)
    assert (row.id, row.question, row.columns) == ("\ufffd", "\ufffd就业😀", {"x": "\ufffd"})


@pytest.mark.parametrize("text", ["就业？\n", '{"question": "就业？"}\n'])
def test_standard_input_holds_lines_or_json(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("gb18030"))))
    assert list(read_questions("-")) == [Asked("1", "就业？", "-:1")]


def test_a_workbook_is_read_with_its_values_as_they_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "q.xlsx",
        ["2024年调查表"],
        [],
        ["编号", "问题", "数", "日期", "对"],
        [7, "就业？", 2.0, datetime.datetime(2024, 5, 1), True],
        [None, None, None, None, None],
        ["x", None, 1, None, None],
        ["y", 2024, None, None, False],
    )
    columns = {"数": "2", "日期": "2024-05-01", "对": "TRUE"}
    assert asked(path) == [
        Asked("7", "就业？", f"{path}:Sheet1:4", columns),
        Problem(
            f"{path}:Sheet1:6",
            "the row has no question: fill the column or delete the row",
            True,
            "这一行没有问题：请填上，或删去这一行",
        ),
        Asked("y", "2024", f"{path}:Sheet1:7", {"数": "", "日期": "", "对": "FALSE"}),
    ]


def test_the_sheet_with_the_questions_is_found_and_a_hidden_one_is_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    book.create_chartsheet("图").add_chart(openpyxl.chart.BarChart())
    for name in ("旧", "新"):
        book.create_sheet(name).append(["问题"])
        book[name].append([f"{name}问？"])
    book["旧"].sheet_state = "hidden"
    book.save(tmp_path / "q.xlsx")
    assert questions(tmp_path / "q.xlsx") == ["新问？"]


def test_a_formula_counts_with_the_value_last_saved_or_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "q.xlsx", ["问题"], ['="就业"&"？"'], ["学位？"])
    assert questions(path) == ["学位？"]  # openpyxl computes nothing
    assert messages(path)["2"].startswith("the question is a formula that was never computed")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert "<v></v>" in sheet or "<v />" in sheet or "<v/>" in sheet
    for empty in ("<v></v>", "<v />", "<v/>"):
        sheet = sheet.replace(empty, "<v>就业？</v>")
    parts["xl/worksheets/sheet1.xml"] = sheet.replace('<c r="A2"', '<c r="A2" t="str"').encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
    assert questions(path) == ["就业？", "学位？"]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.txt", None, r"cannot be read \(No such file.*check its name"),
        ("none.xlsx", None, r"cannot be read \(No such file.*check its name"),
        ("q.pdf", b"", r"q.pdf: questions are read from \.txt, \.csv, \.tsv, \.xlsx, \.jsonl or -"),
        ("q.xls", OLE, r"save an \.xls file as \.xlsx"),
        ("q.csv", b"", r"q.csv is empty: write a heading question"),
        ("q.csv", "题目\n有吗？\n".encode(), r"q.csv:1: no column named question or 问题 .*'题目'"),
        ("q.csv", b"\x80\x00\xff\xff\xff", r"q.csv is not text: .*save it"),
        ("q.csv", b"PK\x03\x04aaaa", r"q.csv is not text: a Word, Excel or zip file"),
        ("q.xlsx", OLE, r"q.xlsx is an old Excel file: save it as \.xlsx"),
        ("q.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), r"protected by a password"),
        ("q.xlsx", b"", r"q.xlsx is empty"),
        ("q.xlsx", b"question\n1\n", r"q.xlsx is not an Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(QuestionError, match=said):
        asked(tmp_path / name)


def test_a_further_sheet_of_questions_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    path = workbook(tmp_path / "q.xlsx", ["问题"], ["就业？"], sheet="一处")
    book = openpyxl.load_workbook(path)
    for name, rows in {
        "说明": [["填表说明"]],
        "空表": [["问题"], [None]],
        "二处": [["编号", "问题"], [1, "学位？"]],
    }.items():
        for row in rows:
            (book[name] if name in book.sheetnames else book.create_sheet(name)).append(row)
    book.save(path)
    assert questions(path) == ["就业？"]
    problems = [row for row in asked(path) if isinstance(row, Problem)]
    assert [problem.where for problem in problems] == [f"{path}:二处"]
    assert "only the sheet 一处 is read" in problems[0].message
    assert "只读“一处”表" in problems[0].said


def test_a_workbook_without_the_column_names_its_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "q.xlsx", ["题目"], ["就业？"], sheet="调查")
    with pytest.raises(
        QuestionError, match=r"no column named question or 问题 on its sheets \(调查\)"
    ):
        asked(path)


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = workbook(tmp_path / "q.xlsx", ["问题"], ["就业？"])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    for name, data in (
        ("xl/workbook.xml", b"<oops"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><a"),
    ):
        with zipfile.ZipFile(path, "w") as book:
            for part, whole in parts.items():
                book.writestr(part, data if part == name else whole)
        with pytest.raises(QuestionError, match=r"q.xlsx is damaged .*save it anew"):
            asked(path)
        gc.collect()  # a file left open would be told of here, and not in a later test


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "q.xlsx", ["问题"], ["就业？" * 9_000])
    monkeypatch.setattr("reportqa.batch.xlsx_in.MOST_UNPACKED", 20_000)
    with pytest.raises(QuestionError, match=r"unpacks to [\d,]+ bytes: split it"):
        asked(path)
