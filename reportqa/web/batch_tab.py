"""The tab 批量: a file of questions in, files of answers out, by the engine of query.py.

A visitor's file lies in a folder of Gradio's own under a name nobody can guess; what is made of it
is offered to that visitor alone, and both are removed after a while.
"""

from __future__ import annotations

import logging
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr

from reportqa.batch import INPUTS, Progress, Tally, read_questions, run_batch
from reportqa.batch.formats import PEOPLE_CSV
from reportqa.batch.output import read_records, write_whole
from reportqa.errors import QuestionError, ReportQAError
from reportqa.records import Problem
from reportqa.web.asking_tab import language_of
from reportqa.web.cards import escape, notice_html
from reportqa.web.compare_tab import failed_html
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.guard import LARGEST_UPLOAD
from reportqa.web.kept import KEPT_SECONDS
from reportqa.web.tables import framed
from reportqa.web.words import CHINESE, Words

__all__ = [
    "MOST_QUESTIONS",
    "Finished",
    "add_batch_tab",
    "answer_file",
    "looked_through",
    "while_answered",
]

MOST_QUESTIONS = 1_000  # in one file
AT_ONCE = 1  # files: the others wait, so that single questions are answered meanwhile
PASSAGES = 5  # unless the visitor wants more or fewer
MOST_PASSAGES = 20
MOST_PROBLEMS = 50  # listed
_PLAIN: dict[str, Any] = {"apply_default_css": False}
OFFERED = (".xlsx", ".csv", ".docx", ".md", ".jsonl")
LOOK_EVERY = 0.5  # seconds between two pictures of the progress

_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over: the files of answers, and the rows that could not be asked."""

    files: tuple[Path, ...]
    tally: Tally
    problems: tuple[Problem, ...]


class _StoppedError(Exception):
    """The visitor left: nobody waits for the rest."""


def add_batch_tab(blocks: gr.Blocks, desk: Desk) -> None:
    """Draw the tab and wire its events."""
    say = CHINESE
    note = gr.HTML(_note_html(say), **_PLAIN)
    uploaded = gr.File(
        label=say("问题清单"), file_types=list(INPUTS), elem_id="batch-file", height=140
    )
    script = (_HERE / "batch.js").read_text(encoding="utf-8")
    refusals = gr.HTML(_refusals_html(say), elem_id="batch-refusals", js_on_load=script, **_PLAIN)
    with gr.Row(elem_classes="choices"):
        k = gr.Slider(
            1, MOST_PASSAGES, PASSAGES, step=1, label=say("每个问题附几个段落"), elem_id="batch-k"
        )
    go: dict[str, Any] = {"variant": "primary", "elem_id": "batch-submit", "elem_classes": "go"}
    button = gr.Button(say("开始回答"), **go)
    views = (_HERE / "views.js").read_text(encoding="utf-8")
    said = gr.HTML(elem_id="batch-said", js_on_load=views, **_PLAIN)
    answers = gr.File(
        label=say("下载回答"), file_count="multiple", visible=False, interactive=False,
        elem_id="batch-answers",
    )  # fmt: skip

    def run(request: gr.Request, source: str | None, wanted: float) -> Iterator[list[Any]]:
        url = f"/?tab=batch&passages={int(wanted)}"
        for shown, *others in while_answered(desk, source, int(wanted), language_of(request)):
            yield [framed(shown, url), *others]

    event = button.click(
        run, [uploaded, k], [said, answers, button],
        show_progress="hidden", concurrency_limit=AT_ONCE, concurrency_id="batch",
        trigger_mode="once", **QUEUED,
    )  # fmt: skip
    quiet: dict[str, Any] = {**DIRECT, "show_progress": "hidden"}
    uploaded.upload(_look_through, uploaded, said, **quiet)
    uploaded.clear(lambda: "", None, said, **quiet)
    event.failure(_failing, None, [said, button], **quiet)
    blocks.load(_open_tab, None, [note, uploaded, refusals, k, button, answers], **quiet)


def _look_through(request: gr.Request, source: str) -> str:
    return looked_through(source, language_of(request))


def _failing(request: gr.Request) -> list[Any]:
    return [failed_html(request), gr.Button(interactive=True)]


def _open_tab(request: gr.Request) -> list[Any]:
    """The tab in the visitor's language, with as many passages as the address asks for."""
    say, wanted = language_of(request), request.query_params.get("passages", "")
    k = int(wanted) if wanted.isdecimal() and 1 <= int(wanted) <= MOST_PASSAGES else PASSAGES
    return [
        _note_html(say),
        gr.File(label=say("问题清单")),
        _refusals_html(say),
        gr.Slider(value=k, label=say("每个问题附几个段落")),
        gr.Button(say("开始回答")),
        gr.File(label=say("下载回答")),
    ]


def _note_html(say: Words) -> str:
    """What may be uploaded, and what becomes of it."""
    kinds, size = say("、").join(INPUTS), LARGEST_UPLOAD // 2**20
    said = (
        "上传一份问题清单（{kinds}，不超过 {size} MB、{most:,} 个问题）：文本每行一问；"
        "表格要有“问题”或 question 一列。回答连同依据可按多种格式下载。"
    )
    return f'<p class="note">{say(said, kinds=kinds, size=size, most=MOST_QUESTIONS)}</p>'


