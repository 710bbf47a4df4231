"""A sentence with its quantities → what each is a figure of, as spans of the report's own words.

The one idea: a clause reads subject, predicate, number (地区生产总值 | 预计完成 | 1740 亿元). What
is left of the number is cut back from its end (predicates, comparisons) and from its beginning
(times, places, conjunctions); what remains is the indicator. Where nothing remains, the number
counts the noun behind it (引进 86 家 | 企业), or the clause has left its subject to an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reportqa.figures.grammar import (
    ABSTRACT,
    ASIDE,
    BARE,
    DIMENSION,
    GENERIC,
    ITEM,
    JOINT_END,
    LEANING,
    LEVEL,
    LIST_GAP,
    NOUN_ENDS,
    OBJECT,
    OBTAINING,
    OF_RATE,
    ONLY_VERBS,
    OPENS,
    PAIRED,
    PEOPLE,
    RATE_AFTER,
    SHARE_OF,
    SIZED,
    STOP,
    TOTAL,
    VERB,
)
from reportqa.figures.nouns import is_fraction, is_share, noun_behind
from reportqa.figures.numerals import plain
from reportqa.figures.phrases import noun_phrase
from reportqa.figures.predicates import Direction, end_of_words, read_predicate
from reportqa.figures.quantities import Quantity
from reportqa.figures.sharing import (
    last_part,
    parts_named,
    share_subject,
    twin,
    without_measure,
    without_verb,
)
from reportqa.figures.subjects import is_only_stated, plain_subject
from reportqa.figures.unsure import is_unsure
from reportqa.records import Span

__all__ = ["Reading", "read_indicators"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clause says of a quantity."""

    spans: tuple[Span, ...]
    change: bool
    direction: Direction | None
    against: str


@dataclass(slots=True)
class _Clause:
    """Quantities between two stops, and the words before, between and behind them."""

    start: int
    end: int
    quantities: list[int]


def read_indicators(
    text: str, sentences: Sequence[Span], quantities: Sequence[Quantity]
) -> list[Reading]:
    """A reading for each quantity of a passage, in order; `sentences` are offsets in `text`."""
    reader = _Reader(text, quantities)
    for sentence in sentences:
        reader.read(sentence)
    return reader.readings


