"""Question for a figure and its best sentences → why no figure of theirs is the one asked for.

A figure must be of that name, of that year, achieved or planned as asked, in the measure asked
for. Everyday wording shares no word with the reports, so words prove something only where a
question is put in theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from reportqa.evidence import same_unit
from reportqa.fitting import (
    NAMED,
    THINGS,
    agrees,
    likeness,
    measure,
    measure_asked,
    of_years,
    overlaps,
    share_said,
    words,
)
from reportqa.records import Evidence, Figure, Hit, Span, Understanding

__all__ = [
    "CLAUSE",
    "FROM",
    "READ",
    "SAME",
    "WORDED",
    "Caution",
    "Found",
    "doubt_figure",
    "of_whole",
    "quoted",
    "text_around",
    "words_of",
]  # fmt: skip

Found = tuple[Hit, Evidence]
"""A sentence, in the passage it was found in."""

Caution = Literal["low", "normal", "high"]
"""How readily an answer is refused: low only where no report or passage is there; normal where
what is asked for does not stand in the evidence; high also where hardly a word of it does."""

READ = 3  # best sentences in which what is asked for is looked for
SAID = 2  # of them that may be said
MENTIONED = 0.25  # share of the topic's words in the best passage from which it is mentioned
WORDED = 0.5  # the same in all passages found: the question is put in the reports' words
SAME = 0.5  # the same, for an indicator whose years and sense are held against the question
NAME = 3  # words of a figure's name from which it is told by them
STANDS = 0.45  # share of them that must stand in a figure's sentence
HALF = 0.5  # the same of a rate's name before its last word, and of an indicator like it
CLOSE = 8.0  # of evidence score: further behind the best sentence, another is about something else

FROM = re.compile(r"[由从](\d[\d.]*[^\d增提减下降到至年]*)[增提减下降到至]")
"""A rise or a fall from a figure that the question knows."""
CLAUSE = re.compile(
    r"[的没之]|了(?!解)|能(?![源力耗效量级])|着(?![力陆装])|过(?![程渡剩])|给(?![水排养])"
)
"""What makes a topic a clause."""
_MONEY = re.compile(
    r"(?:补贴|补助|奖励|奖金|租金|房租|工资|薪水?|均价|单价|票价|[房股油]价|投资|造价)"
    r"(?:资金|金额|总额|额|标准)?$"
)
# What is measured, as it ends a topic → how a sentence that tells it puts it.
_HEADS = (
    ("产量", "产(?![业值品能])"),
    ("销量", "销|卖|售"),
    ("销售额", "销|卖|售"),
    ("客流量", "客流|人次|游客|旅客"),
    ("吞吐量", "吞吐"),
    ("利润", "利润|利税|盈利"),
    ("工资", "工资|薪"),
    ("注册资本", "注册资本"),
    ("人口", "人口|[万亿]人|人数"),
    ("成本", "成本"),
    ("债务", "债务|负债|债券"),
)
_SPOKEN = re.compile(
    rf"{CLAUSE.pattern}|[想那这跑搞弄拿掏添爹婆娃]|把(?![握关])|被(?!动)|让(?![利渡])|冲(?!击)|"
    r"(?<!覆)盖|花(?![卉园费生])|叫|老人家|乡下|人家"
)
# A bare measure is of all of a place: of its land, its inhabitants, not of a part of them.
_BARE = re.compile(r"(?:的|总|一共|大概|大约)*(面积|人口|人数)(?:的|大小|总?数|总量|规模)*")
_ALL = re.compile(
    r"(?:全[国省市县区州域]|本?[省市县区州]域?|国土|土地|陆地|行政区划?|行政区域|区域|辖区|幅员|版图|"
    r"总|常住|户籍|年末|末|总计|的)*(?:面积|人口|人数|总数)"
)
_STOCK = re.compile(r"有(?:多少|几多|几)")
_ADDED = re.compile(
    r"新(?:建|增|设|开|添|引进|改)|[改扩]建|改造|(?<!累计)(?<!已)建成|投用|接收|移交|引进|整治|关停"
)
_PART = re.compile(
    r"新增|城镇(?!化)|农村|乡村|贫困|脱贫|流动|老年|低收入|劳动|转移|受[灾益]|覆盖|服务"
)
_RATE = re.compile(r"(?:.*[的、])?(.{2,}?)(.{2})(?:率|覆盖面)")


def doubt_figure(
    question: str,
    understood: Understanding,
    best: Sequence[Found],
    caution: Caution,
) -> str | None:
    """Why the best sentences, best first, have no figure that answers; None where they may."""
    topic = words(*understood.topic)
    read = best[:READ]
    if "第几" in question:  # which of a row is no figure
        return None
    if doubt := _doubt_part(question, understood, read):
        return doubt
    if not topic:
        return None
    figures = [figure for _, one in read for figure in one.figures]
    if known := FROM.search(question):
        told = any(figure.text.startswith(known[1]) for figure in figures)
        return None if told else f"相关段落没有提到“{known[1]}”"
    unit = understood.unit
    if unit is None and any(map(_MONEY.search, understood.topic)):
        unit = "元"
    fitting = [f for f in figures if unit is None or same_unit(unit, f.unit)]
    same = [f for f in fitting if likeness(f, understood) >= SAME]
    if doubt := _doubt_scope(understood, same):
        return doubt
    named = max((likeness(figure, understood) for figure in fitting), default=0.0)
    spoken = any(map(_SPOKEN.search, understood.topic))
    near = spoken and any(f in fitting and likeness(f, understood) > 0 for f in best[0][1].figures)
    if named < NAMED and not near and (doubt := _doubt_name(understood, best, caution)):
        return doubt
    if doubt := _doubt_measure(question, understood, read) or _doubt_head(understood, read):
        return doubt
    if understood.language != "en" and not _holds_name(understood, read):
        return f"报告没有给出“{'、'.join(understood.topic)}”的数字"
    if fitting and not any(overlaps(figure, understood) for figure in fitting):
        return "最接近的数字不是所问的年份，或不是所问的计划数、实际数"
    return None


def of_whole(question: str, understood: Understanding, best: Sequence[Found]) -> list[Found]:
    """The sentences, best first; where a place's whole area or population is asked for, those that
    tell it, if there are any, without those that tell a part."""
    if understood.asked != "figure" or _whole_asked(question, understood) is None:
        return list(best)
    return list(filter(_tells_whole, best)) or list(best)


def _whole_asked(question: str, understood: Understanding) -> str | None:
    """What of a place is asked for as a whole: 面积, 人口; None where nothing is."""
    bare = [_BARE.fullmatch(part) for part in understood.topic]
    if not bare:
        return "面积" if "多大" in question else "人口" if understood.unit == "人" else None
    return bare[0][1] if bare[0] and all(bare) else None


def _tells_whole(found: Found) -> bool:
    return any(
        _ALL.fullmatch(figure.indicator) and not _PART.search(_clause(found, figure))
        for figure in found[1].figures
    )


def _doubt_part(question: str, understood: Understanding, read: Sequence[Found]) -> str | None:
    """Where all of something is asked for, and every figure is of a part of it: of the area sown,
    of the schools newly built."""
    if whole := _whole_asked(question, understood):
        return None if any(map(_tells_whole, read[:SAID])) else f"报告没有给出所问的总{whole}"
    if not _STOCK.search(question) or _ADDED.search(question):
        return None
    said = "、".join(understood.topic)
    things = [
        (found, figure)
        for found in read[:SAID]
        for figure in found[1].figures
        if measure(figure) == THINGS and likeness(figure, understood) >= NAMED
    ]
    names = [re.sub("[“”]", "", figure.indicator) for _, figure in things]
    if names and all(said in name.removesuffix(said) for name in names):
        return f"报告提到了相关内容，但没有给出“{said}”的数字"
    if things and all(_ADDED.search(_clause(*one)) for one in things):
        return f"报告只说了新增、新建或改造的数量，没有说一共有多少“{said}”"
    return None


def _clause(found: Found, figure: Figure) -> str:
    """The clause of its sentence that a figure stands in, with its name."""
    hit, evidence = found
    before = hit.passage.quote(Span(evidence.span.start, figure.start))
    behind = hit.passage.quote(Span(figure.start, evidence.span.end))
    clause = re.split("[，,；;：:。]", before)[-1] + re.split("[，,；;：:。]", behind)[0]
    return f"{figure.indicator} {clause}"


def _doubt_name(understood: Understanding, best: Sequence[Found], caution: Caution) -> str | None:
    """Where no figure is of the name asked for, and the reports put the question in its words."""
    topic = words(*understood.topic)
    said = "、".join(understood.topic)
    mentioned = len(topic & words(text_around(best[0][0]))) / len(topic)
    worded = mentioned >= MENTIONED or len(topic & words_of(best)) > WORDED * len(topic)
    if not worded and caution != "high":
        return None
    if mentioned:
        return f"报告提到了相关内容，但没有给出“{said}”的数字"
    return f"报告没有提到“{said}”"


def _doubt_measure(question: str, understood: Understanding, read: Sequence[Found]) -> str | None:
    """Where money, a share, a length or a time is asked for, or a number of things, and the best
    sentences have figures of other measures only."""
    asked = measure_asked(question, understood.unit)
    if asked is None or any(measure(figure) == asked for figure in read[0][1].figures):
        return None
    close = [one for _, one in read if read[0][1].score - one.score <= CLOSE]
    told = [f for one in close for f in one.figures if measure(f) == asked]
    if any(likeness(figure, understood) >= NAMED for figure in told):
        return None
    return f"最接近的原文没有给出“{'、'.join(understood.topic)}”的数字"


def _holds_name(understood: Understanding, read: Sequence[Found]) -> bool:
    """Whether a sentence with a figure holds a good part of the words by which the reports would
    call what is asked for, of a rate its last word too; true of everyday wording and of names of
    few words, which are weighed elsewhere."""
    said = [(quoted(found), found[1]) for found in read if found[1].figures]
    rate = _RATE.fullmatch(understood.topic[-1])
    if rate and rate[1]:
        held = [quote for quote, _ in said if rate[2] in quote]
        return any(share_said(words(rate[1]), quote) >= HALF for quote in held)
    topic = words(*understood.topic)
    if len(topic) < NAME or any(map(_SPOKEN.search, understood.topic)):
        return True
    return any(
        share_said(topic, quote) >= STANDS
        or any(likeness(figure, understood) >= HALF for figure in evidence.figures)
        for quote, evidence in said
    )


def _doubt_head(understood: Understanding, read: Sequence[Found]) -> str | None:
    """Where the topic ends in what is measured (产量, 利润), and no figure's sentence tells it."""
    last = understood.topic[-1]
    head = next(((name, told) for name, told in _HEADS if last.endswith(name)), None)
    if head is None or any(re.search(head[1], quoted(one)) for one in read if one[1].figures):
        return None
    return f"报告提到了相关内容，但没有给出“{'、'.join(understood.topic)}”的数字"


