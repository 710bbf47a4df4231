"""A BEIR folder + ranked reports → nDCG@10, recall@10, mean reciprocal rank @10."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reportqa.errors import QuestionError
from reportqa.evaluation.runs import RunReply, json_lines, replies_by_id
from reportqa.evaluation.statistics import RESAMPLES, SEED, Figures, draw, mean_table
from reportqa.records import Reply

__all__ = [
    "BEIR_COMPARED",
    "figures_of_beir",
    "rank_reports",
    "read_beir",
    "score_beir",
]

BEIR_COMPARED = ("recall@10", "ndcg@10", "mrr@10")
"""What two runs are compared by; the first also says which queries were won and lost."""


def read_beir(
    folder: Path, most: int | None = None
) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    """Queries and relevance judgements of a BEIR folder: {query: text}, {query: {doc: grade}}.
    Of more than `most` queries as many are drawn, the same ones each time.
    QuestionError where a file is missing or a line of it is not as BEIR writes it."""
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        if not (folder / name).is_file():
            raise QuestionError(
                f"{folder / name} is missing: a BEIR folder holds corpus.jsonl, "
                "queries.jsonl and qrels/test.tsv"
            )
    queries: dict[str, str] = {}
    for number, row in json_lines(folder / "queries.jsonl"):
        if not isinstance(row, dict) or not {"_id", "text"} <= row.keys():
            raise QuestionError(f"{folder / 'queries.jsonl'}:{number}: needs _id and text")
        queries[str(row["_id"])] = str(row["text"])
    path = folder / "qrels" / "test.tsv"
    judged = _read_judgements(path)
    asked = draw([id for id in queries if id in judged], most)
    if not asked:
        raise QuestionError(f"{path} judges none of the queries: query, document and grade by tabs")
    return {id: queries[id] for id in asked}, {id: judged[id] for id in asked}


def _read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """{query: {doc: grade}} of lines query, doc, grade, or of TREC's with a column between."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if len(cells) in (3, 4) and re.fullmatch(r"-?\d+", cells[-1]):
            judged[cells[0]][cells[-2]] = int(cells[-1])
        elif number > 1 and line.strip():  # the first may name the columns
            raise QuestionError(f"{path}:{number}: needs query, document and whole grade, by tabs")
    return dict(judged)


def rank_reports(replies: Iterable[Reply | RunReply]) -> dict[str, list[str]]:
    """The reports of each reply's hits, best first, each once: what BEIR ranks."""
    return {
        id: list(dict.fromkeys(hit.report for hit in reply.hits if hit.report is not None))
        for id, reply in replies_by_id(replies).items()
    }


def score_beir(
    judged: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """The mean of each figure with its 95 % bootstrap interval."""
    return {
        **mean_table(list(figures_of_beir(judged, ranked).values())),
        "bootstrap": {"resamples": RESAMPLES, "seed": SEED},
    }


def figures_of_beir(
    judged: Mapping[str, Mapping[str, int]], ranked: Mapping[str, Sequence[str]]
) -> Figures:
    """nDCG@10 (linear gain, as trec_eval has it), recall@10 and mean reciprocal rank @10 of ranked
    documents, each document at most once; a query without an answer counts as zero."""
    figures = {}
    for query, grades in judged.items():
        found = [grades.get(report, 0) for report in ranked.get(query, ())][:10]
        best = sorted(grades.values(), reverse=True)[:10]
        first = next((place for place, grade in enumerate(found, 1) if grade > 0), math.inf)
        relevant = sum(grade > 0 for grade in grades.values())
        figures[query] = {
            "ndcg@10": _gain(found) / _gain(best) if _gain(best) else 0.0,
            "recall@10": sum(grade > 0 for grade in found) / max(1, relevant),
            "mrr@10": 1 / first,
        }
    return figures


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1) if grade > 0)
