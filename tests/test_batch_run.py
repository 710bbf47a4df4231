"""A run over a file of questions: whole, interrupted and gone on with, killed, out of room."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import numpy as np
import openpyxl
import pytest
from corpora import build_index, open_retriever, write_corpus
from fakes import FakeEncoder
from filelock import FileLock
from numpy.typing import NDArray

from reportqa.batch import Progress, Tally, run_batch
from reportqa.errors import QuestionError
from reportqa.filters import make_filters
from reportqa.records import Answer, Problem
from reportqa.reranker import Reranker
from reportqa.search import Retriever

ENDINGS = ("jsonl", "csv", "tsv", "xlsx", "docx", "md", "trec")
QUESTIONS = 200  # in four lots


class Counting(FakeEncoder):
    """Takes down what is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().encode_questions(texts)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    build_index(write_corpus(folder / "corpus"), folder / "index")
    return folder / "index"


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture
def retriever(index: Path, encoder: Counting) -> Retriever:
    return open_retriever(index, encoder)


@pytest.fixture
def questions(tmp_path: Path) -> str:
    path = tmp_path / "q.csv"
    lines = [f"q{n},第{n}项完成多少？,部门{n % 3}\n" for n in range(QUESTIONS)]
    path.write_text("id,question,部门\n" + "".join(lines), encoding="utf-8-sig")
    return str(path)


