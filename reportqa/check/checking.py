"""Text and excerpts → the text without what does not hold, and what was removed and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportqa.check.ground import INJECTED, Ground
from reportqa.check.reading import clean, read_figures, read_statement_years
from reportqa.check.rules import Found, Verdict, judge
from reportqa.check.statements import CITE, Line, Statement, read_lines
from reportqa.records import Citation, Excerpt, Removed, Span

__all__ = ["Checked", "check"]

_ABSENT = re.compile(
    r"^(?:但|不过|而|另外|此外|对于|关于|，)*(?:所给|以上|上述|现有|提供的|给出的|这些|其他|其余)*(?:的)?(?:政府)?(?:报告|资料|段落|材料|原文|内容)"
    r"(?:中|里|内)?(?:均|都|也|并|仍|暂)*(?:没有|未|不)(?:有)?(?:直接|明确|具体|单独)?(?:提到|提及|说明|给出|涉及|列出|包含|披露|回答|说到|显示)"
)
_YES_NO = re.compile(r"^(?:是的?|有的?|(?:还|目前|暂时)?没有?|不是|否|会|不会|未|尚未)[。，,!！]?$")
_NO = re.compile(r"没有|不|否|未")
LONGEST_LEAD_IN = 20  # characters
_LEAD_IN = re.compile(r"[:：]$")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a generated text; `text` is None where no statement that cites is left.
    `citations` are of the sentences that support it, numbered as in the prompt."""

    text: str | None
    citations: tuple[Citation, ...]
    removed: tuple[Removed, ...]


def check(text: str, excerpts: Sequence[Excerpt], question: str = "") -> Checked:
    """Hold every statement of a generated text to the excerpts it cites. One that cites nothing,
    a number that is not there, or excerpts without its figures, years and names is removed, and so
    is one that tells a plan as a fact, turns a negation round, or only an injection would say."""
    by_number = {excerpt.number: excerpt for excerpt in excerpts}
    kept: list[tuple[Line, list[Statement]]] = []
    removed: list[Removed] = []
    support: dict[int, list[Span]] = {}
    lead_in = ""
    for line in read_lines(text):
        standing: list[Statement] = []
        before = lead_in if line.is_item else ""
        for statement in line.statements:
            fault = _judge(statement, before, by_number, question, support)
            if fault is None:
                standing.append(statement)
                before = before if line.is_item else clean(statement.words)
            else:
                removed.append(Removed(statement.text, *fault))
            if not line.is_item and statement.introduces:
                lead_in = clean(statement.words)
        standing = _without_orphans(line, standing)
        if standing:
            kept.append((line, standing))
    kept = _without_empty_lists(kept)
    if not any(s.numbers for _, statements in kept for s in statements):
        return Checked(None, (), tuple(removed))
    left = "\n".join(
        f"{line.mark} ".lstrip() + "".join(map(_written, statements)) for line, statements in kept
    )
    cited = {n for _, statements in kept for s in statements for n in s.numbers}
    citations = tuple(by_number[n].cite(_around(support.get(n, ()))) for n in sorted(cited))
    return Checked(left, citations, tuple(removed))


def _written(statement: Statement) -> str:
    """The statement with its numbers as [1][2], however they were written."""
    return CITE.sub(
        lambda match: "".join(f"[{int(n)}]" for n in re.findall(r"\d+", match[0])), statement.text
    )


def _judge(
    statement: Statement,
    before: str,
    by_number: Mapping[int, Excerpt],
    question: str,
    support: dict[int, list[Span]],
) -> Verdict | None:
    """What is wrong with a statement; where nothing is, what supports it goes into `support`."""
    words = clean(statement.words)
    if not statement.numbers:
        return _judge_uncited(words, question)
    unknown = [n for n in statement.numbers if n not in by_number]
    if unknown:
        return "citation", f"没有编号为{unknown[0]}的依据"
    found: list[Found] = []
    said = before
    for claim in statement.claims:
        ground = Ground([by_number[n] for n in claim.numbers], question)
        text = clean(claim.text)
        fault, places = judge(text, said, ground)
        if fault is not None and not (statement.introduces and _only_introduces(fault, words)):
            return fault
        found += places
        said += "|" + text
    for place in found:
        if place.places:
            sentence = place.places[0][0]
            support.setdefault(sentence.excerpt.number, []).append(sentence.span)
    return None


def _judge_uncited(words: str, question: str) -> Verdict | None:
    """What may stand without a number: a line that introduces, that the passages say nothing, yes
    and no. Figures and years it may only repeat from the question."""
    if INJECTED.search(words):
        return "injection", "含有链接，或对读者、对模型的指令"
    asked = clean(question)
    known = {figure.amount for figure in read_figures(asked)}
    new = [f for f in read_figures(words) if f.amount not in known]
    years = read_statement_years(words)[0] - read_statement_years(asked)[0]
    introduces = bool(_LEAD_IN.search(words)) and not years
    if not new and (introduces or _ABSENT.match(words) or _YES_NO.match(words)):
        return None
    return "uncited", "没有注明依据"


def _only_introduces(fault: Verdict, words: str) -> bool:
    """Whether a line is too short and bare to say more than that a list follows."""
    return fault[0] == "citation" and len(words) <= LONGEST_LEAD_IN and not read_figures(words)


def _without_orphans(line: Line, standing: list[Statement]) -> list[Statement]:
    """A bare yes or no stands only with the statement behind it, and agrees with it."""
    kept = []
    for statement in standing:
        if _YES_NO.match(clean(statement.words)) and not statement.numbers:
            at = line.statements.index(statement)
            following = line.statements[at + 1] if at + 1 < len(line.statements) else None
            denies = bool(_NO.search(statement.words))
            if following not in standing or (
                following is not None and denies != bool(_NO.search(following.words))
            ):
                continue
        kept.append(statement)
    return kept


def _without_empty_lists(
    kept: list[tuple[Line, list[Statement]]],
) -> list[tuple[Line, list[Statement]]]:
    """Without lines that introduce a list of which nothing is left."""
    left = []
    for at, (line, statements) in enumerate(kept):
        following = kept[at + 1][0] if at + 1 < len(kept) else None
        empty = statements[-1].introduces and (following is None or line.is_item)
        if empty:
            statements = statements[:-1]
        if statements:
            left.append((line, statements))
    return left


def _around(spans: Sequence[Span]) -> Span | None:
    """The shortest range that holds all spans; None (the whole excerpt) where there are none."""
    if not spans:
        return None
    return Span(min(s.start for s in spans), max(s.end for s in spans))
