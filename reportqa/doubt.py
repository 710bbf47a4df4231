"""Question and its best sentences → why the reports do not answer it, or None where they may.

What is asked for must stand in the evidence: a figure of that name, of that year, achieved or
planned as asked; a date where a time is asked; a cause where a reason is. Each check names what is
missing, and says nothing where the question's wording shares no word with the reports: everyday
wording finds its sentence by meaning, and there words prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from reportqa.evidence import plain_words, same_unit
from reportqa.records import Evidence, Figure, Hit, Understanding

__all__ = ["CAUTIONS", "TIME", "Caution", "find_doubt", "of_years"]

Caution = Literal["low", "normal", "high"]
"""How readily an answer is refused: low only where no report or passage is there; normal where
what is asked for does not stand in the evidence; high also where hardly a word of it does."""

CAUTIONS: tuple[Caution, ...] = ("low", "normal", "high")

READ = 3  # best sentences in which what is asked for is looked for
MENTIONED = 0.25  # share of the topic's words in the best passage from which it is mentioned
NAMED = 0.34  # share of words that an indicator and the topic have in common
SAME = 0.5  # the same, for an indicator whose years and sense are held against the question

TIME = re.compile(
    r"\d+年|\d+月|\d+日|[一二三四]季度|[上下]半年|[一二三四五六七八九十]+[年月]|年[内底末初]"
)
_CAUSE = re.compile(r"因|由于|受.{0,20}影响|缘于|主要是|导致|鉴于|考虑|为了")
_POST = re.compile(r"(?:[省市区县州]长|书记|主席|总理|主任|部长|局长|行长|院长|校长)")
_PERSON = re.compile(
    r"谁(?!更|的?[^，？?]{0,12}[高低多少快慢大小])|哪位|姓名|叫什么名字|\bwho\b", re.I
)


def find_doubt(
    question: str,
    understood: Understanding,
    best: Sequence[tuple[Hit, Evidence]],
    caution: Caution = "normal",
) -> str | None:
    """Why the best sentences, best first, do not answer the question; None where they may."""
    if caution == "low" or not best:
        return None
    read = best[:READ]
    text = "\n".join(map(_quote, read))
    if understood.asked == "figure":
        return _doubt_figure(understood, read, caution)
    if understood.asked == "time" and not TIME.search(_quote(read[0])):
        return "最接近的原文没有说时间"
    if understood.asked == "reason" and not _CAUSE.search(text):
        return "相关段落没有说原因，也没有证实所问的事"
    if (
        _PERSON.search(question)
        and understood.asked == "name"
        and not _names_holder(question, text)
    ):
        return "相关段落没有提到所问的人"
    return None


def _quote(found: tuple[Hit, Evidence]) -> str:
    hit, evidence = found
    return hit.passage.quote(evidence.span)


def _doubt_figure(
    understood: Understanding, read: Sequence[tuple[Hit, Evidence]], caution: Caution
) -> str | None:
    topic = {word for part in understood.topic for word in plain_words(part)}
    if not topic:
        return None
    figures = [figure for _, one in read for figure in one.figures]
    fitting = [f for f in figures if understood.unit is None or same_unit(understood.unit, f.unit)]
    if doubt := _doubt_scope(understood, [f for f in fitting if _likeness(f, topic) >= SAME]):
        return doubt
    passage = read[0][0].passage
    around = set(plain_words(" ".join((*passage.section.headings, passage.text))))
    mentioned = len(topic & around) / len(topic)
    named = max((_likeness(figure, topic) for figure in fitting), default=0.0)
    least = 0.0 if caution == "high" else MENTIONED
    if named < NAMED and mentioned >= least:
        said = "、".join(understood.topic)
        return (
            f"报告提到了相关内容，但没有给出“{said}”的数字"
            if mentioned
            else f"报告没有提到“{said}”"
        )
    return None


def _doubt_scope(understood: Understanding, figures: Sequence[Figure]) -> str | None:
    """Where the figures of that name are all of other years, or all of the other sense."""
    if not figures or any(figure.years is None for figure in figures):
        return None
    name = max(figures, key=lambda figure: len(figure.indicator)).indicator
    if understood.years and not any(of_years(figure, understood.years) for figure in figures):
        told = "、".join(sorted({_years_text(figure) for figure in figures}))
        asked = "、".join(f"{year}年" for year in understood.years)
        return f"报告里的“{name}”是{told}的，没有{asked}的"
    if understood.basis and all(
        figure.basis and (figure.basis == "planned") != (understood.basis == "plan")
        for figure in figures
    ):
        there, asked = ("计划目标", "实际完成")
        if understood.basis == "plan":
            there, asked = asked, there
        return f"报告里的“{name}”是{there}的数字，没有{asked}的"
    return None


def of_years(figure: Figure, years: Sequence[int]) -> bool:
    """Whether a figure is of the years asked for. One of several years is of their last, as a
    level reached or a total up to then, and of no single year before."""
    if figure.years is None:
        return True
    first, last = figure.years
    return last in years if len(years) == 1 else any(first <= year <= last for year in years)


def _years_text(figure: Figure) -> str:
    assert figure.years is not None
    first, last = figure.years
    return f"{first}年" if first == last else f"{first}–{last}年"


def _likeness(figure: Figure, topic: set[str]) -> float:
    """The share of words that an indicator and the topic have in common, of the shorter."""
    indicator = set(plain_words(figure.indicator))
    if not indicator:
        return 0.0
    return len(indicator & topic) / min(len(indicator), len(topic))


def _names_holder(question: str, text: str) -> bool:
    """Whether a post that the question names, or any, stands beside a name in the text."""
    posts = _POST.findall(question) or [_POST.pattern]
    name = r"(?:[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff] [\u4e00-\u9fff])"
    return any(re.search(rf"{post}[ \t　:：]+{name}(?=\s|$|[，。）)])", text) for post in posts)