def ids_in(path: Path) -> list[str]:
    """The ids of the answers in a file, in order."""
    ending = path.suffix[1:]
    if ending == "jsonl":
        return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]
    if ending in ("csv", "tsv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="," if ending == "csv" else "\t"))
        return [row["id"] for row in rows]
    if ending == "xlsx":
        rows = openpyxl.load_workbook(path)["回答"].iter_rows(min_row=2, values_only=True)
        return [row[0] for row in rows]
    if ending == "docx":
        lines = [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    else:
        lines = path.read_text("utf-8").splitlines()
    if ending == "trec":
        return list(dict.fromkeys(line.split()[0] for line in lines))
    known = [line.partition("　")[0] for line in lines if line.startswith("编号：")]
    return [line.removeprefix("编号：") for line in known]


def stop_after(done: int) -> Any:
    """Ctrl-C once so many questions are done."""

    def on_progress(progress: Progress) -> None:
        if progress.done >= done:
            raise KeyboardInterrupt

    return on_progress


def asked_in(encoder: Counting) -> list[int]:
    return sorted(int(re.sub(r"\D", "", question)) for question in encoder.asked)


ALL = [f"q{n}" for n in range(QUESTIONS)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_interrupted_run_goes_on_and_asks_nothing_twice(
    retriever: Retriever, encoder: Counting, questions: str, tmp_path: Path, ending: str
) -> None:
    whole, out = tmp_path / f"whole.{ending}", tmp_path / f"a.{ending}"
    assert run_batch(retriever, questions, str(whole), 3) == Tally(QUESTIONS, 0, 0)
    for done in (64, 128):
        encoder.asked.clear()
        with pytest.raises(KeyboardInterrupt):
            run_batch(retriever, questions, str(out), 3, on_progress=stop_after(done + 1))
        if ending not in ("xlsx", "docx"):
            assert ids_in(out) == ALL[: done + 64]  # results appear as they come
        begun = 0 if done == 64 else 128
        assert asked_in(encoder)[: done + 64 - begun] == list(range(begun, done + 64))
    encoder.asked.clear()
    assert run_batch(retriever, questions, str(out), 3) == Tally(QUESTIONS, 0, 192)
    assert asked_in(encoder) == list(range(192, QUESTIONS))  # nothing that was written
    assert ids_in(out) == ids_in(whole) == ALL
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"q.csv", whole.name, out.name}


def test_the_answers_are_those_of_asking_one_by_one(
    retriever: Retriever, questions: str, tmp_path: Path
) -> None:
    from reportqa.answer import ask
    from reportqa.render import reply_json

    filters = make_filters(year=["2024"])
    out = tmp_path / "a.jsonl"
    run_batch(retriever, questions, str(out), 2, filters)
    for line in out.read_text("utf-8").splitlines()[::37]:
        row = json.loads(line)
        alone = reply_json(ask(retriever, row["question"], 2, filters, id=row["id"]))
        number = int(row["id"][1:])
        assert row.pop("columns") == {"部门": f"部门{number % 3}"}
        assert row | {"seconds": 0} == json.loads(json.dumps(alone | {"seconds": 0}))


def test_fresh_starts_over_and_a_finished_run_does_too(
    retriever: Retriever, encoder: Counting, questions: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.csv"
    with pytest.raises(KeyboardInterrupt):
        run_batch(retriever, questions, str(out), on_progress=stop_after(1))
    encoder.asked.clear()
    assert run_batch(retriever, questions, str(out), fresh=True) == Tally(QUESTIONS, 0, 0)
    assert run_batch(retriever, questions, str(out)) == Tally(QUESTIONS, 0, 0)
    assert len(encoder.asked) == 2 * QUESTIONS
    assert ids_in(out) == ALL


@pytest.mark.parametrize("change", ["questions", "k", "filters", "snapshot", "reranker"])
def test_a_run_of_something_else_is_not_gone_on_with(
    index: Path,
    retriever: Retriever,
    questions: str,
    tmp_path: Path,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "a.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run_batch(retriever, questions, str(out), on_progress=stop_after(1))
    before = out.read_bytes()
    k, filters = 10, make_filters()
    if change == "questions":
        text = Path(questions).read_text("utf-8-sig").replace("第199项", "第200项")
        Path(questions).write_text(text, "utf-8")
    elif change == "k":
        k = 3
    elif change == "filters":
        filters = make_filters(year=["2024"])
    elif change == "reranker":
        monkeypatch.setattr("reportqa.reranker._load", lambda name: None)
        first = Reranker("some/reranker")
        monkeypatch.setattr(first, "rerank", lambda question, hits: hits)
        retriever = open_retriever(index)
        monkeypatch.setattr(retriever, "_reranker", first)
    else:
        folder = tmp_path / "other"
        build_index(
            write_corpus(folder / "c", {"a.txt": "甲县报告\n\n全县增长6%左右。\n"}), folder / "i"
        )
        retriever = open_retriever(folder / "i")
    with pytest.raises(QuestionError, match=rf"changed \({change} was .* and is .*--fresh"):
        run_batch(retriever, questions, str(out), k, filters)
    assert out.read_bytes() == before
    assert run_batch(retriever, questions, str(out), k, filters, fresh=True).resumed == 0


@pytest.mark.parametrize("spoil", ["changed", "shortened", "removed"])
def test_an_output_changed_meanwhile_is_not_gone_on_with(
    retriever: Retriever, questions: str, tmp_path: Path, spoil: str
) -> None:
    out = tmp_path / "a.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run_batch(retriever, questions, str(out), on_progress=stop_after(1))
    data = out.read_bytes()
    if spoil == "removed":
        out.unlink()
    else:
        out.write_bytes(b" " + data[1:] if spoil == "changed" else data[:-1])
    with pytest.raises(QuestionError, match=r"was changed or removed since .*--fresh"):
        run_batch(retriever, questions, str(out))


def test_what_was_torn_off_is_cut_away(
    retriever: Retriever, questions: str, tmp_path: Path
) -> None:
    out, journal = tmp_path / "a.jsonl", tmp_path / "a.jsonl.journal"
    with pytest.raises(KeyboardInterrupt):
        run_batch(retriever, questions, str(out), on_progress=stop_after(100))
    with out.open("ab") as file:
        file.write(b'{"id": "q128", "ques')
    with journal.open("ab") as file:
        file.write(b'{"rows": 192, "fai')
    assert run_batch(retriever, questions, str(out)) == Tally(QUESTIONS, 0, 128)
    assert ids_in(out) == ALL


def test_a_damaged_journal_says_so(retriever: Retriever, questions: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.journal").write_bytes(b"\x00\x01\n{}\n[]\n")
    with pytest.raises(QuestionError, match=r"a.jsonl.journal is damaged: .*--fresh"):
        run_batch(retriever, questions, str(tmp_path / "a.jsonl"))


def test_two_runs_do_not_write_one_file(
    retriever: Retriever, questions: str, tmp_path: Path
) -> None:
    out = tmp_path / "a.jsonl"
    with (
        FileLock(tmp_path / "a.jsonl.lock"),
        pytest.raises(QuestionError, match="another run is writing"),
    ):
        run_batch(retriever, questions, str(out))
    assert run_batch(retriever, questions, str(out)).rows == QUESTIONS


def test_the_questions_are_not_written_over(retriever: Retriever, questions: str) -> None:
    before = Path(questions).read_bytes()
    with pytest.raises(QuestionError, match="is the file of questions: name another"):
        run_batch(retriever, questions, questions)
    assert Path(questions).read_bytes() == before


def test_bad_rows_are_told_and_counted_over_an_interruption(
    retriever: Retriever, tmp_path: Path
) -> None:
    path, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    rows = ['{"question": "完成多少？"}'] * 150
    rows[3], rows[70], rows[140] = (
        "{oops",
        '{"question": "？！"}',
        f'{{"question": "{"长" * 2001}"}}',
    )
    path.write_text("\n".join(rows), "utf-8")
    told: list[Problem] = []
    with pytest.raises(KeyboardInterrupt):
        run_batch(
            retriever, str(path), str(out), on_problem=told.append, on_progress=stop_after(65)
        )
    tally = run_batch(retriever, str(path), str(out), on_problem=told.append)
    assert tally == Tally(150, 3, 128)
    assert [problem.where for problem in told] == [f"{path}:{n}" for n in (4, 71, 141)]
    assert "has no words" in told[1].message
    assert "2,001 characters" in told[2].message
    assert len(ids_in(out)) == 147


@pytest.mark.parametrize("text", ["", "\n\n", "？！\n……\n"])
def test_where_nothing_can_be_asked_what_stood_there_still_stands(
    retriever: Retriever, tmp_path: Path, text: str
) -> None:
    path, out = tmp_path / "q.txt", tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    out.write_text("before")
    with pytest.raises(QuestionError, match="holds no question that can be asked"):
        run_batch(retriever, str(path), str(out))
    assert out.read_text() == "before"
    assert {entry.name for entry in tmp_path.iterdir()} == {"q.txt", "a.csv"}


def test_a_link_stays_and_what_it_leads_to_is_written(
    retriever: Retriever, questions: str, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "a.csv"
    link.symlink_to(tmp_path / "there" / "b.csv")
    run_batch(retriever, questions, str(link))
    assert link.is_symlink()
    assert ids_in(tmp_path / "there" / "b.csv") == ALL


def test_progress_says_how_fast_and_how_long() -> None:
    said = {
        Progress(1280, 10_000, 0, 8.0): "1,280 of 10,000 questions, 160 a second, 54 s left",
        Progress(80, 10_000, 40, 40.0): "80 of 10,000 questions, 60 a minute, 2 h 45 min left",
        Progress(500, 10_000, 0, 10.0): "500 of 10,000 questions, 50 a second, 3 min left",
        Progress(128, 200, 128, 0.0): "128 of 200 questions",
    }
    assert {str(progress): text for progress, text in said.items()} == {
        text: text for text in said.values()
    }


CHILD = """
import sys
from pathlib import Path
from corpora import open_retriever
from reportqa.batch import run_batch
from reportqa.errors import ReportQAError
retriever = open_retriever(Path(sys.argv[1]))
print("ready", flush=True)
try:
    print(run_batch(retriever, sys.argv[2], sys.argv[3], 2).resumed)
except ReportQAError as error:
    print(error)
"""


def start(index: Path, questions: str, out: Path, **options: Any) -> subprocess.Popen[str]:
    tests = Path(__file__).parent
    paths = [str(tests.parent), str(tests), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(index), questions, str(out)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        **options,
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_process_killed_at_random_moments_goes_on_to_the_same_end(
    index: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"a.{ending}"
    path = tmp_path / "q.txt"
    path.write_text("".join(f"第{n}项完成多少？\n" for n in range(600)), "utf-8")
    journal = out.with_name(out.name + ".journal")
    moments = random.Random(7)
    came: list[int] = []
    for _ in range(2):
        with start(index, str(path), out) as child:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
            wanted = (came[-1] if came else 0) + moments.randrange(64, 130)
            while rows_done(journal) < wanted:
                assert child.poll() is None
                time.sleep(0.01)
            time.sleep(0.05 * moments.random())
            child.kill()
        assert child.returncode == -signal.SIGKILL
        came.append(rows_done(journal))
        if ending == "xlsx":
            assert not out.exists()
        else:  # what the journal knows of is whole; a torn write after it is cut when going on
            known = journal_notes(journal)[-1]["bytes"]
            assert out.read_bytes()[:known].endswith(b"\r\n")
            assert ids_in(out)[: came[-1]] == [str(n) for n in range(1, came[-1] + 1)]
    text = path.read_text("utf-8").splitlines()  # the rest is done at once by another process
    with start(index, str(path), out) as child:
        assert child.stdout
        assert child.stdout.read() == f"ready\n{came[-1]}\n"
    assert came == sorted(set(came))
    assert ids_in(out) == [str(n) for n in range(1, len(text) + 1)]
    assert {entry.name for entry in tmp_path.iterdir()} == {"q.txt", out.name}


def rows_done(journal: Path) -> int:
    """How far a journal says its run came; a line being written does not count."""
    notes = journal_notes(journal)
    return int(notes[-1]["rows"]) if notes else 0


def journal_notes(journal: Path) -> list[dict[str, int]]:
    """What a journal notes after each lot; a line being written does not count."""
    lines = journal.read_bytes().split(b"\n")[1:-1] if journal.exists() else []
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("ending", ["jsonl", "docx"])
def test_a_full_disk_leaves_whole_lines_and_the_run_goes_on(
    index: Path, questions: str, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"a.{ending}"
    limit = 250_000  # bytes, of any file the process writes

    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with start(index, questions, out, preexec_fn=confine) as child:
        assert child.stdout
        said = child.stdout.read()
    assert f"{out} cannot be written (File too large): choose another place or make room" in said
    assert "the same command then goes on where it stopped" in said
    kept = out if ending == "jsonl" else tmp_path / "a.docx.records"
    lines = kept.read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ALL[: len(lines)]
    assert 0 < len(lines) < QUESTIONS
    with start(index, questions, out) as child:
        assert child.stdout
        assert child.stdout.read() == f"ready\n{len(lines)}\n"
    assert ids_in(out) == ALL


def test_memory_does_not_grow_with_the_questions(retriever: Retriever, tmp_path: Path) -> None:
    import tracemalloc

    def peak(count: int) -> int:
        path = tmp_path / "q.txt"
        path.write_text("".join(f"第{n}项完成多少？\n" for n in range(count)), "utf-8")
        tracemalloc.start()
        try:
            run_batch(retriever, str(path), str(tmp_path / "a.csv"), 3)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(64)
    assert peak(256) - peak(64) < 192 * 600  # bytes: ids are kept, answers (3 KB each) are not


def test_a_file_of_hits_alone_has_no_answers_made(
    retriever: Retriever, questions: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*arguments: object) -> Answer:
        raise AssertionError("an answer was made")

    monkeypatch.setattr(sys.modules["reportqa.answer"], "_said", answer)
    tally = run_batch(retriever, questions, str(tmp_path / "a.trec"), 3)
    assert (tally.rows, tally.failed) == (QUESTIONS, 0)
    assert len(ids_in(tmp_path / "a.trec")) == QUESTIONS
    with pytest.raises(AssertionError, match="an answer was made"):
        run_batch(retriever, questions, str(tmp_path / "a.jsonl"), 3)


def test_progress_is_told_after_each_lot(
    retriever: Retriever, questions: str, tmp_path: Path
) -> None:
    told: list[Progress] = []
    run_batch(retriever, questions, str(tmp_path / "a.trec"), on_progress=told.append)
    assert [(p.done, p.total, p.resumed) for p in told] == [
        (done, QUESTIONS, 0) for done in (64, 128, 192, 200)
    ]