def _refusals_html(say: Words) -> str:
    """What batch.js shows where a file is refused before it is sent: too large, of a kind that
    holds no questions, empty."""
    title, kinds, size = say("这份文件不能上传"), say("、").join(INPUTS), LARGEST_UPLOAD // 2**20
    large = "文件超过 {size} MB，服务器不收：请拆成几份再上传，或用 query.py 在本机回答。"
    wrong = "问题清单只能是 {kinds} 文件：请另存为其中一种再上传（.xls 请另存为 .xlsx）。"
    refusals = {
        "large": say(large, size=size),
        "kind": say(wrong, kinds=kinds),
        "empty": say("文件是空的，里面没有问题：请写上问题，保存后再上传。"),
    }
    hidden = "".join(
        f'<div data-refusal="{name}" hidden>{notice_html(title, why, "refused")}</div>'
        for name, why in refusals.items()
    )
    label = say("选择问题清单，或拖放到这里")
    return (
        f'<div class="refusal" data-largest="{LARGEST_UPLOAD}" data-kinds="{" ".join(INPUTS)}" '
        f'data-label="{label}">'
        f"{hidden}</div>"
    )


def looked_through(source: str, say: Words = CHINESE) -> str:
    """What an uploaded file holds, or why it cannot be answered."""
    try:
        rows = list(islice(read_questions(source), MOST_QUESTIONS + 1))
        _check_number(rows)
    except QuestionError as error:
        return _refused_html(error, Path(source), say)
    bad = sum(isinstance(row, Problem) for row in rows)
    failed = say("，{n:,} 行不能提问", n=bad) if bad else ""
    held = say("读到 {n:,} 个问题{failed}。", n=len(rows) - bad, failed=failed)
    return f'<p class="note" role="status">{held}</p>'


def _check_number(rows: Sequence[object]) -> None:
    if len(rows) > MOST_QUESTIONS:
        raise QuestionError(
            f"there are more than {MOST_QUESTIONS:,} questions: split the file, or use query.py",
            f"超过 {MOST_QUESTIONS:,} 个问题：请分成几份，或用 query.py",
        )


def while_answered(
    desk: Desk, source: str | None, k: int, say: Words = CHINESE
) -> Iterator[list[Any]]:
    """What the tab shows while a file is answered, and in the end."""
    hidden, ready = gr.File(visible=False), gr.Button(interactive=True)
    if not source:
        said = notice_html(say("还没有文件"), say("请先上传一份问题清单。"), "refused")
        yield [said, hidden, ready]
        return
    yield [_progress_html(0, 0, say), hidden, gr.Button(interactive=False)]
    with tempfile.TemporaryDirectory(prefix="reportqa-batch-") as folder:
        work = _Work(partial(answer_file, desk, Path(source), Path(folder), k, say=say))
        try:
            while work.running:
                if latest := work.latest():
                    yield [_progress_html(latest.done, latest.total, say), gr.skip(), gr.skip()]
        finally:
            work.stop()  # where the visitor left
        if isinstance(work.error, QuestionError):
            yield [_refused_html(work.error, Path(source), say), hidden, ready]
        elif work.error is not None:
            raise work.error
        elif work.finished is not None:
            files = [str(path) for path in work.finished.files]  # Gradio copies them
            yield [_finished_html(work.finished, say), gr.File(files, visible=True), ready]


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
        finally:
            if self.finished is None and self.error is None and not self._stopped.is_set():
                self.error = ReportQAError("it broke off; the log says why")


def answer_file(
    desk: Desk,
    source: Path,
    folder: Path,
    k: int,
    on_progress: Callable[[Progress], None],
    say: Words = CHINESE,
) -> Finished:
    """Answer a file of questions into files of a folder, named in the visitor's language.
    QuestionError where it holds none, or too many."""
    _check_number(list(islice(read_questions(str(source)), MOST_QUESTIONS + 1)))
    problems: list[Problem] = []
    name = say("{name}-回答", name=source.stem[:60])
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
    table = None if say.english else PEOPLE_CSV
    for path in files:
        if path != records:
            with records.open("rb") as kept:
                write_whole(path, read_records(kept), list(others), table=table)
    return Finished(tuple(files), tally, tuple(problems))


def _refused_html(error: QuestionError, source: Path, say: Words) -> str:
    """Why a file is not answered, and what to do; it is named without its folder."""
    reason = str(error).replace(str(source), source.name)
    why = reason if say.english else error.said or reason
    return notice_html(say("这份文件不能回答"), f"{why}{say('。')}", "refused")


def _progress_html(done: int, total: int, say: Words) -> str:
    if not total:
        reading = say("正在读取……（前面有别的文件时要排队）")
        return f'<p class="note" role="status">{reading}</p>'
    answered = say("已回答 {done:,} / {total:,}", done=done, total=total)
    return (
        f'<div class="progress" role="status"><progress max="{total}" value="{done}" '
        f'aria-label="{say("进度")}"></progress> {answered}</div>'
    )


def _finished_html(finished: Finished, say: Words) -> str:
    """How it ended, with the rows that could not be asked."""
    tally, problems = finished.tally, finished.problems
    failed = say("，{n:,} 行不能提问", n=tally.failed) if tally.failed else ""
    items = "".join(
        f"<li><strong>{escape(Path(problem.where).name)}</strong> "
        f"{escape(problem.message if say.english else problem.said or problem.message)}</li>"
        for problem in problems[:MOST_PROBLEMS]
    )
    listed = f"<details open><summary>{say('不能提问的行')}</summary><ul>{items}</ul></details>"
    answered = say("已回答 {n:,} 个问题{failed}。", n=tally.rows - tally.failed, failed=failed)
    kept = say("文件保留 {n} 小时。", n=KEPT_SECONDS // 3600)
    return (
        f'<div class="finished" role="status"><p>{answered}{kept}</p>'
        f"{listed if problems else ''}</div>"
    )
