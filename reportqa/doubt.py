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

from reportqa.beside import find_beside
from reportqa.check.names import SURNAMES
from reportqa.english import in_chinese
from reportqa.evidence import plain_words
from reportqa.figure_doubt import (
    CLAUSE,
    READ,
    SAME,
    WORDED,
    Caution,
    Found,
    doubt_figure,
    quoted,
    text_around,
    words_of,
)
from reportqa.figures.numerals import number_value
from reportqa.first_place import doubt_first
from reportqa.fitting import likeness, overlaps, words
from reportqa.lexical import tokens
from reportqa.meaning import find_meaning, mentions
from reportqa.records import Understanding

__all__ = ["CAUTIONS", "TIME", "Caution", "find_doubt"]

CAUTIONS: tuple[Caution, ...] = ("low", "normal", "high")

TERM = 6  # words of a topic that is a bare term, not a clause
HELD = 0.3  # share of such a topic's words that must stand in the best passage
OTHERS = 5  # sentences behind the first that a question in another language is weighed against,
LEAD = 1.3  # and how far, in evidence score, the first must be ahead of the last of them,
UNWORDED = 2.0  # and how far where it holds none of the Chinese words of the question's terms
LONG_TERM = 4  # characters of a Chinese term from which it is no common word

TIME = re.compile(
    r"\d+年|\d+月|\d+日|[一二三四]季度|[上下]半年|[一二三四五六七八九十]+[年月]|年[内底末初]"
)
_ORDINAL = re.compile(r"第[一二三四五六七八九十百\d]+(?:届|次|批|期|家|个|座|所|条)")
_QUOTED = re.compile(r"[“「『\"]([^”」』\"]{2,20})[”」』\"]")
_LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_COUNTED = re.compile(
    r"(?<![\d一二三四五六七八九十])(\d{1,4}|[一二两三四五六七八九十]{1,3})"
    r"(?:项|件|个|条|(?<!十[七八九])(?<!二十)大|类|种|家|所|名|位|起|处|座|场)"
)
_SEPARATOR = re.compile(r"[、，；,;]|[和与及]")
_DOWN = (
    r"下降|下滑|下跌|降低|减少|负增长|萎缩|恶化|变差|取消|叫停|停止|停办|暂停|撤销|废除|放弃|失败|关闭|"
    r"没有?(?:完成|达到|实现)|未(?:能)?(?:完成|达到|实现)|"
    r"(?i:\b(?:shrink|shrank|f[ae]ll(?:en)?|declin\w+|dropp?\w*|decreas\w+|worsen\w*|scrap\w*|"
    r"cancel\w*|abandon\w*|suspend\w*|stop(?:ped)?|fail\w*)\b)"
)
_WAY = rf"(?:{_DOWN}|上升|上涨|增[加长多]|提高|扩大|变[好坏多少大小])了?$"
_REASON = re.compile("(?:方面)?的?(?:主要|根本|直接)?(?:原因|缘由)")
_CAUSE = re.compile(r"因|由于|受.{0,20}影响|缘于|主要是|导致|鉴于|考虑|为了")
_POST = re.compile(r"(?:[省市区县州]长|书记|主席|总理|主任|部长|局长|行长|院长|校长)")
_DOER = re.compile(
    r"[哪谁](?:[家个位些](?:\w{0,4}?(?:公司|企业|单位|机构|集团|院|校|厂|部门|人))?)?(?:来)?"
    r"(设计|承建|施工|建设|建造|制作|投资|运营|生产|研发|制造|管理|主办|承办|出资|编制|命名|发明|撰写)的[？?]?$"
)
_NAMED = re.compile(
    r"的(?!名字|名称|地方|东西|村子|公司|企业|单位|机构|项目|平台|工程|活动|节目|称号)"
    r"([\u4e00-\u9fff]{2,6}?)(?:具体|到底)?(?:叫做?|是)(?:什么|啥)(?:名字|名称)?[？?]?$"
)
_TITLED = re.compile(r"哪[位名]([\u4e00-\u9fff]{2})(?=[曾到来在为去是对把给参出])")
_PERSON = re.compile(
    rf"谁(?!来|更|的?[^，？?]{{0,12}}[高低多少快慢大小])|哪位|姓名|{_POST.pattern}.{{0,4}}叫什么|\bwho\b",
    re.I,
)


