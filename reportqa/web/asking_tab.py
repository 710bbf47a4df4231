"""The tab 提问 of the page: question box, examples, filters, and what `shown` makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from reportqa.render import BASIS_WORDS
from reportqa.web.cards import notice_html
from reportqa.web.shown import EXAMPLES, Page, Shown

__all__ = ["add_asking_tab"]

SEARCHES_AT_ONCE = 4
GENERATIONS_AT_ONCE = 4  # in a queue of their own: a slow model holds up no search

UNEXPECTED = notice_html("出错了", "服务器遇到意外问题，已记入日志，请稍后再试。", "failed")

_HERE = Path(__file__).parent


def add_asking_tab(blocks: gr.Blocks, page: Page) -> None:
    """Draw the tab and wire its events."""
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
