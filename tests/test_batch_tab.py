"""A file of questions that a visitor uploads: what is made of it, and what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import build_index, open_retriever, write_corpus

from reportqa.batch import Progress
from reportqa.errors import QuestionError
from reportqa.web.batch_tab import MOST_QUESTIONS, answer_file, while_answered
from reportqa.web.desk import Desk

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
