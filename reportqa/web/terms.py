"""A Report with its Sections → the terms its glossary defines, and where the text uses them.

A glossary (名词解释) is a run of sections of role notes whose headings are the terms, each followed
by a colon and its definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from reportqa.records import Report, Section, Span

__all__ = ["define_terms", "find_terms"]

COLONS = "：:"
LONGEST_DEFINITION = 400  # characters shown beside a term; the glossary itself has the rest
PLAIN_ENOUGH = 3  # Chinese characters by which “双碳经济” is known without its quotation marks

_QUOTED = re.compile(r"“[^“”]+”")
_COMMA_OUTSIDE_QUOTES = re.compile(r"、(?![^“]*”)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def define_terms(report: Report, sections: Sequence[Section]) -> dict[str, str]:
    """Each term as the text may write it, without blanks, with its definition in one line. Of two
    definitions the first holds."""
    terms: dict[str, str] = {}
    for section in sections:
        heading = report.text[section.start : section.body].rstrip()
        definition = " ".join(report.text[section.body : section.end].split())
        if section.role != "notes" or not heading.endswith(tuple(COLONS)) or not definition:
            continue
        if len(definition) > LONGEST_DEFINITION:
            definition = definition[: LONGEST_DEFINITION - 1] + "…"
        for form in _forms("".join(section.headings[-1].split())):
            terms.setdefault(form, definition)
    return terms


def find_terms(
    report: Report, section: Section, terms: Mapping[str, str]
) -> list[tuple[Span, str]]:
    """Where a section first uses each term, in order, with the definition; the longer of two terms
    at one place. None in the glossary itself."""
    if not terms or section.role not in ("body", "closing"):
        return []
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    pattern = re.compile("|".join(r"\s*".join(map(re.escape, term)) for term in longest_first))
    found, seen = [], set()
    for match in pattern.finditer(report.text, section.body, section.end):
        definition = terms["".join(match[0].split())]
        if definition not in seen:  # one entry may define several forms
            seen.add(definition)
            found.append((Span(*match.span()), definition))
    return found


def _forms(term: str) -> list[str]:
    """How a text may write a term: as the glossary does; one of several that it joins by 、; and
    without quotation marks where enough is left to be no ordinary word."""
    parts = [term, *_COMMA_OUTSIDE_QUOTES.split(term)]
    bare = [part.strip("“”") for part in parts if _QUOTED.fullmatch(part)]
    parts += [part for part in bare if len(_CHINESE.findall(part)) >= PLAIN_ENOUGH]
    return [part for part in dict.fromkeys(parts) if len(part) > 1]