def find_doubt(
    question: str,
    understood: Understanding,
    best: Sequence[Found],
    caution: Caution = "normal",
) -> str | None:
    """Why the best sentences, best first, do not answer the question; None where they may."""
    if caution == "low" or not best:
        return None
    read = best[:READ]
    if doubt := find_beside(question, understood, read) or doubt_first(question, understood, read):
        return doubt
    if understood.asked == "figure" and (
        doubt := doubt_figure(question, understood, best, caution)
    ):
        return doubt
    if understood.asked == "list" and (doubt := _doubt_items(question, read[0])):
        return doubt
    return (
        _doubt_years(understood, read)
        or _doubt_kind(question, understood, read)
        or _doubt_named(question, best)
        or _doubt_ordinal(question, read)
        or _doubt_term(question, understood, best)
        or _doubt_meaning(question, understood, best)
        or _doubt_lead(question, understood, best)
    )


def _doubt_years(understood: Understanding, read: Sequence[Found]) -> str | None:
    """Where the passages speak of years, and of none that is asked for."""
    told = {year for hit, _ in read for year in hit.passage.about}
    text = "".join(text_around(hit) for hit, _ in read)
    if not understood.years or not told or told & set(understood.years):
        return None
    if any(str(year) in text for year in understood.years):
        return None
    asked = "、".join(f"{year}年" for year in understood.years)
    return f"相关段落说的不是{asked}"


def _doubt_named(question: str, best: Sequence[Found]) -> str | None:
    """Where what a Chinese question names in quotation marks or Latin letters is in no passage."""
    names = (*_QUOTED.findall(question), *_LATIN.findall(question))
    if not (names and _HAN.search(question)):
        return None
    found = words_of(best)
    for name in names:
        named = words(name)
        if named and len(named & found) / len(named) < WORDED:
            return f"报告没有提到“{name}”"
    return None


def _doubt_kind(question: str, understood: Understanding, read: Sequence[Found]) -> str | None:
    """Where a time, a reason or a person is asked for and none is told."""
    text = "\n".join(map(quoted, read))
    if understood.asked == "time" and not TIME.search(quoted(read[0])):
        return "最接近的原文没有说时间"
    if understood.asked == "reason":
        named = (_REASON.sub("　", part) for part in understood.topic)
        topic = words(*named) if understood.language != "en" else set()
        if topic and len(topic & set(plain_words(text_around(read[0][0])))) < HELD * len(topic):
            return f"报告没有提到“{'、'.join(understood.topic)}”"
        if not _CAUSE.search(text):
            return "相关段落没有说原因，也没有证实所问的事"
        if (down := re.search(_DOWN, question)) and not _confirmed(question, understood, read):
            return f"相关段落没有证实“{down[0]}”"
    deed = _DOER.search(question) if understood.asked == "name" else None
    if deed and not any(deed[1] in quoted(found) for found in read):
        return f"最接近的原文没有提到由谁{deed[1]}"
    if thing := _NAMED.search(question) if understood.asked == "name" else None:
        around = "\n".join(text_around(hit) for hit, _ in read)
        if not words(thing[1]) & set(plain_words(around)) and not _PERSON.search(question):
            return f"相关段落没有提到“{thing[1]}”"
    if understood.asked == "name" and _PERSON.search(question):
        titles = "\n".join(hit.passage.text for hit, _ in read)
        if not _names_holder(question, f"{text}\n{titles}"):
            return "相关段落没有提到所问的人"
    return None


