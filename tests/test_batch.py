"""Questions in from files as people have them, answers out in files that are whole."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from reportqa.batch import Asked, open_output, read_questions
from reportqa.errors import QuestionError
from reportqa.records import Answer, Citation, Metadata, Problem, Reply

METADATA = Metadata("r", "某县报告", "某县", None, "其他", None, 2024, "r.txt")
CITATION = Citation(1, METADATA, ("一、回顾",), 3, 9, "增长6.1%。")
REPLY = Reply(
    "7", "=增长多少？", (), Answer("增长6.1%。[1]", False, None, "extractive", (CITATION,)), 0.1
)


def asked(path: Path) -> list[Asked | Problem]:
    return list(read_questions(str(path)))


def test_a_text_file_has_a_question_a_line(tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    path.write_text("\ufeff第一问？\r\n\r\n  第二问？ \r\n", encoding="utf-8")
    assert asked(path) == [Asked("1", "第一问？", f"{path}:1"), Asked("3", "第二问？", f"{path}:3")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_spreadsheet_of_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "q.csv"
    path.write_text('id,Question,备注\na1,"多少，\n几个？",x\n,第二问？,\n', encoding=encoding)
    assert asked(path) == [
        Asked("a1", "多少，\n几个？", f"{path}:3"),
        Asked("4", "第二问？", f"{path}:4"),
    ]


def test_a_row_without_a_question_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("id,question\n1,\n2,有吗？\n", encoding="utf-8")
    problem, question = asked(path)
    assert isinstance(problem, Problem)
    assert problem.where == f"{path}:2"
    assert question == Asked("2", "有吗？", f"{path}:3")


def test_json_lines_are_read_under_either_name(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(
        '{"id": 5, "question": "一？"}\n{"_id": "b", "text": "二？"}\n{oops\n{"id": 9}\n[1]\n',
        encoding="utf-8",
    )
    one, two, *bad = asked(path)
    assert one == Asked("5", "一？", f"{path}:1")
    assert two == Asked("b", "二？", f"{path}:2")
    assert [p.where for p in bad if isinstance(p, Problem)] == [f"{path}:{n}" for n in (3, 4, 5)]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"cannot be read \(No such file.*check its name"):
        asked(tmp_path / "none.txt")
    with pytest.raises(QuestionError, match="read from"):
        asked(tmp_path / "q.pdf")
    path = tmp_path / "q.csv"
    path.write_text("问题\n有吗？\n", encoding="utf-8")
    with pytest.raises(QuestionError, match="no column named question"):
        asked(path)
    path.write_bytes(b"\x80\x00\xff\xff\xff")
    with pytest.raises(QuestionError, match="not text"):
        asked(path)


def test_json_lines_out_hold_the_contract(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    with open_output(str(out)) as write:
        write(REPLY)
    (row,) = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert list(row) == [
        "id", "question", "seconds", "answer", "hits", "understood", "rewritten",
    ]  # fmt: skip
    assert row["answer"] == {
        "text": "增长6.1%。[1]",
        "abstained": False,
        "reason": None,
        "mode": "extractive",
        "citations": [
            {
                "number": 1,
                "report_id": "r",
                "title": "某县报告",
                "headings": ["一、回顾"],
                "start": 3,
                "end": 9,
                "quote": "增长6.1%。",
            }
        ],
        "note": None,
        "removed": [],
    }


def test_a_spreadsheet_out_opens_as_utf8_and_holds_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    with open_output(str(out)) as write:
        write(REPLY)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["id"] == "7"
    assert row["question"] == "'=增长多少？"
    assert row["citations"] == "[1] 《某县报告》 › 一、回顾：增长6.1%。"
    assert row["passage 1"] == ""


def test_an_interrupted_output_leaves_what_stood_there(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    out.write_text("before", encoding="utf-8")

    def interrupt() -> None:
        with open_output(str(out)) as write:
            write(REPLY)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert out.read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_an_output_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="written to"), open_output(str(tmp_path / "a.pdf")):
        pass
    with (
        pytest.raises(QuestionError, match=r"cannot be written \(No such file"),
        open_output(str(tmp_path / "none" / "a.jsonl")),
    ):
        pass


def test_a_cell_too_large_for_csv_says_where(tmp_path: Path) -> None:
    file = tmp_path / "q.csv"
    file.write_text(f'question\n就业？\n"{"x" * 200_000}"\n', "utf-8")
    with pytest.raises(QuestionError, match=r"q.csv:3 is not CSV .*mend its quotation marks"):
        list(read_questions(str(file)))


@pytest.mark.parametrize("line", ["[" * 100_000, '{"id": ' + "9" * 5000 + "}"])
def test_a_line_that_json_chokes_on_is_a_problem_of_its_own(tmp_path: Path, line: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(line + '\n{"question": "就业？"}\n', "utf-8")
    bad, good = read_questions(str(file))
    assert isinstance(bad, Problem)
    assert isinstance(good, Asked)


def test_half_a_character_in_json_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id": "\\udfff", "question": "\\ud800就业\\ud83d\\ude00"}\n', "utf-8")
    (asked,) = read_questions(str(file))
    assert isinstance(asked, Asked)
    assert (asked.id, asked.question) == ("\ufffd", "\ufffd就业😀")
