"""A Retriever → a few questions that its reports answer, for the visitor who does not know what to
ask: a figure, measures, a term, a comparison.

Built from what the reports say of themselves, asked once, and shown only where the answer cites
the very sentence each was built from. The same snapshot gives the same questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from reportqa.answer import ask_many
from reportqa.index import Snapshot
from reportqa.records import Answer, Figure, Metadata, Section, Span
from reportqa.search import Retriever
from reportqa.web.terms import define_terms

__all__ = ["INDICATORS", "Example", "example_questions", "place_name", "topic_of"]

INDICATORS = (
    "地区生产总值",
    "一般公共预算收入",
    "城镇新增就业",
    "社会消费品零售总额",
    "居民人均可支配收入",
)
REPORTS_READ = 8  # as many are asked about at most: the latest, evenly spaced over the snapshot
TRIED = 4  # questions of each kind
LONG_SECTION = 200  # characters; a shorter one may say a single thing
ASKED_FOR = 5  # passages to each: those of an answer
LATEST = 2  # years: what people ask about first

_NUMBER = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+(?:部分|章|节|编|篇)|[（(]?[一二三四五六七八九十百\d]+[)）、.．]+)[\s：:、]*"
)
_CLAUSE = re.compile(r"[，,。；;：:、—\s]")
_TOPIC = re.compile(r"[\u4e00-\u9fff]{4,14}")
_TERM = re.compile(r"[\u4e00-\u9fff]{3,10}")
_DOING = re.compile(
    r"(?:推进|推动|加快|加强|深化|提升|优化|完善|强化|实施|促进|扩大|抓好|做好|做强"
    r"|建设|打造|保障|保护|构建|培育|增进|改善|发展|激发|维护|夯实|提高|健全|落实|办好)"
)
_PLACE = re.compile(r".+?(?:省|自治区|市|区|县|州|旗|盟)")
_EMPTY_WORDS = re.compile(r"回顾|情况|总体|要求|目标|安排|建议|任务|概况|前言|说明|解释|工作$")


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and where its answer stands: each part in a range of a report. `said` are words
    that the answer must hold, `least` is how many of its first citations must stand there."""

    question: str
    parts: tuple[tuple[str, Span], ...]
    said: tuple[str, ...] = ()
    least: int = 1

    def answered_by(self, answer: Answer) -> bool:
        """Whether the answer cites every part, and parts only at first."""
        cited = [(c.metadata.id, Span(c.start, c.end)) for c in answer.citations]
        if answer.abstained or len(cited) < self.least:
            return False
        met = all(any(_meet(part, one) for one in cited) for part in self.parts)
        first = all(any(_meet(part, one) for part in self.parts) for one in cited[: self.least])
        text = "".join((answer.text or "").split())
        return met and first and all(word in text for word in self.said)


def _meet(part: tuple[str, Span], cited: tuple[str, Span]) -> bool:
    (report, span), (other, place) = part, cited
    return report == other and place.start < span.end and span.start < place.end


def example_questions(retriever: Retriever, count: int = 4) -> tuple[str, ...]:
    """At most `count` questions, of different kinds and reports where there are such; fewer where
    too little is known or answered."""
    retriever = retriever.pinned()
    snapshot = retriever.snapshot
    reports = _read(snapshot)
    known = _known_figures(snapshot, reports)
    turned = [*reports[2:], *reports[:2]]  # another place than the figures begin with
    kinds = (
        islice(_about_figures(known), TRIED),
        islice(_about_measures(snapshot, turned), TRIED),
        islice(_about_terms(snapshot, reports), TRIED),
        islice(_comparing(known), TRIED),
    )
    right: list[list[str]] = [[] for _ in kinds]
    for wanted in range(1, count + 1):  # one of each kind, then two, as long as some are missing
        while sum(map(len, right)) < count:
            short = [n for n, found in enumerate(right) if len(found) < wanted]
            lot = [(n, example) for n in short if (example := next(kinds[n], None))]
            if not lot:
                break
            replies = ask_many(retriever, [example.question for _, example in lot], ASKED_FOR)
            for (n, example), reply in zip(lot, replies, strict=True):
                if example.answered_by(reply.answer):
                    right[n].append(example.question)
    found = [question for turn in zip_longest(*right) for question in turn if question]
    return tuple(dict.fromkeys(found))[:count]