def _confirmed(question: str, understood: Understanding, read: Sequence[Found]) -> bool:
    """Whether a sentence about the topic says that something fell or ended."""
    topic = words(re.sub(_DOWN, "　", " ".join(understood.topic)))
    if understood.language == "en":
        topic = set(tokens(in_chinese(question))) - set(tokens("下降减少"))
    return any(
        re.search(_DOWN, clause) and (not topic or topic & set(plain_words(clause)))
        for found in read
        for clause in re.split("[，。；]", quoted(found))
    )


def _doubt_ordinal(question: str, read: Sequence[Found]) -> str | None:
    """Where the question is about the eighth of a kind, and the passages tell of another."""
    text = "".join(text_around(hit) for hit, _ in read)
    for ordinal in _ORDINAL.findall(question):
        other = any(one[-1] == ordinal[-1] and one != ordinal for one in _ORDINAL.findall(text))
        if ordinal not in text and other:
            return f"相关段落没有提到“{ordinal}”"
    return None


def _doubt_items(question: str, first: Found) -> str | None:
    """Where the items of a number of things are asked for, and only their number is told."""
    quote = quoted(first)
    for counted in _COUNTED.finditer(question):
        at = re.search(rf"(?<!\d){counted[0]}", quote)
        if at is None:
            continue
        before, after = quote[: at.start()], quote[at.end() :]
        items = 1 + max(before.count("、"), len(_SEPARATOR.findall(after)))
        if not re.search("[：:]", after) and items < (number_value(counted[1]) or 0):
            return f"报告只说了“{counted[0]}”，没有一一列出"
    return None


def _doubt_term(question: str, understood: Understanding, best: Sequence[Found]) -> str | None:
    """Where a bare term is asked about, and hardly a word of it stands in the passage found. Whose
    post is named is not asked about by a term."""
    if understood.asked in (None, "comparison", "reason") or understood.language == "en":
        return None
    if _PERSON.search(question):
        return None
    topic = words(*(re.sub(_WAY, "　", part) for part in understood.topic))
    defined = understood.asked == "definition"
    if not topic or any(map(CLAUSE.search, understood.topic)):
        return None
    if len(topic) > TERM and not defined:
        return None
    told = find_meaning(question, understood, best) if defined else None
    found = words_of([told] if told else best[:1])
    if len(topic & found) / len(topic) >= (WORDED if defined else HELD):
        return None
    return f"报告没有提到“{'、'.join(understood.topic)}”"


def _doubt_meaning(question: str, understood: Understanding, best: Sequence[Found]) -> str | None:
    """Where the meaning of a term is asked for, and no sentence tells it."""
    if understood.asked != "definition" or understood.language == "en" or not understood.topic:
        return None
    if find_meaning(question, understood, best):
        return None
    term = "、".join(understood.topic)
    if any(mentions(found, understood) for found in best):
        return f"报告提到“{term}”，但没有说明它的含义"
    return f"报告没有提到“{term}”"


def _doubt_lead(question: str, understood: Understanding, best: Sequence[Found]) -> str | None:
    """Where a question in another language than the reports' fits many sentences of the place
    alike, and no figure of the first is named by its terms; or a long term of it is in none."""
    if understood.language != "en" or understood.asked == "reason" or len(best) <= OTHERS:
        return None
    terms = [term for term in in_chinese(question).split() if not term.endswith("报告")]
    near = [quoted(found) for found in best[:READ]]
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


def _names_holder(question: str, text: str) -> bool:
    """Whether a post that the question names, or any, stands beside a name in the text; of what the
    question calls a person (哪位院士), behind one."""
    if titled := _TITLED.search(question):
        return re.search(rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}{titled[1]}", text) is not None
    post = "|".join(_POST.findall(question)) or _POST.pattern
    name = r"(?:[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff] [\u4e00-\u9fff])"
    apart, within = r"[ \t　:：]+", r"(?=在|作|同志|主持)"
    beside = rf"(?:{post})(?:{apart}{name}(?=\s|$|[，。）)]|在)|{name}{within})"
    return re.search(beside, text) is not None