def _doubt_scope(understood: Understanding, figures: Sequence[Figure]) -> str | None:
    """Where the figures of that name are all of other years, or of the other sense."""
    if not figures or any(agrees(figure, understood) for figure in figures):
        return None
    name = max(figures, key=lambda figure: len(figure.indicator)).indicator
    told = "、".join(sorted({_scope_text(figure) for figure in figures}))
    of_year = [f for f in figures if not understood.years or of_years(f, understood.years)]
    asked = "、".join(f"{year}年" for year in understood.years)
    if of_year:
        asked += {"plan": "计划目标", "actual": "实际完成", None: ""}[understood.basis]
    return f"报告里的“{name}”是{told}的数字，没有{asked}的"


def _scope_text(figure: Figure) -> str:
    """The years of a figure, and its sense."""
    sense = {"planned": "计划目标", "achieved": "实际完成", "estimated": "预计完成", None: ""}
    years = ""
    if figure.years:
        first, last = figure.years
        years = f"{first}年" if first == last else f"{first}–{last}年"
    return f"{years}{sense[figure.basis]}"


def words_of(found: Sequence[Found]) -> set[str]:
    """The words of passages, their headings and what their figures are of."""
    around = (text_around(hit) for hit in {hit.row: hit for hit, _ in found}.values())
    indicators = {figure.indicator for _, one in found for figure in one.figures}
    return words(*around, *indicators)


def text_around(hit: Hit) -> str:
    """A passage under its headings."""
    return " ".join((*hit.passage.section.headings, hit.passage.text))


def quoted(found: Found) -> str:
    """The sentence, verbatim."""
    hit, evidence = found
    return hit.passage.quote(evidence.span)
