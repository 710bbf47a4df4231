"""The tab 报告库: which reports are at hand, of which snapshot and model, what the build said."""

from __future__ import annotations

from typing import Any

import gradio as gr

from reportqa.web.cards import escape
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT
from reportqa.web.tables import corpus_html

__all__ = ["add_corpus_tab", "snapshot_news"]

LOOK_EVERY = 10.0  # seconds


def add_corpus_tab(blocks: gr.Blocks, desk: Desk, tab: gr.Tab) -> None:
    """Draw the tab and wire its events. It looks for a newer snapshot once it was opened."""
    news = gr.HTML(elem_id="corpus-news", apply_default_css=False)
    with gr.Row(elem_classes="asked"):
        wanted = gr.Textbox(
            value="",
            label="筛选报告",
            placeholder="标题、地区、年份或类型里的字词",
            elem_id="corpus-words",
        )
    result = gr.HTML(elem_id="corpus-result", apply_default_css=False)
    shown_of = gr.State("")
    timer = gr.Timer(LOOK_EVERY, active=False)

    def look(words: str, seen: str) -> list[Any]:
        """The tab as it is now; nothing where the snapshot is the one that was shown."""
        generation = desk.newest().generation
        if generation == seen:
            return [gr.skip(), gr.skip(), gr.skip()]
        return [snapshot_news(desk), corpus_html(desk.newest(), words or ""), generation]

    def show(words: str) -> str:
        return corpus_html(desk.newest(), words)

    def open_tab(words: str, seen: str) -> list[Any]:
        return [*look(words, seen), gr.Timer(active=True)]

    def open_page(words: str, seen: str, request: gr.Request) -> list[Any]:
        open_at_once = request.query_params.get("tab") == "corpus"
        return [*look(words, seen), gr.Timer(active=open_at_once)]

    quiet: dict[str, Any] = {**DIRECT, "show_progress": "hidden"}
    given, told = [wanted, shown_of], [news, result, shown_of]
    wanted.change(show, wanted, result, trigger_mode="always_last", **quiet)
    timer.tick(look, given, told, **quiet)
    tab.select(open_tab, given, [*told, timer], **quiet)
    blocks.load(open_page, given, [*told, timer], **quiet)


def snapshot_news(desk: Desk) -> str:
    """Whether the running page took up a newer snapshot, or could not."""
    said = []
    if desk.taken_up:
        said.append(
            f"{desk.taken_up:%m月%d日 %H:%M:%S} 已换用新的索引 {desk.snapshot.generation}。"
        )
    if desk.trouble:
        said.append("有一份更新的索引打不开，仍在使用上一份；管理员可查看日志。")
    return f'<p class="news" role="status">{escape("".join(said))}</p>' if said else ""
