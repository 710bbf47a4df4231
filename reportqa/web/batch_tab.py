"""The tab 批量: a file of questions in, files of answers out, by the engine of query.py.

A visitor's file lies in a folder of Gradio's own under a name nobody can guess; what is made of it
is offered to that visitor alone, and both are removed after a while.
"""

from __future__ import annotations

import logging
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr

from reportqa.batch import INPUTS, Progress, Tally, read_questions, run_batch
from reportqa.batch.output import read_records, write_whole
from reportqa.errors import QuestionError, ReportQAError
from reportqa.records import Problem
from reportqa.web.cards import escape, notice_html
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.guard import LARGEST_UPLOAD

__all__ = [
    "KEPT_SECONDS",
    "MOST_QUESTIONS",
    "Finished",
    "add_batch_tab",
    "answer_file",
    "while_answered",
]

MOST_QUESTIONS = 1_000  # in one file
AT_ONCE = 1  # files: the others wait, so that single questions are answered meanwhile
PASSAGES = 5  # unless the visitor wants more or fewer
MOST_PASSAGES = 20
KEPT_SECONDS = 3_600  # of uploads and answers
MOST_PROBLEMS = 50  # listed
OFFERED = (".xlsx", ".csv", ".docx", ".md", ".jsonl")
LOOK_EVERY = 0.5  # seconds between two pictures of the progress

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over: the files of answers, and the rows that could not be asked."""

    files: tuple[Path, ...]
    tally: Tally
    problems: tuple[Problem, ...]


class _StoppedError(Exception):
    """The visitor left: nobody waits for the rest."""


def add_batch_tab(desk: Desk) -> None:
    """Draw the tab and wire its events."""
    kinds = "、".join(INPUTS)
    gr.HTML(
        f'<p class="note">上传一份问题清单（{kinds}，不超过 {LARGEST_UPLOAD // 2**20} MB、'
        f"{MOST_QUESTIONS:,} 个问题）：文本每行一问；表格要有“问题”或 question 一列。"
        "回答连同依据可按多种格式下载。</p>",
        apply_default_css=False,
    )
    uploaded = gr.File(label="问题清单", file_types=list(INPUTS), elem_id="batch-file", height=140)
    with gr.Row(elem_classes="choices"):
        k = gr.Slider(
            1, MOST_PASSAGES, PASSAGES, step=1, label="每个问题附几个段落", elem_id="batch-k"
        )
    button = gr.Button("开始回答", variant="primary", elem_id="batch-submit", elem_classes="go")
    said = gr.HTML(elem_id="batch-said", apply_default_css=False)
    answers = gr.File(
        label="下载回答", file_count="multiple", visible=False, interactive=False,
        elem_id="batch-answers",
    )  # fmt: skip

    def run(source: str | None, wanted: float) -> Iterator[list[Any]]:
        yield from while_answered(desk, source, int(wanted))

    event = button.click(
        run, [uploaded, k], [said, answers, button],
        show_progress="hidden", concurrency_limit=AT_ONCE, concurrency_id="batch",
        trigger_mode="once", **QUEUED,
    )  # fmt: skip
    failed = notice_html("出错了", "服务器遇到意外问题，已记入日志，请稍后再试。", "failed")
    event.failure(
        lambda: [failed, gr.Button(interactive=True)], None, [said, button],
        show_progress="hidden", **DIRECT,
    )  # fmt: skip


def while_answered(desk: Desk, source: str | None, k: int) -> Iterator[list[Any]]:
    """What the tab shows while a file is answered, and in the end."""
    hidden, ready = gr.File(visible=False), gr.Button(interactive=True)
    if not source:
        said = notice_html("还没有文件", "请先上传一份问题清单。", "refused")
        yield [said, hidden, ready]
        return
    yield [_progress_html(0, 0), hidden, gr.Button(interactive=False)]
    with tempfile.TemporaryDirectory(prefix="reportqa-batch-") as folder:
        work = _Work(partial(answer_file, desk, Path(source), Path(folder), k))
        try:
            while work.running:
                if latest := work.latest():
                    yield [_progress_html(latest.done, latest.total), gr.skip(), gr.skip()]
        finally:
            work.stop()  # where the visitor left
        if isinstance(work.error, QuestionError):
            yield [_refused_html(work.error, Path(source)), hidden, ready]
        elif work.error is not None:
            raise work.error
        elif work.finished is not None:
            files = [str(path) for path in work.finished.files]  # Gradio copies them
            yield [_finished_html(work.finished), gr.File(files, visible=True), ready]


class _Work:
    """A run in a thread of its own, which ends early once nobody waits for it."""

    def __init__(self, answer: Callable[[Callable[[Progress], None]], Finished]) -> None:
        self.finished: Finished | None = None
        self.error: Exception | None = None
        self._answer = answer
        self._told: queue.SimpleQueue[Progress] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="batch", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def latest(self) -> Progress | None:
        """How far it is; None where that was told already. Waits a moment."""
        self._thread.join(LOOK_EVERY)
        latest = None
        while not self._told.empty():
            latest = self._told.get()
        return latest

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _tell(self, progress: Progress) -> None:
        if self._stopped.is_set():
            raise _StoppedError
        self._told.put(progress)

    def _run(self) -> None:
        try:
            self.finished = self._answer(self._tell)
        except _StoppedError:
            _log.info("a batch was left by its visitor")
        except (ReportQAError, OSError) as error:
            self.error = error


def answer_file(
    desk: Desk, source: Path, folder: Path, k: int, on_progress: Callable[[Progress], None]
) -> Finished:
    """Answer a file of questions into files of a folder. QuestionError where it holds none, or too
    many."""
    if sum(1 for _ in islice(read_questions(str(source)), MOST_QUESTIONS + 1)) > MOST_QUESTIONS:
        raise QuestionError(f"超过 {MOST_QUESTIONS:,} 个问题：请分成几份，或用 query.py")
    problems: list[Problem] = []
    name = f"{source.stem[:60]}-回答"
    records = folder / f"{name}.jsonl"
    tally = run_batch(
        desk.retriever,
        str(source),
        str(records),
        k,
        on_problem=problems.append,
        on_progress=on_progress,
    )
    others: dict[str, None] = {}
    with records.open("rb") as kept:
        for record in read_records(kept):
            others.update(dict.fromkeys(record.get("columns", {})))
    files = [folder / f"{name}{ending}" for ending in OFFERED]
    for path in files:
        if path != records:
            with records.open("rb") as kept:
                write_whole(path, read_records(kept), list(others))
    return Finished(tuple(files), tally, tuple(problems))


def _refused_html(error: QuestionError, source: Path) -> str:
    """Why a file was not answered; it is named without its folder."""
    hint = "请检查文件：文本每行一个问题，表格要有“问题”或 question 一列。"
    reason = str(error).replace(str(source), source.name)
    return notice_html("这份文件不能回答", f"{hint}（{reason}）", "refused")


def _progress_html(done: int, total: int) -> str:
    if not total:
        return '<p class="note" role="status">正在读取……（前面有别的文件时要排队）</p>'
    return (
        f'<div class="progress" role="status"><progress max="{total}" value="{done}" '
        f'aria-label="进度"></progress> 已回答 {done:,} / {total:,}</div>'
    )


def _finished_html(finished: Finished) -> str:
    """How it ended, with the rows that could not be asked."""
    tally, problems = finished.tally, finished.problems
    answered = tally.rows - tally.failed
    failed = f"，{tally.failed:,} 行不能提问" if tally.failed else ""
    items = "".join(
        f"<li><strong>{escape(Path(problem.where).name)}</strong> {escape(problem.message)}</li>"
        for problem in problems[:MOST_PROBLEMS]
    )
    listed = f"<details open><summary>不能提问的行</summary><ul>{items}</ul></details>"
    return (
        f'<div class="finished" role="status"><p>已回答 {answered:,} 个问题{failed}。'
        f"文件保留 {KEPT_SECONDS // 3600} 小时。</p>{listed if problems else ''}</div>"
    )
