"""A file of questions → a file of answers, lot by lot, in memory that does not grow with either.

The questions are gone through twice: once to count them and to know them again, once to ask them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from reportqa import __version__
from reportqa.answer import ask_many
from reportqa.batch.cells import Record
from reportqa.batch.formats import FORMATS, json_line
from reportqa.batch.journal import Done, Journal
from reportqa.batch.output import (
    HITS_ALONE,
    check_output,
    read_records,
    unwritable,
    write_whole,
    written_whole,
)
from reportqa.batch.questions import open_questions
from reportqa.batch.tables import MOST_COLUMNS, Asked
from reportqa.batch.writers import Writers
from reportqa.doubt import Caution
from reportqa.errors import QuestionError
from reportqa.generate import LLM
from reportqa.overlap import AT_ONCE, in_order
from reportqa.records import NO_FILTERS, Filters, Problem, Reply
from reportqa.render import ranks_json, reply_json
from reportqa.search import Retriever

__all__ = ["JOBS", "TOGETHER", "Progress", "Tally", "run_batch"]

TOGETHER = 64
"""Questions encoded, searched and written as one lot."""

JOBS = 4
"""Answers that a model writes at once."""

Rows = Iterator[Asked | Problem]


@dataclass(frozen=True, slots=True)
class Tally:
    """How a run ended: rows of the file, how many of them failed, and how many had been done by a
    run before this one, which was interrupted; of how many in this run a model should have written
    the answer and did not."""

    rows: int
    failed: int
    resumed: int
    unwritten: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run came. `seconds` are those of this run, in which it did `done` − `resumed`."""

    done: int
    total: int
    resumed: int
    seconds: float

    def __str__(self) -> str:
        """`1,280 of 10,000 questions, 162 a second, 54 s left`."""
        asked = self.done - self.resumed
        said = f"{self.done:,} of {self.total:,} questions"
        if not asked or self.seconds <= 0:
            return said
        rate = asked / self.seconds
        return f"{said}, {_rate(rate)}, {_duration((self.total - self.done) / rate)} left"


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is known of a file of questions before any is asked."""

    rows: int
    questions: int
    digest: str
    others: tuple[str, ...]


def run_batch(
    retriever: Retriever,
    source: str,
    output: str | None = None,
    k: int = 10,
    filters: Filters = NO_FILTERS,
    *,
    fresh: bool = False,
    caution: Caution = "normal",
    llm: LLM | None = None,
    llm_name: str | None = None,
    jobs: int = JOBS,
    llm_rate: float = 0.0,
    on_problem: Callable[[Problem], None] = lambda problem: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Tally:
    """Ask every question of a file; None for `output` is JSON lines on standard output, a file of
    hits alone has no answers made. A row that cannot be asked is told to `on_problem` and the
    others go on. An interrupted run of the same questions, options, model (`llm_name`) and
    snapshot goes on where it stopped, unless `fresh`. An LLM is asked by `jobs` at once, at most
    `llm_rate` times a minute (0: no limit), and again where it fails for a moment. QuestionError
    where nothing can be done, and then what stood at `output` before still stands."""
    retriever.check("k", k)  # a k that cannot be is said once, not of every question
    out = _destination(output, source) if output else None
    rows = open_questions(source)
    survey = _survey(rows(), source)
    answered = out is None or out.suffix.lower() not in HITS_ALONE
    llm = llm if answered else None
    ask = partial(ask_many, retriever, k=k, filters=filters, caution=caution, answered=answered)
    asker = _Asker(retriever, ask, k, reply_json if answered else ranks_json, on_problem)
    if not survey.questions:
        for problem in asker.ask(list(rows())).problems:
            on_problem(problem)
        raise _nothing_asked(source)
    plan = _plan(survey, retriever, k, filters)
    plan |= {"caution": caution, "llm": llm_name, "reranker": retriever.reranker}
    # a lot is written when its last answer is there: with a model, which takes seconds, a small one
    together = min(TOGETHER, 2 * jobs) if llm else TOGETHER
    writers = Writers(llm, jobs, llm_rate) if llm else nullcontext()
    with _sink(out, survey, plan) as sink, writers as asker.writers:
        sink.open(fresh)
        resumed = sink.done.rows
        waiting = islice(rows(), resumed, None)
        for done, seconds in asker.go_through(waiting, together, sink):
            on_progress(Progress(done, survey.rows, resumed, seconds))
        if sink.done.failed == sink.done.rows:
            sink.finish()
            raise _nothing_asked(source)
        sink.complete()
    return Tally(sink.done.rows, sink.done.failed, resumed, asker.unwritten)


def _destination(output: str, source: str) -> Path:
    """The path of the file of answers. QuestionError where it can be none."""
    out = check_output(output)
    if source != "-" and out.exists() and Path(source).exists() and out.samefile(source):
        raise QuestionError(f"{output} is the file of questions: name another for the answers")
    return out


@dataclass(frozen=True, slots=True)
class _Answered:
    """What became of a lot of rows."""

    rows: int
    records: list[Record]
    problems: list[Problem]


class _Asker:
    """Asks the questions of a lot together."""

    def __init__(
        self,
        retriever: Retriever,
        ask: Callable[..., list[Reply]],
        k: int,
        as_record: Callable[[Reply], dict[str, Any]],
        on_problem: Callable[[Problem], None],
    ) -> None:
        self._retriever, self._ask, self._k = retriever, ask, k
        self._as_record, self._on_problem = as_record, on_problem
        self.writers: Writers | None = None
        self.unwritten = 0

    def go_through(
        self, waiting: Rows, together: int, sink: _Printed | _Saved
    ) -> Iterator[tuple[int, float]]:
        """Ask and write lot after lot: the rows done, and the seconds it took. Where a run goes
        on, that of the run before comes first."""
        began = time.monotonic()
        if sink.done.rows:
            yield sink.done.rows, 0.0
        lots = iter(lambda: list(islice(waiting, together)), [])
        # a model's writers are at work on several questions of a lot already
        for answered in in_order(self.ask, lots, 1 if self.writers else AT_ONCE):
            for problem in answered.problems:
                self._on_problem(problem)
            sink.add(
                "".join(map(sink.entry, answered.records)), answered.rows, len(answered.problems)
            )
            yield sink.done.rows, time.monotonic() - began

    def ask(self, lot: list[Asked | Problem]) -> _Answered:
        """A record for each question that can be asked, in order, and what the other rows lack."""
        usable: list[Asked] = []
        problems: list[Problem] = []
        for row in lot:
            problem = row if isinstance(row, Problem) else self._problem(row)
            if problem:
                problems.append(problem)
            elif isinstance(row, Asked):
                usable.append(row)
        questions = [row.question for row in usable]
        replies = self._ask(questions, ids=[row.id for row in usable])
        if self.writers:
            replies = self.writers.write_all(replies)
            self.unwritten += sum(reply.answer.note is not None for reply in replies)
        records: list[Record] = [
            self._as_record(reply) | ({"columns": dict(row.columns)} if row.columns else {})
            for reply, row in zip(replies, usable, strict=True)
        ]
        return _Answered(len(lot), records, problems)

    def _problem(self, row: Asked) -> Problem | None:
        try:
            self._retriever.check(row.question, self._k)
        except QuestionError as error:
            return Problem(row.where, str(error), True, error.said)
        return None


class _Printed:
    """Records as JSON lines on standard output: there is nothing to go on with."""

    done = Done()

    def open(self, fresh: bool) -> None:
        """Nothing to open."""

    def entry(self, record: Record) -> str:
        return json_line(record)

    def add(self, text: str, rows: int, failed: int) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
        self.done = Done(self.done.rows + rows, self.done.failed + failed)

    def complete(self) -> None:
        """All is written."""

    finish = complete


class _Saved(Journal):
    """Records in a file of the ending asked for."""

    def __init__(self, out: Path, others: tuple[str, ...], plan: dict[str, Any]) -> None:
        self._others = others
        grows = not written_whole(out)
        self._format = FORMATS[out.suffix.lower() if grows else ".jsonl"]
        path = out if grows else out.with_name(out.name + ".records")
        super().__init__(out, path, plan, self._format.head(others))

    def entry(self, record: Record) -> str:
        return self._format.entry(record, self._others)

    def complete(self) -> None:
        """Write the file whole where it is not there yet; nothing is left beside it."""
        if self._path != self._out:
            try:
                with self._path.open("rb") as kept:
                    write_whole(self._out, read_records(kept), self._others)
            except OSError as error:
                raise unwritable(
                    self._out, error, "; the same command then goes on where it stopped"
                ) from error
        self.finish()


def _sink(
    out: Path | None, survey: _Survey, plan: dict[str, Any]
) -> AbstractContextManager[_Printed | _Saved]:
    if out is None:
        return nullcontext(_Printed())
    return _Saved(out, survey.others, plan)


def _survey(rows: Rows, source: str) -> _Survey:
    digest, count, questions = hashlib.sha256(), 0, 0
    others: dict[str, None] = {}
    for row in rows:
        count += 1
        if isinstance(row, Problem):
            digest.update(b"\0")
            continue
        questions += 1
        others.update(dict.fromkeys(row.columns))
        said = [row.id, row.question, row.columns]
        digest.update(json.dumps(said, sort_keys=True).encode())
        if len(others) > MOST_COLUMNS:
            raise QuestionError(
                f"{row.where}: with this row there are more than {MOST_COLUMNS} different names "
                "beside the question: leave them out",
                f"问题之外的列名超过 {MOST_COLUMNS} 个：请删去一些",
            )
    if not count:
        raise _nothing_asked(source)
    return _Survey(count, questions, digest.hexdigest()[:16], tuple(others))


def _plan(survey: _Survey, retriever: Retriever, k: int, filters: Filters) -> dict[str, Any]:
    """What an interrupted run and the one that goes on must have in common, as JSON has it."""
    asked = {name: value for name, value in asdict(filters).items() if value}
    plan = {
        "version": __version__,
        "questions": f"{survey.rows} rows, {survey.digest}",
        "k": k,
        "filters": asked,
        "snapshot": retriever.snapshot.generation,
    }
    read_back: dict[str, Any] = json.loads(json.dumps(plan))
    return read_back


def _nothing_asked(source: str) -> QuestionError:
    return QuestionError(
        f"{source} holds no question that can be asked: write one a line, "
        "or one a row under the heading question",
        "文件里没有可以提问的问题：每行写一个，表格写在“问题”一列下面",
    )


def _rate(rate: float) -> str:
    return f"{rate:.0f} a second" if rate >= 2 else f"{60 * rate:.0f} a minute"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    if whole < 5_400:
        return f"{round(whole / 60)} min"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"
