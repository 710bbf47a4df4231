"""A Desk → the Gradio page that asks it, mounted on the web application.

Here is the frame; each tab has a module of its own. The page holds no state: what it shows follows
from its address, so that any answer can be kept and shared.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from reportqa.web.asking_tab import add_asking_tab, language_of
from reportqa.web.batch_tab import add_batch_tab
from reportqa.web.compare_tab import add_compare_tab
from reportqa.web.corpus_tab import add_corpus_tab
from reportqa.web.desk import Desk
from reportqa.web.events import DIRECT
from reportqa.web.figures_tab import add_figures_tab
from reportqa.web.guard import LARGEST_UPLOAD
from reportqa.web.kept import KEPT_SECONDS
from reportqa.web.shown import Page
from reportqa.web.words import CHINESE, Words

if TYPE_CHECKING:
    from fastapi import FastAPI
__all__ = ["mount_page"]

TITLE = "问报告"
MOTTO = "用一句话提问，在政府报告里找到原句、数字和出处，逐句可以核对。"

TABS = (
    ("ask", "提问"),
    ("compare", "对比"),
    ("figures", "指标"),
    ("batch", "批量"),
    ("corpus", "报告库"),
)
"""The tabs by the names that an address has for them, with their labels."""

STYLES = ("base.css", "page.css", "views.css")

_HERE = Path(__file__).parent


def mount_page(
    app: FastAPI,
    desk: Desk,
    page: Page,
    *,
    root_path: str = "",
    feedback: bool = False,
) -> None:
    """Put the page, which asks through the desk, at the root of the application, below the routes
    that are there already; `feedback` puts buttons for it on the page."""
    # Gradio waits for what stands in the head itself, not for what that loads
    ready = "\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in ("copy", "frame"))
    later = '<script src="feedback.js"></script>' if feedback else ""
    gr.mount_gradio_app(
        app,
        _blocks(desk, page),
        "/",
        root_path=root_path or None,
        footer_links=[],
        show_error=False,
        ssr_mode=False,
        max_file_size=LARGEST_UPLOAD,
        theme=_theme(),
        css="".join((_HERE / name).read_text("utf-8") for name in STYLES),
        head=f"<script>{ready}</script>{later}",
    )


def _blocks(desk: Desk, page: Page) -> gr.Blocks:
    blocks = gr.Blocks(
        title=TITLE,
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(KEPT_SECONDS // 4, KEPT_SECONDS),  # of what visitors upload and are given
    )
    plain: dict[str, Any] = {"elem_id": "masthead", "apply_default_css": False}
    with blocks:
        script = (_HERE / "masthead.js").read_text(encoding="utf-8")
        head = gr.HTML(_masthead(CHINESE), js_on_load=script, **plain)
        with gr.Tabs(elem_id="tabs") as tabs:
            drawn = [gr.Tab(CHINESE(label), id=name, elem_id=f"tab-{name}") for name, label in TABS]
            asking, compare, figures, batch, corpus = drawn
            with asking:
                add_asking_tab(blocks, page)
            with compare:
                add_compare_tab(blocks, desk)
            with figures:
                add_figures_tab(blocks, desk)
            with batch:
                add_batch_tab(blocks, desk)
            with corpus:
                add_corpus_tab(blocks, desk, corpus)
        for (name, _), tab in zip(TABS, drawn, strict=True):
            tab.select(None, js=_telling("tab", name))
        told = [head, tabs, *drawn]
        blocks.load(_open_frame, None, told, show_progress="hidden", **DIRECT)
    return blocks


def _telling(event: str, detail: str) -> str:
    """JavaScript that tells the page's own scripts of something, as frame.js wants it."""
    return f"() => document.dispatchEvent(new CustomEvent('{event}', {{detail: '{detail}'}}))"


def _masthead(say: Words) -> str:
    other = (
        '<a href="?" lang="zh-CN">中文</a>'
        if say.english
        else '<a href="?lang=en" lang="en">English</a>'
    )
    return (
        f'<header class="masthead"><div><h1>{say(TITLE)}</h1><p>{say(MOTTO)}</p></div>'
        f"{other}</header>"
    )


def _open_frame(request: gr.Request) -> list[Any]:
    """The frame in the visitor's language, with the tab open that the address names."""
    say = language_of(request)
    asked, names = request.query_params.get("tab", ""), [name for name, _ in TABS]
    # the first is open already, unless the visitor was quicker and has opened another
    opened = gr.Tabs(selected=asked) if asked in names[1:] else gr.skip()
    labels = [gr.Tab(label=say(label)) for _, label in TABS]
    return [_masthead(say), opened, *labels]


def _theme() -> gr.themes.Base:
    """Gradio's plain theme in fonts that are on the visitor's machine: nothing is fetched."""
    sans = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    mono = ["ui-monospace", "Consolas", "monospace"]
    return gr.themes.Base(font=sans, font_mono=mono)
