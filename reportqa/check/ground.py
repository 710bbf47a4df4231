"""Excerpts → the ground a claim is held to: their sentences, their figures and what each counts.

The one idea: a figure belongs to the words around it. In “A、B 分别完成 x、y 亿元” x is A's and y
is B's; in “A 完成 x，年均增长 y” y is A's too. A claim that gives A's words with B's figure is
wrong although both stand in the quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from reportqa.check.reading import Figure, bigrams, clean, content, read_figures
from reportqa.places import place_names, places_around
from reportqa.records import Basis, Excerpt, Span

__all__ = ["INJECTED", "Counted", "Ground", "Sentence", "count_figures"]

# What speaks to the model or sends the reader somewhere: no report says it, and where one does, it
# supports nothing.
INJECTED = re.compile(
    r"https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|io|example|top|xyz)\b|<\s*/?\s*[a-z!]|javascript:|"
    r"!?\[[^\]]*\]\([^)]*\)|\S+@\S+\.\S+|"
    r"(?:忽略|无视|忘记|忘掉|不要理会|绕过|覆盖)[^，。；]{0,12}(?:指令|指示|提示|要求|规则|内容|设定|限制)|"
    r"系统提示|提示词|大?语言模型|人工智能助手|AI助手|聊天机器人|开发者模式|ignore\s*(?:all|the|previous|above)|"
    r"system\s*(?:prompt|:)|assistant\s*:|(?:作为|我是|你是|扮演)(?:一个|一名|一款)?(?:AI|人工智能|助手|模型)|"
    r"(?:模型|助手|系统)(?:应|应当|必须|只能|须|请)(?:该)?(?:回答|输出|回复|声称)|"
    r"(?:请|务必|必须|应|应该|应当|只需|直接|统一|一律)(?:您|你|读者|用户|大家|立即|直接|按此|如实|统一|改为|只)*"
    r"(?:回答|回复|输出|答复|复述|点击|访问|登录|下载|扫码|扫描|转账|汇款|拨打|添加|转发|输入|填写|联系)|"
    r"(?:扫码|点击|加微信|加群|关注公众号|验证码|银行卡号|领取(?:补贴|红包|奖励|奖品))",
    re.IGNORECASE,
)
_LIST = re.compile(r"、|和|与|以及|及")
_SPLIT = re.compile(r"[，,；;。:：！!？?（）()]")
_TOGETHER = re.compile(r"^(?:左右|以上|以内|以下)?(?:[、和与及~—–-]|以及)$")
LEAST_SUBJECT = 3  # Han characters of a subject; with fewer it is the one before


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure, the words that say what it counts (of its own clause, and of the sentence before
    it), and its clause up to it."""

    figure: Figure
    subject: str
    before: str
    clause: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an excerpt, cleaned, with its figures."""

    excerpt: Excerpt
    span: Span
    text: str
    counted: tuple[Counted, ...]

    @property
    def basis(self) -> Basis | None:
        """Achieved or planned, as the passage has it."""
        return self.excerpt.passage.basis


class Ground:
    """What the cited excerpts say. Sentences that only an injection would write are left out."""

    def __init__(self, excerpts: Sequence[Excerpt], question: str) -> None:
        """Read the excerpts; the question's own words may be repeated."""
        self.excerpts = excerpts
        self.question = clean(question)
        self.sentences = tuple(_read(excerpts))

    @cached_property
    def said(self) -> str:
        """All sentences, cleaned, and the titles and headings above them."""
        return "|".join([*(s.text for s in self.sentences), *self.titles])

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Titles, headings and places of the reports, cleaned."""
        found = [
            clean(text)
            for e in self.excerpts
            for text in (e.passage.metadata.title, *e.passage.section.headings)
        ]
        return (*found, *(clean(name) for name in self.regions))

    @cached_property
    def regions(self) -> frozenset[str]:
        """Every name of the places the reports are of, and of those around them."""
        named = {e.passage.metadata.region for e in self.excerpts} - {None}
        return frozenset().union(
            *(place_names(region) | places_around(region) for region in named if region)
        )

    @cached_property
    def pairs(self) -> set[str]:
        """Pairs of characters that the excerpts, or the question, write."""
        return bigrams(self.said) | bigrams(self.question)


def _read(excerpts: Iterable[Excerpt]) -> Iterable[Sentence]:
    for excerpt in excerpts:
        for span in excerpt.sentences or (excerpt.span,):
            raw = excerpt.passage.quote(span)
            text = clean(raw)
            if text and not INJECTED.search(raw):
                yield Sentence(excerpt, span, text, count_figures(text))


def count_figures(text: str) -> tuple[Counted, ...]:
    """The figures of a cleaned sentence with what each counts."""
    figures = read_figures(text)
    counted: list[Counted] = []
    group: list[Figure] = []
    for at, figure in enumerate(figures):
        group.append(figure)
        following = figures[at + 1] if at + 1 < len(figures) else None
        if following and _TOGETHER.match(text[figure.end : following.start]):
            continue
        after = text[figure.end : following.start if following else len(text)]
        counted += _group(text, group, counted, after)
        group = []
    return tuple(counted)


def _group(
    text: str, group: Sequence[Figure], earlier: Sequence[Counted], after: str
) -> list[Counted]:
    """Figures that stand together (x、y、z) with what each counts: one of as many subjects, or all
    the same one. What follows the last up to a stop (4个养老服务中心) counts too."""
    begin = earlier[-1].figure.end if earlier else 0
    lead = text[begin : group[0].start]
    pieces = _SPLIT.split(lead)
    clause = pieces[-1]
    tail = _SPLIT.split(after)[0]
    tail = tail if not re.search("、", tail) else tail.split("、")[0]
    own = content(clause + "|" + tail)
    items = [item for item in _LIST.split(clause) if item.strip("|")]
    ahead = [c for c in earlier if c.figure.kind != "年数"]
    if len(group) > 1 and len(items) >= len(group):
        subjects = [content(item) for item in items[-len(group) :]]
    elif len(group) > 1 and len(ahead) >= len(group) and "分别" in text[ahead[-1].figure.end :]:
        return [
            Counted(figure, c.subject, text[: figure.start], clause)
            for figure, c in zip(group, ahead[-len(group) :], strict=True)
        ]
    else:
        subjects = [own] * len(group)
    if len(re.sub(r"[^\u3400-\u9fff]", "", own)) < LEAST_SUBJECT:
        previous = content(lead) + "|" + (earlier[-1].subject if earlier else "")
        subjects = [subject + "|" + previous for subject in subjects]
    return [
        Counted(figure, subject, text[: figure.start], clause + "|" + tail)
        for figure, subject in zip(group, subjects, strict=True)
    ]
