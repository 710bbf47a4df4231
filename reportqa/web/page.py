"""A Desk → the Gradio page that asks it, mounted on the web application.

Here is the frame; each tab has a module of its own. The page holds no state: what it shows follows
from its address, so that any answer can be kept and shared.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from reportqa.generate import LLM
from reportqa.web.asking_tab import add_asking_tab
from reportqa.web.desk import Desk
from reportqa.web.shown import Page

if TYPE_CHECKING:
    from fastapi import FastAPI
__all__ = ["mount_page"]

TITLE = "问报告"
MOTTO = "用一句话提问，在政府报告里找到原句、数字和出处，逐句可以核对。"

_HERE = Path(__file__).parent


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
        _blocks(desk, Page(desk, llm, private=private)),
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


def _blocks(desk: Desk, page: Page) -> gr.Blocks:
    blocks = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with blocks:
        masthead = f'<header class="masthead"><h1>{TITLE}</h1><p>{MOTTO}</p></header>'
        gr.HTML(masthead, apply_default_css=False)
        with gr.Tabs(elem_id="tabs") as tabs, gr.Tab("提问", id="ask"):
            add_asking_tab(blocks, page)
        blocks.load(_open_tab, None, tabs, api_visibility="private", show_progress="hidden")
    return blocks


def _open_tab(request: gr.Request) -> gr.Tabs:
    """The tab that the address names."""
    return gr.Tabs(selected=request.query_params.get("tab", "ask"))


def _theme() -> gr.themes.Base:
    """Gradio's plain theme in fonts that are on the visitor's machine: nothing is fetched."""
    sans = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "monospace"]
    return gr.themes.Base(font=sans, font_mono=mono)
