"""A sentence with its quantities → what each is a figure of, as spans of the report's own words.

The one idea: a clause reads subject, predicate, number (地区生产总值 | 预计完成 | 1740 亿元). What
is left of the number is cut back from its end (predicates, comparisons) and from its beginning
(times, places, conjunctions); what remains is the indicator. Where nothing remains, the number
counts the noun behind it (引进 86 家 | 企业), or the clause has left its subject to an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportqa.figures.grammar import (
    AGAINST,
    AND_ALL,
    AND_COMMA,
    ASIDE,
    BARE,
    DIMENSION,
    GENERIC,
    HAN,
    IMPROVED,
    INNER_STOP,
    ITEM,
    JOINT_END,
    KEEP_TAIL,
    LEAD,
    LIST_GAP,
    MAKES_MORE,
    MIDDLE_PREDICATE,
    NAMES,
    NOUN_ENDS,
    ONLY_VERBS,
    PAIRED,
    PROTECTED,
    SHARED_END,
    STATE,
    STOP,
    TAIL,
    TOTAL,
    VERB,
)
from reportqa.figures.nouns import noun_behind
from reportqa.figures.numerals import plain
from reportqa.figures.predicates import Direction, read_predicate
from reportqa.figures.quantities import Quantity
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
                if subject:
                    self._subject = subject
                continue
            if self._opens_with_number(clause) and self._subject:
                self._recent.append(self._subject)
            self._read_clause(clause, fresh)
            self._subject = None

    def _opens_with_number(self, clause: _Clause) -> bool:
        first = self._quantities[clause.quantities[0]]
        return self._phrase(clause.start, first.start) is None

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
        """The subject of a clause without a figure: 财政收入 of 财政收入稳步增长."""
        end = clause.end
        while end > clause.start and not self._read[end - 1].isalnum():
            end -= 1
        found = STATE.search(self._read, clause.start, end)
        if NAMES.search(self._read, clause.start, end):
            cut = end
        elif found is None:
            if self._read[clause.end - 1 : clause.end] not in ("：", ":"):
                return None
            cut = end
        else:
            cut = found.start()
        phrase = self._phrase(clause.start, cut)
        return (phrase,) if phrase and phrase.end - phrase.start <= LONGEST_SUBJECT else None

    def _read_clause(self, clause: _Clause, fresh: int) -> None:
        numbers = clause.quantities
        used = clause.start
        place = 0
        predicate: tuple[bool, Direction | None, str] = (False, None, "")
        while place < len(numbers):
            first = self._quantities[numbers[place]]
            run = self._run(numbers, place, clause)
            before = Span(used, first.start)
            words = self._read[before.start : before.end]
            predicate = (
                read_predicate(words) if words.strip(" 、和及与") or not place else predicate
            )
            subject = self._phrase(before.start, before.end)
            if used > clause.start and JOINT_END.search(words):
                subject = None  # the words belong to the noun behind the number before
            owners = self._owners(run, subject, words, fresh, clause)
            for number, (spans, behind) in zip(run, owners, strict=True):
                change, direction, against = predicate
                quantity = self._quantities[number]
                if quantity.comparator == "multiple":
                    change, direction = True, "up"
                self.readings.append(Reading(spans, change, direction, against))
                self._recent.append(spans)
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
            owners = self._share(subject, len(run))
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
        following = None
        of_thing = self._read[quantity.end : quantity.end + 1] == "的" and GENERIC.match(words)
        # 中央财政的 400 亿元 | 补贴资金, 所有乡镇和 90% | 行政村
        owned = self._read[: quantity.start].endswith(("的", "和", "以及"))
        brief = len(words) <= 2  # 严守 18 亿亩 | 耕地红线
        if (
            brief
            or verbal
            or subject is None
            or quantity.counts
            or DIMENSION.fullmatch(words)
            or of_thing
            or owned
        ):
            following = noun_behind(self._read, self._masked, quantity)
        if following and subject and of_thing:  # 总投资 12 亿元的 | 污水处理厂
            return (subject, following), following.end
        if following and subject and not verbal and not DIMENSION.fullmatch(words):
            linked = "的" in self._read[quantity.end : following.start]  # 裁军 50 万人的工作
            following = None if linked else following
        if following is not None:
            whole = verbal or ((owned or brief) and not quantity.counts)
            spans = (subject, following) if subject and whole else (following,)
            return spans, following.end
        inherited = before[-1][0] if before else self._inherited()
        if subject is None:
            return inherited, 0
        if inherited and words == "".join(self._read[s.start : s.end] for s in inherited):
            return inherited, 0
        leans = GENERIC.match(words) or (verbal and ONLY_VERBS.match(words) and self._same())
        if inherited and leans:
            if any(span.start <= subject.start < span.end for span in inherited):
                return (subject,), 0
            if TOTAL.match(words):  # 新增 22 家，总数达 100 家: a total of all, not of the new
                inherited = self._without_verb(inherited)
            return (*inherited[:2], subject), 0
        return () if BARE.match(words) else (subject,), 0

    def _without_verb(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """The spans without a verb that opens them: 企业 of 新增企业, 新增 | 企业."""
        first = spans[0]
        match = MAKES_MORE.match(self._read, first.start, first.end)
        if match is None:
            return spans
        if match.end() < first.end:
            return (Span(match.end(), first.end), *spans[1:])
        return spans[1:] or spans

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
        return self._share(last[0], count) if len(last) == 1 else None

    def _latest(self, count: int) -> list[tuple[Span, ...]] | None:
        """The last `count` different indicators, in order."""
        different: list[tuple[Span, ...]] = []
        for spans in reversed(self._recent):
            if spans and spans not in different:
                different.append(spans)
            if len(different) == count:
                break
        return different[::-1] if len(different) == count else None

    def _share(self, subject: Span | None, count: int) -> list[tuple[Span, ...]] | None:
        """A、B、C → one for each of as many figures; 城镇、农村居民收入 share their end."""
        if subject is None:
            return None
        words, apart, predicate = self._read[subject.start : subject.end].partition("分别")
        if apart:  # 交通、水利 | 分别 | 完成投资
            owners = self._share(Span(subject.start, subject.start + len(words)), count)
            shared = self._trim(subject.end - len(predicate), subject.end)
            return owners and [(*spans, shared) if shared else spans for spans in owners]
        for splitter in (AND_ALL, AND_COMMA):
            edges = [0]
            for match in splitter.finditer(words):
                edges += [match.start(), match.end()]
            edges.append(len(words))
            parts = [
                self._trim(subject.start + a, subject.start + b)
                for a, b in zip(edges[::2], edges[1::2], strict=True)
            ]
            if len(parts) == count and all(parts):
                whole = [part for part in parts if part]
                return [self._with_end(part, whole[-1]) for part in whole]
        return None

    def _with_end(self, part: Span, last: Span) -> tuple[Span, ...]:
        length, longer = part.end - part.start, last.end - last.start
        if part == last:
            return (part,)
        words = self._read[part.start : part.end]
        if PAIRED.fullmatch(words) and longer - length >= 2:
            other = PAIRED.match(self._read, last.start, last.end)
            return (part, Span(other.end() if other else last.start + length, last.end))
        at = self._read.find(words[-2:], last.start, last.end)
        if length >= 2 and at >= 0 and at + 2 < last.end:
            return (part, Span(at + 2, last.end))
        end = SHARED_END.search(self._read, last.start, last.end)
        if at < 0 and end and not SHARED_END.search(words) and not NAMES.search(words):
            return (part, Span(end.start(), last.end))
        return (part,)

    def _phrase(self, start: int, end: int) -> Span | None:
        """The noun phrase of a stretch, cut at both ends; None where nothing remains."""
        words = self._read[start:end]
        for match in INNER_STOP.finditer(words):
            if match.end() < len(words):
                start, words = start + match.end(), self._read[start + match.end() : end]
                break
        kept = KEEP_TAIL.search(words) or IMPROVED.search(words)
        tail = None if kept else TAIL.search(words)
        if tail:
            words = words[: tail.start()]
            more = MIDDLE_PREDICATE.search(words)
            if more and more.start() > 1:
                words = words[: more.start()]
        phrase = self._trim(start, start + len(words))
        if phrase and AGAINST.match(self._read, phrase.start, phrase.end):
            return None
        return phrase

    def _trim(self, start: int, end: int) -> Span | None:
        while match := LEAD.match(self._read[start:end]):
            if PROTECTED.match(self._read, start, end):
                break
            start += match.end()
        while end > start and self._read[end - 1] in " \n、“（(的":
            end -= 1
        if not HAN.search(self._read, start, end):
            return None
        return self._with_quotes(start, end)

    def _with_quotes(self, start: int, end: int) -> Span:
        """The span with the quotation mark that its words have lost: 建成“四好农村路”."""
        words = self._read[start:end]
        if words.count("”") > words.count("“") and self._read[start - 1 : start] == "“":
            start -= 1
        elif words.count("“") > words.count("”") and self._read[end : end + 1] == "”":
            end += 1
        return Span(start, end)


LONGEST_SUBJECT = 24
"""Characters of a subject without a figure."""
