"""Question and its best sentences → why the reports do not answer it, or None where they may.

What is asked for must stand in the evidence: a figure of that name, of that year, achieved or
planned as asked; a date where a time is asked; a cause where a reason is; a term that is asked
about by its name. Each check names what is missing. Everyday wording finds its sentence by meaning
and shares no word with the reports: words prove something only where a question is put in theirs,
or is a bare term.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from reportqa.beside import find_beside
from reportqa.english import in_chinese
from reportqa.evidence import plain_words, same_unit
from reportqa.fitting import agrees, likeness, measure, measure_asked, of_years, overlaps, words
from reportqa.lexical import tokens
from reportqa.records import Evidence, Figure, Hit, Understanding

__all__ = ["CAUTIONS", "FROM", "TIME", "Caution", "find_doubt"]

Caution = Literal["low", "normal", "high"]
"""How readily an answer is refused: low only where no report or passage is there; normal where
what is asked for does not stand in the evidence; high also where hardly a word of it does."""

CAUTIONS: tuple[Caution, ...] = ("low", "normal", "high")

READ = 3  # best sentences in which what is asked for is looked for
MENTIONED = 0.25  # share of the topic's words in the best passage from which it is mentioned
WORDED = 0.5  # the same in all passages found: the question is put in the reports' words
NAMED = 1 / 3  # share of words that an indicator and the topic have in common
SAME = 0.5  # the same, for an indicator whose years and sense are held against the question
NAME = 3  # words of a figure's name from which it is told by them
STANDS = 0.45  # share of them that must stand in a figure's sentence
HALF = 0.5  # the same of a rate's name before its last word, and of an indicator like it
TERM = 6  # words of a topic that is a bare term, not a clause
HELD = 0.3  # share of such a topic's words that must stand in the best passage
CLOSE = 8.0  # of evidence score: further behind the best sentence, another is about something else
OTHERS = 5  # sentences behind the first that a question in another language is weighed against,
LEAD = 1.3  # and how far, in evidence score, the first must be ahead of the last of them,
LONG_TERM = 4  # characters of a Chinese term from which it is no common word
UNWORDED = 2.0  # and how far where it holds none of the Chinese words of the question's terms

TIME = re.compile(
    r"\d+年|\d+月|\d+日|[一二三四]季度|[上下]半年|[一二三四五六七八九十]+[年月]|年[内底末初]"
)
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
_CLAUSE = re.compile(
    r"[的没之]|了(?!解)|能(?![源力耗效量级])|着(?![力陆装])|过(?![程渡剩])|给(?![水排养])"
)
_SPOKEN = re.compile(
    rf"{_CLAUSE.pattern}|[想那这跑搞弄拿掏添爹婆娃]|把(?![握关])|被(?!动)|让(?![利渡])|冲(?!击)|"
    r"(?<!覆)盖|花(?![卉园费生])|叫|老人家|乡下|人家"
)
_RATE = re.compile(r"(?:.*[的、])?(.{2,}?)(.{2})(?:率|覆盖面)")
_ORDINAL = re.compile(r"第[一二三四五六七八九十百\d]+(?:届|次|批|期|家|个|座|所|条)")
_QUOTED = re.compile(r"[“「『\"]([^”」』\"]{2,20})[”」』\"]")
_LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SEPARATOR = re.compile(r"[、，；,;]|[和与及]")
_DOWN = (
    r"下降|下滑|下跌|降低|减少|负增长|萎缩|恶化|变差|取消|叫停|停止|停办|暂停|撤销|废除|放弃|失败|关闭|"
    r"没有?(?:完成|达到|实现)|未(?:能)?(?:完成|达到|实现)|"
    r"(?i:\b(?:shrink|shrank|f[ae]ll(?:en)?|declin\w+|dropp?\w*|decreas\w+|worsen\w*|scrap\w*|"
    r"cancel\w*|abandon\w*|suspend\w*|stop(?:ped)?|fail\w*)\b)"
)
_WAY = rf"(?:{_DOWN}|上升|上涨|增[加长多]|提高|扩大|变[好坏多少大小])了?$"
_CAUSE = re.compile(r"因|由于|受.{0,20}影响|缘于|主要是|导致|鉴于|考虑|为了")
_POST = re.compile(r"(?:[省市区县州]长|书记|主席|总理|主任|部长|局长|行长|院长|校长)")
_DOER = re.compile(
    r"[哪谁](?:[家个位些](?:\w{0,4}?(?:公司|企业|单位|机构|集团|院|校|部门|人))?)?(?:来)?"
    r"(设计|承建|施工|建设|投资|运营|生产|研发|制造|管理|主办|承办|出资|编制|命名|发明|撰写)的[？?]?$"
)
_PERSON = re.compile(
    rf"谁(?!来|更|的?[^，？?]{{0,12}}[高低多少快慢大小])|哪位|姓名|{_POST.pattern}.{{0,4}}叫什么|\bwho\b",
    re.I,
)
FROM = re.compile(r"[由从](\d[\d.]*[^\d增提减下降到至年]*)[增提减下降到至]")


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
    if doubt := find_beside(question, understood, read):
        return doubt
    if understood.asked == "figure" and (
        doubt := _doubt_figure(question, understood, best, caution)
    ):
        return doubt
    if understood.asked == "list" and (doubt := _doubt_items(question, read[0])):
        return doubt
    return (
        _doubt_years(understood, read)
        or _doubt_kind(question, understood, read)
        or _doubt_named(question, best)
        or _doubt_ordinal(question, read)
        or _doubt_term(question, understood, read)
        or _doubt_lead(question, understood, best)
    )


def _doubt_years(understood: Understanding, read: Sequence[tuple[Hit, Evidence]]) -> str | None:
    """Where the passages speak of years, and of none that is asked for."""
    told = {year for hit, _ in read for year in hit.passage.about}
    text = "".join(_around(hit) for hit, _ in read)
    if not understood.years or not told or told & set(understood.years):
        return None
    if any(str(year) in text for year in understood.years):
        return None
    asked = "、".join(f"{year}年" for year in understood.years)
    return f"相关段落说的不是{asked}"


def _doubt_named(question: str, best: Sequence[tuple[Hit, Evidence]]) -> str | None:
    """Where what a Chinese question names in quotation marks or Latin letters is in no passage."""
    if not _HAN.search(question):
        return None
    found = _words_of(best)
    for name in (*_QUOTED.findall(question), *_LATIN.findall(question)):
        named = words(name)
        if named and len(named & found) / len(named) < WORDED:
            return f"报告没有提到“{name}”"
    return None


def _doubt_kind(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> str | None:
    """Where a time, a reason or a person is asked for and none is told."""
    text = "\n".join(map(_quote, read))
    if understood.asked == "time" and not TIME.search(_quote(read[0])):
        return "最接近的原文没有说时间"
    if understood.asked == "reason":
        topic = words(*understood.topic) if understood.language != "en" else set()
        if topic and len(topic & set(plain_words(_around(read[0][0])))) < HELD * len(topic):
            return f"报告没有提到“{'、'.join(understood.topic)}”"
        if not _CAUSE.search(text):
            return "相关段落没有说原因，也没有证实所问的事"
        if (down := re.search(_DOWN, question)) and not _confirmed(question, understood, read):
            return f"相关段落没有证实“{down[0]}”"
    deed = _DOER.search(question) if understood.asked == "name" else None
    if deed and not any(deed[1] in _quote(found) for found in read):
        return f"最接近的原文没有提到由谁{deed[1]}"
    if understood.asked == "name" and _PERSON.search(question):
        titles = "\n".join(hit.passage.text for hit, _ in read)
        if not _names_holder(question, f"{text}\n{titles}"):
            return "相关段落没有提到所问的人"
    return None


def _confirmed(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> bool:
    """Whether a sentence about the topic says that something fell or ended."""
    topic = words(re.sub(_DOWN, "　", " ".join(understood.topic)))
    if understood.language == "en":
        topic = set(tokens(in_chinese(question))) - set(tokens("下降减少"))
    return any(
        re.search(_DOWN, clause) and (not topic or topic & set(plain_words(clause)))
        for found in read
        for clause in re.split("[，。；]", _quote(found))
    )


def _doubt_ordinal(question: str, read: Sequence[tuple[Hit, Evidence]]) -> str | None:
    """Where the question is about the eighth of a kind, and the passages tell of another."""
    text = "".join(_around(hit) for hit, _ in read)
    for ordinal in _ORDINAL.findall(question):
        other = any(one[-1] == ordinal[-1] and one != ordinal for one in _ORDINAL.findall(text))
        if ordinal not in text and other:
            return f"相关段落没有提到“{ordinal}”"
    return None


def _doubt_items(question: str, first: tuple[Hit, Evidence]) -> str | None:
    """Where the items of a number of things are asked for, and only their number is told."""
    quote = _quote(first)
    start = first[1].span.start
    for figure in first[1].figures:
        value = figure.text.removesuffix(figure.unit)
        if not value.isdigit() or not re.search(rf"(?<!\d){re.escape(figure.text)}", question):
            continue
        before, after = quote[: figure.start - start], quote[figure.end - start :]
        items = 1 + max(before.count("、"), len(_SEPARATOR.findall(after)))
        if not quote.rstrip().endswith(("：", ":")) and items < int(value):
            return f"报告只说了“{figure.text}”，没有一一列出"
    return None


def _doubt_term(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> str | None:
    """Where a bare term is asked about, and hardly a word of it stands in the passage found. Whose
    post is named is not asked about by a term."""
    if understood.asked in (None, "comparison", "reason") or understood.language == "en":
        return None
    if _PERSON.search(question):
        return None
    topic = words(*(re.sub(_WAY, "　", part) for part in understood.topic))
    defined = understood.asked == "definition"
    if not topic or any(map(_CLAUSE.search, understood.topic)):
        return None
    if len(topic) > TERM and not defined:
        return None
    if len(topic & _words_of(read[:1])) / len(topic) >= (WORDED if defined else HELD):
        return None
    return f"报告没有提到“{'、'.join(understood.topic)}”"


def _doubt_lead(
    question: str, understood: Understanding, best: Sequence[tuple[Hit, Evidence]]
) -> str | None:
    """Where a question in another language than the reports' fits many sentences of the place
    alike, and no figure of the first is named by its terms; or a long term of it is in none."""
    if understood.language != "en" or understood.asked == "reason" or len(best) <= OTHERS:
        return None
    terms = [term for term in in_chinese(question).split() if not term.endswith("报告")]
    near = [_quote(found) for found in best[:READ]]
    long = [
        term
        for term in terms
        if len(term) >= LONG_TERM and not any(other in term for other in terms if other != term)
    ]
    if long and not any(term in quote for term in long for quote in near):
        return f"最接近的原文没有提到“{long[0]}”"
    regions = understood.regions
    scores = [
        one.score for hit, one in best if not regions or hit.passage.metadata.region in regions
    ]
    lead = scores[0] - scores[min(OTHERS, len(scores) - 1)] if scores else 0.0
    if lead >= (LEAD if any(term in near[0] for term in terms) else UNWORDED):
        return None
    named = replace(understood, topic=tuple(terms))
    figures = best[0][1].figures if understood.asked == "figure" else ()
    if any(likeness(one, named) >= SAME and overlaps(one, understood) for one in figures):
        return None
    return "没有一处原文明显比别处更接近所问"


def _words_of(found: Sequence[tuple[Hit, Evidence]]) -> set[str]:
    """The words of passages, their headings and what their figures are of."""
    around = (_around(hit) for hit in dict.fromkeys(hit for hit, _ in found))
    return words(*around, *(figure.indicator for _, one in found for figure in one.figures))


def _around(hit: Hit) -> str:
    """A passage under its headings."""
    return " ".join((*hit.passage.section.headings, hit.passage.text))


def _quote(found: tuple[Hit, Evidence]) -> str:
    hit, evidence = found
    return hit.passage.quote(evidence.span)


def _doubt_figure(
    question: str,
    understood: Understanding,
    best: Sequence[tuple[Hit, Evidence]],
    caution: Caution,
) -> str | None:
    topic = words(*understood.topic)
    if not topic or "第几" in question:  # which of a row is no figure
        return None
    read = best[:READ]
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
    mentioned = len(topic & words(_around(read[0][0]))) / len(topic)
    worded = len(topic & _words_of(best)) / len(topic)
    named = max((likeness(figure, understood) for figure in fitting), default=0.0)
    if named < NAMED and (mentioned >= MENTIONED or worded > WORDED or caution == "high"):
        said = "、".join(understood.topic)
        return (
            f"报告提到了相关内容，但没有给出“{said}”的数字"
            if mentioned
            else f"报告没有提到“{said}”"
        )
    if doubt := _doubt_measure(question, understood, read) or _doubt_head(understood, read):
        return doubt
    if understood.language != "en" and not _holds_name(understood, read):
        return f"报告没有给出“{'、'.join(understood.topic)}”的数字"
    if fitting and not any(overlaps(figure, understood) for figure in fitting):
        return "最接近的数字不是所问的年份，或不是所问的计划数、实际数"
    return None


def _doubt_measure(
    question: str, understood: Understanding, read: Sequence[tuple[Hit, Evidence]]
) -> str | None:
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


def _holds_name(understood: Understanding, read: Sequence[tuple[Hit, Evidence]]) -> bool:
    """Whether a sentence with a figure holds a good part of the words by which the reports would
    call what is asked for, of a rate its last word too; true of everyday wording and of names of
    few words, which are weighed elsewhere."""
    said = [(_quote(found), found[1]) for found in read if found[1].figures]
    rate = _RATE.fullmatch(understood.topic[-1])
    if rate and rate[1]:
        held = [quote for quote, _ in said if rate[2] in quote]
        return any(_share(words(rate[1]), quote) >= HALF for quote in held)
    topic = words(*understood.topic)
    if len(topic) < NAME or any(map(_SPOKEN.search, understood.topic)):
        return True
    return any(
        _share(topic, quote) >= STANDS
        or any(likeness(figure, understood) >= HALF for figure in evidence.figures)
        for quote, evidence in said
    )


def _share(topic: set[str], text: str) -> float:
    return len(topic & set(plain_words(text))) / len(topic) if topic else 1.0


def _doubt_head(understood: Understanding, read: Sequence[tuple[Hit, Evidence]]) -> str | None:
    """Where the topic ends in what is measured (产量, 利润), and no figure's sentence tells it."""
    last = understood.topic[-1]
    head = next(((name, told) for name, told in _HEADS if last.endswith(name)), None)
    if head is None or any(re.search(head[1], _quote(one)) for one in read if one[1].figures):
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


def _names_holder(question: str, text: str) -> bool:
    """Whether a post that the question names, or any, stands beside a name in the text."""
    post = "|".join(_POST.findall(question)) or _POST.pattern
    name = r"(?:[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff] [\u4e00-\u9fff])"
    apart, within = r"[ \t　:：]+", r"(?=在|作|同志|主持)"
    beside = rf"(?:{post})(?:{apart}{name}(?=\s|$|[，。）)]|在)|{name}{within})"
    return re.search(beside, text) is not None
