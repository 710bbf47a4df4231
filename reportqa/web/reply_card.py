"""A Reply → the HTML of all the page shows of it: what was understood, answer, evidence."""

from __future__ import annotations

from dataclasses import replace

from reportqa.english import in_chinese
from reportqa.records import Reply, Understanding
from reportqa.render import BASIS_WORDS, years_text
from reportqa.web.address import Address
from reportqa.web.answer_card import answer_html, draft_html
from reportqa.web.cards import escape
from reportqa.web.evidence_cards import Around, evidence_html
from reportqa.web.pointer import Pointer, pointer_html
from reportqa.web.words import CHINESE, Words

__all__ = ["chips_html", "reply_html"]


def reply_html(
    reply: Reply,
    snapshot_line: str,
    address: Address,
    *,
    stated: Understanding | None = None,
    around: Around | None = None,
    draft: str | None = None,
    pointer: Pointer | None = None,
    downloads: str = "",
    say: Words = CHINESE,
) -> str:
    """The whole of one reply: what was understood, answer or abstention, the passages, the line
    below them. `stated` is what the question states, of which the reply may not count all;
    `draft`, where it is not None, what a model has written so far; `pointer` leads to figures,
    `downloads` is the HTML of what can be taken away."""
    parts = []
    if reply.rewritten:
        literal = replace(address, after="", off=())
        parts.append(
            f'<p class="rewritten">{say("按上一个问题理解为：")}'
            f"<strong>{escape(reply.rewritten)}</strong> "
            f'<a href="{escape(literal.url)}" data-go>{say("按原话提问")}</a></p>'
        )
    parts.append(chips_html(stated or reply.understood, address, say))
    parts.append(_english_html(reply, say))
    if pointer is not None:
        parts.append(pointer_html(pointer, say))
    if draft is not None:
        parts.append(draft_html(draft, say))
    parts.append(answer_html(reply, say))
    parts.append(evidence_html(reply, around or {}, say, downloads))
    seconds = say("用时 {seconds:.2f} 秒", seconds=reply.seconds)
    parts.append(f'<p class="colophon">{seconds} · {escape(snapshot_line)}</p>')
    return "".join(parts)


def _english_html(reply: Reply, say: Words) -> str:
    """How a question in English was looked for among Chinese reports."""
    if reply.understood.language != "en":
        return ""
    words = "、".join(in_chinese(reply.rewritten or reply.question).split())
    said = (
        say("英文问题按这些词查找：{words}。答非所问时，请改用中文提问。", words=words)
        if words
        else say("报告是中文，英文问题只能按大意查找。答非所问时，请改用中文提问。")
    )
    return f'<p class="hint" role="note">{escape(said)}</p>'


def chips_html(stated: Understanding, address: Address, say: Words = CHINESE) -> str:
    """What was understood, each part a link that asks without it, or with it again."""
    missing = say("没有{places}的报告", places="、".join(stated.missing)) if stated.missing else ""
    shown = {
        "year": "、".join(say("{years}年", years=years) for years in years_text(stated.years)),
        "report_year": "、".join(
            say("{years}年报告", years=years) for years in years_text(stated.report_years)
        ),
        "region": "、".join(stated.regions),
        "kind": "、".join(stated.kinds),
        "basis": say(BASIS_WORDS[stated.basis]) if stated.basis else "",
        "spelling": say("按“{question}”查找", question=stated.spelt) if stated.spelt else "",
    }
    chips = "".join(_chip_html(part, what, address, say) for part, what in shown.items() if what)
    if missing:
        chips += _chip_html("region", missing, address, say, "lacking")
    if not chips:
        return ""
    return f'<div class="chips"><span>{say("问题理解")}</span><ul>{chips}</ul></div>'


def _chip_html(part: str, what: str, address: Address, say: Words, kind: str = "") -> str:
    off = part in address.off
    label = say("重新计入：{what}" if off else "不计入：{what}", what=what)
    name = " ".join(filter(None, ("chip", kind, "off" if off else "")))
    url = escape(address.toggled(part).url)
    return (
        f'<li><a class="{name}" href="{url}" '
        f'data-go aria-label="{escape(label)}" title="{escape(label)}">'
        f'{escape(what)}<span aria-hidden="true">{"＋" if off else "×"}</span></a></li>'
    )
