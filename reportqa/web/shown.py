"""A Desk and an Address → what the page shows, as HTML. No gradio, no state: what is shown follows
from the address, which it repeats.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

import numpy as np

from reportqa.answer import written
from reportqa.errors import QuestionError, ReportQAError
from reportqa.followup import rewrite
from reportqa.generate import LLM, write
from reportqa.records import Hit, Reply, Understanding
from reportqa.render import BASIS_WORDS
from reportqa.search import LONGEST_QUESTION, Retriever
from reportqa.web.address import Address
from reportqa.web.cards import escape, holdings_html, notice_html
from reportqa.web.desk import Asked, BusyDeskError, Desk
from reportqa.web.evidence_cards import Around
from reportqa.web.examples import example_questions
from reportqa.web.exports import downloads_html
from reportqa.web.kept import Kept
from reportqa.web.pointer import Pointer, find_pointer
from reportqa.web.reply_card import reply_html
from reportqa.web.telemetry import log_question, log_written
from reportqa.web.words import CHINESE, Words

if TYPE_CHECKING:
    from reportqa.index import Snapshot
__all__ = [
    "EXAMPLES",
    "Choices",
    "Offers",
    "Page",
    "Shown",
    "caution_choices",
    "explain_question",
    "filter_choices",
]

PASSAGES = 10  # shown for a question
EXAMPLES = 4
DRAFT_STEP = 24  # characters of a draft between two pictures of it

Choices = list[tuple[str, str]]
"""What a filter offers: (as shown, value)."""


class Offers(NamedTuple):
    """What each filter offers, in the order in which the page shows them."""

    years: Choices
    regions: Choices
    kinds: Choices
    bases: Choices
    reports: Choices
    cautions: Choices


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an address got: its HTML, the question that a follow-up would follow, and what a model
    may write an answer from, where one is to."""

    html: str
    standing: str
    snapshot: Snapshot | None = None
    reply: Reply | None = None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays around a reply while a model writes: the address that asks it again, what the
    question states, the text around each passage, a warning, the visitor's language, and which
    figures answer it better."""

    address: Address
    stated: Understanding
    around: Around
    warning: str
    say: Words
    pointer: Pointer | None = None


class Page:
    """What the page does, without how it looks: each method answers one event."""

    def __init__(
        self,
        desk: Desk | Retriever,
        llm: LLM | None = None,
        *,
        private: bool = False,
        kept: Kept | None = None,
    ) -> None:
        """Asks through this desk; a retriever gets one of its own. An LLM writes answers, which are
        `kept` to be taken away; `private` keeps questions out of the log."""
        self._desk = desk if isinstance(desk, Desk) else Desk(desk)
        self._llm = llm
        self._kept = kept or Kept()
        self._private = private
        self._examples: tuple[str, tuple[str, ...]] = ("", ())  # of which snapshot, which

    def show(self, address: Address, say: Words = CHINESE) -> Shown:
        """The reply to what an address asks, or a plain sentence that says why there is none. A
        question that cannot stand alone is understood with the one asked before it."""
        question, after = address.question.strip(), address.after
        try:
            filters = address.filters
            retriever = self._desk.retriever
            standing = rewrite(question, [after] if after else [], places=retriever.reader.names)
            asked = Asked(standing, PASSAGES, filters, off=address.off, caution=address.caution)
            served = self._desk.ask(asked)
        except QuestionError as error:
            _log.info("question refused: %s", error)
            why = explain_question(question, say)
            return Shown(notice_html(say("还不能提问"), why, "refused"), after)
        except BusyDeskError:
            why = say("现在提问的人很多，请稍后再试。")
            return Shown(notice_html(say("正忙"), why, "failed"), after)
        except ReportQAError:
            _log.exception("the question could not be answered")
            why = say("索引读取出错，请稍后再试；管理员可查看日志。")
            return Shown(notice_html(say("暂时无法回答"), why, "failed"), after)
        log_question("page", served, private=self._private)
        reply = served.reply
        if standing != question:
            reply = replace(reply, question=question, rewritten=standing)
        stale = notice_html(say("新的索引打不开"), say("下面的回答来自上一份索引。"), "stale")
        frame = Frame(
            replace(address, question=question, after=after if reply.rewritten else ""),
            retriever.understand(standing) if address.off else reply.understood,
            {hit.rank: _around(served.snapshot, hit) for hit in reply.hits},
            stale if self._desk.trouble else "",
            say,
            find_pointer(standing, reply.understood, served.snapshot),
        )
        writes = self._llm is not None and not reply.answer.abstained
        html = self._framed(reply, served.snapshot, frame, "" if writes else None)
        return Shown(html, standing, served.snapshot, reply if writes else None, frame)

    def write(self, shown: Shown) -> Iterator[str]:
        """The HTML of the same reply while a model writes its answer, and with the checked answer
        in the end; nothing where none is to be written."""
        reply, snapshot, frame = shown.reply, shown.snapshot, shown.frame
        if reply is None or snapshot is None or frame is None or self._llm is None:
            return
        asked = reply.rewritten or reply.question
        writing = write(asked, reply.hits, reply.answer, self._llm)
        draft, drawn, began = "", 0, time.perf_counter()
        while True:
            try:
                draft += next(writing)
            except StopIteration as ended:
                seconds = time.perf_counter() - began
                reply = written(reply, ended.value, seconds)
                self._desk.on_written(seconds)
                log_written("page", seconds)
                break
            if len(draft) - drawn >= DRAFT_STEP:
                drawn = len(draft)
                yield self._framed(reply, snapshot, frame, draft)
        if reply.answer.note:
            _log.warning("no generated answer: %s", reply.answer.note)
        yield self._framed(reply, snapshot, frame)

    def _framed(
        self, reply: Reply, snapshot: Snapshot, frame: Frame, draft: str | None = None
    ) -> str:
        url = frame.address.url
        pairs = parse_qsl(url.partition("?")[2])
        kept = self._kept.keep(reply) if reply.answer.mode == "generated" else ""
        body = reply_html(
            reply,
            describe_snapshot(snapshot, frame.say),
            frame.address,
            stated=frame.stated,
            around=frame.around,
            draft=draft,
            pointer=frame.pointer,
            downloads=downloads_html("answer", pairs, frame.say, kept),
            say=frame.say,
        )
        return f'<div class="reply" data-url="{escape(url)}">{frame.warning}{body}</div>'

    @property
    def writes(self) -> bool:
        """Whether a model writes answers."""
        return self._llm is not None

    def choices(self, say: Words = CHINESE) -> Offers:
        """What the filters offer now."""
        return filter_choices(self._desk.newest(), say)

    def examples(self) -> tuple[str, ...]:
        """Questions that the snapshot answers."""
        self._desk.refresh()
        retriever = self._desk.retriever.pinned()
        generation = retriever.snapshot.generation
        if self._examples[0] != generation:  # asking them takes as long as a few questions
            self._examples = (generation, example_questions(retriever, EXAMPLES))
        return self._examples[1]

    def holdings(self, say: Words = CHINESE) -> str:
        """The HTML of what there is to ask about."""
        snapshot = self._desk.newest()
        return holdings_html(snapshot.reports, snapshot.n_passages, say)


def filter_choices(snapshot: Snapshot, say: Words = CHINESE) -> Offers:
    """Years (latest first), regions and kinds (most reports first) with their numbers of reports;
    achieved and planned with their numbers of passages; reports by title with theirs; the settings
    of caution."""
    reports = snapshot.reports
    years = Counter(str(m.year) for m in reports if m.year is not None)
    regions = Counter(m.region for m in reports if m.region)
    kinds = Counter(m.kind for m in reports if m.kind)
    bases: Choices = [(say("不限"), "")]
    for number, basis in ((1, "actual"), (2, "plan")):
        count = int((snapshot.passage_basis == number).sum())
        name = say(BASIS_WORDS[basis])  # type: ignore[index]
        bases.append((say("{name}（{n:,} 段）", name=name, n=count), basis))
    passages = np.bincount(snapshot.passage_report, minlength=len(reports))
    counted = "{name}（{n:,} 篇）"
    return Offers(
        [
            (say("{year} 年（{n:,} 篇）", year=y, n=n), y)
            for y, n in sorted(years.items(), reverse=True)
        ],
        [(say(counted, name=name, n=n), name) for name, n in regions.most_common()],
        [(say(counted, name=name, n=n), name) for name, n in kinds.most_common()],
        bases,
        [
            (say("{name}（{n:,} 段）", name=m.title, n=int(n)), m.id)
            for m, n in sorted(zip(reports, passages, strict=True), key=lambda one: one[0].title)
        ],
        caution_choices(say),
    )


def caution_choices(say: Words = CHINESE) -> Choices:
    """How readily an answer may be refused, strictest first."""
    return [(say("严格"), "high"), (say("一般"), "normal"), (say("宽松"), "low")]


def explain_question(question: str, say: Words = CHINESE) -> str:
    """Why a question cannot be asked, and what to do."""
    question = question.strip()
    if not question:
        return say("请先输入问题。")
    if len(question) > LONGEST_QUESTION:
        too_long = "问题有 {n:,} 个字，最多 {most:,} 个字：请缩短后再问。"
        return say(too_long, n=len(question), most=LONGEST_QUESTION)
    if not re.search(r"\w", question):
        return say("问题里没有文字：请用词语或句子提问。")
    return say("筛选条件无法使用：请重新选择。")


def describe_snapshot(snapshot: Snapshot, say: Words = CHINESE) -> str:
    """Which snapshot answers, in one line."""
    return say(
        "索引 {name} · {reports:,} 篇报告，{passages:,} 个段落",
        name=snapshot.generation,
        reports=len(snapshot.reports),
        passages=snapshot.n_passages,
    )


def _around(snapshot: Snapshot, hit: Hit) -> tuple[str, str]:
    """The text of the passages before and after a hit in its report."""
    report = snapshot.passage_report
    rows = (hit.row - 1, hit.row + 1)
    before, after = (
        snapshot.passage(row).text
        if 0 <= row < snapshot.n_passages and report[row] == report[hit.row]
        else ""
        for row in rows
    )
    return before, after
