"""A file of questions that a visitor uploads: what is made of it, and what is said of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.batch import Progress
from reportqa.errors import QuestionError
from reportqa.web.batch_tab import MOST_QUESTIONS, answer_file, looked_through, while_answered
from reportqa.web.desk import Desk
from reportqa.web.words import CHINESE, Words

pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("batch-tab")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    desk = Desk(open_retriever(folder / "index"))
    yield desk
    desk.close()
    desk.snapshot.close()


def questions(folder: Path, text: str, name: str = "问题.txt") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_answered_in_every_format_and_bad_rows_are_named(
    desk: Desk, tmp_path: Path
) -> None:
    source = questions(tmp_path, "改造老旧小区多少个\n？？\n")
    out = tmp_path / "out"
    out.mkdir()
    told: list[Progress] = []
    finished = answer_file(desk, source, out, 3, told.append)
    assert [path.name for path in finished.files] == [
        "问题-回答.xlsx",
        "问题-回答.csv",
        "问题-回答.docx",
        "问题-回答.md",
        "问题-回答.jsonl",
    ]
    assert sorted(path.name for path in out.iterdir()) == sorted(p.name for p in finished.files)
    assert (finished.tally.rows, finished.tally.failed) == (2, 1)
    assert finished.problems[0].where.endswith("问题.txt:2")
    assert told[-1].done == 2
    table = finished.files[1].read_text("utf-8-sig")
    assert table.startswith("编号,问题,回答,引用,出处 1,段落 1,")


def test_the_table_of_an_english_page_is_headed_in_english(desk: Desk, tmp_path: Path) -> None:
    source = questions(tmp_path, "改造老旧小区多少个\n")
    finished = answer_file(desk, source, tmp_path, 3, lambda progress: None, Words(english=True))
    table = next(path for path in finished.files if path.suffix == ".csv")
    assert table.read_text("utf-8-sig").startswith("id,question,answer,citations,source 1,")


def test_too_many_questions_are_refused_before_any_is_asked(desk: Desk, tmp_path: Path) -> None:
    source = questions(tmp_path, "小区\n" * (MOST_QUESTIONS + 1))
    with pytest.raises(QuestionError, match="more than 1,000 questions"):
        answer_file(desk, source, tmp_path, 3, lambda progress: None)
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_that_cannot_be_answered_is_named_without_its_folder(
    desk: Desk, tmp_path: Path
) -> None:
    source = questions(tmp_path, "甲,乙\n1,2\n", "<b>.csv")
    last = list(while_answered(desk, str(source), 3))[-1]
    assert "这份文件不能回答" in last[0]
    assert str(tmp_path) not in last[0]
    assert "<b>" not in last[0]


REFUSED = {
    "列.csv": (
        "甲,乙\n1,2\n".encode(),
        "没有名为“问题”或 question 的列",
        "no column named question",
    ),
    "空.txt": (b"\n", "文件里没有可以提问的问题", "holds no question that can be asked"),
    "空.csv": (b" ", "文件是空的", "is empty"),
    "码.txt": (bytes(range(128, 256)) * 9, "编码认不出来", "neither UTF-8, UTF-16 nor GB18030"),
    "假.xlsx": (b"no zip", "文件不是 Excel 工作簿", "is not an Excel workbook"),
    "旧.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧式的 Excel 文件", "an old Excel file"),
    "类.pdf": (b"%PDF", "只能读取 .txt、.csv", "questions are read from .txt, .csv"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_is_explained_in_the_language_of_the_visitor(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    data, chinese, english = REFUSED[name]
    source = tmp_path / name
    source.write_bytes(data)
    for say, wanted in ((CHINESE, chinese), (Words(english=True), english)):
        told = [list(while_answered(desk, str(source), 3, say))[-1][0]]
        told += [] if name == "空.txt" else [looked_through(str(source), say)]
        for said in told:
            assert say("这份文件不能回答") in said
            assert wanted in said
            assert str(tmp_path) not in said


ROWS = b"question,id\n,1\n#REF!,2\n\xef\xbc\x9f,3\nok,3\nok,4,x\n"


def test_a_row_that_cannot_be_asked_is_explained_in_the_language_of_the_visitor(
    desk: Desk, tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(ROWS + "改造老旧小区多少个,5\n".encode())
    chinese = list(while_answered(desk, str(source), 3))[-1][0]
    english = list(while_answered(desk, str(source), 3, Words(english=True)))[-1][0]
    items = re.findall("<li>.*?</strong>(.*?)</li>", chinese)
    assert len(items) >= 4
    assert [item for item in items if not re.search("[\u4e00-\u9fff]", item)] == []
    others = re.findall("<li>.*?</strong>(.*?)</li>", english)
    assert len(others) == len(items)
    assert [item for item in others if re.search("[\u4e00-\u9fff]", item)] == []
    assert "1 questions answered, " in english


def test_an_uploaded_file_is_counted_before_it_is_asked(tmp_path: Path) -> None:
    source = questions(tmp_path, '{"question": "小区"}\n{}\n', "a.jsonl")
    assert "读到 1 个问题，1 行不能提问。" in looked_through(str(source))
    assert "1 questions read, 1 rows" in looked_through(str(source), Words(english=True))


def test_whoever_leaves_ends_the_run_and_nothing_stays(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("reportqa.web.batch_tab.LOOK_EVERY", 0.01)
    source = questions(tmp_path, "小区\n" * 900)
    shown = while_answered(desk, str(source), 3)
    next(shown)
    next(shown)  # some lot is done
    shown.close()
    assert [t.name for t in threading.enumerate() if t.name == "batch"] == []
    assert list(tmp_path.iterdir()) == [source]
