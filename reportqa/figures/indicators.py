"""A sentence with its quantities → what each is a figure of, as spans of the report's own words.

The one idea: a clause reads subject, predicate, number (地区生产总值 | 预计完成 | 1740 亿元). What
is left of the number is cut back from its end (predicates, comparisons) and from its beginning
(times, places, conjunctions); what remains is the indicator. Where nothing remains, the number
counts the noun behind it (引进 86 家 | 企业), or the clause has left its subject to an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportqa.figures.grammar import (
    ABSTRACT,
    ASIDE,
    BARE,
    CIRCUMSTANCE,
    DIMENSION,
    GENERIC,
    ITEM,
    JOINT_END,
    LEANING,
    LEVEL,
    LIST_GAP,
    MAKES_MORE,
    NAMES,
    NOUN_ENDS,
    OBTAINING,
    OF_RATE,
    ONLY_VERBS,
    OPENS,
    PAIRED,
    PEOPLE,
    RAISED,
    SHARE_OF,
    SIZED,
    STATE,
    STOP,
    TOPIC,
    TOTAL,
    VERB,
)
from reportqa.figures.nouns import noun_behind
from reportqa.figures.numerals import plain
from reportqa.figures.phrases import noun_phrase, trim_phrase
from reportqa.figures.predicates import Direction, end_of_words, read_predicate
from reportqa.figures.quantities import Quantity
from reportqa.figures.sharing import share_subject
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
        fresh = len(self._recent)
        self._subject: tuple[Span, ...] | None = None
        for clause in self._clauses(sentence):
            if not clause.quantities:
                subject = self._plain_subject(clause)
                if subject is not None:
                    self._subject = subject
                continue
            if self._subject is not None and self._leaves_subject_out(clause):
                self._recent.append(self._subject)
            self._read_clause(clause, fresh)
            self._subject = None

    def _leaves_subject_out(self, clause: _Clause) -> bool:
        first = self._quantities[clause.quantities[0]]
        phrase = noun_phrase(
            self._read, clause.start, end_of_words(self._read, clause.start, first)
        )
        return phrase is None or bool(LEANING.match(self._read, phrase.start, phrase.end))

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

    def _plain_subject(self, clause: _Clause) -> tuple[Span, ...] | None:
        """The subject of a clause without a figure: 财政收入 of 财政收入稳步增长; empty where it
        has one that cannot be told, None where it has none."""
        end = clause.end
        before = self._read[self._sentence_start : clause.start]
        if max(before.rfind("（"), before.rfind("(")) > max(before.rfind("）"), before.rfind(")")):
            return None  # an aside
        if CIRCUMSTANCE.match(self._read, clause.start):
            return None
        while end > clause.start and not self._read[end - 1].isalnum():
            end -= 1
        found = STATE.search(self._read, clause.start, end)
        if raised := RAISED.search(self._read, clause.start, end):  # 提高 | 基本养老金，人均增加
            return (Span(*raised.span(1)),)
        if NAMES.search(self._read, clause.start, end):
            cut = end
        elif found is None:
            topic = not self._same() and TOPIC.match(self._read[clause.start : end])
            if not topic and self._read[clause.end - 1 : clause.end] not in ("：", ":"):
                return None
            cut = end
        else:
            cut = found.start()
        phrase = noun_phrase(self._read, clause.start, cut)
        if phrase and phrase.end - phrase.start > LONGEST_SUBJECT:
            owned = self._read.rfind("的", phrase.start, phrase.end - 2) + 1
            short = trim_phrase(self._read, owned, phrase.end) if owned else None
            telling = short and not GENERIC.match(self._read[short.start : short.end])
            if short is None or not telling or short.end - short.start > LONGEST_SUBJECT:
                return () if owned else None
            phrase = short
        return (phrase,) if phrase else None

    def _read_clause(self, clause: _Clause, fresh: int) -> None:
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
            owners = self._owners(run, subject, words, fresh, clause)
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
                if (
                    self._masked[behind : behind + 1] == "·"
                ):  # the noun goes on: 细颗粒物（PM2.5）浓度
                    behind = 0
                used = max(quantity.end, behind)
            self._listed = [spans for spans, _ in owners] if len(run) > 1 else self._listed
            place += len(run)

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
        fresh: int,
        clause: _Clause,
    ) -> list[tuple[tuple[Span, ...], int]]:
        """For each quantity of a list the spans of its indicator, and where the noun behind "
        "ends."""
        if len(run) > 1:
            owners = share_subject(self._read, subject, len(run))
            if owners is None and subject is None:
                owners = self._share_last(len(run)) or self._latest(len(run))
            if owners is not None:
                return [(spans, 0) for spans in owners]
        found: list[tuple[tuple[Span, ...], int]] = []
        for place, number in enumerate(run):
            found.append(self._owner(number, subject if not place else None, found, clause))
        return found

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
        if PAIRED.fullmatch(words) and (twin := self._twin(inherited)):
            return (subject, *twin), 0
        leans = GENERIC.match(words) or (verbal and ONLY_VERBS.match(words) and self._same())
        if words == "投资" and OPENS.search(self._read, 0, subject.start):
            leans = None  # ，投资 1 亿元建成…: of what comes
        if inherited and leans:
            if any(span.start <= subject.start < span.end for span in inherited):
                return (subject,), 0
            if verbal:  # 新建农田 4 亩、改造 5 亩、建成 9 亩
                inherited = tuple(s for s in inherited if not ONLY_VERBS.match(self._words((s,))))
            if inherited and (verbal or TOTAL.match(words)):
                inherited = self._without_verb(inherited)  # 新增 22 家，总数达 100 家
            return (*inherited[:2], subject), 0
        return () if BARE.match(words) else (subject,), 0

    def _counted(
        self, quantity: Quantity, subject: Span | None, words: str, verbal: bool
    ) -> tuple[tuple[Span, ...], int] | None:
        """The indicator that the noun behind a number makes, alone or with the words before it,
        and where that noun ends; None where the words before the number say it."""
        measure = OBTAINING.sub("", words)
        of_thing = self._read[quantity.end : quantity.end + 1] == "的" and bool(
            GENERIC.match(measure)
            or (quantity.unit == "%" and OF_RATE.match(self._read, quantity.end))
        )
        # 中央财政的 400 亿元 | 补贴资金, 所有乡镇和 90% | 行政村
        owned = self._read[: quantity.start].endswith(("的", "和", "以及"))
        brief = len(words) <= 2  # 严守 18 亿亩 | 耕地红线
        measured = DIMENSION.fullmatch(words) is not None
        sized = not quantity.counts and "元" not in quantity.unit
        sized = sized and SIZED.match(self._read, quantity.end) is not None
        if not (brief or verbal or quantity.counts or measured or of_thing or owned or sized):
            return None
        following = noun_behind(self._read, self._masked, quantity)
        if following is None:
            return None
        behind = self._read[following.start : following.end]
        if quantity.of_a_nation and PEOPLE.fullmatch(behind) and not ONLY_VERBS.match(words):
            return (following,), following.end  # 我们这样一个拥有 14 亿 | 人口
        named = (following, *self._shared_tail(following))
        if subject is None:
            return named, following.end
        if of_thing:  # 总投资 12 亿元的 | 污水处理厂
            return (subject, *named), following.end
        things = quantity.counts and not re.fullmatch("[十百千万亿]*人?", quantity.unit)
        if (
            not verbal
            and not measured
            and not things
            and not (brief and quantity.unit == "%" and not ABSTRACT.search(behind))
            and "的" in self._read[quantity.end : following.start]
        ):
            return None  # 裁军 50 万人的工作
        if sized:
            return (self._last_part(subject), following), following.end
        if verbal or ((owned or brief) and not quantity.counts):
            return (subject, *named), following.end
        return named, following.end

    def _shared_tail(self, level: Span) -> tuple[Span, ...]:
        """What a level of government leaves to the next: 专科 of 8 个国家级、36 个省级专科."""
        joint = LIST_GAP.match(self._read, level.end)
        if joint is None or not LEVEL.fullmatch(self._read, level.start, level.end):
            return ()
        after = next((q for q in self._quantities if q.start == joint.end()), None)
        noun = after and noun_behind(self._read, self._masked, after)
        other = noun and LEVEL.match(self._read, noun.start, noun.end)
        return (Span(other.end(), noun.end),) if noun and other and other.end() < noun.end else ()

    def _last_part(self, subject: Span) -> Span:
        """What follows the last comma of a list: 中联水泥 of 京环园区一期、中联水泥."""
        comma = self._read.rfind("、", subject.start, subject.end)
        return Span(comma + 1, subject.end) if comma >= 0 else subject

    def _twin(self, inherited: tuple[Span, ...]) -> tuple[Span, ...]:
        """What the other of a pair left to this one: 人均居住面积 of 城镇人均居住面积, for 农村."""
        if not inherited:
            return ()
        first = inherited[0]
        match = PAIRED.match(self._read, first.start, first.end)
        if match is None or (match.end() == first.end and len(inherited) == 1):
            return ()
        return tuple(s for s in (Span(match.end(), first.end), *inherited[1:]) if s.end > s.start)

    def _without_verb(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """The spans without a verb that opens them: 企业 of 新增企业, 新增 | 企业."""
        first = spans[0]
        match = MAKES_MORE.match(self._read, first.start, first.end)
        if match is None:
            return spans
        if match.end() < first.end:
            return (Span(match.end(), first.end), *spans[1:])
        return spans[1:] or spans

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


LONGEST_SUBJECT = 32
"""Characters of a subject without a figure."""
