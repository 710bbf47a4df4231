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
from reportqa.web.cards import notice_html
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.exports import downloads_html
from reportqa.web.shown import Choices, explain_question
from reportqa.web.tables import BY_WORDS, comparison_html, framed

__all__ = ["add_compare_tab", "comparison_shown", "offered", "usual"]

AT_ONCE = 2  # comparisons of all visitors: each is many searches
USUAL = 6  # compared where nothing is chosen
FAILED = notice_html("出错了", "服务器遇到意外问题，已记入日志，请稍后再试。", "failed")

_HERE = Path(__file__).parent


def add_compare_tab(blocks: gr.Blocks, desk: Desk) -> None:
    """Draw the tab and wire its events."""
    question, by, basis, values, button = _fields()
    script = (_HERE / "views.js").read_text(encoding="utf-8")
    result = gr.HTML(elem_id="compare-result", apply_default_css=False, js_on_load=script)

    def choose(chosen: str) -> Any:
        return gr.Dropdown(choices=offered(desk.newest(), cast(By, chosen)), value=[])

    def show(asked: str, chosen: str, of: list[str], sense: str) -> str:
        return comparison_shown(desk, asked, cast(By, chosen), of, sense)

    def open_tab(request: gr.Request) -> list[Any]:
        """What the address asks for."""
        given = request.query_params
        asked, chosen, sense = given.get("compare", ""), given.get("by", ""), given.get("sense", "")
        chosen = cast(By, chosen if chosen in BY_WORDS else "region")
        sense = sense if sense in BASIS_WORDS else ""
        choices = offered(desk.newest(), chosen)
        known = {value for _, value in choices}
        of = [value for value in given.getlist("of") if value in known]
        shown = comparison_shown(desk, asked, chosen, of, sense) if asked else ""
        return [asked or gr.skip(), chosen, sense, gr.Dropdown(choices=choices, value=of), shown]

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
        blocks.load(open_tab, None, [question, by, basis, values, result], **asking, **DIRECT),
    ]
    for event in events:
        event.failure(lambda: FAILED, None, result, **quiet)


def _fields() -> tuple[gr.Textbox, gr.Radio, gr.Radio, gr.Dropdown, gr.Button]:
    """What is compared, and the button that does it."""
    with gr.Row(elem_classes="asked"):
        question = gr.Textbox(
            value="",
            label="比较的问题",
            placeholder="例如：地区生产总值增长多少？",
            max_lines=3,
            elem_id="compare-question",
        )
    with gr.Row(elem_classes="choices"):
        by = gr.Radio(
            [(word, name) for name, word in BY_WORDS.items()],
            label="按什么比较",
            value="region",
            elem_id="compare-by",
            min_width=280,
        )
        basis = gr.Radio(
            [("不限", ""), *((BASIS_WORDS[b], b) for b in ("actual", "plan"))],
            label="完成还是计划",
            value="",
            elem_id="compare-basis",
            min_width=280,
        )
    with gr.Row(elem_classes="choices"):
        values = gr.Dropdown(
            [],
            label=f"比较哪些（最多 {MOST_COMPARED} 项；不选则比较段落或报告最多的 {USUAL} 项）",
            multiselect=True,
            max_choices=MOST_COMPARED,
            elem_id="compare-values",
        )
    button = gr.Button("对比", variant="primary", elem_id="compare-submit", elem_classes="go")
    return question, by, basis, values, button


def comparison_shown(desk: Desk, question: str, by: By, of: Sequence[str], sense: str) -> str:
    """The HTML of a comparison, or of a plain sentence that says why there is none."""
    question = question.strip()
    of = list(of) or usual(desk.newest(), by)
    if not of:
        return notice_html("还不能对比", "索引里没有可以比较的报告。", "refused")
    try:
        found = compare(desk.retriever, question, by, of, make_filters(basis=sense or None))
    except QuestionError:
        return notice_html("还不能对比", explain_question(question), "refused")
    chosen = [("by", by), *(("of", value) for value in of)]
    asked = [("tab", "compare"), ("compare", question), *chosen]
    asked += [("sense", sense)] if sense else []
    files = [("q", question), *chosen, *([("basis", sense)] if sense else [])]
    body = comparison_html(found, downloads_html("compare", files))
    return framed(body, "/?" + urlencode(asked))


def offered(snapshot: Snapshot, by: By) -> Choices:
    """What can be compared: places with most reports first, years latest first, reports."""
    reports = snapshot.reports
    if by == "region":
        regions = Counter(m.region for m in reports if m.region)
        return [(f"{region}（{n} 篇）", region) for region, n in regions.most_common()]
    if by == "year":
        years = Counter(snapshot.about.tolist())
        return [(f"{year} 年（{n} 段）", str(year)) for year, n in sorted(years.items())[::-1]]
    return [(f"{m.title}", m.id) for m in reports]


def usual(snapshot: Snapshot, by: By) -> list[str]:
    """What is compared where nothing is chosen; years in order."""
    if by == "year":
        years = Counter(snapshot.about.tolist()).most_common(USUAL)
        return sorted(str(year) for year, _ in years)
    return [value for _, value in offered(snapshot, by)[:USUAL]]
