"""The tab 报告库: which reports are at hand, of which snapshot and model, what the build said."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from reportqa.web.asking_tab import language_of
from reportqa.web.cards import escape
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT
from reportqa.web.tables import corpus_html, framed
from reportqa.web.words import CHINESE, Words

__all__ = ["add_corpus_tab", "corpus_shown", "snapshot_news"]

LOOK_EVERY = 10.0  # seconds

_HERE = Path(__file__).parent


def add_corpus_tab(blocks: gr.Blocks, desk: Desk, tab: gr.Tab) -> None:
    """Draw the tab and wire its events. It looks for a newer snapshot once it was opened."""
    news = gr.HTML(elem_id="corpus-news", apply_default_css=False)
    with gr.Row(elem_classes="asked"):
        wanted = gr.Textbox(value="", elem_id="corpus-words", **_field_words(CHINESE))
    script = (_HERE / "views.js").read_text(encoding="utf-8")
    result = gr.HTML(elem_id="corpus-result", apply_default_css=False, js_on_load=script)
    shown_of = gr.State("")
    timer = gr.Timer(LOOK_EVERY, active=False)

    def look(request: gr.Request, words: str, seen: str) -> list[Any]:
        """The tab as it is now; nothing where the snapshot is the one that was shown."""
        generation, say = desk.newest().generation, language_of(request)
        if generation == seen:
            return [gr.skip(), gr.skip(), gr.skip()]
        return [snapshot_news(desk, say), corpus_shown(desk, words, say), generation]

    def show(request: gr.Request, words: str) -> str:
        return corpus_shown(desk, words, language_of(request))

    def open_tab(request: gr.Request, words: str, seen: str) -> list[Any]:
        return [*look(request, words, seen), gr.Timer(active=True)]

    def open_page(request: gr.Request, words: str, seen: str) -> list[Any]:
        """What the address asks for, in the visitor's language."""
        given = request.query_params
        words = given.get("words", "") or words
        timer = gr.Timer(active=given.get("tab") == "corpus")
        written: dict[str, Any] = {"value": words} if words else {}
        field = gr.Textbox(**written, **_field_words(language_of(request)))
        return [*look(request, words, seen), timer, field]

    quiet: dict[str, Any] = {**DIRECT, "show_progress": "hidden"}
    given, told = [wanted, shown_of], [news, result, shown_of]
    wanted.change(show, wanted, result, trigger_mode="always_last", **quiet)
    timer.tick(look, given, told, **quiet)
    tab.select(open_tab, given, [*told, timer], **quiet)
    blocks.load(open_page, given, [*told, timer, wanted], **quiet)


def _field_words(say: Words) -> dict[str, Any]:
    return {"label": say("筛选报告"), "placeholder": say("标题、地区、年份或类型里的字词")}


def corpus_shown(desk: Desk, words: str, say: Words = CHINESE) -> str:
    """The reports that hold these words, with the address that lists them again."""
    asked = [("tab", "corpus"), *([("words", words)] if words.strip() else [])]
    return framed(corpus_html(desk.newest(), words, say), "/?" + urlencode(asked))


def snapshot_news(desk: Desk, say: Words = CHINESE) -> str:
    """Whether the running page took up a newer snapshot, or could not."""
    said = []
    if desk.taken_up:
        taken_up = "{time:%m月%d日 %H:%M:%S} 已换用新的索引 {name}。"
        said.append(say(taken_up, time=desk.taken_up, name=desk.snapshot.generation))
    if desk.trouble:
        said.append(say("有一份更新的索引打不开，仍在使用上一份；管理员可查看日志。"))
    return f'<p class="news" role="status">{escape("".join(said))}</p>' if said else ""
