"""What the heading grammar finds over a folder of reports: a table, the oddest reports at the end.

    python benchmarks/structure.py corpus

One line a report: sections by the numbering of their last heading, how many there are, the longest
and the shortest (code points under the heading), the share of body text under no heading, and body
sections whose basis is open. Asserts that sections tile each text and that headings occur in it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reportqa.corpus.normalise import normalise
from reportqa.headings import RULES
from reportqa.records import Metadata, Report, Section
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
    longest: int
    shortest: int
    bare: float
    open_basis: int
    roles: str

    @property
    def oddity(self) -> float:
        """High where little is found: long sections, text under no heading, few sections."""
        return self.longest / max(self.chars, 1) + self.bare + 5 / max(self.sections, 1)


def main() -> None:
    """Print the table over a folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="folder of .md and .txt reports")
    folder = parser.parse_args().folder
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".md", ".txt"))
    rows = [measure(path) for path in paths if not path.name.startswith("README")]
    if not rows:
        parser.error(f"{folder} has no .md or .txt file; name a folder of reports")
    head = " ".join(f"{kind[:4]:>4}" for kind in KINDS)
    title = (
        f"{'report':24} {head} {'sect':>5} {'long':>6} {'short':>5} {'bare':>5} {'open':>4}  roles"
    )
    print(title, *map(line, rows), sep="\n")
    print(f"\noddest {ODDEST}", title, sep="\n")
    print(*map(line, sorted(rows, key=lambda row: -row.oddity)[:ODDEST]), sep="\n")
    total = sum((row.kinds for row in rows), Counter())
    bare = sum(row.bare * row.chars for row in rows) / sum(row.chars for row in rows)
    print(f"\n{len(rows)} reports, {sum(r.sections for r in rows)} sections, {dict(total)},")
    print(f"{bare:.1%} of body text under no heading; sections tile every text")


def read(path: Path) -> Report:
    """The report of one file, with what its name tells of year and kind."""
    normalised = normalise(path.read_text("utf-8-sig", errors="replace"))
    year = re.search(r"(?:19|20)\d\d", path.stem)
    date = re.search(r"((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月", normalised.text[:400])
    kind = next((k for k in ("统计公报", "党代会报告") if k in path.stem), "政府工作报告")
    metadata = Metadata(
        id=path.stem,
        title=path.stem,
        region=None,
        issuer=None,
        kind=kind,
        date=f"{date[1]}-{int(date[2]):02d}" if date else None,
        year=int(year[0]) if year else None,
        source=str(path),
    )
    return Report(metadata, normalised.text, normalised.marks, normalised.cuts)


def measure(path: Path) -> Row:
    """The measures of one file; raises AssertionError where sections do not tile its text."""
    report = read(path)
    sections = split_sections(report)
    assert "".join(report.text[s.start : s.end] for s in sections) == report.text, path
    assert all(a.end == b.start for a, b in pairwise(sections)), path
    assert all(heading in report.text for s in sections for heading in s.headings), path
    body = [s for s in sections if s.role == "body"]
    bare = sum(s.end - s.start for s in body if not s.headings)
    return Row(
        name=report.id,
        chars=len(report.text),
        kinds=Counter(kind_of(s) for s in sections if s.headings),
        sections=len(sections),
        longest=max((s.end - s.body for s in sections), default=0),
        shortest=min((s.end - s.body for s in sections), default=0),
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
        f"{row.name[:22]:24} {kinds} {row.sections:5} {row.longest:6} {row.shortest:5} "
        f"{row.bare:5.0%} {row.open_basis:4}  {row.roles}"
    )


if __name__ == "__main__":
    main()
