"""Passage → its Figures: quantities, what each is a figure of, its year and its basis.

Years and basis are read from the nearest words that tell them: the clause, the sentence, the
sentences before, the headings. `reportqa.scope` does the reading; this decides where to look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from reportqa.figures.grammar import PEOPLE
from reportqa.figures.indicators import read_indicators
from reportqa.figures.numerals import plain
from reportqa.figures.predicates import end_of_words
from reportqa.figures.quantities import Quantity, find_quantities
from reportqa.records import Basis, Figure, FigureBasis, Metadata, Passage, Span
from reportqa.scope import (
    delivery_year,
    heading_scope,
    passage_scope,
    read_years,
    reviewed_year,
    subject_years,
)

__all__ = ["extract_figures"]

_NUMERIC = re.compile(r"[\d０-９]|分之|[一二两三四五六七八九十百千]|翻番")
_ESTIMATE = re.compile(r"预计|估计|预估")
_PLANNED = re.compile(
    r"力争|确保|争取|目标|(?<![军老女名健])将(?!军|士|领|近|[约近超]?[\d一二两三四五六七八九])|拟(?!态)|计划(?:规定|为|是|完成|投资|新|实施|"
    r"建|安排|增|达|生产|到|引|培|总投)|(?<!年)到20\d\d年(?!底?，?(?:已|累计))|年底前|年内|今后|未来|"
    r"明年|还要|(?<![主重需不首紧])要(?=在|比(?!.{0,12}年[末底]?的)|增长|增加|达到|提高|下降|减少|完成|实现|超过)|应该?(?=有|达)|"
    r"(?:^|[，；。])(?:要|必须)|预期|提出(?=建设|实施|打造|到|建成)"
)
_PLAN_MET = re.compile(
    r"(?:比|较|占|超过?|超额|低于|高于|多于|少于|(?:提前|全面)?(?:实现|完成|达到)了?)"
    r"(?:了|原|原定|年初|年度|全年|国家|预定|规划|五年|确定|批准|的)*(?:计划|预算|预期|目标)[^，。；]{0,3}|"
    r"(?:围绕|按照|瞄准|根据|对照|聚焦|锚定|向着|朝着)[^，。；]{0,24}目标|"
    r"(?:实现|完成|达到|超过)了[^，。；]{0,24}目标"
)
"""What a plan is only named in: 比年度计划 | 增加, 围绕…目标, 实现了…目标."""
_AIM = re.compile(r"(?:目标|任务)[是为：:]|计划(?:草案)?规定(?=[，：:])")
_DONE = re.compile(
    r"[一-龥](?<!为)(?<!提出)(?<!安排)(?<!规定)(?<!确定)了(?![解望])(?=[^，。；：])|[一-龥]以来"
)
"""What says that something has been done: 增加了, 建成了, 建国以来."""
_OF_YEAR = re.compile(
    r"(?<=[由从、])((?:[上去前]|\d{4}\s?)年)(?:末|底|初)?的?\s*(?:人均|每人|每月|每年)*$"
)
_MAY_BE = re.compile(
    r"[可就]以|能够|可能|应当?(?![届急收用对变])|必须|需要?(?![求])|如果|指标|草案"
)
"""What is not so, but could or should be."""
_PRICES = re.compile(r"按[^，。；]{0,12}年[^，。；]{0,6}价[格]?")
_COMPARED = re.compile(
    r"[比较]\s*(?:上一?年|去年|\d{4}\s*年|[一二][九〇○零0][^，。；年]{2}年|"
    r"第[一二三四五六七八九十]+个五年计划(?:期间|时期))[末底]?"
    r"(?:的[^，。；]{2,20}?)?(?=[增提上下减降高低多少缩翻])|"
    r"在\s*(?:\d{4}|[一二][九〇○零0][^，。；年]{2})\s*年的?(?:基数|基础)上"
)
"""What a number is compared with, beside a number of its own: 比 1958 年的 214 亿元 | 增长."""
_OPENING = re.compile(
    r"(?:[-—\s]|[（(]?[一二三四五六七八九十\d]+[)）、.是])*|.{0,8}年，?|全年|全[市区县省]"
)
_BASE_BEFORE = re.compile(r"[由从](?:[^，。；年]|(?<=每)年|(?<=每人)年){0,14}$")
_BASE_OF_YEAR = re.compile(r"[由从]\s?(?:[上去前]|\d{4}\s?)年[末底]?的?[^，。；]{0,6}$")
_BASE_AFTER = re.compile(
    r"\s?(?:左右|以上)?(?:提高|增加|提升|调[高低整]|上调|下调|扩大|上升|下降|降低|减少|压缩|缩短|延长|调整|扩展|增长|降|升|增|减)(?:到|至|为)"
)
_RULED = re.compile(r"应当|规定|要求|必须")
_SINCE = re.compile(r"[一-龥]以来(?!的)")
_SEVERAL = re.compile(r"[三四五十]年")
_GOES_ON = re.compile(r"\s*(?:比|较|达到?|增[长加]|提高|下降|降低|减少)")
"""How a clause opens that says more of what the one before plans."""
_SO_FAR = re.compile(
    r"今年(?:第?一季度|上半年|以来|1\s?[—－\-至到])|目前|现有|截至|[一-龥]以来|"
    r"已经?(?:建成|完成|完工|开工|投产|形成)的[^，。；]{0,6}(?:有|：)"
)
_AGAINST_YEAR = re.compile(r"[与同]([^，。；]{4,6}年)[^，。；]{0,3}相比")
_PASSING = re.compile(r"\s*(?:(?:即将|刚刚)?过去的\s*(?:\d{4}|一)\s*年|\d{4}\s*年[，,]?是)")
"""How a passage opens that speaks of one year."""
_NOW = re.compile(r"(?:现在|目前|如今)的?$")
_IS_SO = re.compile(r"(?:已经?(?:连续[^，]{2,12}|达到?|有)?|现有|拥有|(?<![没所享具建占共])有)$")
_ALREADY = re.compile(
    r"(?<!、)已(?:经)?(?![知婚定])(?:[^，。；：、]{1,16}(?<!的)|[^，。；：、]{0,8}占[^，。；]{2,14})$"
)
_SHARE = re.compile(r"(?:占|拥有)(?!用)[^，。；]{2,14}$")
"""占世界人口 | 五分之一 | 的国家."""
_FINITE = re.compile(r"[，,；;。：:\n]")


def extract_figures(passage: Passage) -> tuple[Figure, ...]:
    """The figures of a passage in the order of its text; a table of contents has none."""
    if passage.section.role in ("contents", "title") or not _NUMERIC.search(passage.text):
        return ()
    quantities = find_quantities(passage.text)
    if not quantities:
        return ()
    offset = passage.start
    sentences = [Span(s.start - offset, s.end - offset) for s in passage.sentences]
    quantities = [q for q in quantities if _sentence_of(sentences, q) is not None]
    readings = read_indicators(passage.text, sentences, quantities)
    scope = _Scope(passage, sentences)
    figures = []
    for quantity, reading in zip(quantities, readings, strict=True):
        sentence = _sentence_of(sentences, quantity)
        assert sentence is not None
        years, basis = scope.read(sentence, quantity)
        spans = tuple(Span(s.start + offset, s.end + offset) for s in reading.spans)
        words = "".join(passage.quote(span) for span in spans)
        figures.append(
            Figure(
                report_id=passage.metadata.id,
                start=quantity.start + offset,
                end=quantity.end + offset,
                text=passage.text[quantity.start : quantity.end],
                indicator=re.sub(r"\s", "", words),
                indicator_spans=spans,
                value=quantity.value,
                high=quantity.high,
                unit=quantity.unit,
                comparator=quantity.comparator,
                comparator_words=quantity.comparator_words,
                kind="change" if reading.change else "level",
                direction=reading.direction,
                against=reading.against,
                years=years,
                basis=basis,
                sentence=Span(sentence.start + offset, sentence.end + offset),
            )
        )
    return tuple(figures)


def _sentence_of(sentences: Sequence[Span], quantity: Quantity) -> Span | None:
    """The sentence that holds a quantity whole."""
    for sentence in sentences:
        if sentence.start <= quantity.start and quantity.end <= sentence.end:
            return sentence
    return None


def _plans(words: str) -> bool:
    """Whether words say that something is planned."""
    return bool(_PLANNED.search(words) and _PLANNED.search(_PLAN_MET.sub("", words)))


@lru_cache(maxsize=64)
def _two_years(metadata: Metadata) -> tuple[int | None, int | None]:
    return delivery_year(metadata), reviewed_year(metadata)


class _Scope:
    """The years and the basis of the figures of one passage."""

    def __init__(self, passage: Passage, sentences: Sequence[Span]) -> None:
        self._passage = passage
        self._text = plain(passage.text)
        self._anchor, self._reviewed = _two_years(passage.metadata)
        section = passage.section
        headings = section.headings
        years, basis = heading_scope(headings, self._anchor, self._reviewed)
        if section.role == "notes" and not years:  # the term that is explained plans nothing
            basis = heading_scope(headings[:-1], self._anchor, self._reviewed)[1]
        self._years = years or (section.about if len(section.about) == 1 else ())
        self._untold = not years
        opening = _PASSING.match(self._text)
        topic = opening and read_years(opening[0], self._anchor, reviewed=self._reviewed)
        if topic and set(topic) < set(self._years):
            self._years = topic  # 即将过去的2021年 under 过去五年工作回顾
        self._basis: Basis | None = passage.basis or basis or section.basis
        # 1998年工作回顾和1999年工作要求, over what plans nothing
        self._two_sides = (
            self._reviewed is not None
            and len(self._years) > 1
            and self._years[0] <= self._reviewed < self._years[-1]
            and not _plans(self._text)
            and not _RULED.search(self._text)
        )
        self._back = self._basis == "plan" and self._looks_back(passage, headings)
        if self._back:
            self._basis = None  # 政府自身建设, which plans in the main, on the year past
        self._states = section.role == "body"
        self._sentences = sentences
        self._said: dict[int, tuple[tuple[int, ...], Basis | None]] = {}

    def _looks_back(self, passage: Passage, headings: tuple[str, ...]) -> bool:
        """Whether a passage of no clear basis, whose headings tell neither year nor basis, stands
        in a section that speaks of past years alone."""
        about = passage.section.about
        past = self._reviewed is not None and bool(about) and about[-1] <= self._reviewed
        told = heading_scope(headings, self._anchor, self._reviewed)
        return past and passage.basis is None and told == ((), None)

    def read(
        self, sentence: Span, quantity: Quantity
    ) -> tuple[tuple[int, int] | None, FigureBasis | None]:
        """The inclusive years of a figure and its basis."""
        clause = sentence.start
        for match in _FINITE.finditer(self._text, sentence.start, quantity.start):
            clause = match.end()
        end = end_of_words(self._text, clause, quantity)
        near = self._year_of(clause, sentence, quantity) or self._own_years(clause, end)
        own = near or self._own_years(sentence.start, end) or self._whole_year(end)
        basis = self._figure_basis(sentence, clause, quantity, near, own)
        years = own or (self._years if len(self._years) == 1 else ())
        years = years or self._earlier(sentence, bool(self._years)) or self._years
        if basis is None and self._two_sides and not own:
            basis = "achieved"
        fitting = self._fitting(years, own, basis)
        if basis and not own and self._untold and _SINCE.search(self._text, sentence.start, end):
            fitting = None  # 解放以来: of which years is not told
        if basis is None and self._is_past(sentence, clause, quantity, years):
            basis = "achieved"
        return fitting, basis

    def _is_past(
        self, sentence: Span, clause: int, quantity: Quantity, years: tuple[int, ...]
    ) -> bool:
        """Whether a figure whose headings do not tell is of what was: its years are past, or its
        words say that something was done, and none plans."""
        before = self._text[sentence.start : quantity.end]
        words = self._text[clause : quantity.start]
        if self._of_all(quantity) or (_ALREADY.search(words) and not _plans(words)):
            return True
        if self._reviewed is None or _plans(before):
            return False
        if (bool(years) and years[-1] <= self._reviewed) or _DONE.search(before):
            return True
        told = self._text[sentence.start : sentence.end]
        return self._states and not (_plans(told) or _MAY_BE.search(told))

    def _year_of(self, clause: int, sentence: Span, quantity: Quantity) -> tuple[int, ...]:
        """The year of a number that is said to be of a year: 由上年的 88 个 增加到 317 个; the last
        year for one that holds now, or that a plan starts from (由 240 元提高到 280 元)."""
        if self._reviewed and (
            _NOW.search(self._text, clause, quantity.start)
            or (self._base(clause, quantity) and self._plans_next(sentence))
        ):
            return (self._reviewed,)
        if self._basis == "actual" and len(self._years) > 1 and self._base(clause, quantity):
            if against := _AGAINST_YEAR.search(self._text, 0, quantity.start):
                return read_years(against[1], None)
            return (self._years[0] - 1,)  # where the years looked back on started from
        match = _OF_YEAR.search(self._text, clause, quantity.start)
        if match is None:
            return ()
        if match[1] == "上年" and self._basis == "actual" and self._reviewed:
            return (self._reviewed - 1,)  # of a year looked back on, the one before it
        return read_years(match[1], self._anchor, reviewed=self._reviewed)

    def _own_years(self, start: int, end: int) -> tuple[int, ...]:
        end += self._text.startswith("翻", end)  # 比2020年 | 翻番
        words = _COMPARED.sub("", _PRICES.sub("", self._text[start:end]))
        return subject_years(words, self._anchor, self._reviewed)

    def _whole_year(self, end: int) -> tuple[int, ...]:
        """The year reviewed for what follows 全年, of several years looked back on."""
        at = self._text.rfind("全年", 0, end)
        if at < 0 or self._basis != "actual" or len(self._years) < 2 or self._reviewed is None:
            return ()
        named = self._own_years(at, end) or _SEVERAL.search(self._text, at, end)
        return () if named else (self._reviewed,)

    def _earlier(self, sentence: Span, close: bool) -> tuple[int, ...]:
        """The years of the nearest sentence before that names some, in the same passage; `close`
        where only those count that a semicolon joins to this one."""
        for before in reversed(self._sentences):
            if before.start < sentence.start:
                if close and not self._text[: before.end].rstrip().endswith(("；", ";", "：")):
                    return ()
                years = self._own_years(before.start, before.end)
                if years:
                    return years
        return ()

    def _figure_basis(
        self,
        sentence: Span,
        clause: int,
        quantity: Quantity,
        near: tuple[int, ...],
        own: tuple[int, ...],
    ) -> FigureBasis | None:
        before = self._text[clause if near else sentence.start : quantity.start]
        basis = self._sentence_basis(sentence)
        if self._back:
            basis = "plan" if _plans(self._text[sentence.start : quantity.end]) else None
        reviewed = self._reviewed
        if reviewed is not None and own:
            past = own[-1] <= reviewed and not _plans(before)
            if past or self._is_this_year(own, before, clause, quantity):
                basis = "actual"
            elif own[0] > reviewed:
                basis = "plan"
        elif self._basis != "actual" and (
            _plans(self._text[clause : quantity.end])
            or _AIM.search(before)
            or (basis is None and _GOES_ON.match(self._text, clause) and _plans(before))
        ):
            basis = "plan"
        if basis == "plan" and not self._is_known(clause, sentence, quantity):
            return "planned"
        basis = basis and "actual"
        if self._is_estimate(sentence, clause, quantity):
            return "estimated"
        return "achieved" if basis == "actual" else None

    def _is_this_year(
        self, own: tuple[int, ...], before: str, clause: int, quantity: Quantity
    ) -> bool:
        """Whether a year of delivery is looked back on: 1964 年增长 4 倍, in December."""
        told = own == (self._anchor,) and self._basis == "actual"
        return told and "计划规定" not in before and not _plans(self._text[clause : quantity.end])

    def _of_all(self, quantity: Quantity) -> bool:
        """Whether a number is of all people: 14 亿人民."""
        return quantity.of_a_nation and PEOPLE.match(self._text, quantity.end) is not None

    def _base(self, clause: int, quantity: Quantity) -> bool:
        """Whether a number is what a change starts from."""
        return bool(
            _BASE_BEFORE.search(self._text, clause, quantity.start)
            and _BASE_AFTER.match(self._text, quantity.end)
        )

    def _plans_next(self, sentence: Span) -> bool:
        """Whether a sentence plans what comes after the year reviewed and names no year before."""
        years = self._own_years(sentence.start, sentence.end) or self._years
        assert self._reviewed is not None
        return (
            bool(years) and years[0] > self._reviewed and self._sentence_basis(sentence) == "plan"
        )

    def _is_known(self, clause: int, sentence: Span, quantity: Quantity) -> bool:
        """Whether a number in a plan is of what is: where it starts from (由 240 元提高到 280 元),
        what is so far (今年第一季度, 目前)."""
        before = self._text[clause : quantity.start]
        of_year = _BASE_OF_YEAR.search(self._text, clause, quantity.start)
        if of_year and _BASE_AFTER.match(self._text, quantity.end):
            return True
        if self._base(clause, quantity) or self._text.startswith("的基础上", quantity.end):
            return True
        if self._of_all(quantity) and not _plans(before):
            return True
        if _SHARE.search(before) and self._text.startswith("的", quantity.end):
            return True
        if _IS_SO.search(before) and not _plans(before):  # 我们党有 5800 万 党员
            return True
        already = _ALREADY.search(before) or _DONE.search(before)
        if already and not _plans(before):  # 已经组织了 57 户试点，今年要扩大
            return True
        whole = self._text[self._joined(sentence) : quantity.start]
        return bool(_SO_FAR.search(whole)) and not _plans(whole)

    def _joined(self, sentence: Span) -> int:
        """Where the first of the sentences begins that colons and semicolons join to this one."""
        start = sentence.start
        for before in reversed(self._sentences):
            if before.end == start and self._text[:start].rstrip().endswith(("；", ";", "：")):
                start = before.start
        return start

    def _is_estimate(self, sentence: Span, clause: int, quantity: Quantity) -> bool:
        """Whether 预计 stands in the clause, or opened an earlier one and holds on."""
        found = [m.start() for m in _ESTIMATE.finditer(self._text, sentence.start, quantity.start)]
        if not found:
            return False
        opens = _OPENING.fullmatch(self._text, sentence.start, found[-1]) is not None
        return found[-1] >= clause or opens or self._text[found[-1] - 1] in "，,；;：:。"

    def _sentence_basis(self, sentence: Span) -> Basis | None:
        if sentence.start not in self._said:
            text = self._text[sentence.start : sentence.end]
            self._said[sentence.start] = passage_scope(
                self._passage.section, text, self._anchor, reviewed=self._reviewed
            )
        return self._said[sentence.start][1] or self._basis

    def _fitting(
        self, years: tuple[int, ...], own: tuple[int, ...], basis: FigureBasis | None
    ) -> tuple[int, int] | None:
        """One range out of the years at hand: those that the basis allows, and where there are
        none, the year reviewed or the year planned."""
        reviewed = self._reviewed
        if reviewed is not None and basis is not None and not own:
            plan = basis == "planned"
            years = tuple(y for y in years if (y > reviewed) == plan)
            if not years:
                return (reviewed + plan, reviewed + plan)
        if not years:
            return None
        if years[-1] - years[0] == len(years) - 1:
            return years[0], years[-1]
        return years[-1], years[-1]
