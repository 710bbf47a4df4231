"""What the heading grammar finds over a folder of reports: a table, the oddest reports at the end.

    python benchmarks/structure.py corpus

One line a report: sections by the numbering of their last heading, how many there are, passages,
the longest and the shortest passage (code points), share of body text under no heading,
body sections whose basis is open. Asserts that sections, passages and sentences tile each text,
that headings and quotes occur in it, and that the model reads every passage whole.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reportqa.corpus import read_corpus
from reportqa.encoder import Encoder, open_encoder
from reportqa.headings import RULES
from reportqa.index.verify import tiling_faults
from reportqa.passages import passage_input, sentence_inputs, split_passages
from reportqa.records import Report, Section
from reportqa.sections import split_sections

ODDEST = 20
KINDS = (*(rule.name for rule in RULES), "other", "term")


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of one report."""

    name: str
    chars: int
    kinds: Counter[str]
    sections: int
    passages: int
    longest: int
    shortest: int
    bare: float
    open_basis: int
    roles: str

    @property
    def oddity(self) -> float:
        """High where little is found: text under no heading, few sections for the length."""
        return self.chars / max(self.sections, 1) / 1000 + self.bare + 5 / max(self.sections, 1)


def main() -> None:
    """Print the table over a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="folder of .md and .txt reports")
    encoder = open_encoder()
    rows = [
        measure(item, encoder)
        for item in read_corpus([parser.parse_args().folder])
        if isinstance(item, Report)
    ]
    head = " ".join(f"{kind[:4]:>4}" for kind in KINDS)
    title = (
        f"{'report':24} {head} {'sect':>5} {'pass':>5} {'long':>5} {'short':>5} {'bare':>5} "
        f"{'open':>4}  roles"
    )
    print(title, *map(line, rows), sep="\n")
    print(f"\noddest {ODDEST}", title, sep="\n")
    print(*map(line, sorted(rows, key=lambda row: -row.oddity)[:ODDEST]), sep="\n")
    total = sum((row.kinds for row in rows), Counter())
    bare = sum(row.bare * row.chars for row in rows) / sum(row.chars for row in rows)
    print(
        f"\n{len(rows)} reports, {sum(row.chars for row in rows)} characters, "
        f"{sum(row.sections for row in rows)} sections, "
        f"{sum(row.passages for row in rows)} passages"
    )
    print(f"headings: {dict(total)}; {bare:.1%} of body text under no heading; everything tiles")


def measure(report: Report, encoder: Encoder) -> Row:
    """The measures of a report; raises AssertionError where a promise is broken."""
    sections = split_sections(report)
    passages = split_passages(report, sections, encoder.count_tokens, encoder.card.max_tokens)
    faults = [*tiling_faults(report, sections, passages)]
    assert not faults, (report.id, faults)
    assert all(heading in report.text for s in sections for heading in s.headings), report.id
    inputs = [text for p in passages for text in (passage_input(p), *sentence_inputs(p))]
    assert max(encoder.count_tokens(inputs)) <= encoder.card.max_tokens, report.id
    body = [s for s in sections if s.role == "body"]
    bare = sum(s.end - s.start for s in body if not s.headings)
    lengths = [len(p.text) for p in passages]
    return Row(
        name=report.id,
        chars=len(report.text),
        kinds=Counter(kind_of(s) for s in sections if s.headings),
        sections=len(sections),
        passages=len(passages),
        longest=max(lengths),
        shortest=min(lengths),
        bare=bare / max(sum(s.end - s.start for s in body), 1),
        open_basis=sum(s.basis is None for s in body),
        roles="".join(dict.fromkeys(s.role[0] for s in sections)),
    )


def kind_of(section: Section) -> str:
    """The rule that numbers a section's last heading."""
    if section.role == "notes":
        return "term"
    last = section.headings[-1]
    return next((rule.name for rule in RULES if rule.number.match(last)), "other")


def line(row: Row) -> str:
    """One report as a line of the table."""
    kinds = " ".join(f"{row.kinds[kind]:4}" for kind in KINDS)
    return (
        f"{row.name[:22]:24} {kinds} {row.sections:5} {row.passages:5} {row.longest:5} "
        f"{row.shortest:5} {row.bare:5.0%} {row.open_basis:4}  {row.roles}"
    )


if __name__ == "__main__":
    main()
