"""The tab 提问 of the page: question box, examples, filters, and what `shown` makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from reportqa.web.address import Address, parse_address, read_address
from reportqa.web.cards import history_html, notice_html
from reportqa.web.events import DIRECT, QUEUED
from reportqa.web.shown import EXAMPLES, Page, Shown, caution_choices
from reportqa.web.words import CHINESE, Words, words_of

__all__ = ["add_asking_tab", "language_of"]

WRITING: dict[str, Any] = {
    **QUEUED,
    "concurrency_limit": 4,  # in a queue of their own: a slow model holds up no search
    "concurrency_id": "generate",
    "show_progress": "hidden",
    "trigger_mode": "multiple",
}

_HERE = Path(__file__).parent
_FILTERS = ("年份", "地区", "类型", "报告")


def language_of(request: gr.Request) -> Words:
    """The words in the language that the visitor's address names."""
    return words_of(request.query_params.get("lang", ""))


def add_asking_tab(blocks: gr.Blocks, page: Page) -> None:
    """Draw the tab and wire its events."""
    with gr.Row(elem_id="ask", equal_height=True):
        question = _question_box()
        button = gr.Button(
            CHINESE("提问"), variant="primary", elem_id="submit", scale=0, min_width=96
        )
    with gr.Row(elem_id="examples"):
        examples = [gr.Button("", size="sm", visible=False) for _ in range(EXAMPLES)]
    folded, filters = _filter_fields()
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    remember = (_HERE / "history.js").read_text(encoding="utf-8")
    history = gr.HTML(
        history_html(), elem_id="history", apply_default_css=False, js_on_load=remember
    )
    holdings = gr.HTML(elem_id="holdings", apply_default_css=False)
    result = gr.HTML(elem_id="result", apply_default_css=False, js_on_load=script)
    standing = gr.State("")  # the question that a follow-up would follow
    shown_now = gr.State(None)

    shown: dict[str, Any] = {
        **DIRECT,
        "show_progress": "minimal",
        "show_progress_on": [result],
        "trigger_mode": "always_last",
    }
    given, told = [question, *filters, standing], [result, standing, shown_now]
    everything = [question, button, folded, *filters, *told]
    events = [
        gr.on([question.submit, button.click], _asking(page), given, told, **shown),
        gr.on([f.input for f in filters], _narrowing(page), given, told, **shown),
        result.submit(_going(page), None, everything, **shown),
        blocks.load(_opening(page), None, [*everything, history, holdings, *examples], **shown),
    ]
    for example in examples:
        both = [question, *told]
        events.append(example.click(_ask_example(page), [example, *filters], both, **shown))
    if page.writes:
        events += [e.success(_writing(page), shown_now, result, **WRITING) for e in events]
    for event in events:  # Gradio writes the trace to the log, the visitor gets a sentence
        event.failure(_failing, None, result, **DIRECT)


def _filter_fields() -> tuple[gr.Accordion, list[Any]]:
    """The filters, folded, in the order of the address. What a radio holds is among its choices
    from the start: Enter may be pressed before the page has opened."""
    say = CHINESE
    label = say("筛选（不选为不限）")
    with gr.Accordion(label, open=False, elem_id="filters") as folded, gr.Row():
        fields: list[Any] = [
            gr.Dropdown([], label=say(label), multiselect=True, min_width=200) for label in _FILTERS
        ]
        basis = [(say("不限"), "")]
        wide: dict[str, Any] = {"scale": 2, "min_width": 280}  # its counts in one line
        fields.insert(3, gr.Radio(basis, label=say("完成还是计划"), value="", **wide))
        caution = caution_choices(say)
        fields.append(gr.Radio(caution, label=say("依据不足时"), value="normal", min_width=280))
    return folded, fields


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label=CHINESE("问题"),
        show_label=False,
        container=False,
        placeholder=CHINESE("例如：新增就业目标是多少？"),
        lines=1,
        max_lines=4,
        autofocus=True,
        elem_id="question",
        scale=1,
    )


def _asked(question: str, chosen: Sequence[Any], after: str = "") -> Address:
    years, regions, kinds, basis, reports, caution = chosen
    return Address(
        question,
        tuple(years),
        tuple(regions),
        tuple(kinds),
        basis or "",
        tuple(reports),
        after,
        caution=caution or "normal",
    )


