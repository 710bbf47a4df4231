"""A Desk and what a visitor asks → what the page shows, as HTML. No gradio, no state: what is shown
follows from the question and the filters, which the address repeats.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from reportqa.errors import QuestionError, ReportQAError
from reportqa.filters import make_filters
from reportqa.followup import rewrite
from reportqa.generate import LLM, write
from reportqa.records import Reply
from reportqa.render import BASIS_WORDS
from reportqa.search import LONGEST_QUESTION, Retriever
from reportqa.web.cards import escape, holdings_html, notice_html, reply_html
from reportqa.web.desk import Asked, BusyDeskError, Desk
from reportqa.web.examples import example_questions
from reportqa.web.telemetry import log_question

if TYPE_CHECKING:
    from reportqa.index import Snapshot
__all__ = ["EXAMPLES", "Choices", "Page", "Shown", "explain_question", "filter_choices", "page_url"]

PASSAGES = 10  # shown for a question
EXAMPLES = 4
DRAFT_STEP = 24  # characters of a draft between two pictures of it

STALE = notice_html("新的索引打不开", "下面的回答来自上一份索引。", "stale")

Choices = list[tuple[str, str]]
"""What a filter offers: (as shown, value)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question got: its HTML, the question that a follow-up would follow, and what a model
    may write an answer from, where one is to."""

    html: str
    standing: str
    snapshot: Snapshot | None = None
    reply: Reply | None = None
    frame: tuple[str, str, str] = ("", "", "")  # address, address of the literal question, warning


class Page:
    """What the page does, without how it looks: each method answers one event."""

    def __init__(
        self, desk: Desk | Retriever, llm: LLM | None = None, *, private: bool = False
    ) -> None:
        """Asks through this desk; a retriever gets one of its own. An LLM writes answers; `private`
        keeps questions out of the log."""
        self._desk = desk if isinstance(desk, Desk) else Desk(desk)
        self._llm = llm
        self._private = private
        self._examples = lru_cache(maxsize=2)(_examples_of)

    def answer(
        self,
        question: str,
        years: Sequence[str] = (),
        regions: Sequence[str] = (),
        kinds: Sequence[str] = (),
        basis: str = "",
        after: str = "",
    ) -> str:
        """The HTML of a reply, or of a plain sentence that says why there is none."""
        return self.show(question, years, regions, kinds, basis, after).html

    def show(
        self,
        question: str,
        years: Sequence[str] = (),
        regions: Sequence[str] = (),
        kinds: Sequence[str] = (),
        basis: str = "",
        after: str = "",
    ) -> Shown:
        """The same with what comes next. A question that cannot stand alone is understood with the
        one asked before it, `after`."""
        try:
            filters = make_filters(year=years, region=regions, kind=kinds, basis=basis or None)
            question = question.strip()
            places = self._desk.retriever.reader.names
            standing = rewrite(question, [after] if after else [], places=places)
            served = self._desk.ask(Asked(standing, PASSAGES, filters))
        except QuestionError as error:
            _log.info("question refused: %s", error)
            return Shown(notice_html("还不能提问", explain_question(question), "refused"), after)
        except BusyDeskError:
            return Shown(notice_html("正忙", "现在提问的人很多，请稍后再试。", "failed"), after)
        except ReportQAError:
            _log.exception("the question could not be answered")
            notice = notice_html(
                "暂时无法回答", "索引读取出错，请稍后再试；管理员可查看日志。", "failed"
            )
            return Shown(notice, after)
        log_question("page", served, "-", private=self._private)
        reply = served.reply
        if standing != question:
            reply = replace(reply, question=question, rewritten=standing)
        literal = page_url(question, years, regions, kinds, basis)
        url = page_url(question, years, regions, kinds, basis, after if reply.rewritten else "")
        frame = (url, literal, STALE if self._desk.trouble else "")
        writes = self._llm is not None and not reply.answer.abstained
        html = self._frame(reply, served.snapshot, frame, "" if writes else None)
        return Shown(html, standing, served.snapshot, reply if writes else None, frame)

    def write(self, shown: Shown) -> Iterator[str]:
        """The HTML of the same reply while a model writes its answer, and with the checked answer
        in the end; nothing where none is to be written."""
        reply, snapshot = shown.reply, shown.snapshot
        if reply is None or snapshot is None or self._llm is None:
            return
        asked = reply.rewritten or reply.question
        writing = write(asked, reply.hits, reply.answer, self._llm)
        draft, drawn = "", 0
        while True:
            try:
                draft += next(writing)
            except StopIteration as ended:
                reply = replace(reply, answer=ended.value)
                break
            if len(draft) - drawn >= DRAFT_STEP:
                drawn = len(draft)
                yield self._frame(reply, snapshot, shown.frame, draft)
        if reply.answer.note:
            _log.warning("no generated answer: %s", reply.answer.note)
        yield self._frame(reply, snapshot, shown.frame)

    def _frame(
        self,
        reply: Reply,
        snapshot: Snapshot,
        frame: tuple[str, str, str],
        draft: str | None = None,
    ) -> str:
        url, literal, warning = frame
        line = describe_snapshot(snapshot)
        body = reply_html(reply, line, literal=literal, draft=draft)
        return f'<div class="reply" data-url="{escape(url)}">{warning}{body}</div>'

    @property
    def writes(self) -> bool:
        """Whether a model writes answers."""
        return self._llm is not None

    def choices(self) -> tuple[Choices, Choices, Choices, Choices]:
        """What the filters offer now: years, regions, kinds, basis."""
        return filter_choices(self._desk.newest())

    def examples(self) -> tuple[str, ...]:
        """Questions that the snapshot can answer."""
        snapshot = self._desk.newest()
        return self._examples(snapshot.generation, snapshot)

    def holdings(self) -> str:
        """The HTML of what there is to ask about."""
        snapshot = self._desk.newest()
        return holdings_html(snapshot.reports, snapshot.n_passages)


def filter_choices(snapshot: Snapshot) -> tuple[Choices, Choices, Choices, Choices]:
    """Years (latest first), regions and kinds (most reports first) with their numbers of reports;
    achieved and planned with their numbers of passages."""
    reports = snapshot.reports
    years = Counter(str(m.year) for m in reports if m.year is not None)
    regions = Counter(m.region for m in reports if m.region)
    kinds = Counter(m.kind for m in reports if m.kind)
    bases: Choices = [("不限", "")]
    for number, basis in ((1, "actual"), (2, "plan")):
        count = int((snapshot.passage_basis == number).sum())
        bases.append((f"{BASIS_WORDS[basis]}（{count} 段）", basis))  # type: ignore[index]
    return (
        [(f"{year} 年（{n} 篇）", year) for year, n in sorted(years.items(), reverse=True)],
        [(f"{region}（{n} 篇）", region) for region, n in regions.most_common()],
        [(f"{kind}（{n} 篇）", kind) for kind, n in kinds.most_common()],
        bases,
    )


def explain_question(question: str) -> str:
    """Why a question cannot be asked, and what to do."""
    question = question.strip()
    if not question:
        return "请先输入问题。"
    if len(question) > LONGEST_QUESTION:
        return f"问题有 {len(question):,} 个字，最多 {LONGEST_QUESTION:,} 个字：请缩短后再问。"
    if not re.search(r"\w", question):
        return "问题里没有文字：请用词语或句子提问。"
    return "筛选条件无法使用：请重新选择。"


def page_url(
    question: str,
    years: Iterable[str] = (),
    regions: Iterable[str] = (),
    kinds: Iterable[str] = (),
    basis: str = "",
    after: str = "",
) -> str:
    """The address that asks this again, a follow-up with the question before it."""
    pairs = [("q", question)]
    pairs += [("year", year) for year in years]
    pairs += [("region", region) for region in regions]
    pairs += [("kind", kind) for kind in kinds]
    pairs += [("basis", basis)] if basis else []
    pairs += [("after", after)] if after else []
    return "/?" + urlencode(pairs)


def describe_snapshot(snapshot: Snapshot) -> str:
    """Which snapshot answers, in one line."""
    return (
        f"索引 {snapshot.generation} · {len(snapshot.reports):,} 篇报告，"
        f"{snapshot.n_passages:,} 个段落"
    )


def _examples_of(_generation: str, snapshot: Snapshot) -> tuple[str, ...]:
    return example_questions(snapshot, EXAMPLES)
