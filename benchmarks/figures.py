"""How well figures are read: precision and recall on passages annotated by hand.

    python benchmarks/figures.py REPORT_FOLDER… [--part NAME] [--misses]

The annotations are in benchmarks/data/figures.jsonl; the README beside them says how they were
made. A figure is right when its span, value, unit, indicator and basis are those annotated.
Precision is that of the figures that name an indicator: one that says it cannot tell claims none,
is never found by one, and counts against recall alone. How many do is printed, and the precision
with them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from reportqa.corpus import read_corpus
from reportqa.figures import extract_figures
from reportqa.passages import split_passages
from reportqa.records import Figure, Problem, Report
from reportqa.sections import split_sections

ANNOTATIONS = Path(__file__).parent / "data" / "figures.jsonl"
FIELDS = ("value", "unit", "indicator", "phrase", "basis", "kind", "years")
MUST_AGREE = ("value", "unit", "indicator", "basis")
SPARE = 4
NO_LIMIT = 10**9  # of tokens: passages are divided by their characters only
Annotated = dict[str, Any]


def indicator_agrees(said: str, accepted: Sequence[str], spare: int = SPARE) -> bool:
    """`head` of `whole [head] phrase` must be in what is said, and what is said in the phrase but
    for `spare` characters: an adverb or a verb more (精准策划) names the same thing."""
    said = _bare(said)
    for pattern in accepted:
        heads = [_bare(head) for head in re.findall(r"\[(.*?)\]", _noted(pattern))]
        whole = _bare(re.sub(r"[\[\]]", "", _noted(pattern)))
        if all(head in said for head in heads) and _outside(said, whole) <= spare:
            return True
    return False


def _noted(text: str) -> str:
    """Footnote marks [4] out of the way of the brackets."""
    return re.sub(r"\[(\d+)\]", r"〔\1〕", text)


def _bare(text: str) -> str:
    return re.sub(r"[\s“”\"「」（()）、]", "", _noted(text))


def _outside(said: str, whole: str) -> int:
    """How many characters of what is said are not in the phrase, in its order."""
    matcher = SequenceMatcher(None, said, whole, autojunk=False)
    return len(said) - sum(block.size for block in matcher.get_matching_blocks())


def agreement(figure: Figure, annotated: Annotated) -> dict[str, bool]:
    """Which fields of a figure are as annotated. `*` accepts anything."""
    first, last = figure.years or (None, None)
    years = "-" if first is None else f"{first}" if first == last else f"{first}-{last}"
    return {
        "value": abs(figure.value - annotated["value"]) < 1e-9
        and figure.high == annotated.get("high"),
        "unit": figure.unit == annotated["unit"].translate(str.maketrans("％", "%")),
        "indicator": indicator_agrees(figure.indicator, annotated["indicator"]),
        "phrase": indicator_agrees(figure.indicator, annotated["indicator"], 0),
        "basis": figure.basis in annotated["basis"] or "*" in annotated["basis"],
        "kind": figure.kind in annotated["kind"] or "*" in annotated["kind"],
        "years": years in annotated["years"] or "*" in annotated["years"],
    }


def read_reports(folders: Sequence[Path], wanted: set[str]) -> dict[str, Report]:
    """The reports that were annotated, by id."""
    files = [path for folder in folders for path in folder.rglob("*") if path.stem in wanted]
    reports = {r.id: r for r in read_corpus(sorted(files)) if not isinstance(r, Problem)}
    if missing := wanted - reports.keys():
        print(f"left out, not among the folders given: {', '.join(sorted(missing))}")
    return reports


def figures_between(report: Report, start: int, end: int) -> list[Figure]:
    """The figures read from the passages of a stretch of a report."""
    sections = split_sections(report)
    passages = split_passages(report, sections, lambda texts: [0] * len(texts), NO_LIMIT)
    found = [figure for passage in passages for figure in extract_figures(passage)]
    return [figure for figure in found if start <= figure.start < end]


def main() -> int:
    parser = argparse.ArgumentParser(description="precision and recall of figures")
    parser.add_argument("folders", nargs="+", type=Path, metavar="REPORT_FOLDER")
    parser.add_argument(
        "--part",
        choices=["tuning", "second", "final", "fresh", "last", "sixth", "seventh", "eighth"],
        default="tuning",
    )
    parser.add_argument("--misses", action="store_true", help="print what is not right")
    arguments = parser.parse_args()
    lines = [json.loads(line) for line in ANNOTATIONS.read_text("utf-8").splitlines()]
    lines = [line for line in lines if line["part"] == arguments.part]
    reports = read_reports(arguments.folders, {line["report"] for line in lines})
    right = read = annotated = unnamed = 0
    fields: Counter[str] = Counter()
    same_span = 0
    for line in lines:
        if line["report"] not in reports:
            continue
        report = reports[line["report"]]
        expected = {(a["start"], a["end"]): a for a in line["figures"]}
        for figure in figures_between(report, line["start"], line["end"]):
            read += 1
            unnamed += not figure.indicator
            match = expected.pop((figure.start, figure.end), None)
            if match is None:
                say(arguments.misses, f"not annotated: {line['report']} {figure}")
                continue
            annotated, same_span = annotated + 1, same_span + 1
            agrees = agreement(figure, match)
            fields.update(name for name in FIELDS if agrees[name])
            right += all(agrees[name] for name in MUST_AGREE)
            wrong = [name for name in FIELDS if not agrees[name]]
            if wrong:
                say(arguments.misses, f"wrong {wrong}: {line['report']} {match} {figure}")
        annotated += len(expected)
        for (start, end), match in expected.items():
            text = report.text[start:end]
            say(arguments.misses, f"not read: {line['report']} {text!r} {match}")
    print(f"{len(reports)} reports, {len(lines)} passages, {annotated} figures annotated")
    print(f"precision {right / max(1, read - unnamed):.3f}  recall {right / max(1, annotated):.3f}")
    print(f"indicator not told: {unnamed} of {read} figures read, ", end="")
    print(f"precision with these {right / max(1, read):.3f}")
    print(f"spans: precision {same_span / max(1, read):.3f}  ", end="")
    print(f"recall {same_span / max(1, annotated):.3f}")
    for name in FIELDS:
        print(f"{name} of figures with the right span: {fields[name] / max(1, same_span):.3f}")
    return 0


def say(wanted: bool, text: str) -> None:
    if wanted:
        print(text)


if __name__ == "__main__":
    sys.exit(main())