def _asking(page: Page) -> Any:
    """Ask what is in the question box, after the question before it."""

    def ask_it(request: gr.Request, question: str, *chosen: Any) -> tuple[Any, ...]:
        *filters, after = chosen
        shown = page.show(_asked(question, filters, after), language_of(request))
        return shown.html, shown.standing, shown

    return ask_it


def _narrowing(page: Page) -> Any:
    """Ask again as soon as a filter is set, where there is a question."""
    ask_it = _asking(page)

    def narrow(request: gr.Request, question: str, *chosen: Any) -> tuple[Any, ...]:
        if not question.strip():
            return gr.skip(), gr.skip(), gr.skip()
        *filters, _ = chosen
        return ask_it(request, question, *filters, "")  # type: ignore[no-any-return]

    return narrow


def _writing(page: Page) -> Any:
    """Let the model write below what is shown already; a generator that ends at once would clear
    it."""

    def write_it(shown: Shown | None) -> Iterator[Any]:
        yield gr.skip()
        if shown:  # a page that opens without a question has shown nothing
            yield from page.write(shown)

    return write_it


def _ask_example(page: Page) -> Any:
    """Put an example into the question box and ask it."""

    def ask_example(request: gr.Request, text: str, *chosen: Any) -> tuple[Any, ...]:
        shown = page.show(_asked(text, chosen), language_of(request))
        return text, shown.html, shown.standing, shown

    return ask_example


def _going(page: Page) -> Any:
    """Follow a link of the page without loading it anew."""

    def go(request: gr.Request, event: gr.EventData) -> list[Any]:
        return _show_address(page, parse_address(str(event.address)), language_of(request))

    return go


def _opening(page: Page) -> Any:
    """What the page shows at first: filled in and asked where its address holds a question."""

    def open_page(request: gr.Request) -> list[Any]:
        address, say = read_address(request.query_params), language_of(request)
        examples = page.examples()
        return [
            *_show_address(page, address, say),
            history_html(say),
            page.holdings(say),
            *(
                gr.Button(examples[i], visible=True)
                if i < len(examples)
                else gr.Button(visible=False)
                for i in range(EXAMPLES)
            ),
        ]

    return open_page


def _show_address(page: Page, address: Address, say: Words) -> list[Any]:
    """Question, filters and result as an address has them; a filter that is not on offer is not
    set."""
    offers = page.choices(say)

    def offered(values: Sequence[str], choices: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        known = {value for _, value in choices}
        return tuple(value for value in values if value in known)

    address = replace(
        address,
        years=offered(address.years, offers.years),
        regions=offered(address.regions, offers.regions),
        kinds=offered(address.kinds, offers.kinds),
        reports=offered(address.reports, offers.reports),
    )
    shown = page.show(address, say) if address.question else None
    # what the visitor has typed meanwhile stays
    asked: dict[str, Any] = {"value": address.question} if address.question else {}
    return [
        gr.Textbox(**asked, placeholder=say("例如：新增就业目标是多少？")),
        gr.Button(say("提问")),
        # nobody should overlook a filter that came along
        gr.Accordion(label=say("筛选（不选为不限）"), open=address.filtered),
        gr.Dropdown(choices=offers.years, value=list(address.years), label=say("年份")),
        gr.Dropdown(choices=offers.regions, value=list(address.regions), label=say("地区")),
        gr.Dropdown(choices=offers.kinds, value=list(address.kinds), label=say("类型")),
        gr.Radio(choices=offers.bases, value=address.basis, label=say("完成还是计划")),
        gr.Dropdown(choices=offers.reports, value=list(address.reports), label=say("报告")),
        gr.Radio(choices=offers.cautions, value=address.caution, label=say("依据不足时")),
        *((shown.html, shown.standing, shown) if shown else (gr.skip(), gr.skip(), gr.skip())),
    ]


def _failing(request: gr.Request) -> str:
    say = language_of(request)
    why = say("服务器遇到意外问题，已记入日志，请稍后再试。")
    return notice_html(say("出错了"), why, "failed")