class _Reader:
    """Reads clause after clause, remembering the indicators that later ones leave out."""

    def __init__(self, text: str, quantities: Sequence[Quantity]) -> None:
        self._text = text
        self._read = plain(text)
        masked = list(ASIDE.sub(lambda m: "·" * len(m[0]), self._read))
        for quantity in quantities:
            masked[quantity.start : quantity.end] = "#" * (quantity.end - quantity.start)
        self._masked = "".join(masked)
        self._quantities = quantities
        self._next = 0
        self._recent: list[tuple[Span, ...]] = []  # of this passage, latest last
        self._listed: list[tuple[Span, ...]] = []  # those of the last list of numbers
        self._sentence_start = 0
        self.readings: list[Reading] = []

    def read(self, sentence: Span) -> None:
        self._sentence_start = sentence.start
        self._subject: tuple[Span, ...] | None = None
        self._told: list[tuple[Span, ...]] = []  # of this clause
        self._plain: list[_Clause] = []  # without a figure, since the last that has one
        for clause in self._clauses(sentence):
            if not clause.quantities:
                subject = plain_subject(
                    self._read, sentence.start, clause.start, clause.end, self._same()
                )
                if subject is not None:
                    self._subject = subject
                self._plain.append(clause)
                continue
            if self._subject is not None and self._leaves_subject_out(clause):
                self._recent.append(self._subject)
            self._read_clause(clause)
            self._subject, self._plain = None, []

    def _leaves_subject_out(self, clause: _Clause) -> bool:
        first = self._quantities[clause.quantities[0]]
        phrase = noun_phrase(
            self._read, clause.start, end_of_words(self._read, clause.start, first)
        )
        if phrase is None or LEANING.match(self._read, phrase.start, phrase.end):
            return True
        if not self._subject or not GENERIC.match(self._read[phrase.start : phrase.end]):
            return False
        plain = self._plain[-1]
        return is_only_stated(self._read, self._subject[0], plain.start, plain.end)

    def _clauses(self, sentence: Span) -> Iterator[_Clause]:
        stops = [m.end() for m in STOP.finditer(self._masked, sentence.start, sentence.end)]
        at = sentence.start
        for stop in [*stops, sentence.end]:
            if stop <= at:
                continue
            inside = []
            while self._next < len(self._quantities) and self._quantities[self._next].start < stop:
                inside.append(self._next)
                self._next += 1
            yield _Clause(at, stop, inside)
            at = stop

    def _read_clause(self, clause: _Clause) -> None:
        self._told_before, self._told = self._told, []
        numbers = clause.quantities
        used = clause.start
        place = 0
        predicate: tuple[bool, Direction | None, str] = (False, None, "")
        while place < len(numbers):
            first = self._quantities[numbers[place]]
            run = self._run(numbers, place, clause)
            before = Span(used, end_of_words(self._read, used, first))
            words = self._read[before.start : before.end]
            predicate = (
                read_predicate(words) if words.strip(" 、和及与") or not place else predicate
            )
            subject = noun_phrase(self._read, before.start, before.end)
            if used > clause.start and JOINT_END.search(words):
                subject = None  # the words belong to the noun behind the number before
            owners = self._owners(run, subject, words, clause)
            for number, (told, behind) in zip(run, owners, strict=True):
                quantity = self._quantities[number]
                alike = sum(other == told for other, _ in owners)
                unsure = is_unsure(self._read, self._masked, quantity, told, alike)
                spans = () if unsure else told
                change, direction, against = predicate
                if quantity.comparator == "multiple":
                    change, direction = True, "up"
                self.readings.append(Reading(spans, change, direction, against))
                self._recent.append(spans)
                self._told.append(spans)
                if (
                    self._masked[behind : behind + 1] == "·"
                ):  # the noun goes on: 细颗粒物（PM2.5）浓度
                    behind = 0
                used = max(quantity.end, behind)
                if rate := RATE_AFTER.match(self._read, quantity.end, clause.end):
                    used = self._rated(quantity, rate)
            self._listed = [spans for spans, _ in owners] if len(run) > 1 else self._listed
            place += len(run)

    def _rated(self, quantity: Quantity, rate: re.Match[str]) -> int:
        """Where the words end that make the number just read a rate: 40% | 增长."""
        if quantity.unit in ("%", "倍", "成"):
            direction: Direction = "down" if "降" in rate[0] else "up"
            self.readings[-1] = replace(self.readings[-1], change=True, direction=direction)
        return rate.end() if rate.end() > quantity.end else quantity.end

    def _run(self, numbers: list[int], place: int, clause: _Clause) -> list[int]:
        """The quantities that stand in one list: 6.5%、6.7%和7%."""
        run = [numbers[place]]
        for number in numbers[place + 1 :]:
            gap = self._read[self._quantities[run[-1]].end : self._quantities[number].start]
            if not LIST_GAP.fullmatch(gap):
                break
            run.append(number)
        return run

    def _owners(
        self,
        run: list[int],
        subject: Span | None,
        words: str,
        clause: _Clause,
    ) -> list[tuple[tuple[Span, ...], int]]:
        """For each quantity of a list the spans of its indicator, and where the noun behind "
        "ends."""
        if len(run) > 1:
            owners = share_subject(self._read, subject, len(run))
            if owners is None and subject is None:
                owners = self._share_last(len(run)) or self._latest(len(run))
            elif owners is None and subject is not None and "分别" in words:
                owners = self._each_before(len(run), subject, words)
            if owners is not None:
                return [(spans, 0) for spans in owners]
        found: list[tuple[tuple[Span, ...], int]] = []
        for place, number in enumerate(run):
            found.append(self._owner(number, subject if not place else None, found, clause))
        return found

    def _each_before(self, count: int, subject: Span, words: str) -> list[tuple[Span, ...]] | None:
        """What was named just before, each with a measure that says nothing alone: 建议 148 件、
        提案 134 件，满意率分别达 x、y; 汽车、索具等产业，产值分别达 x、y."""
        measure = self._read[subject.start : subject.end]
        alone = words.lstrip().startswith("分别") or (len(measure) <= 4 and "、" not in measure)
        if not alone and not GENERIC.match(measure):
            return None
        owners = self._told or self._told_before
        if self._plain and not self._told:
            named = [parts_named(self._read, c.start, c.end, count) for c in self._plain]
            owners = next(filter(None, reversed(named)), owners)
        if len(set(owners)) != count or len(owners) != count or not all(owners):
            return None
        said = [measure in self._words(spans) for spans in owners]  # 今年分别 | 淘汰
        return [
            spans if again else (*spans[:2], subject)
            for spans, again in zip(owners, said, strict=True)
        ]

    def _owner(
        self,
        number: int,
        subject: Span | None,
        before: list[tuple[tuple[Span, ...], int]],
        clause: _Clause,
    ) -> tuple[tuple[Span, ...], int]:
        quantity = self._quantities[number]
        words = "" if subject is None else self._read[subject.start : subject.end]
        verbal = bool(VERB.search(words)) and not NOUN_ENDS.search(words)
        counted = self._counted(quantity, subject, words, verbal)
        if counted is not None:
            return counted
        inherited = before[-1][0] if before else self._whole(quantity, clause)
        if subject is None:
            return inherited, 0
        if inherited and words == self._words(inherited):
            return inherited, 0
        if PAIRED.fullmatch(words) and (other := twin(self._read, inherited)):
            return (subject, *other), 0
        leans = GENERIC.match(words) or (verbal and ONLY_VERBS.match(words) and self._same())
        if words == "投资" and OPENS.search(self._read, 0, subject.start):
            leans = None  # ，投资 1 亿元建成…: of what comes
        if inherited and leans:
            if any(span.start <= subject.start < span.end for span in inherited):
                return (subject,), 0
            if verbal:  # 新建农田 4 亩、改造 5 亩、建成 9 亩
                inherited = tuple(s for s in inherited if not ONLY_VERBS.match(self._words((s,))))
            if inherited and (verbal or TOTAL.match(words)):
                inherited = without_verb(self._read, inherited)  # 新增 22 家，总数达 100 家
            if inherited and words in ("产量", "产值", "单产", "总产", "总产量"):
                inherited = without_measure(self._read, inherited)
            return (*inherited[:2], subject), 0
        return () if BARE.match(words) else (subject,), 0

    def _counted(
        self, quantity: Quantity, subject: Span | None, words: str, verbal: bool
    ) -> tuple[tuple[Span, ...], int] | None:
        """The indicator that the noun behind a number makes, alone or with the words before it,
        and where that noun ends; None where the words before the number say it."""
        measure = OBTAINING.sub("", words)
        told = GENERIC.match(measure) or DIMENSION.fullmatch(measure)
        if quantity.unit == "%":
            told = told or OF_RATE.match(self._read, quantity.end)
        of_thing = told is not None and self._read.startswith("的", quantity.end)
        # 中央财政的 400 亿元 | 补贴资金, 所有乡镇和 90% | 行政村
        owned = self._read[: quantity.start].endswith(("的", "和", "以及"))
        brief = len(words) <= 2  # 严守 18 亿亩 | 耕地红线
        measured = DIMENSION.fullmatch(words) is not None
        part = is_share(self._read, quantity, words)
        sized = not quantity.counts and "元" not in quantity.unit
        sized = sized and SIZED.match(self._masked, quantity.end) is not None
        if not (
            brief or verbal or quantity.counts or measured or of_thing or owned or sized or part
        ):
            return None
        following = noun_behind(self._read, self._masked, quantity)
        if following is None:
            later = self._noun_of_next(quantity) if ONLY_VERBS.match(words) else None
            return ((subject, later), 0) if subject and later else None
        behind = self._read[following.start : following.end]
        if quantity.of_a_nation and PEOPLE.fullmatch(behind) and not ONLY_VERBS.match(words):
            return (following,), following.end  # 我们这样一个拥有 14 亿 | 人口
        named = (following, *self._shared_tail(following))
        if subject is None or self._is_object(quantity):
            return named, following.end
        if part or of_thing:  # 总投资 12 亿元的 | 污水处理厂
            return (subject, *named), following.end
        things = quantity.counts and not re.fullmatch("[十百千万亿]*人?", quantity.unit)
        things = things or is_fraction(self._read, quantity, words)
        if (
            not verbal
            and not measured
            and not things
            and not (brief and quantity.unit == "%" and not ABSTRACT.search(behind))
            and "的" in self._read[quantity.end : following.start]
        ):
            return None  # 裁军 50 万人的工作
        if sized:
            return (last_part(self._read, subject), following), following.end
        if verbal or ((owned or brief) and not quantity.counts):
            return (subject, *named), following.end
        return named, following.end

    def _is_object(self, quantity: Quantity) -> bool:
        """Whether a number counts what something is done to, or where: 在 30 家 | 医院实施."""
        return quantity.counts and OBJECT.search(self._read, 0, quantity.start) is not None

    def _noun_of_next(self, quantity: Quantity) -> Span | None:
        """The noun that one number leaves to the next: 新建 56 万亩、改造 10 万亩 | 高标准农田."""
        after = next((q for q in self._quantities if q.start > quantity.end), None)
        if after is None or after.unit != quantity.unit or self._read[quantity.end] != "、":
            return None
        verbs = self._read[quantity.end + 1 : after.start]
        return noun_behind(self._read, self._masked, after) if ONLY_VERBS.match(verbs) else None

    def _shared_tail(self, level: Span) -> tuple[Span, ...]:
        """What a level of government leaves to the next: 专科 of 8 个国家级、36 个省级专科."""
        joint = LIST_GAP.match(self._read, level.end)
        if joint is None or not LEVEL.fullmatch(self._read, level.start, level.end):
            return ()
        after = next((q for q in self._quantities if q.start == joint.end()), None)
        noun = after and noun_behind(self._read, self._masked, after)
        other = noun and LEVEL.match(self._read, noun.start, noun.end)
        return (Span(other.end(), noun.end),) if noun and other and other.end() < noun.end else ()

    def _words(self, spans: tuple[Span, ...]) -> str:
        return "".join(self._read[span.start : span.end] for span in spans)

    def _whole(self, quantity: Quantity, clause: _Clause) -> tuple[Span, ...]:
        """The last indicator for a quantity that leaves its own out: that of a share
        (税收 | 占财政收入) only where points or a percentage of the same clause speak of it."""
        spans = self._inherited()
        if len(spans) < 2 or not SHARE_OF.match(self._read, spans[-1].start):
            return spans
        same = quantity.unit == "%" and spans[-1].start >= clause.start
        return spans if same or quantity.unit.endswith("百分点") else spans[:-1]

    def _same(self) -> bool:
        """Whether the last indicator stands in this very sentence."""
        return bool(self._recent and self._recent[-1]) and (
            self._recent[-1][0].start >= self._sentence_start
        )

    def _inherited(self) -> tuple[Span, ...]:
        """The last indicator, for words that leave theirs out; none where a full stop lies between:
        what a new sentence counts without naming it cannot be told."""
        before = self._read[: self._sentence_start].rstrip()
        joined = before.endswith(("；", ";", "：", ":", "，"))
        joined = joined and not ITEM.match(self._read, self._sentence_start)
        return self._recent[-1] if self._recent and (joined or self._same()) else ()

    def _share_last(self, count: int) -> list[tuple[Span, ...]] | None:
        """What a list before had for as many numbers, or the parts of the last indicator: A 和 B，
        分别达到 x 和 y，增长 u 和 v."""
        if len(self._listed) == count and self._recent[-count:] == self._listed:
            return self._listed
        last = self._recent[-1] if self._recent and self._same() else ()
        return share_subject(self._read, last[0], count) if len(last) == 1 else None

    def _latest(self, count: int) -> list[tuple[Span, ...]] | None:
        """The last `count` different indicators, in order."""
        different: list[tuple[Span, ...]] = []
        for spans in reversed(self._recent):
            if spans and spans not in different:
                different.append(spans)
            if len(different) == count:
                break
        return different[::-1] if len(different) == count else None