def _read(snapshot: Snapshot) -> list[Metadata]:
    """The reports that are asked about: of a place, of the latest years, evenly spaced."""
    placed = [m for m in snapshot.reports if m.region and m.year is not None]
    years = sorted({m.year for m in placed if m.year is not None})[-LATEST:]
    latest = [m for m in placed if m.year in years]
    step = max(1, len(latest) // REPORTS_READ)
    return latest[::step][:REPORTS_READ]


Known = tuple[Metadata, Figure]
"""A figure of a usual indicator, with the report it is of."""


def _known_figures(snapshot: Snapshot, reports: Sequence[Metadata]) -> list[Known]:
    """The figures of the usual indicators, each of one year, in the order of these reports."""
    found: dict[str, list[Known]] = {metadata.id: [] for metadata in reports}
    for row in snapshot.rows_naming(INDICATORS):
        metadata = snapshot.reports[int(snapshot.passage_report[row])]
        if metadata.id in found:
            named = [(metadata, figure) for figure in snapshot.figures_of(row) if _plain(figure)]
            found[metadata.id] += named
    return [known for metadata in reports for known in found[metadata.id]]


def _plain(figure: Figure) -> bool:
    return (
        figure.indicator in INDICATORS
        and figure.basis is not None
        and figure.years is not None
        and figure.years[0] == figure.years[1]
        and figure.high is None
        and figure.against in ("", "同比")
        and (figure.kind == "level" or figure.direction == "up")
    )


def _about_figures(known: Sequence[Known]) -> Iterator[Example]:
    """A figure of each report: of another indicator than the one before, where there is one."""
    for number, figures in enumerate(_by_report(known)):
        metadata, figure = min(figures, key=lambda one: _turn(one[1], number))
        question = f"{place_name(metadata)}{_year(figure)}年{_name(figure)}是多少？"
        yield Example(question, (_part(figure),), (_said(figure),))


def _by_report(known: Sequence[Known]) -> list[list[Known]]:
    found: dict[str, list[Known]] = {}
    for one in known:
        found.setdefault(one[0].id, []).append(one)
    return list(found.values())


def _turn(figure: Figure, number: int) -> tuple[int, bool]:
    """Which indicator's turn it is, and then the plan's or the result's."""
    indicator = (INDICATORS.index(figure.indicator) - number) % len(INDICATORS)
    return indicator, (figure.basis == "planned") == bool(number % 2)


def _comparing(known: Sequence[Known]) -> Iterator[Example]:
    """Two places in one year, then two years of one place, by the same indicator."""
    alike: dict[tuple[str, str], list[Known]] = {}
    for one in known:
        alike.setdefault((_name(one[1]), one[1].kind), []).append(one)
    for by_place in (True, False):
        pairs = [
            max(found, key=lambda pair: pair[0])
            for figures in alike.values()
            if (found := list(_pairs(figures, by_place)))
        ]
        yield from (example for _, example in sorted(pairs, key=lambda pair: not pair[0]))


def _pairs(figures: Sequence[Known], by_place: bool) -> Iterator[tuple[bool, Example]]:
    """Examples of two figures that differ in their place alone, or in their year alone; before
    each whether the places are of one rank, 县 and 县 or 省 and 省."""
    for number, (metadata, figure) in enumerate(figures):
        for other, second in figures[number + 1 :]:
            elsewhere, later = metadata.region != other.region, _year(figure) != _year(second)
            if (elsewhere, later) != (by_place, not by_place):
                continue
            place, year = place_name(metadata), f"{_year(figure)}年"
            against = place_name(other)
            sides = f"{place}和{against}{year}" if by_place else f"{place}{year}和{_year(second)}年"
            said = (_said(figure), _said(second))
            question = f"{sides}{_name(figure)}各是多少？"
            example = Example(question, (_part(figure), _part(second)), said)
            yield place[-1] == against[-1], example


def _year(figure: Figure) -> int:
    return figure.years[0] if figure.years else 0


def _name(figure: Figure) -> str:
    """What is asked for: the indicator, its growth or its target."""
    ends = {
        ("level", True): "目标",
        ("level", False): "",
        ("change", True): "增长目标",
        ("change", False): "增速",
    }
    return figure.indicator + ends[figure.kind, figure.basis == "planned"]


def _part(figure: Figure) -> tuple[str, Span]:
    return figure.report_id, figure.sentence


def _said(figure: Figure) -> str:
    return "".join(figure.text.split())


def _about_terms(snapshot: Snapshot, reports: Sequence[Metadata]) -> Iterator[Example]:
    """A term that a report defines, of these reports before all others."""
    for metadata in dict.fromkeys((*reports, *snapshot.reports)):
        report = None
        for section in snapshot.sections(metadata.id):
            term = "".join(section.headings[-1].split()).strip("“”") if section.headings else ""
            if section.role != "notes" or not _TERM.fullmatch(term):
                continue
            report = report or snapshot.report(metadata.id)
            if define_terms(report, [section]):
                place = Span(section.start, section.end)
                yield Example(f"什么是“{term}”？", ((metadata.id, place),))
                break


def _about_measures(snapshot: Snapshot, reports: Sequence[Metadata]) -> Iterator[Example]:
    """What a report says that is done for a topic of its headings."""
    for number, metadata in enumerate(reports):
        sections = snapshot.sections(metadata.id)
        topics = [at for at, one in enumerate(sections) if _DOING.match(topic_of(one))]
        topics = [at for at in topics if len(sections[at].about) == 1]
        if not topics:
            continue
        at = topics[number % len(topics)]
        topic, year = topic_of(sections[at]), sections[at].about[0]
        question = f"{place_name(metadata)}{year}年{topic}有哪些举措？"
        whole = _whole(sections, at)
        least = 2 if whole.end - whole.start >= LONG_SECTION else 1
        yield Example(question, ((metadata.id, whole),), least=least)


def _whole(sections: Sequence[Section], at: int) -> Span:
    """A section with those below it."""
    headings, last = sections[at].headings, at
    while last + 1 < len(sections) and sections[last + 1].headings[: len(headings)] == headings:
        last += 1
    return Span(sections[at].start, sections[last].end)


def place_name(metadata: Metadata) -> str:
    """The smallest place a report is of; its title where no place is known."""
    places = _PLACE.findall(metadata.region or "")
    return places[-1] if places else metadata.region or f"《{metadata.title}》里"


def topic_of(section: Section) -> str:
    """What a section is about in a few words; empty where its heading does not tell."""
    if section.role != "body" or not 1 <= len(section.headings) <= 3:
        return ""
    words = _NUMBER.sub("", section.headings[-1].strip())
    clause = _CLAUSE.split(words, maxsplit=1)[0]
    return clause if _TOPIC.fullmatch(clause) and not _EMPTY_WORDS.search(clause) else ""
