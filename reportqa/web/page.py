"""A Desk → the Gradio page that asks it, mounted on the web application.

The only user of gradio. The page holds no state of its own: what it shows follows from the
question and the filters, which its address repeats, so that any answer can be kept and shared.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import gradio as gr

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
    from fastapi import FastAPI

    from reportqa.index import Snapshot
__all__ = ["Choices", "Page", "explain_question", "filter_choices", "mount_page", "page_url"]

PASSAGES = 10  # shown for a question
EXAMPLES = 4
SEARCHES_AT_ONCE = 4
GENERATIONS_AT_ONCE = 4  # in a queue of their own: a slow model holds up no search
DRAFT_STEP = 24  # characters of a draft between two pictures of it

TITLE = "问报告"
MOTTO = "用一句话提问，在政府报告里找到原句、数字和出处，逐句可以核对。"

UNEXPECTED = notice_html("出错了", "服务器遇到意外问题，已记入日志，请稍后再试。", "failed")
STALE = notice_html("新的索引打不开", "下面的回答来自上一份索引。", "stale")

Choices = list[tuple[str, str]]
"""What a filter offers: (as shown, value)."""

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent


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
        return filter_choices(self._desk.snapshot)

    def examples(self) -> tuple[str, ...]:
        """Questions that the snapshot can answer."""
        snapshot = self._desk.snapshot
        return self._examples(snapshot.generation, snapshot)

    def holdings(self) -> str:
        """The HTML of what there is to ask about."""
        snapshot = self._desk.snapshot
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


def mount_page(
    app: FastAPI,
    desk: Desk,
    *,
    llm: LLM | None = None,
    private: bool = False,
    root_path: str = "",
    feedback: bool = False,
) -> None:
    """Put the page at the root of the application, below the routes that are there already;
    `feedback` puts buttons for it on the page."""
    gr.mount_gradio_app(
        app,
        _blocks(Page(desk, llm, private=private)),
        "/",
        root_path=root_path or None,
        footer_links=[],
        show_error=False,
        ssr_mode=False,
        max_file_size=1,  # nothing is uploaded here
        theme=_theme(),
        css=(_HERE / "page.css").read_text(encoding="utf-8"),
        head='<script src="feedback.js"></script>' if feedback else None,
    )


def _blocks(page: Page) -> gr.Blocks:
    blocks = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with blocks:
        masthead = f'<header class="masthead"><h1>{TITLE}</h1><p>{MOTTO}</p></header>'
        gr.HTML(masthead, apply_default_css=False)
        with gr.Row(elem_id="ask", equal_height=True):
            question = _question_box()
            button = gr.Button("提问", variant="primary", elem_id="submit", scale=0, min_width=96)
        with gr.Row(elem_id="examples"):
            examples = [gr.Button("", size="sm") for _ in range(EXAMPLES)]
        with gr.Accordion("筛选", open=False, elem_id="filters") as folded, gr.Row():
            filters: list[Any] = [
                gr.Dropdown([], label=label, multiselect=True, min_width=200)
                for label in ("年份", "地区", "类型")
            ]
            # its value is a choice from the start: Enter may be pressed before the page has opened
            basis = [("不限", "")]
            filters.append(gr.Radio(basis, label="完成还是计划", value="", min_width=280))
        script = (_HERE / "page.js").read_text(encoding="utf-8")
        result = gr.HTML(elem_id="result", apply_default_css=False, js_on_load=script)
        standing = gr.State("")  # the question that a follow-up would follow
        shown_now = gr.State(None)

        shown: dict[str, Any] = {
            "concurrency_limit": SEARCHES_AT_ONCE,
            "concurrency_id": "search",
            "api_visibility": "private",
            "show_progress": "minimal",
            "show_progress_on": [result],
            "trigger_mode": "always_last",
        }
        ask_now = [question.submit, button.click]
        given, told = [question, *filters, standing], [result, standing, shown_now]
        events = [gr.on(ask_now, _asking(page), given, told, **shown)]
        for example in examples:
            given, both = [example, *filters], [question, *told]
            events.append(example.click(_ask_example(page), given, both, **shown))
        everything = [question, folded, *filters, *told, *examples]
        events.append(blocks.load(_opening(page), None, everything, **shown))
        shown |= {"concurrency_limit": GENERATIONS_AT_ONCE, "concurrency_id": "generate"}
        shown |= {"show_progress": "hidden", "trigger_mode": "multiple"}
        if page.writes:
            events += [e.success(_writing(page), shown_now, result, **shown) for e in events]
        for event in events:  # Gradio writes the trace to the log, the visitor gets a sentence
            event.failure(lambda: UNEXPECTED, None, result, api_visibility="private")
    return blocks


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="问题",
        show_label=False,
        container=False,
        placeholder="例如：新增就业目标是多少？",
        lines=1,
        max_lines=4,
        autofocus=True,
        elem_id="question",
        scale=1,
    )


def _asking(page: Page) -> Any:
    """Ask what is in the question box, after the question before it."""

    def ask_it(*asked: Any) -> tuple[str, str, Shown]:
        shown = page.show(*asked)
        return shown.html, shown.standing, shown

    return ask_it


def _writing(page: Page) -> Any:
    """Let the model write below what is shown already; a generator that ends at once would clear
    it."""

    def write_it(shown: Shown) -> Iterator[Any]:
        yield gr.skip()
        yield from page.write(shown)

    return write_it


def _ask_example(page: Page) -> Any:
    """Put an example into the question box and ask it."""

    def ask_example(text: str, *chosen: Any) -> tuple[str, str, str, Shown]:
        shown = page.show(text, *chosen)
        return text, shown.html, shown.standing, shown

    return ask_example


def _opening(page: Page) -> Any:
    """What the page shows at first: filled in and asked where its address holds a question."""

    def open_page(request: gr.Request) -> list[Any]:
        asked = request.query_params
        question = asked.get("q", "")
        choices = page.choices()
        given: list[Any] = [
            [value for value in asked.getlist(name) if value in dict(map(reversed, offered))]  # type: ignore[arg-type]
            for name, offered in zip(("year", "region", "kind"), choices, strict=False)
        ]
        basis = asked.get("basis", "")
        given.append(basis if basis in BASIS_WORDS else "")
        fields = [gr.Dropdown(choices=c, value=v) for c, v in zip(choices[:3], given, strict=False)]
        examples = page.examples()
        asking: list[Any] = [question, *given, asked.get("after", "")]
        shown = page.show(*asking) if question else Shown(page.holdings(), "")
        return [
            question or gr.skip(),  # what the visitor has typed meanwhile stays
            gr.Accordion(open=any(given)),  # nobody should overlook a filter that came along
            *fields,
            gr.Radio(choices=choices[3], value=given[3]),
            shown.html,
            shown.standing,
            shown,
            *(
                gr.Button(examples[i], visible=True)
                if i < len(examples)
                else gr.Button(visible=False)
                for i in range(EXAMPLES)
            ),
        ]

    return open_page


def _examples_of(_generation: str, snapshot: Snapshot) -> tuple[str, ...]:
    return example_questions(snapshot, EXAMPLES)


def _theme() -> gr.themes.Base:
    """Gradio's plain theme in fonts that are on the visitor's machine: nothing is fetched."""
    sans = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "monospace"]
    return gr.themes.Base(font=sans, font_mono=mono)
