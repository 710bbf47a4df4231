"""The tab 对比: one question over places, years or reports; what each says stands side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import gradio as gr

from reportqa.compare import MOST_COMPARED, By, compare
from reportqa.errors import QuestionError
from reportqa.filters import make_filters
from reportqa.index import Snapshot
from reportqa.render import BASIS_WORDS
from reportqa.web.asking_tab import language_of
from reportqa.web.cards import notice_html
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.exports import downloads_html
from reportqa.web.shown import Choices, explain_question
from reportqa.web.tables import BY_WORDS, comparison_html, framed
from reportqa.web.words import CHINESE, Words

__all__ = [
    "add_compare_tab",
    "comparison_shown",
    "failed_html",
    "offered",
    "sense_choices",
    "usual",
]

AT_ONCE = 2  # comparisons of all visitors: each is many searches
USUAL = 6  # compared where nothing is chosen
EXAMPLE = "地区生产总值增长多少？"

_HERE = Path(__file__).parent


def add_compare_tab(blocks: gr.Blocks, desk: Desk) -> None:
    """Draw the tab and wire its events."""
    question, by, basis, values, button = _fields()
    script = (_HERE / "views.js").read_text(encoding="utf-8")
    result = gr.HTML(elem_id="compare-result", apply_default_css=False, js_on_load=script)

    def choose(request: gr.Request, chosen: str) -> Any:
        choices = offered(desk.newest(), cast(By, chosen), language_of(request))
        return gr.Dropdown(choices=choices, value=[])

    def show(request: gr.Request, asked: str, chosen: str, of: list[str], sense: str) -> str:
        return comparison_shown(desk, asked, cast(By, chosen), of, sense, language_of(request))

    def open_tab(request: gr.Request) -> list[Any]:
        """What the address asks for, in the visitor's language."""
        given, say = request.query_params, language_of(request)
        asked, chosen, sense = given.get("compare", ""), given.get("by", ""), given.get("sense", "")
        chosen = cast(By, chosen if chosen in BY_WORDS else "region")
        sense = sense if sense in BASIS_WORDS else ""
        choices = offered(desk.newest(), chosen, say)
        known = {value for _, value in choices}
        of = [value for value in given.getlist("of") if value in known]
        shown = comparison_shown(desk, asked, chosen, of, sense, say) if asked else ""
        written: dict[str, Any] = {"value": asked} if asked else {}
        return [
            gr.Textbox(**_question_words(say), **written),
            gr.Radio(value=chosen, **_by_words(say)),
            gr.Radio(value=sense, **sense_choices(say)),
            gr.Dropdown(choices=choices, value=of, label=_values_label(say)),
            gr.Button(say("对比")),
            shown,
        ]

    quiet: dict[str, Any] = {**DIRECT, "show_progress": "hidden"}
    asking: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": [result],
        "trigger_mode": "always_last",
    }
    queued = {**QUEUED, "concurrency_limit": AT_ONCE, "concurrency_id": "compare"}
    by.input(choose, by, values, **quiet)
    given = [question, by, values, basis]
    events = [
        gr.on([question.submit, button.click], show, given, result, **asking, **queued),
        blocks.load(
            open_tab, None, [question, by, basis, values, button, result], **asking, **DIRECT
        ),
    ]
    for event in events:
        event.failure(failed_html, None, result, **quiet)


def failed_html(request: gr.Request) -> str:
    """What a visitor is told of a failure nobody foresaw."""
    say = language_of(request)
    why = say("服务器遇到意外问题，已记入日志，请稍后再试。")
    return notice_html(say("出错了"), why, "failed")


def _fields() -> tuple[gr.Textbox, gr.Radio, gr.Radio, gr.Dropdown, gr.Button]:
    """What is compared, and the button that does it."""
    with gr.Row(elem_classes="asked"):
        question = gr.Textbox(
            value="",
            **_question_words(CHINESE),
            max_lines=3,
            elem_id="compare-question",
        )
    with gr.Row(elem_classes="choices"):
        by = gr.Radio(value="region", elem_id="compare-by", min_width=280, **_by_words(CHINESE))
        basis = gr.Radio(value="", elem_id="compare-basis", min_width=280, **sense_choices(CHINESE))
    with gr.Row(elem_classes="choices"):
        values = gr.Dropdown(
            [],
            label=_values_label(CHINESE),
            multiselect=True,
            max_choices=MOST_COMPARED,
            elem_id="compare-values",
        )
    button = gr.Button(
        CHINESE("对比"), variant="primary", elem_id="compare-submit", elem_classes="go"
    )
    return question, by, basis, values, button


def _question_words(say: Words) -> dict[str, Any]:
    example = say("例如：{question}", question=EXAMPLE)
    return {"label": say("比较的问题"), "placeholder": example}


def _by_words(say: Words) -> dict[str, Any]:
    choices = [(say(word), name) for name, word in BY_WORDS.items()]
    return {"choices": choices, "label": say("按什么比较")}


def sense_choices(say: Words) -> dict[str, Any]:
    """What the choice between achieved and planned offers, with its label."""
    senses = [(say(BASIS_WORDS["actual"]), "actual"), (say(BASIS_WORDS["plan"]), "plan")]
    return {"choices": [(say("不限"), ""), *senses], "label": say("完成还是计划")}


def _values_label(say: Words) -> str:
    label = "比较哪些（最多 {most} 项；不选则比较段落或报告最多的 {usual} 项）"
    return say(label, most=MOST_COMPARED, usual=USUAL)


def comparison_shown(
    desk: Desk, question: str, by: By, of: Sequence[str], sense: str, say: Words = CHINESE
) -> str:
    """The HTML of a comparison, or of a plain sentence that says why there is none."""
    question = question.strip()
    of = list(of) or usual(desk.newest(), by)
    if not of:
        return notice_html(say("还不能对比"), say("索引里没有可以比较的报告。"), "refused")
    try:
        found = compare(desk.retriever, question, by, of, make_filters(basis=sense or None))
    except QuestionError:
        return notice_html(say("还不能对比"), explain_question(question, say), "refused")
    chosen = [("by", by), *(("of", value) for value in of)]
    asked = [("tab", "compare"), ("compare", question), *chosen]
    asked += [("sense", sense)] if sense else []
    files = [("q", question), *chosen, *([("basis", sense)] if sense else [])]
    body = comparison_html(found, downloads_html("compare", files, say), say)
    return framed(body, "/?" + urlencode(asked))


def offered(snapshot: Snapshot, by: By, say: Words = CHINESE) -> Choices:
    """What can be compared: places with most reports first, years latest first, reports."""
    reports = snapshot.reports
    if by == "region":
        regions = Counter(m.region for m in reports if m.region)
        counted = "{name}（{n:,} 篇）"
        return [(say(counted, name=region, n=n), region) for region, n in regions.most_common()]
    if by == "year":
        years = Counter(snapshot.about.tolist())
        spoken = "{year} 年（{n:,} 段）"
        latest_first = sorted(years.items(), reverse=True)
        return [(say(spoken, year=year, n=n), str(year)) for year, n in latest_first]
    return [(f"{m.title}", m.id) for m in reports]


def usual(snapshot: Snapshot, by: By) -> list[str]:
    """What is compared where nothing is chosen; years in order."""
    if by == "year":
        years = Counter(snapshot.about.tolist()).most_common(USUAL)
        return sorted(str(year) for year, _ in years)
    return [value for _, value in offered(snapshot, by)[:USUAL]]
