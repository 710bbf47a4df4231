"""The tab 指标: an indicator across all reports, as a chart and as a table of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from reportqa.errors import QuestionError
from reportqa.figures import find_figures
from reportqa.figures.series import draw_charts
from reportqa.filters import make_filters
from reportqa.render import BASIS_WORDS
from reportqa.web.asking_tab import language_of
from reportqa.web.cards import notice_html
from reportqa.web.compare_tab import AT_ONCE, failed_html, offered, sense_choices
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.examples import INDICATORS
from reportqa.web.exports import downloads_html
from reportqa.web.tables import figures_html, framed
from reportqa.web.words import CHINESE, Words

__all__ = ["add_figures_tab", "figures_shown"]

MOST_FOUND = 1_000  # figures that are drawn and taken away
REGIONS, YEARS = "地区（不选为全部）", "所述年份（不选为全部）"  # labels, by their Chinese

_HERE = Path(__file__).parent


def add_figures_tab(blocks: gr.Blocks, desk: Desk) -> None:
    """Draw the tab and wire its events."""
    indicator, regions, years, basis, button = _fields()
    script = (_HERE / "views.js").read_text(encoding="utf-8")
    result = gr.HTML(elem_id="figure-result", apply_default_css=False, js_on_load=script)

    def show(request: gr.Request, asked: str, of: list[str], spoken: list[str], sense: str) -> str:
        return figures_shown(desk, asked, of, spoken, sense, language_of(request))

    def open_tab(request: gr.Request) -> list[Any]:
        """What the address asks for, in the visitor's language."""
        given, say = request.query_params, language_of(request)
        asked, sense = given.get("indicator", ""), given.get("sense", "")
        sense = sense if sense in BASIS_WORDS else ""
        fields, chosen = [], []
        named = (("region", "place", REGIONS), ("year", "spoken", YEARS))
        for by, name, label in named:
            choices = offered(desk.newest(), by, say)  # type: ignore[arg-type]
            known = {value for _, value in choices}
            chosen.append([value for value in given.getlist(name) if value in known])
            fields.append(gr.Dropdown(choices=choices, value=chosen[-1], label=say(label)))
        shown = figures_shown(desk, asked, chosen[0], chosen[1], sense, say) if asked else ""
        written: dict[str, Any] = {"value": asked} if asked else {}
        return [
            gr.Textbox(**_indicator_words(say), **written),
            *fields,
            gr.Radio(value=sense, **sense_choices(say)),
            gr.Button(say("查数值")),
            shown,
        ]

    asking: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": [result],
        "trigger_mode": "always_last",
    }
    queued = {**QUEUED, "concurrency_limit": AT_ONCE, "concurrency_id": "compare"}
    given = [indicator, regions, years, basis]
    events = [
        gr.on([indicator.submit, button.click], show, given, result, **asking, **queued),
        blocks.load(open_tab, None, [*given, button, result], **asking, **DIRECT),
    ]
    for event in events:
        event.failure(failed_html, None, result, show_progress="hidden", **DIRECT)


def _fields() -> tuple[gr.Textbox, gr.Dropdown, gr.Dropdown, gr.Radio, gr.Button]:
    """The indicator with its filters, and the button that looks for it."""
    with gr.Row(elem_classes="asked"):
        indicator = gr.Textbox(value="", elem_id="indicator", **_indicator_words(CHINESE))
    with gr.Row(elem_classes="choices"):
        regions = gr.Dropdown(
            [],
            label=CHINESE(REGIONS),
            multiselect=True,
            elem_id="figure-regions",
            min_width=260,
        )
        years = gr.Dropdown(
            [], label=CHINESE(YEARS), multiselect=True, elem_id="figure-years",
            min_width=260,
        )  # fmt: skip
        basis = gr.Radio(value="", elem_id="figure-basis", min_width=280, **sense_choices(CHINESE))
    button = gr.Button(
        CHINESE("查数值"), variant="primary", elem_id="figure-submit", elem_classes="go"
    )
    return indicator, regions, years, basis, button


def _indicator_words(say: Words) -> dict[str, Any]:
    return {"label": say("指标"), "placeholder": say("例如：{question}", question=INDICATORS[0])}


def figures_shown(
    desk: Desk,
    indicator: str,
    regions: Sequence[str],
    years: Sequence[str],
    sense: str,
    say: Words = CHINESE,
) -> str:
    """The HTML of an indicator's figures, or of a plain sentence that says why there are none."""
    indicator = indicator.strip()
    filters = make_filters(region=regions, about=years, basis=sense or None)
    try:
        hits = find_figures(desk.newest(), indicator, filters, MOST_FOUND)
    except QuestionError:
        named = "请写出指标的名称，至少两个字，例如“{name}”。"
        said = say(named, name=INDICATORS[0])
        return notice_html(say("还不能查"), said, "refused")
    chosen = [*(("region", r) for r in regions), *(("about", y) for y in years)]
    chosen += [("basis", sense)] if sense else []
    names = {"region": "place", "about": "spoken", "basis": "sense"}
    asked = [("tab", "figures"), ("indicator", indicator)]
    asked += [(names[name], value) for name, value in chosen]
    url = "/?" + urlencode(asked)
    if not hits:
        none = "报告里没有找到“{name}”的数值：换一个说法，或放宽筛选。"
        said = say(none, name=indicator)
        return framed(notice_html(say("没有找到"), said, "abstained"), url)
    downloads = downloads_html("figures", [("indicator", indicator), *chosen], say)
    return framed(figures_html(indicator, hits, draw_charts(hits), downloads, say), url)
